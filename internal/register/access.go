package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// AccessSettings are what the organisation asks of its people's accounts.
func (r *Register) AccessSettings(ctx context.Context, a models.Actor) (models.AccessSettings, error) {
	if err := r.check(a, "access.read", own(a)); err != nil {
		return models.AccessSettings{}, err
	}
	return r.store.AccessSettings(ctx, a.OrgID)
}

// ConfigureAccess changes them. A second factor that is asked for is asked of
// those who are signed in, too: until they give one, the role is not worn.
func (r *Register) ConfigureAccess(ctx context.Context, a models.Actor, readAt int, in models.AccessSettings) (models.AccessSettings, error) {
	if err := r.check(a, "access.configure", own(a)); err != nil {
		return in, err
	}
	var f models.Faults
	for i, role := range in.SecondFactorRoles {
		if !slices.Contains(models.Roles, role) || slices.Contains(in.SecondFactorRoles[:i], role) {
			f.Add("secondFactorRoles["+itoa(i)+"]", "unknown_value", "value", shorten(string(role), 40), "allowed", "")
		}
	}
	if in.SecurityLogDays < 30 || in.SecurityLogDays > 3650 {
		f.Add("securityLogDays", "out_of_range", "min", 30, "max", 3650)
	}
	if in.InvitationDays < models.InvitationDays || in.InvitationDays > 3650 {
		f.Add("invitationDays", "out_of_range", "min", models.InvitationDays, "max", 3650)
	}
	if err := f.Err(); err != nil {
		return in, err
	}
	in.OrgID = a.OrgID
	if in.SecondFactorRoles == nil {
		in.SecondFactorRoles = []models.Role{}
	}
	err := r.change(ctx, a, "access.configure", func(tx *store.Tx, _ time.Time) (entry, error) {
		was, err := tx.AccessSettings(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("access_settings", was.Version, readAt); err != nil {
			return entry{}, err
		}
		// Whoever asks for a second factor of their own role without having one
		// would shut themselves out.
		if len(withoutFactor(a, in.SecondFactorRoles)) > 0 {
			if has, err := r.enrolled(ctx, a.UserID); err != nil || !has {
				return entry{}, errorsOr(err, models.Fail(models.Conflict, "second_factor_first"))
			}
		}
		in.Version = readAt + 1
		if err := tx.SaveAccessSettings(ctx, &in, readAt); err != nil {
			return entry{}, err
		}
		if err := r.logFor(ctx, tx, a, "access.configure", "", "", map[string]any{"version": in.Version, "before": roleNames(was.SecondFactorRoles), "after": roleNames(in.SecondFactorRoles)}); err != nil {
			return entry{}, err
		}
		return entry{subject: a.OrgID, data: map[string]any{"version": in.Version, "secondFactor": roleNames(in.SecondFactorRoles), "row": hashOf(in)}}, nil
	})
	return in, err
}

func roleNames(roles []models.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

func withoutFactor(a models.Actor, roles []models.Role) []models.Role {
	return slices.DeleteFunc(slices.Clone(roles), func(role models.Role) bool { return !a.Has(role) })
}

// RetentionPreview is what the next run of the retention would remove.
type RetentionPreview struct {
	Settings          models.AccessSettings
	EventsBefore      time.Time
	Events            store.Retained
	InvitationsBefore time.Time
	Invitations       store.Retained
}

func (r *Register) retention(ctx context.Context, org string) (RetentionPreview, error) {
	set, err := r.store.AccessSettings(ctx, org)
	now := r.Now()
	return RetentionPreview{
		Settings: set, EventsBefore: now.AddDate(0, 0, -set.SecurityLogDays), InvitationsBefore: now.AddDate(0, 0, -set.InvitationDays),
	}, err
}

// RetentionPreview counts what the next run of the retention would remove.
func (r *Register) RetentionPreview(ctx context.Context, a models.Actor) (RetentionPreview, error) {
	if err := r.check(a, "retention.read", own(a)); err != nil {
		return RetentionPreview{}, err
	}
	p, err := r.retention(ctx, a.OrgID)
	if err != nil {
		return p, err
	}
	p.Events, p.Invitations, err = r.store.RetentionDue(ctx, a.OrgID, p.EventsBefore, p.InvitationsBefore)
	return p, err
}

// Retain removes what is past its time, once a day.
type Retain struct{}

// Kind is the stable name of the job.
func (Retain) Kind() string { return "retention.run" }

func (r *Register) retain(ctx context.Context, _ Retain, _ store.Attempt) error {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, org := range all {
		p, err := r.retention(ctx, org.ID)
		if err != nil {
			return err
		}
		if p.Events, p.Invitations, err = r.store.RetentionDue(ctx, org.ID, p.EventsBefore, p.InvitationsBefore); err != nil {
			return err
		}
		if p.Events.Count+p.Invitations.Count == 0 {
			continue
		}
		a := models.Actor{UserID: System, OrgID: org.ID}
		if err := r.secure(ctx, a, "retention.run", "", func(tx *store.Tx, _ time.Time) (map[string]any, error) {
			return map[string]any{"events": p.Events.Count, "invitations": p.Invitations.Count}, tx.Retain(ctx, org.ID, p.EventsBefore, p.InvitationsBefore)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Permissions are what the actor may do: in the organisation, or on one
// deployment, each with the line of the rulebook that says so.
func (r *Register) Permissions(ctx context.Context, a models.Actor, ref string) ([]policy.Decision, error) {
	if err := r.check(a, "permission.read", mine(a)); err != nil {
		return nil, err
	}
	res, err := r.resourceOf(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	out := []policy.Decision{}
	for _, act := range policy.Acts() {
		out = append(out, r.policy.Explain(a, act, ofTheLog(act, res)))
	}
	return out, nil
}

// ofTheLog is a resource as the acts on the log see it: what is published of
// it, everybody reads.
func ofTheLog(act string, res policy.Resource) policy.Resource {
	if noun, _, _ := strings.Cut(act, "."); res.Audience == "" && (noun == "checkpoint" || noun == "signing_key" || noun == "witness") {
		res.Audience = models.AudiencePublic
	}
	return res
}

// Explain says whether a person may do something, and by which line. It is for
// the command line, whoever sits at which may read everything.
func (r *Register) Explain(ctx context.Context, a models.Actor, act, ref string) (policy.Decision, error) {
	if !slices.Contains(policy.Acts(), act) {
		return policy.Decision{}, field("do", "unknown_value", "value", act, "allowed", "")
	}
	res, err := r.resourceOf(ctx, a, "")
	if err != nil || ref == "" {
		return r.policy.Explain(a, act, ofTheLog(act, res)), err
	}
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if s.ID == "" {
		return policy.Decision{}, err
	}
	res = s.res // whether it may be read is what is to be explained
	res.OwnerID = a.UserID
	if unions := a.Unions(); len(unions) > 0 {
		res.UnionID = unions[0]
	}
	return r.policy.Explain(a, act, res), nil
}

// resourceOf is a deployment that the actor may read; without a ref it is
// their organisation, their union and themselves.
func (r *Register) resourceOf(ctx context.Context, a models.Actor, ref string) (policy.Resource, error) {
	if ref == "" {
		res := r.ownSide(a)
		res.OwnerID = a.UserID
		for _, g := range a.Grants {
			if g.AreaPath != "" {
				res.AreaPath = g.AreaPath
			}
		}
		return res, nil
	}
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return policy.Resource{}, err
	}
	res := s.res
	res.OwnerID = a.UserID
	if unions := a.Unions(); len(unions) > 0 {
		res.UnionID = unions[0]
	}
	return res, nil
}
