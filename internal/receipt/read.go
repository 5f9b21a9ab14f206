package receipt

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones do not hang on the machine

	"beforehand/internal/ledger"
)

// entryBody is what a verifier reads of an entry of the log.
type entryBody struct {
	at, org, verb string
	data          entryData
}

type entryData struct{ at, event, notice, union string }

// document is what a verifier reads of a notice.
type document struct {
	no                 string
	name, organisation text
	parties            []party
	zone               string
}

type party struct{ unionID, union string }

// text is a text in two languages.
type text struct{ en, cy string }

// Bilingual gives both for the words.
func (t text) Bilingual() (en, cy string) { return t.en, t.cy }

// object is a JSON object that is read by exact names: the library's structs
// would take a name in any letters, and the same under two.
type object map[string]any

// canonicalObject reads a text that is canonical JSON of an object.
func canonicalObject(s string) (object, bool) {
	canonical, err := ledger.Canonical(json.RawMessage(s))
	if err != nil || string(canonical) != s {
		return nil, false
	}
	var o object
	return o, json.Unmarshal([]byte(s), &o) == nil && o != nil
}

// reader reads fields; what is missing or null is empty, and a field of
// another kind is a misfit.
type reader struct{ misfit bool }

func field[T any](r *reader, o object, name string) T {
	var empty T
	v, there := o[name]
	if !there || v == nil {
		return empty
	}
	t, ok := v.(T)
	r.misfit = r.misfit || !ok
	return t
}

func (r *reader) line(o object, name string) string   { return field[string](r, o, name) }
func (r *reader) object(o object, name string) object { return field[map[string]any](r, o, name) }

func (r *reader) text(o object, name string) text {
	t := r.object(o, name)
	return text{r.line(t, "en"), r.line(t, "cy")}
}

func readBody(e Entry) (entryBody, bool) {
	if len(e.Body) > mostBody {
		return entryBody{}, false
	}
	o, ok := canonicalObject(e.Body)
	if seq, number := o["seq"].(float64); !ok || !number || seq != float64(e.Seq) {
		return entryBody{}, false
	}
	var r reader
	data := r.object(o, "data")
	b := entryBody{r.line(o, "at"), r.line(o, "org"), r.line(o, "verb"), entryData{r.line(data, "at"), r.line(data, "event"), r.line(data, "notice"), r.line(data, "union")}}
	return b, !r.misfit
}

func readDocument(s string) (document, bool) {
	o, ok := canonicalObject(s)
	if !ok {
		return document{}, false
	}
	var r reader
	d := document{no: r.line(o, "no"), name: r.text(o, "name"), organisation: r.text(o, "organisation")}
	for _, v := range field[[]any](&r, o, "parties") {
		p, isObject := v.(map[string]any)
		r.misfit = r.misfit || !isObject
		d.parties = append(d.parties, party{r.line(p, "unionId"), r.line(p, "union")})
	}
	for i, p := range d.parties {
		for _, o := range d.parties[:i] {
			r.misfit = r.misfit || o == p || o.unionID == p.unionID || o.union == p.union // whose event would it be?
		}
	}
	d.zone = r.line(r.object(r.object(o, "rules"), "clock"), "zone")
	return d, !r.misfit && d.no != ""
}

var instants = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)

// instant reads a time of the log: RFC 3339 in UTC, from 1970 on.
func instant(s string) (time.Time, bool) {
	if !instants.MatchString(s) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err == nil && t.Year() >= 1970
}

// A zone as IANA writes it, Area/Place_of_Place, and the old ones that are
// written otherwise. What a machine or a browser knows besides is UTC to both.
var (
	zones = regexp.MustCompile(`^(Etc|[A-Z][a-z]{3,})(/[A-Z][a-z]+([_-]([A-Z][a-z]+|of|au|es))*)*$`)
	old   = regexp.MustCompile(`^(CET|CST6CDT|EET|EST|EST5EDT|GB|GB-Eire|GMT[+-]?0|GMT|HST|MET|MST|MST7MDT|NZ|NZ-CHAT|PRC|PST8PDT|ROC|ROK|UCT|UTC|W-SU|WET|` +
		`America/Argentina/ComodRivadavia|America/Knox_IN|Antarctica/DumontDUrville|Antarctica/McMurdo|Australia/(ACT|LHI|NSW)|` +
		`Brazil/DeNoronha|Chile/EasterIsland|Etc/(GMT|GMT0|GMT[+-]\d|GMT[+-]1[0-4]|UCT|UTC)|Mexico/Baja(Norte|Sur)|` +
		`US/(Alaska|Aleutian|Arizona|Central|East-Indiana|Eastern|Hawaii|Indiana-Starke|Michigan|Mountain|Pacific|Samoa))$`)
)

// zoneOf is a zone by its name; one that is not known is UTC.
func zoneOf(name string) *time.Location {
	small := func(part string) bool { return part == "Of" || part == "Au" || part == "Es" }
	_, place, _ := strings.Cut(name, "/")
	if !old.MatchString(name) && (!zones.MatchString(name) || name == "Local" || slices.ContainsFunc(later(place), small)) {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// later are the words of a place's name after its first: those that may be small.
func later(place string) []string {
	var out []string
	for part := range strings.SplitSeq(place, "/") {
		words := strings.FieldsFunc(part, func(c rune) bool { return c == '_' || c == '-' })
		if len(words) > 1 {
			out = append(out, words[1:]...)
		}
	}
	return out
}
