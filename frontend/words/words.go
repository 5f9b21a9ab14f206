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

// catalogue is one language, loaded once at start and never changed.
type catalogue struct {
	localizer *i18n.Localizer
	messages  map[string]message
}

// message is what [Say] must know of a message before it is filled.
type message struct {
	blanks []string
	plural bool
	plain  string // the whole of it, when there is nothing to be filled
}

var catalogues = load()

// load panics on a broken catalogue: it is part of the program, and a test
// loads it before any user does.
func load() map[string]catalogue {
	all := map[string]catalogue{}
	for _, lang := range Languages() {
		// A bundle for each language: a key missing from one must not be said
		// in the other without anybody noticing.
		bundle := i18n.NewBundle(language.Make(lang))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		file, err := bundle.LoadMessageFileFS(files, lang+".toml")
		if err != nil {
			panic(fmt.Sprintf("words: %s.toml: %v", lang, err))
		}
		c := catalogue{i18n.NewLocalizer(bundle, lang), make(map[string]message, len(file.Messages))}
		for _, m := range file.Messages {
			c.messages[m.ID] = message{blanksOf(forms(m)...), m.One != "", plain(m)}
		}
		all[lang] = c
	}
	return all
}

func forms(m *i18n.Message) []string {
	return []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}
}

// plain is a text that is always the same, or "".
func plain(m *i18n.Message) string {
	if strings.Contains(m.Other, "{{") || slices.ContainsFunc(forms(m)[:5], func(s string) bool { return s != "" }) {
		return ""
	}
	return m.Other
}

var blank = regexp.MustCompile(`\{\{(?:soft )?\.(\w+)\}\}`)

// blanksOf lists the names of the blanks in texts, sorted, each once.
func blanksOf(texts ...string) []string {
	var names []string
	for _, t := range texts {
		for _, m := range blank.FindAllStringSubmatch(t, -1) {
			names = append(names, m[1])
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
	_, ok := in(lang).messages[code]
	return ok
}

// Plain says whether the sentence of a code is the same whatever the params.
func Plain(lang, code string) bool { return in(lang).messages[code].plain != "" }

// Keys lists every code of a language, sorted.
func Keys(lang string) []string {
	keys := make([]string, 0, len(in(lang).messages))
	for k := range in(lang).messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
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
	m, ok := c.messages[code]
	if !ok || depth > deepest {
		return "⟦" + code + "⟧"
	}
	if m.plain != "" {
		return m.plain // there are hundreds on a page
	}
	data := make(map[string]string, len(m.blanks))
	for _, name := range m.blanks {
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
	config := i18n.LocalizeConfig{MessageID: code, TemplateParser: cachedParser{}, TemplateData: data}
	if m.plural {
		config.PluralCount = pluralCount(params)
	}
	s, err := c.localizer.Localize(&config)
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
