package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// PlaceHold lays a status quo over a deployment: it blocks every stage until
// it ends or is lifted.
func (r *Register) PlaceHold(ctx context.Context, a models.Actor, ref, unionID, ground string, until models.Date) (models.Hold, error) {
	var h models.Hold
	var f models.Faults
	if models.IsTBC(ground) {
		f.Add("ground", "required")
	}
	models.CheckText(&f, "ground", ground, 5000)
	if until == 0 {
		f.Add("until", "required")
	}
	if err := f.Err(); err != nil {
		return h, err
	}
	err := r.change(ctx, a, "hold.place", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "hold.place")
		if err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		p, err := r.profile(org)
		if err != nil {
			return entry{}, err
		}
		today := models.DateOf(at, org.Location())
		if latest := models.HoldBound(today, p); until < today || until > latest {
			return entry{}, field("until", "out_of_range", "min", today.String(), "max", latest.String())
		}
		h = models.Hold{OrgID: a.OrgID, ID: newID(), DeploymentID: s.ID, Ground: ground, From: today, Until: until, ByUserID: a.UserID, Version: 1, CreatedAt: at}
		if unionID != "" {
			if _, err := tx.Union(ctx, a.OrgID, unionID); err != nil {
				return entry{}, err
			}
			h.UnionID = &unionID
		}
		return entry{subject: h.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "until": until}}, tx.Add(ctx, &h)
	})
	return h, err
}

// LiftHold ends a hold before its day, with a reason.
func (r *Register) LiftHold(ctx context.Context, a models.Actor, id string, readAt int, reason string) (models.Hold, error) {
	var h models.Hold
	if models.IsTBC(reason) {
		return h, field("reason", "required")
	}
	err := r.change(ctx, a, "hold.lift", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if h, err = tx.Hold(ctx, a.OrgID, id); err != nil {
			return entry{}, err
		}
		d, err := tx.DeploymentByID(ctx, a.OrgID, h.DeploymentID)
		if err != nil {
			return entry{}, err
		}
		s, err := r.opened(ctx, tx.Reader, a, d, "hold.lift")
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("hold", h.Version, readAt); err != nil {
			return entry{}, err
		}
		if h.LiftedOn != 0 {
			return entry{}, models.Fail(models.Conflict, "hold_lifted")
		}
		// The status quo of a dispute is lifted in the dispute, by both sides.
		if no, err := tx.DisputeOfHold(ctx, a.OrgID, h.ID); err != nil || no != "" {
			return entry{}, errorsOr(err, models.Fail(models.Conflict, "hold_of_dispute").With("dispute", no))
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		h.LiftedOn, h.LiftedReason = models.DateOf(at, org.Location()), reason
		h.Version++
		return entry{subject: h.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "on": h.LiftedOn}}, tx.SaveHold(ctx, &h, readAt)
	})
	return h, err
}

// Holds are the holds on a deployment.
func (r *Register) Holds(ctx context.Context, a models.Actor, ref string) ([]models.Hold, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	return r.store.Holds(ctx, s.OrgID, s.ID)
}

// RequestOverride is the first of two signatures under letting a deployment
// into a stage whose gate is shut.
func (r *Register) RequestOverride(ctx context.Context, a models.Actor, ref string, to models.Stage, ground string, expires models.Date) (models.Override, error) {
	var o models.Override
	var f models.Faults
	if models.IsTBC(ground) {
		f.Add("ground", "required")
	}
	models.CheckText(&f, "ground", ground, 5000)
	if !slices.Contains([]models.Stage{models.StageNoticed, models.StageDecided, models.StagePilot, models.StageEvaluated, models.StageLive}, to) {
		f.Add("to", "unknown_value", "value", string(to), "allowed", "noticed, decided, pilot, evaluated, live")
	}
	if expires == 0 {
		f.Add("expiresOn", "required")
	}
	if err := f.Err(); err != nil {
		return o, err
	}
	err := r.change(ctx, a, "override.request", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "override.request")
		if err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		p, err := r.profile(org)
		if err != nil {
			return entry{}, err
		}
		if len(s.Stage.Path(to, s.EffectiveClass(), p)) != 1 {
			return entry{}, models.Fail(models.Conflict, "stage_order").With("from", stageName(s.Stage), "to", stageName(to))
		}
		today := models.DateOf(at, org.Location())
		if latest := today.AddDays(p.OverrideDays); expires < today || expires > latest {
			return entry{}, field("expiresOn", "out_of_range", "min", today.String(), "max", latest.String())
		}
		o = models.Override{OrgID: a.OrgID, ID: newID(), DeploymentID: s.ID, ToStage: to, Ground: ground, ExpiresOn: expires, FirstBy: a.UserID, FirstAt: at, RequestedFor: r.inSteadOf(a, "override.request"), Version: 1}
		return overrideEntry(o, s), tx.Add(ctx, &o)
	})
	return o, err
}

