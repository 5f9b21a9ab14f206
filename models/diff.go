package models

import (
	"encoding/json"
	"reflect"
	"sort"
	"strconv"
)

// FieldChange is one difference between two records: where, and what stood
// there before and after. A missing side is nil.
type FieldChange struct {
	Path   string `json:"path"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// Diff lists the differences between two records field by field, sorted by path.
func Diff(before, after Record) ([]FieldChange, error) {
	a, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(after)
	if err != nil {
		return nil, err
	}
	return DiffJSON(a, b)
}

// DiffJSON lists the differences between two JSON documents leaf by leaf,
// sorted by path.
func DiffJSON(before, after []byte) ([]FieldChange, error) {
	a, err := leaves(before)
	if err != nil {
		return nil, err
	}
	b, err := leaves(after)
	if err != nil {
		return nil, err
	}
	changes := []FieldChange{}
	for path, was := range a {
		if is, ok := b[path]; !ok || !reflect.DeepEqual(was, is) {
			changes = append(changes, FieldChange{path, was, b[path]})
		}
	}
	for path, is := range b {
		if _, ok := a[path]; !ok {
			changes = append(changes, FieldChange{Path: path, After: is})
		}
	}
	sort.Slice(changes, func(i, j int) bool { return changes[i].Path < changes[j].Path })
	return changes, nil
}

func leaves(document []byte) (map[string]any, error) {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		return nil, err
	}
	out := map[string]any{}
	flatten(out, "", v)
	return out, nil
}

func flatten(out map[string]any, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			flatten(out, join(path, k), inner)
		}
	case []any:
		for i, inner := range v {
			flatten(out, path+"["+strconv.Itoa(i)+"]", inner)
		}
	default:
		out[path] = v
	}
}
