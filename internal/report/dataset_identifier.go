package report

import (
	"regexp"
	"strings"
)

// identifier finds what tells who somebody is, anywhere in a text, and gives the
// code of the problem; "" is nothing found. The caller shows neither the text
// nor any of it.
func (r *rowRules) identifier(text string) string {
	s := plainForm(text)
	if wholeHex(s) {
		// A hash: what looks like something inside it is chance.
		return ""
	}
	digits, letters := tally(s)
	lower, upper := strings.ToLower(s), strings.ToUpper(s)
	switch {
	case isEmail(lower):
		return "dataset.email"
	case digits >= 6 && letters >= 2 && hasInsurance(upper):
		return "dataset.ni_number"
	case r.staff != nil && (r.staff.MatchString(s) || r.staff.MatchString(squashed(s))):
		return "dataset.staff_number"
	}
	if digits >= 10 {
		if code := digitRuns(s); code != "" {
			return code
		}
		if code := edgeDigits(s); code != "" {
			return code
		}
	}
	switch {
	case digits >= 2 && letters >= 3 && hasPostcode(upper):
		return "dataset.postcode"
	case digits >= 3 && hasBirthDate(lower, digits, letters):
		return "dataset.birth_date"
	case letters >= 3 && hasName(s):
		return "dataset.name"
	case digits >= 5 && hasStaffNumber(s):
		return "dataset.staff_number"
	}
	return ""
}

var (
	// staffToken is a number with the letters that it begins or ends with.
	staffToken = regexp.MustCompile(`(?:^|[^\pL\d])(?:\pL{1,4}[-_]?\d{5,}\pL?|\d{5,8}\pL?)(?:$|[^\pL\d])`)
	// counted is how a program numbers people itself: p00017.
	counted = regexp.MustCompile(`^[pws]000\d\d$`)
)

// hasStaffNumber finds five digits or more in a row, with or without letters.
// An amount with a unit or with a decimal mark is none: it is judged as a number.
func hasStaffNumber(s string) bool {
	switch {
	case onlyDigits(s):
		return true
	case counted.MatchString(s), withUnit.MatchString(s), otherMark.MatchString(s):
		return false
	}
	return staffToken.MatchString(s)
}

// tally counts digits and letters: most texts have too few for most patterns,
// which take far longer to try.
func tally(s string) (digits, letters int) {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0x80:
			letters++
		}
	}
	return digits, letters
}

var (
	hexDigits  = regexp.MustCompile(`^(?:[0-9a-f]+|[0-9A-F]+)$`)
	nineAtEdge = regexp.MustCompile(`^\d{9}|\d{9}$`)
	nineDigits = regexp.MustCompile(`\d{9}`)
	edges      = regexp.MustCompile(`^\d{10,}|\d{10,}$`)
)

// isHex says that a text has the form of a hash, of one of the usual lengths.
func isHex(s string) bool {
	switch len(s) {
	case 16, 20, 24, 32, 40, 64:
		_, letters := tally(s)
		return letters >= 3 && hexDigits.MatchString(s)
	}
	return false
}

// wholeHex says that a text is a hash and hides no number: one that begins or
// ends with nine digits, or that is short and has them anywhere, may be a number
// with letters put to it.
func wholeHex(s string) bool {
	if !isHex(s) {
		return false
	}
	if len(s) < 32 {
		return !nineDigits.MatchString(s)
	}
	return !nineAtEdge.MatchString(s)
}

// edgeDigits looks at the digits with which what looks like a hash begins and
// ends: digits of the hash may follow those of the number.
func edgeDigits(s string) string {
	if !isHex(s) {
		return ""
	}
	for _, run := range edges.FindAllString(s, -1) {
		for n := 10; n <= min(11, len(run)); n++ {
			for _, digits := range []string{run[:n], run[len(run)-n:]} {
				if code := digitIdentifier(digits); code != "" {
					return code
				}
			}
		}
	}
	return ""
}

var emails = regexp.MustCompile(`[\pL\d._%+'-]\s*@\s*[\pL\d]|` +
	`[\pL\d._-]\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*[\pL\d]|` +
	`[\pL\d._-]+\s+at\s+[\pL\d-]+\s*(?:\.|[\[({]?\s*dot\s*[\])}]?)\s*[\pL]{2,}|` +
	`[\pL\d._-]+[_-]at[_-][\pL\d-]+(?:\.|[_-]?dot[_-]?)[\pL]{2,}|` +
	`%40[\pL\d]|&#(?:64|x40);|mailto:`)

