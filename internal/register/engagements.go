package register

import (
	"context"
	"fmt"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// NewEngagement is something done to hear staff.
type NewEngagement struct {
	Deployment string // its ref, or ""
	Kind       string
	Title      string
	HeldOn     models.Date
	Summary    string
	Groups     []models.EngagementGroup
	Themes     []models.Theme
}

func (in NewEngagement) check() error {
	var f models.Faults
	spoken(&f, "title", in.Title, 200)
	among(&f, "kind", in.Kind, models.EngagementKinds)
	models.CheckText(&f, "summary", in.Summary, longestStatement)
	if in.HeldOn == 0 {
		f.Add("heldOn", "required")
	}
	if len(in.Groups) == 0 {
		f.Add("groups", "required")
	}
	seen := map[[2]string]bool{}
	for i, g := range in.Groups {
		at := fmt.Sprintf("groups[%d]", i)
		models.CheckText(&f, at+".jobFamily", g.JobFamily, 100)
		models.CheckText(&f, at+".grade", g.Grade, 50)
		if g.Staff < 0 || g.Invited < 0 || g.Attended < 0 || g.Invited > g.Staff || g.Attended > g.Staff {
			f.Add(at, "more_than_staff")
		}
		if k := [2]string{g.JobFamily, g.Grade}; seen[k] {
			f.Add(at, "duplicate")
		} else {
			seen[k] = true
		}
	}
	for i, x := range in.Themes {
		at := fmt.Sprintf("themes[%d]", i)
		spoken(&f, at+".text", x.Text, 2000)
		if x.Dimension != "" && !slices.Contains(models.Dimensions, x.Dimension) {
			f.Add(at+".dimension", "unknown_value", "value", string(x.Dimension), "allowed", "JOBS, GRADE, …")
		}
	}
	return f.Err()
}

// RecordEngagement records a focus group, survey or the like: how many of each
// job family and grade there are, were invited and came, and what they said. It
// is not changed afterwards.
func (r *Register) RecordEngagement(ctx context.Context, a models.Actor, in NewEngagement) (models.EngagementState, error) {
	var e models.EngagementState
	if err := r.check(a, "engagement.record", own(a)); err != nil {
		return e, err
	}
	if err := in.check(); err != nil {
		return e, err
	}
	err := r.change(ctx, a, "engagement.record", func(tx *store.Tx, at time.Time) (entry, error) {
		b, err := r.about(ctx, tx.Reader, a, in.Deployment, []string{models.EmployerParty})
		if err != nil {
			return entry{}, err
		}
		no, today, err := r.numbered(ctx, tx, a, "engagement", "ENG", at)
		if err != nil {
			return entry{}, err
		}
		if in.HeldOn > today {
			return entry{}, field("heldOn", "out_of_range", "min", "", "max", today.String())
		}
		e.Engagement = models.Engagement{OrgID: a.OrgID, ID: newID(), No: no, DeploymentID: b.deployment, Kind: in.Kind, Title: in.Title, HeldOn: in.HeldOn, Summary: in.Summary, ByUserID: a.UserID, At: at}
		if err := tx.Add(ctx, &e.Engagement); err != nil {
			return entry{}, err
		}
		for _, g := range in.Groups {
			g.OrgID, g.EngagementID = a.OrgID, e.ID
			e.Groups = append(e.Groups, g)
			if err := tx.Add(ctx, &g); err != nil {
				return entry{}, err
			}
		}
		for i, x := range in.Themes {
			if err := r.themeOf(ctx, tx, a, b, x.CommentID); err != nil {
				return entry{}, field(fmt.Sprintf("themes[%d].comment", i), "unknown_reference")
			}
			x.OrgID, x.EngagementID, x.Number = a.OrgID, e.ID, i+1
			e.Themes = append(e.Themes, x)
			if err := tx.Add(ctx, &x); err != nil {
				return entry{}, err
			}
		}
		return b.entry(e.ID, no, map[string]any{"engagement": hashOf(e)}), nil
	})
	return e, err
}

// themeOf asks that a comment that a theme is linked to is one on the same
// deployment, which the actor may read.
func (r *Register) themeOf(ctx context.Context, tx *store.Tx, a models.Actor, b between, comment *string) error {
	if comment == nil {
		return nil
	}
	c, _, err := r.openComment(ctx, tx.Reader, a, *comment, "comment.read")
	if err == nil && c.DeploymentID != deref(b.deployment) {
		err = models.Missing("comment")
	}
	return err
}

// EngagementView is an engagement as somebody may read it. Under marks the
// groups that came in less than four fifths of their share.
type EngagementView struct {
	models.EngagementState
	Ref   string
	Under []bool
}

// Engagements are those the actor may read, latest first; about one deployment
// if it is named. An engagement about a deployment is read by who reads that;
// one about none by all parties.
func (r *Register) Engagements(ctx context.Context, a models.Actor, ref string) ([]EngagementView, error) {
	id, err := r.maybeOf(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Engagements(ctx, a.OrgID, id)
	if err != nil {
		return nil, err
	}
	return seen(all, func(e models.EngagementState) (EngagementView, error) { return r.engagementView(ctx, a, e) })
}

// Engagement is one by its number.
func (r *Register) Engagement(ctx context.Context, a models.Actor, no string) (EngagementView, error) {
	e, err := r.store.Engagement(ctx, a.OrgID, no)
	if err != nil {
		return EngagementView{}, err
	}
	return r.engagementView(ctx, a, e)
}

func (r *Register) engagementView(ctx context.Context, a models.Actor, e models.EngagementState) (EngagementView, error) {
	v := EngagementView{EngagementState: e, Under: make([]bool, len(e.Groups))}
	for i, g := range e.Groups {
		v.Under[i] = e.UnderRepresented(g)
	}
	if e.DeploymentID == nil {
		res := own(a)
		res.Audience, res.UnionsInScope = models.AudienceParties, a.Unions()
		return v, hiddenAs("engagement", r.check(a, "partnership.read", res))
	}
	d, err := r.store.DeploymentByID(ctx, a.OrgID, *e.DeploymentID)
	if err != nil {
		return v, err
	}
	s, err := r.opened(ctx, r.store.Reader, a, d, "deployment.read")
	if err != nil {
		return v, hiddenAs("engagement", err)
	}
	v.Ref = d.Ref
	s.res.Audience = models.AudienceParties
	return v, hiddenAs("engagement", r.check(a, "partnership.read", s.res))
}
