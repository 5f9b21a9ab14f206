package ledger_test

import (
	"crypto/sha256"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"beforehand/internal/ledger"
)

// The third case is the example of RFC 8785, section 3.2.2 and 3.2.3.
func TestCanonicalFollowsRFC8785(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"keys are sorted by UTF-16 code units": {`{"\u20ac":1,"\r":2,"1":3,"\u00f6":4,"\ud83d\ude00":5,"\ufb33":6}`, "{\"\\r\":2,\"1\":3,\"ö\":4,\"€\":1,\"😀\":5,\"\ufb33\":6}"},
		"no blanks, nested":                    {` { "b" : [ 1 , { "z" : null , "a" : true } ] , "a" : "x" } `, `{"a":"x","b":[1,{"a":true,"z":null}]}`},
		"numbers and strings":                  {`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}`, `{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ledger.Canonical(json.RawMessage(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if _, err := ledger.Canonical(math.NaN()); err == nil {
		t.Error("what is not a number has no canonical form")
	}
}

func TestSealIsTheSameWhateverTheZoneAndOrder(t *testing.T) {
	at := time.Date(2026, 9, 7, 9, 12, 0, 123000, time.UTC)
	e := ledger.Entry{V: 1, Org: "o", Seq: 7, At: at, Verb: "notice.serve", Subject: "n", Actor: "u", Data: map[string]any{"z": 1, "a": "é <&>"}}
	body, leaf, err := ledger.Seal(e)
	if err != nil {
		t.Fatal(err)
	}
	e.At = at.In(time.FixedZone("JST", 9*3600))
	again, leafAgain, err := ledger.Seal(e)
	if err != nil || string(body) != string(again) || leaf != leafAgain {
		t.Errorf("sealed twice: %s and %s, %v", body, again, err)
	}
	if want := sha256.Sum256(append([]byte{0}, body...)); leaf != want {
		t.Error("a leaf is SHA-256 of a zero byte and the body")
	}
	if !strings.Contains(string(body), `"é <&>"`) {
		t.Errorf("words are kept as they are: %s", body)
	}
}

func FuzzCanonicalIsStable(f *testing.F) {
	f.Add(`{"a":[1,2.5,"x"],"b":{"c":null}}`)
	f.Fuzz(func(t *testing.T, s string) {
		if !json.Valid([]byte(s)) {
			return
		}
		once, err := ledger.Canonical(json.RawMessage(s))
		if err != nil {
			return // duplicate keys and lone surrogates have no canonical form
		}
		twice, err := ledger.Canonical(json.RawMessage(once))
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%q became %q, then %q (%v)", s, once, twice, err)
		}
	})
}
