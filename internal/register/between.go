package register

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// between is what the policy and the log need of something between parties,
// perhaps about a deployment.
type between struct {
	res        policy.Resource
	deployment *string
	ref        string
	parties    []string
}

// about opens what is to be between parties. It may be about a deployment that
// the actor reads; one that is still the employer's own idea is shown to no
// union by way of a meeting about it.
func (r *Register) about(ctx context.Context, rd store.Reader, a models.Actor, ref string, parties []string) (between, error) {
	b := between{parties: parties, ref: ref, res: policy.Resource{OrgID: a.OrgID, Audience: models.AudienceParties, UnionsInScope: models.UnionsOf(parties)}}
	if ref == "" {
		return b, nil
	}
	s, err := r.open(ctx, rd, a, ref, "deployment.read")
	if err != nil {
		return b, err
	}
	if s.Audience == models.AudienceEmployer && len(b.res.UnionsInScope) > 0 {
		return b, field("deployment", "not_shared")
	}
	b.deployment, b.res.AreaPath = &s.ID, s.area.Path
	if s.Audience != models.AudienceParties {
		return b, nil
	}
	// Before it is public, only the unions in scope of it are told.
	if err := r.scopeOf(ctx, rd, &s, 0); err != nil {
		return b, err
	}
	for _, u := range b.res.UnionsInScope {
		if !slices.Contains(s.res.UnionsInScope, u) {
			return b, field("unions", "not_in_scope")
		}
	}
	return b, nil
}

// recorded opens what is between parties already. Who may not read it is told
// that there is nothing.
func (r *Register) recorded(ctx context.Context, rd store.Reader, a models.Actor, act, noun string, deployment *string, parties []string) (between, error) {
	b, err := recordedFor(ctx, rd, a.OrgID, deployment, parties)
	if err != nil {
		return b, err
	}
	if err := r.check(a, "partnership.read", b.res); err != nil {
		return b, hiddenAs(noun, err)
	}
	return b, r.check(a, act, b.res)
}

func recordedFor(ctx context.Context, rd store.Reader, org string, deployment *string, parties []string) (between, error) {
	b := between{parties: parties, deployment: deployment, res: policy.Resource{OrgID: org, Audience: models.AudienceParties, UnionsInScope: models.UnionsOf(parties)}}
	if deployment == nil {
		return b, nil
	}
	d, err := rd.DeploymentByID(ctx, org, *deployment)
	if err != nil {
		return b, err
	}
	area, err := rd.ServiceArea(ctx, org, d.ServiceAreaID)
	b.ref, b.res.AreaPath = d.Ref, area.Path
	return b, err
}

// entry is what the log says of it: hashes of words, never the words.
func (b between) entry(subject, no string, more map[string]any) entry {
	data := map[string]any{"no": no, "parties": b.parties}
	if b.ref != "" {
		data["ref"] = b.ref
	}
	for k, v := range more {
		data[k] = v
	}
	return entry{subject: subject, deployment: deref(b.deployment), data: data}
}

// party is for whom the actor speaks among parties: the employer, or the union
// that is named, or the only one of theirs that is a party.
func party(a models.Actor, want string, parties []string) (string, error) {
	if len(a.Unions()) == 0 && a.EmployerSide() {
		if !slices.Contains(parties, models.EmployerParty) {
			return "", models.Fail(models.Conflict, "not_a_party")
		}
		return models.EmployerParty, nil
	}
	mine := slices.DeleteFunc(slices.Clone(a.Unions()), func(u string) bool { return !slices.Contains(parties, u) || want != "" && u != want })
	switch len(mine) {
	case 0:
		return "", models.Fail(models.Conflict, "not_a_party")
	case 1:
		return mine[0], nil
	}
	return "", field("party", "required")
}

// withParties are the employer and the unions named, each of which must exist;
// a union's own is among them whether it names itself or not.
func withParties(ctx context.Context, rd store.Reader, a models.Actor, unions []string) ([]string, error) {
	if len(unions) == 0 {
		unions = slices.Clone(a.Unions())
	}
	out := []string{models.EmployerParty}
	for i, u := range unions {
		if slices.Contains(out, u) {
			return nil, field(fmt.Sprintf("unions[%d]", i), "duplicate")
		}
		if _, err := rd.Union(ctx, a.OrgID, u); err != nil {
			return nil, field(fmt.Sprintf("unions[%d]", i), "unknown_reference")
		}
		out = append(out, u)
	}
	if len(out) == 1 {
		return nil, field("unions", "required")
	}
	if mine := a.Unions(); len(mine) > 0 && !slices.ContainsFunc(mine, func(u string) bool { return slices.Contains(out, u) }) {
		return nil, field("unions", "own_union")
	}
	return out, nil
}

// speaksAs is the one party that somebody would speak for, or "".
func speaksAs(a models.Actor, parties []string) string {
	p, err := party(a, "", parties)
	if err != nil {
		return ""
	}
	return p
}

// numbered is the next number of a series, such as MTG-2026-003.
func (r *Register) numbered(ctx context.Context, tx *store.Tx, a models.Actor, series, prefix string, at time.Time) (string, models.Date, error) {
	org, err := tx.Organisation(ctx, a.OrgID)
	if err != nil {
		return "", 0, err
	}
	today := models.DateOf(at, org.Location())
	year := today.Time().Year()
	n, err := tx.NextNumber(ctx, a.OrgID, series, year)
	return fmt.Sprintf("%s-%d-%03d", prefix, year, n), today, err
}

// spoken checks a text that must be there.
func spoken(f *models.Faults, path, s string, most int) {
	if strings.TrimSpace(s) == "" {
		f.Add(path, "required")
	}
	models.CheckText(f, path, s, most)
}

// among checks a value of a closed list.
func among(f *models.Faults, path, v string, allowed []string) {
	if !slices.Contains(allowed, v) {
		f.Add(path, "unknown_value", "value", v, "allowed", strings.Join(allowed, ", "))
	}
}
