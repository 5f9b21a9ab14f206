package receipt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"beforehand/internal/ledger"
)

// Verdict is what a check came to.
type Verdict string

// The verdicts. Unproven is a receipt in which everything agrees, checked
// without any key that the reader had from elsewhere.
const (
	Valid    Verdict = "valid"
	Unproven Verdict = "unproven"
	Invalid  Verdict = "invalid"
)

// Fault is what is wrong with a receipt: the first thing, in the order of
// docs/receipt-format.md.
type Fault struct {
	Code   string
	Params map[string]any
}

func (f *Fault) Error() string { return fmt.Sprintf("%s %v", f.Code, f.Params) }

func fault(code string, pairs ...any) *Fault {
	f := &Fault{Code: code, Params: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Params[pairs[i].(string)] = pairs[i+1]
	}
	return f
}

// Result is what a check came to, and what the receipt shows.
type Result struct {
	Verdict Verdict
	// Fault is set when the verdict is Invalid, and nothing below it is then to be believed.
	Fault *Fault
	// Note is the checkpoint.
	Note ledger.Note
	// No, Name and Organisation are of the notice.
	No, Hash           string
	Name, Organisation text
	// RecordedAt is when the notice was recorded, by the log's own clock (UTC).
	RecordedAt time.Time
	Events     []Event
	// Silent are the parties of whom nothing here shows that it reached them.
	Silent []string
	// First is the entry that recorded the notice.
	First Part
	zone  *time.Location
	known []ledger.Key
}

// Event is what became of the notice for one party.
type Event struct {
	Union, Event string
	// At is when it happened, and RecordedAt when the log was told (UTC).
	At, RecordedAt time.Time
}

// Check reads a receipt and says whether it is what it claims to be. Trusted
// are the public keys that the reader has from elsewhere: those of the log, and
// of witnesses that the reader knows. It needs nothing else, and never panics.
func Check(b []byte, trusted []ledger.Key) Result {
	r := Result{Verdict: Valid, zone: time.UTC, known: trusted}
	if f := r.check(b); f != nil {
		return Result{Verdict: Invalid, Fault: f, zone: time.UTC}
	}
	if len(trusted) == 0 {
		r.Verdict = Unproven
	}
	return r
}

func (r *Result) check(b []byte) *Fault {
	f, fault := parse(b)
	if fault != nil {
		return fault
	}
	if fault := r.signatures(f); fault != nil {
		return fault
	}
	bodies, fault := r.entries(f)
	if fault != nil {
		return fault
	}
	return r.meaning(f, bodies)
}

// parse reads the file: size, JSON, type, version, shape, canonical form.
func parse(b []byte) (File, *Fault) {
	var f File
	if len(b) > mostBytes {
		return f, fault("too_large", "max", fmt.Sprint(mostBytes>>20))
	}
	var top map[string]any
	if !utf8.Valid(b) || json.Unmarshal(b, &top) != nil || top == nil {
		if !bytes.HasSuffix(b, []byte("}")) {
			return f, fault("truncated")
		}
		return f, fault("not_json")
	}
	if top["type"] != Type {
		return f, fault("not_receipt")
	}
	if v, ok := top["v"].(float64); !ok || v != Version {
		return f, fault("version", "version", figure(top["v"]))
	}
	if field := misshapen(top); field != "" {
		return f, fault("shape", "field", field)
	}
	canonical, err := ledger.Canonical(json.RawMessage(b))
	if err != nil || !bytes.Equal(canonical, b) {
		return f, fault("not_canonical")
	}
	if json.Unmarshal(b, &f) != nil {
		return f, fault("not_canonical")
	}
	return f, nil
}

// figure writes a version that is not ours: a small whole number, or a question mark.
func figure(v any) string {
	if n, ok := v.(float64); ok && n == float64(int64(n)) && n >= 0 && n < 1000 {
		return fmt.Sprint(int64(n))
	}
	return "?"
}

// misshapen names the first field that is missing, of the wrong kind or not
// ours: ours in alphabetical order first, then the others.
func misshapen(top map[string]any) string {
	fields := []string{"checkpoint", "document", "entries", "keys", "type", "v", "witnesses"}
	for _, name := range fields {
		good := false
		switch v := top[name].(type) {
		case string:
			good = name == "checkpoint" || name == "document" || name == "type"
		case float64:
			good = name == "v"
		case []any:
			switch name {
			case "keys":
				good = len(v) > 0 && strings0(v, mostKeys)
			case "witnesses":
				good = strings0(v, mostKeys)
			case "entries":
				good = len(v) > 0 && len(v) <= mostEntries && !slices.ContainsFunc(v, func(e any) bool { return !entryShaped(e) })
			}
		}
		if !good {
			return name
		}
	}
	if len(top) == len(fields) {
		return ""
	}
	return "?"
}

func strings0(list []any, most int) bool {
	return len(list) <= most && !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok })
}

func entryShaped(v any) bool {
	e, ok := v.(map[string]any)
	if !ok || len(e) != 3 {
		return false
	}
	_, body := e["body"].(string)
	proof, list := e["proof"].([]any)
	seq, number := e["seq"].(float64)
	return body && list && strings0(proof, mostProof) && number && seq >= 0 && seq < 1<<53 && seq == float64(int64(seq))
}

