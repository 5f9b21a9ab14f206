package register

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// Event is one line of a deployment's timeline.
type Event struct {
	Seq     int64
	At      time.Time
	Verb    string
	Subject string
	Data    map[string]any
}

// Timeline is what happened to a deployment, oldest first. Who may not read a
// union's own doings does not see them.
func (r *Register) Timeline(ctx context.Context, a models.Actor, ref string, from int64, limit int) ([]Event, int64, error) {
	s, err := r.openToRead(ctx, a, ref, "deployment.read")
	if err != nil {
		return nil, 0, err
	}
	rows, err := r.store.Timeline(ctx, s.OrgID, s.ID, from, limit+1)
	if err != nil {
		return nil, 0, err
	}
	next := int64(0)
	if len(rows) > limit {
		next = rows[limit].Seq
		rows = rows[:limit]
	}
	out := []Event{}
	for _, row := range rows {
		var body struct {
			Data map[string]any `json:"data"`
		}
		if err := json.Unmarshal([]byte(row.Body), &body); err != nil {
			return nil, 0, err
		}
		e := Event{Seq: row.Seq, At: row.At, Verb: row.Verb, Subject: row.Subject, Data: body.Data}
		if timelineShows(a, e) {
			out = append(out, e)
		}
	}
	return out, next, nil
}

// timelineShows keeps drafts, and what was found and not shared, from all but the employer's side, and requests,
// deliveries and narrow comments from those who are not a party to them.
func timelineShows(a models.Actor, e Event) bool {
	if a.EmployerSide() || a.Has(models.RoleAuditor) {
		return true
	}
	union, _ := e.Data["union"].(string)
	circle, _ := e.Data["circle"].(string)
	mine := slices.Contains(a.Unions(), union)
	noun, _, _ := strings.Cut(e.Verb, ".")
	switch {
	case betweenParties[noun]:
		// What is between parties is theirs, and the councillors'.
		return a.Has(models.RoleScrutiny) || mine || slices.ContainsFunc(a.Unions(), func(u string) bool { return listed(e.Data["parties"], u) })
	case noun == "engagement", noun == "cost":
		return len(a.Unions()) > 0 || a.Has(models.RoleScrutiny)
	case strings.HasPrefix(e.Verb, "notice.") && e.Verb != "notice.serve":
		return mine && e.Verb == "notice.acknowledge"
	case strings.HasPrefix(e.Verb, "request."), strings.HasPrefix(e.Verb, "delivery."):
		return mine
	case e.Verb == "comment.make", e.Verb == "comment.correct":
		return mine || len(a.Unions()) > 0 || a.Has(models.RoleScrutiny) && circle != string(models.CircleParties) || circle == string(models.CirclePublic)
	case e.Verb == "claim.share":
		return true
	case e.Verb == "claim.withdraw":
		locked, _ := e.Data["locked"].(bool)
		return locked && (len(a.Unions()) > 0 || a.Has(models.RoleScrutiny))
	case e.Verb == "claim.lock", e.Verb == "claim.challenge", strings.HasPrefix(e.Verb, "challenge."), strings.HasPrefix(e.Verb, "reinvestment."), e.Verb == "dataset.purge":
		return len(a.Unions()) > 0 || a.Has(models.RoleScrutiny)
	case strings.HasPrefix(e.Verb, "claim."), strings.HasPrefix(e.Verb, "run."), strings.HasPrefix(e.Verb, "dataset."):
		return false // until it is shared, what is found is the employer's
	case strings.HasPrefix(e.Verb, "comment."):
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
