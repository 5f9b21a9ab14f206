// Package receipt makes and checks receipts: one JSON file that shows, to
// anybody who has the organisation's public key and nothing else, what a notice
// said, when it was recorded and what became of it. The format is written down
// in docs/receipt-format.md; the browser has a verifier of its own.
package receipt

import (
	"encoding/base64"
	"fmt"

	"beforehand/internal/ledger"
)

// Type and Version begin every receipt.
const (
	Type    = "beforehand-receipt"
	Version = 1
)

// Limits of a receipt.
const (
	mostBytes   = 4 << 20
	mostEntries = 500
	mostKeys    = 64
	mostBody    = 16 << 10
	mostProof   = 64 // hashes: enough for 2^64 entries
)

// File is a receipt. It is written as canonical JSON (RFC 8785), and nothing
// else is taken: each of its bytes counts. There is no field in it that the
// log, or a signature, does not vouch for.
type File struct {
	// Checkpoint is the signed note that all the proofs lead to.
	Checkpoint string `json:"checkpoint"`
	// Document is the frozen canonical JSON of the notice.
	Document string `json:"document"`
	// Entries are of the log: first the serving of the notice, then what became
	// of it, in the order of the log.
	Entries []Entry `json:"entries"`
	// Keys are the log's public keys that signed the checkpoint.
	Keys []string `json:"keys"`
	Type string   `json:"type"`
	V    int      `json:"v"`
	// Witnesses are the public keys of those who countersigned it.
	Witnesses []string `json:"witnesses"`
}

// Entry is an entry of the log with its proof.
type Entry struct {
	// Body is the entry's canonical JSON, as it is hashed.
	Body string `json:"body"`
	// Proof are the hashes of RFC 6962 section 2.1.1 in base64, from the leaf up.
	Proof []string `json:"proof"`
	Seq   int64    `json:"seq"`
}

// Part is an entry of the log, to be proved.
type Part struct {
	Seq  int64
	Body string
}

// Make writes a receipt of a notice's frozen document and its entries, at a
// checkpoint signed by these keys. What it makes, [Check] finds good; else it
// is an error, and nobody is given it.
func Make(document string, entries []Part, checkpoint string, keys []ledger.Key, nodes ledger.Hashes) ([]byte, error) {
	n, err := ledger.ReadNote(checkpoint)
	if err != nil {
		return nil, err
	}
	f := File{Checkpoint: checkpoint, Document: document, Entries: []Entry{}, Keys: []string{}, Type: Type, V: Version, Witnesses: []string{}}
	for _, k := range keys {
		if k.Witness {
			f.Witnesses = append(f.Witnesses, k.String())
		} else {
			f.Keys = append(f.Keys, k.String())
		}
	}
	for _, e := range entries {
		proof, err := ledger.Inclusion(n.Size, e.Seq, nodes)
		if err != nil {
			return nil, err
		}
		f.Entries = append(f.Entries, Entry{e.Body, encode(proof), e.Seq})
	}
	b, err := ledger.Canonical(f)
	if err != nil {
		return nil, err
	}
	if r := Check(b, keys); r.Verdict != Valid {
		return nil, fmt.Errorf("the receipt made is not valid: %s %v", r.Fault.Code, r.Fault.Params)
	}
	return b, nil
}

func encode(proof []ledger.Root) []string {
	out := make([]string, len(proof))
	for i, h := range proof {
		out[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return out
}
