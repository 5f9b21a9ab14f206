package pages

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// planPage is the page on which a claim is made, or its plan changed.
type planPage struct {
	planForm
	title, path string
	crumbs      []design.Crumb
	parts       []planPart
	// version is the claim's; "" makes a new one.
	version string
	// locked says that a plan was locked before.
	locked bool
}

// NewClaimForm asks for a claim about a deployment.
func (p *Pages) NewClaimForm(c *gin.Context) error {
	return p.showNewClaim(c, newPlanForm(models.Plan{Metric: design.Of(c.Request.Context()).Query.Get("metric"), Seed: newSeed()}), nil)
}

func (p *Pages) showNewClaim(c *gin.Context, f planForm, failed error) error {
	ctx := c.Request.Context()
	a, ref := web.Actor(ctx), param(c, "ref")
	d, err := p.Register.Deployment(ctx, a, ref)
	switch {
	case err != nil:
		return err
	case a.Anonymous():
		return models.Fail(models.Unauthenticated, "unauthenticated")
	case !p.allowedOn(ctx, ref)["claim.make"]:
		return models.Fail(models.Forbidden, "forbidden").With("act", "claim.make")
	}
	return p.showPlan(c, planPage{
		planForm: f, title: design.Say(ctx, "page.planform.new"), path: "/deployments/" + ref + "/claims/new",
		crumbs: []design.Crumb{{Text: design.Say(ctx, "page.register.title"), Path: "/register"}, {Text: d.Ref, Path: "/deployments/" + d.Ref}},
	}, failed)
}

// showPlan shows the form of a plan, with what was wrong when something was.
func (p *Pages) showPlan(c *gin.Context, page planPage, failed error) error {
	ctx := c.Request.Context()
	var err error
	if page.metrics, err = p.Register.Metrics(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	page.change(page.v.Get("do"))
	if page.v.Get("key") == "" {
		page.v.Set("key", web.RequestID(ctx))
	}
	if failed != nil {
		page.refuse(ctx, failed)
		page.settle(answersOf(page.planForm.parts(ctx)))
	}
	page.parts = page.planForm.parts(ctx)
	status := http.StatusOK
	if page.failed() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, planFormPage(page))
}

// onlyChanges says whether a button of the form asks only for another form.
func (f planForm) onlyChanges() bool {
	do := f.v.Get("do")
	return do == "suggest" || do == "again" || len(do) > 4 && do[:4] == "add."
}

// MakeClaim takes a new claim, as a draft.
func (p *Pages) MakeClaim(c *gin.Context) error {
	ctx := c.Request.Context()
	f := readPlanForm(c)
	if f.onlyChanges() {
		return p.showNewClaim(c, f, nil)
	}
	plan, err := f.plan()
	var v register.ClaimView
	if err == nil {
		v, err = p.Register.MakeClaim(keyed(ctx, f.v.Get("key")), web.Actor(ctx), param(c, "ref"), plan)
	}
	if sentBefore(err) {
		return p.done(c, "/deployments/"+param(c, "ref")+"#evidence", "page.planform.saved")
	}
	if again(err) {
		return p.showNewClaim(c, f, err)
	}
	if err != nil {
		return err
	}
	return p.saved(c, v.Ref, f)
}

// saved leads on from a plan that was saved.
func (p *Pages) saved(c *gin.Context, ref string, f planForm) error {
	if f.v.Get("do") == "check" {
		return p.done(c, "/claims/"+ref+"/lock", "page.planform.saved")
	}
	return p.done(c, "/claims/"+ref, "page.planform.saved")
}

// PlanForm asks for a change of a claim's plan.
func (p *Pages) PlanForm(c *gin.Context) error { return p.showRevision(c, nil, nil) }

func (p *Pages) showRevision(c *gin.Context, f *planForm, failed error) error {
	ctx := c.Request.Context()
	v, err := p.mayDo(ctx, param(c, "ref"), "claim.revise")
	if err != nil {
		return err
	}
	if f == nil {
		filled := newPlanForm(v.Plan)
		filled.v.Set("version", strconv.Itoa(v.Version))
		f = &filled
	}
	return p.showPlan(c, planPage{
		planForm: *f, title: design.Say(ctx, "page.planform.change", "claim", v.Ref), path: "/claims/" + v.Ref + "/plan", crumbs: below(ctx, v),
		version: f.v.Get("version"), locked: v.Locked() != nil,
	}, failed)
}

// RevisePlan takes a change of a claim's plan.
func (p *Pages) RevisePlan(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	f := readPlanForm(c)
	if f.onlyChanges() {
		return p.showRevision(c, &f, nil)
	}
	plan, err := f.plan()
	if err == nil {
		_, err = p.Register.ReviseClaim(ctx, web.Actor(ctx), ref, versionTyped(c), plan)
	}
	if again(err) {
		return p.showRevision(c, &f, err)
	}
	if err != nil {
		return err
	}
	return p.saved(c, ref, f)
}

// ordinal is the number of a row.
func ordinal(i int) string { return strconv.Itoa(i + 1) }

// errorOf points from an answer to what is wrong with it.
func errorOf(c cell) templ.Attributes {
	if c.Error == "" {
		return nil
	}
	return templ.Attributes{"aria-describedby": c.ID + "-error"}
}
