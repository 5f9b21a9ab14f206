package pages

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/models"
)

// recordForm is the form of a topic as it was filled in: answers by the paths
// of the record, so that what is wrong with a field finds its answer.
type recordForm struct {
	recordTopic
	v url.Values
	// areas and roles are those of the organisation.
	areas, roles []design.Option
	faults       map[string]string
	// general is what is wrong with no one answer.
	general string
}

// recordPart is an answer with its questions, or a list with its rows.
type recordPart struct {
	list string
	head string
	// lead says what a list is for.
	lead string
	ask  []question
	rows []recordRow
	add  string
	// count is how many rows the form holds.
	count string
}

// recordRow is one row of a list.
type recordRow struct {
	legend string
	ask    []question
}

// readRecordForm reads what was typed; lines of a text stay lines.
func readRecordForm(c *gin.Context, t recordTopic) recordForm {
	_ = c.PostForm("") // the form is read
	v := url.Values{}
	for name, all := range c.Request.PostForm {
		for _, s := range all {
			v.Add(name, asTyped(s))
		}
	}
	closeRows(v, t)
	return recordForm{recordTopic: t, v: v, faults: map[string]string{}}
}

// addRow offers another row of the list that a button of the form names.
func (f recordForm) addRow() bool {
	list, asked := strings.CutPrefix(f.v.Get("do"), "add.")
	if !asked {
		return false
	}
	f.v.Set("count."+list, strconv.Itoa(min(max(int(number(f.v.Get("count."+list))), 1)+1, rowsAtMost)))
	return true
}

// refuse keeps what was wrong, by the path of the field.
func (f *recordForm) refuse(ctx context.Context, err error) {
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

func (f recordForm) failed() bool { return f.general != "" || len(f.faults) > 0 }

// settle moves each fault to an answer of the form. One about another topic is
// said above it, with the name of its field.
func (f *recordForm) settle(ctx context.Context) {
	var names []string
	for _, part := range f.parts(ctx) {
		for _, q := range part.questions() {
			names = append(names, q.Name)
		}
	}
	moved := map[string]string{}
	for path, text := range f.faults {
		if at := place(names, path); at != "" {
			moved[at] = text
		} else {
			f.general = strings.TrimSpace(f.general + " " + recordFieldName(ctx, path) + ": " + text)
		}
	}
	f.faults = moved
}

func (p recordPart) questions() []question {
	out := p.ask
	for _, r := range p.rows {
		out = append(out, r.ask...)
	}
	return out
}

// wrong lists what was wrong, in the order of the form.
func (f recordForm) wrong(ctx context.Context) []design.Fault {
	var out []design.Fault
	if f.general != "" {
		out = append(out, design.Fault{Text: f.general})
	}
	add := func(legend string, ask []question) {
		for _, q := range ask {
			if q.Error != "" {
				out = append(out, design.Fault{ID: q.first(), Text: legend + q.Label + ": " + q.Error})
			}
		}
	}
	for _, part := range f.parts(ctx) {
		add("", part.ask)
		for _, r := range part.rows {
			add(r.legend+", ", r.ask)
		}
	}
	return out
}

// parts are the form, in its order.
func (f recordForm) parts(ctx context.Context) []recordPart {
	out := make([]recordPart, 0, len(f.answers))
	for _, a := range f.answers {
		if a.kind != asList {
			out = append(out, recordPart{ask: f.questions(ctx, a, a.path, a.path)})
			continue
		}
		part := recordPart{
			list: a.path, head: recordName(ctx, a.path), lead: hintFor(ctx, "page.record."+a.path+".hint"), add: design.Say(ctx, "page.record."+a.path+".add"),
			count: strconv.Itoa(max(a.count(f.v, a.path), 1)),
		}
		for i := range max(a.count(f.v, a.path), 1) {
			row := recordRow{legend: design.Say(ctx, "page.record."+a.path+".row", "number", i+1)}
			for _, in := range a.row {
				row.ask = append(row.ask, f.questions(ctx, in, rowName(a.path, i)+"."+in.path, a.path+"."+in.path)...)
			}
			part.rows = append(part.rows, row)
		}
		out = append(out, part)
	}
	return out
}

// recordName is what an answer is called. One without words of its own on the
// form is called what the record calls it.
func recordName(ctx context.Context, key string) string {
	if code := "page.record." + key; words.Has(words.English, code) {
		return design.Say(ctx, code)
	}
	return design.Say(ctx, "record."+key)
}

// questions are those of one answer: two for a text in both languages.
func (f recordForm) questions(ctx context.Context, a answer, name, key string) []question {
	q := f.question(ctx, name, key)
	switch a.kind {
	case asBoth, asBothLong:
		out := make([]question, 0, 2)
		for _, l := range []string{"en", "cy"} {
			one := f.question(ctx, name+"."+l, key)
			one.Label = design.Say(ctx, "page.record.in_"+l, "label", one.Label)
			if l == "cy" {
				one.Hint = "" // said once
			}
			if a.kind == asBothLong {
				one = one.text("4")
			}
			out = append(out, one)
		}
		return out
	case asLong, asLines:
		return []question{q.text("3")}
	case asChoice:
		return []question{q.oneOf(options(ctx, "page.choose", a.prefix, a.values))}
	case asMany:
		return []question{q.manyOf(options(ctx, "", a.prefix, a.values), f.v[name])}
	case asArea:
		return []question{q.oneOf(append([]design.Option{{Text: design.Say(ctx, "page.choose")}}, f.areas...))}
	case asRole:
		return []question{q.oneOf(append([]design.Option{{Text: design.Say(ctx, "page.choose")}}, f.roles...))}
	case asTick:
		return []question{q.manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.yes")}}, f.v[name])}
	case asDay:
		return []question{dated(q, partsOf(f.v, name))}
	default:
		return []question{q.as("text", "off", a.class)}
	}
}

func (f recordForm) question(ctx context.Context, name, key string) question {
	return question{Field: design.Field{ID: name, Name: name, Label: recordName(ctx, key), Hint: hintFor(ctx, "page.record."+key+".hint"), Value: f.v.Get(name), Error: f.faults[name]}}
}
