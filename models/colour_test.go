package models

import (
	"math"
	"testing"
)

func TestContrastWithWhite(t *testing.T) {
	t.Parallel()
	// #767676 is the lightest grey that passes, #777777 the darkest that does
	// not: the textbook pair of WCAG's 4.5 to 1.
	for colour, want := range map[string]float64{
		"#000000": 21, "#ffffff": 1, "#767676": 4.54, "#777777": 4.48, "#ff0000": 4.00, "#0000ff": 8.59, "#1d70b8": 5.17,
		"": 0, "#fff": 0, "1d70b8": 0, "#1D70B8": 0, "#1d70b8;": 0, "#gggggg": 0,
	} {
		if got := ContrastWithWhite(colour); math.Abs(got-want) > 0.01 {
			t.Errorf("%s: %.3f, want %.2f", colour, got, want)
		}
	}
}

func TestCheckHeaderColour(t *testing.T) {
	t.Parallel()
	for colour, code := range map[string]string{"": "", "#767676": "", "#1d70b8": "", "#777777": "contrast_low", "#ffdd00": "contrast_low", "blue": "not_a_colour", "#1d70b8}": "not_a_colour"} {
		var f Faults
		CheckHeaderColour(&f, "headerColour", colour)
		got := ""
		if len(f) > 0 {
			got = f[0].Code
		}
		if got != code {
			t.Errorf("%q: %q, want %q", colour, got, code)
		}
	}
	var f Faults
	CheckHeaderColour(&f, "headerColour", "#777777")
	if f[0].Params["ratio"] != "4.47" {
		t.Errorf("the ratio is said as %v", f[0].Params["ratio"])
	}
}
