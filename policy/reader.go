package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

// reader walks the nodes of one file and gathers what is wrong, with the line.
// It goes by nodes and not by struct tags because only a node knows its line.
type reader struct {
	file   string
	faults []error
}

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.file, max(n.Line, 1), fmt.Sprintf(format, args...)))
}

// field reads the value of one key. A key is required unless it is optional.
type field struct {
	read     func(*yaml.Node)
	optional bool
}

func must(read func(*yaml.Node)) field { return field{read: read} }
func may(read func(*yaml.Node)) field  { return field{read: read, optional: true} }

// fields reads a mapping: no key unknown, none twice, none missing.
func (r *reader) fields(n *yaml.Node, known map[string]field) {
	if n.Kind != yaml.MappingNode {
		r.fault(n, "keys and values are expected here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		f, ok := known[key.Value]
		switch {
		case !ok:
			r.fault(key, "unknown key %q", key.Value)
		case seen[key.Value]:
			r.fault(key, "%q is said twice", key.Value)
		default:
			seen[key.Value] = true
			f.read(value)
		}
	}
	missing := make([]string, 0, len(known))
	for key, f := range known {
		if !f.optional && !seen[key] {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	for _, key := range missing {
		r.fault(n, "%q is missing", key)
	}
}

// list reads each entry of a list.
func (r *reader) list(read func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.SequenceNode {
			r.fault(n, "a list is expected here")
			return
		}
		for _, entry := range n.Content {
			read(entry)
		}
	}
}

func (r *reader) str(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
			r.fault(n, "a text is expected here")
			return
		}
		*to = n.Value
	}
}

// text reads a text that must be there in both languages.
func (r *reader) text(to *models.Text) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.fields(n, map[string]field{"en": must(r.str(&to.En)), "cy": must(r.str(&to.Cy))})
	}
}

func (r *reader) number(to *int, least, most int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
			r.fault(n, "%q is not a whole number from %d to %d", n.Value, least, most)
			return
		}
		*to = v
	}
}

func (r *reader) flag(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			r.fault(n, "%q is neither true nor false", n.Value)
			return
		}
		*to = n.Value == "true"
	}
}

func (r *reader) date(to *models.Date) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d, err := models.ParseDate(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			r.fault(n, "%q is not a date that exists, such as 2026-09-07", n.Value)
			return
		}
		*to = d
	}
}

// clock reads "16:30" as minutes after midnight.
func (r *reader) clock(to *int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		t, err := time.Parse("15:04", n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || len(n.Value) != len("16:30") {
			r.fault(n, "%q is not a time of day such as \"16:30\"", n.Value)
			return
		}
		*to = t.Hour()*60 + t.Minute()
	}
}

// one reads a value of a closed list.
func one[T ~string](r *reader, to *T, what string, known ...T) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || !slices.Contains(known, T(n.Value)) {
			r.fault(n, "unknown %s %q: one of %q is expected", what, n.Value, known)
			return
		}
		*to = T(n.Value)
	}
}

// some reads a list of values of a closed list.
func some[T ~string](r *reader, to *[]T, what string, known ...T) func(*yaml.Node) {
	return r.list(func(n *yaml.Node) {
		var v T
		if one(r, &v, what, known...)(n); v == "" {
			return
		}
		if slices.Contains(*to, v) {
			r.fault(n, "%q is said twice", n.Value)
		}
		*to = append(*to, v)
	})
}

// parse gives the root of a file.
func (r *reader) parse(text []byte) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s: %w", r.file, err))
		return nil
	}
	if len(doc.Content) == 0 {
		r.fault(&doc, "the file is empty")
		return nil
	}
	return doc.Content[0]
}

func (r *reader) err() error { return errors.Join(r.faults...) }