func overrideEntry(o models.Override, s subject) entry {
	return entry{subject: o.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "to": string(o.ToStage), "expires": o.ExpiresOn, "ground": ledger.Hash([]byte(o.Ground)), "signed": o.SecondBy != nil}}
}

// SignOverride is the second signature, of another person. From then the gate
// is open until the override expires, and every union in scope is served an
// emergency notice in the same transaction.
func (r *Register) SignOverride(ctx context.Context, a models.Actor, id string, readAt int) (models.Override, error) {
	var o models.Override
	err := r.change(ctx, a, "override.sign", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if o, err = tx.Override(ctx, a.OrgID, id); err != nil {
			return entry{}, err
		}
		d, err := tx.DeploymentByID(ctx, a.OrgID, o.DeploymentID)
		if err != nil {
			return entry{}, err
		}
		s, err := r.opened(ctx, tx.Reader, a, d, "override.sign")
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("override", o.Version, readAt); err != nil {
			return entry{}, err
		}
		switch {
		case o.SecondBy != nil:
			return entry{}, models.Fail(models.Conflict, "override_signed")
		case o.FirstBy == a.UserID, sameHand(o, a.UserID, r.inSteadOf(a, "override.sign")):
			return entry{}, models.Fail(models.Conflict, "override_same_person")
		}
		f, err := r.gateFacts(ctx, tx.Reader, s, 0)
		if err != nil {
			return entry{}, err
		}
		if len(s.Stage.Path(o.ToStage, s.EffectiveClass(), f.Profile)) != 1 {
			return entry{}, models.Fail(models.Conflict, "stage_order").With("from", stageName(s.Stage), "to", stageName(o.ToStage))
		}
		if o.ExpiresOn < f.At {
			return entry{}, models.Fail(models.Conflict, "override_expired").With("date", o.ExpiresOn)
		}
		o.SecondBy, o.SecondAt = &a.UserID, &at
		o.Version++
		if err := tx.SaveOverride(ctx, &o, readAt); err != nil {
			return entry{}, err
		}
		e := overrideEntry(o, s)
		n, err := r.serveOverride(ctx, tx, a, &s, f, o, at)
		if n.ID != "" {
			e.data["no"], e.data["notice"], e.data["noticeId"] = n.No, n.SHA256, n.ID
		}
		return e, err
	})
	return o, err
}

// inSteadOf is for whom the actor does an act when they may only do it with a
// role that was lent to them; nil when one of their own lets them.
func (r *Register) inSteadOf(a models.Actor, act string) *string {
	var lender *string
	for _, g := range a.Grants {
		if _, may := r.policy.Permitted(g.Role, act); !may {
			continue
		}
		if g.For == "" {
			return nil
		}
		lender = &g.For
	}
	return lender
}

// sameHand says whether two signatures are of one person, by themselves or by
// somebody to whom they lent their role: four eyes are two people's.
func sameHand(o models.Override, second string, secondFor *string) bool {
	first := []string{o.FirstBy, deref(o.RequestedFor)}
	return slices.Contains(first, second) || secondFor != nil && slices.Contains(first, *secondFor)
}

// serveOverride tells every union in scope of an override at once. Items that
// the record lacks are left out: the emergency is told as it is.
func (r *Register) serveOverride(ctx context.Context, tx *store.Tx, a models.Actor, s *subject, f models.GateFacts, o models.Override, at time.Time) (models.Notice, error) {
	if len(f.Scope.Unions) == 0 {
		return models.Notice{}, nil
	}
	what := Both(models.Reason{Code: "notice.override", Params: models.Params{"stage": stageName(o.ToStage), "ground": o.Ground, "until": o.ExpiresOn}})
	d := models.Draft{OrgID: s.OrgID, ID: newID(), DeploymentID: s.ID, Kind: models.NoticeEmergency, Correction: what, Version: 1, CreatedBy: a.UserID, CreatedAt: at}
	if err := tx.Add(ctx, &d); err != nil {
		return models.Notice{}, err
	}
	c, err := r.prepare(ctx, tx.Reader, *s, f, d)
	if err != nil {
		return models.Notice{}, err
	}
	// Words in one language only would leave a recipient of two with none.
	c.Rendered = slices.DeleteFunc(c.Rendered, func(it models.NoticeItem) bool {
		return slices.ContainsFunc(c.Gaps, func(g models.Gap) bool { return g.No == it.No })
	})
	n, err := r.serve(ctx, tx, a, s, f, c, at)
	if err != nil {
		return n, err
	}
	d.NoticeID = &n.ID
	d.Version++
	return n, tx.SaveDraft(ctx, &d, 1)
}

// Overrides are the overrides of a deployment; they stay for good.
func (r *Register) Overrides(ctx context.Context, a models.Actor, ref string) ([]models.Override, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	return r.store.Overrides(ctx, s.OrgID, s.ID)
}
