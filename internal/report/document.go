package report

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"beforehand/frontend/words"
)

// Document is a text with its structure, before it is a page, a letter or a
// file: [HTML], [DOCX] and [PDF] write the same one. Equal documents give equal
// bytes, and At is the only time in any of them.
type Document struct {
	Lang         string // en or cy
	Title        string
	Subtitle     string
	Meta         []Pair
	Blocks       []Block
	At           time.Time // printed as a day, in its own zone
	Organisation string
}

// Pair is a label and what it stands for.
type Pair struct{ Label, Value string }

// Block is a [Heading], [Para], [List], [Grid] or [Quote].
type Block interface{ block() }

// Heading opens a part. The title is level 1, so levels are 2 to 4.
type Heading struct {
	Level int
	Text  string
	ID    string // letters, digits, - and _; for links into the HTML
}

// Para is a paragraph. Its line breaks are kept.
type Para struct{ Spans []Span }

// List is a list whose order does not matter.
type List struct{ Items [][]Span }

// Grid is a table of data, with its headings said over and over on each page.
type Grid struct {
	Caption  string
	Headings []string
	Rows     [][]Cell
}

// Quote is somebody's own words, verbatim, line breaks and all.
type Quote struct {
	Spans []Span
	By    string
}

func (Heading) block() {}
func (Para) block()    {}
func (List) block()    {}
func (Grid) block()    {}
func (Quote) block()   {}

// Cell is a cell of a [Grid].
type Cell struct {
	Spans   []Span
	Header  bool // of its row
	Numeric bool // set flush right
}

// Span is a run of text with one look.
type Span struct {
	Text   string
	Href   string // http, https or relative; any other is not linked
	Strong bool
	Lang   string // when it is not the document's
}

// Plain is a text with nothing special about it.
func Plain(s string) []Span { return []Span{{Text: s}} }

// TextCell is a cell of plain text.
func TextCell(s string) Cell { return Cell{Spans: Plain(s)} }

// language is the document's language, English when it is neither.
func (d Document) language() string {
	if d.Lang == words.Welsh {
		return words.Welsh
	}
	return words.English
}

// made says who made the document and on what day; "" without a day.
func (d Document) made() string {
	if d.At.IsZero() {
		return d.Organisation
	}
	return words.Say(d.language(), "report.made", map[string]any{"date": words.Date(d.language(), d.At), "organisation": d.Organisation})
}

// level keeps a heading's level within 2 to 4.
func (h Heading) level() int { return min(max(h.Level, 2), 4) }

// columns is how many columns a table has: its headings', or those of its
// longest row when that is longer.
func (g Grid) columns() int {
	n := len(g.Headings)
	for _, row := range g.Rows {
		n = max(n, len(row))
	}
	return n
}

// safeHref gives an address that may be linked to: http, https, or relative to
// the page. Whatever else it is (javascript:, data:, another host without a
// scheme), it stays text.
func safeHref(s string) (href string, ok bool) {
	if s == "" || strings.ContainsAny(s, "\\\x00\t\r\n") || strings.HasPrefix(s, "//") {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.String(), u.Host != ""
	case "":
		return u.String(), u.Host == ""
	}
	return "", false
}

// absoluteHref is a safeHref that means something outside the site.
func absoluteHref(s string) (string, bool) {
	href, ok := safeHref(s)
	return href, ok && strings.HasPrefix(strings.ToLower(href), "http")
}

// legible replaces what no XML file, and so no Word file or feed, may hold.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return r
		case r < 0x20 || r == 0xFFFE || r == 0xFFFF || r >= 0xD800 && r <= 0xDFFF:
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// lines splits a text where its author began a new line.
func lines(s string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s), "\n")
}
