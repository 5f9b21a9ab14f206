package receipt

import (
	"fmt"
	"slices"
	"time"

	"beforehand/internal/ledger"
)

// The verbs of the entries that a receipt may hold.
const (
	verbServe       = "notice.serve"
	verbOverride    = "override.sign" // which serves an emergency notice
	verbAcknowledge = "notice.acknowledge"
	verbRecord      = "delivery.record"
)

// reached are the events that show that a notice came to a party.
var reached = []string{"accepted", "delivered", "handed", "posted", "acknowledged"}

// slack is how far a clock may have been put back between two entries.
const slack = time.Hour

// meaning reads what the entries, now known to be the log's, say.
func (r *Result) meaning(f File, bodies []entryBody) *Fault {
	if bodies[0].verb != verbServe && bodies[0].verb != verbOverride {
		return fault("not_notice")
	}
	r.Hash = ledger.Hash([]byte(f.Document))
	if bodies[0].data.notice != r.Hash {
		return fault("document")
	}
	doc, ok := readDocument(f.Document)
	if !ok {
		return fault("document")
	}
	r.No, r.Name, r.Organisation, r.zone = doc.no, doc.name, doc.organisation, zoneOf(doc.zone)
	if r.RecordedAt, ok = instant(bodies[0].at); !ok {
		return fault("entry_malformed", "seq", fmt.Sprint(f.Entries[0].Seq))
	}
	r.First = Part{f.Entries[0].Seq, f.Entries[0].Body}
	heard := map[string]bool{}
	for i, b := range bodies[1:] {
		seq := fmt.Sprint(f.Entries[i+1].Seq)
		p := slices.IndexFunc(doc.parties, func(p party) bool { return p.unionID == b.data.union })
		if b.verb != verbAcknowledge && b.verb != verbRecord || b.data.notice != r.Hash || p < 0 {
			return fault("other_notice", "seq", seq)
		}
		at, good := instant(b.data.at)
		recorded, also := instant(b.at)
		if !good || !also {
			return fault("entry_malformed", "seq", seq)
		}
		if (b.verb == verbAcknowledge) != (b.data.event == "acknowledged") {
			return fault("other_notice", "seq", seq)
		}
		// In whole seconds, as the browser counts them.
		second := func(t time.Time) int64 { return t.Unix() }
		if second(at) > second(recorded) || second(at) < second(r.RecordedAt)-int64(slack/time.Second) {
			return fault("entry_times", "seq", seq)
		}
		r.Events = append(r.Events, Event{doc.parties[p].union, b.data.event, at, recorded})
		if slices.Contains(reached, b.data.event) {
			heard[b.data.union] = true
		}
	}
	for _, p := range doc.parties {
		if !heard[p.unionID] {
			r.Silent = append(r.Silent, p.union)
		}
	}
	return nil
}
