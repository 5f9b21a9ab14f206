package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// runPage is an analysis under way, or what became of it.
type runPage struct {
	register.ClaimView
	run    models.Run
	cancel bool
}

// refreshEvery is after how many seconds a browser looks again at an analysis.
const refreshEvery = "3"

// Analyse starts an analysis.
func (p *Pages) Analyse(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	run, err := p.Register.StartRun(ctx, web.Actor(ctx), ref)
	if again(err) {
		return p.showClaim(c, err)
	}
	if err != nil {
		return err
	}
	return p.done(c, "/claims/"+ref+"/runs/"+run.ID, "")
}

// Run shows how far an analysis has come. The page looks again by itself; when
// there is a result it leads there.
func (p *Pages) Run(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	v, run, err := p.runOf(c)
	if err != nil {
		return err
	}
	if run.State == models.RunDone {
		if run.ChallengeID != nil {
			return p.done(c, "/claims/"+ref+"#challenges", "page.run.done")
		}
		return p.done(c, "/claims/"+ref, "page.run.done")
	}
	if !run.State.Ended() {
		c.Header("Refresh", refreshEvery)
	}
	page := runPage{ClaimView: v, run: run, cancel: !run.State.Ended() && run.ChallengeID == nil && p.allowedOn(ctx, v.Deployment)["run.cancel"]}
	return p.render(c, http.StatusOK, runDetailPage(page))
}

// CancelRun stops an analysis.
func (p *Pages) CancelRun(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	_, run, err := p.runOf(c)
	if err != nil {
		return err
	}
	_, err = p.Register.CancelRun(ctx, web.Actor(ctx), run.ID)
	if models.CodeOf(err) == "run_ended" {
		return p.done(c, "/claims/"+ref, "error.run_ended")
	}
	if err != nil {
		return err
	}
	return p.done(c, "/claims/"+ref, "page.run.cancelled")
}

// runOf is the analysis of a claim that an address names.
func (p *Pages) runOf(c *gin.Context) (register.ClaimView, models.Run, error) {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v, err := p.Register.Claim(ctx, a, param(c, "ref"))
	if err != nil {
		return v, models.Run{}, err
	}
	run, err := p.Register.Run(ctx, a, param(c, "id"))
	if err == nil && run.ClaimID != v.ID {
		err = models.Missing("run")
	}
	return v, run, err
}
