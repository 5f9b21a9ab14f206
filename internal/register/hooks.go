package register

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
)

// NewHook is another system to be told.
type NewHook struct {
	Kind   string // webhook, teams
	URL    string
	Topics []models.Topic
}

// AddHook has another system told: by a webhook as the Standard Webhooks
// specification says, or in Microsoft Teams by the address of a workflow. The
// secret of a webhook is shown once.
func (r *Register) AddHook(ctx context.Context, a models.Actor, in NewHook) (models.Hook, string, error) {
	var h models.Hook
	var f models.Faults
	among(&f, "kind", in.Kind, []string{"webhook", "teams"})
	// Where private networks are allowed at all, the client decides which.
	if err := notice.CheckHookURL(in.URL, r.set.PlainHooks); err != nil && !(r.set.PlainHooks && errors.Is(err, notice.ErrHookPrivate)) {
		f.Add("url", hookFault(err))
	}
	for _, t := range in.Topics {
		if !slices.Contains(models.Topics, t) {
			f.Add("topics", "unknown_value", "value", string(t), "allowed", "")
		}
	}
	if err := r.check(a, "hook.add", own(a)); err != nil {
		return h, "", err
	}
	if err := f.Err(); err != nil {
		return h, "", err
	}
	u, err := url.Parse(in.URL)
	if err != nil {
		return h, "", field("url", "hook_url")
	}
	at := r.Now()
	h = models.Hook{OrgID: a.OrgID, ID: newID(), Kind: in.Kind, Host: u.Host, Topics: in.Topics, Version: 1, ByUserID: a.UserID, At: at}
	if h.Topics == nil {
		h.Topics = []models.Topic{}
	}
	secret := ""
	if in.Kind == "webhook" {
		secret = notice.NewHookSecret()
	}
	for part, plain := range map[*string]string{&h.Address: in.URL, &h.Secret: secret} {
		if plain == "" {
			continue
		}
		if *part, err = r.sealer.Seal([]byte(plain), "hook "+h.ID); err != nil {
			return h, "", err
		}
	}
	err = r.change(ctx, a, "hook.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		return entry{subject: h.ID, data: map[string]any{"kind": h.Kind, "host": h.Host, "topics": h.Topics}}, tx.Add(ctx, &h)
	})
	return h, secret, err
}

// hookFault is the code of what is wrong with an address.
func hookFault(err error) string {
	for fault, code := range map[error]string{
		notice.ErrHookScheme: "hook_scheme", notice.ErrHookPrivate: "hook_private", notice.ErrHookUser: "hook_user",
		notice.ErrHookFragment: "hook_fragment", notice.ErrHookLength: "too_long", notice.ErrHookHost: "hook_url",
	} {
		if errors.Is(err, fault) {
			return code
		}
	}
	return "hook_url"
}

// Hooks are where other systems are told, without their addresses and secrets.
func (r *Register) Hooks(ctx context.Context, a models.Actor) ([]models.Hook, error) {
	if err := r.check(a, "hook.read", own(a)); err != nil {
		return nil, err
	}
	rows, err := r.store.Hooks(ctx, a.OrgID)
	for i := range rows {
		rows[i].Address, rows[i].Secret = "", ""
	}
	return rows, err
}

// EndHook tells another system nothing more.
func (r *Register) EndHook(ctx context.Context, a models.Actor, id string) error {
	if err := r.check(a, "hook.end", own(a)); err != nil {
		return err
	}
	return r.change(ctx, a, "hook.end", func(tx *store.Tx, at time.Time) (entry, error) {
		h, err := tx.Hook(ctx, a.OrgID, id)
		if err != nil {
			return entry{}, err
		}
		read := h.Version
		h.EndedAt, h.Address, h.Secret = &at, "-", ""
		h.Version++
		if err := tx.SaveHook(ctx, &h, read); err != nil {
			return entry{}, err
		}
		return entry{subject: h.ID, data: map[string]any{"host": h.Host}}, tx.GiveUp(ctx, a.OrgID, h.ID, at)
	})
}

// ReplayHook sends a hook again what it was sent since an instant, with the
// same ids, and takes up one that had been disabled.
func (r *Register) ReplayHook(ctx context.Context, a models.Actor, id string, since time.Time) (int, error) {
	if err := r.check(a, "hook.replay", own(a)); err != nil {
		return 0, err
	}
	n := 0
	err := r.change(ctx, a, "hook.replay", func(tx *store.Tx, _ time.Time) (entry, error) {
		h, err := tx.Hook(ctx, a.OrgID, id)
		if err != nil {
			return entry{}, err
		}
		read := h.Version
		h.DisabledAt, h.DisabledWhy, h.FailingSince = nil, "", nil
		h.Version++
		if err := tx.SaveHook(ctx, &h, read); err != nil {
			return entry{}, err
		}
		records, err := tx.Again(ctx, a.OrgID, h.ID, since)
		if err != nil {
			return entry{}, err
		}
		n = len(records)
		jobs := make([]store.Job, n)
		for i, record := range records {
			jobs[i] = Drain{Org: a.OrgID, Hook: h.ID, Record: record}
		}
		return entry{subject: h.ID, data: map[string]any{"host": h.Host, "since": since}}, tx.Promise(ctx, jobs...)
	})
	return n, err
}

