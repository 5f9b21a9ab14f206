package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// CommentInput is what a union says.
type CommentInput struct {
	UnionID   string
	Target    string // deployment, notice, impact or claim
	TargetKey string
	Kind      models.CommentKind
	Dimension models.Dimension
	Circle    models.Circle
	Language  models.Language
	Body      string
}

const longestComment = 50_000

func (in *CommentInput) check() error {
	var f models.Faults
	if strings.TrimSpace(in.Body) == "" {
		f.Add("body", "required")
	}
	models.CheckText(&f, "body", in.Body, longestComment)
	if !slices.Contains(models.CommentKinds, in.Kind) {
		f.Add("kind", "unknown_value", "value", string(in.Kind), "allowed", "question, concern, suggestion, support, formal_response, failure_to_agree")
	}
	if in.Target == "" {
		in.Target = "deployment"
	}
	if !slices.Contains([]string{"deployment", "notice", "impact", "claim"}, in.Target) {
		f.Add("target", "unknown_value", "value", in.Target, "allowed", "deployment, notice, impact, claim")
	}
	if in.Target != "deployment" && in.TargetKey == "" {
		f.Add("targetKey", "required")
	}
	models.CheckText(&f, "targetKey", in.TargetKey, 100)
	if in.Dimension != "" && !slices.Contains(models.Dimensions, in.Dimension) {
		f.Add("dimension", "unknown_value", "value", string(in.Dimension), "allowed", "JOBS, GRADE, …")
	}
	if in.Circle == "" {
		in.Circle = models.CircleParties
	}
	if in.Kind.Formal() && !in.Circle.WiderThan(models.CircleParties) {
		in.Circle = models.CircleScrutiny // what is filed formally reaches scrutiny
	}
	if !slices.Contains([]models.Circle{models.CircleParties, models.CircleScrutiny, models.CirclePublic}, in.Circle) {
		f.Add("circle", "unknown_value", "value", string(in.Circle), "allowed", "parties, scrutiny, public")
	}
	if in.Language == "" {
		in.Language = models.English
	}
	if in.Language != models.English && in.Language != models.Welsh {
		f.Add("language", "unknown_value", "value", string(in.Language), "allowed", "en, cy")
	}
	return f.Err()
}

// MakeComment records what a union says of a deployment, word for word. A
// comment after the response window is taken, and marked late.
func (r *Register) MakeComment(ctx context.Context, a models.Actor, ref string, in CommentInput) (models.CommentState, error) {
	var c models.CommentState
	if err := in.check(); err != nil {
		return c, err
	}
	err := r.change(ctx, a, "comment.make", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.openForUnion(ctx, tx.Reader, a, ref, "comment.make", &in.UnionID)
		if err != nil {
			return entry{}, err
		}
		if s.Stage == models.StageWithdrawn {
			return entry{}, models.Fail(models.Conflict, "deployment_withdrawn").With("ref", s.Ref)
		}
		if err := r.targetExists(ctx, tx, s, in); err != nil {
			return entry{}, err
		}
		late, err := r.windowClosed(ctx, tx.Reader, s, in.UnionID)
		if err != nil {
			return entry{}, err
		}
		c.Comment = models.Comment{
			OrgID: s.OrgID, ID: newID(), DeploymentID: s.ID, Target: in.Target, TargetKey: in.TargetKey, Kind: in.Kind, Dimension: in.Dimension,
			UnionID: &in.UnionID, Circle: in.Circle, Language: in.Language, SHA256: ledger.Hash([]byte(in.Body)), Late: late, ByUserID: a.UserID, At: at,
		}
		return commentEntry(c.Comment, s), addComment(ctx, tx, &c.Comment, in.Body)
	})
	c.Body, c.Reach, c.AuthorName = in.Body, in.Circle, a.Name
	return c, err
}

// openForUnion opens a deployment for somebody who speaks for a union: the one
// named, or the only one they have.
func (r *Register) openForUnion(ctx context.Context, rd store.Reader, a models.Actor, ref, act string, unionID *string) (subject, error) {
	s, err := r.open(ctx, rd, a, ref, "deployment.read")
	if err != nil {
		return s, err
	}
	mine := a.Unions()
	if *unionID == "" && len(mine) == 1 {
		*unionID = mine[0]
	}
	if *unionID == "" && len(mine) > 1 {
		return s, field("union", "required")
	}
	if *unionID != "" && !slices.Contains(mine, *unionID) {
		return s, models.Missing("union")
	}
	res := s.res
	res.UnionID = *unionID
	return s, r.check(a, act, res)
}

