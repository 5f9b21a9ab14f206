package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"beforehand/frontend/words"
)

// DOCX writes a document as a Word file with real headings, lists, header rows
// that repeat, links, a language and a title.
//
// The parts are written here and not by a library: godocx, which writes equal
// bytes, has no header rows of tables (w:tblHeader) and no way to set the title
// or the language of a document; both are what a screen reader goes by.
func DOCX(w io.Writer, d Document) error {
	b := docx{lang: d.language(), links: map[string]int{}}
	b.body(d)
	files := map[string]string{
		"[Content_Types].xml":          docxTypes,
		"_rels/.rels":                  docxRels,
		"docProps/core.xml":            docxCore(d),
		"word/document.xml":            docxHead + `<w:document ` + docxSpaces + `><w:body>` + b.String() + docxSection + `</w:body></w:document>`,
		"word/footer1.xml":             docxFooter(b.lang),
		"word/numbering.xml":           docxNumbering,
		"word/settings.xml":            docxSettings(b.lang),
		"word/styles.xml":              docxStyles(b.lang),
		"word/_rels/document.xml.rels": b.relations(),
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		// The day is fixed: a zip begins in 1980, and only d.At may be told.
		part, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, files[name]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// docx gathers the body, and the addresses that it links to by number.
type docx struct {
	strings.Builder
	lang  string
	links map[string]int
	order []string
}

func (b *docx) put(format string, args ...any) { fmt.Fprintf(b, format, args...) }

func (b *docx) body(d Document) {
	b.para("Heading1", "", Plain(d.Title))
	if d.Subtitle != "" {
		b.para("Subtitle", "", Plain(d.Subtitle))
	}
	for _, m := range d.Meta {
		b.para("", "", []Span{{Text: m.Label + ": ", Strong: true}, {Text: m.Value}})
	}
	for _, block := range d.Blocks {
		b.block(block)
	}
	if made := d.made(); made != "" {
		b.para("", "", Plain(made))
	}
}

func (b *docx) block(block Block) {
	switch block := block.(type) {
	case Heading:
		b.para(fmt.Sprintf("Heading%d", block.level()), "", Plain(block.Text))
	case Para:
		b.para("", "", block.Spans)
	case List:
		for _, item := range block.Items {
			b.para("ListBullet", "", item)
		}
	case Quote:
		b.para("Quote", "", block.Spans)
		if block.By != "" {
			b.para("QuoteBy", "", Plain(block.By))
		}
	case Grid:
		b.grid(block)
	}
}

// para writes a paragraph in a style, with properties of its own after it.
func (b *docx) para(style, properties string, spans []Span) {
	b.put("<w:p>")
	if style != "" || properties != "" {
		b.put("<w:pPr>")
		if style != "" {
			b.put(`<w:pStyle w:val="%s"/>`, style)
		}
		b.put("%s</w:pPr>", properties)
	}
	for _, s := range spans {
		b.run(s)
	}
	b.put("</w:p>")
}

func (b *docx) run(s Span) {
	href, linked := absoluteHref(s.Href)
	if linked {
		b.put(`<w:hyperlink r:id="link%d" w:history="1">`, b.link(href))
	}
	b.put("<w:r>")
	if linked || s.Strong || s.Lang != "" {
		b.put("<w:rPr>")
		if linked {
			b.put(`<w:rStyle w:val="Hyperlink"/>`)
		}
		if s.Strong {
			b.put("<w:b/>")
		}
		if isID(s.Lang) {
			b.put(`<w:lang w:val="%s"/>`, docxLang(s.Lang))
		}
		b.put("</w:rPr>")
	}
	for i, line := range lines(s.Text) {
		if i > 0 {
			b.put("<w:br/>")
		}
		b.put(`<w:t xml:space="preserve">%s</w:t>`, xmlText(line))
	}
	b.put("</w:r>")
	if linked {
		b.put("</w:hyperlink>")
	}
}

func (b *docx) link(href string) int {
	if _, there := b.links[href]; !there {
		b.order = append(b.order, href)
		b.links[href] = len(b.order)
	}
	return b.links[href]
}

func (b *docx) grid(g Grid) {
	columns := g.columns()
	if columns == 0 {
		return
	}
	if g.Caption != "" {
		b.para("Caption", "<w:keepNext/>", Plain(g.Caption))
	}
	rowHeads := len(g.Rows) > 0 && len(g.Rows[0]) > 0 && g.Rows[0][0].Header
	b.put(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLook w:val="0000" w:firstRow="%d" w:lastRow="0" w:firstColumn="%d" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>`,
		bit(len(g.Headings) > 0), bit(rowHeads))
	b.put(`<w:tblCaption w:val="%s"/></w:tblPr><w:tblGrid>%s</w:tblGrid>`, xmlText(g.Caption), strings.Repeat(fmt.Sprintf(`<w:gridCol w:w="%d"/>`, docxWidth/columns), columns))
	if len(g.Headings) > 0 {
		heads := make([]Cell, columns)
		for i, h := range g.Headings {
			heads[i] = Cell{Spans: Plain(h), Header: true}
		}
		b.row(heads, columns, "<w:cantSplit/><w:tblHeader/>")
	}
	for _, row := range g.Rows {
		b.row(row, columns, "<w:cantSplit/>")
	}
	b.put("</w:tbl>")
	b.para("", "", nil) // without it two tables in a row become one
}

func (b *docx) row(cells []Cell, columns int, properties string) {
	b.put("<w:tr><w:trPr>%s</w:trPr>", properties)
	for i := range columns {
		var c Cell
		if i < len(cells) {
			c = cells[i]
		}
		b.put(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, docxWidth/columns)
		align, spans := "", c.Spans
		if c.Numeric {
			align = `<w:jc w:val="right"/>`
		}
		if c.Header {
			spans = slices.Clone(spans)
			for j := range spans {
				spans[j].Strong = true
			}
		}
		b.para("TableText", align, spans)
		b.put("</w:tc>")
	}
	b.put("</w:tr>")
}

func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// xmlText escapes a text for XML; what XML cannot hold becomes U+FFFD.
func xmlText(s string) string {
	var b strings.Builder
	// A strings.Builder takes everything.
	_ = xml.EscapeText(&b, []byte(legible(s)))
	return b.String()
}

func docxLang(lang string) string {
	if lang == words.English || lang == words.Welsh {
		return lang + "-GB"
	}
	return lang
}
