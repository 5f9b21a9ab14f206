package models

import (
	"math"
	"regexp"
	"strconv"
)

// LeastContrast is what text needs to stand out from its ground: WCAG 2.2,
// success criterion 1.4.3, level AA.
const LeastContrast = 4.5

var colourForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// IsColour says whether a text is a colour written "#1d70b8".
func IsColour(s string) bool { return colourForm.MatchString(s) }

// ContrastWithWhite is the contrast ratio of white with a colour written
// "#1d70b8", from 1 to 21: (L1 + 0.05) / (L2 + 0.05), where L is the relative
// luminance, as WCAG 2.2 defines both (https://www.w3.org/TR/WCAG22/,
// "contrast ratio" and "relative luminance"). What is no colour has no contrast: 0.
func ContrastWithWhite(colour string) float64 {
	if !IsColour(colour) {
		return 0
	}
	return 1.05 / (0.2126*linear(colour[1:3]) + 0.7152*linear(colour[3:5]) + 0.0722*linear(colour[5:7]) + 0.05)
}

// linear is one channel of sRGB, two hexadecimal digits, as light.
func linear(hex string) float64 {
	n, _ := strconv.ParseUint(hex, 16, 8) // the form is checked
	c := float64(n) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// CheckHeaderColour refuses a colour that white text does not stand out from,
// and says the contrast that it has. The ratio is rounded down, so that what is
// just too low never reads as enough.
func CheckHeaderColour(f *Faults, path, colour string) {
	switch ratio := ContrastWithWhite(colour); {
	case colour == "":
	case ratio == 0:
		f.Add(path, "not_a_colour", "value", colour)
	case ratio < LeastContrast:
		f.Add(path, "contrast_low", "ratio", strconv.FormatFloat(math.Floor(ratio*100)/100, 'f', 2, 64), "least", LeastContrast)
	}
}
