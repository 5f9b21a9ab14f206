package report

import "strings"

// NamesSomebody says whether a text holds what only one person has: an e-mail
// address, a national insurance or NHS number, a telephone number. Names alone
// are not found.
func NamesSomebody(s string) bool {
	return isEmail(strings.ToLower(s)) || hasInsurance(strings.ToUpper(s)) || digitRuns(s) != ""
}
