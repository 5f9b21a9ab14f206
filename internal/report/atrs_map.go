package report

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"beforehand/frontend/words"
	"beforehand/models"
)

//go:embed maps/out
var outFiles embed.FS

// atrsMap is maps/out/atrs.yaml, which says what its keys mean.
type atrsMap struct {
	Shared   map[string]any           `yaml:"shared"` // anchors only
	Versions map[string][]atrsSection `yaml:"versions"`
	Welsh    map[string]string        `yaml:"welsh"`
}

type atrsSection struct {
	Section string
	Tier    int
	Fields  []atrsField
}

type atrsField struct {
	Number, Title string
	From          []atrsPlace
	First         bool
	None          string
}

type atrsPlace struct {
	Path, Words, Label string
	Each               []atrsPlace
	Any                bool
}

var loadATRS = sync.OnceValues(func() (atrsMap, error) {
	b, err := outFiles.ReadFile("maps/out/atrs.yaml")
	if err != nil {
		return atrsMap{}, err
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	var m atrsMap
	if err := d.Decode(&m); err != nil {
		return atrsMap{}, fmt.Errorf("maps/out/atrs.yaml: %w", err)
	}
	return m, nil
})

// ATRSVersions are the versions of the template that a record can be written
// in, oldest first.
func ATRSVersions() []string {
	m, err := loadATRS()
	if err != nil {
		return nil // a test loads it
	}
	return slices.Sorted(maps.Keys(m.Versions))
}

// atrsView is what a map's paths name.
type atrsView struct {
	Ref            string        `json:"ref"`
	Standard       string        `json:"standard"`
	URL            models.Text   `json:"url"`
	Stage          models.Stage  `json:"stage"`
	Organisation   models.Text   `json:"organisation"`
	Area           models.Text   `json:"area"`
	Contact        string        `json:"contact"`
	FirstPublished models.Date   `json:"firstPublished"`
	Updated        models.Date   `json:"updated"`
	Record         models.Record `json:"record"`
}

func viewOf(p Published, version string) atrsView {
	v := atrsView{
		Ref: p.Ref, Standard: version, URL: models.Text{En: p.URL, Cy: p.WelshURL}, Stage: p.Stage, Organisation: p.Organisation, Area: p.Area,
		Contact: p.Contact, Record: p.Record,
	}
	if !p.FirstPublished.IsZero() {
		v.FirstPublished = models.DateOf(p.FirstPublished, p.FirstPublished.Location())
	}
	if !p.Updated.IsZero() {
		v.Updated = models.DateOf(p.Updated, p.Updated.Location())
	}
	return v
}

// find gives the values that a path of JSON names leads to; a list on the way
// gives those of each of its items. A path that leads nowhere is not ok.
func find(v reflect.Value, path string) (out []reflect.Value, ok bool) {
	if v.Kind() == reflect.Slice {
		ok = true
		for i := range v.Len() {
			more, known := find(v.Index(i), path)
			out, ok = append(out, more...), ok && known
		}
		// An empty list still has to be one of things with that name.
		if v.Len() == 0 && path != "" {
			_, ok = find(reflect.Zero(v.Type().Elem()), path)
		}
		return out, ok
	}
	if path == "" {
		return []reflect.Value{v}, true
	}
	if v.Kind() != reflect.Struct {
		return nil, false
	}
	name, rest, _ := strings.Cut(path, ".")
	for i := range v.NumField() {
		if jsonName(v.Type().Field(i)) == name {
			return find(v.Field(i), rest)
		}
	}
	return nil, false
}

// told are the values of a place in words, without those that are empty.
func (p atrsPlace) told(v reflect.Value, lang string) []string {
	found, _ := find(v, p.Path)
	if p.Any {
		if len(found) > 0 {
			return []string{words.Say(lang, "page.yes", nil)}
		}
		return []string{words.Say(lang, "page.no", nil)}
	}
	var out []string
	for _, one := range found {
		text := p.text(one, lang)
		if p.Each != nil {
			var parts []string
			for _, inner := range p.Each {
				parts = append(parts, inner.told(one, lang)...)
			}
			text = strings.Join(parts, ", ")
		}
		if text == "" {
			continue
		}
		if p.Label != "" {
			text = words.Say(lang, p.Label, nil) + ": " + text
		}
		out = append(out, text)
	}
	return out
}

func (p atrsPlace) text(v reflect.Value, lang string) string {
	if v.IsZero() {
		return ""
	}
	switch one := v.Interface().(type) {
	case models.Text:
		return one.In(models.Language(lang))
	case models.Date:
		return words.ShortDate(lang, one.Time())
	}
	switch v.Kind() {
	case reflect.String:
		if p.Words != "" && words.Has(lang, p.Words+"."+v.String()) {
			return words.Say(lang, p.Words+"."+v.String(), nil)
		}
		return v.String()
	case reflect.Int, reflect.Int64:
		return words.Number(lang, int(v.Int()))
	case reflect.Float64:
		return words.Figure(lang, v.Float())
	}
	return ""
}
