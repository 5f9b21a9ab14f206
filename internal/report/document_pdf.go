package report

import (
	"fmt"
	"io"
	"strings"

	"beforehand/frontend/words"
)

// PDF writes a document as a tagged PDF on A4: a structure tree for readers that
// cannot see the page, the language, the title, fonts embedded with what their
// glyphs mean, and running feet that are marked as no part of the text. It means
// to be PDF/UA-1 (ISO 14289-1) and says so in its metadata.
//
// The writer is ours: of the libraries in Go, those under a licence that can be
// shipped write no tags, and the one that does (seehuhn.de/go/pdf) is under the
// GPL.
func PDF(out io.Writer, d Document) error {
	faces, err := pdfFaces()
	if err != nil {
		return err
	}
	w := &pdfWriter{lang: d.language()}
	for i, f := range faces {
		w.fonts[i] = &pdfFont{pdfFace: f, used: map[uint16]rune{}}
	}
	w.newPage()
	root := &pdfNode{kind: "Document"}
	w.document(root, d)
	w.feet(d)
	_, err = out.Write(w.file(root, d))
	return err
}

func (w *pdfWriter) document(root *pdfNode, d Document) {
	w.paragraph(root.child("H1"), Plain(d.Title), 1, 20, 0, 4)
	if d.Subtitle != "" {
		w.paragraph(root.child("P"), Plain(d.Subtitle), 0, 13, 0, 6)
	}
	for _, m := range d.Meta {
		w.paragraph(root.child("P"), []Span{{Text: m.Label + ": ", Strong: true}, {Text: m.Value}}, 0, pdfSize, 0, 1)
	}
	w.gap(8)
	for _, b := range d.Blocks {
		w.block(root, b)
	}
	if made := d.made(); made != "" {
		w.gap(10)
		w.paragraph(root.child("P"), Plain(made), 0, 9, 0, 0)
	}
}

func (w *pdfWriter) block(root *pdfNode, b Block) {
	switch b := b.(type) {
	case Heading:
		size := [...]float64{15, 12.5, 11}[b.level()-2]
		w.gap(size * 0.7)
		w.need(size*pdfLeading + 3*pdfSize*pdfLeading) // never alone at the foot
		if b.level() == 2 {
			w.parts = append(w.parts, pdfPart{b.Text, len(w.pages) - 1, w.y})
		}
		w.paragraph(root.child(fmt.Sprintf("H%d", b.level())), Plain(b.Text), 1, size, 0, 3)
	case Para:
		w.paragraph(root.child("P"), b.Spans, 0, pdfSize, 0, 6)
	case List:
		w.list(root, b)
	case Quote:
		node := root.child("BlockQuote")
		w.quoted(node.child("P"), b.Spans, 0)
		if b.By != "" {
			w.quoted(node.child("P"), Plain(b.By), 1)
		}
		w.gap(6)
	case Grid:
		w.grid(root, b)
	}
}

// paragraph sets spans over the width of the text, and leaves a gap after.
func (w *pdfWriter) paragraph(node *pdfNode, spans []Span, font int, size, indent, after float64) {
	run := &pdfRun{owner: node}
	for _, l := range w.wrap(spans, font, size, pdfText-indent) {
		w.need(size * pdfLeading)
		w.draw(l, pdfMargin+indent, w.y-size, size, run)
		w.y -= size * pdfLeading
	}
	w.gap(after)
}

func (w *pdfWriter) list(root *pdfNode, l List) {
	if len(l.Items) == 0 {
		return
	}
	list := root.child("L")
	list.attrs = "/O/List/ListNumbering/Disc"
	for _, item := range l.Items {
		w.need(pdfSize * pdfLeading)
		li := list.child("LI")
		w.draw(pdfLine{pieces: []pdfPiece{{text: "• "}}}, pdfMargin+4, w.y-pdfSize, pdfSize, &pdfRun{owner: li.child("Lbl")})
		w.paragraph(li.child("LBody"), item, 0, pdfSize, 16, 2)
	}
	w.gap(4)
}

