package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plainForm undoes the ways in which a text can look like another: full-width
// and other digits become 0 to 9, letters of other alphabets that look Latin
// become Latin, dashes and spaces become one kind, and what has no width goes.
// It is only compared and never kept.
func plainForm(s string) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me, unicode.Cc, unicode.Co):
		case unicode.Is(unicode.Nd, r):
			b.WriteByte(digitOf(r))
		case unicode.Is(unicode.Pd, r) || r == '\u2212':
			b.WriteByte('-')
		case unicode.Is(unicode.Zs, r) || r == '\u115f' || r == '\u3164' || r == '\u2800':
			b.WriteByte(' ')
		default:
			b.WriteString(lookalike(r))
		}
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// digitOf gives the value of a decimal digit of any script: Unicode keeps them
// in runs of ten that begin with nought.
func digitOf(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return digitAt(r - rune(t.Lo))
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo := rune(t.Lo); r >= lo && r <= rune(t.Hi) { //nolint:gosec // code points fit
			return digitAt(r - lo)
		}
	}
	return '?'
}

func digitAt(offset rune) byte { return "0123456789"[offset%10] }

// alike pairs letters that look the same with their Latin ones.
var alike = map[rune]string{
	'а': "a", 'в': "b", 'е': "e", 'к': "k", 'м': "m", 'н': "h", 'о': "o", 'р': "p", 'с': "c", 'т': "t", 'у': "y", 'х': "x", 'ѕ': "s", 'і': "i", 'ј': "j", 'ԁ': "d", 'ԛ': "q", 'ԝ': "w", 'һ': "h",
	'А': "A", 'В': "B", 'Е': "E", 'К': "K", 'М': "M", 'Н': "H", 'О': "O", 'Р': "P", 'С': "C", 'Т': "T", 'У': "Y", 'Х': "X", 'Ѕ': "S", 'І': "I", 'Ј': "J",
	'α': "a", 'β': "b", 'ε': "e", 'ι': "i", 'κ': "k", 'ν': "v", 'ο': "o", 'ρ': "p", 'τ': "t", 'υ': "u", 'χ': "x",
	'Α': "A", 'Β': "B", 'Ε': "E", 'Ζ': "Z", 'Η': "H", 'Ι': "I", 'Κ': "K", 'Μ': "M", 'Ν': "N", 'Ο': "O", 'Ρ': "P", 'Τ': "T", 'Υ': "Y", 'Χ': "X",
	'ł': "l", 'Ł': "L", 'ø': "o", 'Ø': "O", 'đ': "d", 'Đ': "D",
	'ı': "i", 'ɑ': "a", 'ɡ': "g", 'ⓐ': "a", '。': ".", '·': ".", '•': ".", '‧': ".", '・': ".", '’': "'", '‘': "'", '⁄': "/", '∕': "/",
	'❶': "1", '❷': "2", '❸': "3", '❹': "4", '❺': "5", '❻': "6", '❼': "7", '❽': "8", '❾': "9", '⓿': "0",
	'➀': "1", '➁': "2", '➂': "3", '➃': "4", '➄': "5", '➅': "6", '➆': "7", '➇': "8", '➈': "9",
	'⓵': "1", '⓶': "2", '⓷': "3", '⓸': "4", '⓹': "5", '⓺': "6", '⓻': "7", '⓼': "8", '⓽': "9",
}

func lookalike(r rune) string {
	if s, ok := alike[r]; ok {
		return s
	}
	return string(r)
}

// bare is a text in small letters without accents, as the lists of names are.
func bare(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}
