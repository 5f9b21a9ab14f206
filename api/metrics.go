package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// MetricDefinition is the definition of something measured.
type MetricDefinition struct {
	models.Metric
	Own bool `json:"own,omitempty" doc:"The employer's own definition"`
	No  int  `json:"no,omitempty" doc:"Counts the employer's definitions of this key"`
}

func viewMetric(v register.MetricView) MetricDefinition {
	return MetricDefinition{v.Metric, v.Own, v.No}
}

func (a *API) metrics(ctx context.Context, _ *struct{}) (*reply[List[MetricDefinition]], error) {
	rows, err := a.reg.Metrics(ctx, web.Actor(ctx))
	return listOf(rows, viewMetric), err
}

type metricInput struct {
	Body models.Metric
}

func (a *API) defineMetric(ctx context.Context, in *metricInput) (*reply[MetricDefinition], error) {
	v, err := a.reg.DefineMetric(ctx, web.Actor(ctx), in.Body)
	return created(viewMetric(v), 0, "/metrics"), err
}

// Missing is something of the evidence that is missing or overdue.
type Missing struct {
	Code       string      `json:"code" enum:"reinvestment_overdue,challenge_overdue,live_without_evidence,comments_unanswered,review_overdue,late_without_notice,meeting_not_replaced"`
	What       models.Text `json:"what" doc:"The same in words"`
	Deployment string      `json:"deployment"`
	Claim      string      `json:"claim,omitempty"`
	DueOn      models.Date `json:"dueOn,omitzero" format:"date"`
}

func viewMissing(m register.MissingItem) Missing {
	return Missing{m.Code, register.Both(m.Reason()), m.Deployment, m.Claim, m.Due}
}

func (a *API) missing(ctx context.Context, _ *struct{}) (*reply[List[Missing]], error) {
	rows, err := a.reg.Missing(ctx, web.Actor(ctx))
	return listOf(rows, viewMissing), err
}

type sampleInput struct {
	Body models.SampleQuestion
}

func (a *API) sampleSize(ctx context.Context, in *sampleInput) (*reply[models.SampleAnswer], error) {
	v, err := a.reg.SampleSize(ctx, web.Actor(ctx), in.Body)
	return &reply[models.SampleAnswer]{Body: v}, err
}