// Drain sends a hook what waits for it of one record, oldest first. Nothing is
// sent before what came before it has arrived.
type Drain struct {
	Org    string `json:"org"`
	Hook   string `json:"hook"`
	Record string `json:"record"`
}

// Kind is the stable name of the job.
func (Drain) Kind() string { return "hook.drain" }

// Queue is that of the webhooks.
func (Drain) Queue() string { return store.HookQueue }

// send writes the message of an event to a hook, and promises to send it.
func (r *Register) send(ctx context.Context, tx *store.Tx, h models.Hook, topic models.Topic, e happened, w whereabouts) error {
	if !h.Works() || !h.Wants(topic) {
		return nil
	}
	body, err := r.hookBody(ctx, tx.Reader, h, e, w)
	if err != nil {
		return err
	}
	m := models.Message{OrgID: h.OrgID, ID: newID(), Channel: h.Kind, HookID: &h.ID, Topic: topic, Record: w.record, Seq: e.Seq, Body: string(body), State: "pending", At: r.Now()}
	isNew, err := tx.AddMessage(ctx, &m)
	if err != nil || !isNew {
		return err
	}
	return tx.Promise(ctx, Drain{Org: h.OrgID, Hook: h.ID, Record: w.record})
}

// hookBody says what happened, by its identifiers alone: what was said is read
// behind the link, by who may.
func (r *Register) hookBody(ctx context.Context, rd store.Reader, h models.Hook, e happened, w whereabouts) ([]byte, error) {
	if h.Kind == "teams" {
		text := words.Say("en", "news."+e.Verb, w.params)
		return json.Marshal(notice.Card{Title: text, Link: r.page(models.English, w.path), LinkText: words.Say("en", "teams.open", nil), Lang: "en"})
	}
	org, err := rd.Organisation(ctx, h.OrgID)
	if err != nil {
		return nil, err
	}
	return notice.HookEvent{Type: e.Verb, Timestamp: e.At, Data: notice.HookData{Organisation: org.Slug, Deployment: w.ref, Subject: e.Subject, Seq: e.Seq, URL: r.page(models.English, w.path)}}.Marshal()
}

// leased is how long a message is one worker's: longer than a try may take.
const leased = 45 * time.Second

// soon is when a job looks again whether another still has its message: whoever has
// it may be done, or have failed, long before the lease ends.
const soon = 2 * time.Second

// longestUnannounced is how long a message waits for what happened before it to be
// announced, for that may make a message that belongs before it. What takes longer is
// a fault, which is not to hold up every hook.
const longestUnannounced = 15 * time.Minute

// mostAtATime bounds how many messages one job sends, so that it ends in time.
const mostAtATime = 50

// A message that failed is tried again a moment later, and only then left to the
// queue, whose pauses grow: most failures are over in a second.
const (
	triesAtOnce  = 3
	betweenTries = 200 * time.Millisecond
)

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Rewake promises again to send what still waits after the queue has given up:
// a hook that answers again within days misses nothing.
func (r *Register) Rewake(ctx context.Context) error {
	orgs, err := r.store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		hooks, err := r.store.Hooks(ctx, org.ID)
		if err != nil {
			return err
		}
		for _, h := range hooks {
			if err := r.rewake(ctx, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Register) rewake(ctx context.Context, h models.Hook) error {
	if !h.Works() {
		return nil
	}
	records, err := r.store.Waiting(ctx, h.OrgID, h.ID)
	if err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		for _, record := range records {
			if err := tx.Promise(ctx, Drain{Org: h.OrgID, Hook: h.ID, Record: record}); err != nil {
				return err
			}
		}
		return nil
	})
}

// drain sends what waits, in order, until something fails: then it is tried
// again later, by which time nothing has overtaken it.
func (r *Register) drain(ctx context.Context, j Drain, try store.Attempt) error {
	for sent, failed := 0, 0; sent < mostAtATime; {
		m, h, err := r.lease(ctx, j, try)
		if models.KindOf(err) == models.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if err = r.deliverHook(ctx, h, m); err == nil {
			sent, failed = sent+1, 0
			continue
		}
		if failed++; failed == triesAtOnce {
			return err
		}
		if err := pause(ctx, time.Duration(failed)*betweenTries); err != nil {
			return err
		}
	}
	return store.Later(time.Second)
}

