package pages

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// permissions is what the page of what the reader may do shows.
type permissions struct {
	ref    string
	all    []policy.Decision
	faults faults
}

// Permissions says what the reader may do: in the organisation, or on one
// deployment.
func (p *Pages) Permissions(c *gin.Context) error {
	ctx := c.Request.Context()
	v := permissions{ref: design.Of(ctx).Query.Get("deployment")}
	a := web.Actor(ctx)
	var err error
	status := http.StatusOK
	v.all, err = p.Register.Permissions(ctx, a, v.ref)
	if v.ref != "" && models.KindOf(err) == models.NotFound && !a.Anonymous() {
		v.faults, status = faultsOf(ctx, err), http.StatusNotFound
		v.all, err = p.Register.Permissions(ctx, a, "")
	}
	if err != nil {
		return err
	}
	return p.render(c, status, permissionsPage(v))
}

// reasons are the words for why a decision went as it did. The policy says it
// in English, for whoever reads a log.
var reasons = map[string]string{
	"allowed":              "allowed",
	"there is no such act": "no_act",
	"nobody has signed in": "sign_in",
	"the record is not of the actor's organisation":                   "organisation",
	"the actor may not read the record":                               "unreadable",
	"no policy line lets the actor's roles do this":                   "no_line",
	"the policy line does not reach this record":                      "reach",
	"the token was not issued for this act":                           "token",
	"no token may do this: it takes a person who has signed in":       "in_person",
	"the token is limited to a service area":                          "token_area",
	"this takes a proof of who is asking that is not ten minutes old": "lapsed",
}

// depends says whether an act hangs on the record: there is a policy line for
// it, but no record was named that it could reach.
func (v permissions) depends(d policy.Decision) bool {
	return !d.Allowed && d.Line != "" && (v.ref == "" || v.faults.any()) && (reasons[d.Why] == "unreadable" || reasons[d.Why] == "reach")
}

// why says why a decision went as it did.
func why(ctx context.Context, d policy.Decision) design.Line {
	if code := "page.why." + reasons[d.Why]; words.Has(words.English, code) {
		return design.Line{Text: design.Say(ctx, code)}
	}
	return design.Written(ctx, models.English, d.Why)
}

func (p *Pages) dataSheet(ctx context.Context, f faults) sheet {
	s := accountSheet(ctx, "page.data")
	s.lead, s.before = nil, dataExport()
	s.path, s.warning, s.danger, s.faults, s.at = "/account/data", "", true, f, "confirm"
	s.hidden = []pair{{"do", "remove"}}
	s.ask = []question{ask(ctx, "confirm", "remove", "").as("text", "off", "govuk-input--width-10")}
	return s
}

// DataForm offers a copy of what is held about the reader, and to remove their
// account.
func (p *Pages) DataForm(c *gin.Context) error {
	if err := p.fresh(c); err != nil {
		return err
	}
	return p.show(c, p.dataSheet(c.Request.Context(), faults{}))
}

// Data gives the copy, or removes the account when that was confirmed in
// words.
func (p *Pages) Data(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if c.PostForm("do") != "remove" {
		return p.export(c)
	}
	if word := design.Say(ctx, "page.data.word"); typed(c, "confirm") != word {
		return p.show(c, p.dataSheet(ctx, fault("confirm", design.Say(ctx, "page.data.type", "word", word))))
	}
	err := p.Register.RemoveAccount(ctx, a)
	if again(err) {
		return p.show(c, p.dataSheet(ctx, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	if err := p.Sessions.End(ctx); err != nil {
		return err
	}
	return p.done(c, "", "page.data.removed")
}

func (p *Pages) export(c *gin.Context) error {
	ctx := c.Request.Context()
	d, err := p.Register.ExportAccount(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(held(d), "", "  ")
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="beforehand-account.json"`)
	c.Data(http.StatusOK, "application/json; charset=utf-8", b)
	return nil
}
