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
	verbAcknowledge = "notice.acknowledge"
	verbRecord      = "delivery.record"
)

// reached are the events that show that a notice came to a party.
var reached = []string{"accepted", "delivered", "handed", "posted", "acknowledged"}

// meaning reads what the entries, now known to be the log's, say.
func (r *Result) meaning(f File, bodies []entryBody) *Fault {
	if bodies[0].Verb != verbServe {
		return fault("not_notice")
	}
	r.Hash = ledger.Hash([]byte(f.Document))
	doc, ok := readDocument(f.Document)
	if !ok || bodies[0].Data.Notice != r.Hash {
		return fault("document")
	}
	r.No, r.Name, r.Organisation = doc.No, doc.Name, doc.Organisation
	if zone, err := time.LoadLocation(doc.Rules.Clock.Zone); err == nil && doc.Rules.Clock.Zone != "Local" {
		r.zone = zone
	}
	if r.RecordedAt, ok = instant(bodies[0].At); !ok {
		return fault("entry_malformed", "seq", fmt.Sprint(f.Entries[0].Seq))
	}
	r.First = Part{f.Entries[0].Seq, f.Entries[0].Body}
	heard := map[string]bool{}
	for i, b := range bodies[1:] {
		seq := fmt.Sprint(f.Entries[i+1].Seq)
		p := slices.IndexFunc(doc.Parties, func(p party) bool { return p.UnionID == b.Data.Union })
		if b.Verb != verbAcknowledge && b.Verb != verbRecord || b.Data.Notice != r.Hash || p < 0 {
			return fault("other_notice", "seq", seq)
		}
		at, good := instant(b.Data.At)
		recorded, also := instant(b.At)
		if !good || !also {
			return fault("entry_malformed", "seq", seq)
		}
		r.Events = append(r.Events, Event{doc.Parties[p].Union, b.Data.Event, at, recorded})
		if slices.Contains(reached, b.Data.Event) {
			heard[b.Data.Union] = true
		}
	}
	for _, p := range doc.Parties {
		if !heard[p.UnionID] {
			r.Silent = append(r.Silent, p.Union)
		}
	}
	return nil
}

// instant reads a time of the log: RFC 3339 in UTC.
func instant(s string) (time.Time, bool) {
	if len(s) == 0 || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err == nil && t.Year() >= 1970
}
