package models

import "strings"

// RedactionMark stands for words taken out of a comment.
const RedactionMark = "[…]"

// IsRedaction says whether a text is another with some runs of it replaced by
// the mark, and nothing else changed: what is left stands in the order in
// which it stood.
func IsRedaction(original, redacted string) bool {
	pieces := strings.Split(redacted, RedactionMark)
	if len(pieces) < 2 {
		return false
	}
	rest, ok := strings.CutPrefix(original, pieces[0])
	if !ok {
		return false
	}
	last := pieces[len(pieces)-1]
	for _, p := range pieces[1 : len(pieces)-1] {
		_, after, found := strings.Cut(rest, p)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, last) && len(rest) > len(last)
}
