package register

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/internal/study"
	"beforehand/models"
	"beforehand/policy"
)

// MetricView is a definition, and whether it is the employer's own.
type MetricView struct {
	models.Metric
	Own bool
	// No counts the employer's definitions of this key; 0 is a bundled one.
	No int
}

// Metrics are the definitions in force, bundled and the employer's own, by key.
// Every party reads them: the unions see what is measured before it is.
func (r *Register) Metrics(ctx context.Context, a models.Actor) ([]MetricView, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	all, err := r.metricViews(ctx, r.store.Reader, a.OrgID)
	return all, err
}

func (r *Register) metricViews(ctx context.Context, rd store.Reader, org string) ([]MetricView, error) {
	rows, err := rd.Metrics(ctx, org)
	if err != nil {
		return nil, err
	}
	var out []MetricView
	theirs := map[string]bool{}
	for _, row := range rows {
		v := MetricView{Own: true, No: row.No}
		if err := json.Unmarshal([]byte(row.Body), &v.Metric); err != nil {
			return nil, err
		}
		theirs[row.Key] = true
		out = append(out, v)
	}
	for _, m := range policy.Metrics() {
		if !theirs[m.Key] {
			out = append(out, MetricView{Metric: m})
		}
	}
	slices.SortFunc(out, func(a, b MetricView) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// metrics are the definitions by key.
func (r *Register) metrics(ctx context.Context, rd store.Reader, org string) (map[string]models.Metric, error) {
	views, err := r.metricViews(ctx, rd, org)
	if err != nil {
		return nil, err
	}
	out := make(map[string]models.Metric, len(views))
	for _, v := range views {
		out[v.Key] = v.Metric
	}
	return out, nil
}

var metricKey = regexp.MustCompile(`^[a-z][a-z0-9_]{1,59}$`)

// CheckMetric says what a definition lacks. It is read in both languages by
// people who must judge it, so every part is asked for.
func CheckMetric(m models.Metric, others map[string]models.Metric) error {
	var f models.Faults
	if !metricKey.MatchString(m.Key) {
		f.Add("key", "malformed", "value", m.Key)
	}
	for _, t := range []struct {
		path string
		text models.Text
		max  int
	}{{"name", m.Name, 100}, {"unit", m.Unit, 60}, {"captured", m.Captured, 1000}, {"notCaptured", m.NotCaptured, 1000}, {"source", m.Source, 500}} {
		if models.IsTBC(t.text.En) {
			f.Add(t.path+".en", "required")
		}
		models.CheckText(&f, t.path+".en", t.text.En, t.max)
		models.CheckText(&f, t.path+".cy", t.text.Cy, t.max)
	}
	if !slices.Contains(models.MetricKinds, m.Kind) {
		f.Add("kind", "unknown_value", "value", string(m.Kind), "allowed", "duration, count, share, score")
	}
	if m.Better != models.LowerIsBetter && m.Better != models.HigherIsBetter {
		f.Add("better", "unknown_value", "value", string(m.Better), "allowed", "lower, higher")
	}
	if !slices.Contains(models.CheckingTimes, m.Checking) {
		f.Add("checkingTime", "unknown_value", "value", string(m.Checking), "allowed", "included, excluded, not_applicable")
	}
	if m.Min != nil && m.Max != nil && *m.Max <= *m.Min {
		f.Add("max", "out_of_range", "min", *m.Min, "max", "")
	}
	if len(m.Guardrails) > 20 {
		f.Add("guardrails", "too_many", "max", 20)
	}
	for i, key := range m.Guardrails {
		if _, ok := others[key]; !ok {
			f.Add("guardrails["+itoa(i)+"]", "unknown_metric", "value", key)
		}
	}
	return f.Err()
}

// DefineMetric adds an employer's own definition, or a new one in its place.
// Plans that were locked keep the definition that they were locked with.
func (r *Register) DefineMetric(ctx context.Context, a models.Actor, m models.Metric) (MetricView, error) {
	if err := r.check(a, "metric.define", own(a)); err != nil {
		return MetricView{}, err
	}
	v := MetricView{Metric: m, Own: true, No: 1}
	err := r.change(ctx, a, "metric.define", func(tx *store.Tx, at time.Time) (entry, error) {
		known, err := r.metricViews(ctx, tx.Reader, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		others := map[string]models.Metric{}
		for _, k := range known {
			others[k.Key] = k.Metric
			if k.Key == m.Key {
				v.No = k.No + 1
			}
		}
		if err := CheckMetric(m, others); err != nil {
			return entry{}, err
		}
		body, err := ledger.Canonical(m)
		if err != nil {
			return entry{}, err
		}
		row := store.MetricRow{OrgID: a.OrgID, Key: m.Key, No: v.No, Body: string(body), ByUserID: a.UserID, At: at}
		return entry{subject: m.Key, data: map[string]any{"no": v.No, "definition": ledger.Hash(body)}}, tx.Add(ctx, &row)
	})
	return v, err
}

// SampleSize says how many people a test needs, or what so many could find.
func (r *Register) SampleSize(_ context.Context, a models.Actor, q models.SampleQuestion) (models.SampleAnswer, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return models.SampleAnswer{}, err
	}
	answer, note, err := study.SampleSize(q)
	answer.Note = Both(note)
	return answer, err
}
