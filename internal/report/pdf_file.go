package report

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// pdfFile is a PDF file under way: numbered objects, then what points at them
// (ISO 32000-1, 7.5).
type pdfFile struct{ objects [][]byte }

// reserve gives the number of an object that is written later.
func (f *pdfFile) reserve() int {
	f.objects = append(f.objects, nil)
	return len(f.objects)
}

func (f *pdfFile) set(number int, format string, args ...any) {
	f.objects[number-1] = fmt.Appendf(nil, format, args...)
}

func (f *pdfFile) add(format string, args ...any) int {
	n := f.reserve()
	f.set(n, format, args...)
	return n
}

// stream adds a compressed stream; entries are those of its dictionary.
func (f *pdfFile) stream(data []byte, entries string) int {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // to memory
	_ = z.Close()
	return f.add("<</Length %d/Filter/FlateDecode%s>>\nstream\n%s\nendstream", b.Len(), entries, b.Bytes())
}

// bytes is the whole file. Its ID is a hash of what is in it, and so the same
// for the same document.
func (f *pdfFile) bytes(root, info int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(f.objects))
	for i, o := range f.objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	id := sha256.Sum256(b.Bytes())
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, root, info, id[:16], id[:16], start)
	return b.Bytes()
}

// pdfString is a text string, in UTF-16 whatever it holds.
func pdfString(s string) string {
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(legible(s))) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return fmt.Sprintf("<%X>", b)
}

func pdfDate(t time.Time) string { return "(D:" + t.UTC().Format("20060102150405") + "Z)" }

// pdfMetadata is the XMP packet: title, language, and that the file means to be
// PDF/UA-1.
func pdfMetadata(d Document) string {
	at := ""
	if !d.At.IsZero() {
		s := d.At.UTC().Format(time.RFC3339)
		at = "<xmp:CreateDate>" + s + "</xmp:CreateDate><xmp:ModifyDate>" + s + "</xmp:ModifyDate>"
	}
	return "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + xmlText(d.Title) + `</rdf:li></rdf:Alt></dc:title>` +
		`<dc:creator><rdf:Seq><rdf:li>` + xmlText(d.Organisation) + `</rdf:li></rdf:Seq></dc:creator>` +
		`<dc:language><rdf:Bag><rdf:li>` + docxLang(d.language()) + `</rdf:li></rdf:Bag></dc:language>` + at +
		`<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF></x:xmpmeta>` + "\n<?xpacket end=\"r\"?>"
}

// font adds a font with the outlines that were used, and how its glyphs read.
func (f *pdfFile) font(font *pdfFont) int {
	file := font.subset()
	program := f.stream(file, fmt.Sprintf("/Length1 %d", len(file)))
	name, em := font.tag()+font.name, func(v int16) int { return int(float64(v) * 1000 / font.units) }
	short := func(table string, at int) int16 { return int16(binary.BigEndian.Uint16(font.tables[table][at:])) } //nolint:gosec // signed in the font
	ascent, descent := em(short("hhea", 4)), em(short("hhea", 6))
	descriptor := f.add("<</Type/FontDescriptor/FontName/%s/Flags 32/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight 720/StemV 80/FontFile2 %d 0 R>>",
		name, em(short("head", 36)), em(short("head", 38)), em(short("head", 40)), em(short("head", 42)), ascent, descent, program)
	var widths, unicode strings.Builder
	glyphs := slices.Sorted(maps.Keys(font.used))
	for _, g := range glyphs {
		fmt.Fprintf(&widths, "%d[%.2f]", g, float64(font.widths[g])*1000/font.units)
	}
	// A table of meanings takes 100 entries at a time.
	for part := range slices.Chunk(glyphs, 100) {
		fmt.Fprintf(&unicode, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&unicode, "<%04X> <%X>\n", g, utf16Bytes(font.used[g]))
		}
		unicode.WriteString("endbfchar\n")
	}
	meaning := f.stream([]byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"+
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"+unicode.String()+"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"), "")
	descendant := f.add("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/DW 0/W[%s]>>",
		name, descriptor, widths.String())
	return f.add("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, descendant, meaning)
}

func utf16Bytes(r rune) (b []byte) {
	for _, u := range utf16.Encode([]rune{r}) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return b
}
