package register

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// ChallengeInput is a union's doubt.
type ChallengeInput struct {
	UnionID string
	Ground  string
	Body    string
	// Question is another look at the same frozen rows; it is answered with
	// aggregates only, by the same rules as the claim.
	Question *models.Question
	// Figures is the union's own analysis, in its own words.
	Figures string
}

func (in ChallengeInput) check(plan models.FrozenPlan) error {
	var f models.Faults
	if !slices.Contains(models.ChallengeGrounds, in.Ground) {
		f.Add("ground", "unknown_value", "value", in.Ground, "allowed", strings.Join(models.ChallengeGrounds, ", "))
	}
	if models.IsTBC(in.Body) {
		f.Add("body", "required")
	}
	models.CheckText(&f, "body", in.Body, longestComment)
	models.CheckText(&f, "figures", in.Figures, longestComment)
	if q := in.Question; q != nil {
		q.Check(&f, plan.Plan)
	}
	return f.Err()
}

// MakeChallenge records a union's doubt about a claim, on a named ground. Its
// answer is due in working days of the profile. A question is worked out over
// the same rows, for both sides to read.
func (r *Register) MakeChallenge(ctx context.Context, a models.Actor, ref string, in ChallengeInput) (models.ChallengeState, error) {
	var x models.ChallengeState
	err := r.change(ctx, a, "claim.challenge", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.claimForUnion(ctx, tx.Reader, a, ref, &in.UnionID)
		if err != nil {
			return entry{}, err
		}
		plan, err := readPlan(c.Locked().Body)
		if err != nil {
			return entry{}, err
		}
		if err := in.check(plan); err != nil {
			return entry{}, err
		}
		if x.Challenge, err = r.newChallenge(ctx, tx, a, c, in, at); err != nil {
			return entry{}, err
		}
		if err := tx.Add(ctx, &x.Challenge); err != nil {
			return entry{}, err
		}
		if in.Question != nil {
			if err := r.mayQuestion(ctx, tx, c, in.UnionID, at); err != nil {
				return entry{}, err
			}
			if _, err := r.addRun(ctx, tx, a, c, &x.ID, at); err != nil {
				return entry{}, err
			}
		}
		e := claimEntry(c.Claim, s, map[string]any{"no": x.No, "union": x.UnionID, "ground": x.Ground, "words": ledger.Hash([]byte(x.Body)), "due": x.DueOn})
		return e, tx.Promise(ctx, ClaimLetter{ID: newID(), Org: c.OrgID, Claim: c.ID, User: c.ByUserID, What: ClaimChallenged})
	})
	return x, err
}

// mayQuestion says whether a union may ask for another look at the rows in
// force: when it has read a result of them, and its last question is answered. It is
// about those rows, whatever has been sent since.
func (r *Register) mayQuestion(ctx context.Context, tx *store.Tx, c models.ClaimState, unionID string, at time.Time) error {
	if c.SharedUpTo(at) == 0 {
		return models.Fail(models.Conflict, "question_early")
	}
	if _, set := sharedRows(c, at); set == nil {
		return models.Fail(models.Conflict, "no_rows").With("claim", c.Ref)
	}
	runs, err := tx.Runs(ctx, c.OrgID, c.ID, 50)
	if err != nil {
		return err
	}
	for _, run := range runs {
		asked := func(x models.ChallengeState) bool {
			return run.ChallengeID != nil && x.ID == *run.ChallengeID && x.UnionID == unionID
		}
		if !run.State.Ended() && slices.ContainsFunc(c.Challenges, asked) {
			return models.Fail(models.Conflict, "question_under_way")
		}
	}
	return nil
}

