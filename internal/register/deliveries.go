package register

import (
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
)

// Deliver sends one message of a notice.
type Deliver struct {
	Org      string `json:"org"`
	Dispatch string `json:"dispatch"`
}

// Kind is the stable name of the job.
func (Deliver) Kind() string { return "notice.deliver" }

// WatchSilence looks, when the time allowed has passed, whether every party of
// a notice has been served.
type WatchSilence struct {
	Org    string    `json:"org"`
	Notice string    `json:"notice"`
	Due    time.Time `json:"due"`
}

// Kind is the stable name of the job.
func (WatchSilence) Kind() string { return "notice.watch_silence" }

// Alert tells one person that a union has not been served.
type Alert struct {
	Org    string   `json:"org"`
	Notice string   `json:"notice"`
	User   string   `json:"user"`
	Unions []string `json:"unions"`
	ID     string   `json:"id"`
}

// Kind is the stable name of the job.
func (Alert) Kind() string { return "notice.alert" }

// Sweep removes expired sessions and kept answers.
type Sweep struct{}

// Kind is the stable name of the job.
func (Sweep) Kind() string { return "sweep" }

// EvidenceSweep asks where gains went when it is time, and purges rows whose
// time is over.
type EvidenceSweep struct{}

// Kind is the stable name of the job.
func (EvidenceSweep) Kind() string { return "evidence.sweep" }

// MergeWords puts the word index in order once a day, where it needs that.
type MergeWords struct{}

// Kind is the stable name of the job.
func (MergeWords) Kind() string { return "words.merge" }

// mergeTimeout is enough for the words of a million deployments many times over.
const mergeTimeout = 10 * time.Minute

// keepAnswers is how long a repeated request finds its first answer.
const keepAnswers = 7 * 24 * time.Hour

// Workers say what is done for each job.
func (r *Register) Workers() *store.Workers {
	w := store.NewWorkers()
	store.Handle(w, r.deliver)
	store.Handle(w, r.watchSilence)
	store.Handle(w, r.alert)
	store.Handle(w, func(ctx context.Context, _ Sweep, _ store.Attempt) error {
		return errors.Join(r.store.Sweep(ctx, r.Now(), r.Now().Add(-keepAnswers), r.Now().Add(-keepForms)), r.store.ForgetImportFiles(ctx, r.Now().Add(-importFilesKept)))
	})
	store.Handle(w, r.sendInvitation)
	store.Handle(w, r.sendReset)
	store.Handle(w, r.sendCode)
	store.Handle(w, r.sendChange)
	store.Handle(w, r.sendAddress)
	store.Handle(w, r.retain)
	store.Handle(w, r.sendClaim)
	store.Handle(w, r.signPromised)
	store.Handle(w, r.sendCheckpoint)
	store.Handle(w, r.sendReceipt)
	store.Handle(w, r.announce)
	store.Handle(w, r.mailNews)
	store.Handle(w, r.mailDigest)
	store.Handle(w, r.handleCallbacks)
	store.HandleLong(w, drainTimeout, r.drain)
	store.Handle(w, func(ctx context.Context, _ DailyNews, _ store.Attempt) error {
		return errors.Join(r.Remind(ctx), r.SendDaily(ctx), r.Rewake(ctx))
	})
	store.Every(w, time.Hour, DailyNews{})
	store.Handle(w, func(ctx context.Context, _ DailyCheckpoint, _ store.Attempt) error { return r.SignDaily(ctx) })
	store.HandleLong(w, analysisTimeout, r.analyse)
	store.Handle(w, func(ctx context.Context, _ EvidenceSweep, _ store.Attempt) error {
		return errors.Join(r.AskReinvestments(ctx), r.PurgeDue(ctx))
	})
	store.HandleLong(w, mergeTimeout, func(ctx context.Context, _ MergeWords, _ store.Attempt) error { return r.store.MergeWords(ctx) })
	store.Every(w, 24*time.Hour, MergeWords{})
	store.Every(w, time.Hour, Sweep{})
	store.Every(w, 24*time.Hour, Retain{})
	store.Every(w, time.Hour, EvidenceSweep{})
	store.Every(w, time.Hour, DailyCheckpoint{})
	return w
}

