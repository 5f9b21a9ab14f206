package register

import (
	"context"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// RaiseFlag takes down that somebody, who is not asked who they are, says that a
// system is in use. The code in the link that is given back opens the answer;
// whoever loses it must flag again.
func (r *Register) RaiseFlag(ctx context.Context, a models.Actor, system, text string, l models.Language) (models.Flag, string, error) {
	var flag models.Flag
	var f models.Faults
	spoken(&f, "system", system, 200)
	spoken(&f, "text", text, 5000)
	if l == "" {
		l = models.English
	}
	among(&f, "language", string(l), []string{"en", "cy"})
	if err := r.check(a, "flag.raise", policy.Resource{OrgID: a.OrgID, Audience: models.AudiencePublic}); err != nil {
		return flag, "", err
	}
	if err := f.Err(); err != nil {
		return flag, "", err
	}
	if err := r.attempt(ctx, a.From, r.marks("flag", "", a.From)); err != nil {
		return flag, "", err
	}
	code, hash := auth.NewCode()
	// Nobody's name is asked for, so nobody's goes into the log either.
	err := r.change(ctx, models.Actor{OrgID: a.OrgID}, "flag.raise", func(tx *store.Tx, at time.Time) (entry, error) {
		no, _, err := r.numbered(ctx, tx, a, "flag", "FLG", at)
		if err != nil {
			return entry{}, err
		}
		flag = models.Flag{OrgID: a.OrgID, ID: newID(), No: no, Hash: hash, System: system, Text: text, Language: l, Status: "open", Version: 1, At: at}
		return entry{subject: flag.ID, data: map[string]any{"no": no, "system": hashWords(system), "text": hashWords(text)}}, tx.Add(ctx, &flag)
	})
	return flag, r.page(l, "/flagged") + "#code=" + code, err
}

// FlagByCode is what became of a flag, for whoever has its code.
func (r *Register) FlagByCode(ctx context.Context, from models.Origin, code string) (models.Flag, error) {
	if err := r.attempt(ctx, from, r.marks("flagged", "", from)); err != nil {
		return models.Flag{}, err
	}
	f, err := r.store.FlagByHash(ctx, auth.HashCode(code))
	f.Hash = ""
	return f, err
}

// FlagView is a flag as the employer's side reads it.
type FlagView struct {
	models.Flag
	Ref string
	Can []string
}

// Flags are what the public flagged, newest first.
func (r *Register) Flags(ctx context.Context, a models.Actor) ([]FlagView, error) {
	if err := r.check(a, "flag.read", own(a)); err != nil {
		return nil, err
	}
	rows, err := r.store.Flags(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	refs, err := r.store.RefsOf(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	out := make([]FlagView, len(rows))
	for i, f := range rows {
		f.Hash = ""
		out[i] = FlagView{Flag: f, Ref: refs[deref(f.DeploymentID)], Can: []string{}}
		if f.Status == "open" {
			out[i].Can = r.policy.Allowed(a, []string{"flag.settle"}, own(a))
		}
	}
	return out, nil
}

// Settlement is what is done about a flag.
type Settlement struct {
	// Status is idea, known or closed. An idea is registered in the same step,
	// in a service area and with a name; what is known names the deployment.
	Status string
	Answer string
	// Deployment is the ref of what was flagged, when it is known.
	Deployment string
	// ServiceArea and Name are of the idea; without a name it is called by the number of the flag.
	ServiceArea string
	Name        models.Text
	// InUse says that it was found in use: then it gets the late mark and is public.
	InUse bool
}

// SettleFlag answers a flag. What was flagged becomes an idea in the register
// in the same step, with the late mark if it was found in use.
func (r *Register) SettleFlag(ctx context.Context, a models.Actor, no string, readAt int, in Settlement) (models.Flag, error) {
	var flag models.Flag
	var f models.Faults
	among(&f, "status", in.Status, []string{"idea", "known", "closed"})
	spoken(&f, "answer", in.Answer, 5000)
	if in.Status == "known" && in.Deployment == "" {
		f.Add("deployment", "required")
	}
	if in.Status == "idea" && in.ServiceArea == "" {
		f.Add("serviceArea", "required")
	}
	if err := r.check(a, "flag.settle", own(a)); err != nil {
		return flag, err
	}
	if err := f.Err(); err != nil {
		return flag, err
	}
	err := r.change(ctx, a, "flag.settle", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if flag, err = tx.Flag(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		if err := versionIs("flag", flag.Version, readAt); err != nil {
			return entry{}, err
		}
		if flag.Status != "open" {
			return entry{}, models.Fail(models.Conflict, "flag_settled").With("flag", flag.No)
		}
		ref := ""
		switch in.Status {
		case "known":
			s, err := r.open(ctx, tx.Reader, a, in.Deployment, "deployment.read")
			if err != nil {
				return entry{}, field("deployment", "unknown_reference")
			}
			flag.DeploymentID, ref = &s.ID, s.Ref
		case "idea":
			d, err := r.ideaOf(ctx, tx, a, flag, in, at)
			if err != nil {
				return entry{}, err
			}
			flag.DeploymentID, ref = &d.ID, d.Ref
		}
		flag.Status, flag.Answer, flag.AnsweredAt = in.Status, in.Answer, &at
		flag.Version++
		return entry{subject: flag.ID, data: map[string]any{"no": flag.No, "status": flag.Status, "answer": hashWords(in.Answer), "of": ref}}, tx.SaveFlag(ctx, &flag, readAt)
	})
	flag.Hash = ""
	return flag, err
}

// ideaOf registers what was flagged, with an entry of its own.
func (r *Register) ideaOf(ctx context.Context, tx *store.Tx, a models.Actor, flag models.Flag, in Settlement, at time.Time) (models.Deployment, error) {
	rec := models.Record{Name: in.Name, ServiceAreaID: in.ServiceArea, Light: true, UseFamily: "other", Activation: "staff_initiated", DecisionStatus: "idea", Owner: firstOwner(a)}
	if in.InUse {
		rec.DecisionStatus = "already_in_use"
	}
	// A stranger's words are not made the employer's: they stay with the flag.
	if rec.Name.En == "" && rec.Name.Cy == "" {
		rec.Name = Both(models.Reason{Code: "flag.name", Params: models.Params{"no": flag.No}})
	}
	rec.Purpose = Both(models.Reason{Code: "flag.purpose", Params: models.Params{"no": flag.No}})
	if err := r.mayRegister(ctx, a, in.ServiceArea); err != nil {
		return models.Deployment{}, err
	}
	if err := rec.Validate(); err != nil {
		return models.Deployment{}, err
	}
	d, err := r.register(ctx, tx, a, Registration{Record: rec, LateReason: flag.No}, at)
	if err != nil {
		return d, err
	}
	return d, r.append(ctx, tx, a, "deployment.register", at, deploymentEntry(d, map[string]any{"flag": flag.No}))
}
