package pages

import (
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beforehand/models"
)

// rowsAtMost is how many rows of a list a form takes: as many as a record may
// hold, so that none is lost.
const rowsAtMost = 500

// recordValues are the answers of a topic that make a record.
func recordValues(rec models.Record, t recordTopic) (url.Values, error) {
	b, err := json.Marshal(rec)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, err
	}
	v := url.Values{}
	for _, a := range t.answers {
		a.fill(v, a.path, within(tree, a.path))
	}
	return v, nil
}

// within follows a path into a JSON object.
func within(tree any, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		inner, _ := tree.(map[string]any)
		tree = inner[part]
	}
	return tree
}

// fill writes what a record holds as somebody would have typed it.
func (a answer) fill(v url.Values, name string, held any) {
	switch a.kind {
	case asBoth, asBothLong:
		for _, l := range []string{"en", "cy"} {
			if s, _ := within(held, l).(string); s != "" {
				v.Set(name+"."+l, s)
			}
		}
	case asMany:
		v[name] = textsOf(held)
	case asLines:
		v.Set(name, strings.Join(textsOf(held), "\n"))
	case asTick:
		if yes, _ := held.(bool); yes {
			v.Set(name, "yes")
		}
	case asDay:
		s, _ := held.(string)
		if d, err := models.ParseDate(s); err == nil {
			planWriter{v}.day(name, d)
		}
	case asWhole, asNumber:
		if n, _ := held.(float64); n != 0 {
			v.Set(name, strconv.FormatFloat(n, 'f', -1, 64))
		}
	case asPounds:
		if n, ok := held.(float64); ok {
			v.Set(name, strconv.FormatFloat(n/100, 'f', -1, 64))
		}
	case asList:
		rows, _ := held.([]any)
		for i, row := range rows {
			for _, in := range a.row {
				in.fill(v, rowName(name, i)+"."+in.path, within(row, in.path))
			}
		}
		v.Set("count."+name, strconv.Itoa(len(rows)))
	default:
		if s, _ := held.(string); s != "" {
			v.Set(name, s)
		}
	}
}

func textsOf(held any) []string {
	all, _ := held.([]any)
	out := make([]string, 0, len(all))
	for _, s := range all {
		if s, ok := s.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// recordPatch is what the answers of a topic make of a record, as a JSON merge
// patch. An answer that is as it was is left out: what the form cannot show of
// it, such as a space at its end, stays. The error names every answer that
// cannot be read.
func recordPatch(v, was url.Values, t recordTopic) ([]byte, error) {
	r := planReader{v: v}
	patch := map[string]any{}
	plain := url.Values{}
	for name, all := range was {
		for _, s := range all {
			plain.Add(name, asTyped(s))
		}
	}
	for _, a := range t.answers {
		if value := a.read(&r, a.path); !a.same(v, plain) {
			put(patch, a.path, value)
		}
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return json.Marshal(patch)
}

// asTyped is a text as a form sends it: browsers end lines in their own way, and
// space around a text is nobody's answer.
func asTyped(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// put writes a value at a path of a JSON object; nothing removes what is there.
func put(tree map[string]any, path string, value any) {
	head, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		tree[head] = value
		return
	}
	inner, _ := tree[head].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
		tree[head] = inner
	}
	put(inner, rest, value)
}

// read is what was typed, as JSON keeps it; nothing typed is nil.
func (a answer) read(r *planReader, name string) any {
	switch a.kind {
	case asBoth, asBothLong:
		return map[string]any{"en": some(r.get(name + ".en")), "cy": some(r.get(name + ".cy"))}
	case asMany:
		if len(r.v[name]) == 0 {
			return nil
		}
		return r.v[name]
	case asLines:
		lines := strings.FieldsFunc(r.get(name), func(c rune) bool { return c == '\n' || c == '\r' })
		lines = slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
		if len(lines) == 0 {
			return nil
		}
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		return lines
	case asTick:
		if r.tick(name) {
			return true
		}
		return nil
	case asDay:
		if d := r.day(name); d != 0 {
			return d.String()
		}
		return nil
	case asWhole:
		if n := r.int(name); n != 0 {
			return n
		}
		return nil
	case asNumber:
		if n := r.float(name); n != 0 {
			return n
		}
		return nil
	case asPounds:
		return a.pence(r, name)
	case asList:
		return a.rows(r, name)
	default:
		return some(r.get(name))
	}
}

func some(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// pence reads pounds, with or without a pound sign and commas between thousands.
func (a answer) pence(r *planReader, name string) any {
	typed := r.get(name)
	if typed == "" {
		return nil
	}
	n, err := strconv.ParseFloat(strings.NewReplacer("£", "", ",", "", " ", "").Replace(typed), 64)
	if err != nil || math.Abs(n) > 1e12 || n != n {
		r.faults.Add(name, "not_a_number", "value", typed)
		return nil
	}
	return int64(math.Round(n * 100))
}

// rows reads the rows of a list; one in which nothing was typed is none.
func (a answer) rows(r *planReader, name string) any {
	var out []map[string]any
	for i := range a.count(r.v, name) {
		row := map[string]any{}
		for _, in := range a.row {
			if value := in.read(r, rowName(name, i)+"."+in.path); !empty(value) {
				put(row, in.path, value)
			}
		}
		if len(row) == 0 {
			continue
		}
		for _, in := range a.row {
			if at := rowName(name, i) + "." + in.path; in.needed && r.get(at) == "" {
				r.faults.Add(at, "required") // nothing typed is not nought
			}
		}
		out = append(out, row)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// empty says whether nothing was typed.
func empty(value any) bool {
	pair, text := value.(map[string]any)
	if !text {
		return value == nil
	}
	for _, one := range pair {
		if one != nil {
			return false
		}
	}
	return true
}

// count is how many rows of a list a form holds.
func (a answer) count(v url.Values, name string) int {
	return min(int(number(v.Get("count."+name))), rowsAtMost)
}

// closeRows leaves out rows in which nothing was typed, so that what is wrong
// with a row of the record stands at that row of the form.
func closeRows(v url.Values, t recordTopic) {
	for _, a := range t.answers {
		if a.kind != asList {
			continue
		}
		kept := 0
		for i := range a.count(v, a.path) {
			from := rowName(a.path, i) + "."
			row := url.Values{}
			for name, typed := range v {
				if strings.HasPrefix(name, from) && slices.ContainsFunc(typed, func(s string) bool { return s != "" }) {
					row[strings.TrimPrefix(name, from)] = typed
				}
			}
			maps.DeleteFunc(v, func(name string, _ []string) bool { return strings.HasPrefix(name, from) })
			if len(row) == 0 {
				continue
			}
			for name, typed := range row {
				v[rowName(a.path, kept)+"."+name] = typed
			}
			kept++
		}
		v.Set("count."+a.path, strconv.Itoa(kept))
	}
}

// same says whether two forms hold the same answer: a list is one.
func (a answer) same(x, y url.Values) bool {
	of := func(v url.Values) string {
		b, err := json.Marshal(a.read(&planReader{v: v}, a.path))
		if err != nil {
			return ""
		}
		return string(b)
	}
	return of(x) == of(y)
}

// take gives one form the answer of another.
func (a answer) take(to, from url.Values) {
	about := func(name string) bool {
		name = strings.TrimPrefix(name, "count.")
		rest, ok := strings.CutPrefix(name, a.path)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], ".[-"))
	}
	maps.DeleteFunc(to, func(name string, _ []string) bool { return about(name) })
	for name, typed := range from {
		if about(name) {
			to[name] = typed
		}
	}
}
