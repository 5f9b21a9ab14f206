package notice

import (
	"errors"
	"net/url"
	"slices"
	"time"

	"beforehand/frontend/words"
	"beforehand/models"
)

// LetterKind is what a letter is about.
type LetterKind string

// The letters that are written to one person about their account.
const (
	LetterInvitation LetterKind = "invitation"
	LetterReset      LetterKind = "reset"
	LetterVerify     LetterKind = "verify"
	LetterChange     LetterKind = "change"
	LetterAddress    LetterKind = "address"

	// What happens to a claim.
	LetterPlanLocked   LetterKind = "plan_locked"
	LetterResultShared LetterKind = "result_shared"
	LetterChallenge    LetterKind = "challenge"
	LetterAnswered     LetterKind = "challenge_answered"
	LetterReinvestment LetterKind = "reinvestment"

	// What the log has to show.
	LetterReceipt    LetterKind = "receipt"
	LetterCheckpoint LetterKind = "checkpoint"
)

// withCode are the letters that bring a code.
var withCode = []LetterKind{LetterInvitation, LetterReset, LetterVerify}

// Letter is a mail to one person about their account, in their language.
type Letter struct {
	Kind      LetterKind
	MessageID string
	From, To  string
	Language  models.Language
	Name      string
	// Code is the single-use code, and Until when it stops being taken (UTC).
	Code  string
	Until time.Time
	// URL is the page where the code is given, or the account looked at. The
	// code goes along after the #, which no server is ever sent.
	URL string
	// Organisation, InvitedBy, Role and Union say who invites and to what.
	Organisation models.Text
	InvitedBy    string
	Role         models.Role
	Union        string
	// What was changed, and when (UTC).
	What models.SecurityKind
	At   time.Time
	// Zone is for writing dates; nil is UTC.
	Zone *time.Location
	Date time.Time
	// Claim is the ref of the claim that it is about, and Sentence what it claims.
	Claim    string
	Sentence models.Text
	// No is the number of the notice that it is about.
	No string
	// Files go along.
	Files []Attached
}

// ComposeLetter makes the mail. A name or an address with a line break in it
// is an error.
func ComposeLetter(l Letter) (Mail, error) {
	if l.Language != models.Welsh {
		l.Language = models.English
	}
	if l.Zone == nil {
		l.Zone = time.UTC
	}
	for _, v := range []string{l.To, l.InvitedBy, l.Union} {
		if err := oneLine("recipient", v); err != nil {
			return Mail{}, err
		}
	}
	if err := webAddress(l.URL); err != nil {
		return Mail{}, err
	}
	if (l.Code != "") != slices.Contains(withCode, l.Kind) {
		return Mail{}, errors.New("a letter with a code that it does not want, or without one that it does")
	}
	s := speaker(l.Language)
	key := "mail.letter." + string(l.Kind)
	m := Mail{
		MessageID: bare(l.MessageID), From: l.From, To: l.To, Subject: s.say(key+".subject", "organisation", l.Organisation.In(l.Language), "claim", l.Claim, "no", l.No), Files: l.Files,
		Headers: map[string]string{"Auto-Submitted": "auto-generated"}, Date: l.Date,
	}
	p := part{Lang: string(l.Language), Title: m.Subject, Lead: l.lead(s, key)}
	if l.Name != "" {
		p.Lead = append([]line{s.line("mail.letter.dear", "name", l.Name)}, p.Lead...)
	}
	href := l.URL
	if l.Code != "" {
		href += "#code=" + url.QueryEscape(l.Code)
		p.Sections = append(p.Sections, section{Heading: s.say("mail.letter.code"), Code: l.Code, Paras: []line{
			s.line("mail.letter.code_how"), s.line("mail.letter.until", "until", words.DateTime(string(l.Language), l.Until, l.Zone)),
		}})
	}
	p.Sections = append(p.Sections, section{Links: []link{{s.say(key + ".link"), href}}, Paras: []line{s.line(key + ".not_you")}})
	var err error
	if m.Text, m.HTML, err = render(m.Subject, []part{p}); err != nil {
		return Mail{}, err
	}
	return m, m.check()
}

func (l Letter) lead(s speaker, key string) []line {
	switch l.Kind {
	case LetterInvitation:
		as := s.say("role." + string(l.Role))
		if l.Union != "" {
			as = s.say("mail.letter.for_union", "role", as, "union", l.Union)
		}
		return []line{s.line(key+".lead", "by", l.InvitedBy, "organisation", l.Organisation.In(l.Language), "role", as)}
	case LetterChange:
		return []line{
			s.line("securityKind." + string(l.What)),
			s.line(key+".when", "when", words.DateTime(string(l.Language), l.At, l.Zone)),
		}
	case LetterPlanLocked, LetterResultShared, LetterChallenge, LetterAnswered, LetterReinvestment:
		return []line{s.line(key+".lead", "claim", l.Claim, "sentence", l.Sentence.In(l.Language), "organisation", l.Organisation.In(l.Language))}
	case LetterReceipt, LetterCheckpoint:
		return []line{s.line(key+".lead", "no", l.No, "organisation", l.Organisation.In(l.Language))}
	default:
		return []line{s.line(key + ".lead")}
	}
}
