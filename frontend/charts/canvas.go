package charts

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// Sizes, in the units of the view box. A letter is reckoned at half the height
// of its line, which is wide for most founts.
const (
	width    = 640.0
	edge     = 12.0
	lineHigh = 22.0
	rowGap   = 20.0 // from the middle of a row to the label of the next
	letter   = 8.4
)

// Ways of drawing a line.
const (
	solid  = ""
	dashed = "6 4"
	dotted = "2 4"
)

// canvas gathers the elements of a figure. Every text goes through its escape.
type canvas struct{ b strings.Builder }

// figure is the whole document, height high.
func (c *canvas) figure(f Frame, height float64) string {
	var out strings.Builder
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="` + f.ID + `-title ` + f.ID + `-desc" xml:lang="` + f.Language +
		`" lang="` + f.Language + `" viewBox="0 0 ` + place(width) + ` ` + place(height) + `" width="100%" font-family="sans-serif" font-size="16" fill="currentColor" stroke="none">` + "\n")
	out.WriteString(`<title id="` + f.ID + `-title">` + escape(f.Title) + "</title>\n")
	out.WriteString(`<desc id="` + f.ID + `-desc">` + escape(f.Text) + "</desc>\n")
	out.WriteString(c.b.String())
	out.WriteString("</svg>\n")
	return out.String()
}

func (c *canvas) element(s string) { c.b.WriteString(s + "\n") }

// text writes one line; anchor is start, middle or end.
func (c *canvas) text(x, y float64, anchor, s string) {
	if s != "" {
		c.element(`<text x="` + place(x) + `" y="` + place(y) + `" text-anchor="` + anchor + `">` + escape(s) + `</text>`)
	}
}

// lines writes a text broken into lines from y on, and gives the height taken.
func (c *canvas) lines(x, y float64, s string, room float64) float64 {
	all := wrap(s, int(room/letter))
	for i, l := range all {
		c.text(x, y+lineHigh*float64(i), "start", l)
	}
	return lineHigh * float64(len(all))
}

func (c *canvas) line(x1, y1, x2, y2, thick float64, dash string) {
	s := `<line x1="` + place(x1) + `" y1="` + place(y1) + `" x2="` + place(x2) + `" y2="` + place(y2) + `" stroke="currentColor" stroke-width="` + place(thick) + `"`
	if dash != "" {
		s += ` stroke-dasharray="` + dash + `"`
	}
	c.element(s + `/>`)
}

func (c *canvas) path(points [][2]float64, thick float64, dash string) {
	if len(points) == 0 {
		return
	}
	parts := make([]string, len(points))
	for i, p := range points {
		parts[i] = place(p[0]) + "," + place(p[1])
	}
	s := `<polyline points="` + strings.Join(parts, " ") + `" fill="none" stroke="currentColor" stroke-width="` + place(thick) + `"`
	if dash != "" {
		s += ` stroke-dasharray="` + dash + `"`
	}
	c.element(s + `/>`)
}

// dot is filled, or a ring.
func (c *canvas) dot(x, y, radius float64, ring bool) {
	s := `<circle cx="` + place(x) + `" cy="` + place(y) + `" r="` + place(radius) + `"`
	if ring {
		s += ` fill="none" stroke="currentColor" stroke-width="2"`
	}
	c.element(s + `/>`)
}

func (c *canvas) box(x1, y1, x2, y2 float64) {
	c.element(`<rect x="` + place(x1) + `" y="` + place(y1) + `" width="` + place(max(x2-x1, 0.5)) + `" height="` + place(y2-y1) +
		`" fill="none" stroke="currentColor" stroke-width="2"/>`)
}

func (c *canvas) diamond(x, y, r float64) {
	c.element(`<polygon points="` + place(x) + "," + place(y-r) + " " + place(x+r) + "," + place(y) + " " + place(x) + "," + place(y+r) + " " + place(x-r) + "," + place(y) + `"/>`)
}

// axis draws the line of values below the rows, with its ticks and its name,
// and gives the height taken.
func (c *canvas) axis(f Frame, s scale, y float64) float64 {
	c.line(s.from, y, s.to, y, 1, solid)
	longest := 1
	ticks := s.ticks(6)
	for _, v := range ticks {
		longest = max(longest, len([]rune(f.Number(v))))
	}
	// Long numbers get fewer ticks rather than one number on another.
	if room := int((s.to - s.from) / (float64(longest+2) * letter)); room < len(ticks) {
		ticks = s.ticks(max(room-1, 1))
	}
	for _, v := range ticks {
		x := s.at(v)
		c.line(x, y, x, y+6, 1, solid)
		c.text(within(x, f.Number(v)), y+lineHigh, "middle", f.Number(v))
	}
	return lineHigh + 8 + c.lines(s.from, y+2*lineHigh+4, f.Axis, s.to-s.from)
}

// dashOf is how each kind of line is drawn.
var dashOf = map[LineKind]string{Zero: solid, Claim: dashed, Margin: dotted}

// references draws the lines of reference beside what a row shows, and not
// across its label.
func (c *canvas) references(lines []Line, s scale, y float64) {
	for _, l := range lines {
		c.line(s.at(l.At), y-13, s.at(l.At), y+13, 2, dashOf[l.Kind])
	}
}

// lineKeys say what the lines of reference are.
func (c *canvas) lineKeys(lines []Line) []key {
	keys := make([]key, 0, len(lines))
	for _, l := range lines {
		keys = append(keys, key{func(x, y float64) { c.line(x, y-8, x, y+8, 2, dashOf[l.Kind]) }, l.Label})
	}
	return keys
}

// key is one entry of a legend: what is drawn and what it means.
type key struct {
	draw func(x, y float64)
	says string
}

// legend writes entries one below the other, and gives the height taken.
func (c *canvas) legend(y float64, keys []key) float64 {
	taken := 0.0
	for _, k := range keys {
		if k.says == "" {
			continue
		}
		k.draw(edge+14, y+taken-5)
		taken += c.lines(edge+40, y+taken, k.says, width-2*edge-40)
	}
	return taken
}

// within keeps a centred text inside the canvas.
func within(x float64, s string) float64 {
	half := float64(len([]rune(s))) * letter / 2
	return max(min(x, width-half), half)
}

// wrap breaks a text at spaces into lines of at most so many characters; a word
// that is longer is broken.
func wrap(s string, most int) []string {
	most = max(most, 8)
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		for len([]rune(w)) > most {
			if line != "" {
				out, line = append(out, line), ""
			}
			r := []rune(w)
			out, w = append(out, string(r[:most])), string(r[most:])
		}
		switch {
		case line == "":
			line = w
		case len([]rune(line))+1+len([]rune(w)) <= most:
			line += " " + w
		default:
			out, line = append(out, line), w
		}
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > max(most, 2) {
		return string(r[:max(most, 2)-1]) + "…"
	}
	return s
}

// escape makes a text safe in an element and in an attribute; what XML cannot
// hold becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder never fails
	return b.String()
}

// place writes a coordinate, to a tenth.
func place(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}
