package pages

import (
	"beforehand/internal/register"
)

// held sets out what is held about a person: everything but what would let
// somebody in.
func held(d register.PersonalData) map[string]any {
	type m = map[string]any
	u := d.User
	roles, sessions, tokens, events, wrote, keys, providers := []m{}, []m{}, []m{}, []m{}, []m{}, []m{}, []m{}
	for _, x := range d.Memberships {
		roles = append(roles, m{
			"organisation": x.OrgID, "role": x.Role, "serviceArea": x.ServiceAreaID, "union": x.UnionID, "from": x.From, "to": x.To, "lentBy": x.DelegatedBy,
			"source": x.Source, "suspendedAt": x.SuspendedAt, "endedAt": x.EndedAt, "createdAt": x.CreatedAt,
		})
	}
	for _, x := range d.Sessions {
		sessions = append(sessions, m{"id": x.ID, "address": x.Address, "agent": x.Agent, "beganAt": x.BeganAt, "seenAt": x.SeenAt, "expiresAt": x.ExpiresAt})
	}
	for _, x := range d.Tokens {
		tokens = append(tokens, m{
			"id": x.ID, "name": x.Name, "hint": x.Hint, "scopes": x.Scopes, "serviceArea": x.ServiceAreaID, "expiresAt": x.ExpiresAt,
			"lastUsedAt": x.LastUsedAt, "revokedAt": x.RevokedAt, "createdAt": x.CreatedAt,
		})
	}
	for _, x := range d.Events {
		events = append(events, m{"at": x.At, "kind": x.Kind, "address": x.Address, "agent": x.Agent, "detail": x.Detail})
	}
	for _, x := range d.Contributions {
		wrote = append(wrote, m{"kind": x.Kind, "id": x.ID, "deployment": x.Ref, "at": x.At, "text": x.Text})
	}
	for _, x := range d.Factors.Passkeys {
		keys = append(keys, m{"name": x.Name, "createdAt": x.CreatedAt, "lastUsedAt": x.LastUsedAt})
	}
	for _, x := range d.Factors.Identities {
		providers = append(providers, m{"issuer": x.Issuer, "subject": x.Subject, "createdAt": x.CreatedAt, "lastUsedAt": x.LastUsedAt})
	}
	unsent := []m{}
	for _, x := range d.Unsent {
		unsent = append(unsent, m{"form": x.Path, "at": x.At, "answers": x.Answers})
	}
	return m{
		"unsent": unsent,
		"account": m{
			"id": u.ID, "email": u.Email, "name": u.Name, "language": u.Language, "emailVerifiedAt": u.EmailVerifiedAt, "createdAt": u.CreatedAt,
			"hasPassword": d.Factors.HasPassword, "oneTimeCodes": d.Factors.OneTimeCodes, "recoveryCodesLeft": d.Factors.RecoveryCodes,
		},
		"roles": roles, "passkeys": keys, "identities": providers, "sessions": sessions, "tokens": tokens, "securityLog": events, "written": wrote,
	}
}
