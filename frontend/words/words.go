// Package words says everything that a person reads, in English and Welsh:
// sentences by key from the two catalogues, dates and numbers. Notices, mail,
// pages, reports and the command line all speak through it. It knows nothing
// of what the words are about.
package words

import (
	"embed"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// The languages of the catalogues.
const (
	English = "en"
	Welsh   = "cy"
)

//go:embed en.toml cy.toml checked.toml
var files embed.FS

var (
	//go:embed en.toml
	english string
	//go:embed cy.toml
	welsh string
)

// catalogue is one language, loaded once at start and never changed.
type catalogue struct {
	texts   map[string]string
	plurals map[string][]string // the blanks of each message that has plural forms
	// localizer chooses a plural form and fills it.
	localizer *i18n.Localizer
}

var catalogues = load()

// load panics on a broken catalogue: it is part of the program, and a test
// loads it before any user does.
func load() map[string]catalogue {
	all := map[string]catalogue{}
	for lang, file := range map[string]string{English: english, Welsh: welsh} {
		plain, tables := file, ""
		if at := strings.Index(file, "\n["); at >= 0 {
			plain, tables = file[:at], file[at:]
		}
		// A bundle for each language: a key missing from one must not be said
		// in the other without anybody noticing.
		bundle := i18n.NewBundle(language.Make(lang))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		plural, err := bundle.ParseMessageFileBytes([]byte(tables), lang+".toml")
		if err != nil {
			panic(fmt.Sprintf("words: %s.toml: %v", lang, err))
		}
		c := catalogue{plainTexts(lang, plain), make(map[string][]string, len(plural.Messages)), i18n.NewLocalizer(bundle, lang)}
		for _, m := range plural.Messages {
			c.plurals[m.ID] = blanksOf(forms(m)...)
		}
		all[lang] = c
	}
	return all
}

// plainTexts reads the part of a catalogue in which each line is a key and its
// text. Those are nearly all; the TOML library would take most of the time of a
// start for them, and 20 MB. A test holds what is read here against what it reads.
func plainTexts(lang, part string) map[string]string {
	texts := make(map[string]string, strings.Count(part, "\n"))
	for line := range strings.Lines(part) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, text, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, `"`), `"`), `" = "`)
		if _, twice := texts[key]; !ok || twice || strings.ContainsAny(key+text, "\"\\") {
			panic(fmt.Sprintf("words: %s.toml: a line that is not one key, new, and its text: %s", lang, line))
		}
		texts[key] = text
	}
	return texts
}

func forms(m *i18n.Message) []string {
	return []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}
}

var blank = regexp.MustCompile(`\{\{(soft )?\.(\w+)\}\}`)

// filled is a text with its blanks filled.
func filled(text string, data map[string]string) string {
	if len(data) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, at := range blank.FindAllStringSubmatchIndex(text, -1) {
		said := data[text[at[4]:at[5]]]
		if at[2] >= 0 {
			said = soft(said)
		}
		b.WriteString(text[from:at[0]])
		b.WriteString(said)
		from = at[1]
	}
	b.WriteString(text[from:])
	return b.String()
}

