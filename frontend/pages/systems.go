package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// systems is what the page of service accounts shows: other systems that come
// in, and their tokens.
type systems struct {
	all []register.ServiceAccountView
	// tokens are how a token is shown; its own list stays empty.
	tokens tokens
	// form adds one, for whoever may.
	form *sheet
}

// ends says whether the reader may end any of them.
func (v systems) ends() bool {
	return slices.ContainsFunc(v.all, func(s register.ServiceAccountView) bool { return len(s.Can) > 0 })
}

// heads are the headings of the columns there are.
func (v systems) heads(ctx context.Context) []string {
	out := heads(ctx, "name", "status", "area", "expires", "lastused", "scopes")
	if v.ends() {
		out = append(out, column(ctx, "action"))
	}
	return out
}

func (v systems) failed() bool { return v.form != nil && v.form.faults.any() }

// ServiceAccounts lists the other systems that come in.
func (p *Pages) ServiceAccounts(c *gin.Context) error {
	return p.showSystems(c, newToken{days: "90"}, faults{})
}

func (p *Pages) showSystems(c *gin.Context, in newToken, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := systems{tokens: tokens{everywhere: design.Say(ctx, "page.people.whole"), now: p.Register.Now()}}
	var err error
	if v.all, err = p.Register.ServiceAccounts(ctx, a); err != nil {
		return err
	}
	choice, err := p.areas(ctx, a, &v.tokens)
	if err != nil {
		return err
	}
	if p.allowed(ctx, a)["service_account.add"] {
		s := sheet{
			title: design.Say(ctx, "page.system.title"), lead: []string{design.Say(ctx, "page.system.lead")}, button: design.Say(ctx, "page.system.button"),
			path: "/service-accounts", faults: wrong, at: "name", hidden: []pair{{"do", "add"}},
			ask: append(in.questions(ctx, choice), ask(ctx, "scopes", "systemscopes", "").as("", "", "govuk-checkboxes--small").manyOf(passable(ctx, a), in.scopes)),
		}.settle()
		v.form = &s
	}
	status := http.StatusOK
	if wrong.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, systemsPage(v))
}

// passable are the acts to choose from for another system: those of its role
// that the actor has for the whole organisation. The register decides.
func passable(ctx context.Context, a models.Actor) []design.Option {
	out := []design.Option{}
	for _, act := range policy.Acts() {
		if _, ok := policy.Permitted(models.RoleService, act); !ok || !policy.ByToken(act) {
			continue
		}
		if slices.ContainsFunc(a.Grants, func(g models.Grant) bool {
			reach, ok := policy.Permitted(g.Role, act)
			return ok && reach == "organisation" && g.AreaPath == ""
		}) {
			out = append(out, design.Option{Value: act, Text: actWords(ctx, act)})
		}
	}
	return out
}

// ChangeServiceAccounts lets another system in, whose token is shown here and
// never again, or shuts one out, after a warning.
func (p *Pages) ChangeServiceAccounts(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	switch c.PostForm("do") {
	case "add":
		in := tokenOf(c)
		secret, t, err := p.Register.AddServiceAccount(ctx, a, in.asked())
		if again(err) {
			return p.showSystems(c, in, faultsOf(ctx, err))
		}
		if err != nil {
			return err
		}
		return p.render(c, http.StatusOK, madeTokenPage(madeToken{
			title: design.Say(ctx, "page.system.made"), warning: design.Say(ctx, "page.system.once"), name: t.Name, secret: secret,
			crumbs: systemCrumbs(ctx), back: "/service-accounts", backText: design.Say(ctx, "page.system.back"),
		}))
	case "end":
		return p.warnOfShutting(c, c.PostForm("id"))
	case "end_now":
		if err := p.Register.EndServiceAccount(ctx, a, c.PostForm("id")); err != nil {
			return err
		}
		return p.done(c, "/service-accounts", "page.system.ended")
	default:
		return models.Missing("page")
	}
}

func systemCrumbs(ctx context.Context) []design.Crumb {
	return organisationCrumbs(ctx, design.Say(ctx, "page.systems.title"), "/service-accounts")
}

// warnOfShutting says what it means that a service account ends.
func (p *Pages) warnOfShutting(c *gin.Context, id string) error {
	ctx := c.Request.Context()
	all, err := p.Register.ServiceAccounts(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.ID == id {
			return p.show(c, sheet{
				title: design.Say(ctx, "page.system.end_title"), lead: []string{design.Say(ctx, "page.system.end_lead", "name", s.Name)}, crumbs: systemCrumbs(ctx),
				warning: design.Say(ctx, "page.system.warning"), path: "/service-accounts", hidden: []pair{{"do", "end_now"}, {"id", id}},
				button: design.Say(ctx, "page.system.end_button"), danger: true, after: more("/service-accounts", design.Say(ctx, "page.system.keep")),
			})
		}
	}
	return models.Missing("service_account")
}
