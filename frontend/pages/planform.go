package pages

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/models"
)

// planForm is the form of a plan as it was filled in: answers by the names of
// the plan's fields, so that what is wrong with a field finds its answer.
type planForm struct {
	v       url.Values
	metrics []register.MetricView
	faults  map[string]string
	// general is what is wrong with no one answer.
	general string
}

// planLists are the lists of a plan: how many rows a form offers, how many
// there may be, and the answers of a row. A row of which all of the first ones
// are empty is none.
var planLists = map[string]struct {
	least, most, telling int
	fields               []string
}{
	"guardrails":  {3, 20, 2, []string{".metric", ".margin", ".kind", ".name.en", ".name.cy", ".was"}},
	"secondaries": {2, 20, 1, []string{""}},
	"columns":     {8, 60, 2, []string{".heading", ".role", ".metric", ".selfReport"}},
}

func rowName(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// newPlanForm fills the form with a plan.
func newPlanForm(p models.Plan) planForm {
	f := planForm{v: planValues(p), faults: map[string]string{}}
	for list, n := range map[string]int{"guardrails": len(p.Guardrails), "secondaries": len(p.Secondaries), "columns": len(p.Columns)} {
		f.resize(list, n+1)
	}
	return f
}

// resize says how many rows of a list are offered, within what there may be.
func (f planForm) resize(list string, n int) {
	l := planLists[list]
	f.v.Set("count."+list, strconv.Itoa(min(max(n, l.least), l.most)))
}

func (f planForm) count(list string) int {
	return min(int(number(f.v.Get("count."+list))), planLists[list].most)
}

// readPlanForm reads what was typed, and closes the gaps between rows.
func readPlanForm(c *gin.Context) planForm {
	f := planForm{v: allTyped(c), faults: map[string]string{}}
	for list := range planLists {
		f.close(list)
	}
	return f
}

func (f planForm) close(list string) {
	l := planLists[list]
	n, kept := f.count(list), 0
	for i := range n {
		from, told := rowName(list, i), false
		for _, field := range l.fields[:l.telling] {
			told = told || f.v.Get(from+field) != ""
		}
		if !told {
			continue
		}
		for _, field := range l.fields {
			f.v.Set(rowName(list, kept)+field, f.v.Get(from+field))
		}
		kept++
	}
	for i := kept; i < n; i++ {
		for _, field := range l.fields {
			f.v.Del(rowName(list, i) + field)
		}
	}
	f.v.Set("used."+list, strconv.Itoa(kept))
}

func (f planForm) used(list string) int { return int(number(f.v.Get("used." + list))) }

// change does what a button of the form asks that only changes the form: it
// offers another row, or fills in the guardrails that go with the metric.
func (f planForm) change(do string) bool {
	if list, ok := strings.CutPrefix(do, "add."); ok && planLists[list].most > 0 {
		f.resize(list, f.count(list)+map[bool]int{true: 5, false: 1}[list == "columns"])
		return true
	}
	if do != "suggest" {
		return false
	}
	var had []string
	n := f.used("guardrails")
	for i := range n {
		had = append(had, f.v.Get(rowName("guardrails", i)+".metric"))
	}
	for _, m := range f.metrics {
		if m.Key != f.v.Get("metric") {
			continue
		}
		for _, key := range m.Guardrails {
			if !slices.Contains(had, key) && n < planLists["guardrails"].most {
				f.v.Set(rowName("guardrails", n)+".metric", key)
				n++
			}
		}
	}
	f.resize("guardrails", max(n, f.count("guardrails")))
	return true
}

// refuse keeps what was wrong, by the path of the field.
func (f *planForm) refuse(ctx context.Context, err error) {
	e, _ := errors.AsType[*models.Error](err)
	for _, fault := range e.Fields {
		if f.faults[fault.Path] == "" {
			f.faults[fault.Path] = fieldSentence(ctx, fault)
		}
	}
	if len(e.Fields) == 0 {
		f.general = sentence(ctx, e)
	}
}

func (f planForm) failed() bool { return f.general != "" || len(f.faults) > 0 }

// place finds the answer that a path is about: the one of that name, or the
// first below it.
func place(names []string, path string) string {
	if slices.Contains(names, path) {
		return path
	}
	for _, n := range names {
		if strings.HasPrefix(n, path+".") || strings.HasPrefix(n, path+"[") {
			return n
		}
	}
	return ""
}

// settle moves each fault to an answer of the form.
func (f *planForm) settle(names []string) {
	moved := map[string]string{}
	for path, text := range f.faults {
		if at := place(names, path); at != "" {
			moved[at] = text
		} else {
			f.general = strings.TrimSpace(f.general + " " + text)
		}
	}
	f.faults = moved
}

// newSeed suggests a seed, by chance.
func newSeed() uint64 {
	n, err := rand.Int(rand.Reader, big.NewInt(999_999_999))
	if err != nil {
		return 1 // there is always some entropy
	}
	return n.Uint64() + 1
}

// metricOptions are the metrics to choose from, by name.
func (f planForm) metricOptions(ctx context.Context, none string) []design.Option {
	out := make([]design.Option, 0, len(f.metrics)+1)
	for _, m := range f.metrics {
		out = append(out, design.Option{Value: m.Key, Text: m.Name.In(design.Of(ctx).Lang)})
	}
	slices.SortFunc(out, func(a, b design.Option) int { return strings.Compare(a.Text, b.Text) })
	return append([]design.Option{{Text: design.Say(ctx, none)}}, out...)
}
