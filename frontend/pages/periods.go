package pages

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"beforehand/frontend/design"
	"beforehand/models"
)

const (
	leastPeriods, mostPeriods = 3, 50
)

var periodCells = []string{".class", ".before", ".days", ".kind", ".clear", ".source"}

func periodCount(v url.Values) int {
	return min(max(int(number(v.Get("count.periods"))), leastPeriods), mostPeriods)
}

// periodTable are the rows of an agreement's own minimum periods.
func periodTable(ctx context.Context, v url.Values, cells map[string]string) planTable {
	t := planTable{list: "periods", caption: design.Say(ctx, "page.recognition.periods"), add: design.Say(ctx, "page.recognition.add_period"), heads: heads(ctx, "number", "class", "beforewhat", "days", "daykind", "clear", "periodsource")}
	for i := range periodCount(v) {
		at := rowName("periods", i)
		one := func(part, head string, choices []design.Option) cell {
			label := design.Say(ctx, "page.planform.cell", "column", column(ctx, head), "number", strconv.Itoa(i+1))
			return cell{Field: design.Field{ID: at + part, Name: at + part, Label: label, Value: v.Get(at + part), Error: cells[at+part]}, options: choices}
		}
		clear := one(".clear", "clear", nil)
		clear.tick = true
		days := one(".days", "days", nil)
		days.Class = "govuk-input--width-4"
		t.rows = append(t.rows, []cell{
			one(".class", "class", options(ctx, "page.period.every_class", "changeClass.", []models.ChangeClass{models.ClassA, models.ClassB, models.ClassC, models.ClassD})),
			one(".before", "beforewhat", options(ctx, "page.choose", "trigger.", models.Triggers)), days,
			one(".kind", "daykind", options(ctx, "", "dayKind.", []models.DayKind{models.CalendarDays, models.WorkingDays})), clear, one(".source", "periodsource", nil),
		})
	}
	return t
}

// periodsTyped reads the rows that are filled in, and where each stood.
func periodsTyped(ctx context.Context, v url.Values, cells map[string]string) (out []models.Period, at []int) {
	for i := range periodCount(v) {
		name := rowName("periods", i)
		if v.Get(name+".before")+v.Get(name+".days") == "" {
			continue
		}
		days, err := strconv.Atoi(v.Get(name + ".days"))
		switch {
		case v.Get(name+".days") == "":
			cells[name+".days"] = design.Say(ctx, "field.required")
		case err != nil:
			cells[name+".days"] = design.Say(ctx, "field.not_a_number", "value", v.Get(name+".days"))
		}
		at = append(at, i)
		out = append(out, models.Period{
			Class: models.ChangeClass(v.Get(name + ".class")), Trigger: models.Trigger(v.Get(name + ".before")), Days: days, Kind: models.DayKind(v.Get(name + ".kind")),
			Clear: v.Get(name+".clear") == "yes", Source: v.Get(name + ".source"),
		})
	}
	return out, at
}

// periodFaults puts each fault of a period where its row stood on the form.
func periodFaults(ctx context.Context, err error, at []int, cells map[string]string) faults {
	f := faultsOf(ctx, err)
	delete(f.by, "periods")
	for _, x := range fieldsOf(err) {
		rest, ok := strings.CutPrefix(x.Path, "periods[")
		n, part, _ := strings.Cut(rest, "]")
		if i := int(number(n)); ok && i < len(at) {
			cells[rowName("periods", at[i])+part] = fieldSentence(ctx, x)
		}
	}
	return f
}
