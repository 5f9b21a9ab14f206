// Package notice turns a served notice into messages and sends them, one file
// a channel. What a notice says was decided and frozen before it comes here;
// whether it was served is decided from what comes back.
package notice

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"beforehand/frontend/words"
	"beforehand/models"
)

// Notice is one notice to one address of one union: everything its message says.
type Notice struct {
	Content models.NoticeContent
	// SHA256 is the hash of the frozen content, in hex.
	SHA256   string
	Dispatch models.Dispatch
	Party    models.NoticeParty
	// From and ReplyTo are mailboxes; ReplyTo may be empty.
	From, ReplyTo string
	// ListID names the organisation's notices to mail programs, such as
	// notices.tywi.example; it may be empty.
	ListID                  string
	AcknowledgeURL, ReadURL string
	// The response window, both days included. No end is no window.
	WindowStart, WindowEnd models.Date
	// Zone is the employer's; nil is UTC.
	Zone *time.Location
	// Files go along: the receipt and the checkpoint. Keys are the public keys
	// they are signed with, and VerifyURL is where a receipt is checked.
	Files     []Attached
	Keys      []string
	VerifyURL string
}

// Attached is a file that goes along with a message.
type Attached struct {
	Name, Type string
	Bytes      []byte
}

// Mail is a message ready for a channel.
type Mail struct {
	// MessageID is without angle brackets and the same at every attempt.
	MessageID         string
	From, ReplyTo, To string
	Subject           string
	Text, HTML        string
	// Calendar is an .ics file to attach as CalendarName, or nil.
	Calendar     []byte
	CalendarName string
	Files        []Attached
	Headers      map[string]string
	// Date is when the message was made, not when it is tried.
	Date time.Time
}

// Compose makes the message of a notice, in the languages of its dispatch and
// in their order. A notice that lacks a text in one of them is an error: it is
// never sent in one language only.
func Compose(n Notice) (Mail, error) {
	if n.Zone == nil {
		n.Zone = time.UTC
	}
	languages, err := order(n.Dispatch.Languages, n.Content.Languages)
	if err != nil {
		return Mail{}, err
	}
	if err := n.check(languages); err != nil {
		return Mail{}, fmt.Errorf("notice %q: %w", n.Content.No, err)
	}
	m := Mail{
		MessageID: bare(n.Dispatch.MessageID),
		From:      n.From, ReplyTo: n.ReplyTo, To: n.Dispatch.Address,
		Subject: n.subject(languages),
		Headers: map[string]string{},
		Date:    n.Content.ServedAt,
		Files:   n.Files,
	}
	if n.ListID != "" {
		m.Headers["List-Id"] = "<" + n.ListID + ">"
	}
	parts := make([]part, len(languages))
	for i, l := range languages {
		parts[i] = n.part(l)
	}
	if m.Text, m.HTML, err = render(m.Subject, parts); err != nil {
		return Mail{}, err
	}
	if n.WindowEnd != 0 {
		m.Calendar = n.calendar(languages)
		m.CalendarName = n.Content.No + ".ics"
	}
	return m, m.check()
}

// order gives each language once; without any of its own a dispatch is in
// those of the notice.
func order(own, notice []models.Language) ([]models.Language, error) {
	if len(own) == 0 {
		own = notice
	}
	var out []models.Language
	for _, l := range own {
		if l != models.English && l != models.Welsh {
			return nil, fmt.Errorf("there are no words in language %q", l)
		}
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("a notice needs a language")
	}
	return out, nil
}

func (n Notice) subject(languages []models.Language) string {
	said := make([]string, len(languages))
	for i, l := range languages {
		said[i] = words.Say(string(l), "mail.notice.subject", map[string]any{"no": n.Content.No, "name": n.Content.Name, "ref": n.Content.Ref})
	}
	return strings.Join(said, " / ")
}

var number = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*$`)

// check refuses what would forge a header, and what would make the notice say
// less than it must.
func (n Notice) check(languages []models.Language) error {
	c := n.Content
	lines := []struct{ name, value string }{
		{"number", c.No},
		{"reference", c.Ref},
		{"superseded number", c.Supersedes},
		{"name", c.Name.En},
		{"name", c.Name.Cy},
		{"organisation", c.Organisation.En},
		{"organisation", c.Organisation.Cy},
		{"union", n.Party.Union},
		{"branch", n.Party.Branch},
		{"list id", n.ListID},
	}
	for _, item := range c.Items {
		lines = append(lines, struct{ name, value string }{"item title", item.Title.En}, struct{ name, value string }{"item title", item.Title.Cy})
	}
	for _, l := range lines {
		if err := oneLine(l.name, l.value); err != nil {
			return err
		}
	}
	if !number.MatchString(c.No) {
		return fmt.Errorf("%q is not the number of a notice", c.No)
	}
	if n.ListID != "" && !number.MatchString(n.ListID) {
		return fmt.Errorf("%q is not the id of a list", n.ListID)
	}
	if sum, err := hex.DecodeString(n.SHA256); err != nil || len(sum) != 32 {
		return fmt.Errorf("%q is not a SHA-256", n.SHA256)
	}
	for name, u := range map[string]string{"acknowledge": n.AcknowledgeURL, "read": n.ReadURL} {
		if err := webAddress(u); err != nil {
			return fmt.Errorf("the %s address: %w", name, err)
		}
	}
	if n.WindowEnd != 0 && (n.WindowStart == 0 || n.WindowEnd < n.WindowStart) {
		return fmt.Errorf("the response window ends on %s, before it starts on %s", n.WindowEnd, n.WindowStart)
	}
	return bilingual(c.Items, languages)
}

// bilingual refuses an item that says something, but not in a language needed.
func bilingual(items []models.NoticeItem, languages []models.Language) error {
	for _, item := range items {
		for _, t := range []models.Text{item.Title, item.Text} {
			if t == (models.Text{}) {
				continue
			}
			for _, l := range languages {
				if own := map[models.Language]string{models.English: t.En, models.Welsh: t.Cy}[l]; strings.TrimSpace(own) == "" {
					return fmt.Errorf("item %d has no text in language %q", item.No, l)
				}
			}
		}
	}
	return nil
}

// oneLine refuses line breaks and every other control character: what is
// written into a header or a calendar must stay one line of it.
func oneLine(name, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
	}) {
		return fmt.Errorf("the %s holds a line break or another control character: %q", name, value)
	}
	return nil
}

func webAddress(s string) error {
	if err := oneLine("address", s); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("%q is not a web address", s)
	}
	return nil
}

func bare(id string) string { return strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">") }

var messageID = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.-]+$`)

// check is done again before sending: a mail may have been kept meanwhile.
func (m Mail) check() error {
	if !messageID.MatchString(m.MessageID) {
		return fmt.Errorf("%q is not a message id", m.MessageID)
	}
	for name, box := range map[string]string{"sender": m.From, "recipient": m.To, "reply address": m.ReplyTo} {
		if box == "" && name == "reply address" {
			continue
		}
		if err := oneLine(name, box); err != nil {
			return err
		}
		if _, err := mail.ParseAddress(box); err != nil {
			return fmt.Errorf("the %s %q: %w", name, box, err)
		}
	}
	for name, value := range m.Headers {
		if err := oneLine("header "+name, name+value); err != nil {
			return err
		}
	}
	if m.Date.IsZero() {
		return errors.New("the mail has no date")
	}
	return errors.Join(oneLine("subject", m.Subject), oneLine("calendar name", m.CalendarName))
}
