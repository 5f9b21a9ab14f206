package api_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"beforehand/internal/auth"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/models"
)

// subject is whose account a request is about: the caller's, another's of the
// same organisation, or another organisation's.
func (s side) subject() models.Actor {
	switch {
	case s.whose == otherOrg || s.whose == ownOrg && s.House.Org.ID != s.caller.actor.OrgID:
		return s.CDO
	case s.whose == anothers && s.caller.actor.UserID == s.Assurer.UserID:
		return s.HR
	case s.whose == anothers:
		return s.Assurer
	case s.caller.actor.UserID == "" || s.caller.gone:
		return s.CDO
	}
	return s.caller.actor
}

// session is a second sign-in of the subject's.
func (w *world) session(s side) string {
	a, now := s.subject(), w.first.Clock.Now().UTC()
	id := uuid.Must(uuid.NewV7()).String()
	must(w.t, w.first.Store.BeginSession(w.t.Context(), models.Session{TokenHash: id, ID: id, UserID: &a.UserID, OrgID: &a.OrgID, BeganAt: now, SeenAt: now, Data: []byte{}, ExpiresAt: now.AddDate(1, 0, 0)}))
	return id
}

// token is one of the subject's.
func (w *world) token(s side) string {
	ctx, a, now := w.t.Context(), s.subject(), w.first.Clock.Now().UTC()
	id := uuid.Must(uuid.NewV7()).String()
	t := models.Token{ID: id, OrgID: a.OrgID, UserID: a.UserID, Name: "spare", Hash: id, Scopes: []string{}, ExpiresAt: now.AddDate(0, 0, 1), CreatedAt: now}
	w.within(func(tx *store.Tx) error { return tx.Add(ctx, &t) })
	return id
}

func (w *world) within(do func(tx *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.first.Store.Within(w.t.Context(), do))
}

// passkey is one of the subject's, and how it is taken away again: with one, a
// password alone would sign nobody in.
func (w *world) passkey(s side) (id string, undo func()) {
	ctx, a := w.t.Context(), s.subject()
	id = uuid.Must(uuid.NewV7()).String()
	k := models.Passkey{ID: id, UserID: a.UserID, Name: "Laptop", Data: []byte("{}"), CreatedAt: w.first.Clock.Now().UTC()}
	w.within(func(tx *store.Tx) error { return tx.Add(ctx, &k) })
	return id, func() {
		w.within(func(tx *store.Tx) error {
			if err := tx.RemovePasskey(ctx, a.UserID, id); models.KindOf(err) != models.NotFound {
				return err
			}
			return nil
		})
	}
}

// oneTimeCodes gives the subject an unconfirmed secret when they have none, and
// puts back afterwards what they had.
func (w *world) oneTimeCodes(s side, begin bool) (undo func()) {
	ctx, a := w.t.Context(), s.subject()
	had, err := w.first.Store.TOTP(ctx, a.UserID)
	if models.KindOf(err) == models.NotFound {
		if begin {
			need(w.first.BeginTOTP(ctx, a))(w.t)
		}
		return func() { w.within(func(tx *store.Tx) error { return tx.RemoveTOTP(ctx, a.UserID) }) }
	}
	must(w.t, err)
	return func() { w.within(func(tx *store.Tx) error { return tx.ReplaceTOTP(ctx, had) }) }
}

// member is somebody of the side whom nobody else needs.
func (w *world) member(s side) store.Member {
	return keep(w, s, "member", func() store.Member {
		h, m := s.House, models.Membership{Role: models.RoleHR}
		if s.whose == byOwn || s.whose == byOther {
			m = models.Membership{Role: models.RoleUnionRep, UnionID: &s.union.ID}
		}
		a := w.somebodyOf(h, strings.ReplaceAll(unique("some"), " ", ""), m)
		return w.held(a)
	})
}

// offer is an invitation with the code that was mailed.
type offer struct{ id, code string }

func (w *world) offer(s side) offer {
	return keep(w, s, "invitation", func() offer {
		ctx, by, hat := w.t.Context(), s.Admin, register.Hat{Role: models.RoleHR}
		if s.whose == byOwn || s.whose == byOther {
			by, hat = s.voice, register.Hat{Role: models.RoleUnionRep, UnionID: s.union.ID}
		}
		v := need(s.Invite(ctx, by, register.NewInvitation{Email: strings.ReplaceAll(unique("guest"), " ", "") + "@tywi.example", Hat: hat}))(w.t)
		code, hash := auth.NewCode()
		w.within(func(tx *store.Tx) error { return tx.HashInvitation(ctx, s.Org.ID, v.ID, hash) })
		return offer{v.ID, code}
	})
}

