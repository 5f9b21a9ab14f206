package words

import (
	"strings"
	"time"
)

// Raw is what a script in a browser says things with, without asking us: the
// sentences of some codes with their blanks still in them, and how a date and
// an instant are put together. [Say] fills them on this side.
type Raw struct {
	Language string `json:"language"`
	// Templates are sentences by code. Those with plural forms are not among them.
	Templates map[string]string `json:"templates"`
	// Months are the names of the twelve months, and At is what stands between
	// the date of an instant and its time, blanks included.
	Months []string `json:"months"`
	At     string   `json:"at"`
}

// RawOf gives what is needed to say the codes that begin with one of the
// prefixes. Any other language than Welsh is English.
func RawOf(lang string, prefixes ...string) Raw {
	names := months[known(lang)]
	raw := Raw{Language: known(lang), Templates: map[string]string{}, Months: names[:], At: at(lang)}
	for code, text := range in(lang).texts {
		for _, p := range prefixes {
			if strings.HasPrefix(code, p) {
				raw.Templates[code] = text
			}
		}
	}
	return raw
}

// at is taken out of an instant in words, so that it is written in one place.
func at(lang string) string {
	t := time.Date(2026, time.May, 1, 12, 34, 0, 0, time.UTC)
	return strings.TrimSuffix(strings.TrimPrefix(DateTime(lang, t, nil), longDate(lang, t)), t.Format("15:04"))
}
