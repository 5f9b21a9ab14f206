package notice

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/models"
)

// NewsItem is one thing that happened, or is due.
type NewsItem struct {
	// Topic is a heading that it goes under with others, already said in the
	// language of the news; "" is none.
	Topic string
	// Text says it in one line, already in the language of the news.
	Text string
	// URL is where to read more.
	URL string
	// At is when it happened (UTC), and Due a day to do something by, or none.
	At  time.Time
	Due models.Date
}

// News is a mail to one person with what happened: one item as soon as it did,
// or those of a day together.
type News struct {
	MessageID      string
	From, To, Name string
	Language       models.Language
	Organisation   models.Text
	// Items is exactly one, or at least one for a digest, in any order.
	Items  []NewsItem
	Digest bool
	// Day is the day of a digest.
	Day models.Date
	// SettingsURL is where the person chooses what to be mailed. UnsubscribeURL
	// ends these mails with a single POST and without sign-in (RFC 8058), and
	// with the button of the page it shows; both may be "".
	SettingsURL    string
	UnsubscribeURL string
	// Zone is for writing times; nil is UTC.
	Zone *time.Location
	// Date is when the mail is made.
	Date time.Time
}

// newsSubject is the most characters of a subject.
const newsSubject = 120

// ComposeNews makes the mail. A name, a topic or a text with a line break or
// another control character in it is an error, as is an address that is not of
// the web.
func ComposeNews(n News) (Mail, error) {
	if n.Language != models.Welsh {
		n.Language = models.English
	}
	if n.Zone == nil {
		n.Zone = time.UTC
	}
	if err := n.check(); err != nil {
		return Mail{}, err
	}
	s := speaker(n.Language)
	p := part{Lang: string(n.Language)}
	if n.Name != "" {
		p.Lead = append(p.Lead, s.line("mail.letter.dear", "name", n.Name))
	}
	subject := n.Items[0].Text
	if n.Digest {
		subject = s.say("mail.news.digest", "count", len(n.Items), "organisation", n.Organisation.In(n.Language), "day", n.Day)
		p.Sections = n.digest(s)
	} else {
		p = n.single(p, s)
	}
	p.Title = shortened(subject, newsSubject)
	p.Sections = append(p.Sections, n.why(s))
	m := Mail{
		MessageID: bare(n.MessageID), From: n.From, To: n.To, Subject: p.Title,
		Headers: map[string]string{"Auto-Submitted": "auto-generated"}, Date: n.Date,
	}
	if n.UnsubscribeURL != "" {
		m.Headers["List-Unsubscribe"] = "<" + n.UnsubscribeURL + ">"
		m.Headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
	}
	var err error
	if m.Text, m.HTML, err = render(m.Subject, []part{p}); err != nil {
		return Mail{}, err
	}
	return m, m.check()
}

func (n News) check() error {
	if len(n.Items) == 0 || !n.Digest && len(n.Items) != 1 {
		return errors.New("news of nothing, or several at once that are no digest")
	}
	if n.Digest && n.Day == 0 {
		return errors.New("a digest of no day")
	}
	lines := []string{n.Name, n.Organisation.En, n.Organisation.Cy}
	urls := []string{}
	for _, u := range []string{n.SettingsURL, n.UnsubscribeURL} {
		if u != "" {
			urls = append(urls, u)
		}
	}
	for _, i := range n.Items {
		if strings.TrimSpace(i.Text) == "" || i.At.IsZero() {
			return errors.New("an item of news without a text or a time")
		}
		lines, urls = append(lines, i.Topic, i.Text), append(urls, i.URL)
	}
	for _, l := range lines {
		if err := oneLine("news", l); err != nil {
			return err
		}
	}
	for _, u := range urls {
		if err := webAddress(u); err != nil {
			return err
		}
		// These would end the address early in a header.
		if strings.ContainsAny(u, "<> \",") {
			return errors.New("an address with a character that belongs in none")
		}
	}
	return nil
}

// single is the mail of one item. What its subject had to leave out leads.
func (n News) single(p part, s speaker) part {
	i := n.Items[0]
	if shortened(i.Text, newsSubject) != i.Text {
		p.Lead = append(p.Lead, line{Text: i.Text})
	}
	var facts []fact
	if n.Organisation != (models.Text{}) {
		facts = append(facts, fact{s.say("mail.news.organisation"), s.text(n.Organisation)})
	}
	if i.Topic != "" {
		facts = append(facts, fact{s.say("mail.news.topic"), line{Text: i.Topic}})
	}
	facts = append(facts, fact{s.say("mail.news.when"), line{Text: words.DateTime(string(n.Language), i.At, n.Zone)}})
	if i.Due != 0 {
		facts = append(facts, fact{s.say("mail.news.due"), line{Text: words.Date(string(n.Language), i.Due.Time())}})
	}
	p.Sections = append(p.Sections, section{Facts: facts, Links: []link{{s.say("mail.news.open"), i.URL}}})
	return p
}

// digest lists the items by topic: the oldest first, and the topic with the
// oldest first.
func (n News) digest(s speaker) []section {
	items := slices.Clone(n.Items)
	slices.SortStableFunc(items, func(a, b NewsItem) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Text, b.Text))
	})
	var topics []string
	under := map[string][]section{}
	for _, i := range items {
		if !slices.Contains(topics, i.Topic) {
			topics = append(topics, i.Topic)
		}
		when := []line{s.line("mail.news.happened", "when", words.DateTime(string(n.Language), i.At, n.Zone))}
		if i.Due != 0 {
			when = append(when, s.line("mail.news.due_by", "day", i.Due))
		}
		under[i.Topic] = append(under[i.Topic], section{
			Heading: i.Text, Item: true, Paras: when, Links: []link{{s.say("mail.news.open"), i.URL}},
		})
	}
	var out []section
	for _, t := range topics {
		heading := t
		if heading == "" {
			heading = s.say("mail.news.other")
		}
		out = append(append(out, section{Heading: heading}), under[t]...)
	}
	return out
}

// why closes the mail: why it came, and how to get fewer.
func (n News) why(s speaker) section {
	out := section{
		Heading: s.say("mail.news.why"),
		Paras:   []line{s.line("mail.news.why_how", "organisation", n.Organisation.In(n.Language))},
	}
	if n.SettingsURL != "" {
		out.Links = append(out.Links, link{s.say("mail.news.settings"), n.SettingsURL})
	}
	if n.UnsubscribeURL != "" {
		out.Links = append(out.Links, link{s.say("mail.news.unsubscribe"), n.UnsubscribeURL})
	}
	return out
}
