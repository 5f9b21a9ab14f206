package notice

import (
	"errors"
	"time"

	"beforehand/frontend/words"
	"beforehand/models"
)

// Alert tells the owner and the digital officer that a notice has gone some
// working days without sufficient evidence of service. Each gets it in their
// own language.
type Alert struct {
	MessageID         string
	From, ReplyTo, To string
	Language          models.Language
	No, Ref           string
	Name              models.Text
	// Days is the working days that have passed.
	Days     int
	ServedAt time.Time
	Silent   []Silent
	// URL is where the deliveries of the notice are shown.
	URL  string
	Zone *time.Location
	// Date is when the alert is made.
	Date time.Time
}

// Silent is a recipient without sufficient evidence of service.
type Silent struct {
	Union, Branch, Address string
	Last                   models.DeliveryEvent
}

// ComposeAlert makes the message of an alert.
func ComposeAlert(a Alert) (Mail, error) {
	if len(a.Silent) == 0 {
		return Mail{}, errors.New("an alert about nobody")
	}
	if a.Language != models.Welsh {
		a.Language = models.English
	}
	lines := []struct{ name, value string }{{"number", a.No}, {"reference", a.Ref}}
	s := speaker(a.Language)
	who := section{Heading: s.say("mail.alert.recipients")}
	for _, r := range a.Silent {
		lines = append(lines, struct{ name, value string }{"recipient", r.Union + r.Branch + r.Address})
		event := models.Reason{Code: "deliveryEvent." + string(r.Last)}
		if r.Last == "" {
			event.Code = "evidence.none"
		}
		who.List = append(who.List, s.line("mail.alert.recipient", "union", r.Union, "branch", r.Branch, "address", r.Address, "event", event))
	}
	for _, l := range lines {
		if err := oneLine(l.name, l.value); err != nil {
			return Mail{}, err
		}
	}
	if err := webAddress(a.URL); err != nil {
		return Mail{}, err
	}
	m := Mail{
		MessageID: bare(a.MessageID), From: a.From, ReplyTo: a.ReplyTo, To: a.To,
		Subject: s.say("mail.alert.subject", "no", a.No, "ref", a.Ref),
		// An absence reply to this would tell nobody anything.
		Headers: map[string]string{"Auto-Submitted": "auto-generated"},
		Date:    a.Date,
	}
	p := part{
		Lang: string(a.Language), Title: s.say("mail.alert.title", "no", a.No),
		Lead: []line{
			s.line("mail.alert.intro", "days", a.Days, "no", a.No, "served", words.DateTime(string(a.Language), a.ServedAt, a.Zone)),
			s.line("mail.alert.clock"),
		},
		Sections: []section{
			{Facts: []fact{
				{s.say("mail.notice.deployment"), s.text(a.Name)},
				{s.say("mail.notice.ref"), line{Text: a.Ref}},
			}},
			who,
			{
				Heading: s.say("mail.alert.what"), Paras: []line{s.line("mail.alert.what_how")},
				Links: []link{{s.say("mail.alert.link", "no", a.No), a.URL}},
			},
		},
	}
	var err error
	if m.Text, m.HTML, err = render(m.Subject, []part{p}); err != nil {
		return Mail{}, err
	}
	return m, m.check()
}
