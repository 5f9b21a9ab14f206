package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// text is one entry of a catalogue, read without go-i18n: plural form to text.
type text map[string]string

func catalogueFile(t *testing.T, lang string) map[string]text {
	t.Helper()
	b, err := files.ReadFile(lang + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]text, len(raw))
	for key, v := range raw {
		switch v := v.(type) {
		case string:
			out[key] = text{"": v}
		case map[string]any:
			out[key] = text{}
			for form, s := range v {
				out[key][form] = s.(string)
			}
		default:
			t.Fatalf("%s %s: %T is neither a text nor plural forms", lang, key, v)
		}
	}
	return out
}

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	t.Parallel()
	en, cy := catalogueFile(t, English), catalogueFile(t, Welsh)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(en)), slices.Sorted(maps.Keys(cy))); diff != "" {
		t.Errorf("keys of en.toml (-) and cy.toml (+):\n%s", diff)
	}
	for _, lang := range Languages() {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(catalogueFile(t, lang))), Keys(lang)); diff != "" {
			t.Errorf("%s: keys of the file (-) and keys loaded (+):\n%s", lang, diff)
		}
	}
}

func blanksIn(lang, code string) []string {
	_, blanks, _ := in(lang).find(code)
	return blanks
}

// What is read by the line is what the TOML library reads.
func TestPlainTextsAreReadAsTOML(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		want := map[string]string{}
		for key, forms := range catalogueFile(t, lang) {
			if s, plain := forms[""]; plain {
				want[key] = s
			}
		}
		if diff := cmp.Diff(want, in(lang).texts); diff != "" || len(want) < 2000 {
			t.Errorf("%s: TOML (-) and by the line (+):\n%s", lang, diff)
		}
	}
	for _, broken := range []string{`"a" = "b"` + "\n" + `"a" = "c"`, `"a" = 'b'`, `a = "b"`, `"a" = "b\"c"`, `"a"`, `"a" = "b" # why`} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken", broken)
				}
			}()
			plainTexts(English, broken)
		}()
	}
}

func TestEveryTextIsWellFormed(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		for key, forms := range catalogueFile(t, lang) {
			for form, s := range forms {
				if strings.TrimSpace(s) != s || s == "" || strings.ContainsAny(s, "⟦⟧\n\"'") {
					t.Errorf("%s %s %s: empty, padded, marked, or with straight quotes: %q", lang, key, form, s)
				}
				if strings.Count(s, "{{") != len(blank.FindAllString(s, -1)) {
					t.Errorf("%s %s %s: a blank that is not {{.name}} or {{soft .name}}: %q", lang, key, form, s)
				}
			}
		}
	}
}

func TestPluralFormsAreComplete(t *testing.T) {
	t.Parallel()
	en, cy := catalogueFile(t, English), catalogueFile(t, Welsh)
	for key, forms := range cy {
		if _, single := forms[""]; single != (en[key][""] != "") {
			t.Errorf("%s has plural forms in one language only", key)
		}
		if _, single := forms[""]; single {
			continue
		}
		if got := slices.Sorted(maps.Keys(forms)); !slices.Equal(got, []string{"few", "many", "one", "other", "two", "zero"}) {
			t.Errorf("%s: Welsh forms are %v, want all six", key, got)
		}
		if got := slices.Sorted(maps.Keys(en[key])); !slices.Equal(got, []string{"one", "other"}) {
			t.Errorf("%s: English forms are %v, want one and other", key, got)
		}
	}
}

func TestBlanksAreTheSameInBothLanguages(t *testing.T) {
	t.Parallel()
	en, cy := catalogueFile(t, English), catalogueFile(t, Welsh)
	for key, forms := range cy {
		for form, s := range forms {
			like := form // the English form that says the same
			if form != "" && form != "one" {
				like = "other"
			}
			if diff := cmp.Diff(blanksOf(en[key][like]), blanksOf(s)); diff != "" {
				t.Errorf("%s %s: blanks in English (-) and Welsh (+):\n%s", key, form, diff)
			}
		}
	}
}

// date, reason and both stand in for the types of models, which this package
// must not know.
type (
	date   struct{ t time.Time }
	reason struct {
		code   string
		params map[string]any
	}
	both struct{ en, cy string }
)

func (d date) Time() time.Time                   { return d.t }
func (r reason) Words() (string, map[string]any) { return r.code, r.params }
func (b both) Bilingual() (en, cy string)        { return b.en, b.cy }

func day(year int, month time.Month, d int) date {
	return date{time.Date(year, month, d, 0, 0, 0, 0, time.UTC)}
}

