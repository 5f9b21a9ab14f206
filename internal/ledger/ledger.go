// Package ledger gives the entries of the tamper-evident log their exact
// bytes and hashes. Bytes in, hashes out: it knows no domain and no database.
// On the leaves stand the proofs of RFC 6962, checkpoints as signed notes, and
// the cosignatures of witnesses (C2SP).
package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"
	"golang.org/x/mod/sumdb/tlog"
)

// Entry is one change of state. Fields are only ever added; V says which are there.
type Entry struct {
	V   int       `json:"v"`
	Org string    `json:"org"`
	Seq int64     `json:"seq"`
	At  time.Time `json:"at"`
	// Verb is the act, such as notice.serve; Subject the id of what it was done to.
	Verb    string `json:"verb"`
	Subject string `json:"subject"`
	Actor   string `json:"actor"`
	// Data is what changed. It holds hashes of what is personal or long, so
	// that erasing the words leaves the log whole.
	Data map[string]any `json:"data,omitempty"`
}

// Canonical writes a value as canonical JSON (RFC 8785): one value, one
// sequence of bytes, whoever writes it.
func Canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	b, err = jcs.Transform(b)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	return b, nil
}

// Between these stands the data in the canonical form of an entry, whose keys
// are sorted. Neither can come inside a text, where a quote has a backslash
// before it: the first of the one and the last of the other are the entry's own.
var dataAfter, dataBefore = []byte(`,"data":`), []byte(`,"org":`)

// DataOf is the data in the bytes of an entry, as it stands there; nil when the
// entry has none.
func DataOf(body []byte) (json.RawMessage, error) {
	if _, rest, found := bytes.Cut(body, dataAfter); found {
		if i := bytes.LastIndex(rest, dataBefore); i > 0 {
			return rest[:i:i], nil
		}
	}
	var e struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("read an entry: %w", err)
	}
	return e.Data, nil
}

// Hash is the SHA-256 of bytes in hexadecimal.
func Hash(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Seal gives the canonical bytes of an entry and its leaf: the RFC 6962 leaf
// hash, which is the SHA-256 of a zero byte and the entry's bytes.
func Seal(e Entry) (body []byte, leaf [32]byte, err error) {
	e.At = e.At.UTC()
	body, err = Canonical(e)
	if err != nil {
		return nil, leaf, err
	}
	return body, Leaf(body), nil
}

// Leaf is the RFC 6962 leaf hash of an entry's bytes.
func Leaf(body []byte) [32]byte { return tlog.RecordHash(body) }
