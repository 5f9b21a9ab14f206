package report

import (
	"regexp"
	"strings"

	"beforehand/models"
)

const longestPseudonym = 32

var (
	pseudonym   = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	staffShapes = regexp.MustCompile(`(?i)^(?:\d{4,}|[a-z]{1,3}[-_]?\d{5,}|[a-z]{4}[-_]?\d{6,}|(?:emp|employee|staff|payroll|pay|pers|hr|esr|no|num|ref)[-_]?(?:no|id)?[-_]?\d{3,})[a-z]?$`)
	fourLetters = regexp.MustCompile(`[A-Za-z]{4}`)
)

// pseudonymFault says what is wrong with a pseudonym: it is at most 32 letters
// without accents, digits, _ and -, holds a digit, and is neither like a staff
// number nor like a name. "" is nothing.
func pseudonymFault(s string) string {
	switch {
	case staffShapes.MatchString(s) && !counted.MatchString(s):
		return "dataset.staff_number"
	case holdsName(s):
		return "dataset.name"
	case len(s) > longestPseudonym || !pseudonym.MatchString(s):
		return "dataset.pseudonym"
	case !strings.ContainsAny(s, "0123456789"):
		if fourLetters.MatchString(s) {
			return "dataset.name"
		}
		return "dataset.pseudonym"
	}
	return ""
}

// holdsName finds a name in a pseudonym such as jonesc2, CJONES01 or ceri-7.
func holdsName(s string) bool {
	if wholeHex(s) {
		return false
	}
	words := wordsOf(plainForm(s))
	for _, w := range words {
		n := len(w.bare)
		// With digits only, a name stands alone: turner7.
		alone := n == len(s) || n > 2 && len(words) == 1
		switch {
		case (givenNames[w.bare] || surnames[w.bare]) && (alone || n > 2 && !loneOnly[w.bare]):
			return true
		case n > 4 && (listed(w.bare[1:]) || listed(w.bare[:n-1])), n > 3 && givenNames[w.bare[:n-1]] && !loneOnly[w.bare[:n-1]]:
			return true
		}
	}
	return false
}

// listed says that a part of a word is a surname long enough not to be chance.
func listed(s string) bool { return len(s) >= 4 && surnames[s] && !loneOnly[s] }

// personal headings, written as headingWords gives them. The first list is of
// whole headings; the second also of parts, where a column sorts people.
var (
	personalWhole = lineSet(`name|names|full name|surname|forename|first name|last name|given name|middle name|family name|known as|preferred name|maiden name|staff name|worker name|employee name|officer|officer name|manager name|user name|username|user|login|initials|signature|
enw|enwau|enw llawn|cyfenw|enw cyntaf|enw teuluol|enw staff|enw gweithiwr|enw swyddog|swyddog|llofnod|llythrennau cyntaf|enw defnyddiwr|
email|e mail|email address|e mail address|mail|ebost|e bost|cyfeiriad ebost|cyfeiriad e bost|
ni|ni no|nino|ni number|nin|national insurance|national insurance number|national insurance no|rhif yswiriant gwladol|yswiriant gwladol|rhif yg|
nhs|nhs no|nhs number|rhif gig|rhif y gig|patient id|patient number|
staff number|staff no|staff id|staff|staff ref|payroll|payroll number|payroll no|payroll id|employee|employee number|employee no|employee id|employee ref|personnel number|assignment number|works number|esr number|hr number|rhif staff|rhif cyflogres|cyflogres|rhif gweithiwr|rhif cyflogai|gweithiwr cyflogedig|
phone|phone number|phone no|telephone|telephone number|tel|tel no|mobile|mobile number|mobile phone|home phone|contact number|ffon|rhif ffon|ffon symudol|rhif symudol|
date of birth|birth date|birthdate|birthday|dob|d o b|year of birth|place of birth|dyddiad geni|pen blwydd|penblwydd|
address|home address|street|street address|postal address|cyfeiriad|cyfeiriad cartref|postcode|post code|postal code|cod post|ip address|
passport|passport number|driving licence|bank account|sort code|account number|pasbort`)
	personalPart = []string{
		"surname", "forename", "first name", "last name", "full name", "staff name", "worker name", "employee name", "enw llawn", "cyfenw", "enw cyntaf",
		"national insurance", "yswiriant gwladol", "ni number", "nhs number", "rhif gig", "date of birth", "dyddiad geni", "staff number", "payroll number",
		"employee number", "employee id", "rhif cyflogres", "home address", "cyfeiriad cartref", "email address", "e mail address", "cyfeiriad ebost", "phone number", "rhif ffon",
	}
	personalSorting = []string{"email", "e mail", "ebost", "e bost", "payroll", "postcode", "post code", "cod post", "dob", "phone", "telephone", "ffon"}
)

func lineSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, h := range strings.Split(strings.ReplaceAll(list, "\n", ""), "|") {
		out[h] = true
	}
	return out
}

// personalHeading says whether a heading is that of something personal. A value
// may well be minutes for each e-mail: there only what cannot be a measure counts.
func personalHeading(heading string, role models.ColumnRole) bool {
	words := wordsOf(plainForm(heading))
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.bare
	}
	s := strings.Join(parts, " ")
	if personalWhole[s] {
		return true
	}
	padded := " " + s + " "
	for _, p := range personalPart {
		if strings.Contains(padded, " "+p+" ") {
			return true
		}
	}
	if role == models.RoleOfValue || role == models.RoleOfVolume {
		return false
	}
	for _, p := range personalSorting {
		if strings.Contains(padded, " "+p+" ") {
			return true
		}
	}
	return false
}
