package words

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// mutations are what the beginning of a Welsh word may become.
var mutations = map[string][]string{
	"p": {"b", "mh", "ph"}, "t": {"d", "nh", "th"}, "c": {"g", "ngh", "ch"}, "b": {"f", "m"}, "d": {"dd", "n"}, "g": {"", "ng"},
	"ll": {"l"}, "m": {"f"}, "rh": {"r"},
}

// mutated are a word and what it may become, in small letters.
func mutated(word string) []string {
	out := []string{word, "h" + word}
	for from, all := range mutations {
		rest, ok := strings.CutPrefix(word, from)
		// ch, dd, ff, ll, ph and th are letters of their own.
		if !ok || len(from) == 1 && (strings.HasPrefix(rest, "h") || strings.HasPrefix(rest, from)) {
			continue
		}
		for _, to := range all {
			out = append(out, to+rest)
		}
	}
	return out
}

var glossaryRow = regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| `([a-zA-Z_0-9.]+)` \\|")

// The glossary names texts in which its terms stand: the first word of each is
// there, mutated or not.
func TestTheGlossaryIsKeptTo(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/welsh-glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := catalogueFile(t, Welsh)
	rows := glossaryRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 60 {
		t.Errorf("only %d terms", len(rows))
	}
	for _, row := range rows {
		var all strings.Builder
		for _, s := range texts[row[2]] {
			all.WriteString(" " + strings.ToLower(s))
		}
		said := regexp.MustCompile(`[^\p{L}-]+`).ReplaceAllString(all.String(), " ") + " "
		found := false
		for _, w := range mutated(strings.Fields(strings.TrimPrefix(row[1], "y "))[0]) {
			found = found || strings.Contains(said, " "+w+" ")
		}
		if !found {
			t.Errorf("%s does not stand in %s: %s", row[1], row[2], all.String())
		}
	}
}
