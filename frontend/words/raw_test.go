package words

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// What a script is given says the same as Say, once its blanks are filled.
func TestRaw(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		raw := RawOf(lang, "receipt.", "page.verify.")
		want := slices.DeleteFunc(Keys(lang), func(k string) bool {
			return !strings.HasPrefix(k, "receipt.") && !strings.HasPrefix(k, "page.verify.")
		})
		if len(raw.Templates) != len(want) || len(want) < 45 {
			t.Errorf("%s: %d templates of %d codes", lang, len(raw.Templates), len(want))
		}
		for _, code := range want {
			params, said := map[string]any{}, raw.Templates[code]
			for _, name := range blanksOf(said) {
				params[name] = "<" + name + ">"
				said = strings.NewReplacer("{{."+name+"}}", "<"+name+">", "{{soft ."+name+"}}", "<"+name+">").Replace(said)
			}
			if got := Say(lang, code, params); got != said {
				t.Errorf("%s %s: a script says %q, we say %q", lang, code, said, got)
			}
		}
		for m := time.January; m <= time.December; m++ {
			at := time.Date(2026, m, 7, 9, 5, 0, 0, time.UTC)
			if got, want := "7 "+raw.Months[m-1]+" 2026"+raw.At+"09:05", DateTime(lang, at, nil); got != want {
				t.Errorf("%s: a script says %q, we say %q", lang, got, want)
			}
		}
	}
	if got := RawOf("fr", "receipt.").Language; got != English {
		t.Errorf("French is said in %q", got)
	}
	RawOf(English, "receipt.").Months[0] = "Brumaire"
	if got := RawOf(English).Months[0]; got != "January" {
		t.Errorf("the months can be altered: %q", got)
	}
}
