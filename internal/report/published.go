package report

import (
	"time"

	"beforehand/frontend/words"
	"beforehand/models"
)

// Published is what everybody may read of one deployment, in the state that is
// published.
type Published struct {
	Ref, URL        string // URL is the public page in English, WelshURL beside it
	WelshURL        string
	Stage           models.Stage
	Class           models.ChangeClass
	Late            bool
	Record          models.Record     // withheld fields are already emptied
	Withheld        []models.Withheld // what is withheld from the public
	Area            models.Text       // the service area's name
	Organisation    models.Text
	OrganisationURL string
	Contact         string
	FirstPublished  time.Time
	Updated         time.Time
	Version         int
	LiveOn          models.Date // zero when not live
	Unions          []string    // abbreviations of those in scope
	Earliest        models.Date
}

// Change is one published version of a deployment: a row of the history.
type Change struct {
	Ref      string
	Version  int
	At       time.Time
	Stage    models.Stage
	Class    models.ChangeClass
	Late     bool
	Note     string
	Record   models.Record // withheld fields are already emptied
	Withheld []models.Withheld
}

// RegisterMeta stands at the head of an export: whose it is, and under what
// licence it may be used.
type RegisterMeta struct {
	Organisation models.Text
	URL          string    // of the register's public page
	Licence      string    // address of the licence
	GeneratedAt  time.Time // passed in; nothing here reads the clock
}

// shownWithheld is a withheld field as everybody may see it: that it is, on
// what ground, and until when. Who decided it may be a person, and is left out.
type shownWithheld struct {
	Field  string      `json:"field"`
	Ground string      `json:"ground"`
	Until  models.Date `json:"until"`
}

func showWithheld(list []models.Withheld) []shownWithheld {
	out := make([]shownWithheld, len(list))
	for i, w := range list {
		out[i] = shownWithheld{w.Field, w.Ground, w.Until}
	}
	return out
}

// withheldOf gives the withholding of a field of the record, by its JSON name.
func withheldOf(list []models.Withheld, field string) (models.Withheld, bool) {
	for _, w := range list {
		if w.Field == field {
			return w, true
		}
	}
	return models.Withheld{}, false
}

// openRecord is a record without its own list of withheld fields, which also
// holds what is withheld from others than the public.
func openRecord(r models.Record) models.Record {
	r.Withheld = nil
	return r
}

// orWithheld is a text, or when there is none because its field of the record
// is withheld, the sentence that says so: nothing is left out silently.
func (p Published) orWithheld(lang, field, text string) string {
	w, ok := withheldOf(p.Withheld, field)
	if text != "" || !ok {
		return text
	}
	return words.Say(lang, "report.withheld", map[string]any{"ground": w.Ground, "until": w.Until})
}
