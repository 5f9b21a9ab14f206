package report

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// htmlStyle is inside the page, since the page is a file that leaves the site.
//
//nolint:misspell // as CSS spells
const htmlStyle = `
:root{color-scheme:light}
body{font:1rem/1.5 system-ui,sans-serif;color:#111;background:#fff;margin:0}
main,footer{max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.9rem;line-height:1.2;margin:1rem 0 .5rem}
h2{font-size:1.4rem;margin:2rem 0 .5rem}h3{font-size:1.15rem}h4{font-size:1rem}
.subtitle{font-size:1.2rem;margin-top:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:700}dd{margin:0}
blockquote{margin:1rem 0;padding:.25rem 1rem;border-left:.3rem solid #555}blockquote footer{padding:0;margin:0;max-width:none}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:1rem 0;width:100%}caption{text-align:left;font-weight:700;margin-bottom:.25rem}
th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:#eee}.number{text-align:right;font-variant-numeric:tabular-nums}
a{color:#003a7d}
@page{size:A4;margin:20mm}
@media print{body{font-size:10.5pt}main,footer{max-width:none;padding:0}.wide{overflow:visible}thead{display:table-header-group}
tr,h2,h3,h4,blockquote{break-inside:avoid}h2,h3,h4{break-after:avoid}}
`

// HTML writes a document as one page that needs nothing else: no script, no
// style sheet beside it.
func HTML(w io.Writer, d Document) error {
	p := page{lang: d.language()}
	p.put("<!DOCTYPE html>\n<html lang=%q>\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", p.lang)
	p.put("<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n", escape(d.Title), htmlStyle, escape(d.Title))
	if d.Subtitle != "" {
		p.put("<p class=\"subtitle\">%s</p>\n", escape(d.Subtitle))
	}
	if len(d.Meta) > 0 {
		p.put("<dl>\n")
		for _, m := range d.Meta {
			p.put("<dt>%s</dt><dd>%s</dd>\n", escape(m.Label), broken(m.Value))
		}
		p.put("</dl>\n")
	}
	for _, b := range d.Blocks {
		p.block(b)
	}
	p.put("</main>\n")
	if made := d.made(); made != "" {
		p.put("<footer><p>%s</p></footer>\n", escape(made))
	}
	p.put("</body>\n</html>\n")
	_, err := io.WriteString(w, p.String())
	return err
}

type page struct {
	strings.Builder
	lang string
}

func (p *page) put(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *page) block(b Block) {
	switch b := b.(type) {
	case Heading:
		id := ""
		if isID(b.ID) {
			id = ` id="` + b.ID + `"`
		}
		p.put("<h%d%s>%s</h%d>\n", b.level(), id, escape(b.Text), b.level())
	case Para:
		p.put("<p>%s</p>\n", p.spans(b.Spans))
	case List:
		p.put("<ul>\n")
		for _, item := range b.Items {
			p.put("<li>%s</li>\n", p.spans(item))
		}
		p.put("</ul>\n")
	case Quote:
		p.put("<blockquote>\n<p>%s</p>\n", p.spans(b.Spans))
		if b.By != "" {
			p.put("<footer>%s</footer>\n", escape(b.By))
		}
		p.put("</blockquote>\n")
	case Grid:
		p.grid(b)
	}
}

// grid is in a frame that scrolls by itself, and that the keyboard reaches, so
// that a wide table never makes the page wide.
func (p *page) grid(g Grid) {
	columns := g.columns()
	if columns == 0 {
		return
	}
	p.put("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n<table>\n", escape(g.Caption))
	if g.Caption != "" {
		p.put("<caption>%s</caption>\n", escape(g.Caption))
	}
	if len(g.Headings) > 0 {
		p.put("<thead><tr>")
		for i := range columns {
			if i < len(g.Headings) && g.Headings[i] != "" {
				p.put("<th scope=\"col\">%s</th>", escape(g.Headings[i]))
			} else {
				p.put("<td></td>") // an empty heading is none
			}
		}
		p.put("</tr></thead>\n")
	}
	p.put("<tbody>\n")
	for _, row := range g.Rows {
		p.put("<tr>")
		for i := range columns {
			var c Cell
			if i < len(row) {
				c = row[i]
			}
			tag, end := "td", "td"
			if c.Header {
				tag, end = `th scope="row"`, "th"
			}
			if c.Numeric {
				tag += ` class="number"`
			}
			p.put("<%s>%s</%s>", tag, p.spans(c.Spans), end)
		}
		p.put("</tr>\n")
	}
	p.put("</tbody>\n</table>\n</div>\n")
}

func (p *page) spans(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		text := broken(s.Text)
		if s.Strong {
			text = "<strong>" + text + "</strong>"
		}
		if s.Lang != "" && s.Lang != p.lang && isID(s.Lang) {
			text = `<span lang="` + s.Lang + `">` + text + "</span>"
		}
		if href, ok := safeHref(s.Href); ok {
			text = `<a href="` + escape(href) + `">` + text + "</a>"
		}
		b.WriteString(text)
	}
	return b.String()
}

func escape(s string) string { return html.EscapeString(legible(s)) }

// broken is a text with its line breaks kept.
func broken(s string) string {
	parts := lines(s)
	for i, part := range parts {
		parts[i] = escape(part)
	}
	return strings.Join(parts, "<br>\n")
}

// isID says whether a text may stand in an attribute as it is.
func isID(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return s != ""
}
