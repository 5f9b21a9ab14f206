package pages

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// tokens is what the page of one's own tokens shows.
type tokens struct {
	all []models.Token
	// areas are the names of the service areas, and everywhere is what a token
	// is limited to that is limited to none.
	areas      map[string]models.Text
	everywhere string
	now        time.Time
	form       sheet
}

// state is the state of a token in a word, and its colour.
func (v tokens) state(t models.Token) (code, colour string) {
	switch {
	case t.RevokedAt != nil:
		return "page.token.revoked", "grey"
	case !t.ExpiresAt.After(v.now):
		return "page.token.expired", "grey"
	default:
		return "page.token.valid", "green"
	}
}

// scopes are what a token may do, in words.
func scopes(ctx context.Context, t models.Token) []design.Line {
	out := make([]design.Line, len(t.Scopes))
	for i, s := range t.Scopes {
		out[i] = design.Line{Text: actWords(ctx, s)}
	}
	return out
}

func actWords(ctx context.Context, act string) string { return design.Say(ctx, "act."+act) }

// newToken is the form of a token as it was filled in.
type newToken struct {
	name, days, area string
	scopes           []string
}

// tokenOf reads the form of a token.
func tokenOf(c *gin.Context) newToken {
	return newToken{typed(c, "name"), typed(c, "days"), typed(c, "serviceArea"), c.PostFormArray("scopes")}
}

// asked is the token that the form asks for.
func (f newToken) asked() register.NewToken {
	return register.NewToken{Name: f.name, Scopes: f.scopes, ServiceAreaID: f.area, Days: int(min(number(f.days), 1000))}
}

// questions are those of a form of a token, but for what it may do.
func (f newToken) questions(ctx context.Context, areas []design.Option) []question {
	return []question{
		ask(ctx, "name", "tokenname", f.name).as("text", "off", "govuk-input--width-20"),
		ask(ctx, "days", "tokendays", f.days).as("text", "off", "govuk-input--width-4"),
		ask(ctx, "serviceArea", "tokenarea", f.area).oneOf(areas),
	}
}

// areas finds the names of the service areas, and makes them into a choice.
func (p *Pages) areas(ctx context.Context, a models.Actor, v *tokens) ([]design.Option, error) {
	all, err := p.Register.ServiceAreas(ctx, a)
	if err != nil && !hidden(err) {
		return nil, err
	}
	v.areas = map[string]models.Text{}
	choice := []design.Option{{Value: "", Text: v.everywhere}}
	for _, s := range all {
		name := models.Text{En: s.NameEn, Cy: s.NameCy}
		v.areas[s.ID] = name
		choice = append(choice, design.Option{Value: s.ID, Text: name.In(design.Of(ctx).Lang)})
	}
	return choice, nil
}

func (p *Pages) tokensPage(c *gin.Context, in newToken, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := tokens{everywhere: design.Say(ctx, "page.token.everywhere"), now: p.Register.Now()}
	var err error
	if v.all, err = p.Register.Tokens(ctx, a); err != nil {
		return err
	}
	choice, err := p.areas(ctx, a, &v)
	if err != nil {
		return err
	}
	grantable, err := p.grantable(ctx, a)
	if err != nil {
		return err
	}
	v.form = accountSheet(ctx, "page.token")
	v.form.path, v.form.faults, v.form.at, v.form.hidden = "/account/tokens", wrong, "name", []pair{{"do", "issue"}}
	v.form.ask = append(in.questions(ctx, choice), ask(ctx, "scopes", "tokenscopes", "").as("", "", "govuk-checkboxes--small").manyOf(grantable, in.scopes))
	v.form = v.form.settle()
	status := http.StatusOK
	if wrong.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, tokensPage(v))
}

// grantable are the acts that the actor may give a token: those for which there
// is a policy line at all, whichever records it reaches.
func (p *Pages) grantable(ctx context.Context, a models.Actor) ([]design.Option, error) {
	all, err := p.Register.Permissions(ctx, a, "")
	out := []design.Option{}
	for _, d := range all {
		if d.Line != "" && policy.ByToken(d.Act) {
			out = append(out, design.Option{Value: d.Act, Text: actWords(ctx, d.Act)})
		}
	}
	return out, err
}

// TokensForm lists the reader's tokens and makes one.
func (p *Pages) TokensForm(c *gin.Context) error {
	return p.tokensPage(c, newToken{days: "90"}, faults{})
}

// ChangeTokens makes a token, which is shown here and never again, or ends one.
func (p *Pages) ChangeTokens(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if c.PostForm("do") == "revoke" {
		if err := p.Register.RevokeToken(ctx, a, c.PostForm("id")); err != nil {
			return err
		}
		return p.done(c, "/account/tokens", "page.token.ended")
	}
	in := tokenOf(c)
	secret, t, err := p.Register.IssueToken(ctx, a, in.asked())
	if again(err) {
		return p.tokensPage(c, in, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, madeTokenPage(madeToken{
		title: design.Say(ctx, "page.token.made"), warning: design.Say(ctx, "page.token.once"), name: t.Name, secret: secret,
		crumbs: accountCrumbs(ctx), back: "/account/tokens", backText: design.Say(ctx, "page.token.back"),
	}))
}

// madeToken is a token that was made just now.
type madeToken struct {
	title, warning string
	name, secret   string
	crumbs         []design.Crumb
	back, backText string
}

// SessionsForm lists where the reader is signed in.
func (p *Pages) SessionsForm(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Sessions(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, sessionsPage(all))
}

// ChangeSessions ends one sign-in, or all others.
func (p *Pages) ChangeSessions(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if c.PostForm("do") == "others" {
		if err := p.Register.EndOtherSessions(ctx, a); err != nil {
			return err
		}
		return p.done(c, "/account/sessions", "page.sessions.others_ended")
	}
	id := c.PostForm("id")
	if id != "" && id == a.SessionID {
		return p.SignOut(c)
	}
	if err := p.Register.EndSession(ctx, a, id); err != nil {
		return err
	}
	return p.done(c, "/account/sessions", "page.sessions.ended")
}

// browserOf names the browser and the system that an agent says it is.
func browserOf(ctx context.Context, agent string) string {
	name := func(known ...[2]string) string {
		for _, k := range known {
			if strings.Contains(agent, k[0]) {
				return k[1]
			}
		}
		return ""
	}
	browser := name([2]string{"Edg/", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := name([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"}, [2]string{"Mac OS X", "macOS"}, [2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser == "" && agent == "":
		return design.Say(ctx, "page.sessions.unknown")
	case browser == "" || system == "":
		return agent
	default:
		return design.Say(ctx, "page.sessions.browser", "browser", browser, "system", system)
	}
}
