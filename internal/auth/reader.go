package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

// reader walks the nodes of one file and gathers what is wrong, with the line,
// which only a node knows.
type reader struct {
	file   string
	faults []error
}

func (r *reader) err() error { return errors.Join(r.faults...) }

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.file, max(n.Line, 1), fmt.Sprintf(format, args...)))
}

// parse gives the root of a file.
func (r *reader) parse(text []byte) *yaml.Node {
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		r.faults = append(r.faults, fmt.Errorf("%s: %w", r.file, err))
		return nil
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		r.faults = append(r.faults, fmt.Errorf("%s: the file goes on after its end (---)", r.file))
		return nil
	}
	if len(doc.Content) == 0 {
		r.fault(&doc, "the file is empty")
		return nil
	}
	return doc.Content[0]
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
	var missing []string
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

func (r *reader) strs(to *[]string) func(*yaml.Node) {
	return r.list(func(n *yaml.Node) {
		var s string
		if r.str(&s)(n); s != "" {
			*to = append(*to, s)
		}
	})
}

func (r *reader) shaped(to *string, shape *regexp.Regexp, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || !shape.MatchString(n.Value) {
			r.fault(n, "%q is not %s", n.Value, what)
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
