package notice

import (
	"embed"
	"html/template"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"beforehand/frontend/words"
	"beforehand/models"
)

// part is a message in one language. Text and HTML are written from the same
// parts, so that neither says what the other does not.
type part struct {
	Lang     string
	Title    string
	Lead     []line
	Sections []section
}

// section is a heading and what stands under it, in this order.
type section struct {
	Heading string
	// Item marks a numbered item, a level below the section before it.
	Item  bool
	Facts []fact
	Paras []line
	List  []line
	Links []link
	Code  string
}

type fact struct {
	Label string
	Value line
}

// line is a text. Lang is set when it is not in the language of its part.
type line struct{ Text, Lang string }

// Rows are the lines a text was written in.
func (l line) Rows() []string { return strings.Split(l.Text, "\n") }

type link struct{ Text, URL string }

// speaker says things in the language of a part.
type speaker models.Language

func (s speaker) say(code string, pairs ...any) string {
	params := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i].(string)] = pairs[i+1]
	}
	return words.Say(string(s), code, params)
}

func (s speaker) line(code string, pairs ...any) line { return line{Text: s.say(code, pairs...)} }

// text gives a text of the employer's, marked when it is in the other language.
func (s speaker) text(t models.Text) line {
	in := line{Text: tidy(t.In(models.Language(s)))}
	switch {
	case models.Language(s) == models.Welsh && t.Cy == "" && t.En != "":
		in.Lang = string(models.English)
	case models.Language(s) == models.English && t.En == "" && t.Cy != "":
		in.Lang = string(models.Welsh)
	}
	return in
}

// tidy leaves line breaks of one kind and no other control characters.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, "\n")
}

func (n Notice) part(l models.Language) part {
	c, s := n.Content, speaker(l)
	p := part{Lang: string(l), Title: s.say("mail.notice.title", "no", c.No)}
	p.Lead = append(p.Lead, s.line("mail.notice.intro", "organisation", c.Organisation, "union", n.Party.Union, "branch", n.Party.Branch))
	lead := func(yes bool, code string, pairs ...any) {
		if yes {
			p.Lead = append(p.Lead, s.line(code, pairs...))
		}
	}
	lead(n.Party.WithoutPrejudice, "mail.notice.prejudice")
	lead(c.Late, "mail.notice.late")
	lead(c.Supersedes != "", "mail.notice.supersedes", "no", c.Supersedes)
	lead(c.Restarts, "mail.notice.restarts")
	lead(n.WindowEnd != 0, "mail.notice.respond", "date", n.WindowEnd)
	lead(n.WindowEnd != 0, "mail.notice.calendar")
	p.Sections = append(p.Sections, section{Facts: []fact{
		{s.say("mail.notice.kind"), s.line("noticeKind." + string(c.Kind))},
		{s.say("mail.notice.deployment"), s.text(c.Name)},
		{s.say("mail.notice.ref"), line{Text: c.Ref}},
		{s.say("mail.notice.class"), s.line("changeClass." + string(c.Class))},
		{s.say("mail.notice.served"), line{Text: words.DateTime(string(l), c.ServedAt, n.Zone)}},
	}})
	if len(n.Party.Why) > 0 {
		why := section{Heading: s.say("mail.notice.why")}
		for _, w := range n.Party.Why {
			why.List = append(why.List, s.text(w))
		}
		p.Sections = append(p.Sections, why)
	}
	if c.Correction != (models.Text{}) {
		p.Sections = append(p.Sections, section{Heading: s.say("mail.notice.correction"), Paras: paragraphs(s.text(c.Correction))})
	}
	if c.NotWorse != "" {
		p.Sections = append(p.Sections, section{Heading: s.say("mail.notice.not_worse"), Paras: paragraphs(s.text(models.Text{En: c.NotWorse}))})
	}
	return n.closing(n.items(p, s), s)
}

