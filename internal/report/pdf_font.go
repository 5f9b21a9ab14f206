package report

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// pdfFace is one of the Go fonts (BSD licence, with all of WGL4: Welsh,
// typographic quotes, € and £), read once.
type pdfFace struct {
	name    string
	file    []byte
	tables  map[string][]byte
	units   float64 // units of the font to the em
	widths  []uint16
	glyphOf func(r rune) uint16
}

// pdfFaces are regular and bold, in this order.
var pdfFaces = sync.OnceValues(func() ([2]*pdfFace, error) {
	var faces [2]*pdfFace
	for i, file := range [][]byte{goregular.TTF, gobold.TTF} {
		f, err := readFace([]string{"GoRegular", "Go-Bold"}[i], file)
		if err != nil {
			return faces, err
		}
		faces[i] = f
	}
	return faces, nil
})

func readFace(name string, file []byte) (*pdfFace, error) {
	font, err := sfnt.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	f := &pdfFace{name: name, file: file, tables: map[string][]byte{}, units: float64(font.UnitsPerEm())}
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		entry := file[12+16*i:]
		at, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		f.tables[string(entry[:4])] = file[at : at+size]
	}
	metrics, hmtx := int(binary.BigEndian.Uint16(f.tables["hhea"][34:])), f.tables["hmtx"]
	for g := range font.NumGlyphs() {
		f.widths = append(f.widths, binary.BigEndian.Uint16(hmtx[4*min(g, metrics-1):]))
	}
	var lock sync.Mutex
	var buffer sfnt.Buffer
	known := map[rune]uint16{}
	f.glyphOf = func(r rune) uint16 {
		lock.Lock()
		defer lock.Unlock()
		g, there := known[r]
		if !there {
			index, err := font.GlyphIndex(&buffer, r)
			if err == nil {
				g = uint16(index)
			}
			known[r] = g
		}
		return g
	}
	return f, nil
}

// pdfStandIns are signs that the font lacks and that another one says.
var pdfStandIns = map[rune]rune{'\u2011': '-', '\u202f': '\u00a0', '\u2009': ' ', '\u200a': ' ', '\u2007': '\u00a0', '\t': ' '}

// pdfFont is a face as one document uses it.
type pdfFont struct {
	*pdfFace
	used map[uint16]rune // the glyph, and what it is read as
}

// glyph gives the glyph of a sign and what it is read as. A sign that the font
// lacks is drawn as another, or as U+FFFD; one that shows nothing is not drawn.
func (f *pdfFont) glyph(r rune) (g uint16, as rune, drawn bool) {
	if unseen(r) {
		return 0, r, false
	}
	if g := f.glyphOf(r); g != 0 {
		return g, r, true
	}
	as, there := pdfStandIns[r]
	if !there {
		as = utf8.RuneError
	}
	return f.glyphOf(as), as, true
}

// unseen says whether a sign only steers others: joiners, directions, variants.
func unseen(r rune) bool {
	return noWidth(r) || unicode.Is(unicode.Cf, r) || r >= 0xFE00 && r <= 0xFE0F
}

// shape gives the glyphs of a text, and whether they say all that the text does.
func (f *pdfFont) shape(text string) (glyphs []uint16, exact bool) {
	exact = true
	for _, r := range text {
		g, as, drawn := f.glyph(r)
		if !drawn {
			exact = false
			continue
		}
		if _, there := f.used[g]; !there {
			f.used[g] = as
		}
		// Two signs may share a glyph, such as a space and a no-break space.
		exact = exact && as == r && f.used[g] == r
		glyphs = append(glyphs, g)
	}
	return glyphs, exact
}

// width is how wide a text is at a size, in points.
func (f *pdfFont) width(text string, size float64) float64 {
	_, sum := f.fits(text, size, math.Inf(1))
	return sum
}

