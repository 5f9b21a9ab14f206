package pages

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// NewAddressForm asks where a branch has agreed to be served.
func (p *Pages) NewAddressForm(c *gin.Context) error { return p.newAddress(c, url.Values{}, faults{}) }

func (p *Pages) newAddress(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "service_address.agree"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.agree.title"), crumbs: organisationCrumbs(ctx, design.Say(ctx, "page.addresses.title"), "/addresses"), lead: []string{design.Say(ctx, "page.agree.lead")},
		path: "/organisation/service-addresses/new", faults: wrong, at: "address", button: design.Say(ctx, "page.agree.button"), ask: []question{
			ask(ctx, "branch", "branch", v.Get("branch")).oneOf(s.branchOptions(ctx)),
			ask(ctx, "channel", "channel", v.Get("channel")).oneOf(options(ctx, "page.choose", "channel.", []models.Channel{models.ByEmail, models.ByHand, models.ByPost})),
			ask(ctx, "address", "serviceaddress", v.Get("address")),
			ask(ctx, "languages", "noticelanguages", "").manyOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh}), v["languages"]),
			dated(ask(ctx, "from", "firstday", ""), partsOf(v, "from")), dated(ask(ctx, "to", "lastday", ""), partsOf(v, "to")),
		},
	})
}

// AgreeAddress records where a branch has agreed to be served. The union
// confirms it where it sees its addresses.
func (p *Pages) AgreeAddress(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	var f models.Faults
	in := models.ServiceAddress{BranchID: v.Get("branch"), Channel: models.Channel(v.Get("channel")), Address: v.Get("address"), From: dayTyped(&f, v, "from"), To: dayTyped(&f, v, "to")}
	for _, l := range v["languages"] {
		in.Languages = append(in.Languages, models.Language(l))
	}
	err := f.Err()
	if err == nil {
		_, err = p.Register.AgreeAddress(ctx, web.Actor(ctx), in)
	}
	if again(err) {
		return p.newAddress(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/addresses", "page.agree.done")
}