// blanksOf lists the names of the blanks in texts, sorted, each once.
func blanksOf(texts ...string) []string {
	var names []string
	for _, t := range texts {
		if !strings.Contains(t, "{{") {
			continue
		}
		for _, m := range blank.FindAllStringSubmatch(t, -1) {
			names = append(names, m[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Languages lists the languages there are words in.
func Languages() []string { return []string{English, Welsh} }

// in gives the catalogue of a language; any other language is English.
func in(lang string) catalogue {
	if lang == Welsh {
		return catalogues[Welsh]
	}
	return catalogues[English]
}

// Has says whether a language has words for a code.
func Has(lang, code string) bool {
	_, _, ok := in(lang).find(code)
	return ok
}

// find gives the text of a code, or "" when it has plural forms, and its blanks.
func (c catalogue) find(code string) (text string, blanks []string, ok bool) {
	if text, ok := c.texts[code]; ok {
		return text, blanksOf(text), true
	}
	blanks, ok = c.plurals[code]
	return "", blanks, ok
}

// Plain says whether the sentence of a code is the same whatever the params.
func Plain(lang, code string) bool {
	text, ok := in(lang).texts[code]
	return ok && !strings.Contains(text, "{{")
}

// Keys lists every code of a language, sorted.
func Keys(lang string) []string {
	c := in(lang)
	return slices.Sorted(func(yield func(string) bool) {
		for k := range c.texts {
			if !yield(k) {
				return
			}
		}
		for k := range c.plurals {
			if !yield(k) {
				return
			}
		}
	})
}

// deepest bounds how far params may hold sentences that hold params, so that
// a value that holds itself ends.
const deepest = 6

// Say gives the sentence of a code with its blanks filled. Where a person
// would otherwise read a wrong sentence, the fault stays visible between ⟦ and
// ⟧: a code that is not in the catalogue, or a blank that nothing fills.
//
// A sentence whose blank may well be empty has another beside it for that case:
// the same code and ".no_" with the name of the blank.
//
// A param may be a sentence itself (a Words method), a text in two languages
// (Bilingual) or a date (Time); each is said in the same language.
func Say(lang, code string, params map[string]any) string { return say(lang, code, params, 0) }

func say(lang, code string, params map[string]any, depth int) string {
	c := in(lang)
	text, blanks, ok := c.find(code)
	if !ok || depth > deepest {
		return "⟦" + code + "⟧"
	}
	data := make(map[string]string, len(blanks))
	for _, name := range blanks {
		v, there := params[name]
		if there {
			data[name] = render(lang, name, v, depth)
		} else {
			data[name] = "⟦" + name + "⟧"
		}
		if without := code + ".no_" + name; (!there || data[name] == "") && Has(lang, without) {
			return say(lang, without, params, depth+1)
		}
	}
	if text != "" {
		return filled(text, data)
	}
	s, err := c.localizer.Localize(&i18n.LocalizeConfig{MessageID: code, TemplateParser: cachedParser{}, TemplateData: data, PluralCount: pluralCount(params)})
	if err != nil {
		return "⟦" + code + "⟧"
	}
	return s
}

// counted are the params that may choose a plural form, in order of
// preference; a message is about one of them.
var counted = []string{"count", "days", "months", "minutes", "seconds", "headcount"}

// pluralCount gives nil, which is the form "other", when nothing was counted.
func pluralCount(params map[string]any) any {
	for _, name := range counted {
		v := reflect.ValueOf(params[name])
		switch {
		case v.CanInt():
			return v.Int()
		case v.CanUint() && v.Uint() <= math.MaxInt64:
			return int64(v.Uint()) //nolint:gosec // the line above keeps it in range
		case v.CanFloat() && v.Float() == float64(int64(v.Float())):
			// Numbers that have been through JSON.
			return int64(v.Float())
		}
	}
	return nil
}

func render(lang, name string, v any, depth int) string {
	if r := reflect.ValueOf(v); !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil() {
		return ""
	}
	switch v := v.(type) {
	case string:
		// What was not found is named by its code.
		if name == "noun" && Has(lang, "noun."+v) {
			return say(lang, "noun."+v, nil, depth+1)
		}
		return v
	case interface {
		Words() (string, map[string]any)
	}:
		code, params := v.Words()
		return say(lang, code, params, depth+1)
	case interface{ Bilingual() (en, cy string) }:
		en, cy := v.Bilingual()
		if lang == Welsh && cy != "" || en == "" {
			return cy
		}
		return en
	case interface{ Time() time.Time }:
		return Date(lang, v.Time())
	case []string:
		return strings.Join(v, ", ")
	case float64:
		return Figure(lang, v)
	case map[string]any:
		return fromJSON(lang, v, depth)
	default:
		return fmt.Sprint(v)
	}
}

// fromJSON is a sentence, or a text in two languages, that has been through JSON.
func fromJSON(lang string, v map[string]any, depth int) string {
	if code, ok := v["code"].(string); ok {
		params, _ := v["params"].(map[string]any)
		return say(lang, code, params, depth+1)
	}
	en, _ := v["en"].(string)
	cy, _ := v["cy"].(string)
	if lang == Welsh && cy != "" || en == "" {
		return cy
	}
	return en
}

// cachedParser is go-i18n's own text parser with our function, and cached: the
// function has no state.
type cachedParser struct{}

func (cachedParser) Cacheable() bool { return true }

func (cachedParser) Parse(src, left, right string) (template.ParsedTemplate, error) {
	return (&template.TextParser{Funcs: map[string]any{"soft": soft}}).Parse(src, left, right)
}

// soft gives a date in words its soft mutation, which Welsh asks for after ar,
// o, i and tan: "dydd Llun" becomes "ddydd Llun". Anything else stays.
func soft(s string) string {
	if strings.HasPrefix(s, "dydd ") {
		return "d" + s
	}
	return s
}
