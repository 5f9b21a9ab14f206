package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/models"
)

// MissingItem is something of the evidence that is missing or overdue.
type MissingItem struct {
	// Code is reinvestment_overdue, challenge_overdue, live_without_evidence,
	// comments_unanswered, review_overdue, late_without_notice or meeting_not_replaced.
	Code       string
	Deployment string // its ref
	Name       models.Text
	Claim      string // its ref, or ""
	Sentence   models.Text
	// Due is the day that it was due, or 0.
	Due models.Date
	// Month is of a reinvestment.
	Month int
	// Count is how many comments lack an answer, and No the number of a meeting.
	Count int
	No    string
}

// Missing is what is missing or overdue, of what the actor may read: evidence,
// answers, reviews, notices and meetings; the longest overdue first.
func (r *Register) Missing(ctx context.Context, a models.Actor) ([]MissingItem, error) {
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	today := models.DateOf(r.Now(), org.Location())
	m := &missing{Register: r, ctx: ctx, actor: a}
	for _, find := range []func(models.Date) error{m.reinvestments, m.challenges, m.live, m.comments, m.reviews, m.late, m.meetings} {
		if err := find(today); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(m.items, func(a, b MissingItem) int {
		if a.Due != b.Due {
			return int(a.Due - b.Due)
		}
		return strings.Compare(a.Deployment+a.Claim, b.Deployment+b.Claim)
	})
	return m.items, nil
}

type missing struct {
	*Register
	ctx   context.Context //nolint:containedctx // lives as long as its call
	actor models.Actor
	items []MissingItem
}

// add notes an item about a claim, if the actor may read the claim.
func (m *missing) add(c models.ClaimState, code string, due models.Date, month int) error {
	s, err := m.openedClaim(m.ctx, m.store.Reader, m.actor, c, "claim.read")
	if models.KindOf(err) != "" {
		return nil // what may not be read is not listed
	}
	if err == nil {
		m.items = append(m.items, MissingItem{Code: code, Deployment: s.Ref, Name: s.rec.Name, Claim: c.Ref, Sentence: c.Sentence(), Due: due, Month: month})
	}
	return err
}

func (m *missing) reinvestments(today models.Date) error {
	rows, err := m.store.OverdueReinvestments(m.ctx, m.actor.OrgID, today)
	if err != nil {
		return err
	}
	for _, v := range rows {
		c, err := m.store.ClaimByID(m.ctx, v.OrgID, v.ClaimID)
		if err != nil {
			return err
		}
		if err := m.add(c, "reinvestment_overdue", v.DueOn, v.Month); err != nil {
			return err
		}
	}
	return nil
}

func (m *missing) challenges(today models.Date) error {
	rows, err := m.store.OverdueChallenges(m.ctx, m.actor.OrgID, today)
	if err != nil {
		return err
	}
	for _, x := range rows {
		c, err := m.store.ClaimByID(m.ctx, x.OrgID, x.ClaimID)
		if err != nil {
			return err
		}
		if err := m.add(c, "challenge_overdue", x.DueOn, 0); err != nil {
			return err
		}
	}
	return nil
}

// live finds deployments in use of which no result was ever shared.
func (m *missing) live(models.Date) error {
	rows, err := m.store.LiveWithoutEvidence(m.ctx, m.actor.OrgID)
	if err != nil {
		return err
	}
	for _, d := range rows {
		s, err := m.opened(m.ctx, m.store.Reader, m.actor, d, "deployment.read")
		if models.KindOf(err) != "" {
			continue
		}
		if err != nil {
			return err
		}
		m.items = append(m.items, MissingItem{Code: "live_without_evidence", Deployment: s.Ref, Name: s.rec.Name})
	}
	return nil
}

// of notes an item about a deployment, if the actor may read it. A day that is
// withheld from them is not told.
func (m *missing) of(deploymentID string, item MissingItem) error {
	d, err := m.store.DeploymentByID(m.ctx, m.actor.OrgID, deploymentID)
	if err != nil {
		return err
	}
	s, err := m.opened(m.ctx, m.store.Reader, m.actor, d, "deployment.read")
	if models.KindOf(err) != "" {
		return nil // what may not be read is not listed
	}
	if s.rec.Keeps("dates", audienceOf(m.actor, s.res), models.DateOf(m.Now(), time.UTC)) {
		item.Due = 0
	}
	item.Deployment, item.Name = s.Ref, s.rec.Name
	m.items = append(m.items, item)
	return err
}

// comments finds deployments with union comments that nobody has answered: how
// many is said, and never what.
func (m *missing) comments(models.Date) error {
	rows, err := m.store.UnansweredByDeployment(m.ctx, m.actor.OrgID)
	for _, w := range rows {
		if err := m.of(w.DeploymentID, MissingItem{Code: "comments_unanswered", Count: w.Count}); err != nil {
			return err
		}
	}
	return err
}

// reviews finds deployments in use whose review is overdue.
func (m *missing) reviews(today models.Date) error {
	rows, err := m.store.ReviewsDue(m.ctx, m.actor.OrgID, today-1)
	for _, w := range rows {
		if err := m.of(w.DeploymentID, MissingItem{Code: "review_overdue", Due: w.Due}); err != nil {
			return err
		}
	}
	return err
}

// late finds systems found in use of which no union was ever told.
func (m *missing) late(models.Date) error {
	rows, err := m.store.LateUnnoticed(m.ctx, m.actor.OrgID)
	for _, w := range rows {
		if err := m.of(w.DeploymentID, MissingItem{Code: "late_without_notice", Due: w.Due}); err != nil {
			return err
		}
	}
	return err
}

// meetings finds those that the employer cancelled and offered none in the place of.
func (m *missing) meetings(models.Date) error {
	rows, err := m.store.CancelledMeetings(m.ctx, m.actor.OrgID)
	for _, x := range rows {
		if err := m.of(deref(x.DeploymentID), MissingItem{Code: "meeting_not_replaced", No: x.No}); err != nil {
			return err
		}
	}
	return err
}

// Reason says the item in words.
func (m MissingItem) Reason() models.Reason {
	return models.Reason{Code: "missing." + m.Code, Params: models.Params{"deployment": m.Deployment, "name": m.Name, "claim": m.Claim, "due": m.Due, "month": m.Month, "count": m.Count, "no": m.No}}
}
