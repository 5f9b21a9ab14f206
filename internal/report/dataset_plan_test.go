package report

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beforehand/models"
)

const planText = `
metric: minutes
population: {en: Case workers, cy: Gweithwyr achos}
claimed: {amount: 5}
design: randomised_staff
baseline: {from: 2026-01-05, to: "2026-02-27"}
observation: {from: 2026-03-02, to: 2026-04-24}
unit: worker
sampling: {frame: {en: All, cy: Pawb}, invited: [20, 21], volunteers: true, allocation: 0.5}
measurement: system_timestamps
checkingTime: included
seed: 9007199254740991
decisionRule: {en: Stop, cy: Peidio}
columns:
  - {heading: Worker, role: worker}
  - {heading: Minutes, role: value, metric: minutes, selfReport: false}
reading: {unit: 1}
volume: {perYear: 1200, source: The case system, hourPence: 2500}
metrics:
  - {key: minutes, name: {en: Minutes, cy: Munudau}, kind: duration, better: lower, min: 0, max: 480}
`

func TestReadPlan(t *testing.T) {
	t.Parallel()
	plan, metrics, err := ReadPlan([]byte(planText))
	if err != nil {
		t.Fatal(err)
	}
	if plan.Baseline.To != models.MustDate("2026-02-27") || plan.Sampling.Invited != [2]int{20, 21} || plan.Seed != 1<<53-1 ||
		plan.Reading.Unit != "1" || len(plan.Columns) != 2 || plan.Volume.HourPence != 2500 || len(metrics) != 1 || *metrics[0].Max != 480 {
		t.Errorf("%+v %+v", plan, metrics)
	}
}

func TestReadPlanRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"empty":             {"", nil},
		"not YAML":          {"a: [", nil},
		"a list":            {"- a", []string{" wrong_type"}},
		"unknown":           {"wording: x\ncolumns: [{heading: a, colour: b}]", []string{"columns[0].colour unknown_field", "wording unknown_field"}},
		"embedded":          {"Plan: {metric: a}", []string{"Plan unknown_field"}},
		"twice":             {"metric: a\nmetric: b", []string{"metric duplicate"}},
		"no date":           {"keepUntil: 2026-02-30", []string{"keepUntil not_a_date"}},
		"no number":         {"draws: many\nclaimed: {amount: .inf}", []string{"claimed.amount not_a_number", "draws not_a_number"}},
		"beyond 64 bits":    {"seed: 99999999999999999999", []string{"seed not_a_number"}},
		"neither yes or no": {"sampling: {volunteers: perhaps}", []string{"sampling.volunteers wrong_type"}},
		"three invited":     {"sampling: {invited: [1, 2, 3]}", []string{"sampling.invited wrong_type"}},
		"aliases":           {"population: &a {en: x}\ndecisionRule: *a", []string{"decisionRule not_allowed", "population not_allowed"}},
		"many nodes":        {"secondaries: [" + strings.Repeat("a,", 30_000) + "]", []string{"secondaries[19998] too_many"}},
		"deep":              {"secondaries: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), []string{"secondaries[0] wrong_type"}},
		"large":             {strings.Repeat("#", 1<<20+1), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := ReadPlan([]byte(tc.text))
			var e *models.Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			var got []string
			for _, f := range e.Fields {
				got = append(got, f.Path+" "+f.Code)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPlanFieldsHaveKnownTypes fails when a plan gets a field of a type that
// ReadPlan does not know.
func TestPlanFieldsHaveKnownTypes(t *testing.T) {
	t.Parallel()
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, path string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array {
			typ = typ.Elem()
		}
		switch typ.Kind() {
		case reflect.Struct:
			for name, f := range jsonFields(typ) {
				walk(f, path+"."+name)
			}
		case reflect.String, reflect.Bool, reflect.Float64, reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64:
		default:
			t.Errorf("%s is a %s", path, typ)
		}
	}
	walk(reflect.TypeFor[planFile](), "")
}

func FuzzReadPlan(f *testing.F) {
	f.Add([]byte(planText))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := ReadPlan(b); err != nil && models.KindOf(err) == "" {
			t.Error(err)
		}
	})
}
