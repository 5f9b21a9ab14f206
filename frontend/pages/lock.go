package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// lockPage sets out a plan to be checked before it is locked.
type lockPage struct {
	register.ClaimView
	plan    models.FrozenPlan
	unions  string
	missing []design.Fault
	changes []models.FieldChange
	form    sheet
}

// LockForm sets out a plan, and what it still lacks.
func (p *Pages) LockForm(c *gin.Context) error { return p.showLock(c, "", faults{}) }

func (p *Pages) showLock(c *gin.Context, reason string, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v, err := p.mayDo(ctx, param(c, "ref"), "claim.lock")
	if err != nil {
		return err
	}
	page := lockPage{ClaimView: v}
	metrics, err := p.metrics(ctx, a)
	if err != nil {
		return err
	}
	page.plan = v.Plan.Freeze(metrics)
	page.lacks(ctx, v.Plan.Lockable(metrics))
	if page.unions, err = p.unionsOf(ctx, v.Deployment); err != nil {
		return err
	}
	page.form = claimSheet(ctx, v, "lock", wrong)
	page.form.at, page.form.button = "reason", design.Say(ctx, "page.lock.button")
	if l := v.Locked(); l != nil {
		page.form.ask = []question{ask(ctx, "reason", "lockreason", reason).text("4")}
		body, _, err := register.Freeze(page.plan)
		if err != nil {
			return err
		}
		if page.changes, err = models.DiffJSON([]byte(l.Body), body); err != nil {
			return err
		}
	}
	page.form = page.form.settle()
	status := http.StatusOK
	if wrong.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, lockDetailPage(page))
}

// lacks lists what a plan lacks, each leading to its answer in the form.
func (v *lockPage) lacks(ctx context.Context, err error) {
	if err == nil {
		return
	}
	f := newPlanForm(v.Plan)
	f.refuse(ctx, err)
	f.settle(answersOf(f.parts(ctx)))
	v.missing = f.wrong(f.parts(ctx))
}

// Lock locks a plan.
func (p *Pages) Lock(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	reason := c.PostForm("reason")
	_, err := p.Register.LockClaim(ctx, web.Actor(ctx), ref, versionTyped(c), reason)
	if again(err) {
		return p.showLock(c, reason, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/claims/"+ref, "page.lock.done")
}

// faults list what was wrong. Without an answer to lead to they are said alone.
func (v lockPage) faults(context.Context) []design.Fault {
	out := v.form.list()
	if len(v.form.ask) == 0 || len(v.missing) > 0 {
		for i := range out {
			out[i].ID = ""
		}
	}
	return out
}
