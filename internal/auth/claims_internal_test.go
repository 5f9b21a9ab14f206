package auth

import (
	"encoding/json"
	"testing"
)

func FuzzClaims(f *testing.F) {
	for _, s := range []string{
		`{"a":"x"}`, `{"a":["x","y"]}`, `{"a":null}`, `{"a":1e300}`, `{"a":-1}`, `{"a":"true"}`, `{"A":1}`, `{"a":[1]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var c claims
		if json.Unmarshal([]byte(text), &c) != nil {
			return
		}
		one, err := c.text("a")
		many, errs := c.list("a")
		if err == nil && one != "" && (errs != nil || len(many) != 1 || many[0] != one) {
			t.Errorf("%s: %q as a text, %q as a list", text, one, many)
		}
		at, err := c.time("a")
		if err != nil && !at.IsZero() || err == nil && (at.Year() > 9999 || !at.IsZero() && at.Unix() < 0) {
			t.Errorf("%s: %v, %v", text, at, err)
		}
		if b, err := c.flag("a"); b && (err != nil || !c.has("a")) {
			t.Errorf("%s: %v, %v", text, b, err)
		}
	})
}