func (r *Register) targetExists(ctx context.Context, tx *store.Tx, s subject, in CommentInput) error {
	switch in.Target {
	case "notice":
		no, _, _ := strings.Cut(in.TargetKey, "#")
		n, err := tx.Notice(ctx, s.OrgID, no)
		if err == nil && n.DeploymentID != s.ID {
			err = models.Missing("notice")
		}
		return err
	case "impact":
		if !slices.Contains(models.Dimensions, models.Dimension(in.TargetKey)) {
			return field("targetKey", "unknown_value", "value", in.TargetKey, "allowed", "JOBS, GRADE, …")
		}
	case "claim":
		for i := range s.rec.Evidence.Claims {
			if in.TargetKey == itoa(i) {
				return nil
			}
		}
		return models.Missing("claim")
	}
	return nil
}

// windowClosed says whether a union's response window has ended.
func (r *Register) windowClosed(ctx context.Context, rd store.Reader, s subject, unionID string) (bool, error) {
	f, err := r.gateFacts(ctx, rd, s, 0)
	if err != nil {
		return false, err
	}
	g, err := models.ReadGate(f, models.StageDecided)
	if err != nil {
		return false, err
	}
	for _, c := range g.Clocks {
		if c.Union.ID == unionID && c.Trigger == models.BeforeDecision && c.Clock.Started {
			return f.At >= c.Clock.Earliest, nil
		}
	}
	return false, nil
}

func addComment(ctx context.Context, tx *store.Tx, c *models.Comment, body string) error {
	if err := tx.Add(ctx, c); err != nil {
		return err
	}
	return tx.Add(ctx, &commentWords{c.OrgID, c.ID, body})
}

type commentWords struct {
	OrgID     string
	CommentID string
	Body      string
}

// TableName is comment_words.
func (commentWords) TableName() string { return "comment_words" }

func commentEntry(c models.Comment, s subject) entry {
	return entry{subject: c.ID, deployment: s.ID, data: map[string]any{
		"ref": s.Ref, "kind": string(c.Kind), "words": c.SHA256, "union": deref(c.UnionID), "circle": string(c.Circle), "late": c.Late, "corrects": deref(c.Corrects),
	}}
}

// openComment loads a comment and asks whether the actor may do something to it.
func (r *Register) openComment(ctx context.Context, rd store.Reader, a models.Actor, id, act string) (models.CommentState, subject, error) {
	c, err := rd.Comment(ctx, a.OrgID, id)
	if err != nil {
		return c, subject{}, err
	}
	d, err := rd.DeploymentByID(ctx, a.OrgID, c.DeploymentID)
	if err != nil {
		return c, subject{}, err
	}
	s, err := r.opened(ctx, rd, a, d, "deployment.read")
	if err != nil {
		return c, s, models.Missing("comment").Because(err)
	}
	return c, s, r.check(a, act, commentResource(s, c))
}

// commentResource is what the policy needs of a comment: its own circle is how
// far it may be read.
func commentResource(s subject, c models.CommentState) policy.Resource {
	res := s.res
	res.UnionID, res.OwnerID, res.Audience = deref(c.UnionID), c.ByUserID, models.Audience(c.Reach)
	return res
}

// CorrectComment adds a correction to a comment. Both stay.
func (r *Register) CorrectComment(ctx context.Context, a models.Actor, id, body string) (models.CommentState, error) {
	var next models.CommentState
	err := r.change(ctx, a, "comment.correct", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.correct")
		if err != nil {
			return entry{}, err
		}
		in := CommentInput{Target: c.Target, TargetKey: c.TargetKey, Kind: c.Kind, Dimension: c.Dimension, Circle: c.Reach, Language: c.Language, Body: body}
		if err := in.check(); err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "comment_withdrawn")
		}
		if c.CorrectedBy != nil {
			return entry{}, models.Fail(models.Conflict, "comment_corrected")
		}
		late, err := r.windowClosed(ctx, tx.Reader, s, deref(c.UnionID))
		if err != nil {
			return entry{}, err
		}
		next.Comment = c.Comment
		next.ID, next.Corrects, next.Circle, next.SHA256, next.Late, next.ByUserID, next.At = newID(), &c.ID, c.Reach, ledger.Hash([]byte(body)), late, a.UserID, at
		return commentEntry(next.Comment, s), addComment(ctx, tx, &next.Comment, body)
	})
	next.Body, next.Reach, next.AuthorName = body, next.Circle, a.Name
	return next, err
}