// fits is how much of a text, in bytes, has room, and how wide that is.
func (f *pdfFont) fits(text string, size, room float64) (n int, width float64) {
	for i, r := range text {
		one := 0.0
		if g, _, drawn := f.glyph(r); drawn {
			one = float64(f.widths[g]) * size / f.units
		}
		if width+one > room {
			return i, width
		}
		width += one
	}
	return len(text), width
}

// subset is the font file with only the outlines that are used; the numbers of
// the glyphs stay. It is the same for the same text.
func (f *pdfFont) subset() []byte {
	keep := map[uint16]bool{0: true}
	for g := range f.used {
		f.withParts(g, keep)
	}
	var glyf, loca []byte
	for g := range len(f.widths) {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // a font is far below 4 GiB
		if keep[uint16(g)] {
			glyf = append(glyf, f.outline(uint16(g))...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // as above
	head := bytes.Clone(f.tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // loca in 32 bits
	tables := map[string][]byte{"glyf": glyf, "loca": loca, "head": head}
	for _, name := range []string{"cvt ", "fpgm", "hhea", "hmtx", "maxp", "prep"} {
		if t, there := f.tables[name]; there {
			tables[name] = t
		}
	}
	return fontFile(tables)
}

// outline is a glyph's entry in the table glyf; a space has none.
func (f *pdfFont) outline(g uint16) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	if binary.BigEndian.Uint16(f.tables["head"][50:]) == 0 {
		return glyf[2*int(binary.BigEndian.Uint16(loca[2*int(g):])) : 2*int(binary.BigEndian.Uint16(loca[2*int(g)+2:]))]
	}
	return glyf[binary.BigEndian.Uint32(loca[4*int(g):]):binary.BigEndian.Uint32(loca[4*int(g)+4:])]
}

// withParts keeps a glyph and those that it is made of, as ŵ is of w and ˆ.
func (f *pdfFont) withParts(g uint16, keep map[uint16]bool) {
	if keep[g] || int(g) >= len(f.widths) {
		return
	}
	keep[g] = true
	o := f.outline(g)
	if len(o) < 10 || int16(binary.BigEndian.Uint16(o)) >= 0 { //nolint:gosec // the sign is what is asked
		return
	}
	const words, scale, more, two, matrix = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 7
	for at := 10; at+4 <= len(o); {
		flags := binary.BigEndian.Uint16(o[at:])
		f.withParts(binary.BigEndian.Uint16(o[at+2:]), keep)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&two != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

// fontFile joins tables to a TrueType file.
func fontFile(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	n, power, log := len(names), 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	file := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, power * 16, log, (n - power) * 16} {
		file = binary.BigEndian.AppendUint16(file, uint16(v)) //nolint:gosec // a dozen tables
	}
	var body []byte
	for _, name := range names {
		t := tables[name]
		if name == "head" {
			binary.BigEndian.PutUint32(t[8:], 0)
		}
		file = append(file, name...)
		file = binary.BigEndian.AppendUint32(file, tableSum(t))
		file = binary.BigEndian.AppendUint32(file, uint32(12+16*n+len(body))) //nolint:gosec // a font is far below 4 GiB
		file = binary.BigEndian.AppendUint32(file, uint32(len(t)))            //nolint:gosec // as above
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(file, body...)
}

func tableSum(t []byte) (sum uint32) {
	for len(t) >= 4 {
		sum += binary.BigEndian.Uint32(t)
		t = t[4:]
	}
	if len(t) > 0 {
		sum += binary.BigEndian.Uint32(append(bytes.Clone(t), 0, 0, 0))
	}
	return sum
}

// tag is the prefix of a subset's name: six capitals that follow from it.
func (f *pdfFont) tag() string {
	var b strings.Builder
	for _, g := range slices.Sorted(maps.Keys(f.used)) {
		fmt.Fprintf(&b, "%d ", g)
	}
	sum, tag := crc32.ChecksumIEEE([]byte(b.String())), ""
	for range 6 {
		tag += string(rune('A' + sum%26))
		sum /= 26
	}
	return tag + "+"
}
