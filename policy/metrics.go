package policy

import (
	_ "embed" // the metrics
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

//go:embed metrics.yaml
var metricsFile []byte

var bundledMetrics = sync.OnceValue(func() []models.Metric {
	all, err := readMetrics("metrics.yaml", metricsFile)
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return all
})

// Metrics are the metrics that come with the product, in the order of the file.
// They are a copy, down to the guardrails and the bounds.
func Metrics() []models.Metric {
	all := slices.Clone(bundledMetrics())
	for i, m := range all {
		all[i].Guardrails = slices.Clone(m.Guardrails)
		all[i].Min, all[i].Max = copied(m.Min), copied(m.Max)
	}
	return all
}

func copied(v *float64) *float64 {
	if v == nil {
		return nil
	}
	return new(*v)
}

// readMetrics reads a list of metrics. The error names file and line of
// everything that is wrong.
func readMetrics(file string, text []byte) ([]models.Metric, error) {
	r := &reader{file: file}
	root := r.parse(text)
	if root == nil {
		return nil, r.err()
	}
	var all []models.Metric
	keys := map[string]bool{}
	r.list(func(n *yaml.Node) {
		m := r.metric(n)
		if keys[m.Key] {
			r.fault(n, "metric %q is there twice", m.Key)
		}
		keys[m.Key] = true
		all = append(all, m)
	})(root)
	for _, m := range all {
		for _, g := range m.Guardrails {
			if !keys[g] || g == m.Key {
				r.fault(root, "guardrail %q of %q is no other metric", g, m.Key)
			}
		}
	}
	return all, r.err()
}

func (r *reader) metric(n *yaml.Node) models.Metric {
	var m models.Metric
	r.fields(n, map[string]field{
		"key":          must(r.key(&m.Key)),
		"name":         must(r.text(&m.Name)),
		"unit":         must(r.text(&m.Unit)),
		"kind":         must(one(r, &m.Kind, "kind", models.MetricKinds...)),
		"better":       must(one(r, &m.Better, "direction", models.LowerIsBetter, models.HigherIsBetter)),
		"captured":     must(r.text(&m.Captured)),
		"notCaptured":  must(r.text(&m.NotCaptured)),
		"source":       must(r.text(&m.Source)),
		"checkingTime": must(one(r, &m.Checking, "checking time", models.CheckingTimes...)),
		"minutesEach":  may(r.factor(&m.MinutesEach)),
		"min":          may(r.bound(&m.Min)),
		"max":          may(r.bound(&m.Max)),
		"guardrails":   may(r.list(func(g *yaml.Node) { m.Guardrails = append(m.Guardrails, g.Value) })),
	})
	if m.Min != nil && m.Max != nil && *m.Min >= *m.Max {
		r.fault(n, "min is not below max")
	}
	return m
}

// key is how plans name a metric: small letters, digits, underscores.
func (r *reader) key(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Value == "" || len(n.Value) > 60 || strings.Trim(n.Value, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			r.fault(n, "%q is not a key of small letters, digits and underscores", n.Value)
			return
		}
		*to = n.Value
	}
}

// factor is a number above nought.
func (r *reader) factor(to *float64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var v *float64
		r.bound(&v)(n)
		if v == nil {
			return
		}
		if *v <= 0 {
			r.fault(n, "%q is not above nought", n.Value)
		}
		*to = *v
	}
}

func (r *reader) bound(to **float64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || v-v != 0 {
			r.fault(n, "%q is not a number", n.Value)
			return
		}
		*to = &v
	}
}
