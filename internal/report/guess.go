package report

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"beforehand/frontend/words"
)

// known are headings that people give to columns, besides the path of a field
// and its words in English and Welsh.
var known = map[string][]string{
	"name.en":                  {"name", "title", "system", "system name", "project", "project name", "use case", "use case name", "tool", "tool name", "name of system", "enw", "enw’r system", "teitl", "teitl y prosiect"},
	"name.cy":                  {"welsh name", "name welsh", "name in welsh", "enw cymraeg"},
	"oneLine.en":               {"short description", "disgrifiad byr"},
	"summary.en":               {"summary", "description", "system description", "what it does", "crynodeb", "disgrifiad"},
	AreaColumn:                 {"service area", "service", "department", "directorate", "area", "area en", "team", "division", "maes gwasanaeth", "gwasanaeth", "adran", "cyfarwyddiaeth"},
	"function":                 {"business function", "topic area", "use case topic area", "swyddogaeth"},
	"useFamily":                {"use", "type of use", "use family", "defnydd", "math o ddefnydd"},
	"decisionStatus":           {"decision status", "status", "stage", "stage of development", "phase", "statws", "cyfnod", "cam"},
	"owner":                    {"system owner", "business owner", "service owner", "responsible officer", "lead officer", "perchennog", "swyddog cyfrifol"},
	"seniorResponsibleOwner":   {"sro", "senior responsible officer", "senior owner", "uwch berchennog cyfrifol"},
	"publicContact":            {"contact", "email", "e mail", "contact email", "mailbox", "cyswllt", "e bost"},
	"purpose.en":               {"purpose", "intended purpose", "aim", "objective", "what is the intended purpose and expected benefits of the ai", "diben", "pwrpas", "nod"},
	"problem.en":               {"problem", "problem statement", "problem"},
	"expectedBenefit.en":       {"benefit", "benefits", "expected benefits", "manteision", "buddion"},
	"aiClass":                  {"ai type", "type of ai", "technique", "ai class", "math o ai"},
	"activation":               {"how acquired", "activation", "sut y’i cafwyd"},
	"riskLevel":                {"risk", "risk rating", "risk category", "risg", "lefel risg"},
	"outputs.en":               {"outputs", "output", "describe the ai system’s outputs", "allbynnau"},
	"inputs.en":                {"inputs", "input data", "data used", "mewnbynnau"},
	"logic.en":                 {"how it works", "sut y mae’n gweithio"},
	"publicData.en":            {"personal data", "data protection", "data personol"},
	"licences":                 {"licenses", "number of licences", "nifer y trwyddedau"},
	"activeUsers":              {"users", "number of users", "defnyddwyr"},
	"suppliers[0].name":        {"supplier", "supplier name", "vendor", "vendor name", "provider", "company", "cyflenwr", "enw’r cyflenwr"},
	"suppliers[0].contractRef": {"contract", "contract number", "contract reference", "contract ref", "contract no", "cyfeirnod contract", "rhif contract"},
	"suppliers[0].contractEnd": {"contract end", "contract end date", "contract expiry", "end of contract", "diwedd contract"},
	"models[0].name":           {"model", "model name", "ai model", "enw’r model"},
	"models[0].provider":       {"model provider", "model developer", "darparwr y model"},
	"models[0].hostingRegion":  {"hosting", "hosting region", "hosted in", "data location", "lleoliad"},
	"humanReview.who":          {"human review", "reviewed by", "human oversight", "adolygir gan"},
	"dates.procurement":        {"procurement date", "date of procurement", "purchase date", "dyddiad caffael"},
	"dates.pilotPlanned":       {"pilot", "pilot date", "pilot start", "dyddiad peilot"},
	"dates.goLivePlanned":      {"go live", "go live date", "planned go live", "launch date", "dyddiad mynd yn fyw"},
	"dates.inUseSince":         {"in use since", "date implemented", "implementation date", "start date", "live since", "mewn defnydd ers"},
	"dates.reviewDue":          {"review date", "next review", "review due", "date of review", "dyddiad adolygu", "adolygiad nesaf"},
	"dates.retired":            {"date retired", "retired", "retirement date", "end date", "decommissioned", "dyddiad ymddeol"},
}

// Guess says which field each column is likely to feed, by its heading alone:
// first the path of a field or its words in either language, then a heading that
// people often give it, letter for letter but for case, space and punctuation.
// Nothing is guessed from a part of a heading, nor from what is in the column:
// a wrong guess that nobody notices is worse than a column left out. Each field
// is guessed once, for the first column that it fits.
func Guess(header []string) []string {
	out := make([]string, len(header))
	taken := map[string]bool{}
	for _, names := range []map[string]string{ownNames(), knownNames()} {
		for i, h := range header {
			if path := names[plain(h)]; path != "" && out[i] == "" && !taken[path] {
				out[i], taken[path] = path, true
			}
		}
	}
	return out
}

// ownNames are the fields by what we call them.
func ownNames() map[string]string {
	out := map[string]string{}
	for _, path := range HandFields {
		out[plain(path)] = path
		field, part, _ := strings.Cut(path, ".")
		if part == "cy" || strings.Contains(path, "[") || part != "" && part != "en" {
			continue // the words of the field are those of its English text
		}
		for _, lang := range words.Languages() {
			if code := "record." + field; words.Has(lang, code) && out[plain(words.Say(lang, code, nil))] == "" {
				out[plain(words.Say(lang, code, nil))] = path
			}
		}
	}
	return out
}

func knownNames() map[string]string {
	out := map[string]string{}
	for path, headings := range known {
		for _, h := range headings {
			out[plain(h)] = path
		}
	}
	return out
}

// plain is a heading without what does not tell one from another: case, marks
// and the space between words.
func plain(s string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return ' '
	}, fold(s))
	return strings.Join(strings.Fields(kept), " ")
}

// HeadingsKey is the same for two files with the same headings in the same
// order. The columns that we add to a list of refused rows do not count, so that
// a file that was mended from it is known again.
func HeadingsKey(header []string) string {
	sum := sha256.New()
	for _, h := range header {
		if !added(h) {
			sum.Write([]byte(fold(h) + "\n"))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func added(heading string) bool {
	return slices.ContainsFunc(words.Languages(), func(lang string) bool {
		return fold(heading) == fold(words.Say(lang, "page.import.why_column", nil)) || fold(heading) == fold(words.Say(lang, "page.import.row_column", nil))
	})
}