// claimForUnion opens a claim for somebody who speaks for a union: the one
// named, or the only one they have.
func (r *Register) claimForUnion(ctx context.Context, rd store.Reader, a models.Actor, ref string, unionID *string) (models.ClaimState, subject, error) {
	c, s, err := r.openClaim(ctx, rd, a, ref, "claim.read")
	if err != nil {
		return c, s, err
	}
	mine := a.Unions()
	switch {
	case *unionID == "" && len(mine) == 1:
		*unionID = mine[0]
	case *unionID == "" && len(mine) > 1:
		return c, s, field("union", "required")
	}
	if *unionID != "" && !slices.Contains(mine, *unionID) {
		return c, s, models.Missing("union")
	}
	res := s.res
	res.UnionID = *unionID
	if err := r.check(a, "claim.challenge", res); err != nil {
		return c, s, err
	}
	if c.Locked() == nil {
		return c, s, models.Fail(models.Conflict, "plan_not_locked").With("claim", c.Ref)
	}
	return c, s, nil
}

func (r *Register) newChallenge(ctx context.Context, tx *store.Tx, a models.Actor, c models.ClaimState, in ChallengeInput, at time.Time) (models.Challenge, error) {
	org, err := tx.Organisation(ctx, a.OrgID)
	if err != nil {
		return models.Challenge{}, err
	}
	p, err := r.profile(org)
	if err != nil {
		return models.Challenge{}, err
	}
	closures, err := tx.ClosureDays(ctx, a.OrgID)
	if err != nil {
		return models.Challenge{}, err
	}
	today := models.DateOf(at, org.Location())
	n, err := tx.NextNumber(ctx, a.OrgID, "challenge", today.Year())
	if err != nil {
		return models.Challenge{}, err
	}
	question := ""
	if in.Question != nil {
		b, err := json.Marshal(in.Question)
		if err != nil {
			return models.Challenge{}, err
		}
		question = string(b)
	}
	return models.Challenge{
		OrgID: a.OrgID, ID: newID(), No: fmt.Sprintf("CH-%d-%03d", today.Year(), n), ClaimID: c.ID, UnionID: in.UnionID, Ground: in.Ground, Body: in.Body,
		Question: question, Figures: in.Figures, DueOn: models.NewCalendar(org.Nation, closures).AddWorking(today, p.ChallengeDays),
		ResultNo: c.SharedUpTo(at), ByUserID: a.UserID, At: at,
	}, nil
}

// openChallenge loads a challenge with its claim, for somebody who may read it.
func (r *Register) openChallenge(ctx context.Context, rd store.Reader, a models.Actor, no, act string) (models.ChallengeState, models.ClaimState, subject, error) {
	x, err := rd.Challenge(ctx, a.OrgID, no)
	if err != nil {
		return x, models.ClaimState{}, subject{}, err
	}
	c, err := rd.ClaimByID(ctx, x.OrgID, x.ClaimID)
	if err != nil {
		return x, c, subject{}, err
	}
	s, err := r.openedClaim(ctx, rd, a, c, "claim.read")
	if err != nil {
		return x, c, s, hiddenAs("challenge", err)
	}
	s.res.UnionID = x.UnionID
	return x, c, s, hiddenAs("challenge", r.check(a, act, s.res))
}

// AnswerChallenge answers a challenge, with a reason; there is one answer.
// Nobody answers a challenge of a claim that they made themselves.
func (r *Register) AnswerChallenge(ctx context.Context, a models.Actor, no, finding, answer string) error {
	var f models.Faults
	if !slices.Contains(models.ChallengeFindings, finding) {
		f.Add("finding", "unknown_value", "value", finding, "allowed", strings.Join(models.ChallengeFindings, ", "))
	}
	if models.IsTBC(answer) || strings.EqualFold(strings.Trim(strings.TrimSpace(answer), "."), "noted") {
		f.Add("answer", "required")
	}
	models.CheckText(&f, "answer", answer, longestComment)
	if err := f.Err(); err != nil {
		return err
	}
	return r.change(ctx, a, "challenge.answer", func(tx *store.Tx, at time.Time) (entry, error) {
		x, c, s, err := r.openChallenge(ctx, tx.Reader, a, no, "challenge.answer")
		if err != nil {
			return entry{}, err
		}
		switch {
		case c.ByUserID == a.UserID || slices.ContainsFunc(c.Plans, func(p models.LockedPlan) bool { return p.ByUserID == a.UserID }):
			return entry{}, models.Fail(models.Conflict, "own_claim").With("claim", c.Ref)
		case x.AnsweredAt != nil:
			return entry{}, models.Fail(models.Conflict, "challenge_answered").With("challenge", x.No)
		case x.ClosedAt != nil:
			return entry{}, models.Fail(models.Conflict, "challenge_closed").With("challenge", x.No)
		}
		row := models.ChallengeAnswer{OrgID: x.OrgID, ChallengeID: x.ID, Finding: finding, Answer: answer, ByUserID: a.UserID, At: at}
		err = tx.Add(ctx, &row)
		if models.KindOf(err) == models.Conflict {
			err = models.Fail(models.Conflict, "challenge_answered").With("challenge", x.No)
		}
		if err != nil {
			return entry{}, err
		}
		e := claimEntry(c.Claim, s, map[string]any{"no": x.No, "finding": finding, "answer": ledger.Hash([]byte(answer))})
		return e, tx.Promise(ctx, ClaimLetter{ID: newID(), Org: c.OrgID, Claim: c.ID, User: x.ByUserID, What: ClaimAnswered})
	})
}

