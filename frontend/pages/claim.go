package pages

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// claimPage is all that the page of a claim shows.
type claimPage struct {
	register.ClaimView
	now        time.Time
	challenges []challenged
	figures    []register.Figure
	// frozen is the plan in force with its definitions, or the one being written.
	frozen models.FrozenPlan
	// edited says that the plan being written differs from the one locked.
	edited bool
	diffs  map[int][]models.FieldChange
	faults faults
}

// challenged is a challenge with what its question found.
type challenged struct {
	register.ChallengeView
	question *models.Question
	results  []answered
}

// answered is a result that answers a challenge's question.
type answered struct {
	no  int
	res models.Result
}

// Claim shows one claim.
func (p *Pages) Claim(c *gin.Context) error { return p.showClaim(c, nil) }

// showClaim shows a claim, with what was wrong when something was.
func (p *Pages) showClaim(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	v, err := p.claim(ctx, web.Actor(ctx), param(c, "ref"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if failed != nil {
		v.faults, status = faultsOf(ctx, failed), http.StatusUnprocessableEntity
	}
	return p.render(c, status, claimDetailPage(v))
}

func (p *Pages) claim(ctx context.Context, a models.Actor, ref string) (claimPage, error) {
	v := claimPage{now: p.Register.Now(), diffs: map[int][]models.FieldChange{}}
	var err error
	if v.ClaimView, err = p.Register.Claim(ctx, a, ref); err != nil {
		return v, err
	}
	if err := p.planned(ctx, a, &v); err != nil {
		return v, err
	}
	if v.Result != nil {
		if v.figures, err = p.Register.Figures(ctx, a, ref, v.ResultNo, design.Of(ctx).Lang); err != nil {
			return v, err
		}
	}
	all, err := p.Register.ChallengeViews(ctx, a, v.ClaimView)
	if err != nil {
		return v, err
	}
	for _, x := range all {
		one, err := p.challenged(ctx, a, ref, x)
		if err != nil {
			return v, err
		}
		v.challenges = append(v.challenges, one)
	}
	return v, nil
}

// planned reads the plan in force and what changed between those before it.
func (p *Pages) planned(ctx context.Context, a models.Actor, v *claimPage) error {
	draft, err := p.draft(ctx, a, v.ClaimView)
	if err != nil {
		return err
	}
	locked := v.Locked()
	if locked == nil {
		v.frozen = draft
		return nil
	}
	if err := json.Unmarshal([]byte(locked.Body), &v.frozen); err != nil {
		return err
	}
	if v.may("claim.revise") {
		_, sha, err := register.Freeze(draft)
		if err != nil {
			return err
		}
		v.edited = sha != locked.SHA256
	}
	for _, l := range v.Plans[1:] {
		if v.diffs[l.No], err = p.Register.PlanDiff(ctx, a, v.Ref, l.No-1, l.No); err != nil {
			return err
		}
	}
	return nil
}

// draft is the plan that is being written, with the definitions in force now.
func (p *Pages) draft(ctx context.Context, a models.Actor, v register.ClaimView) (models.FrozenPlan, error) {
	metrics, err := p.metrics(ctx, a)
	return v.Plan.Freeze(metrics), err
}

// metrics are the definitions in force by key; none for who may not read them.
func (p *Pages) metrics(ctx context.Context, a models.Actor) (map[string]models.Metric, error) {
	all, err := p.Register.Metrics(ctx, a)
	if err != nil && !hidden(err) {
		return nil, err
	}
	out := map[string]models.Metric{}
	for _, m := range all {
		out[m.Key] = m.Metric
	}
	return out, nil
}

func (p *Pages) challenged(ctx context.Context, a models.Actor, ref string, x register.ChallengeView) (challenged, error) {
	out := challenged{ChallengeView: x}
	if x.Question != "" {
		out.question = &models.Question{}
		if err := json.Unmarshal([]byte(x.Question), out.question); err != nil {
			return out, err
		}
	}
	for _, no := range x.Results {
		row, err := p.Register.ResultFile(ctx, a, ref, no)
		if err != nil {
			return out, err
		}
		one := answered{no: no}
		if err := json.Unmarshal([]byte(row.Body), &one.res); err != nil {
			return out, err
		}
		out.results = append(out.results, one)
	}
	return out, nil
}

func (v claimPage) may(act string) bool { return slices.Contains(v.Can, act) }

// name is what a metric is called, by its key.
func (v claimPage) name(ctx context.Context, key string) string {
	return metricName(ctx, v.frozen, key)
}

func metricName(ctx context.Context, p models.FrozenPlan, key string) string {
	if m, ok := p.ByKey()[key]; ok {
		return m.Name.In(design.Of(ctx).Lang)
	}
	return key
}
