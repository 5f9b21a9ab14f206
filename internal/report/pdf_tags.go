package report

import (
	"fmt"
	"strings"
)

// pdfNode is an element of the structure tree: what a reader that cannot see
// the page goes by (ISO 32000-1, 14.7).
type pdfNode struct {
	kind   string // H1, P, TH, …
	attrs  string // its attributes, as a dictionary
	lang   string
	kids   []any // *pdfNode, pdfMark or pdfAnnotation
	number int   // of its object
}

// pdfMark is a piece of a page's content.
type pdfMark struct{ page, id int }

// pdfAnnotation is a link on a page.
type pdfAnnotation struct {
	page, number, key int
	href, text        string
	box               [4]float64
	owner             *pdfNode
}

func (n *pdfNode) child(kind string) *pdfNode {
	c := &pdfNode{kind: kind}
	n.kids = append(n.kids, c)
	return c
}

// number gives the objects of the tree their numbers, parents first.
func (f *pdfFile) numberNodes(n *pdfNode) {
	n.number = f.reserve()
	for _, k := range n.kids {
		if c, ok := k.(*pdfNode); ok {
			f.numberNodes(c)
		}
	}
}

// writeNodes writes the objects of the tree; pages are the numbers of the pages'.
func (f *pdfFile) writeNodes(n *pdfNode, parent int, pages []int) {
	var kids strings.Builder
	for _, k := range n.kids {
		switch k := k.(type) {
		case *pdfNode:
			f.writeNodes(k, n.number, pages)
			fmt.Fprintf(&kids, "%d 0 R ", k.number)
		case pdfMark:
			fmt.Fprintf(&kids, "<</Type/MCR/Pg %d 0 R/MCID %d>>", pages[k.page], k.id)
		case *pdfAnnotation:
			fmt.Fprintf(&kids, "<</Type/OBJR/Pg %d 0 R/Obj %d 0 R>>", pages[k.page], k.number)
		}
	}
	more := ""
	if n.attrs != "" {
		more += "/A<<" + n.attrs + ">>"
	}
	if n.lang != "" {
		more += "/Lang" + pdfString(n.lang)
	}
	f.set(n.number, "<</Type/StructElem/S/%s/P %d 0 R%s/K[%s]>>", n.kind, parent, more, strings.TrimSpace(kids.String()))
}

// parentTree says of each marked piece of each page, and of each link, whose it
// is. Keys are the pages', in order, then the links'.
func (f *pdfFile) parentTree(pages []*pdfPage, links []*pdfAnnotation) int {
	var b strings.Builder
	for i, p := range pages {
		fmt.Fprintf(&b, "%d[", i)
		for _, owner := range p.owners {
			fmt.Fprintf(&b, "%d 0 R ", owner.number)
		}
		b.WriteString("]")
	}
	for _, l := range links {
		fmt.Fprintf(&b, "%d %d 0 R ", l.key, l.owner.number)
	}
	return f.add("<</Nums[%s]>>", strings.TrimSpace(b.String()))
}

// outline writes the bookmarks, one for each part, and gives the entry of the
// catalogue; a document of one part needs none.
func (f *pdfFile) outline(parts []pdfPart, pages []int) string {
	if len(parts) < 2 {
		return ""
	}
	root := f.reserve()
	first := root + 1
	for i, p := range parts {
		near := ""
		if i > 0 {
			near += fmt.Sprintf("/Prev %d 0 R", first+i-1)
		}
		if i+1 < len(parts) {
			near += fmt.Sprintf("/Next %d 0 R", first+i+1)
		}
		f.add("<</Title %s/Parent %d 0 R%s/Dest[%d 0 R/XYZ 0 %.2f null]>>", pdfString(p.title), root, near, pages[p.page], p.y)
	}
	f.set(root, "<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>", first, first+len(parts)-1, len(parts))
	return fmt.Sprintf("/Outlines %d 0 R", root)
}
