package pages

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/models"
)

// faults are what was wrong with a form, by the name of the answer.
type faults struct {
	by map[string]string
	// general is what is wrong with no one answer.
	general string
	// stale says that somebody else has changed what the form is about.
	stale bool
	// away says that it may be sent again later: what is wrong is with us.
	away bool
}

func faultsOf(ctx context.Context, err error) faults {
	f := faults{by: map[string]string{}, stale: models.KindOf(err) == models.Stale}
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return f
	}
	for _, fault := range e.Fields {
		name, _, _ := strings.Cut(fault.Path, "[")
		if f.by[name] == "" {
			f.by[name] = fieldSentence(ctx, fault)
		}
	}
	if len(e.Fields) == 0 {
		f.general = sentence(ctx, e)
	}
	return f
}

// fieldsOf are all that is wrong with an input.
func fieldsOf(err error) []models.Field {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return nil
	}
	return e.Fields
}

// fault is a form with one wrong answer.
func fault(name, text string) faults { return faults{by: map[string]string{name: text}} }

// and adds other faults to these; of two with one answer the first stays.
func (f faults) and(more faults) faults {
	out := faults{by: map[string]string{}, general: otherwise(f.general, more.general), away: f.away || more.away}
	maps.Copy(out.by, more.by)
	for name, text := range f.by {
		out.by[name] = text
	}
	return out
}

func (f faults) any() bool { return len(f.by) > 0 || f.general != "" }

// again says whether an error is one for which a form is shown again, with
// what was typed; any other is a page of its own.
func again(err error) bool {
	if slices.Contains([]string{"bad_credentials", "bad_code", "second_factor_required"}, models.CodeOf(err)) {
		return true
	}
	return slices.Contains([]models.Kind{models.Invalid, models.Conflict, models.Gone, models.Stale}, models.KindOf(err))
}

// question is one question of a form.
type question struct {
	design.Field
	// options are what can be chosen; none is an answer to be typed.
	options []design.Option
	// several says that more than one can be chosen: chosen.
	several bool
	chosen  []string
	// hints are what each of the answers means: radios.
	hints []string
	// long says that the answer may be a text of several lines.
	long bool
	// file says that the answer is a file.
	file bool
	// head and lead stand before the question, where a part of a form begins.
	head, lead string
	// date says that the answer is a date: parts.
	date  bool
	parts design.DateParts
}

// ask is a question by name. Its words are "page.ask." and the key, and the
// hint's, where there is one, the same and ".hint".
func ask(ctx context.Context, name, key, value string) question {
	q := question{Field: design.Field{ID: name, Name: name, Label: design.Say(ctx, "page.ask."+key), Value: value}}
	if hint := "page.ask." + key + ".hint"; words.Has(words.English, hint) {
		q.Hint = design.Say(ctx, hint)
	}
	return q
}

// secret makes a question one for a password, which is never shown again.
func (q question) secret(autocomplete string) question {
	q.Type, q.Autocomplete, q.Value, q.Class = "password", autocomplete, "", "govuk-input--width-20"
	return q
}

// as says what a browser may fill in.
func (q question) as(kind, autocomplete, class string) question {
	q.Type, q.Autocomplete, q.Class = kind, autocomplete, class
	return q
}

// text makes a question one for a text of some lines.
func (q question) text(rows string) question {
	q.long, q.Rows = true, rows
	return q
}

// part begins a part of a form with the question.
func (q question) part(head, lead string) question {
	q.head, q.lead = head, lead
	return q
}

// oneOf makes a question one with a list of answers.
func (q question) oneOf(options []design.Option) question {
	q.options = options
	return q
}

// manyOf makes a question one with several answers.
func (q question) manyOf(options []design.Option, chosen []string) question {
	q.options, q.chosen, q.several = options, chosen, true
	return q
}

// first is the id of the input that an error summary leads to.
func (q question) first() string {
	if q.date {
		return q.ID + "-day"
	}
	return q.ID
}

// pair is a hidden answer.
type pair struct{ name, value string }

// sheet is a page with one form.
type sheet struct {
	title   string
	crumbs  []design.Crumb
	lead    []string
	warning string
	path    string
	hidden  []pair
	ask     []question
	button  string
	// danger says that the button does what cannot be undone.
	danger bool
	// upload says that the form holds a file.
	upload  bool
	scripts []string
	faults  faults
	// at is the answer that a fault of no one answer leads to.
	at            string
	before, after templ.Component
	// bare leaves the form out.
	bare bool
	// stale says that somebody else has changed what the form is about.
	stale bool
}

// keeping are the attributes of a form that has a longer text to lose.
func (s sheet) keeping(ctx context.Context) templ.Attributes {
	long := false
	for _, q := range s.ask {
		if q.Type == "password" || q.file {
			return nil
		}
		long = long || q.long
	}
	if !long {
		return nil
	}
	return keeping(ctx, s.path)
}

// settle puts each fault beside its answer. One that belongs to no answer of
// the form is said above it.
func (s sheet) settle() sheet {
	if len(s.ask) == 0 {
		s.at = "" // there is no answer to lead to
	}
	left := map[string]string{}
	for name, text := range s.faults.by {
		left[name] = text
	}
	for i, q := range s.ask {
		if text := left[q.Name]; text != "" {
			s.ask[i].Error = text
			delete(left, q.Name)
		} else if s.faults.general != "" && q.Name == s.at {
			s.ask[i].Error = s.faults.general
		}
	}
	for _, text := range left {
		if s.faults.general == "" {
			s.faults.general = text
		}
	}
	return s
}

// list is what was wrong, in the order of the form.
func (s sheet) list() []design.Fault {
	var out []design.Fault
	if s.faults.general != "" {
		out = append(out, design.Fault{ID: s.at, Text: s.faults.general})
	}
	for _, q := range s.ask {
		if q.Error != "" && q.Error != s.faults.general {
			out = append(out, design.Fault{ID: q.first(), Text: q.Label + ": " + q.Error})
		}
	}
	return out
}

// show answers with a form: as one that was refused, when something was wrong.
func (p *Pages) show(c *gin.Context, s sheet) error {
	return p.render(c, s.status(), sheetPage(s.settle()))
}

// status is what a form answers with.
func (s sheet) status() int {
	switch {
	case s.stale:
		return http.StatusPreconditionFailed
	case s.faults.away:
		return http.StatusServiceUnavailable
	case s.faults.any():
		return http.StatusUnprocessableEntity
	default:
		return http.StatusOK
	}
}
