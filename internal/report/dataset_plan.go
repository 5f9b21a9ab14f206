package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

// The limits of a plan's text.
const (
	largestPlan   = 1 << 20
	mostPlanNodes = 20_000
	deepestPlan   = 20
)

// planFile is a plan as people write it on its own: the plan's fields, by their
// JSON names, and beside them metrics of the employer's own.
type planFile struct {
	models.Plan
	Metrics []models.Metric `json:"metrics"`
}

// ReadPlan reads a plan in YAML, for the command line. Keys are the JSON names of
// models.Plan, with the list metrics beside them. Aliases are refused, so that a
// short text cannot grow. The error is models.Invalid and names by path every
// key that is unknown, twice there, or of the wrong type; whether the plan makes
// sense is not looked at.
func ReadPlan(text []byte) (models.Plan, []models.Metric, error) {
	if len(text) > largestPlan {
		return models.Plan{}, nil, models.Fail(models.TooLarge, "plan_too_large").With("max", "1 MiB")
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return models.Plan{}, nil, planUnreadable(err)
	}
	if len(doc.Content) != 1 {
		return models.Plan{}, nil, planUnreadable(nil)
	}
	r := planReader{}
	tree := r.value(doc.Content[0], reflect.TypeFor[planFile](), "", 0)
	if err := r.faults.Err(); err != nil {
		return models.Plan{}, nil, err
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return models.Plan{}, nil, planUnreadable(err)
	}
	var out planFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return models.Plan{}, nil, planUnreadable(err)
	}
	return out.Plan, out.Metrics, nil
}

func planUnreadable(cause error) error {
	return models.Fail(models.Invalid, "plan_unreadable").Because(cause)
}

// planReader walks nodes beside the type that they are to become. It goes by
// nodes since JSON's own errors know no path, and YAML's know no JSON names.
type planReader struct {
	faults models.Faults
	nodes  int
}

// value gives what encoding/json makes the type of, or notes a fault.
func (r *planReader) value(n *yaml.Node, t reflect.Type, path string, depth int) any {
	r.nodes++
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.faults.Add(path, "not_allowed")
		return nil
	case r.nodes > mostPlanNodes || depth > deepestPlan:
		if r.nodes == mostPlanNodes+1 || depth == deepestPlan+1 {
			r.faults.Add(path, "too_many", "max", mostPlanNodes)
		}
		return nil
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[models.Date]():
		return r.date(n, path)
	case t.Kind() == reflect.Struct:
		return r.mapping(n, t, path, depth)
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return r.list(n, t, path, depth)
	}
	return r.scalar(n, t, path)
}

func (r *planReader) date(n *yaml.Node, path string) any {
	if _, err := models.ParseDate(n.Value); n.Kind != yaml.ScalarNode || err != nil {
		r.faults.Add(path, "not_a_date", "value", cut(n.Value, 40))
	}
	return n.Value
}

func (r *planReader) mapping(n *yaml.Node, t reflect.Type, path string, depth int) any {
	if n.Kind != yaml.MappingNode {
		r.faults.Add(path, "wrong_type")
		return nil
	}
	known := jsonFields(t)
	out := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		at := strings.TrimPrefix(path+"."+cut(key, 60), ".")
		field, ok := known[key]
		if _, twice := out[key]; twice {
			r.faults.Add(at, "duplicate", "value", key)
			continue
		}
		if !ok || n.Content[i].Kind != yaml.ScalarNode {
			r.faults.Add(at, "unknown_field")
			continue
		}
		out[key] = r.value(n.Content[i+1], field, at, depth+1)
	}
	return out
}

// jsonFields are the fields of a struct by their JSON names, embedded ones among them.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" && !f.Anonymous {
			out[name] = f.Type
		}
	}
	return out
}

func (r *planReader) list(n *yaml.Node, t reflect.Type, path string, depth int) any {
	if n.Kind != yaml.SequenceNode {
		r.faults.Add(path, "wrong_type")
		return nil
	}
	if t.Kind() == reflect.Array && len(n.Content) != t.Len() {
		r.faults.Add(path, "wrong_type")
		return nil
	}
	out := make([]any, 0, min(len(n.Content), mostPlanNodes))
	for i, entry := range n.Content {
		if r.nodes > mostPlanNodes {
			break
		}
		out = append(out, r.value(entry, t.Elem(), fmt.Sprintf("%s[%d]", path, i), depth+1))
	}
	return out
}

// scalar reads a text, a number or yes and no. A text may be written as YAML
// takes for a number, such as a unit called 1.
func (r *planReader) scalar(n *yaml.Node, t reflect.Type, path string) any {
	if n.Kind != yaml.ScalarNode {
		r.faults.Add(path, "wrong_type")
		return nil
	}
	kind := t.Kind()
	whole := []reflect.Kind{reflect.Int, reflect.Int64, reflect.Int32, reflect.Int8}
	switch {
	case kind == reflect.String:
		return n.Value
	case kind == reflect.Bool && n.Tag == "!!bool":
		return strings.EqualFold(n.Value, "true")
	case kind == reflect.Float64 && (n.Tag == "!!int" || n.Tag == "!!float"):
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil && v-v == 0 {
			return v
		}
	case slices.Contains(whole, kind) && n.Tag == "!!int":
		if v, err := strconv.ParseInt(n.Value, 10, t.Bits()); err == nil {
			return v
		}
	case kind == reflect.Uint64 && n.Tag == "!!int":
		if v, err := strconv.ParseUint(n.Value, 10, 64); err == nil {
			return v
		}
	}
	if kind == reflect.Bool {
		r.faults.Add(path, "wrong_type")
	} else {
		r.faults.Add(path, "not_a_number", "value", cut(n.Value, 40))
	}
	return nil
}
