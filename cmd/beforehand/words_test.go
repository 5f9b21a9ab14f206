package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A translator lists what is left, has a group marked in a source tree, and the
// tree then counts it.
func TestWordsAreChecked(t *testing.T) {
	t.Parallel()
	tree := t.TempDir()
	dir := filepath.Join(tree, "frontend", "words")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"en.toml": "\"noun.union\" = \"union\"\n\"noun.branch\" = \"branch\"\n\"page.none\" = \"None\"\n", "cy.toml": "\"noun.union\" = \"undeb\"\n\"noun.branch\" = \"cangen\"\n\"page.none\" = \"Dim\"\n", "checked.toml": "# Kept.\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	do := func(code int, args ...string) (string, string) {
		t.Helper()
		var out, err bytes.Buffer
		if got := run(t.Context(), append([]string{"words"}, args...), strings.NewReader(""), &out, &err); got != code {
			t.Fatalf("%v: exit %d, %s", args, got, err.String())
		}
		return out.String(), err.String()
	}
	_, said := do(0, "check", "--tree", tree, "--by", "M. Prys", "--prefix", "noun.")
	if !strings.HasPrefix(said, "2 texts marked") || !strings.HasSuffix(said, "2 of 3 are checked now.\n") {
		t.Error(said)
	}
	file, err := os.ReadFile(filepath.Join(dir, "checked.toml"))
	if err != nil || !strings.HasPrefix(string(file), "# Kept.\n\"noun.branch\" = {by = \"M. Prys\", on = \"") || strings.Contains(string(file), "page.none") {
		t.Errorf("%v:\n%s", err, file)
	}
	_, said = do(0, "check", "--tree", tree, "--by", "M. Prys", "page.none")
	if !strings.HasSuffix(said, "3 of 3 are checked now.\n") {
		t.Error(said)
	}
	do(2, "check", "--tree", tree, "--by", "M. Prys", "page.nonesuch")
	do(2, "check", "--by", "M. Prys")
	lines, _ := do(0, "check", "--by", "M. Prys", "noun.union")
	if !strings.HasPrefix(lines, `"noun.union" = {by = "M. Prys", on = "`) || strings.Count(lines, "\n") != 1 {
		t.Error(lines)
	}
	list, _ := do(0, "unchecked", "--prefix", "noun.")
	if !strings.Contains(list, "noun.union\tunion\tundeb\n") || strings.Contains(list, "page.") {
		t.Error(list)
	}
}
