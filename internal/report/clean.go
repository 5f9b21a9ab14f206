package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean takes from a cell what nobody typed on purpose: space around it,
// no-break spaces, characters of no width, and the CR of line ends.
func clean(s string) string {
	if strings.IndexFunc(s, odd) >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\r':
				return '\n'
			case noWidth(r):
				return -1
			case odd(r):
				return ' '
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

func odd(r rune) bool {
	return r == '\r' || r == '\u00a0' || r == '\u202f' || r == '\u2007' || noWidth(r)
}

// noWidth leaves out the joiners U+200C and U+200D, which some scripts and
// emoji need.
func noWidth(r rune) bool { return r == '\u200b' || r == '\u2060' || r == '\ufeff' || r == '\u00ad' }

// squeeze is a cell on one line, with single spaces.
func squeeze(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// fold is what two spellings must share to be the same.
func fold(s string) string { return strings.ToLower(squeeze(s)) }

// cut shortens a text to a number of characters, at a word where there is one
// not too far back, with "…" for what is left out.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)[:most]
	if i := lastSpace(r); i > most/2 {
		r = r[:i]
	} else {
		r = r[:most-1]
	}
	return strings.TrimRightFunc(string(r), func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;:–-(", c) }) + "…"
}

func lastSpace(r []rune) int {
	for i := len(r) - 1; i >= 0; i-- {
		if unicode.IsSpace(r[i]) {
			return i
		}
	}
	return -1
}

// glimpse is as much of a cell as a preview has room for.
func glimpse(s string) string { return cut(s, 200) }
