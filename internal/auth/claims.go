package auth

import (
	"encoding/json"
	"fmt"
	"time"
)

// claims are what a provider says, as it said it. They are read one by one and
// not into a struct, for that would take "Email" for "email".
type claims map[string]json.RawMessage

// has says whether a claim is there; null is not.
func (c claims) has(name string) bool {
	raw, ok := c[name]
	return ok && string(raw) != "null"
}

// or gives these claims when they hold a name, and the others when not.
func (c claims) or(others claims, name string) claims {
	if c.has(name) {
		return c
	}
	return others
}

// text reads a text; one that is not there is "".
func (c claims) text(name string) (string, error) {
	var s string
	err := c.read(name, &s)
	return s, err
}

// list reads a list of texts, or a single text as a list of one.
func (c claims) list(name string) ([]string, error) {
	var one string
	if c.has(name) && json.Unmarshal(c[name], &one) == nil {
		return []string{one}, nil
	}
	var many []string
	err := c.read(name, &many)
	return many, err
}

// flag reads true or false, which some providers put in quotes.
func (c claims) flag(name string) (bool, error) {
	if raw := string(c[name]); raw == `"true"` || raw == `"false"` {
		return raw == `"true"`, nil
	}
	var b bool
	err := c.read(name, &b)
	return b, err
}

// time reads seconds since 1970; one that is not there is the zero time.
func (c claims) time(name string) (time.Time, error) {
	var seconds float64
	if err := c.read(name, &seconds); err != nil || !c.has(name) {
		return time.Time{}, err
	}
	const year9999 = 253402300799
	if seconds < 0 || seconds > year9999 {
		return time.Time{}, fmt.Errorf("%s is not a time", name)
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

func (c claims) read(name string, to any) error {
	if !c.has(name) {
		return nil
	}
	if err := json.Unmarshal(c[name], to); err != nil {
		return fmt.Errorf("claim %s: %w", name, err)
	}
	return nil
}