// WithdrawComment withdraws a comment. Its words stay, marked.
func (r *Register) WithdrawComment(ctx context.Context, a models.Actor, id string) error {
	return r.change(ctx, a, "comment.withdraw", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.withdraw")
		if err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "comment_withdrawn")
		}
		return commentEntry(c.Comment, s), tx.Add(ctx, &commentWithdrawal{c.OrgID, c.ID, a.UserID, at})
	})
}

type commentWithdrawal struct {
	OrgID     string
	CommentID string
	ByUserID  string
	At        time.Time
}

// TableName is comment_withdrawals.
func (commentWithdrawal) TableName() string { return "comment_withdrawals" }

// RedactComment takes personal data out of a comment: runs of its words are
// replaced by a mark, and nothing else. What is left and the reason are shown,
// and the hash of the original stays.
func (r *Register) RedactComment(ctx context.Context, a models.Actor, id, body, reason string) error {
	var f models.Faults
	if strings.TrimSpace(reason) == "" {
		f.Add("reason", "required")
	}
	models.CheckText(&f, "body", body, longestComment)
	models.CheckText(&f, "reason", reason, 2000)
	if err := f.Err(); err != nil {
		return err
	}
	return r.change(ctx, a, "comment.redact", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.redact")
		if err != nil {
			return entry{}, err
		}
		if c.Redacted {
			return entry{}, models.Fail(models.Conflict, "comment_redacted")
		}
		if !models.IsRedaction(c.Body, body) {
			return entry{}, field("body", "not_a_redaction", "mark", models.RedactionMark)
		}
		row := commentRedaction{c.OrgID, c.ID, body, reason, a.UserID, at}
		if err := tx.Add(ctx, &row); err != nil {
			return entry{}, err
		}
		e := commentEntry(c.Comment, s)
		e.data["redacted"] = ledger.Hash([]byte(body))
		return e, tx.EraseWords(ctx, c.OrgID, c.ID)
	})
}

type commentRedaction struct {
	OrgID     string
	CommentID string
	Body      string
	Reason    string
	ByUserID  string
	At        time.Time
}

// TableName is comment_redactions.
func (commentRedaction) TableName() string { return "comment_redactions" }

// WidenComment lets more people read a comment. Only the author's side may,
// and it cannot be taken back.
func (r *Register) WidenComment(ctx context.Context, a models.Actor, id string, circle models.Circle) error {
	if circle != models.CircleScrutiny && circle != models.CirclePublic {
		return field("circle", "unknown_value", "value", string(circle), "allowed", "scrutiny, public")
	}
	return r.change(ctx, a, "comment.widen", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.widen")
		if err != nil {
			return entry{}, err
		}
		if !circle.WiderThan(c.Reach) {
			return entry{}, models.Fail(models.Conflict, "circle_narrower")
		}
		e := commentEntry(c.Comment, s)
		e.data["circle"] = string(circle)
		return e, tx.Add(ctx, &commentWidening{c.OrgID, c.ID, circle, a.UserID, at})
	})
}

type commentWidening struct {
	OrgID     string
	CommentID string
	Circle    models.Circle
	ByUserID  string
	At        time.Time
}

// TableName is comment_widenings.
func (commentWidening) TableName() string { return "comment_widenings" }

// Dispose answers a comment, with a reason; there is one answer. "Noted" is
// not an answer. What changed because of it is named by its version.
func (r *Register) Dispose(ctx context.Context, a models.Actor, id, verdict, reason string, changedIn *int) (models.Disposition, error) {
	var d models.Disposition
	if strings.EqualFold(strings.TrimSpace(verdict), "noted") {
		return d, models.Fail(models.Invalid, "noted_refused")
	}
	var f models.Faults
	if !slices.Contains(models.Verdicts, verdict) {
		f.Add("verdict", "unknown_value", "value", verdict, "allowed", strings.Join(models.Verdicts, ", "))
	}
	if models.IsTBC(reason) || strings.EqualFold(strings.Trim(strings.TrimSpace(reason), "."), "noted") {
		f.Add("reason", "required")
	}
	models.CheckText(&f, "reason", reason, longestComment)
	if err := f.Err(); err != nil {
		return d, err
	}
	err := r.change(ctx, a, "comment.dispose", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.read")
		if err != nil {
			return entry{}, err
		}
		if err := r.check(a, "comment.dispose", s.res); err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "comment_withdrawn")
		}
		if c.Disposition != nil {
			return entry{}, models.Fail(models.Conflict, "disposition_exists")
		}
		if changedIn != nil {
			if _, err := tx.Version(ctx, s.OrgID, s.ID, *changedIn); err != nil {
				return entry{}, err
			}
		}
		d = models.Disposition{OrgID: c.OrgID, CommentID: c.ID, Verdict: verdict, Reason: reason, ChangedInVersion: changedIn, ByUserID: a.UserID, At: at}
		err = tx.Add(ctx, &d)
		if models.KindOf(err) == models.Conflict {
			return entry{}, models.Fail(models.Conflict, "disposition_exists")
		}
		return entry{subject: c.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "verdict": verdict, "reason": ledger.Hash([]byte(reason))}}, err
	})
	return d, err
}

