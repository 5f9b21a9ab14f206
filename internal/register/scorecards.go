package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// EmployerParty is the employer's side of a scorecard.
const EmployerParty = "employer"

// GiveScores replaces one party's scorecard: the employer's, or a union's own.
func (r *Register) GiveScores(ctx context.Context, a models.Actor, ref string, readAt int, party string, scores []models.Score) ([]models.Score, error) {
	if err := checkScores(scores); err != nil {
		return nil, err
	}
	err := r.change(ctx, a, "score.give", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "deployment.read")
		if err != nil {
			return entry{}, err
		}
		res := s.res
		if party == EmployerParty {
			if !a.EmployerSide() {
				return entry{}, models.Fail(models.Forbidden, "forbidden").With("act", "score.give")
			}
		} else {
			if !slices.Contains(a.Unions(), party) {
				return entry{}, models.Missing("union")
			}
			res.UnionID = party
		}
		if err := r.check(a, "score.give", res); err != nil {
			return entry{}, err
		}
		version, err := scorecardVersion(ctx, tx, s, party, readAt)
		if err != nil {
			return entry{}, err
		}
		for i := range scores {
			scores[i].Version = version + 1
			scores[i].OrgID, scores[i].DeploymentID, scores[i].Party, scores[i].ByUserID, scores[i].At = s.OrgID, s.ID, party, a.UserID, at
		}
		e := entry{subject: s.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "party": party, "scores": len(scores)}}
		return e, tx.SetScores(ctx, s.OrgID, s.ID, party, scores)
	})
	return scores, err
}

// scorecardVersion is the version of a party's scorecard, 0 when there is none
// yet; a card that is there is replaced only by whoever has read it.
func scorecardVersion(ctx context.Context, tx *store.Tx, s subject, party string, readAt int) (int, error) {
	all, err := tx.Scores(ctx, s.OrgID, s.ID)
	if err != nil {
		return 0, err
	}
	version := 0
	for _, sc := range all {
		if sc.Party == party {
			version = sc.Version
		}
	}
	if version > 0 && readAt == 0 {
		return 0, models.Fail(models.Precondition, "version_required")
	}
	return version, versionIs("scorecard", version, readAt)
}

func checkScores(scores []models.Score) error {
	var f models.Faults
	if len(scores) == 0 {
		f.Add("scores", "required")
	}
	seen := map[models.Dimension]bool{}
	for i, s := range scores {
		path := "scores[" + itoa(i) + "]."
		if !slices.Contains(models.Dimensions, s.Dimension) {
			f.Add(path+"dimension", "unknown_value", "value", string(s.Dimension), "allowed", "JOBS, GRADE, …")
		} else if seen[s.Dimension] {
			f.Add(path+"dimension", "duplicate", "value", string(s.Dimension))
		}
		seen[s.Dimension] = true
		for _, n := range []struct {
			name         string
			v, low, high int
		}{
			{"direction", s.Direction, -2, 2},
			{"likelihood", s.Likelihood, 1, 4},
			{"reversibility", s.Reversibility, 1, 4},
			{"duration", s.Duration, 1, 4},
			{"reach", s.Reach, 0, 10_000_000},
		} {
			if n.v < n.low || n.v > n.high {
				f.Add(path+n.name, "out_of_range", "min", n.low, "max", n.high)
			}
		}
		if !slices.Contains([]string{"low", "medium", "high"}, s.Confidence) {
			f.Add(path+"confidence", "unknown_value", "value", s.Confidence, "allowed", "low, medium, high")
		}
		models.CheckText(&f, path+"evidence", s.Evidence, 2000)
		models.CheckText(&f, path+"mitigation", s.Mitigation, 2000)
	}
	return f.Err()
}

// Scores are the scorecards of a deployment, the employer's and each union's,
// side by side and never averaged.
func (r *Register) Scores(ctx context.Context, a models.Actor, ref string) ([]models.Score, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "score.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Scores(ctx, s.OrgID, s.ID)
	if audienceOf(a, s.res) == "public" {
		for i := range all {
			all[i].Evidence, all[i].Mitigation = "", "" // said between the parties
		}
	}
	return all, err
}
