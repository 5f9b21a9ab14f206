package models

import (
	"strings"
	"unicode"
)

// FoldedName is a name as people read it at a glance: its letters and digits
// without case. Two names that fold alike are taken for one.
func FoldedName(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, s)
}

// CheckPlainName refuses a name with signs in which another could be dressed
// up: of other alphabets, without width, or that say a sentence of their own.
func CheckPlainName(f *Faults, path, s string, most int) {
	CheckText(f, path, s, most)
	for _, c := range s {
		if c > unicode.MaxLatin1 && !unicode.Is(unicode.Latin, c) && c != '’' || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune(" &-’'.()/", c) {
			f.Add(path, "not_plain")
			return
		}
	}
}