// Comments are the comments on a deployment that the actor may read, oldest
// first, with what they may do to each.
func (r *Register) Comments(ctx context.Context, a models.Actor, ref string) ([]CommentView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Comments(ctx, s.OrgID, s.ID)
	if err != nil {
		return nil, err
	}
	out := []CommentView{}
	for _, c := range all {
		if v, ok := r.commentView(a, s, c); ok {
			out = append(out, v)
		}
	}
	return out, nil
}

// CommentView is a comment as somebody may read it.
type CommentView struct {
	models.CommentState
	Ref string
	Can []string
}

var commentActs = []string{"comment.correct", "comment.withdraw", "comment.redact", "comment.widen", "comment.dispose"}

// commentView hides what the reader may not read, and outside the parties the
// name of the person: a union's words are the union's.
func (r *Register) commentView(a models.Actor, s subject, c models.CommentState) (CommentView, bool) {
	res := commentResource(s, c)
	if r.policy.Check(a, "comment.read", res) != nil {
		return CommentView{}, false
	}
	v := CommentView{CommentState: c, Ref: s.Ref, Can: r.policy.Allowed(a, commentActs, res)}
	if i := slices.Index(v.Can, "comment.dispose"); i >= 0 && (c.Disposition != nil || c.WithdrawnAt != nil || r.policy.Check(a, "comment.dispose", s.res) != nil) {
		v.Can = slices.Delete(v.Can, i, i+1)
	}
	if !a.EmployerSide() && !slices.Contains(a.Unions(), deref(c.UnionID)) && !a.Has(models.RoleAuditor) {
		v.AuthorName, v.ByUserID = "", ""
	}
	return v, true
}

// Comment is one comment.
func (r *Register) Comment(ctx context.Context, a models.Actor, id string) (CommentView, error) {
	c, s, err := r.openComment(ctx, r.store.Reader, a, id, "comment.read")
	if err != nil {
		return CommentView{}, err
	}
	v, ok := r.commentView(a, s, c)
	if !ok {
		return v, models.Missing("comment")
	}
	return v, nil
}

// Unanswered are the comments of the whole organisation that still lack an
// answer, oldest first.
func (r *Register) Unanswered(ctx context.Context, a models.Actor, p Page) ([]CommentView, string, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, "", err
	}
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := r.store.Unanswered(ctx, a.OrgID, after, p.Limit)
	if err != nil {
		return nil, "", err
	}
	opened := map[string]subject{}
	out := []CommentView{}
	for _, c := range rows {
		s, seen := opened[c.DeploymentID]
		if !seen {
			d, err := r.store.DeploymentByID(ctx, a.OrgID, c.DeploymentID)
			if err != nil {
				return nil, "", err
			}
			if s, err = r.opened(ctx, r.store.Reader, a, d, "deployment.read"); err != nil {
				s = subject{}
			}
			opened[c.DeploymentID] = s
		}
		if s.ID == "" {
			continue
		}
		if v, ok := r.commentView(a, s, c); ok {
			out = append(out, v)
		}
	}
	return out, next.String(), nil
}

// RecordOutcome records how consultation with one union ended. "Not agreed"
// keeps the employer's statement beside the union's own; "no response" needs
// the number of reminders.
func (r *Register) RecordOutcome(ctx context.Context, a models.Actor, ref string, readAt int, unionID, outcome, statement string, reminders int) (models.UnionOutcome, error) {
	var f models.Faults
	if !slices.Contains(models.Outcomes, outcome) {
		f.Add("outcome", "unknown_value", "value", outcome, "allowed", strings.Join(models.Outcomes, ", "))
	}
	if outcome == "not_agreed" && models.IsTBC(statement) {
		f.Add("statement", "required")
	}
	if outcome == "no_response" && reminders < 1 {
		f.Add("reminders", "out_of_range", "min", 1, "max", 99)
	}
	models.CheckText(&f, "statement", statement, longestComment)
	if err := f.Err(); err != nil {
		return models.UnionOutcome{}, err
	}
	return r.outcome(ctx, a, ref, readAt, unionID, "outcome.record", func(o *models.UnionOutcome) {
		o.Outcome, o.EmployerStatement, o.Reminders = outcome, statement, reminders
	})
}

