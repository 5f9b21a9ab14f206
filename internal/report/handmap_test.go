package report

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beforehand/models"
)

func TestEveryFieldOnOfferIsOne(t *testing.T) {
	t.Parallel()
	for _, path := range append(slices.Clone(HandFields), OtherwiseFields...) {
		if path == AreaColumn {
			continue
		}
		if _, err := fieldAt(path); err != nil {
			t.Error(err)
		}
	}
	for path := range known {
		if !slices.Contains(HandFields, path) {
			t.Errorf("headings are known for %s, which is not on offer", path)
		}
	}
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, want []string }{
		{[]string{"Name", "Purpose", "Department", "Vendor"}, []string{"name.en", "purpose.en", AreaColumn, "suppliers[0].name"}},
		{[]string{" NAME of   system:", "Intended purpose?", "Review-date"}, []string{"name.en", "purpose.en", "dates.reviewDue"}},
		{[]string{"Enw’r system", "Diben", "Adran", "Perchennog", "Enw Cymraeg"}, []string{"name.en", "purpose.en", AreaColumn, "owner", "name.cy"}},
		// What the register itself writes comes back as what it is.
		{[]string{"ref", "name.en", "name.cy", "area.en", "useFamily", "dates.reviewDue"}, []string{"", "name.en", "name.cy", AreaColumn, "useFamily", "dates.reviewDue"}},
		{[]string{"What it is used for", "Lefel risg"}, []string{"useFamily", "riskLevel"}},
		// Our own word goes before somebody's; each field is fed once.
		{[]string{"Title", "name.en", "Title"}, []string{"", "name.en", ""}},
		// Nothing is guessed from a part of a heading.
		{[]string{"Name of the supplier’s dog", "Purpose of visit", ""}, []string{"", "", ""}},
	} {
		if diff := cmp.Diff(c.want, Guess(c.header)); diff != "" {
			t.Errorf("%q: %s", c.header, diff)
		}
	}
}

func TestHeadingsKey(t *testing.T) {
	t.Parallel()
	key := HeadingsKey([]string{"Name", "Why"})
	for _, same := range [][]string{{" NAME", "why "}, {"Name", "Why", "Row of the file sent before", "Why this row was left out"}, {"Name", "Why", "Rhes y ffeil a anfonwyd o’r blaen", "Pam y gadawyd y rhes hon allan"}} {
		if HeadingsKey(same) != key {
			t.Errorf("%q are other headings", same)
		}
	}
	for _, other := range [][]string{{"Why", "Name"}, {"Name"}, {"NameWhy"}} {
		if HeadingsKey(other) == key {
			t.Errorf("%q are the same headings", other)
		}
	}
}

// paths are the places of the faults of choices.
func paths(t *testing.T, err error) []string {
	t.Helper()
	bad, ok := errors.AsType[*models.Error](err)
	if !ok {
		t.Fatalf("no faults: %v", err)
	}
	out := []string{}
	for _, f := range bad.Fields {
		out = append(out, f.Path+" "+f.Code)
	}
	slices.Sort(out)
	return out
}

func TestChoicesSayWhatIsWrongWhere(t *testing.T) {
	t.Parallel()
	table := Table{Header: []string{"Name", "Why", "Use", "Use"}}
	whole := func() Choices {
		return Choices{Source: "list", Columns: []string{"name.en", "purpose.en", "useFamily", ""}, Otherwise: map[string]string{"serviceArea": "a", "decisionStatus": "idea", "owner": "Head"}}
	}
	if _, err := whole().Map(table); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Choices){
		"source required":                        func(c *Choices) { c.Source = " " },
		"c4 column_twice":                        func(c *Choices) { c.Columns[3] = "useFamily" },
		"c4 unknown_value":                       func(c *Choices) { c.Columns[3] = "record" },
		"columns name_column_missing":            func(c *Choices) { c.Columns[0] = "name.cy"; c.Key = 1 },
		"columns purpose_column_missing":         func(c *Choices) { c.Columns[1] = "" },
		"otherwise.useFamily column_or_value":    func(c *Choices) { c.Columns[2] = "" },
		"otherwise.useFamily unknown_value":      func(c *Choices) { c.Otherwise["useFamily"] = "magic" },
		"otherwise.serviceArea column_or_value":  func(c *Choices) { delete(c.Otherwise, "serviceArea") },
		"otherwise.serviceArea column_and_value": func(c *Choices) { c.Columns[3] = AreaColumn },
		"key unknown_value":                      func(c *Choices) { c.Key = 5 },
	} {
		c := whole()
		change(&c)
		_, err := c.Map(table)
		if got := paths(t, err); !slices.Equal(got, []string{want}) {
			t.Errorf("want %s, got %s", want, got)
		}
	}
}

func TestChoicesReadWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	table := read(t, []byte("Tool,Why,More,Use,Review,Note,Note\nSort post,Faster,post,Task Allocation,7/9/2027,a,b\nRead meters,Fewer visits,,drafting,n/a,c,d\nWrong,Why not,,magic,2027-13-01,,\n"))
	c := Choices{Source: "list", Columns: []string{"name.en", "purpose.en", "purpose.en", "useFamily", "dates.reviewDue", "", "problem.en"}, Otherwise: map[string]string{"serviceArea": "a", "decisionStatus": "idea", "owner": "Head"}}
	m, err := c.Map(table)
	if err != nil {
		t.Fatal(err)
	}
	rows := Convert(table, m).Rows
	first, second := rows[0].Record, rows[1].Record
	if first.Purpose.En != "Faster\npost" || first.UseFamily != "task_allocation" || first.Dates.ReviewDue != models.MustDate("2027-09-07") || first.Problem.En != "b" || rows[0].Key != "Sort post" {
		t.Errorf("%+v", first)
	}
	if second.UseFamily != "drafting" || second.Dates.ReviewDue != 0 || second.Owner != "Head" || len(rows[1].Problems) > 0 {
		t.Errorf("%+v %v", second, rows[1].Problems)
	}
	got := []string{}
	for _, p := range rows[2].Problems {
		got = append(got, p.Column+" "+p.Code)
		sayable(t, rows[2])
	}
	if diff := cmp.Diff([]string{"Use import.unknown_value", "Review import.not_a_date"}, got); diff != "" {
		t.Error(diff)
	}
}
