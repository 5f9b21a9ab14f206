package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A4 with margins of 20 mm, in points.
const (
	pdfWidth, pdfHeight = 595.28, 841.89
	pdfMargin           = 56.69
	pdfFoot             = pdfMargin + 14 // the footer stands in the margin
	pdfText             = pdfWidth - 2*pdfMargin
	pdfSize             = 10.5
	pdfLeading          = 1.4 // lines apart, in sizes
	pdfColumnGap        = 4.0 // within a cell, on each side
)

// pdfArtefact begins what is no part of the text.
const pdfArtefact = "/Artifact BMC\n" //nolint:misspell // the standard's name

// pdfPage is a page under way.
type pdfPage struct {
	content bytes.Buffer
	owners  []*pdfNode // of each marked piece
	links   []*pdfAnnotation
}

// pdfWriter lays text out from top to bottom and marks whose it is.
type pdfWriter struct {
	fonts [2]*pdfFont
	lang  string
	pages []*pdfPage
	parts []pdfPart
	y     float64 // of the next line's top
}

// pdfPart is where a heading of level 2 stands.
type pdfPart struct {
	title string
	page  int
	y     float64
}

func (w *pdfWriter) page() *pdfPage { return w.pages[len(w.pages)-1] }

func (w *pdfWriter) newPage() {
	w.pages = append(w.pages, &pdfPage{})
	w.y = pdfHeight - pdfMargin
}

// left is how much room the page has.
func (w *pdfWriter) left() float64 { return w.y - pdfFoot }

// fresh says whether nothing is on the page yet.
func (w *pdfWriter) fresh() bool { return w.y >= pdfHeight-pdfMargin }

// need begins a new page when there is not so much room.
func (w *pdfWriter) need(height float64) {
	if w.left() < height && !w.fresh() {
		w.newPage()
	}
}

// gap leaves space, but not at the top of a page.
func (w *pdfWriter) gap(height float64) {
	if !w.fresh() {
		w.y -= height
	}
}

// pdfPiece is a part of a line with one look.
type pdfPiece struct {
	text  string
	font  int // 0 regular, 1 bold
	href  string
	lang  string
	width float64
}

// pdfLine is a line of text.
type pdfLine struct {
	pieces []pdfPiece
	width  float64
}

// wrap breaks spans into lines no wider than room. A word that is wider is
// broken where it must be.
func (w *pdfWriter) wrap(spans []Span, font int, size, room float64) []pdfLine {
	out := []pdfLine{{}}
	for _, s := range spans {
		p := pdfPiece{font: font}
		if s.Strong {
			p.font = 1
		}
		p.href, _ = absoluteHref(s.Href)
		if s.Lang != w.lang && isID(s.Lang) {
			p.lang = s.Lang
		}
		for i, line := range lines(legible(s.Text)) {
			if i > 0 {
				out = append(out, pdfLine{})
			}
			// Words keep the space after them, so that text taken out of the file
			// has it too.
			for word := range strings.SplitAfterSeq(strings.ReplaceAll(line, "\t", " "), " ") {
				out = w.place(out, p, word, size, room)
			}
		}
	}
	return out
}

func (w *pdfWriter) place(out []pdfLine, p pdfPiece, word string, size, room float64) []pdfLine {
	font := w.fonts[p.font]
	for word != "" {
		last := &out[len(out)-1]
		n, width := font.fits(word, size, room-last.width)
		switch {
		case strings.Trim(word[n:], " ") == "": // the space after a word may stick out
			last.add(p, word, font.width(word, size))
			return out
		case last.width > 0:
			out = append(out, pdfLine{})
			continue
		case n == 0: // one sign at least, however narrow the column
			_, n = utf8.DecodeRuneInString(word)
			width = font.width(word[:n], size)
		}
		last.add(p, word[:n], width)
		word = word[n:]
		out = append(out, pdfLine{})
	}
	return out
}

func (l *pdfLine) add(p pdfPiece, text string, width float64) {
	l.width += width
	if n := len(l.pieces); n > 0 {
		if q := &l.pieces[n-1]; q.font == p.font && q.href == p.href && q.lang == p.lang {
			q.text, q.width = q.text+text, q.width+width
			return
		}
	}
	p.text, p.width = text, width
	l.pieces = append(l.pieces, p)
}

// pdfRun keeps which element a paragraph's link or foreign words belong to, so
// that a link over two lines is one link.
type pdfRun struct {
	owner      *pdfNode
	node       *pdfNode
	href, lang string
}

// of gives the element that a piece belongs to.
func (r *pdfRun) of(p pdfPiece) *pdfNode {
	if p.href == "" && p.lang == "" {
		r.node = nil
		return r.owner
	}
	if r.node == nil || r.href != p.href || r.lang != p.lang {
		kind := "Span"
		if p.href != "" {
			kind = "Link"
		}
		r.node, r.href, r.lang = r.owner.child(kind), p.href, p.lang
		r.node.lang = p.lang
	}
	return r.node
}

// draw puts a line on the page with its baseline at y.
func (w *pdfWriter) draw(l pdfLine, x, y, size float64, run *pdfRun) {
	page := w.page()
	for _, p := range l.pieces {
		if p.text == "" {
			continue
		}
		node := run.of(p)
		id := len(page.owners)
		page.owners = append(page.owners, node)
		node.kids = append(node.kids, pdfMark{len(w.pages) - 1, id})
		fmt.Fprintf(&page.content, "/%s <</MCID %d>> BDC\n", node.kind, id)
		w.show(p, x, y, size)
		page.content.WriteString("EMC\n")
		if p.href != "" {
			visible := p.width - w.fonts[p.font].width(p.text, size) + w.fonts[p.font].width(strings.TrimRight(p.text, " "), size)
			fmt.Fprintf(&page.content, pdfArtefact+"0 0.23 0.49 RG 0.5 w %.2f %.2f m %.2f %.2f l S\nEMC\n", x, y-1.5, x+visible, y-1.5)
			link := &pdfAnnotation{page: len(w.pages) - 1, href: p.href, text: strings.TrimSpace(p.text), box: [4]float64{x, y - 3, x + visible, y + size}, owner: node}
			page.links = append(page.links, link)
			node.kids = append(node.kids, link)
		}
		x += p.width
	}
}

// show writes a piece's glyphs; signs that the font lacks are told beside them.
func (w *pdfWriter) show(p pdfPiece, x, y, size float64) {
	glyphs, exact := w.fonts[p.font].shape(p.text)
	b := &w.page().content
	if !exact {
		fmt.Fprintf(b, "/Span <</ActualText %s>> BDC\n", pdfString(p.text))
	}
	colour := "0 g"
	if p.href != "" {
		colour = "0 0.23 0.49 rg"
	}
	fmt.Fprintf(b, "BT %s /F%d %.2f Tf %.2f %.2f Td <", colour, p.font, size, x, y)
	for _, g := range glyphs {
		fmt.Fprintf(b, "%04X", g)
	}
	b.WriteString("> Tj ET\n")
	if !exact {
		b.WriteString("EMC\n")
	}
}

// artefact draws what is only for the eye.
func (w *pdfWriter) artefact(format string, args ...any) {
	fmt.Fprintf(&w.page().content, pdfArtefact+format+"\nEMC\n", args...)
}
