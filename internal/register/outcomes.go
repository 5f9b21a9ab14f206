package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

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
		if act == "outcome.record" { // a union may always say its own
			if err := borneOut(ctx, tx, s, o); err != nil {
				return entry{}, err
			}
		}
		o.Version++
		return done(), tx.SaveOutcome(ctx, &o, o.Version-1)
	})
	return o, err
}

// borneOut refuses an outcome that the union's own words gainsay: no response
// of one that has spoken, consensus with one that has filed a failure to agree.
func borneOut(ctx context.Context, tx *store.Tx, s subject, o models.UnionOutcome) error {
	comments, err := tx.UnionComments(ctx, s.OrgID, s.ID)
	if err != nil {
		return err
	}
	if o.Gainsaid(comments, o.At.AddDate(100, 0, 0)) {
		return models.Fail(models.Conflict, "outcome_gainsaid").With("outcome", models.Reason{Code: "outcome." + o.Outcome})
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
