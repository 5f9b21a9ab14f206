package api

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/frontend/words"
	"beforehand/models"
)

// untypable finds what a decoded request may not hold and no schema can say:
// control characters, which PostgreSQL would refuse halfway, and dates before
// the year 1, which no calendar of ours has.
func untypable(in any) error {
	var f models.Faults
	walk(&f, "", reflect.ValueOf(in))
	return f.Err()
}

var dateType = reflect.TypeFor[models.Date]()

func walk(f *models.Faults, path string, v reflect.Value) {
	if v.Type() == dateType {
		if v.Int() < 0 {
			f.Add(path, "not_a_date", "value", shown(fmt.Sprint(v.Interface())))
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(f, path, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if t := v.Type().Field(i); t.IsExported() && t.Name != "RawBody" {
				walk(f, below(path, t), v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			at := fmt.Sprintf("%s[%d]", path, i)
			if e := v.Index(i); e.Type() == dateType && e.IsZero() {
				f.Add(at, "required") // a date left empty is no date of a list
			}
			walk(f, at, v.Index(i))
		}
	case reflect.String:
		models.CheckText(f, path, v.String(), math.MaxInt)
	}
}

// below is the path of a field as the one who sent it knows it.
func below(path string, t reflect.StructField) string {
	name := ""
	for _, tag := range []string{"json", "query", "path", "header"} {
		if name, _, _ = strings.Cut(t.Tag.Get(tag), ","); name != "" {
			break
		}
	}
	switch {
	case name == "": // embedded, or the body itself
		return path
	case path == "":
		return name
	}
	return path + "." + name
}

// shown is a value short enough to be shown back.
func shown(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// findings turn what the decoder says into codes of ours. Its own words never
// leave the house: they are English only, and some name types.
var findings = []struct {
	says   *regexp.Regexp
	code   string
	params []string // what the groups of the expression are
}{
	{regexp.MustCompile(`^unexpected property`), "unknown_field", nil},
	{regexp.MustCompile(`^expected required property (\S+) to be present`), "required", []string{"property"}},
	{regexp.MustCompile(`^(?:required .* parameter is missing|file required)`), "required", nil},
	{regexp.MustCompile(`RFC 3339 date`), "not_a_date", nil},
	{regexp.MustCompile(`RFC 5322 email`), "not_an_address", nil},
	{regexp.MustCompile(`^expected value to be one of "(.*)"`), "unknown_value", []string{"allowed"}},
	{regexp.MustCompile(`^expected number >=? (\S+)`), "out_of_range", []string{"min"}},
	{regexp.MustCompile(`^expected number <=? (\S+)`), "out_of_range", []string{"max"}},
	{regexp.MustCompile(`^expected length >= 1$`), "required", nil},
	{regexp.MustCompile(`^expected length >= (\d+)`), "too_short", []string{"min"}},
	{regexp.MustCompile(`^expected length <= (\d+)`), "too_long", []string{"max"}},
	{regexp.MustCompile(`^expected array length >= (\d+)`), "too_few", []string{"min"}},
	{regexp.MustCompile(`^expected array length <= (\d+)`), "too_many", []string{"max"}},
	{regexp.MustCompile(`^expected string to match pattern`), "malformed", nil},
	{regexp.MustCompile(`^invalid (?:integer|float)`), "not_a_number", nil},
}

// decoded is one finding of the decoder as an entry of a problem.
func decoded(lang string, err error) ProblemField {
	f := ProblemField{Code: "wrong_type"}
	p := models.Params{}
	if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
		f.Path = d.Location
		if _, rest, cut := strings.Cut(f.Path, "."); cut {
			f.Path = rest
		}
		p["value"] = shown(fmt.Sprint(d.Value))
		for _, k := range findings {
			m := k.says.FindStringSubmatch(d.Message)
			if m == nil {
				continue
			}
			f.Code = k.code
			if k.code == "out_of_range" {
				p["min"], p["max"] = "", ""
			}
			for i, name := range k.params {
				p[name] = m[i+1]
			}
			break
		}
	}
	if missing, ok := p["property"].(string); ok {
		f.Path = strings.TrimPrefix(strings.TrimPrefix(f.Path, "body")+"."+missing, ".")
	}
	f.Message = words.Say(lang, "field."+f.Code, p)
	return f
}
