package words

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func folder(en, cy, checked string) fstest.MapFS {
	return fstest.MapFS{"en.toml": {Data: []byte(en)}, "cy.toml": {Data: []byte(cy)}, CheckedFile: {Data: []byte(checked)}}
}

// anyDay is a day on which texts are checked.
var anyDay = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

const (
	someEnglish = "\"page.title\" = \"Register\"\n\"page.lead\" = \"All of it.\"\n\"act.add\" = \"Add\"\n[\"page.count\"]\none = \"{{.count}} case\"\nother = \"{{.count}} cases\"\n"
	someWelsh   = "\"page.title\" = \"Cofrestr\"\n\"page.lead\" = \"Y cyfan.\"\n\"act.add\" = \"Ychwanegu\"\n[\"page.count\"]\nzero = \"{{.count}} achos\"\none = \"{{.count}} achos\"\ntwo = \"{{.count}} achos\"\nfew = \"{{.count}} achos\"\nmany = \"{{.count}} achos\"\nother = \"{{.count}} achos\"\n"
	comment     = "# What has been checked.\n"
)

func review(t *testing.T, en, cy, checked string) Review {
	t.Helper()
	r, err := ReviewOf(folder(en, cy, checked))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestACheckEndsWhenEitherTextChanges(t *testing.T) {
	t.Parallel()
	r := review(t, someEnglish, someWelsh, comment)
	if _, whole := r.Groups(); whole != (Group{All: 4}) || whole.Percent() != 0 {
		t.Fatalf("before: %+v", whole)
	}
	r, done, err := r.Mark("M. Prys, “cyfieithydd”", anyDay, []string{"act.add"}, "page.")
	if err != nil || len(done) != 4 {
		t.Fatalf("%v, %v", done, err)
	}
	file := r.File(Head(comment + "\"old.key\" = {by = \"x\", on = \"2026-01-01\", pair = \"00\"}\n"))
	if !strings.HasPrefix(file, comment+`"act.add" = {by = "M. Prys, “cyfieithydd”", on = "2026-11-22", pair = "`) || strings.Contains(file, "old.key") {
		t.Errorf("the file reads:\n%s", file)
	}
	for name, tc := range map[string]struct {
		en, cy string
		left   []string
	}{
		"nothing changed":             {someEnglish, someWelsh, nil},
		"the English changed":         {strings.Replace(someEnglish, "All of it", "Some of it", 1), someWelsh, []string{"page.lead"}},
		"the Welsh changed":           {someEnglish, strings.Replace(someWelsh, "Cofrestr", "Y gofrestr", 1), []string{"page.title"}},
		"one form of a plural has":    {someEnglish, strings.Replace(someWelsh, "two = \"{{.count}} achos", "two = \"{{.count}} o achosion", 1), []string{"page.count"}},
		"a text is new, and one gone": {strings.Replace(someEnglish, "act.add", "act.end", 1), strings.Replace(someWelsh, "act.add", "act.end", 1), []string{"act.end"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var left []string
			for _, p := range review(t, tc.en, tc.cy, file).Unchecked("") {
				left = append(left, p.Key)
			}
			if strings.Join(left, " ") != strings.Join(tc.left, " ") {
				t.Errorf("unchecked: %v, want %v", left, tc.left)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	r := review(t, someEnglish, someWelsh, "")
	r, _, err := r.Mark("Prys", anyDay, []string{"page.title"}, "")
	if err != nil {
		t.Fatal(err)
	}
	groups, whole := r.Groups()
	if len(groups) != 2 || groups[0] != (Group{"act", 0, 1}) || groups[1] != (Group{"page", 1, 3}) || groups[1].Percent() != 33 || whole != (Group{"", 1, 4}) {
		t.Errorf("%+v %+v", groups, whole)
	}
	if left := r.Unchecked("page."); len(left) != 2 || left[0].Key != "page.count" || left[0].Welsh != "{{.count}} achos" {
		t.Errorf("%+v", left)
	}
}

func TestWhatCannotBeMarked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		by     string
		keys   []string
		prefix string
	}{
		"nobody":          {" ", []string{"act.add"}, ""},
		"two lines":       {"M.\nPrys", []string{"act.add"}, ""},
		"no such text":    {"Prys", []string{"act.add", "act.ad"}, ""},
		"no such prefix":  {"Prys", nil, "noun."},
		"nothing is said": {"Prys", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := review(t, someEnglish, someWelsh, "").Mark(tc.by, anyDay, tc.keys, tc.prefix); err == nil {
				t.Error("it was marked")
			}
		})
	}
	if _, err := ReviewOf(folder(someEnglish, someWelsh, "\"act.add\" = nonsense")); err == nil {
		t.Error("a broken file was read")
	}
}

// The checks that are part of the program are of texts that are there.
func TestOurChecks(t *testing.T) {
	t.Parallel()
	for key, c := range Ours().checks {
		if _, err := time.Parse(time.DateOnly, c.On); err != nil || c.By == "" || len(c.Pair) != 16 || !Has(Welsh, key) {
			t.Errorf("%s: %+v", key, c)
		}
	}
	if Whole().All != len(Keys(Welsh)) {
		t.Errorf("%d pairs of %d texts", Whole().All, len(Keys(Welsh)))
	}
}
