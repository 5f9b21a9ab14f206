package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/api"
	"beforehand/internal/ledger"
	"beforehand/internal/register"
)

// What is sealed is passed on unread, so it must be what our encoder would have
// made of the data.
func TestSealedDataIsWhatTheEncoderWrites(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]map[string]any{
		"none":               nil,
		"empty":              {},
		"plain":              {"no": "N-2026-001", "late": true, "nothing": nil, "unions": []any{"a", "b"}, "nested": map[string]any{"z": 1, "a": ""}},
		"numbers":            {"a": 0, "b": -1.5, "c": 1e-7, "d": 1e21, "e": 123456789012345680.0, "f": 1e-6},
		"what HTML escapes":  {"text": `<b>&"'/\`},
		"controls":           {"text": "\x00\b\f\n\r\t\x1f\x7f"},
		"line ends":          {"text": "one\u2028two\u2029three, it’s", "\u2028": 1},
		"Welsh and beyond":   {"text": "ŵ ŷ € 😀 \ufffd"},
		"what ends the data": {"text": `,"data":{},"org":"x`, "org": "o", "data": map[string]any{"org": ",", "data": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			body, _, err := ledger.Seal(ledger.Entry{V: 1, Org: `o,"org":`, Actor: `,"data":`, Subject: `,"org":"`, Verb: "notice.serve", Data: data})
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := ledger.DataOf(body)
			if err != nil {
				t.Fatal(err)
			}
			got := encoded(t, struct {
				Data api.EventData `json:"data,omitzero"`
			}{api.EventData{sealed}})
			want := encoded(t, struct {
				Data map[string]any `json:"data,omitempty"`
			}{register.Event{Data: sealed}.Params()})
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			var whole ledger.Entry
			if err := json.Unmarshal(body, &whole); err != nil {
				t.Fatal(err)
			}
			if all := encoded(t, whole.Data); all != encoded(t, map[string]any(register.Event{Data: sealed}.Params())) {
				t.Errorf("the data are %s, and %s was cut out", all, sealed)
			}
		})
	}
}

// encoded is a value as the API writes it.
func encoded(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	if err := huma.DefaultJSONFormat.Marshal(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