func (w *world) serviceAccount(s side) string {
	return keep(w, s, "service account", func() string {
		_, t, err := s.AddServiceAccount(w.t.Context(), s.CDO, register.NewToken{Name: "pipeline", Scopes: []string{"gate.read"}, Days: 1})
		must(w.t, err)
		return t.UserID
	})
}

func (w *world) address(s side) string {
	return keep(w, s, "service address", func() string {
		a := need(s.AgreeAddress(w.t.Context(), s.HR, models.ServiceAddress{
			BranchID: w.branch(s), Channel: models.ByPost, Address: unique("County Hall"), Languages: []models.Language{models.English}, From: models.MustDate("2026-01-01"),
		}))(w.t)
		return a.ID
	})
}

var (
	mine      = []whose{ownAccount}
	accounts  = []whose{ownAccount, anothers, otherOrg}
	theirs    = []whose{ownOrg, byOwn, byOther, otherOrg}
	ofBranch  = []whose{byOwn, byOther, otherOrg}
	password2 = "a pocketful of slate"
)

// wrongCode is a call with a code that is none.
func wrongCode(path string) func(w *world, s side) call {
	return func(*world, side) call {
		return call{path: path, body: object{"code": "none"}, refused: true}
	}
}

// invitationTo is an offer of a role of the side.
func invitationTo(w *world, s side) object {
	b := object{"email": strings.ReplaceAll(unique("new"), " ", "") + "@tywi.example", "role": "hr"}
	switch s.whose {
	case byOwn, byOther, otherOrg:
		return b.with(object{"role": "union_rep", "union": s.union.ID})
	case newUnion:
		u := need(s.AddUnion(w.t.Context(), s.Admin, unique("Unite"), strings.ReplaceAll(unique("UN"), " ", "")))(w.t)
		return b.with(object{"role": "union_officer", "union": u.ID})
	}
	return b
}

// spare gives somebody another role of their side, to be laid down.
func (w *world) spare(a models.Actor) string {
	m := models.Membership{OrgID: a.OrgID, ID: uuid.Must(uuid.NewV7()).String(), UserID: a.UserID, Role: models.RoleManager, ServiceAreaID: &w.first.OtherArea.ID, Version: 1, CreatedAt: w.first.Clock.Now().UTC()}
	if a.OrgID == w.second.Org.ID {
		m.ServiceAreaID = &w.second.OtherArea.ID
	}
	if unions := a.Unions(); len(unions) > 0 {
		m.Role, m.UnionID, m.ServiceAreaID = models.RoleUnionRep, &unions[0], nil
		if a.Has(models.RoleUnionRep) {
			m.Role = models.RoleUnionOfficer
		}
	}
	w.within(func(tx *store.Tx) error { return tx.Add(w.t.Context(), &m) })
	return m.ID
}

// ofMember is a request on somebody's role.
func ofMember(what string) func(w *world, s side) call {
	return func(w *world, s side) call {
		var m store.Member
		switch s.whose {
		case ownAccount: // one more than they need
			id := w.spare(s.subject())
			return call{path: "memberships/" + id + what, match: 1, undo: func() {
				must(w.t, w.first.Store.Raw(w.t.Context(), "UPDATE memberships SET ended_at = created_at WHERE ended_at IS NULL AND id = '"+id+"'"))
			}}
		case lent:
			l := keep(w, s, "loan", func() models.Membership {
				today := models.DateOf(w.first.Clock.Now(), time.UTC)
				return need(w.first.Delegate(w.t.Context(), w.first.Approver, w.held(w.first.Approver).ID, w.borrower.Email, today+10, today+20))(w.t)
			})
			return call{path: "memberships/" + l.ID + what, match: l.Version}
		default:
			m = w.member(s)
		}
		if what == "/resume" && m.SuspendedAt == nil {
			at := w.first.Clock.Now().UTC()
			m.SuspendedAt = &at
			w.within(func(tx *store.Tx) error { return tx.SaveMembership(w.t.Context(), &m.Membership, m.Version) })
		}
		return call{path: "memberships/" + m.ID + what, match: m.Version}
	}
}

