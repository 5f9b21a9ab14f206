package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"beforehand/models"
	"beforehand/policy"
)

// onlyTime are the blockers that nobody mends: a day has to come, or another
// stage is the one to enter.
var onlyTime = []string{"period_running", "response_window", "window_unfinished", "stage_order"}

// Each blocker of a gate has somebody who can mend it, or is one that only time
// mends; and each mend is an act that some role has a line for.
func TestEveryBlockerHasWhoMendsIt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../models/gate*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	codes := []string{"item_empty", "item_language"}
	block := regexp.MustCompile(`g\.block\([^,]+, "([a-z_]+)"`)
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // a file of this tree
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllSubmatch(b, -1) {
			codes = append(codes, string(m[1]))
		}
	}
	if len(codes) < 20 {
		t.Fatalf("only %d blockers were found: %v", len(codes), codes)
	}
	for _, code := range codes {
		if _, ok := mends[code]; ok == slices.Contains(onlyTime, code) {
			t.Errorf("%s: somebody mends it: %v; only time does: %v", code, ok, !ok)
		}
	}
	for code, m := range mends {
		if !slices.ContainsFunc(models.Roles, func(r models.Role) bool { _, ok := policy.Permitted(r, m.act); return ok }) {
			t.Errorf("%s is mended by %q, which no role may do", code, m.act)
		}
		if !slices.Contains(codes, code) {
			t.Errorf("%s blocks no gate", code)
		}
	}
}
