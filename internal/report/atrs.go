package report

import (
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"

	"beforehand/frontend/words"
	"beforehand/models"
)

// ATRSField is one field of the UK Algorithmic Transparency Recording Standard.
type ATRSField struct {
	Number  string `json:"number"`
	Section string `json:"section"`
	Title   string `json:"title"`
	Tier    int    `json:"tier"` // 0 is metadata
	Value   string `json:"value"`
	// Held says whether the register has a source for it at all.
	Held bool `json:"held"`
}

// ATRSFields are the fields of a version of the template, filled in from what
// is published, in a language. What is withheld says so, and until when; what
// the register has no source for says that.
func ATRSFields(version string, p Published, lang string) ([]ATRSField, error) {
	m, err := loadATRS()
	if err != nil {
		return nil, err
	}
	sections, ok := m.Versions[version]
	if !ok {
		return nil, models.Missing("version")
	}
	title := func(s string) string {
		if cy := m.Welsh[s]; lang == words.Welsh && cy != "" {
			return cy
		}
		return s
	}
	view := reflect.ValueOf(viewOf(p, version))
	var out []ATRSField
	for _, s := range sections {
		for _, f := range s.Fields {
			value := words.Say(lang, "report.not_held", nil)
			if f.None == "" {
				value = f.value(view, p.Withheld, lang)
			}
			out = append(out, ATRSField{f.Number, title(s.Section), title(f.Title), s.Tier, value, f.None == ""})
		}
	}
	return out, nil
}

// value is what the field's places have, one a line.
func (f atrsField) value(view reflect.Value, withheld []models.Withheld, lang string) string {
	var out []string
	for _, p := range f.From {
		told := p.told(view, lang)
		if field, isRecord := strings.CutPrefix(p.Path, "record."); isRecord {
			field, _, _ = strings.Cut(field, ".")
			// "No" would be a lie about a list that is withheld.
			if w, ok := withheldOf(withheld, field); ok && (len(told) == 0 || p.Any) {
				told = []string{words.Say(lang, "report.withheld", map[string]any{"ground": w.Ground, "until": w.Until})}
			}
		}
		out = append(out, told...)
		if f.First && len(told) > 0 {
			break
		}
	}
	return strings.Join(out, "\n")
}

// ATRS writes the record of a deployment under a version of the template, as
// JSON in English. A version that there is no map for is not found.
func ATRS(w io.Writer, version string, p Published) error {
	fields, err := ATRSFields(version, p, words.English)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Standard string      `json:"standard"`
		Version  string      `json:"version"`
		Ref      string      `json:"ref"`
		URL      string      `json:"url"`
		Fields   []ATRSField `json:"fields"`
	}{"Algorithmic Transparency Recording Standard", version, p.Ref, p.URL, fields})
}

// ATRSCSV writes the same, one row a field.
func ATRSCSV(w io.Writer, version string, p Published) error {
	fields, err := ATRSFields(version, p, words.English)
	if err != nil {
		return err
	}
	c := newCSV(w)
	if err := c.row([]string{"number", "section", "title", "tier", "value", "held"}); err != nil {
		return err
	}
	for _, f := range fields {
		if err := c.row([]string{f.Number, f.Section, f.Title, strconv.Itoa(f.Tier), f.Value, strconv.FormatBool(f.Held)}); err != nil {
			return err
		}
	}
	return c.end()
}

// ATRSDocument is the record in the form in which it is published, section by
// section. The caller says when it is made (At).
func ATRSDocument(version string, p Published, lang string) (Document, error) {
	fields, err := ATRSFields(version, p, lang)
	if err != nil {
		return Document{}, err
	}
	say := func(code string) string { return words.Say(lang, code, nil) }
	language := models.Language(lang)
	d := Document{
		Lang: lang, Title: words.Say(lang, "report.atrs_title", map[string]any{"name": p.Record.Name}), Subtitle: p.Organisation.In(language),
		Organisation: p.Organisation.In(language),
		Meta: []Pair{
			{say("report.atrs_standard"), "Algorithmic Transparency Recording Standard " + version},
			{say("report.ref"), p.Ref},
			{say("report.updated"), words.Date(lang, p.Updated)},
		},
	}
	section := ""
	for _, f := range fields {
		if f.Section != section {
			section = f.Section
			d.Blocks = append(d.Blocks, Heading{Level: 2, Text: section})
		}
		value := f.Value
		if value == "" {
			value = say("report.empty")
		}
		d.Blocks = append(d.Blocks, Heading{Level: 3, Text: f.Number + " " + f.Title}, Para{[]Span{{Text: value, Href: urlOf(value)}}})
	}
	return d, nil
}

// urlOf is a value that is an address and nothing else.
func urlOf(s string) string {
	if _, ok := absoluteHref(s); ok && !strings.ContainsAny(s, " \n") {
		return s
	}
	return ""
}