// lease takes the oldest message of a record for this worker. While another has
// it there is nothing to do: two at once could let a later message overtake, and
// the other sends on until nothing waits, or is tried again itself. A job that is
// tried again may find the lease of its own first try, whose worker is dead or
// was cut off: it waits for the end of that.
func (r *Register) lease(ctx context.Context, j Drain, try store.Attempt) (models.Message, models.Hook, error) {
	var m models.Message
	var h models.Hook
	err := r.store.Within(ctx, func(tx *store.Tx) error {
		var err error
		if h, err = tx.Hook(ctx, j.Org, j.Hook); err != nil {
			return err
		}
		if !h.Works() {
			return models.Missing("hook")
		}
		if m, err = tx.FirstPending(ctx, j.Org, j.Hook, j.Record); err != nil {
			return err
		}
		now := r.Now()
		if now.Sub(m.At) < longestUnannounced {
			if early, err := tx.Unannounced(ctx, j.Org, m.Seq); err != nil || early {
				return errorsOr(err, store.Later(soon))
			}
			// An earlier one may have been announced between the two questions.
			if first, err := tx.FirstPending(ctx, j.Org, j.Hook, j.Record); err != nil || first.ID != m.ID {
				return errorsOr(err, store.Later(soon))
			}
		}
		if m.LeasedUntil != nil && m.LeasedUntil.After(now) {
			if try.Number > 1 {
				return store.Later(min(m.LeasedUntil.Sub(now), soon))
			}
			return models.Missing("message") // whoever has it goes on until there is no more
		}
		until := now.Add(leased)
		m.LeasedUntil = &until
		return tx.Lease(ctx, j.Org, m.ID, until)
	})
	return m, h, err
}

func (r *Register) deliverHook(ctx context.Context, h models.Hook, m models.Message) error {
	address, err := r.sealer.Open(h.Address, "hook "+h.ID)
	if err != nil {
		return store.Never(err)
	}
	try, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	gone := false
	if h.Kind == "teams" {
		var card notice.Card
		if err := json.Unmarshal([]byte(m.Body), &card); err != nil {
			return store.Never(err)
		}
		err = notice.Teams{Client: r.http, Now: r.Now}.Post(try, string(address), card)
		if failure, ok := errors.AsType[*notice.Failure](err); ok {
			m.Status = failure.Status
		}
	} else {
		secret, opened := r.sealer.Open(h.Secret, "hook "+h.ID)
		if opened != nil {
			return store.Never(opened)
		}
		var got notice.HookAnswer
		got, err = notice.Hook{Client: r.http, Now: r.Now, UserAgent: "Beforehand"}.Deliver(try, notice.HookTarget{URL: string(address), Secret: string(secret)}, strings.ReplaceAll(m.ID, "-", ""), []byte(m.Body))
		m.Status, gone = got.Status, got.Gone
	}
	return r.tried(ctx, h, m, err, gone)
}

// givesUpAfter is how long a hook may fail before it is told nothing more.
const givesUpAfter = 3 * 24 * time.Hour

// tried writes down what a try came to. A hook that has failed for days, or
// that says it is gone, is disabled, and whoever made it is told.
func (r *Register) tried(ctx context.Context, h models.Hook, m models.Message, failed error, gone bool) error {
	at := r.Now()
	m.Attempts++
	m.TriedAt = &at
	if failed == nil && !gone {
		m.State, m.Problem, m.SettledAt = "delivered", "", &at
	} else {
		m.Problem = problemOf(failed)
	}
	disabled := false
	err := r.store.Within(ctx, func(tx *store.Tx) error {
		now, err := tx.LockHook(ctx, h.OrgID, h.ID)
		if err != nil {
			return ended(err)
		}
		if mine, err := tx.Tried(ctx, m); err != nil || !mine {
			return err
		}
		read := now.Version
		switch {
		case m.State == "delivered" && now.FailingSince == nil:
			return nil
		case m.State == "delivered":
			now.FailingSince = nil
		case now.FailingSince == nil:
			now.FailingSince = &at
		}
		if m.State != "delivered" && now.Works() && (gone || at.Sub(*now.FailingSince) >= givesUpAfter) {
			now.DisabledAt, now.DisabledWhy, disabled = &at, m.Problem, true
			if gone {
				now.DisabledWhy = "gone"
			}
		}
		now.Version++
		if err := tx.SaveHook(ctx, &now, read); err != nil || !disabled {
			return err
		}
		return r.disabled(ctx, tx, now, at)
	})
	if err != nil || disabled {
		return err
	}
	return failed
}

// ended forgives that something is no longer there to be done: a hook was ended
// while it was told something, or another worker was quicker.
func ended(err error) error {
	if models.KindOf(err) == models.NotFound {
		return nil
	}
	return err
}

func problemOf(err error) string {
	if f, ok := errors.AsType[*notice.Failure](err); ok {
		return f.Problem
	}
	return "network"
}

// disabled is an entry of its own: somebody will ask why nothing came.
func (r *Register) disabled(ctx context.Context, tx *store.Tx, h models.Hook, at time.Time) error {
	if err := r.append(ctx, tx, models.Actor{OrgID: h.OrgID}, "hook.disable", at, entry{subject: h.ID, data: map[string]any{"host": h.Host, "why": h.DisabledWhy}}); err != nil {
		return err
	}
	return r.tell(ctx, tx, models.InboxItem{
		OrgID: h.OrgID, UserID: h.ByUserID, Topic: models.TopicSystem, Key: "hook/" + h.ID + "/" + itoa(h.Version), Code: "news.hook_disabled",
		Params: models.Params{"host": h.Host}, Path: "/hooks", Mode: models.ModeAtOnce,
	})
}

// drainTimeout bounds one job that sends what waits.
const drainTimeout = 10 * time.Minute
