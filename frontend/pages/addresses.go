package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// addresses is what the page of service addresses shows.
type addresses struct {
	all      []models.ServiceAddress
	branches map[string]models.Branch
	actor    models.Actor
	today    models.Date
	faults   faults
}

// Addresses lists where branches are served.
func (p *Pages) Addresses(c *gin.Context) error { return p.showAddresses(c, faults{}) }

func (p *Pages) showAddresses(c *gin.Context, f faults) error {
	ctx := c.Request.Context()
	v := addresses{actor: web.Actor(ctx), branches: map[string]models.Branch{}, faults: f}
	if v.actor.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	v.today = models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location())
	var err error
	if v.all, err = p.Register.ServiceAddresses(ctx, v.actor); err != nil {
		return err
	}
	branches, err := p.Register.Branches(ctx, v.actor)
	if err != nil {
		return err
	}
	for _, b := range branches {
		v.branches[b.ID] = b
	}
	status := http.StatusOK
	if f.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, addressesPage(v))
}

// mine says whether an address is one of the reader's own union.
func (v addresses) mine(s models.ServiceAddress) bool {
	for _, g := range v.actor.Grants {
		if g.Role == models.RoleUnionOfficer && g.UnionID == v.branches[s.BranchID].UnionID {
			return true
		}
	}
	return false
}

// over says whether an address has ended, or is to.
func (v addresses) over(s models.ServiceAddress) bool { return s.To != 0 && s.To <= v.today }

// state is the state of an address in a word, with its colour.
func (v addresses) state(ctx context.Context, s models.ServiceAddress) (text, colour string) {
	switch {
	case v.over(s):
		return design.Say(ctx, "page.addresses.ended"), "grey"
	case s.ConfirmedAt != nil:
		return design.Say(ctx, "page.addresses.confirmed"), "green"
	default:
		return design.Say(ctx, "page.addresses.unconfirmed"), "orange"
	}
}

// ChangeAddress confirms an address, or ends it, after a warning.
func (p *Pages) ChangeAddress(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	id, done := c.PostForm("id"), "page.addresses.done.confirm"
	var err error
	switch c.PostForm("do") {
	case "confirm":
		_, err = p.Register.ConfirmAddress(ctx, a, id)
	case "end":
		return p.warnOfEnd(c, id)
	case "end_now":
		done = "page.addresses.done.end"
		_, err = p.Register.EndAddress(ctx, a, id)
	default:
		return models.Missing("page")
	}
	if again(err) {
		return p.showAddresses(c, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/addresses", done)
}

// warnOfEnd says what it means that an address ends.
func (p *Pages) warnOfEnd(c *gin.Context, id string) error {
	ctx := c.Request.Context()
	all, err := p.Register.ServiceAddresses(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.ID == id {
			return p.show(c, sheet{
				title: design.Say(ctx, "page.addresses.end_title"), lead: []string{design.Say(ctx, "page.addresses.end_lead", "address", s.Address)},
				warning: design.Say(ctx, "page.addresses.warning"), path: "/addresses", hidden: []pair{{"do", "end_now"}, {"id", id}},
				button: design.Say(ctx, "page.addresses.end_button"), danger: true, after: more("/addresses", design.Say(ctx, "page.addresses.keep")),
			})
		}
	}
	return models.Missing("service_address")
}