// signatures reads the keys and checks the checkpoint with them.
func (r *Result) signatures(f File) *Fault {
	var keys []ledger.Key
	for i, s := range slices.Concat(f.Keys, f.Witnesses) {
		k, err := ledger.ParseKey(s)
		if errors.Is(err, ledger.ErrLookAlike) {
			return fault("look_alike", "name", spelled(strings.SplitN(s, "+", 2)[0]))
		}
		if err != nil || k.Witness != (i >= len(f.Keys)) {
			return fault("key_malformed")
		}
		if slices.ContainsFunc(keys, func(o ledger.Key) bool { return o.Name == k.Name && o.KeyHash() == k.KeyHash() }) {
			return fault("key_malformed") // whose signature is it?
		}
		keys = append(keys, k)
	}
	n, err := ledger.OpenNote(f.Checkpoint, keys)
	if err != nil {
		return checkpointFault(err)
	}
	r.Note = n
	if len(r.known) == 0 {
		return nil
	}
	for _, s := range n.Signatures {
		if !s.By.Witness && slices.ContainsFunc(r.known, s.By.Equal) {
			return nil
		}
	}
	return r.stranger()
}

// stranger says why none of the log's signatures is by a key the reader knows.
func (r *Result) stranger() *Fault {
	for _, k := range r.known {
		if !k.Witness && k.Name == r.Note.Origin {
			s := r.Note.Signatures[slices.IndexFunc(r.Note.Signatures, func(s ledger.Signature) bool { return !s.By.Witness })]
			return fault("unknown_key", "name", s.Name, "hash", s.By.Hash())
		}
	}
	for _, k := range r.known {
		if !k.Witness {
			return fault("other_origin", "origin", r.Note.Origin, "name", k.Name)
		}
	}
	s := r.Note.Signatures[slices.IndexFunc(r.Note.Signatures, func(s ledger.Signature) bool { return !s.By.Witness })]
	return fault("unknown_key", "name", s.Name, "hash", s.By.Hash())
}

// checkpointFaults names the faults of a checkpoint.
var checkpointFaults = map[error]string{
	ledger.ErrMalformed: "checkpoint_malformed", ledger.ErrLookAlike: "look_alike", ledger.ErrOrigin: "other_origin",
	ledger.ErrUnsigned: "unsigned", ledger.ErrSignature: "signature", ledger.ErrUnknownKey: "unknown_key",
	ledger.ErrCosignature: "cosignature", ledger.ErrUnknownWitness: "unknown_witness", ledger.ErrSignedTwice: "signed_twice",
	ledger.ErrWithoutSignings: "key_unused",
}

func checkpointFault(err error) *Fault {
	e, ok := errors.AsType[*ledger.CheckpointError](err)
	if !ok {
		return fault("checkpoint_malformed")
	}
	code := checkpointFaults[e.Err]
	if code == "other_origin" {
		return fault(code, "origin", e.Name, "name", e.Hash)
	}
	return fault(code, "name", spelled(e.Name), "hash", e.Hash)
}

// FaultOf is the fault of a checkpoint by itself, as [ledger.OpenNote] found it.
func FaultOf(err error) *Fault { return checkpointFault(err) }

// spelled writes a name so that its odd letters show.
func spelled(name string) string {
	var b strings.Builder
	for _, c := range name {
		if c > ' ' && c < 0x7f {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "[U+%04X]", c)
		}
	}
	return b.String()
}

// entries checks that every entry is what the log holds at its place.
func (r *Result) entries(f File) ([]entryBody, *Fault) {
	var bodies []entryBody
	for i, e := range f.Entries {
		if i > 0 && e.Seq <= f.Entries[i-1].Seq {
			return nil, fault("entry_order", "seq", fmt.Sprint(e.Seq))
		}
		body, ok := readBody(e)
		if !ok {
			return nil, fault("entry_malformed", "seq", fmt.Sprint(e.Seq))
		}
		if i > 0 && body.org != bodies[0].org || !OriginIsOf(r.Note.Origin, body.org) {
			return nil, fault("other_organisation", "seq", fmt.Sprint(e.Seq))
		}
		proof, ok := decode(e.Proof)
		if !ok || ledger.CheckInclusion(proof, r.Note.Size, r.Note.Root, e.Seq, ledger.Leaf([]byte(e.Body))) != nil {
			return nil, fault("proof", "seq", fmt.Sprint(e.Seq))
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

func decode(proof []string) ([]ledger.Root, bool) {
	out := make([]ledger.Root, len(proof))
	for i, s := range proof {
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(b) != ledger.HashBytes || base64.StdEncoding.EncodeToString(b) != s {
			return nil, false
		}
		out[i] = ledger.Root(b)
	}
	return out, true
}

// suffixDigits is how much of an organisation's id ends the origin of its log.
const suffixDigits = 12

// Origin names the log of an organisation: the host it is published at, its
// short name, and the last twelve digits of its id, by which an entry of
// another organisation is recognised.
func Origin(host, slug, orgID string) string {
	return fmt.Sprintf("%s/ledger/%s-%s", host, slug, suffix(orgID))
}

func suffix(orgID string) string {
	if len(orgID) < suffixDigits {
		return orgID
	}
	return orgID[len(orgID)-suffixDigits:]
}

// OriginIsOf says whether an origin is of the log of an organisation.
func OriginIsOf(origin, orgID string) bool {
	return orgID != "" && strings.HasSuffix(origin, "-"+suffix(orgID))
}