func (n Notice) items(p part, s speaker) part {
	if len(n.Content.Items) == 0 {
		return p
	}
	p.Sections = append(p.Sections, section{Heading: s.say("mail.notice.items")})
	for _, item := range n.Content.Items {
		paras := paragraphs(s.text(item.Text))
		if len(paras) == 0 {
			paras = []line{s.line("mail.notice.empty")}
		}
		p.Sections = append(p.Sections, section{
			Heading: s.say("mail.notice.item", "no", strconv.Itoa(item.No), "title", item.Title), Item: true, Paras: paras,
		})
	}
	return p
}

// paragraphs splits a text at its blank lines.
func paragraphs(l line) []line {
	var out []line
	for p := range strings.SplitSeq(l.Text, "\n\n") {
		if p = strings.Trim(p, "\n"); strings.TrimSpace(p) != "" {
			out = append(out, line{p, l.Lang})
		}
	}
	return out
}

func (n Notice) closing(p part, s speaker) part {
	no := n.Content.No
	p.Sections = append(p.Sections, section{
		Heading: s.say("mail.notice.acknowledge"),
		Paras:   []line{s.line("mail.notice.acknowledge_how")},
		Links: []link{
			{s.say("mail.notice.acknowledge_link", "no", no), n.AcknowledgeURL},
			{s.say("mail.notice.read_link", "no", no), n.ReadURL},
		},
	}, section{
		Heading: s.say("mail.notice.hash"),
		Paras:   []line{s.line("mail.notice.hash_how")},
		Code:    strings.ToLower(n.SHA256),
	})
	if len(n.Files) > 0 {
		p.Sections = append(p.Sections, section{
			Heading: s.say("mail.notice.receipt"),
			Paras:   []line{s.line("mail.notice.receipt_how"), s.line("mail.notice.receipt_key")},
			Code:    strings.Join(n.Keys, "\n"),
			Links:   []link{{s.say("mail.notice.receipt_link"), n.VerifyURL}},
		})
	}
	return p
}

//go:embed mail.html
var files embed.FS

var page = template.Must(template.ParseFS(files, "mail.html"))

// render writes the parts one after the other, as text and as HTML. A reader
// of a later language is told at the top that it follows.
func render(subject string, parts []part) (text, html string, err error) {
	var follows []line
	for _, p := range parts[1:] {
		follows = append(follows, line{words.Say(p.Lang, "mail.follows", nil), p.Lang})
	}
	var h strings.Builder
	err = page.Execute(&h, struct {
		Subject string
		Follows []line
		Parts   []part
	}{subject, follows, parts})
	return plain(follows, parts), h.String(), err
}

func plain(follows []line, parts []part) string {
	var b strings.Builder
	for _, f := range follows {
		b.WriteString(f.Text + "\n\n")
	}
	for i, p := range parts {
		if i > 0 {
			b.WriteString("\n" + strings.Repeat("*", 60) + "\n\n")
		}
		heading(&b, p.Title, "=")
		for _, l := range p.Lead {
			b.WriteString(l.Text + "\n\n")
		}
		for _, s := range p.Sections {
			s.plain(&b)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func heading(b *strings.Builder, s, under string) {
	b.WriteString(s + "\n" + strings.Repeat(under, utf8.RuneCountInString(s)) + "\n\n")
}

func (s section) plain(b *strings.Builder) {
	switch {
	case s.Item:
		b.WriteString(s.Heading + "\n")
	case s.Heading != "":
		b.WriteString("\n")
		heading(b, s.Heading, "-")
	}
	for _, f := range s.Facts {
		b.WriteString(f.Label + ": " + f.Value.Text + "\n")
	}
	if len(s.Facts) > 0 {
		b.WriteString("\n")
	}
	for _, l := range s.Paras {
		b.WriteString(l.Text + "\n\n")
	}
	for _, l := range s.List {
		b.WriteString("- " + strings.ReplaceAll(l.Text, "\n", "\n  ") + "\n")
	}
	if len(s.List) > 0 {
		b.WriteString("\n")
	}
	for _, l := range s.Links {
		b.WriteString(l.Text + ":\n" + l.URL + "\n\n")
	}
	if s.Code != "" {
		b.WriteString(s.Code + "\n\n")
	}
}