func TestSay(t *testing.T) {
	t.Parallel()
	pause := map[string]any{
		"request": "IR-2026-001", "due": day(2026, 9, 28), "answered": day(2026, 9, 30),
		"first": day(2026, 9, 29), "last": day(2026, 9, 30), "days": 2, "before": day(2026, 11, 2), "after": day(2026, 11, 4),
	}
	oneDay := maps.Clone(pause)
	oneDay["days"], oneDay["answered"], oneDay["last"], oneDay["after"] = 1, day(2026, 9, 29), day(2026, 9, 29), day(2026, 11, 3)
	for name, tc := range map[string]struct {
		code   string
		params map[string]any
		en, cy string
	}{
		"a pause of some days": {
			"clock.pause", pause,
			"Request IR-2026-001 was due on Monday 28 September 2026 and answered on Wednesday 30 September 2026: 2 days, Tuesday 29 September 2026 to Wednesday 30 September 2026, are not counted, so Monday 2 November 2026 becomes Wednesday 4 November 2026.",
			"Roedd cais IR-2026-001 i’w ateb erbyn dydd Llun 28 Medi 2026 ac fe’i hatebwyd ar ddydd Mercher 30 Medi 2026: ni chyfrifir 2 ddiwrnod, o ddydd Mawrth 29 Medi 2026 i ddydd Mercher 30 Medi 2026, felly mae’r dyddiad yn symud o ddydd Llun 2 Tachwedd 2026 i ddydd Mercher 4 Tachwedd 2026.",
		},
		"a pause of one day": {
			"clock.pause", oneDay,
			"Request IR-2026-001 was due on Monday 28 September 2026 and answered on Tuesday 29 September 2026: 1 day, Tuesday 29 September 2026, is not counted, so Monday 2 November 2026 becomes Tuesday 3 November 2026.",
			"Roedd cais IR-2026-001 i’w ateb erbyn dydd Llun 28 Medi 2026 ac fe’i hatebwyd ar ddydd Mawrth 29 Medi 2026: ni chyfrifir 1 diwrnod, sef dydd Mawrth 29 Medi 2026, felly mae’r dyddiad yn symud o ddydd Llun 2 Tachwedd 2026 i ddydd Mawrth 3 Tachwedd 2026.",
		},
		"a reason within a reason": {
			"clock.period_calendar",
			map[string]any{"days": 56, "source": "UNISON", "before": reason{"trigger.pilot", nil}, "deemed": day(2026, 9, 7), "end": day(2026, 11, 2)},
			"UNISON asks for 56 calendar days before the pilot: counted from Monday 7 September 2026, day 56 is Monday 2 November 2026.",
			"Mae UNISON yn gofyn am 56 diwrnod calendr cyn y peilot: o gyfrif o ddydd Llun 7 Medi 2026, diwrnod 56 yw dydd Llun 2 Tachwedd 2026.",
		},
		"a text in both languages":     {"gate.claim_unshared", map[string]any{"claim": both{"Faster notes", "Nodiadau cyflymach"}}, "A claim has not been analysed and shared with the unions: Faster notes", "Mae honiad heb ei ddadansoddi a’i rannu â’r undebau: Nodiadau cyflymach"},
		"a text in one language only":  {"gate.claim_unshared", map[string]any{"claim": both{"Faster notes", ""}}, "A claim has not been analysed and shared with the unions: Faster notes", "Mae honiad heb ei ddadansoddi a’i rannu â’r undebau: Faster notes"},
		"the noun that was not found":  {"error.not_found", map[string]any{"noun": "deployment"}, "Not found: deployment. It does not exist, or you may not read it.", "Heb ei ganfod: defnydd o DA. Nid yw’n bodoli, neu ni chewch ei ddarllen."},
		"words that look like a blank": {"day.closure", map[string]any{"note": "{{.note}} <b>"}, "a closure day of the employer ({{.note}} <b>)", "diwrnod cau’r cyflogwr ({{.note}} <b>)"},
		"no date":                      {"item.pilot", map[string]any{"date": date{}}, "Pilot planned for .", "Bwriedir cynnal y peilot ar ."},
		"a limit on one side only":     {"field.out_of_range", map[string]any{"min": 0, "max": ""}, "Give a value that is not below 0.", "Rhowch werth nad yw’n is na 0."},
		"a limit on both sides":        {"field.out_of_range", map[string]any{"min": 0, "max": 730}, "Give a value from 0 to 730.", "Rhowch werth o 0 i 730."},
		"an unknown code":              {"gate.nonsense", nil, "⟦gate.nonsense⟧", "⟦gate.nonsense⟧"},
		"a blank that nothing fills":   {"fix.not_served", nil, "Serve the notice on ⟦union⟧. The digital officer’s team may.", "Cyflwynwch yr hysbysiad i ⟦union⟧. Caiff tîm y prif swyddog digidol wneud hynny."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Say(English, tc.code, tc.params); got != tc.en {
				t.Errorf("English\n got %s\nwant %s", got, tc.en)
			}
			if got := Say(Welsh, tc.code, tc.params); got != tc.cy {
				t.Errorf("Welsh\n got %s\nwant %s", got, tc.cy)
			}
		})
	}
}

