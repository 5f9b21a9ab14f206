package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// principal is somebody who asks: by a session that they signed in for over
// HTTP, by a token, or as nobody.
type principal struct {
	name string
	// actor is who they are; the zero actor for nobody.
	actor models.Actor
	// email is what they sign in with; "" for those who do not.
	email string
	// secret is that of their one-time codes, when they have some.
	secret string
	// bearer is the token they ask with.
	bearer string
	// age is how long ago they signed in.
	age time.Duration
	// gone marks somebody who could not sign in again.
	gone bool

	cookie string
	since  time.Time
}

// columns are those of the matrix, in groups.
var columns = [][]string{
	{"cdo", "manager", "hr", "assurer", "approver"},
	{"union_officer", "union_rep", "other_officer"},
	{"scrutiny", "auditor", "admin", "none"},
	{"delegate", "suspended", "leaver", "unproven", "lapsed", "other_admin"},
	{"service", "cdo_token", "gate_token", "area_token", "expired_token", "revoked_token"},
}

const cookieName = "beforehand"

// populate makes the people of the columns.
func (w *world) populate() {
	h, ctx := w.first, w.t.Context()
	for name, a := range map[string]models.Actor{
		"cdo": h.CDO, "manager": h.Manager, "hr": h.HR, "assurer": h.Assurer, "approver": h.Approver, "union_officer": h.Officer, "union_rep": h.Rep,
		"other_officer": h.OtherOfficer, "scrutiny": h.Scrutiny, "auditor": h.Auditor, "admin": h.Admin, "other_admin": w.second.Admin,
		"delegate":  w.somebody("delegate", models.Membership{Role: models.RoleHR}),
		"suspended": w.somebody("suspended", models.Membership{Role: models.RoleCDO}),
		"leaver":    w.somebody("leaver", models.Membership{Role: models.RoleCDO}),
		"unproven":  w.somebody("unproven", models.Membership{Role: models.RoleCDO}),
		"lapsed":    w.somebody("lapsed", models.Membership{Role: models.RoleCDO}),
	} {
		w.people[name] = &principal{name: name, actor: a, email: a.Email}
	}
	w.people["none"] = &principal{name: "none"}
	w.borrower = w.somebody("borrower", models.Membership{Role: models.RoleHR})
	w.otherRep = w.somebody("gmbrep", models.Membership{Role: models.RoleUnionRep, UnionID: &h.GMB.ID})

	today := models.MustDate("2026-09-07")
	held := w.held(h.Approver)
	w.loan = need(h.Delegate(ctx, h.Approver, held.ID, w.people["delegate"].email, today, today+1))(w.t)
	suspended := w.people["suspended"].actor
	must(w.t, h.GrantRole(ctx, h.Admin, suspended.Email, register.Hat{Role: models.RoleScrutiny}))
	need(h.SuspendMembership(ctx, h.Admin, w.held(suspended).ID, 1))(w.t)

	// Whoever left was signed in until then, and is nobody since.
	leaver := w.people["leaver"]
	w.signIn(leaver)
	leaver.gone = true
	need(h.EndMembership(ctx, h.Admin, w.held(leaver.actor).ID, 1))(w.t)

	// From here on the role of a chief digital officer wants a second factor.
	for _, name := range []string{"cdo", "lapsed"} {
		w.enrol(w.people[name])
	}
	w.people["lapsed"].age = 11 * time.Minute
	set := need(h.AccessSettings(ctx, h.Admin))(w.t)
	set.SecondFactorRoles = []models.Role{models.RoleCDO}
	need(h.ConfigureAccess(ctx, h.Admin, set.Version, set))(w.t)
	w.tokensOf()
}

// tokensOf makes the tokens of the columns.
func (w *world) tokensOf() {
	h, ctx := w.first, w.t.Context()
	token := func(name string, in register.NewToken) models.Token {
		in.Name = name
		secret, t, err := h.IssueToken(ctx, h.CDO, in)
		must(w.t, err)
		w.people[name] = &principal{name: name, actor: h.CDO, bearer: secret}
		return t
	}
	token("cdo_token", register.NewToken{Days: 300})
	token("gate_token", register.NewToken{Days: 300, Scopes: []string{"gate.read"}})
	token("area_token", register.NewToken{Days: 300, ServiceAreaID: h.Area.ID})
	revoked := token("revoked_token", register.NewToken{Days: 300})
	must(w.t, h.RevokeToken(ctx, h.CDO, revoked.ID))
	w.at(-48*time.Hour, func() { token("expired_token", register.NewToken{Days: 1}) })

	scopes := slices.DeleteFunc(policy.Acts(), func(act string) bool {
		_, may := policy.Default().Permitted(models.RoleService, act)
		_, its := policy.Default().Permitted(models.RoleCDO, act)
		return !may || !its
	})
	secret, t, err := h.AddServiceAccount(ctx, h.CDO, register.NewToken{Name: "pipeline", Scopes: scopes, Days: 300})
	must(w.t, err)
	w.people["service"] = &principal{name: "service", actor: need(h.ActorOf(ctx, t.UserID, h.Org.ID))(w.t), bearer: secret}
}

// at does something at another time than now.
func (w *world) at(ago time.Duration, do func()) {
	now := w.first.Clock.Now()
	w.first.Clock.Set(now.Add(ago))
	do()
	w.first.Clock.Set(now)
}

// somebody is a person made without the cost of hashing a password: theirs is
// everybody's.
func (w *world) somebody(name string, m models.Membership) models.Actor {
	return w.somebodyOf(w.first, name, m)
}