// DeliverAll sends the messages of a notice now, without waiting for the
// queue: for a story told faster than the clock runs. The jobs find them settled.
func (r *Register) DeliverAll(ctx context.Context, n models.Notice) error {
	messages, err := r.store.Dispatches(ctx, n.OrgID, n.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Channel != models.ByEmail {
			continue
		}
		if err := r.deliver(ctx, Deliver{Org: n.OrgID, Dispatch: m.ID}, store.Attempt{Number: 1}); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends a message and records what came of it. A message is sent again
// only while nothing says that it was accepted or refused; a crash between
// sending and recording sends it twice under one Message-ID.
func (r *Register) deliver(ctx context.Context, j Deliver, try store.Attempt) error {
	settled, err := r.store.Settled(ctx, j.Org, j.Dispatch)
	if err != nil || settled {
		return err
	}
	m, n, err := r.compose(ctx, j)
	if err != nil {
		return err
	}
	sendErr := r.mail.Send(ctx, m)
	event := models.Accepted
	switch {
	case sendErr == nil:
	case notice.Permanent(sendErr):
		event = models.Bounced
	case try.Last:
		event = models.Abandoned
	default:
		event = models.Deferred
	}
	if err := r.recordAttempt(ctx, j, n, event, sendErr); err != nil {
		return errors.Join(sendErr, err)
	}
	if event == models.Bounced {
		return store.Never(sendErr)
	}
	return sendErr
}

// recordAttempt is a use case of its own: one event, one entry.
func (r *Register) recordAttempt(ctx context.Context, j Deliver, n models.Notice, event models.DeliveryEvent, cause error) error {
	err := r.change(ctx, models.Actor{OrgID: j.Org}, "delivery.record", func(tx *store.Tx, at time.Time) (entry, error) {
		m, err := tx.Dispatch(ctx, j.Org, j.Dispatch)
		if err != nil {
			return entry{}, err
		}
		e := models.Delivery{OrgID: j.Org, ID: newID(), NoticeID: n.ID, RecipientID: m.RecipientID, DispatchID: &m.ID, Event: event, At: at, RecordedAt: at}
		if cause != nil {
			e.Detail = shorten(cause.Error(), 500)
		}
		rec, err := tx.Recipient(ctx, j.Org, m.RecipientID)
		if err != nil {
			return entry{}, err
		}
		done := entry{subject: e.ID, deployment: n.DeploymentID, data: map[string]any{"no": n.No, "notice": n.SHA256, "union": rec.UnionID, "event": string(event), "message": m.MessageID, "at": at}}
		return done, tx.Add(ctx, &e)
	})
	if event == models.Accepted && models.CodeOf(err) == "duplicate" {
		return nil // another worker was quicker to record the same acceptance
	}
	return err
}

func shorten(s string, most int) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// compose writes the message of a dispatch from the frozen notice.
func (r *Register) compose(ctx context.Context, j Deliver) (notice.Mail, models.Notice, error) {
	var n models.Notice
	d, err := r.store.Dispatch(ctx, j.Org, j.Dispatch)
	if err != nil {
		return notice.Mail{}, n, err
	}
	if n, err = r.store.NoticeByID(ctx, j.Org, d.NoticeID); err != nil {
		return notice.Mail{}, n, err
	}
	rec, err := r.store.Recipient(ctx, j.Org, d.RecipientID)
	if err != nil {
		return notice.Mail{}, n, err
	}
	org, err := r.store.Organisation(ctx, j.Org)
	if err != nil {
		return notice.Mail{}, n, err
	}
	var c models.NoticeContent
	if err := json.Unmarshal([]byte(n.Content), &c); err != nil {
		return notice.Mail{}, n, err
	}
	party, _ := c.Party(rec.UnionID)
	start, end := window(c, party)
	read := r.set.BaseURL + "/en/notices/" + n.No
	in := notice.Notice{
		Content: c, SHA256: n.SHA256, Dispatch: d, Party: party, From: r.set.MailFrom, ReplyTo: org.Contact,
		ListID: org.Slug + "." + r.mailDomain(), AcknowledgeURL: read + "/acknowledge", ReadURL: read,
		WindowStart: start, WindowEnd: end, Zone: org.Location(),
	}
	if rc, cp, err := r.receiptAtService(ctx, n, rec.UnionID); err != nil {
		// The notice itself must not wait for its receipt, which can be had later.
		r.log.ErrorContext(ctx, "a notice goes out without its receipt", "notice", n.No, "error", err.Error())
	} else {
		in.Files, in.Keys, in.VerifyURL = []notice.Attached{receiptFile(rc), checkpointFile(cp)}, rc.Keys, r.set.BaseURL+"/en/verify"
	}
	m, err := notice.Compose(in)
	return m, n, err
}

// window is the response window of a party, counted from the day of serving
// with the notice's own frozen rules.
func window(c models.NoticeContent, p models.NoticeParty) (start, end models.Date) {
	zone, err := time.LoadLocation(c.Rules.Clock.Zone)
	if err != nil {
		zone = time.UTC
	}
	cal := c.Rules.Clock.Calendar.Calendar()
	start = models.DateOf(c.ServedAt, zone)
	earliest := map[models.Trigger]models.Date{}
	for _, t := range models.Triggers {
		if !c.Kind.Starts(t) && c.Kind != models.NoticeSupplementary {
			continue
		}
		var periods []models.Period
		for _, period := range p.Periods {
			if period.Trigger == t {
				periods = append(periods, period)
			}
		}
		k := models.ReadClock(models.ClockInput{Evidence: c.ServedAt, Periods: periods, Zone: zone, CutOff: c.Rules.Clock.CutOff, Calendar: cal, At: start})
		earliest[t] = k.Earliest
	}
	return start, windowEnds(earliest, start)
}

// mailDomain is the part of the sender's address behind the @.
func (r *Register) mailDomain() string {
	if a, err := mail.ParseAddress(r.set.MailFrom); err == nil {
		if _, domain, ok := strings.Cut(a.Address, "@"); ok {
			return domain
		}
	}
	return "beforehand.invalid"
}

// watchSilence tells the digital officers and whoever registered the
// deployment that a union has not been served in the time allowed: its clock
// has not started.
func (r *Register) watchSilence(ctx context.Context, j WatchSilence, _ store.Attempt) error {
	// The queue's clock may run ahead of ours.
	if wait := j.Due.Sub(r.Now()); wait > 0 {
		return store.Later(min(wait, time.Hour))
	}
	n, err := r.store.NoticeByID(ctx, j.Org, j.Notice)
	if err != nil {
		return err
	}
	silent, err := r.silent(ctx, n)
	if err != nil || len(silent) == 0 {
		return err
	}
	return ended(r.change(ctx, models.Actor{OrgID: j.Org}, "notice.alert", func(tx *store.Tx, _ time.Time) (entry, error) {
		if _, err := tx.DeploymentByID(ctx, n.OrgID, n.DeploymentID); err != nil { // locks it: of two workers one waits
			return entry{}, err
		}
		told, err := tx.EntriesOf(ctx, n.OrgID, n.DeploymentID, "notice.alert")
		if err != nil {
			return entry{}, err
		}
		if slices.ContainsFunc(told, func(e store.LedgerRow) bool { return e.Subject == n.ID }) {
			return entry{}, models.Missing("notice") // of one that is told already there is nothing to tell
		}
		users, err := r.alerted(ctx, tx, n)
		if err != nil {
			return entry{}, err
		}
		jobs := make([]store.Job, len(users))
		for i, u := range users {
			jobs[i] = Alert{Org: j.Org, Notice: n.ID, User: u, Unions: silent, ID: newID()}
		}
		return entry{subject: n.ID, deployment: n.DeploymentID, data: map[string]any{"no": n.No, "unions": silent}}, tx.Promise(ctx, jobs...)
	}))
}

// silent are the unions without sufficient evidence of service.
func (r *Register) silent(ctx context.Context, n models.Notice) ([]string, error) {
	served, err := withService(ctx, r.store.Reader, n.OrgID, []models.Notice{n})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range served[0].Content.Parties {
		if served[0].EvidenceFor(p.UnionID, r.Now()).IsZero() {
			out = append(out, p.Union)
		}
	}
	return out, nil
}

// alerted are the ids of the digital officers and of who registered the deployment.
func (r *Register) alerted(ctx context.Context, tx *store.Tx, n models.Notice) ([]string, error) {
	d, err := tx.DeploymentByID(ctx, n.OrgID, n.DeploymentID)
	if err != nil {
		return nil, err
	}
	members, err := tx.Members(ctx, n.OrgID)
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, m := range members {
		worn, err := r.worn(ctx, m)
		if err != nil {
			return nil, err
		}
		if worn && (m.Role == models.RoleCDO || m.UserID == d.CreatedBy) && !seen[m.UserID] {
			seen[m.UserID] = true
			out = append(out, m.UserID)
		}
	}
	return out, nil
}

func (r *Register) alert(ctx context.Context, j Alert, _ store.Attempt) error {
	u, err := r.store.User(ctx, j.User)
	if err != nil {
		return err
	}
	n, err := r.store.NoticeByID(ctx, j.Org, j.Notice)
	if err != nil {
		return err
	}
	d, err := r.store.DeploymentByID(ctx, j.Org, n.DeploymentID)
	if err != nil {
		return err
	}
	org, err := r.store.Organisation(ctx, j.Org)
	if err != nil {
		return err
	}
	m, err := r.composeAlert(ctx, j, u, n, d, org)
	if err != nil {
		return err
	}
	if err := r.mail.Send(ctx, m); notice.Permanent(err) {
		return store.Never(err)
	} else if err != nil {
		return err
	}
	return nil
}

func (r *Register) composeAlert(ctx context.Context, j Alert, u models.User, n models.Notice, d models.Deployment, org models.Organisation) (notice.Mail, error) {
	served, err := withService(ctx, r.store.Reader, n.OrgID, []models.Notice{n})
	if err != nil {
		return notice.Mail{}, err
	}
	p, err := r.profile(org)
	if err != nil {
		return notice.Mail{}, err
	}
	dispatches, err := r.store.Dispatches(ctx, n.OrgID, n.ID)
	if err != nil {
		return notice.Mail{}, err
	}
	a := notice.Alert{
		MessageID: j.ID + "@" + r.mailDomain(), From: r.set.MailFrom, ReplyTo: org.Contact, To: u.Email, Language: u.Language,
		No: n.No, Ref: d.Ref, Name: models.Text{En: d.NameEn, Cy: d.NameCy}, Days: p.SilentDays, ServedAt: n.ServedAt,
		URL: r.set.BaseURL + "/" + string(u.Language) + "/notices/" + n.No, Zone: org.Location(), Date: r.Now(),
	}
	for _, party := range served[0].Content.Parties {
		if !slices.Contains(j.Unions, party.Union) {
			continue
		}
		row := notice.Silent{Union: party.Union, Branch: party.Branch}
		for _, m := range dispatches {
			if m.RecipientID == served[0].Recipients[party.UnionID].ID {
				row.Address = m.Address
			}
		}
		if events := served[0].Events[party.UnionID]; len(events) > 0 {
			row.Last = events[len(events)-1].Event
		}
		a.Silent = append(a.Silent, row)
	}
	return notice.ComposeAlert(a)
}