func TestWelshCountsMutate(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "0 cyfarfod", 1: "1 cyfarfod", 2: "2 gyfarfod", 3: "3 chyfarfod", 4: "4 cyfarfod", 6: "6 chyfarfod", 12: "12 cyfarfod",
	} {
		for _, count := range []any{n, int64(n), float64(n)} {
			if got := Say(Welsh, "item.meetings", map[string]any{"count": count}); got != "Cynigir dyddiadau ar gyfer "+want+"." {
				t.Errorf("%T %d: %s", count, n, got)
			}
		}
	}
}

// again is a sentence that holds itself.
type again struct{}

func (again) Words() (string, map[string]any) {
	return "day.closure", map[string]any{"note": again{}}
}

func TestSayNeverPanics(t *testing.T) {
	t.Parallel()
	var nobody *both
	values := []any{
		nil, nobody, "", "⟦", "{{.x}}", 0, 1, -3, uint64(1) << 63, 1.5, 2.0, true,
		[]string{"a"},
		map[string]any{},
		day(2026, 1, 1),
		date{},
		reason{},
		reason{"clock.pause", nil},
		both{},
		again{},
		func() {},
		struct{}{},
	}
	names := []string{"count", "days", "noun"}
	codes := append(Keys(English), "", "x", "{{", "error.")
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]string{English, Welsh, "", "fr"}).Draw(t, "lang")
		code := rapid.SampledFrom(codes).Draw(t, "code")
		params := map[string]any{}
		for _, name := range append(slices.Clone(blanksIn(lang, code)), names...) {
			if rapid.Bool().Draw(t, "given") {
				params[name] = rapid.SampledFrom(values).Draw(t, name)
			}
		}
		if got := Say(lang, code, params); Has(lang, code) && (got == "" || strings.Contains(got, "<no value>")) && len(blanksIn(lang, code)) == 0 {
			t.Fatalf("%s %s said %q", lang, code, got)
		}
	})
}

func TestDates(t *testing.T) {
	t.Parallel()
	days := map[string][]string{
		English: {"Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"},
		Welsh:   {"dydd Iau", "dydd Gwener", "dydd Sadwrn", "dydd Sul", "dydd Llun", "dydd Mawrth", "dydd Mercher"},
	}
	long := map[string][]string{
		English: strings.Fields("January February March April May June July August September October November December"),
		Welsh:   strings.Fields("Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr"),
	}
	for lang := range days {
		// 1 January 2026 is a Thursday.
		for i := range 365 {
			d := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)
			want := fmt.Sprintf("%s %d %s 2026", days[lang][i%7], d.Day(), long[lang][d.Month()-1])
			if got := Date(lang, d); got != want {
				t.Fatalf("%s %s: got %q, want %q", lang, d.Format(time.DateOnly), got, want)
			}
			if got := ShortDate(lang, d); !strings.HasPrefix(got, fmt.Sprintf("%d %s", d.Day(), long[lang][d.Month()-1][:3])) || !strings.HasSuffix(got, " 2026") {
				t.Fatalf("%s %s: short date %q", lang, d.Format(time.DateOnly), got)
			}
		}
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 9, 8, 9, 12, 0, 0, time.UTC)
	if got := DateTime(English, at, zone); got != "8 September 2026 at 10:12" {
		t.Error(got)
	}
	if got := DateTime(Welsh, at, zone); got != "8 Medi 2026 am 10:12" {
		t.Error(got)
	}
	for _, none := range []time.Time{{}, time.Time{}.AddDate(0, 0, -1)} {
		if Date(Welsh, none)+ShortDate(Welsh, none)+DateTime(Welsh, none, nil) != "" {
			t.Error("no date has words")
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", -1234567: "-1,234,567", -100: "-100"} {
		if got := Number(Welsh, n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
