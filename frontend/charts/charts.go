// Package charts draws the three figures of a productivity claim as SVG: dots
// with intervals, distributions, and a series over time. Each is complete and
// stands alone: it has a title and a description, uses no script and no style
// (a page's policy may forbid both), and takes the colour of the text around
// it, so that it prints and obeys forced colours. Nothing is told by colour.
//
// It knows no words and no formats: whoever draws passes both in, and shows the
// figure's table beside it, for those to whom a picture says nothing.
package charts

import (
	"errors"
	"math"
	"strings"
)

// What a figure is refused for.
var (
	ErrNotFinite = errors.New("charts: a value is not a number that can be drawn")
	ErrOrder     = errors.New("charts: the ends of an interval or of a distribution are in the wrong order")
	ErrEmpty     = errors.New("charts: there is nothing to draw")
	ErrTooMany   = errors.New("charts: there is more than a figure can show")
	ErrFrame     = errors.New("charts: a figure needs an ID of small letters, digits and hyphens, a language, a title, a text, and its formats")
)

const (
	mostRows   = 200
	mostPoints = 5_000
	farthest   = 1e15 // beyond it the places of ticks are lost
)

// Frame is what every figure has.
type Frame struct {
	ID       string // begins with a letter; unique on the page, since the title and the text are named by it
	Language string // BCP 47, such as cy
	Title    string
	Text     string // says in words what the figure shows
	Axis     string // what is measured, and its unit
	// Number writes a value of the axis.
	Number func(float64) string
}

func (f Frame) check() error {
	if f.Title == "" || f.Text == "" || f.Language == "" || f.Number == nil || f.ID == "" || f.ID[0] < 'a' || f.ID[0] > 'z' {
		return ErrFrame
	}
	for _, c := range f.ID + strings.ToLower(f.Language) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return ErrFrame
		}
	}
	return nil
}

// LineKind is what a line of reference stands for; each kind is drawn in its own way.
type LineKind int

// The kinds of line.
const (
	Zero   LineKind = iota // no change: unbroken
	Claim                  // what was claimed: dashes
	Margin                 // the most that is put up with: dots
)

// Line is a line of reference across all rows.
type Line struct {
	Kind  LineKind
	At    float64
	Label string
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.Abs(v) > farthest {
			return false
		}
	}
	return true
}
