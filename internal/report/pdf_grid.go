package report

import "strings"

// pdfCells is a row of a table, laid out.
type pdfCells struct {
	lines  [][]pdfLine
	aligns []bool // flush right
	most   int    // lines of the tallest cell
	nodes  []*pdfRun
}

const (
	pdfCellSize   = 9.5
	pdfCellHeight = pdfCellSize * 1.3
)

// grid sets a table. A row stays whole unless it is taller than a page; the
// headings stand again on each page, there as an artefact.
func (w *pdfWriter) grid(root *pdfNode, g Grid) {
	columns := g.columns()
	if columns == 0 {
		return
	}
	w.gap(4)
	table := root.child("Table")
	if g.Caption != "" {
		w.need(4 * pdfSize * pdfLeading)
		w.paragraph(table.child("Caption"), Plain(g.Caption), 1, pdfSize, 0, 2)
	}
	heads := make([]Cell, 0, columns)
	for _, h := range g.Headings {
		heads = append(heads, Cell{Spans: Plain(h), Header: true})
	}
	widths := w.columnWidths(g, heads, columns)
	var head pdfCells
	if len(heads) > 0 {
		head = w.cells(table.child("THead").child("TR"), heads, widths, "Column")
		w.need(head.height() + 2*pdfCellHeight)
		w.row(head, widths, 0, head.most, true, false)
	}
	if len(g.Rows) == 0 {
		return
	}
	body := table.child("TBody")
	for _, row := range g.Rows {
		w.wholeRow(w.cells(body.child("TR"), row, widths, "Row"), head, widths)
	}
	w.gap(8)
}

func (c pdfCells) height() float64 { return float64(c.most)*pdfCellHeight + 6 }

// wholeRow sets a row on the page it fits, and over several when on none.
func (w *pdfWriter) wholeRow(row, head pdfCells, widths []float64) {
	next := func() {
		w.newPage()
		// Headings that leave no room for a row are not said again.
		if head.most > 0 && head.height() < w.left()/3 {
			w.row(head, widths, 0, head.most, true, true)
		}
	}
	if w.left() < row.height() && !w.fresh() {
		next()
	}
	for from := 0; from < row.most; {
		fit := int((w.left() - 6) / pdfCellHeight)
		if fit < 1 {
			next()
			continue
		}
		to := min(row.most, from+fit)
		w.row(row, widths, from, to, false, false)
		if from = to; from < row.most {
			next()
		}
	}
}

// cells lays the cells of a row out, and makes their elements.
func (w *pdfWriter) cells(tr *pdfNode, cells []Cell, widths []float64, scope string) pdfCells {
	out := pdfCells{most: 1}
	for i, width := range widths {
		var c Cell
		if i < len(cells) {
			c = cells[i]
		}
		kind, font := "TD", 0
		if c.Header && spanText(c.Spans) != "" {
			kind, font = "TH", 1
		}
		node := tr.child(kind)
		if kind == "TH" {
			node.attrs = "/O/Table/Scope/" + scope
		}
		set := w.wrap(c.Spans, font, pdfCellSize, width-2*pdfColumnGap)
		out.lines, out.aligns, out.nodes = append(out.lines, set), append(out.aligns, c.Numeric), append(out.nodes, &pdfRun{owner: node})
		out.most = max(out.most, len(set))
	}
	return out
}

// row draws some lines of a row; again says that its words were said before.
func (w *pdfWriter) row(c pdfCells, widths []float64, from, to int, shaded, again bool) {
	height := float64(to-from)*pdfCellHeight + 6
	x, top := pdfMargin, w.y
	for i, width := range widths {
		if shaded {
			w.artefact("0.93 g %.2f %.2f %.2f %.2f re f", x, top-height, width, height)
		}
		w.artefact("0.46 G 0.5 w %.2f %.2f %.2f %.2f re S", x, top-height, width, height)
		for n := from; n < min(to, len(c.lines[i])); n++ {
			l := c.lines[i][n]
			at, y := x+pdfColumnGap, top-3-float64(n-from)*pdfCellHeight-pdfCellSize
			if c.aligns[i] {
				at = x + width - pdfColumnGap - l.width
			}
			if again {
				w.page().content.WriteString(pdfArtefact)
				for _, p := range l.pieces {
					p.href = ""
					w.show(p, at, y, pdfCellSize)
					at += p.width
				}
				w.page().content.WriteString("EMC\n")
				continue
			}
			w.draw(l, at, y, pdfCellSize, c.nodes[i])
		}
		x += width
	}
	w.y -= height
}

// columnWidths shares the width out: each column gets its longest word, and of
// the rest the more the longer its texts are.
func (w *pdfWriter) columnWidths(g Grid, heads []Cell, columns int) []float64 {
	least, wanted := make([]float64, columns), make([]float64, columns)
	measure := func(cells []Cell) {
		for i, c := range cells {
			font := w.fonts[bit(c.Header)]
			for _, line := range lines(spanText(c.Spans)) {
				wanted[i] = max(wanted[i], min(font.width(line, pdfCellSize)+2*pdfColumnGap+1, pdfText*0.7))
				for word := range strings.FieldsSeq(line) {
					least[i] = max(least[i], min(font.width(word, pdfCellSize)+2*pdfColumnGap+1, pdfText*0.4))
				}
			}
		}
	}
	measure(heads)
	for _, row := range g.Rows {
		measure(row)
	}
	var leastSum, extra float64
	for i := range columns {
		least[i] = max(least[i], 2*pdfColumnGap+pdfCellSize)
		wanted[i] = max(wanted[i], least[i])
		leastSum += least[i]
		extra += wanted[i] - least[i]
	}
	room := pdfText - leastSum
	for i := range columns {
		switch {
		case room < 0:
			least[i] *= pdfText / leastSum
		case extra > room:
			least[i] += (wanted[i] - least[i]) * room / extra
		default:
			least[i] = wanted[i] + (room-extra)*wanted[i]/(leastSum+extra)
		}
	}
	return least
}

func spanText(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}
