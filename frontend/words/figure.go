package words

import (
	"math"
	"strconv"
	"strings"
)

// Figure writes a measured number as people read it: one decimal, two below
// one, none from a thousand on, with a true minus sign. English and Welsh do it
// alike. What is no number is "".
func Figure(_ string, v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	decimals := 1
	switch size := math.Abs(v); {
	case size >= 1000:
		decimals = 0
	case size < 1 && size >= 0.095:
		decimals = 2
	case size < 0.095 && size > 0:
		decimals = 3
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	whole, rest, cut := strings.Cut(s, ".")
	if n, err := strconv.Atoi(whole); err == nil {
		whole = Number("", n)
	}
	if cut {
		whole += "." + rest
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		return "−" + whole
	}
	return whole
}
