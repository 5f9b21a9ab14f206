package register

import (
	"context"
	"encoding/json"

	"beforehand/internal/report"
	"beforehand/models"
)

// Figure is a drawing of a result, its table and the words in its place.
type Figure = report.Figure

// Figures are the drawings of a result that the actor may read, in a language.
func (r *Register) Figures(ctx context.Context, a models.Actor, ref string, no int, l models.Language) ([]Figure, error) {
	row, err := r.ResultFile(ctx, a, ref, no)
	if err != nil {
		return nil, err
	}
	p, err := r.LockedPlanFile(ctx, a, ref, row.PlanNo)
	if err != nil {
		return nil, err
	}
	plan, err := readPlan(p.Body)
	if err != nil {
		return nil, err
	}
	return FiguresOf([]byte(row.Body), plan.Claimed, l)
}

// FiguresOf draws a result as it was printed.
func FiguresOf(body []byte, claimed models.Claimed, l models.Language) ([]Figure, error) {
	var res models.Result
	if err := json.Unmarshal(body, &res); err != nil {
		return nil, err
	}
	return report.Figures(res, claimed, res.Grade.Grade, string(l))
}