func (w *world) somebodyOf(h *registertest.House, name string, m models.Membership) models.Actor {
	w.t.Helper()
	ctx, now := w.t.Context(), h.Clock.Now().UTC().Truncate(time.Microsecond)
	like := need(h.Store.User(ctx, h.CDO.UserID))(w.t)
	u := models.User{
		ID: uuid.Must(uuid.NewV7()).String(), Kind: models.Person, Email: name + "@tywi.example", Name: name, Language: models.English,
		PasswordHash: like.PasswordHash, EmailVerifiedAt: &now, Version: 1, CreatedAt: now,
	}
	m.OrgID, m.ID, m.UserID, m.Version, m.CreatedAt = h.Org.ID, uuid.Must(uuid.NewV7()).String(), u.ID, 1, now
	must(w.t, h.Store.Within(ctx, func(tx *store.Tx) error {
		if err := tx.Add(ctx, &u); err != nil {
			return err
		}
		return tx.Add(ctx, &m)
	}))
	return need(h.ActorOf(ctx, u.ID, h.Org.ID))(w.t)
}

// held is a role that somebody holds themselves, and may wear if they can.
func (w *world) held(a models.Actor) store.Member {
	w.t.Helper()
	all := need(w.first.Store.Memberships(w.t.Context(), a.UserID))(w.t)
	all = slices.DeleteFunc(all, func(m store.Member) bool { return m.OrgID != a.OrgID || m.Delegated() || m.SuspendedAt != nil })
	if len(all) == 0 {
		w.t.Fatalf("%s holds nothing", a.Name)
	}
	return all[0]
}

// enrol gives somebody one-time codes.
func (w *world) enrol(p *principal) {
	w.t.Helper()
	ctx, h := w.t.Context(), w.first
	w.at(-time.Hour, func() {
		made := need(h.BeginTOTP(ctx, p.actor))(w.t)
		p.secret = made.Secret
		need(h.ConfirmTOTP(ctx, p.actor, w.oneTimeCode(p)))(w.t)
	})
}

func (w *world) oneTimeCode(p *principal) string {
	return need(totp.GenerateCode(p.secret, w.first.Clock.Now()))(w.t)
}

// fresh is how long a session is used before its owner signs in again: less
// than what the acts that bind ask for.
const fresh = models.FreshFor - time.Minute

// signIn signs somebody in over HTTP, as they would.
func (w *world) signIn(p *principal) {
	w.t.Helper()
	must(w.t, w.first.Store.Raw(w.t.Context(), "DELETE FROM attempts"))
	if p.secret != "" {
		w.first.Clock.Set(w.first.Clock.Now().Add(31 * time.Second)) // a code is taken once
	}
	w.at(-p.age, func() {
		body := object{"email": p.email, "password": registertest.Password}
		if p.secret != "" {
			body["code"] = w.oneTimeCode(p)
		}
		h := http.Header{}
		got := w.ask("POST", "session", w.bodyOf(body, h), h)
		if got.Status != http.StatusOK {
			w.t.Fatalf("%s could not sign in: %s", p.name, got)
		}
		p.cookie, _ = cookieOf(got)
		if p.cookie == "" {
			w.t.Fatalf("%s signed in without a cookie", p.name)
		}
	})
	p.since = w.first.Clock.Now()
}

// cookieOf is the session that an answer sets; "" ends it.
func cookieOf(a answer) (string, bool) {
	res := http.Response{Header: a.Header}
	for _, c := range res.Cookies() {
		if c.Name == cookieName {
			return c.Value, true
		}
	}
	return "", false
}

// credentials are the header by which somebody is known. Who has no session,
// or one that is not fresh any more, signs in.
func (w *world) credentials(p *principal) headers {
	w.t.Helper()
	switch {
	case p.bearer != "":
		return headers{"Authorization": "Bearer " + p.bearer}
	case p.email == "":
		return nil
	case !p.gone && (p.cookie == "" || p.age == 0 && w.first.Clock.Now().Sub(p.since) > fresh):
		w.signIn(p)
	}
	return headers{"Cookie": cookieName + "=" + p.cookie}
}

// askAs sends a request as somebody, and keeps the session that comes back.
func (w *world) askAs(p *principal, method, path string, body any, more ...headers) answer {
	w.t.Helper()
	h := http.Header{}
	b := w.bodyOf(body, h)
	for _, m := range append([]headers{w.credentials(p)}, more...) {
		for name, v := range m {
			h.Set(name, v)
		}
	}
	got := w.ask(method, path, b, h)
	if c, set := cookieOf(got); set && p.email != "" && !p.gone && c != p.cookie {
		p.cookie = c
		if p.age != 0 || strings.Contains(path, "session") || strings.Contains(path, "invitations/accept") {
			p.cookie = "" // somebody else's now, or proved anew: it is not what this one is to be
		}
	}
	return got
}

// twin is somebody who holds what another does, to be used up.
func (w *world) twin(p *principal) *principal {
	w.t.Helper()
	if p.email == "" || p.gone || p.age != 0 {
		return p
	}
	h := w.first
	if p.actor.OrgID == w.second.Org.ID {
		h = w.second
	}
	m := w.held(p.actor).Membership
	a := w.somebodyOf(h, strings.ReplaceAll(unique("twin"), " ", ""), models.Membership{Role: m.Role, ServiceAreaID: m.ServiceAreaID, UnionID: m.UnionID})
	return &principal{name: p.name, actor: a, email: a.Email}
}

// everybody are the names of all columns.
func everybody() []string { return slices.Concat(columns...) }

// withHeaders puts several together.
func withHeaders(all ...headers) headers {
	out := headers{}
	for _, h := range all {
		maps.Copy(out, h)
	}
	return out
}
