package evidence

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestCodesAreListed reads the sources for codes, so that none is given without being listed.
func TestCodesAreListed(t *testing.T) {
	given := map[string]*regexp.Regexp{
		"refusals": regexp.MustCompile(`refuse\("([a-z_]+)"`),
		"notes":    regexp.MustCompile(`(?:\.note\(|Note\{Code: )"([a-z_]+)"`),
		"checks":   regexp.MustCompile(`[^e]\{?\s*Code:\s+"([a-z_]+)", OK`),
	}
	listed := map[string][]string{"refusals": RefusalCodes, "notes": NoteCodes, "checks": CheckCodes}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for kind, pattern := range given {
			for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
				found[kind] = append(found[kind], m[1])
			}
		}
	}
	for kind := range given {
		codes := slices.Compact(slices.Sorted(slices.Values(found[kind])))
		if !slices.Equal(codes, listed[kind]) {
			t.Errorf("%s given: %v\nlisted: %v", kind, codes, listed[kind])
		}
	}
}
