package report

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"beforehand/models"
)

// flatField is one place of a record that holds no others, by the dotted JSON
// names that an import map uses too: name.en, humanReview.why.cy, suppliers.
type flatField struct {
	path  string
	index []int
}

// flatFields are the places of a record, in its own order. A list is one place.
// The service area's id is told by its name, and withheld fields by themselves.
var flatFields = flatten(reflect.TypeFor[models.Record](), "", nil)

func flatten(t reflect.Type, prefix string, index []int) (out []flatField) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := jsonName(f)
		at := append(append([]int{}, index...), i)
		switch {
		case prefix == "" && (name == "serviceArea" || name == "withheld"):
		case f.Type.Kind() == reflect.Struct:
			out = append(out, flatten(f.Type, prefix+name+".", at)...)
		default:
			out = append(out, flatField{prefix + name, at})
		}
	}
	return out
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// flatPaths are the headings of [flatFields].
func flatPaths() []string {
	out := make([]string, len(flatFields))
	for i, f := range flatFields {
		out[i] = f.path
	}
	return out
}

// flatCells are the values of [flatFields] in a record: nothing for what is not
// filled in, names joined with "; ", and other lists as JSON.
func flatCells(r models.Record) ([]string, error) {
	v := reflect.ValueOf(r)
	out := make([]string, len(flatFields))
	for i, f := range flatFields {
		s, err := flatValue(v.FieldByIndex(f.index))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		out[i] = s
	}
	return out, nil
}

func flatValue(v reflect.Value) (string, error) {
	if v.IsZero() {
		return "", nil
	}
	if d, ok := v.Interface().(models.Date); ok {
		return d.String(), nil
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			names := make([]string, v.Len())
			for i := range names {
				names[i] = v.Index(i).String()
			}
			return strings.Join(names, "; "), nil
		}
	}
	b, err := json.Marshal(v.Interface())
	return string(b), err
}