func init() {
	for name, f := range map[string]fixture{
		"POST /session":               {whose: mine, call: plain("session", func(s side) object { return object{"email": s.HR.Email, "password": registertest.Password} })},
		"DELETE /session":             {whose: mine, call: plain("session", nil)},
		"POST /session/passkey/begin": {whose: mine, call: plain("session/passkey/begin", nil)},
		"POST /session/passkey":       {whose: mine, call: plain("session/passkey", func(side) object { return object{"response": object{}} })},
		"POST /session/prove":         {whose: mine, call: plain("session/prove", func(side) object { return object{"password": registertest.Password} })},
		"PUT /session/organisation":   {whose: []whose{ownOrg, otherOrg}, call: plain("session/organisation", func(s side) object { return object{"organisation": s.Org.Slug} })},
		"GET /me":                     {whose: mine, call: plain("me", nil)},
		"GET /me/permissions": {whose: []whose{ownAccount, ownArea, idea, otherOrg}, call: func(w *world, s side) call {
			c := call{path: "me/permissions"}
			if s.whose != ownAccount {
				c.query = "deployment=" + w.deployment(s).Ref
			}
			return c
		}},
		"GET /sessions":         {whose: mine, call: plain("sessions", nil)},
		"DELETE /sessions":      {whose: mine, call: plain("sessions", nil)},
		"DELETE /sessions/{id}": {whose: accounts, call: func(w *world, s side) call { return call{path: "sessions/" + w.session(s)} }},
		"GET /tokens":           {whose: mine, call: plain("tokens", nil)},
		"POST /tokens":          {whose: mine, call: plain("tokens", func(side) object { return object{"name": "pipeline", "scopes": []string{"profile.read"}, "days": 90} })},
		"DELETE /tokens/{id}":   {whose: accounts, call: func(w *world, s side) call { return call{path: "tokens/" + w.token(s)} }},

		"GET /account/factors": {whose: mine, call: plain("account/factors", nil)},
		"PUT /account/password": {whose: mine, call: func(*world, side) call {
			return call{path: "account/password", body: object{"old": "not the one I have", "new": password2}, refused: true}
		}},
		"POST /account/totp": {whose: mine, call: func(w *world, s side) call {
			return call{path: "account/totp", undo: w.oneTimeCodes(s, false)}
		}},
		"POST /account/totp/confirm": {whose: mine, call: func(w *world, s side) call {
			return call{path: "account/totp/confirm", body: object{"code": "000000"}, refused: true, undo: w.oneTimeCodes(s, true)}
		}},
		"DELETE /account/totp":         {whose: mine, call: func(w *world, s side) call { return call{path: "account/totp", undo: w.oneTimeCodes(s, true)} }},
		"POST /account/recovery-codes": {whose: mine, call: plain("account/recovery-codes", nil)},
		"POST /account/passkeys/begin": {whose: mine, call: plain("account/passkeys/begin", nil)},
		"POST /account/passkeys":       {whose: mine, call: plain("account/passkeys", func(side) object { return object{"name": "Laptop", "response": object{}} })},
		"DELETE /account/passkeys/{id}": {whose: accounts, call: func(w *world, s side) call {
			id, undo := w.passkey(s)
			return call{path: "account/passkeys/" + id, undo: undo}
		}},
		"DELETE /account/identities": {whose: accounts, call: func(w *world, s side) call {
			ctx, a, subject := w.t.Context(), s.subject(), strings.ReplaceAll(unique("subject"), " ", "")
			now := w.first.Clock.Now().UTC()
			w.within(func(tx *store.Tx) error {
				return tx.Add(ctx, &models.Identity{Issuer: "https://login.example", Subject: subject, UserID: a.UserID, CreatedAt: now, LastUsedAt: now})
			})
			return call{path: "account/identities", query: "issuer=https://login.example&subject=" + subject}
		}},
		"POST /account/email":         {whose: mine, call: plain("account/email", func(s side) object { return object{"email": "another@tywi.example"} })},
		"POST /account/email/confirm": {whose: mine, call: wrongCode("account/email/confirm")},
		"GET /account/export":         {whose: mine, call: plain("account/export", nil)},
		"DELETE /account":             {whose: mine, call: plain("account", nil), twin: true},
		"POST /password-resets":       {whose: mine, call: plain("password-resets", func(s side) object { return object{"email": s.HR.Email} })},
		"POST /password-resets/complete": {whose: mine, call: func(*world, side) call {
			return call{path: "password-resets/complete", body: object{"code": "none", "password": password2}, refused: true}
		}},

		"GET /invitations":         {whose: []whose{ownOrg}, call: plain("invitations", nil)},
		"POST /invitations":        {whose: append(theirs, newUnion), call: func(w *world, s side) call { return call{path: "invitations", body: invitationTo(w, s)} }},
		"DELETE /invitations/{id}": {whose: theirs, call: func(w *world, s side) call { return call{path: "invitations/" + w.offer(s).id} }},
		"POST /invitations/look": {whose: []whose{byOwn}, call: func(w *world, s side) call {
			return call{path: "invitations/look", body: object{"code": w.offer(s).code}}
		}},
		"POST /invitations/accept": {whose: []whose{byOwn}, call: func(w *world, s side) call {
			return call{path: "invitations/accept", body: object{"code": w.offer(s).code, "name": "Guest", "password": password2}}
		}},
		"GET /service-accounts": {whose: []whose{ownOrg}, call: plain("service-accounts", nil)},
		"POST /service-accounts": {whose: []whose{ownOrg}, call: func(*world, side) call {
			return call{path: "service-accounts", body: object{"name": "pipeline", "scopes": []string{"gate.read"}, "days": 90}, refused: true}
		}},
		"DELETE /service-accounts/{id}": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call { return call{path: "service-accounts/" + w.serviceAccount(s)} }},
		"GET /access-settings":          {whose: []whose{ownOrg}, call: plain("access-settings", nil)},
		"PUT /access-settings": {whose: []whose{ownOrg}, call: func(w *world, s side) call {
			set := need(s.AccessSettings(w.t.Context(), s.Admin))(w.t)
			return call{path: "access-settings", match: set.Version + 1, body: object{"secondFactorRoles": set.SecondFactorRoles, "securityLogDays": 500, "invitationDays": 90}}
		}},
		"GET /retention":       {whose: []whose{ownOrg}, call: plain("retention", nil)},
		"GET /security-events": {whose: []whose{ownOrg}, call: plain("security-events", nil)},

		"GET /users":         {whose: []whose{ownOrg}, call: plain("users", nil)},
		"DELETE /users/{id}": {whose: theirs, call: func(w *world, s side) call { return call{path: "users/" + w.member(s).UserID} }},
		"POST /memberships": {whose: theirs, call: func(w *world, s side) call {
			b := object{"email": w.member(s).Email, "role": "scrutiny"}
			switch s.whose {
			case byOwn, byOther:
				b = b.with(object{"role": "union_officer", "union": s.union.ID})
			case otherOrg:
				b = b.with(object{"email": w.member(w.side(byOwn, s.caller)).Email, "role": "union_officer", "union": s.union.ID})
			}
			return call{path: "memberships", body: b}
		}},
		"POST /memberships/{id}/suspend": {whose: theirs, call: ofMember("/suspend")},
		"POST /memberships/{id}/resume":  {whose: theirs, call: ofMember("/resume")},
		"POST /memberships/{id}/end":     {whose: append(theirs, ownAccount, lent), call: ofMember("/end")},
		"POST /memberships/{id}/delegate": {whose: accounts, call: func(w *world, s side) call {
			to := w.borrower.Email
			switch s.caller.actor.UserID {
			case s.Officer.UserID:
				to = s.Rep.Email
			case s.Rep.UserID:
				to = s.Officer.Email
			case s.OtherOfficer.UserID:
				to = w.otherRep.Email
			case w.second.Admin.UserID:
				to = w.second.HR.Email
			}
			return call{path: "memberships/" + w.held(s.subject()).ID + "/delegate", body: object{"email": to, "from": "2026-12-01", "to": "2026-12-31"}}
		}},
		"POST /service-addresses/{id}/confirm": {whose: ofBranch, call: func(w *world, s side) call { return call{path: "service-addresses/" + w.address(s) + "/confirm"} }},
		"POST /service-addresses/{id}/end":     {whose: ofBranch, call: func(w *world, s side) call { return call{path: "service-addresses/" + w.address(s) + "/end"} }},
	} {
		if _, twice := fixtures[name]; twice {
			panic(fmt.Sprintf("%s has two fixtures", name))
		}
		fixtures[name] = f
	}
}