// CloseChallenge lets a challenge rest: only the union that made it may. What
// both sides said stays.
func (r *Register) CloseChallenge(ctx context.Context, a models.Actor, no string) error {
	return r.change(ctx, a, "challenge.close", func(tx *store.Tx, at time.Time) (entry, error) {
		x, c, s, err := r.openChallenge(ctx, tx.Reader, a, no, "challenge.close")
		if err != nil {
			return entry{}, err
		}
		if x.ClosedAt != nil {
			return entry{}, models.Fail(models.Conflict, "challenge_closed").With("challenge", x.No)
		}
		row := models.ChallengeClosing{OrgID: x.OrgID, ChallengeID: x.ID, ByUserID: a.UserID, At: at}
		err = tx.Add(ctx, &row)
		if models.KindOf(err) == models.Conflict {
			err = models.Fail(models.Conflict, "challenge_closed").With("challenge", x.No)
		}
		return claimEntry(c.Claim, s, map[string]any{"no": x.No}), err
	})
}

// ChallengeView is a challenge as somebody may read it.
type ChallengeView struct {
	models.ChallengeState
	Claim   string // its ref
	Overdue bool
	Can     []string
}

// ClaimChallenge is one challenge of a claim.
func (r *Register) ClaimChallenge(ctx context.Context, a models.Actor, no string) (ChallengeView, error) {
	x, c, s, err := r.openChallenge(ctx, r.store.Reader, a, no, "claim.read")
	if err != nil {
		return ChallengeView{}, err
	}
	v, err := r.claimView(ctx, a, c, s)
	if err != nil {
		return ChallengeView{}, err
	}
	for _, known := range v.Challenges {
		if known.ID == x.ID {
			x = known
		}
	}
	return r.challengeView(a, v, s, x), nil
}

// ChallengeViews are a claim's challenges with what the actor may do to each.
func (r *Register) ChallengeViews(ctx context.Context, a models.Actor, v ClaimView) ([]ChallengeView, error) {
	out := []ChallengeView{}
	if len(v.Challenges) == 0 {
		return out, nil
	}
	s, err := r.openedClaim(ctx, r.store.Reader, a, v.ClaimState, "claim.read")
	if err != nil {
		return nil, err
	}
	for _, x := range v.Challenges {
		out = append(out, r.challengeView(a, v, s, x))
	}
	return out, nil
}

func (r *Register) challengeView(a models.Actor, v ClaimView, s subject, x models.ChallengeState) ChallengeView {
	res := s.res
	res.UnionID = x.UnionID
	can := r.policy.Allowed(a, []string{"challenge.answer", "challenge.close"}, res)
	own := v.ByUserID == a.UserID || slices.ContainsFunc(v.Plans, func(p models.LockedPlan) bool { return p.ByUserID == a.UserID })
	can = slices.DeleteFunc(can, func(act string) bool {
		return x.ClosedAt != nil || act == "challenge.answer" && (x.AnsweredAt != nil || own)
	})
	return ChallengeView{ChallengeState: x, Claim: v.Ref, Overdue: x.Unanswered(r.Now()) && x.DueOn < v.Today, Can: can}
}