func isEmail(lower string) bool {
	return (strings.ContainsAny(lower, "@%&:") || strings.Contains(lower, "at")) && emails.MatchString(lower)
}

// between is what people put between the parts of a number.
const between = `[ .,\-/_()+':]{0,3}`

var insurance = regexp.MustCompile(`([A-Z])` + between + `([A-Z])` + strings.Repeat(between+`\d`, 6) + between + `[A-DFMP]`)

var bareInsurance = regexp.MustCompile(`(?:^|[^A-Z0-9])([A-Z])` + between + `([A-Z])` + between + `(?:\d{6}|\d\d` + between + `\d\d` + between + `\d\d)(?:$|[^A-Z0-9])`)

// hasInsurance finds a national insurance number: two letters of which some
// are never given out, six digits and a letter, which may be left out where
// the rest stands by itself.
func hasInsurance(upper string) bool {
	for _, re := range []*regexp.Regexp{insurance, bareInsurance} {
		for _, m := range re.FindAllStringSubmatch(upper, -1) {
			if insurancePrefix(m[1], m[2]) {
				return true
			}
		}
	}
	return false
}

func insurancePrefix(a, b string) bool {
	if strings.Contains("DFIQUV", a) || strings.Contains("DFIOQUV", b) {
		return false
	}
	switch a + b {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	return true
}

var digitGroups = regexp.MustCompile(`\d+`)

// digitRuns looks at every stretch of digits, however it is parted.
func digitRuns(s string) string {
	groups := digitGroups.FindAllStringIndex(s, -1)
	for i := range groups {
		digits, end := "", groups[i][0]
		for _, g := range groups[i:] {
			if gap := s[end:g[0]]; len(gap) > 3 || strings.Trim(gap, " .,-/_()+':") != "" {
				break
			}
			digits, end = digits+s[g[0]:g[1]], g[1]
			if len(digits) > 15 {
				break
			}
			if code := digitIdentifier(digits); code != "" {
				return code
			}
		}
	}
	return ""
}

// digitIdentifier says what a number of ten digits or so may be.
func digitIdentifier(digits string) string {
	switch {
	case isNHS(digits):
		return "dataset.nhs_number"
	case isPhone(digits):
		return "dataset.phone"
	}
	return ""
}

// isNHS checks the last of ten digits, modulo 11.
func isNHS(digits string) bool {
	if len(digits) != 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check < 10 && check == int(digits[9]-'0')
}

// isPhone knows British numbers: from abroad, with the leading nought, and a
// mobile whose nought a spreadsheet took away.
func isPhone(digits string) bool {
	national := digits
	switch {
	case strings.HasPrefix(digits, "0044"):
		national = digits[4:]
	case strings.HasPrefix(digits, "44") && len(digits) >= 11:
		national = digits[2:]
	case strings.HasPrefix(digits, "0") && len(digits) >= 10:
		national = digits[1:]
	default:
		return len(digits) == 10 && digits[0] == '7'
	}
	national = strings.TrimPrefix(national, "0")
	return (len(national) == 9 || len(national) == 10) && strings.Contains("123789", national[:1])
}

// longNumber is a run of digits that no name of a team has.
var longNumber digitsInLabel

type digitsInLabel struct{}

var fiveDigits = regexp.MustCompile(`\d{5}`)

// MatchString finds five digits in a row, and nine in a hash, which may have five.
func (digitsInLabel) MatchString(s string) bool {
	return nineDigits.MatchString(s) || !wholeHex(s) && fiveDigits.MatchString(s)
}

var postcodes = regexp.MustCompile(`(?:^|[^A-Z0-9])(GIR|[A-Z]{1,2}\d[A-Z\d]?)[ .\-]{0,2}(\d[ABD-HJLNP-UW-Z]{2})(?:$|[^A-Z0-9])`)

// postAreas are the letters that a postcode may begin with.
var postAreas = wordSet(`AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY
E EC EH EN EX FK FY G GIR GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML
N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW
UB W WA WC WD WF WN WR WS WV YO ZE`)

func hasPostcode(upper string) bool {
	for _, m := range postcodes.FindAllStringSubmatch(upper, -1) {
		if postAreas[lettersOf(m[1])] {
			return true
		}
	}
	return false
}

// lettersOf are the letters that a text begins with.
func lettersOf(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
}

// squashed is a text without what parts a number.
func squashed(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .,-/_()+':", r) {
			return -1
		}
		return r
	}, s)
}
