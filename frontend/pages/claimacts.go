package pages

import (
	"context"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// ShareForm says what is shared, and with whom, before it is.
func (p *Pages) ShareForm(c *gin.Context) error { return p.showShare(c, faults{}) }

func (p *Pages) showShare(c *gin.Context, wrong faults) error {
	ctx := c.Request.Context()
	v, err := p.mayDo(ctx, param(c, "ref"), "claim.share")
	if err != nil {
		return err
	}
	names, err := p.unionsOf(ctx, v.Deployment)
	if err != nil {
		return err
	}
	fresh := 0
	for _, r := range v.Results {
		if r.No > v.SharedNo {
			fresh++
		}
	}
	s := claimSheet(ctx, v, "share", wrong)
	s.title = design.Say(ctx, "page.share.title")
	s.lead = []string{
		design.Say(ctx, "page.share.what", "number", fresh, "evidence", found(ctx, v)), design.Say(ctx, "page.share.all"),
		design.Say(ctx, "page.share.then"),
	}
	s.button = design.Say(ctx, "page.share.button", "unions", names)
	return p.show(c, s)
}

// Share shares every result so far with the unions.
func (p *Pages) Share(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	_, err := p.Register.ShareClaim(ctx, web.Actor(ctx), ref, versionTyped(c))
	if again(err) {
		return p.showShare(c, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/claims/"+ref, "page.share.done")
}

// unionsOf names the unions in scope of a deployment.
func (p *Pages) unionsOf(ctx context.Context, ref string) (string, error) {
	scope, _, err := p.Register.Scope(ctx, web.Actor(ctx), ref)
	var names []string
	for _, u := range scope.Unions {
		names = append(names, u.Union.Abbreviation)
	}
	return strings.Join(names, ", "), err
}

// WithdrawForm warns before a claim is withdrawn.
func (p *Pages) WithdrawForm(c *gin.Context) error { return p.showWithdraw(c, "", faults{}) }

func (p *Pages) showWithdraw(c *gin.Context, reason string, wrong faults) error {
	ctx := c.Request.Context()
	v, err := p.mayDo(ctx, param(c, "ref"), "claim.withdraw")
	if err != nil {
		return err
	}
	s := claimSheet(ctx, v, "withdraw", wrong)
	s.title, s.at = design.Say(ctx, "page.withdraw.title"), "reason"
	s.warning = design.Say(ctx, "page.withdraw.warning")
	s.lead = []string{design.In(ctx, v.Sentence()).Text, design.Say(ctx, "page.withdraw.stays")}
	s.ask = []question{ask(ctx, "reason", "withdrawreason", reason).text("4")}
	s.button, s.danger = design.Say(ctx, "page.withdraw.button"), true
	return p.show(c, s)
}

// Withdraw takes a claim back.
func (p *Pages) Withdraw(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	reason := c.PostForm("reason")
	_, err := p.Register.WithdrawClaim(ctx, web.Actor(ctx), ref, versionTyped(c), reason)
	if again(err) {
		return p.showWithdraw(c, reason, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/claims/"+ref, "page.withdraw.done")
}

// claimSheet is a page with one form about a claim.
func claimSheet(ctx context.Context, v register.ClaimView, do string, wrong faults) sheet {
	return sheet{crumbs: below(ctx, v), path: "/claims/" + v.Ref + "/" + do, hidden: []pair{{"version", strconv.Itoa(v.Version)}}, faults: wrong}
}

// versionTyped is the version that a form was shown with.
func versionTyped(c *gin.Context) int { return int(min(number(c.PostForm("version")), 1<<30)) }

// ReinvestForm asks where a gain went.
func (p *Pages) ReinvestForm(c *gin.Context) error {
	return p.showReinvest(c, map[string]string{}, faults{})
}

func (p *Pages) showReinvest(c *gin.Context, typed map[string]string, wrong faults) error {
	ctx := c.Request.Context()
	v, err := p.mayDo(ctx, param(c, "ref"), "reinvestment.report")
	if err != nil {
		return err
	}
	month, err := strconv.Atoi(param(c, "month"))
	if err != nil || month != 0 && !isReinvestmentMonth(month) {
		return models.Missing("page")
	}
	s := claimSheet(ctx, v, "reinvestment/"+strconv.Itoa(month), wrong)
	s.title = design.Say(ctx, "page.reinvest.title", "month", monthName(ctx, month))
	s.lead, s.at = []string{design.In(ctx, v.Sentence()).Text, design.Say(ctx, "page.reinvest.sum")}, "shares."+models.ReinvestmentUses[0]
	for _, use := range models.ReinvestmentUses {
		s.ask = append(s.ask, question{Field: design.Field{ID: "shares." + use, Name: "shares." + use, Label: design.Say(ctx, "reinvest."+use), Value: typed[use], Class: "govuk-input--width-3"}})
	}
	s.ask = append(s.ask, ask(ctx, "note", "reinvestnote", typed["note"]).text("4"))
	s.button = design.Say(ctx, "page.reinvest.button")
	return p.show(c, s)
}

func isReinvestmentMonth(month int) bool {
	for _, m := range models.ReinvestmentMonths {
		if m == month {
			return true
		}
	}
	return false
}

// Reinvest takes where a gain went.
func (p *Pages) Reinvest(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	month, err := strconv.Atoi(param(c, "month"))
	if err != nil {
		return models.Missing("page")
	}
	answers, shares, wrong := map[string]string{"note": c.PostForm("note")}, map[string]int{}, faults{by: map[string]string{}}
	for _, use := range models.ReinvestmentUses {
		answers[use] = typed(c, "shares."+use)
		if answers[use] == "" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(answers[use], "%")))
		if err != nil {
			wrong.by["shares."+use] = design.Say(ctx, "field.not_a_number", "value", answers[use])
		} else if n != 0 {
			shares[use] = n
		}
	}
	if wrong.any() {
		return p.showReinvest(c, answers, wrong)
	}
	_, err = p.Register.Reinvest(ctx, web.Actor(ctx), ref, month, shares, answers["note"])
	if again(err) {
		return p.showReinvest(c, answers, nearest(faultsOf(ctx, err), "shares", "shares."+models.ReinvestmentUses[0]))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/claims/"+ref+"#reinvestment", "page.reinvest.done")
}

// nearest puts what is wrong with a group of answers beside one of them.
func nearest(f faults, group, name string) faults {
	if text := f.by[group]; text != "" {
		f.by[name] = text
		delete(f.by, group)
	}
	return f
}
