package register

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// Event is one line of a deployment's timeline.
type Event struct {
	Seq     int64
	At      time.Time
	Verb    string
	Subject string
	// Data is what changed, as it is sealed in the log: most who pass it on need
	// not read it.
	Data json.RawMessage
}

// Params are the data, read. What cannot be read, an audit of the log finds.
func (e Event) Params() models.Params {
	p, _ := e.read()
	return p
}

func (e Event) read() (p models.Params, err error) {
	if len(e.Data) > 0 {
		err = json.Unmarshal(e.Data, &p)
	}
	return p, err
}

// Say says what happened, in words.
func (e Event) Say(lang string) string {
	code := "verb." + e.Verb
	if words.Plain(lang, code) {
		return words.Say(lang, code, nil)
	}
	return words.Say(lang, code, e.Params())
}

// Timeline is what happened to a deployment, oldest first. Who may not read a
// union's own doings does not see them.
func (r *Register) Timeline(ctx context.Context, a models.Actor, ref string, from int64, limit int) ([]Event, int64, error) {
	d, err := r.store.ReadersOf(ctx, a.OrgID, ref)
	if err != nil {
		return nil, 0, err
	}
	if _, err := r.checkToRead(ctx, a, d, "deployment.read"); err != nil {
		return nil, 0, err
	}
	rows, err := r.store.Timeline(ctx, d.OrgID, d.ID, from, limit+1)
	if err != nil {
		return nil, 0, err
	}
	next := int64(0)
	if len(rows) > limit {
		next = rows[limit].Seq
		rows = rows[:limit]
	}
	out := make([]Event, 0, len(rows))
	for _, row := range rows {
		e := Event{Seq: row.Seq, At: row.At, Verb: row.Verb, Subject: row.Subject}
		if e.Data, err = ledger.DataOf(row.Body); err != nil {
			return nil, 0, err
		}
		shows, err := timelineShows(a, e)
		if err != nil {
			return nil, 0, err
		}
		if shows {
			out = append(out, e)
		}
	}
	return out, next, nil
}

// timelineShows keeps drafts, and what was found and not shared, from all but the employer's side, and requests,
// deliveries and narrow comments from those who are not a party to them.
func timelineShows(a models.Actor, e Event) (bool, error) {
	if a.EmployerSide() || a.Has(models.RoleAuditor) {
		return true, nil
	}
	data, err := e.read()
	return err == nil && outsiderSees(a, e.Verb, data), err
}

// outsiderSees is timelineShows for who is neither of the employer nor an auditor.
func outsiderSees(a models.Actor, verb string, data models.Params) bool {
	union, _ := data["union"].(string)
	circle, _ := data["circle"].(string)
	mine := slices.Contains(a.Unions(), union)
	noun, _, _ := strings.Cut(verb, ".")
	switch {
	case betweenParties[noun]:
		// What is between parties is theirs, and the councillors'.
		return a.Has(models.RoleScrutiny) || mine || slices.ContainsFunc(a.Unions(), func(u string) bool { return listed(data["parties"], u) })
	case noun == "engagement", noun == "cost":
		return len(a.Unions()) > 0 || a.Has(models.RoleScrutiny)
	case strings.HasPrefix(verb, "notice.") && verb != "notice.serve":
		return mine && verb == "notice.acknowledge"
	case strings.HasPrefix(verb, "request."), strings.HasPrefix(verb, "delivery."):
		return mine
	case verb == "comment.make", verb == "comment.correct":
		return mine || len(a.Unions()) > 0 || a.Has(models.RoleScrutiny) && circle != string(models.CircleParties) || circle == string(models.CirclePublic)
	case verb == "claim.share":
		return true
	case verb == "claim.withdraw":
		locked, _ := data["locked"].(bool)
		return locked && (len(a.Unions()) > 0 || a.Has(models.RoleScrutiny))
	case verb == "claim.lock", verb == "claim.challenge", strings.HasPrefix(verb, "challenge."), strings.HasPrefix(verb, "reinvestment."), verb == "dataset.purge":
		return len(a.Unions()) > 0 || a.Has(models.RoleScrutiny)
	case strings.HasPrefix(verb, "claim."), strings.HasPrefix(verb, "run."), strings.HasPrefix(verb, "dataset."):
		return false // until it is shared, what is found is the employer's
	case strings.HasPrefix(verb, "comment."):
		return len(a.Unions()) > 0
	}
	return true
}

// betweenParties are the nouns whose entries name the parties to them.
var betweenParties = map[string]bool{
	"dispute": true, "meeting": true, "minutes": true, "questionnaire": true, "action": true, "barrier": true, "statement": true, "position": true,
}

// listed says whether a list of an entry's data names somebody.
func listed(list any, who string) bool {
	all, _ := list.([]any)
	return slices.Contains(all, any(who))
}

// Ledger is the organisation's log from a sequence number on.
func (r *Register) Ledger(ctx context.Context, a models.Actor, from int64, limit int) ([]store.LedgerRow, error) {
	if err := r.check(a, "ledger.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.LedgerEntries(ctx, a.OrgID, from, limit)
}
