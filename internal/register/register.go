// Package register is what Beforehand does: one method a use case, one
// transaction, one ledger entry. It asks the policy, loads what a rule needs,
// calls the rule in models, and writes. It knows nothing of HTTP.
package register

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"beforehand/internal/auth"
	"beforehand/internal/ledger"
	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Register carries the use cases.
type Register struct {
	store    *store.Store
	policy   *policy.Policy
	profiles policy.Set
	files    *Files
	mail     notice.Channel
	set      Settings
	now      func() time.Time
	log      *slog.Logger

	// http reaches addresses that somebody gave us, and guards what is inside.
	http *http.Client

	sealer    *auth.Sealer
	passkeys  *auth.Passkeys
	providers *auth.Providers
	watermark *Watermark
	hash      HashPassword
}

// HashPassword makes what is stored of a password. About is what is known of
// the person, which must not be in it.
type HashPassword func(password string, about ...string) (string, error)

// Settings are what an operator decides.
type Settings struct {
	// BaseURL is the address of the web application, without a slash at the end.
	BaseURL string
	// MailFrom is the mailbox that messages are sent from.
	MailFrom string
	// RefuseAfter is how long a refused sign-in takes at least: longer than the
	// work for it, which differs a little by whether there is such an account.
	RefuseAfter time.Duration
	// PlainHooks lets webhooks go to http addresses, for networks of one's own.
	PlainHooks bool
	// NotifyToken is what GOV.UK Notify says when it calls back; empty is that it
	// may not.
	NotifyToken string
}

// Parts are what a Register is made of.
type Parts struct {
	Store    *store.Store
	Policy   *policy.Policy
	Profiles policy.Set
	Files    *Files
	Mail     notice.Channel
	// HTTP is for webhooks; it must guard what is inside the network.
	HTTP     *http.Client
	Settings Settings
	Now      func() time.Time
	Log      *slog.Logger
	// Sealer keeps what must be read again, and nobody else may read.
	Sealer    *auth.Sealer
	Passkeys  *auth.Passkeys
	Providers *auth.Providers
	// Watermark remembers checkpoints outside the database.
	Watermark *Watermark
	// Hash is auth.HashPassword when it is left out.
	Hash HashPassword
}

// New puts the parts together.
func New(p Parts) *Register {
	if p.Hash == nil {
		p.Hash = auth.HashPassword
	}
	return &Register{p.Store, p.Policy, p.Profiles, p.Files, p.Mail, p.Settings, p.Now, p.Log, p.HTTP, p.Sealer, p.Passkeys, p.Providers, p.Watermark, p.Hash}
}

// Now is the instant it is, in UTC and in microseconds, which both databases keep.
func (r *Register) Now() time.Time { return r.now().UTC().Truncate(time.Microsecond) }

// System is the actor of what the system does by itself: jobs and set-up.
const System = "system"

// entry is what one change says of itself in the log.
type entry struct {
	subject    string
	deployment string
	data       map[string]any
}

// change holds the one transaction of a use case: what it writes, its jobs, the
// request's key and, last, its ledger entry.
func (r *Register) change(ctx context.Context, a models.Actor, verb string, do func(tx *store.Tx, at time.Time) (entry, error)) error {
	at := r.Now()
	return r.store.Within(ctx, func(tx *store.Tx) error {
		if err := useKey(ctx, tx, a, at); err != nil {
			return err
		}
		e, err := do(tx, at)
		if err != nil {
			return err
		}
		return r.append(ctx, tx, a, verb, at, e)
	})
}

func (r *Register) append(ctx context.Context, tx *store.Tx, a models.Actor, verb string, at time.Time, e entry) error {
	actor := a.UserID
	if actor == "" {
		actor = System
	}
	var deployment *string
	if e.deployment != "" {
		deployment = &e.deployment
	}
	seq, err := tx.Append(ctx, ledger.Entry{V: 1, Org: a.OrgID, At: at, Verb: verb, Subject: e.subject, Actor: actor, Data: e.data}, deployment)
	if _, told := models.TopicOf(verb); err != nil || !told {
		return err
	}
	return tx.Promise(ctx, Announce{Org: a.OrgID, Seq: seq})
}

// Key makes a repeated request recognisable. Hash is of the request's body and route.
type Key struct{ Key, Hash string }

type keyOf struct{}

// WithKey says which key the request came with.
func WithKey(ctx context.Context, k Key) context.Context { return context.WithValue(ctx, keyOf{}, k) }

// useKey writes the request's key inside the transaction, so that a request
// repeated at the same moment finds the row taken and changes nothing.
func useKey(ctx context.Context, tx *store.Tx, a models.Actor, at time.Time) error {
	k, ok := ctx.Value(keyOf{}).(Key)
	if !ok || a.UserID == "" {
		return nil
	}
	err := tx.Add(ctx, &store.IdempotencyKey{OrgID: a.OrgID, UserID: a.UserID, Key: k.Key, RequestHash: k.Hash, Headers: map[string]string{}, CreatedAt: at})
	if models.KindOf(err) == models.Conflict {
		return models.Fail(models.Conflict, "idempotency_in_progress").Because(err)
	}
	return err
}

// Answered finds the answer that a key was given before. A key used for
// another request is an error; a key never used is not found.
func (r *Register) Answered(ctx context.Context, a models.Actor, k Key) (store.IdempotencyKey, error) {
	row, err := r.store.Idempotency(ctx, a.OrgID, a.UserID, k.Key)
	if err != nil {
		return row, err
	}
	if row.RequestHash != k.Hash {
		return row, models.Fail(models.Invalid, "idempotency_reused").With("key", k.Key)
	}
	if row.Status == 0 {
		return row, models.Fail(models.Conflict, "idempotency_done").With("key", k.Key)
	}
	return row, nil
}

// KeepAnswer keeps the answer given to a request, for its repetition.
func (r *Register) KeepAnswer(ctx context.Context, a models.Actor, k Key, status int, headers map[string]string, body []byte) error {
	return r.store.KeepAnswer(ctx, store.IdempotencyKey{OrgID: a.OrgID, UserID: a.UserID, Key: k.Key, Status: status, Headers: headers, Body: body})
}

func (r *Register) check(a models.Actor, act string, res policy.Resource) error {
	return r.policy.Check(a, act, res)
}

// own is a resource of the actor's whole organisation.
func own(a models.Actor) policy.Resource { return policy.Resource{OrgID: a.OrgID} }

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func readRecord(s string) (models.Record, error) {
	var rec models.Record
	err := json.Unmarshal([]byte(s), &rec)
	return rec, err
}

// versionIs refuses a change to something that has moved on since it was read.
func versionIs(noun string, have, read int) error {
	if have != read {
		return models.Fail(models.Stale, "stale_version").With("noun", noun, "version", have)
	}
	return nil
}

// field is an error of one field.
func field(path, code string, pairs ...any) error {
	var f models.Faults
	f.Add(path, code, pairs...)
	return f.Err()
}

// profile is the policy profile of an organisation.
func (r *Register) profile(o models.Organisation) (models.Profile, error) {
	return r.profiles.Profile(o.Profile)
}

// hashOf is the hash of the canonical form of a row, by which an entry commits
// to all of it without saying it.
func hashOf(v any) string {
	b, err := ledger.Canonical(v)
	if err != nil {
		panic(err) // rows are plain values: they always have a canonical form
	}
	return ledger.Hash(b)
}

// Healthy says whether requests can be answered, and what they promise be done.
func (r *Register) Healthy(ctx context.Context) error { return r.store.Ready(ctx) }
