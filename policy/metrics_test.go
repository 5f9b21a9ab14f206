package policy

import (
	"strings"
	"testing"

	"beforehand/models"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	all := Metrics()
	if len(all) < 20 {
		t.Errorf("%d metrics", len(all))
	}
	kinds := map[models.MetricKind]bool{}
	for _, m := range all {
		kinds[m.Kind] = true
		if len(m.Guardrails) < 3 {
			t.Errorf("%s has %d guardrails", m.Key, len(m.Guardrails))
		}
		seen := map[string]bool{}
		for _, g := range m.Guardrails {
			if seen[g] {
				t.Errorf("%s names %s twice", m.Key, g)
			}
			seen[g] = true
		}
		for _, s := range []models.Text{m.Captured, m.NotCaptured, m.Source} {
			if !strings.HasSuffix(s.En, ".") || !strings.HasSuffix(s.Cy, ".") {
				t.Errorf("%s: a sentence ends in a full stop: %+v", m.Key, s)
			}
		}
		for _, s := range []models.Text{m.Name, m.Unit} {
			if strings.HasSuffix(s.En, ".") || strings.HasSuffix(s.Cy, ".") || s.En == s.Cy {
				t.Errorf("%s: %+v", m.Key, s)
			}
		}
		for _, s := range []models.Text{m.Name, m.Unit, m.Captured, m.NotCaptured, m.Source} {
			if strings.ContainsAny(s.En+s.Cy, "'\"") {
				t.Errorf("%s: straight quotation mark in %+v", m.Key, s)
			}
		}
		if m.Min == nil || m.Max == nil || m.Kind == models.MetricShare && (*m.Min != 0 || *m.Max != 1) {
			t.Errorf("%s has no bounds, or not those of a share", m.Key)
		}
	}
	if len(kinds) != len(models.MetricKinds) {
		t.Errorf("only %v", kinds)
	}
}

func TestMetricsAreCopies(t *testing.T) {
	t.Parallel()
	first := Metrics()
	first[0].Guardrails[0] = "changed"
	*first[0].Max = -1
	if again := Metrics(); again[0].Guardrails[0] == "changed" || *again[0].Max == -1 {
		t.Error("one caller changes what another gets")
	}
}

func TestBrokenMetricsAreNamedByLine(t *testing.T) {
	t.Parallel()
	good := `- key: a
  name: {en: A, cy: B}
  unit: {en: A, cy: B}
  kind: share
  better: lower
  captured: {en: A, cy: B}
  notCaptured: {en: A, cy: B}
  source: {en: A, cy: B}
  checkingTime: included
`
	if _, err := readMetrics("m.yaml", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ text, want string }{
		"empty":           {"", "empty"},
		"not a list":      {"a: b", "list"},
		"twice":           {good + good, "twice"},
		"no Welsh":        {strings.Replace(good, "unit: {en: A, cy: B}", "unit: {en: A}", 1), `m.yaml:3: "cy" is missing`},
		"unknown kind":    {strings.Replace(good, "share", "speed", 1), `m.yaml:4: unknown kind "speed"`},
		"unknown key":     {good + "  colour: red\n", `unknown key "colour"`},
		"bad key":         {strings.Replace(good, "key: a", "key: A b", 1), "small letters"},
		"no such metric":  {good + "  guardrails: [b]\n", `guardrail "b"`},
		"bounds reversed": {good + "  min: 2\n  max: 1\n", "not below"},
		"endless bound":   {good + "  max: .inf\n", "not a number"},
		"Go infinity":     {good + "  max: Inf\n", "not a number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readMetrics("m.yaml", []byte(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
