package models

import "strings"

// ParseClosureDays reads a list of closure days, one a line: a date, then what
// the day is. Blank lines and lines that begin with # are passed over. Every
// bad line is named.
func ParseClosureDays(text string) ([]ClosureDay, error) {
	var f Faults
	seen := map[Date]bool{}
	days := []ClosureDay{}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path := at("lines", i+1, "")
		word, note, _ := strings.Cut(line, " ")
		day, err := ParseDate(strings.TrimRight(word, ",;\t"))
		if err != nil {
			f.Add(path, "bad_line", "line", i+1, "value", line)
			continue
		}
		if seen[day] {
			f.Add(path, "duplicate", "value", day.String())
			continue
		}
		seen[day] = true
		CheckText(&f, path, note, 200)
		days = append(days, ClosureDay{Day: day, Note: strings.TrimSpace(note)})
	}
	return days, f.Err()
}
