package receipt

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/ledger"
)

// Words say what a check came to, a line a thing, the verdict first. The
// browser's verifier says the same, letter for letter.
func (r Result) Words(lang string) []string {
	say := func(code string, params map[string]any) string {
		return words.Say(lang, "receipt."+code, plainly(params))
	}
	out := []string{say("verdict."+string(r.Verdict), nil)}
	if r.Fault != nil {
		return append(out, say("fault."+r.Fault.Code, r.Fault.Params))
	}
	at := func(t time.Time) string { return words.DateTime(lang, t, r.zone) }
	out = append(out, say("recorded", map[string]any{"no": r.No, "name": r.Name, "organisation": r.Organisation, "at": at(r.RecordedAt)}))
	for _, e := range r.Events {
		code := "event." + e.Event
		if !slices.Contains(Events, e.Event) {
			code = "event.other"
		}
		out = append(out, say(code, map[string]any{"union": e.Union, "at": at(e.At), "recorded": at(e.RecordedAt), "event": e.Event}))
	}
	for _, union := range r.Silent {
		out = append(out, say("silent", map[string]any{"union": union}))
	}
	return append(append(out, r.signers(lang)...), say("limits", nil))
}

// plainly spells what would break a line, or turn its reading about: nobody's
// name shall say a line of its own.
func plainly(params map[string]any) map[string]any {
	out := make(map[string]any, len(params))
	for name, v := range params {
		switch v := v.(type) {
		case string:
			out[name] = unbroken(v)
		case text:
			out[name] = text{unbroken(v.en), unbroken(v.cy)}
		default:
			out[name] = v
		}
	}
	return out
}

func unbroken(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c < ' ' || c >= 0x7f && c < 0xa0 || c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || c >= 0x200b && c <= 0x200d || c >= 0x2060 && c <= 0x2064 || c == 0xfeff || c == 0x200e || c == 0x200f || c >= 0x2028 && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			fmt.Fprintf(&b, "[U+%04X]", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Events are the events of a delivery that there are words for.
var Events = []string{"accepted", "deferred", "bounced", "abandoned", "delivered", "handed", "posted", "acknowledged"}

// signers says who signed: the log, and who else.
func (r Result) signers(lang string) []string {
	say := func(code string, params map[string]any) string {
		return words.Say(lang, "receipt."+code, plainly(params))
	}
	var out []string
	witnessed := false
	for _, s := range r.Note.Signatures {
		params := map[string]any{"name": s.Name, "hash": s.By.Hash(), "size": words.Number(lang, int(r.Note.Size)), "key": s.By.String(), "at": words.DateTime(lang, s.At, r.zone)}
		known := slices.ContainsFunc(r.known, s.By.Equal)
		switch {
		case s.By.Witness && known:
			out = append(out, say("witness", params))
		case s.By.Witness:
			out = append(out, say("witness_stranger", params))
		case known:
			out = append(out, say("signed", params))
		case r.Verdict == Unproven:
			out = append(out, say("signed_unproven", params))
		default:
			out = append(out, say("signed_besides", params))
		}
		witnessed = witnessed || s.By.Witness
	}
	if !witnessed {
		out = append(out, say("no_witness", nil))
	}
	return out
}

// CheckpointHash is what the code on the printed page holds: the SHA-256 of
// the checkpoint's text, without its signatures, in hexadecimal.
func CheckpointHash(c ledger.Checkpoint) string { return ledger.Hash([]byte(c.Text())) }
