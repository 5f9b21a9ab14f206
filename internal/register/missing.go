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
	if err := m.readable(); err != nil {
		return nil, err
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
	found []owing
	items []MissingItem
}

// owing is what somebody owes, before it is known who may read of it.
type owing struct {
	deployment string
	claim      *models.ClaimState // nil when it is owed of the deployment
	claimID    string             // of a claim still to be loaded
	item       MissingItem
}

// readable keeps what the actor may read, with the names of what it is about.
func (m *missing) readable() error {
	claims, err := m.store.ClaimsByID(m.ctx, m.actor.OrgID, distinct(m.found, func(w owing) string { return w.claimID }))
	if err != nil {
		return err
	}
	for i, w := range m.found {
		if w.claimID != "" {
			c, ok := claims[w.claimID]
			if !ok {
				return models.Missing("claim")
			}
			m.found[i].claim, m.found[i].deployment = &c, c.DeploymentID
		}
	}
	about, err := m.read(m.ctx, m.actor, distinct(m.found, func(w owing) string { return w.deployment }))
	if err != nil {
		return err
	}
	for _, w := range m.found {
		s, ok := about.of(w.deployment)
		if w.claim != nil {
			s, ok = about.claim(*w.claim)
		}
		if !ok {
			continue // what may not be read is not listed
		}
		item := w.item
		item.Deployment, item.Name = s.Ref, s.rec.Name
		if w.claim != nil {
			item.Claim, item.Sentence = w.claim.Ref, w.claim.Sentence()
		} else if s.rec.Keeps("dates", audienceOf(m.actor, s.res), models.DateOf(m.Now(), time.UTC)) {
			item.Due = 0 // a day that is withheld from them is not told
		}
		m.items = append(m.items, item)
	}
	return nil
}

func (m *missing) of(deployment string, item MissingItem) {
	m.found = append(m.found, owing{deployment: deployment, item: item})
}

func (m *missing) ofClaim(id string, item MissingItem) {
	m.found = append(m.found, owing{claimID: id, item: item})
}

func (m *missing) reinvestments(today models.Date) error {
	rows, err := m.store.OverdueReinvestments(m.ctx, m.actor.OrgID, today)
	for _, v := range rows {
		m.ofClaim(v.ClaimID, MissingItem{Code: "reinvestment_overdue", Due: v.DueOn, Month: v.Month})
	}
	return err
}

func (m *missing) challenges(today models.Date) error {
	rows, err := m.store.OverdueChallenges(m.ctx, m.actor.OrgID, today)
	for _, x := range rows {
		m.ofClaim(x.ClaimID, MissingItem{Code: "challenge_overdue", Due: x.DueOn})
	}
	return err
}

// live finds deployments in use of which no result was ever shared.
func (m *missing) live(models.Date) error {
	rows, err := m.store.LiveWithoutEvidence(m.ctx, m.actor.OrgID)
	for _, d := range rows {
		m.of(d.ID, MissingItem{Code: "live_without_evidence"})
	}
	return err
}

// comments finds deployments with union comments that nobody has answered: how
// many is said, and never what.
func (m *missing) comments(models.Date) error {
	rows, err := m.store.UnansweredByDeployment(m.ctx, m.actor.OrgID)
	for _, w := range rows {
		m.of(w.DeploymentID, MissingItem{Code: "comments_unanswered", Count: w.Count})
	}
	return err
}

// reviews finds deployments in use whose review is overdue.
func (m *missing) reviews(today models.Date) error {
	rows, err := m.store.ReviewsDue(m.ctx, m.actor.OrgID, today-1)
	for _, w := range rows {
		m.of(w.DeploymentID, MissingItem{Code: "review_overdue", Due: w.Due})
	}
	return err
}

// late finds systems found in use of which no union was ever told.
func (m *missing) late(models.Date) error {
	rows, err := m.store.LateUnnoticed(m.ctx, m.actor.OrgID)
	for _, w := range rows {
		m.of(w.DeploymentID, MissingItem{Code: "late_without_notice", Due: w.Due})
	}
	return err
}

// meetings finds those that the employer cancelled and offered none in the place of.
func (m *missing) meetings(models.Date) error {
	rows, err := m.store.CancelledMeetings(m.ctx, m.actor.OrgID)
	for _, x := range rows {
		m.of(deref(x.DeploymentID), MissingItem{Code: "meeting_not_replaced", No: x.No})
	}
	return err
}

// Reason says the item in words.
func (m MissingItem) Reason() models.Reason {
	return models.Reason{Code: "missing." + m.Code, Params: models.Params{"deployment": m.Deployment, "name": m.Name, "claim": m.Claim, "due": m.Due, "month": m.Month, "count": m.Count, "no": m.No}}
}
