package report

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"beforehand/models"
)

// kind is what a field of the record takes.
type kind int

const (
	textKind kind = iota
	dateKind
	numberKind
	decimalKind
	flagKind
)

// field is a place in the record, such as suppliers[0].contractRef.
type field struct {
	path  string
	steps []step
	kind  kind
	enum  []string // closed list, or nil
}

// step goes into a field of a struct and, where it is a list, to an element.
type step struct{ field, element int }

var (
	dateType = reflect.TypeFor[models.Date]()
	stepForm = regexp.MustCompile(`^([A-Za-z]+)(?:\[([0-9]{1,2})\])?$`)
)

// mostElements bounds the lists that a map can fill.
const mostElements = 20

// fieldAt finds a path in the record.
func fieldAt(path string) (field, error) {
	f := field{path: path}
	t := reflect.TypeFor[models.Record]()
	for name := range strings.SplitSeq(path, ".") {
		m := stepForm.FindStringSubmatch(name)
		if m == nil || t.Kind() != reflect.Struct {
			return f, fmt.Errorf("there is no field %q in a record", path)
		}
		i := named(t, m[1])
		if i < 0 {
			return f, fmt.Errorf("there is no field %q in a record", path)
		}
		s, sf := step{i, -1}, t.Field(i)
		t = sf.Type
		if t.Kind() == reflect.Slice {
			n, err := strconv.Atoi(m[2])
			if err != nil || n >= mostElements {
				return f, fmt.Errorf("%q is a list: say which element from 0 to %d, such as %s[0]", m[1], mostElements-1, m[1])
			}
			s.element, t = n, t.Elem()
		} else if m[2] != "" {
			return f, fmt.Errorf("%q is not a list", m[1])
		}
		if e := sf.Tag.Get("enum"); e != "" {
			f.enum = strings.Split(e, ",")
		}
		f.steps = append(f.steps, s)
	}
	switch {
	case t == dateType:
		f.kind = dateKind
	case t.Kind() == reflect.String:
		f.kind = textKind
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		f.kind = numberKind
	case t.Kind() == reflect.Float64:
		f.kind = decimalKind
	case t.Kind() == reflect.Bool:
		f.kind = flagKind
	default:
		return f, fmt.Errorf("%q has fields of its own: say which, such as %s.en", path, path)
	}
	return f, nil
}

func named(t reflect.Type, json string) int {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == json {
			return i
		}
	}
	return -1
}

// in gives the field of a record, and makes the lists on the way long enough.
func (f field) in(r *models.Record) reflect.Value {
	v := reflect.ValueOf(r).Elem()
	for _, s := range f.steps {
		v = v.Field(s.field)
		if s.element >= 0 {
			for v.Len() <= s.element {
				v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			}
			v = v.Index(s.element)
		}
	}
	return v
}

// filled says whether a record has the field, without making lists longer.
func (f field) filled(r *models.Record) bool {
	v := reflect.ValueOf(r).Elem()
	for _, s := range f.steps {
		v = v.Field(s.field)
		if s.element >= 0 {
			if v.Len() <= s.element {
				return false
			}
			v = v.Index(s.element)
		}
	}
	return !v.IsZero()
}

var errFlag, errNumber = errors.New("neither yes nor no"), errors.New("not a number")

// set puts a text that the map gives, or a cell holds, into the field. Dates go
// another way, for their form is the map's to say.
func (f field) set(r *models.Record, s string) error {
	switch f.kind {
	case textKind:
		f.in(r).SetString(s)
	case flagKind:
		b, err := flag(s)
		if err != nil {
			return err
		}
		f.in(r).SetBool(b)
	case numberKind:
		n, err := strconv.ParseInt(plainNumber(s), 10, 64)
		if err != nil || f.in(r).OverflowInt(n) {
			return errNumber
		}
		f.in(r).SetInt(n)
	case decimalKind:
		n, err := strconv.ParseFloat(plainNumber(s), 64)
		if err != nil || math.IsNaN(n) || n > 1e12 || n < -1e12 {
			return errNumber
		}
		f.in(r).SetFloat(n)
	case dateKind:
		d, err := models.ParseDate(s)
		if err != nil {
			return err
		}
		f.setDate(r, d)
	}
	return nil
}

func (f field) setDate(r *models.Record, d models.Date) { f.in(r).SetInt(int64(d)) }

func flag(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "y", "true", "1":
		return true, nil
	case "no", "n", "false", "0":
		return false, nil
	}
	return false, errFlag
}

// plainNumber takes out the commas and spaces between thousands.
func plainNumber(s string) string {
	if !thousands.MatchString(s) {
		return s
	}
	return strings.NewReplacer(",", "", " ", "").Replace(s)
}

var thousands = regexp.MustCompile(`^-?[0-9]{1,3}([, ][0-9]{3})+(\.[0-9]+)?$`)

// compact takes out of the record's lists the elements that nothing filled, so
// that a second supplier without a first is the first.
func compact(r *models.Record) {
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		list := v.Field(i)
		if list.Kind() != reflect.Slice || list.Len() == 0 {
			continue
		}
		kept := reflect.Zero(list.Type())
		for j := range list.Len() {
			if !list.Index(j).IsZero() {
				kept = reflect.Append(kept, list.Index(j))
			}
		}
		list.Set(kept)
	}
}
