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
	err := r.change(ctx, a, "comment.make", func(tx *store.Tx, at time.Time) (done entry, err error) {
		c.Comment, done, err = r.comment(ctx, tx, a, ref, in, at)
		return done, err
	})
	c.Body, c.Reach, c.AuthorName = in.Body, in.Circle, a.Name
	return c, err
}

// comment makes a comment inside a transaction of the caller's.
func (r *Register) comment(ctx context.Context, tx *store.Tx, a models.Actor, ref string, in CommentInput, at time.Time) (models.Comment, entry, error) {
	var c models.Comment
	act := "comment.make"
	if in.Kind.Formal() {
		act = "comment.respond" // it binds the union: its officers', and freshly proved
	}
	s, err := r.openForUnion(ctx, tx.Reader, a, ref, act, &in.UnionID)
	if err != nil {
		return c, entry{}, err
	}
	if s.Stage == models.StageWithdrawn {
		return c, entry{}, models.Fail(models.Conflict, "deployment_withdrawn").With("ref", s.Ref)
	}
	if err := r.targetExists(ctx, tx, s, in); err != nil {
		return c, entry{}, err
	}
	late, err := r.windowClosed(ctx, tx.Reader, s, in.UnionID)
	if err != nil {
		return c, entry{}, err
	}
	c = models.Comment{
		OrgID: s.OrgID, ID: newID(), DeploymentID: s.ID, Target: in.Target, TargetKey: in.TargetKey, Kind: in.Kind, Dimension: in.Dimension,
		UnionID: &in.UnionID, Circle: in.Circle, Language: in.Language, SHA256: ledger.Hash([]byte(in.Body)), Late: late, ByUserID: a.UserID, At: at,
	}
	return c, commentEntry(c, s), addComment(ctx, tx, &c, in.Body)
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
		c, err := tx.Claim(ctx, s.OrgID, in.TargetKey)
		if err == nil && (c.DeploymentID != s.ID || c.Locked() == nil) {
			err = models.Missing("claim")
		}
		return err
	}
	return nil
}

// windowClosed says whether a union's response window has ended.
func (r *Register) windowClosed(ctx context.Context, rd store.Reader, s subject, unionID string) (bool, error) {
	f, err := r.gateFacts(ctx, rd, s, 0)
	if err != nil {
		return false, err
	}
	if f.Deployment.Stage.Rank() > models.StageNoticed.Rank() {
		f.Deployment.Stage = models.StageNoticed // the window is that of the decision, taken or not
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
	return tx.Add(ctx, &store.CommentWords{OrgID: c.OrgID, CommentID: c.ID, Body: body})
}

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