// quoted sets somebody's words apart, with a bar beside each line.
func (w *pdfWriter) quoted(node *pdfNode, spans []Span, font int) {
	run, height := &pdfRun{owner: node}, pdfSize*pdfLeading
	for _, l := range w.wrap(spans, font, pdfSize, pdfText-28) {
		w.need(height)
		w.artefact("0.35 g %.2f %.2f 2.5 %.2f re f", pdfMargin+4, w.y-height, height)
		w.draw(l, pdfMargin+16, w.y-pdfSize, pdfSize, run)
		w.y -= height
	}
}

// feet numbers the pages, once it is known how many there are.
func (w *pdfWriter) feet(d Document) {
	const size = 8.5
	all := w.pages
	for i, p := range all {
		w.pages = []*pdfPage{p} // where show writes
		said := words.Say(w.lang, "report.page", map[string]any{"page": i + 1, "pages": len(all)})
		p.content.WriteString("/Artifact <</Type/Pagination/Subtype/Footer>> BDC\n") //nolint:misspell // the standard's name
		w.show(pdfPiece{text: said}, pdfWidth-pdfMargin-w.fonts[0].width(said, size), pdfMargin-12, size)
		if title := w.wrap(Plain(strings.Join(strings.Fields(d.Title), " ")), 0, size, pdfText*0.75)[0]; len(title.pieces) > 0 {
			w.show(title.pieces[0], pdfMargin, pdfMargin-12, size)
		}
		p.content.WriteString("EMC\n")
	}
	w.pages = all
}

// file joins what was laid out.
func (w *pdfWriter) file(root *pdfNode, d Document) []byte {
	f := &pdfFile{}
	catalog, info, tree, kids := f.reserve(), f.reserve(), f.reserve(), f.reserve()
	fonts := [2]int{f.font(w.fonts[0]), f.font(w.fonts[1])}
	numbers := make([]int, len(w.pages))
	for i := range numbers {
		numbers[i] = f.reserve()
	}
	f.numberNodes(root)
	var links []*pdfAnnotation
	for _, p := range w.pages {
		for _, l := range p.links {
			l.number, l.key = f.reserve(), len(w.pages)+len(links)
			links = append(links, l)
		}
	}
	f.writeNodes(root, tree, numbers)
	f.set(tree, "<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", root.number, f.parentTree(w.pages, links), len(w.pages)+len(links))
	var list strings.Builder
	for i, p := range w.pages {
		var annots strings.Builder
		for _, l := range p.links {
			f.set(l.number, "<</Type/Annot/Subtype/Link/Rect[%.2f %.2f %.2f %.2f]/Border[0 0 0]/F 4/Contents %s/StructParent %d/A<</Type/Action/S/URI/URI %s>>>>",
				l.box[0], l.box[1], l.box[2], l.box[3], pdfString(l.text), l.key, pdfASCII(l.href))
			fmt.Fprintf(&annots, "%d 0 R ", l.number)
		}
		content := f.stream(p.content.Bytes(), "")
		f.set(numbers[i], "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</Font<</F0 %d 0 R/F1 %d 0 R>>>>/Contents %d 0 R/StructParents %d/Tabs/S/Annots[%s]>>",
			kids, pdfWidth, pdfHeight, fonts[0], fonts[1], content, i, strings.TrimSpace(annots.String()))
		fmt.Fprintf(&list, "%d 0 R ", numbers[i])
	}
	f.set(kids, "<</Type/Pages/Kids[%s]/Count %d>>", strings.TrimSpace(list.String()), len(numbers))
	xmp := []byte(pdfMetadata(d))
	metadata := f.add("<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream", len(xmp), xmp)
	f.set(catalog, "<</Type/Catalog/Pages %d 0 R/StructTreeRoot %d 0 R/MarkInfo<</Marked true>>/Lang %s/ViewerPreferences<</DisplayDocTitle true>>/Metadata %d 0 R%s>>",
		kids, tree, pdfString(docxLang(w.lang)), metadata, f.outline(w.parts, numbers))
	dates := ""
	if !d.At.IsZero() {
		dates = "/CreationDate" + pdfDate(d.At) + "/ModDate" + pdfDate(d.At)
	}
	f.set(info, "<</Title %s/Author %s%s>>", pdfString(d.Title), pdfString(d.Organisation), dates)
	return f.bytes(catalog, info)
}

// pdfASCII is an address as a byte string; url.URL.String has escaped whatever
// is not ASCII.
func pdfASCII(s string) string { return fmt.Sprintf("<%X>", s) }
