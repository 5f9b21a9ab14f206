package report

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"time"

	"beforehand/models"
)

// Feed is what stands at the head of an Atom feed (RFC 4287). Addresses are
// absolute; one that is empty is left out.
type Feed struct {
	ID, Title, Subtitle string
	Lang                string
	Updated             time.Time
	Author, AuthorURL   string
	Self, Alternate     string
	Variants            []Variant // the same feed in other languages
	// Pages of a feed that is cut in pages (RFC 5005, section 3).
	First, Previous, Next, Last string
	Licence                     string
}

// Variant is the same thing in another language.
type Variant struct{ Lang, URL string }

// FeedEntry is one thing that happened.
type FeedEntry struct {
	ID, Title, Summary string
	Link               string
	Published, Updated time.Time
	Categories         []Category
	Variants           []Variant
}

// Category files an entry: a code, and what people read.
type Category struct{ Term, Label, Scheme string }

// Atom writes a feed, one entry at a time: how many there are is of no matter.
// An entry without an id is an error, as readers would take all such for one.
func Atom(w io.Writer, f Feed, entries iter.Seq2[FeedEntry, error]) error {
	x := atom{bufio.NewWriter(w)}
	x.put(`<?xml version="1.0" encoding="utf-8"?>`+"\n"+`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="%s">`+"\n", xmlText(f.Lang))
	x.element("id", f.ID)
	x.element("title", f.Title)
	x.optional("subtitle", f.Subtitle)
	x.element("updated", stamp(f.Updated))
	x.put("<author>")
	x.element("name", f.Author)
	x.optional("uri", f.AuthorURL)
	x.put("</author>\n")
	x.link("self", f.Self, `type="application/atom+xml" hreflang="`+xmlText(f.Lang)+`"`)
	x.link("alternate", f.Alternate, `type="text/html"`)
	for _, v := range f.Variants {
		x.link("alternate", v.URL, `type="application/atom+xml" hreflang="`+xmlText(v.Lang)+`"`)
	}
	x.link("first", f.First, "")
	x.link("previous", f.Previous, "")
	x.link("next", f.Next, "")
	x.link("last", f.Last, "")
	x.link("license", f.Licence, "")
	for e, err := range entries {
		if err != nil {
			return err
		}
		if e.ID == "" {
			return models.Fail(models.Invalid, "invalid").Because(fmt.Errorf("an entry of the feed %s has no id", f.ID))
		}
		if err := x.entry(e, f.Lang); err != nil {
			return err
		}
	}
	x.put("</feed>\n")
	return x.w.Flush()
}

// atom writes to a bufio.Writer, which keeps its first error.
type atom struct{ w *bufio.Writer }

func (x atom) put(format string, args ...any) { fmt.Fprintf(x.w, format, args...) }

func (x atom) entry(e FeedEntry, lang string) error {
	x.put("<entry>")
	x.element("id", e.ID)
	x.element("title", e.Title)
	x.element("updated", stamp(e.Updated))
	if !e.Published.IsZero() {
		x.element("published", stamp(e.Published))
	}
	x.link("alternate", e.Link, `type="text/html" hreflang="`+xmlText(lang)+`"`)
	for _, v := range e.Variants {
		x.link("alternate", v.URL, `type="text/html" hreflang="`+xmlText(v.Lang)+`"`)
	}
	x.optional("summary", e.Summary)
	for _, c := range e.Categories {
		x.put(`<category term="%s"`, xmlText(c.Term))
		if c.Scheme != "" {
			x.put(` scheme="%s"`, xmlText(c.Scheme))
		}
		x.put(` label="%s"/>`+"\n", xmlText(c.Label))
	}
	_, err := x.w.WriteString("</entry>\n")
	return err
}

func (x atom) element(name, text string) { x.put("<%s>%s</%s>\n", name, xmlText(text), name) }

func (x atom) optional(name, text string) {
	if text != "" {
		x.element(name, text)
	}
}

func (x atom) link(rel, href, more string) {
	if href == "" {
		return
	}
	if more != "" {
		more = " " + more
	}
	x.put(`<link rel="%s"%s href="%s"/>`+"\n", rel, more, xmlText(href))
}

// stamp is a time as Atom asks for it; a feed must have one, so none is 1970.
func stamp(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}
