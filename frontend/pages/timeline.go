package pages

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/models"
)

// section is a line of the contents list.
type section struct{ id, title string }

// title names the page.
func (v dossier) title(ctx context.Context) string {
	return design.In(ctx, v.Record.Name).Text + " (" + v.Ref + ")"
}

func (v dossier) failed() bool {
	return v.form != nil && (len(v.form.errors) > 0 || v.form.general != "") || len(v.gate.faults) > 0
}

// sections are what the page holds, in order.
func (v dossier) sections(ctx context.Context) []section {
	out := []section{{"gate", design.Say(ctx, "page.gate.title")}, {"scope", design.Say(ctx, "page.scope.title")}}
	for _, t := range v.topics(ctx) {
		out = append(out, section{t.id, design.Say(ctx, "page.topic."+t.id)})
	}
	for _, s := range []struct {
		there bool
		id    string
		code  string
	}{
		{len(v.withheld()) > 0, "withheld", "page.topic.withheld"},
		{len(v.scores) > 0, "impact", "page.score.heading"},
		{true, "evidence", "page.evidence.title"},
		{true, "notices", "page.notices.title"},
		{true, "comments", "page.comments.title"},
		{v.asks, "requests", "page.requests.title"},
		{true, "outcomes", "page.outcomes.title"},
		{len(v.between) > 0, "partnership", "page.partnership.title"},
		{len(v.holds)+len(v.overrides) > 0, "over", "page.over.title"},
		{true, "timeline", "page.timeline.title"},
	} {
		if s.there {
			out = append(out, section{s.id, design.Say(ctx, s.code)})
		}
	}
	return out
}

// withheld are the fields that are withheld from somebody today.
func (v dossier) withheld() []models.Withheld {
	var out []models.Withheld
	for _, w := range v.Record.Withheld {
		if w.Until >= v.today {
			out = append(out, w)
		}
	}
	return out
}

// union is the abbreviation of a union.
func (v dossier) union(ctx context.Context, id string) string {
	if name := v.unions[id]; name != "" {
		return name
	}
	return design.Say(ctx, "noun.union")
}

// gateStages are the stages that a gate may be asked for.
var gateStages = models.Stages[1:]

func (g gatePanel) fault(id string) string {
	for _, f := range g.faults {
		if f.ID == id {
			return f.Text
		}
	}
	return ""
}

// field is a field of the comment form.
func (f *commentForm) field(ctx context.Context, name, value string) design.Field {
	d := design.Field{ID: name, Name: name, Label: design.Say(ctx, "page.comment."+name), Value: value, Error: f.errors[name]}
	if hint := "page.comment." + name + ".hint"; words.Has(words.English, hint) {
		d.Hint = design.Say(ctx, hint)
	}
	return d
}

// commentTitle says who said it, and what kind of thing.
func commentTitle(ctx context.Context, c register.CommentView) string {
	out := design.Say(ctx, "commentKind."+string(c.Kind))
	if c.UnionAbbrev != "" {
		out = c.UnionAbbrev + ": " + out
	}
	if c.Dimension != "" {
		out += ", " + design.Say(ctx, "dimension."+string(c.Dimension))
	}
	if c.AuthorName != "" {
		out += " (" + c.AuthorName + ")"
	}
	return out
}

func (v dossier) laterEvents(ctx context.Context) templ.SafeURL {
	return design.Link(ctx, "/deployments/"+v.Ref+"?from="+strconv.FormatInt(v.later, 10)+"#timeline")
}

// moments are the events of the timeline as a person reads them.
func (v dossier) moments(ctx context.Context) []design.Moment {
	out := make([]design.Moment, 0, len(v.events))
	for _, e := range v.events {
		data := e.Params()
		m := design.Moment{Title: happened(ctx, e), At: e.At, Tone: tones[e.Verb], Lines: v.details(ctx, e.Verb, data)}
		if no, ok := data["no"].(string); ok && strings.HasPrefix(e.Verb, "notice.") {
			m.Href = design.Link(ctx, "/notices/"+no)
		}
		out = append(out, m)
	}
	return out
}

// tones mark events with legal effect, and those that something was wrong with.
var tones = map[string]string{
	"notice.serve": "legal", "notice.acknowledge": "legal", "delivery.record": "legal", "deployment.decide": "legal",
	"deployment.mark_late": "problem", "hold.place": "problem", "override.request": "problem", "override.sign": "problem", "notice.alert": "problem",
}

// happened says an event. A verb that the catalogues do not know yet is named.
func happened(ctx context.Context, e register.Event) string {
	code := "verb." + e.Verb
	if !words.Has(words.English, code) {
		return design.Say(ctx, "page.event", "verb", e.Verb)
	}
	return e.Say(string(design.Of(ctx).Lang))
}

// known are the closed lists that the data of an event may speak from, in the
// order in which they are said.
var known = []struct{ name, prefix string }{
	{"event", "deliveryEvent."}, {"outcome", "outcome."}, {"verdict", "verdict."}, {"kind", ""}, {"stage", "stage."}, {"to", "stage."},
}

// details are what an event says of itself, beyond what happened.
func (v dossier) details(ctx context.Context, verb string, data models.Params) []string {
	var out []string
	if id, ok := data["union"].(string); ok && id != "" {
		name := v.unions[id]
		if name == "" {
			name = id // some entries hold the abbreviation
		}
		if len(name) <= 20 {
			out = append(out, name+".")
		}
	}
	if list, ok := data["unions"].([]any); ok && len(list) > 0 {
		names := make([]string, len(list))
		for i, n := range list {
			names[i] = fmt.Sprint(n)
		}
		out = append(out, strings.Join(names, ", ")+".")
	}
	for _, k := range known {
		if s := v.detail(ctx, verb, data, k.name, k.prefix); s != "" {
			out = append(out, s+".")
		}
	}
	if no, ok := data["request"].(string); ok && no != "" {
		out = append(out, no+".")
	}
	if n, ok := data["version"].(float64); ok && verb == "deployment.revise" {
		out = append(out, design.Say(ctx, "page.version")+" "+strconv.Itoa(int(n))+".")
	}
	if data["late"] == true && verb == "comment.make" {
		out = append(out, design.Say(ctx, "page.late.tag")+".")
	}
	return out
}

// moving are the verbs that say where the deployment now stands.
var moving = []string{"deployment.register", "deployment.move", "deployment.decide", "deployment.go_live"}

// detail is one value of an event from a closed list, or "".
func (v dossier) detail(ctx context.Context, verb string, data models.Params, name, prefix string) string {
	s, ok := data[name].(string)
	if !ok || s == "" || name == "stage" && !slices.Contains(moving, verb) {
		return ""
	}
	if name == "kind" {
		prefix = "noticeKind."
		if strings.HasPrefix(verb, "comment.") {
			prefix = "commentKind."
		}
	}
	if !words.Has(words.English, prefix+s) {
		return ""
	}
	return design.Say(ctx, prefix+s)
}
