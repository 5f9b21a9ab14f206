package models

// Check says what is wrong with a question about a plan's rows: it may look
// otherwise at what the plan holds, and at nothing else.
func (q Question) Check(f *Faults, p Plan) {
	oneOf(f, "question.estimator", q.Estimator, Estimators)
	oneOf(f, "question.interval", q.Interval, Intervals)
	oneOf(f, "question.unit", q.Unit, Units)
	for _, w := range []struct {
		path string
		ask  *Window
		plan Window
	}{{"question.baseline", q.Baseline, p.Baseline}, {"question.observation", q.Observed, p.Observation}} {
		if w.ask == nil {
			continue
		}
		if w.ask.From == 0 || w.ask.To < w.ask.From || w.ask.From < w.plan.From || w.ask.To > w.plan.To {
			f.Add(w.path, "window_outside", "from", w.plan.From, "to", w.plan.To)
		}
	}
	if q.Baseline != nil || q.Observed != nil {
		if !p.Has(RoleOfDate) {
			f.Add("question.observation", "column_missing", "role", reason("column.date"))
		}
	}
	if q.Group != "" && !p.Has(RoleOfGroup) {
		f.Add("question.group", "column_missing", "role", reason("column.group"))
	}
	if q.Language != "" && !p.Has(RoleOfLanguage) {
		f.Add("question.language", "column_missing", "role", reason("column.language"))
	}
	if q.Metric != "" && !p.Measures(q.Metric) {
		f.Add("question.metric", "metric_without_column", "value", q.Metric)
	}
	for path, s := range map[string]string{"question.group": q.Group, "question.language": q.Language} {
		CheckText(f, path, s, 60)
	}
}
