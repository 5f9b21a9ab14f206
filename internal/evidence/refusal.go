package evidence

import (
	"fmt"
	"sort"
	"strings"
)

// Refusal is why no figure can be given: a stable code and its parameters.
type Refusal struct {
	Code   string
	Params map[string]any
}

// Error gives the code and the parameters in order of their names.
func (r Refusal) Error() string {
	names := make([]string, 0, len(r.Params))
	for name := range r.Params {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("evidence: " + r.Code)
	for _, name := range names {
		fmt.Fprintf(&b, " %s=%v", name, r.Params[name])
	}
	return b.String()
}

// refuse takes pairs of a parameter's name and value.
func refuse(code string, pairs ...any) error {
	return Refusal{Code: code, Params: params(pairs)}
}

func params(pairs []any) map[string]any {
	if len(pairs) == 0 {
		return nil
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
