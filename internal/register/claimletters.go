package register

import (
	"context"

	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
)

// ClaimNews is what somebody is told of a claim.
type ClaimNews string

// The news of a claim.
const (
	ClaimLocked     ClaimNews = "plan_locked"
	ClaimShared     ClaimNews = "result_shared"
	ClaimChallenged ClaimNews = "challenge"
	ClaimAnswered   ClaimNews = "challenge_answered"
	ClaimReinvest   ClaimNews = "reinvestment"
)

// ClaimLetter tells one person what happened to a claim.
type ClaimLetter struct {
	ID    string    `json:"id"`
	Org   string    `json:"org"`
	Claim string    `json:"claim"`
	User  string    `json:"user"`
	What  ClaimNews `json:"what"`
}

// Kind is the stable name of the job.
func (ClaimLetter) Kind() string { return "claim.letter" }

// tellUnions promises a letter to the officers of every union in scope.
func (r *Register) tellUnions(ctx context.Context, tx *store.Tx, c models.ClaimState, s subject, what ClaimNews) error {
	if s.Audience == models.AudienceEmployer {
		return nil // an idea is the employer's own
	}
	if err := r.scopeOf(ctx, tx.Reader, &s, 0); err != nil {
		return err
	}
	members, err := tx.Members(ctx, c.OrgID)
	if err != nil {
		return err
	}
	var jobs []store.Job
	told := map[string]bool{}
	for _, m := range members {
		worn, err := r.worn(ctx, m)
		if err != nil {
			return err
		}
		_, in := s.scope.Union(deref(m.UnionID))
		if worn && in && m.Role == models.RoleUnionOfficer && !told[m.UserID] {
			told[m.UserID] = true
			jobs = append(jobs, ClaimLetter{ID: newID(), Org: c.OrgID, Claim: c.ID, User: m.UserID, What: what})
		}
	}
	return tx.Promise(ctx, jobs...)
}

func (r *Register) sendClaim(ctx context.Context, j ClaimLetter, _ store.Attempt) error {
	u, err := r.store.User(ctx, j.User)
	if err != nil || u.DisabledAt != nil || u.Kind == models.ServiceAccount {
		return err
	}
	c, err := r.store.ClaimByID(ctx, j.Org, j.Claim)
	if err != nil {
		return err
	}
	org, err := r.store.Organisation(ctx, j.Org)
	if err != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterKind(j.What), MessageID: j.ID + "@" + r.mailDomain(), To: u.Email, Language: u.Language, Name: u.Name, Organisation: org.Name(),
		Claim: c.Ref, Sentence: c.Sentence(), Date: r.Now(), URL: r.page(u.Language, "/claims/"+c.Ref),
	})
}