// StateOutcome adds the union's own statement on how consultation ended.
func (r *Register) StateOutcome(ctx context.Context, a models.Actor, ref string, readAt int, unionID, statement string) (models.UnionOutcome, error) {
	var f models.Faults
	if models.IsTBC(statement) {
		f.Add("statement", "required")
	}
	models.CheckText(&f, "statement", statement, longestComment)
	if err := f.Err(); err != nil {
		return models.UnionOutcome{}, err
	}
	return r.outcome(ctx, a, ref, readAt, unionID, "outcome.state", func(o *models.UnionOutcome) { o.UnionStatement = statement })
}

func (r *Register) outcome(ctx context.Context, a models.Actor, ref string, readAt int, unionID, act string, set func(*models.UnionOutcome)) (models.UnionOutcome, error) {
	var o models.UnionOutcome
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "deployment.read")
		if err != nil {
			return entry{}, err
		}
		u, err := tx.Union(ctx, a.OrgID, unionID)
		if err != nil {
			return entry{}, err
		}
		unionID := u.ID
		res := s.res
		if act == "outcome.state" {
			res.UnionID = unionID
		}
		if err := r.check(a, act, res); err != nil {
			return entry{}, err
		}
		if act == "outcome.state" && !slices.Contains(a.Unions(), unionID) {
			return entry{}, models.Missing("union")
		}
		if err := r.scopeOf(ctx, tx.Reader, &s, 0); err != nil {
			return entry{}, err
		}
		if !slices.Contains(s.res.UnionsInScope, unionID) {
			return entry{}, models.Missing("union")
		}
		all, err := tx.Outcomes(ctx, s.OrgID, s.ID)
		if err != nil {
			return entry{}, err
		}
		i := slices.IndexFunc(all, func(v models.UnionOutcome) bool { return v.UnionID == unionID })
		if i < 0 && act == "outcome.state" {
			return entry{}, models.Missing("outcome")
		}
		done := func() entry {
			return entry{subject: o.ID, deployment: s.ID, data: map[string]any{
				"ref": s.Ref, "union": unionID, "outcome": o.Outcome, "employer": ledger.Hash([]byte(o.EmployerStatement)), "unionStatement": ledger.Hash([]byte(o.UnionStatement)),
			}}
		}
		if i < 0 {
			o = models.UnionOutcome{OrgID: s.OrgID, ID: newID(), DeploymentID: s.ID, UnionID: unionID, Version: 1, ByUserID: a.UserID, At: at}
			set(&o)
			if err := borneOut(ctx, tx, s, o); err != nil {
				return entry{}, err
			}
			return done(), tx.Add(ctx, &o)
		}
		o = all[i]
		// The first outcome is made from nothing; a later one changes what somebody read.
		if readAt == 0 {
			return entry{}, models.Fail(models.Precondition, "version_required")
		}
		if err := versionIs("outcome", o.Version, readAt); err != nil {
			return entry{}, err
		}
		set(&o)
		if err := borneOut(ctx, tx, s, o); err != nil {
			return entry{}, err
		}
		o.Version++
		return done(), tx.SaveOutcome(ctx, &o, o.Version-1)
	})
	return o, err
}

// borneOut refuses an outcome that the union's own words gainsay: no response
// of one that has spoken, consensus with one that has filed a failure to agree.
func borneOut(ctx context.Context, tx *store.Tx, s subject, o models.UnionOutcome) error {
	comments, err := tx.Comments(ctx, s.OrgID, s.ID)
	if err != nil {
		return err
	}
	for _, c := range comments {
		if deref(c.UnionID) != o.UnionID || c.WithdrawnAt != nil {
			continue
		}
		if o.Outcome == "no_response" || o.Outcome == "consensus" && c.Kind == "failure_to_agree" {
			return models.Fail(models.Conflict, "outcome_gainsaid").With("outcome", models.Reason{Code: "outcome." + o.Outcome}, "union", c.UnionAbbrev)
		}
	}
	return nil
}

// Outcomes are how consultation on a deployment ended, union by union.
func (r *Register) Outcomes(ctx context.Context, a models.Actor, ref string) ([]models.UnionOutcome, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Outcomes(ctx, s.OrgID, s.ID)
	if audienceOf(a, s.res) == "public" {
		for i := range all {
			all[i].EmployerStatement, all[i].UnionStatement = "", "" // said between the parties
		}
	}
	return all, err
}
