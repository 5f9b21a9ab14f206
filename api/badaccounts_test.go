package api_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"beforehand/api"
	"beforehand/internal/auth"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// These tests are of bad input to what opens, changes and ends an account.

// onWorlds runs a test on both databases.
func onWorlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := newWorldOn(t, s)
		test(t, w)
		if strings.Contains(w.log.String(), `"internal error"`) {
			t.Errorf("something was an internal error:\n%s", w.log)
		}
	})
}

// attempt is something that is to be refused.
type attempt struct {
	name         string
	by           *principal
	method, path string
	body         any
	headers      headers
	status       int
	code         string
	fields       []string
}

// refused holds that something is refused, in a problem that is whole, and that
// nothing is written but what counts and logs the attempt.
func (w *world) refused(t *testing.T, a attempt) answer {
	t.Helper()
	if a.by == nil {
		a.by = w.people["none"]
	}
	w.askAs(a.by, "GET", "profiles", nil) // whoever must sign in, or uses a token first, does so before rows are counted
	before := w.state(w.second.Org)
	got := w.askAs(a.by, a.method, a.path, a.body, a.headers)
	after := w.state(w.second.Org)
	for _, counted := range []string{"attempts", "security_events"} {
		delete(before.counts, counted)
		delete(after.counts, counted)
	}
	if got.Status != a.status {
		t.Errorf("%s: %s %s by %s: %.600s, want %d", a.name, a.method, a.path, a.by.name, got, a.status)
	}
	if got.Status >= 400 {
		w.wellFormed(t, got, scenario{code: a.code, fields: a.fields})
		seen := map[string]bool{}
		for _, f := range got.problem(t).Errors {
			if seen[f.Path] {
				t.Errorf("%s: two entries of %q: %s", a.name, f.Path, got)
			}
			seen[f.Path] = true
		}
	}
	unchanged(t, before, after)
	return got
}

// allowed is the opposite.
func (w *world) allowed(t *testing.T, by *principal, method, path string, body any, h ...headers) answer {
	t.Helper()
	if by == nil {
		by = w.people["none"]
	}
	got := w.askAs(by, method, path, body, h...)
	if got.Status >= 300 {
		t.Fatalf("%s %s by %s: %.600s", method, path, by.name, got)
	}
	return got
}

func (w *world) forgive() { must(w.t, w.first.Store.Raw(w.t.Context(), "DELETE FROM attempts")) }

// later moves the clock on; whoever is not fresh any more signs in again.
func (w *world) later(d time.Duration) { w.first.Clock.Set(w.first.Clock.Now().Add(d)) }

// TestInvitationsAreSpent holds that a code is taken once, by the day it lapses,
// and not after it was taken back; and that the code of nothing says nothing.
func TestInvitationsAreSpent(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		body := func(code string) object { return object{"code": code, "name": "Guest", "password": password2} }
		spent := func(name, code string) {
			for _, path := range []string{"invitations/look", "invitations/accept"} {
				w.refused(t, attempt{name: name, method: "POST", path: path, body: map[string]any{"invitations/look": object{"code": code}, "invitations/accept": body(code)}[path], status: 410, code: "invitation_spent"})
			}
		}
		fresh := func() offer { clear(w.kept); return w.offer(w.side(byOwn, w.people["none"])) }

		once := fresh()
		w.allowed(t, nil, "POST", "invitations/accept", body(once.code))
		spent("used before", once.code)
		back := fresh()
		w.allowed(t, w.people["union_officer"], "DELETE", "invitations/"+back.id, nil)
		spent("taken back", back.code)
		w.refused(t, attempt{name: "taking back twice", by: w.people["union_officer"], method: "DELETE", path: "invitations/" + back.id, status: 410, code: "invitation_spent"})
		old := fresh()
		w.later((models.InvitationDays*24 + 1) * time.Hour)
		spent("lapsed", old.code)
		for _, code := range []string{"none", strings.Repeat("x", 100), "'; --", old.id} {
			w.refused(t, attempt{name: "no code", method: "POST", path: "invitations/accept", body: body(code), status: 422, code: "invalid", fields: []string{"code"}})
			w.forgive()
		}
		// An invitation is to an address: whoever signs in with another is not asked.
		theirs := fresh()
		w.refused(t, attempt{name: "another's", by: w.people["cdo"], method: "POST", path: "invitations/accept", body: object{"code": theirs.code}, status: 403, code: "invitation_elsewhere"})
		w.refused(t, attempt{name: "a weak password", method: "POST", path: "invitations/accept", body: object{"code": theirs.code, "name": "Guest", "password": "short"}, status: 422, code: "invalid", fields: []string{"password"}})
		w.refused(t, attempt{name: "a common password", method: "POST", path: "invitations/accept", body: object{"code": theirs.code, "name": "Guest", "password": "password1234"}, status: 422, code: "invalid", fields: []string{"password"}})
		w.refused(t, attempt{name: "no name", method: "POST", path: "invitations/accept", body: object{"code": theirs.code, "password": password2}, status: 422, code: "invalid", fields: []string{"name"}})
		w.allowed(t, nil, "POST", "invitations/accept", body(theirs.code))
	})
}

// mailed is a code as it comes in a mail.
func (w *world) mailed(a models.Actor, purpose models.CodePurpose) string {
	code, hash := auth.NewCode()
	now := w.first.Clock.Now().UTC()
	c := models.MailedCode{ID: uuid.Must(uuid.NewV7()).String(), UserID: a.UserID, Purpose: purpose, Email: a.Email, Hash: &hash, ExpiresAt: now.Add(time.Hour), CreatedAt: now}
	w.within(func(tx *store.Tx) error { return tx.ReplaceMailedCode(w.t.Context(), c) })
	return code
}

// TestMailedCodesAreTakenOnce holds that a code is for one purpose, one person
// and one use, within its hour; and that a reset ends what the old password opened.
func TestMailedCodesAreTakenOnce(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		hr, manager := w.people["hr"], w.people["manager"]
		reset := func(code string) object { return object{"code": code, "password": password2} }
		wrong := func(name string, by *principal, path string, body object) {
			t.Helper()
			w.refused(t, attempt{name: name, by: by, method: "POST", path: path, body: body, status: 422, code: "invalid", fields: []string{"code"}})
			w.forgive()
		}
		wrong("a code of another purpose", nil, "password-resets/complete", reset(w.mailed(hr.actor, models.VerifyEmail)))
		wrong("a reset code for an address", hr, "account/email/confirm", object{"code": w.mailed(hr.actor, models.ResetPassword)})
		wrong("another's code", manager, "account/email/confirm", object{"code": w.mailed(hr.actor, models.VerifyEmail)})
		first := w.mailed(hr.actor, models.ResetPassword)
		code := w.mailed(hr.actor, models.ResetPassword)
		wrong("not the newest code", nil, "password-resets/complete", reset(first))
		w.refused(t, attempt{name: "a weak password", method: "POST", path: "password-resets/complete", body: object{"code": code, "password": "short"}, status: 422, code: "invalid", fields: []string{"password"}})

		cookie, token := w.credentials(hr), headers{"Authorization": w.as(hr.actor)}
		w.allowed(t, nil, "POST", "password-resets/complete", reset(code))
		for _, h := range []headers{cookie, token} {
			if got := w.askAs(w.people["none"], "GET", "me", nil, h); got.Status != 401 {
				t.Errorf("what the old password opened still opens: %s", got)
			}
		}
		wrong("a code used before", nil, "password-resets/complete", reset(code))
		late := w.mailed(manager.actor, models.ResetPassword)
		w.later(time.Hour + time.Second)
		wrong("an hour late", nil, "password-resets/complete", reset(late))
		if old, fresh := w.askAs(w.people["none"], "POST", "session", object{"email": hr.email, "password": registertest.Password}), w.askAs(w.people["none"], "POST", "session", object{"email": hr.email, "password": password2}); old.Status != 401 || fresh.Status != 200 {
			t.Errorf("the old password: %s; the new one: %s", old, fresh)
		}
		// Asking for a code says nothing of whether there is an account.
		known, unknown := w.allowed(t, nil, "POST", "password-resets", object{"email": manager.email}), w.allowed(t, nil, "POST", "password-resets", object{"email": "nobody@tywi.example"})
		if shape(known, "") != shape(unknown, "") {
			t.Errorf("%s and %s", known, unknown)
		}
	})
}

// TestOneTimeCodesAreTakenOnce holds that a code passes once within its window,
// and a recovery code once for ever.
func TestOneTimeCodesAreTakenOnce(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		p := w.people["assurer"]
		made := into[api.NewTOTP](t, w.allowed(t, p, "POST", "account/totp", nil))
		code := func() string { return need(totp.GenerateCode(made.Secret, w.first.Clock.Now()))(t) }
		w.refused(t, attempt{name: "a wrong first code", by: p, method: "POST", path: "account/totp/confirm", body: object{"code": "000000"}, status: 422, code: "invalid", fields: []string{"code"}})
		first := code()
		codes := into[api.RecoveryCodes](t, w.allowed(t, p, "POST", "account/totp/confirm", object{"code": first})).Codes
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		in := func(code string) object {
			return object{"email": p.email, "password": registertest.Password, "code": code}
		}
		w.refused(t, attempt{name: "the code that confirmed", method: "POST", path: "session", body: in(first), status: 401, code: "bad_code"})
		w.refused(t, attempt{name: "no code", method: "POST", path: "session", body: object{"email": p.email, "password": registertest.Password}, status: 401, code: "second_factor_required"})
		w.later(31 * time.Second)
		once := code()
		w.allowed(t, nil, "POST", "session", in(once))
		w.refused(t, attempt{name: "a code twice", method: "POST", path: "session", body: in(once), status: 401, code: "bad_code"})
		w.refused(t, attempt{name: "a code twice, to prove", by: p, method: "POST", path: "session/prove", body: object{"password": registertest.Password, "code": once}, status: 401, code: "bad_code"})
		w.forgive()
		w.allowed(t, nil, "POST", "session", in(codes[0]))
		w.refused(t, attempt{name: "a recovery code twice", method: "POST", path: "session", body: in(codes[0]), status: 401, code: "bad_code"})
		w.refused(t, attempt{name: "another's recovery code", method: "POST", path: "session", body: object{"email": w.people["hr"].email, "password": "wrong", "code": codes[1]}, status: 401, code: "bad_credentials"})
		w.later(31 * time.Second)
		again := into[api.RecoveryCodes](t, w.allowed(t, p, "POST", "account/recovery-codes", nil)).Codes
		w.refused(t, attempt{name: "a recovery code that was replaced", method: "POST", path: "session", body: in(codes[1]), status: 401, code: "bad_code"})
		w.allowed(t, nil, "POST", "session", in(again[0]))
		w.refused(t, attempt{name: "a second secret", by: p, method: "POST", path: "account/totp", status: 409, code: "totp_exists"})
	})
}

// TestTokensAreNoWiderThanTheirMaker holds that nobody puts into a token what
// they may not do, what no token may, or what is no act.
func TestTokensAreNoWiderThanTheirMaker(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		for _, a := range []struct {
			name, by, path string
			scopes         []string
			fields         []string
		}{
			{"a scope the maker lacks", "union_rep", "tokens", []string{"notice.serve"}, []string{"scopes[0]"}},
			{"one of two the maker lacks", "hr", "tokens", []string{"job_role.add", "comment.make"}, []string{"scopes[1]"}},
			{"all of a noun the maker has none of", "scrutiny", "tokens", []string{"job_role.*"}, []string{"scopes"}},
			{"an unknown scope", "cdo", "tokens", []string{"gate.open"}, []string{"scopes[0]"}},
			{"an unknown noun", "cdo", "tokens", []string{"door.*"}, []string{"scopes[0]"}},
			{"everything", "cdo", "tokens", []string{"*"}, []string{"scopes[0]"}},
			{"everything, in two", "cdo", "tokens", []string{"*.*"}, []string{"scopes[0]"}},
			{"half an act", "cdo", "tokens", []string{"gate.r*"}, []string{"scopes[0]"}},
			{"an empty scope", "cdo", "tokens", []string{""}, []string{"scopes[0]"}},
			{"what only a person may", "cdo", "tokens", []string{"token.issue"}, []string{"scopes[0]"}},
			{"what only a person may, with a star", "cdo", "tokens", []string{"account.change"}, []string{"scopes[0]"}},
			{"a service account without a scope", "cdo", "service-accounts", nil, []string{"scopes"}},
			{"a service account that serves", "cdo", "service-accounts", []string{"notice.serve"}, []string{"scopes[0]"}},
			{"a service account with what its maker lacks", "admin", "service-accounts", []string{"deployment.register"}, []string{"scopes[0]"}},
			{"a service account with everything", "cdo", "service-accounts", []string{"*"}, []string{"scopes[0]"}},
		} {
			body := object{"name": "pipeline", "days": 1}
			if a.scopes != nil {
				body["scopes"] = a.scopes
			}
			w.refused(t, attempt{name: a.name, by: w.people[a.by], method: "POST", path: a.path, body: body, status: 422, code: "invalid", fields: a.fields})
		}
		// A role that is withheld lends its acts to no token.
		w.refused(t, attempt{name: "a scope of a role that is withheld", by: w.people["unproven"], method: "POST", path: "tokens", body: object{"name": "x", "days": 1, "scopes": []string{"deployment.register"}}, status: 403, code: "second_factor_needed"})
		for _, name := range []string{"cdo_token", "gate_token", "area_token", "service"} {
			for _, path := range []string{"tokens", "service-accounts"} {
				w.refused(t, attempt{name: "a token that would make another", by: w.people[name], method: "POST", path: path, body: object{"name": "x", "days": 1, "scopes": []string{"gate.read"}}, status: 403, code: "forbidden"})
			}
		}
	})
}

// TestAnotherOrganisationIsNone holds that signing in to an organisation that
// one does not belong to is as good as a wrong password, and as one that does
// not exist; and that a name in the address does not move whoever has signed in.
func TestAnotherOrganisationIsNone(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		hr := w.people["hr"]
		in := func(password, org string) answer {
			defer w.forgive()
			return w.refused(t, attempt{name: "signing in to " + org, method: "POST", path: "session", body: object{"email": hr.email, "password": password, "organisation": org}, status: 401, code: "bad_credentials"})
		}
		there, nowhere, wrong := in(registertest.Password, "other"), in(registertest.Password, "othe1"), in("wrong", "tywi")
		if shape(there, "") != shape(nowhere, "") || shape(there, "") != shape(wrong, "") {
			t.Errorf("the answers differ:\n%s\n%s\n%s", there, nowhere, wrong)
		}
		for _, org := range []string{"other", "othe1", w.second.Org.ID} {
			w.refused(t, attempt{name: "working for " + org, by: hr, method: "PUT", path: "session/organisation", body: object{"organisation": org}, status: 404, code: "not_found"})
		}
		w.madeAt(w.side(otherOrg, hr), models.StageFormative)
		for _, org := range []string{"other", "tywi", w.second.Org.ID, "nothing"} {
			for _, path := range []string{"organisation", "deployments", "unions", "me", "job-roles"} {
				if a, b := w.allowed(t, hr, "GET", path, nil), w.allowed(t, hr, "GET", path+"?organisation="+org, nil); !bytes.Equal(a.Body, b.Body) {
					t.Errorf("%s of %s: %.300s, want %.300s", path, org, b, a)
				}
			}
		}
	})
}

// TestASessionKnownBeforeIsWorthNothing holds that a token that somebody else
// could have planted, or has read before a proof, is never that of who signs in.
func TestASessionKnownBeforeIsWorthNothing(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		nobody, hr := w.people["none"], w.people["hr"]
		credentials := object{"email": hr.email, "password": registertest.Password}
		planted, set := cookieOf(w.allowed(t, nobody, "POST", "session/passkey/begin", nil))
		if !set || planted == "" {
			t.Fatal("a ceremony began without a session")
		}
		for _, fixed := range []string{planted, "made-up", strings.Repeat("A", 43)} {
			with := headers{"Cookie": cookieName + "=" + fixed}
			mine, _ := cookieOf(w.allowed(t, nobody, "POST", "session", credentials, with))
			if mine == "" || mine == fixed {
				t.Errorf("signed in under the token %q, known before", mine)
			}
			if got := w.askAs(nobody, "GET", "me", nil, with); got.Status != 401 {
				t.Errorf("the token known before is somebody's: %s", got)
			}
			proved, _ := cookieOf(w.allowed(t, nobody, "POST", "session/prove", object{"password": registertest.Password}, headers{"Cookie": cookieName + "=" + mine}))
			if proved == "" || proved == mine {
				t.Error("a proof leaves the token as it was")
			}
			if got := w.askAs(nobody, "GET", "me", nil, headers{"Cookie": cookieName + "=" + mine}); got.Status != 401 {
				t.Errorf("the token of before the proof is still somebody's: %s", got)
			}
			w.allowed(t, nobody, "DELETE", "session", nil, headers{"Cookie": cookieName + "=" + proved})
			if got := w.askAs(nobody, "GET", "me", nil, headers{"Cookie": cookieName + "=" + proved}); got.Status != 401 {
				t.Errorf("signed out, and still in: %s", got)
			}
		}
	})
}

// underWay sends a request, and does something else while its body is on its way.
func (w *world) underWay(cookie, method, path, body string, meanwhile func()) answer {
	r, wr := io.Pipe()
	req := httptest.NewRequestWithContext(w.t.Context(), method, "/api/v1/"+path, r)
	req.Header = http.Header{"Cookie": {cookieName + "=" + cookie}, "Content-Type": {"application/json"}}
	rec, done := httptest.NewRecorder(), make(chan struct{})
	go func() { w.handler.ServeHTTP(rec, req); close(done) }()
	// The first byte is taken once the session has been read.
	_, err := wr.Write([]byte(body[:1]))
	must(w.t, err)
	meanwhile()
	_, err = wr.Write([]byte(body[1:]))
	must(w.t, err)
	must(w.t, wr.Close())
	<-done
	return answer{rec.Code, rec.Header(), rec.Body.Bytes()}
}

// TestAnEndedSessionStaysEnded holds that a request under way does not bring
// back a session that was ended meanwhile, whatever the request does to it.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		hr, nobody := w.people["hr"], w.people["none"]
		for _, under := range []struct{ method, path, body string }{
			{"POST", "tokens", `{"name":"","days":1}`},
			{"PUT", "session/organisation", `{"organisation":"tywi"}`},
			{"POST", "session/prove", `{"password":"` + registertest.Password + `"}`},
		} {
			stolen, _ := cookieOf(w.allowed(t, nobody, "POST", "session", object{"email": hr.email, "password": registertest.Password}))
			got := w.underWay(stolen, under.method, under.path, under.body, func() { w.allowed(t, hr, "DELETE", "sessions", nil) })
			after, _ := cookieOf(got)
			for _, cookie := range []string{stolen, after} {
				if cookie == "" {
					continue
				}
				if me := w.askAs(nobody, "GET", "me", nil, headers{"Cookie": cookieName + "=" + cookie}); me.Status != 401 {
					t.Errorf("%s %s brought the session back (%s): %.300s", under.method, under.path, got, me)
				}
			}
		}
	})
}

// TestVersionsOfPeople holds that a change of a role, or of what is asked of
// accounts, names the version that it was made from.
func TestVersionsOfPeople(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		admin := w.people["admin"]
		m := w.member(w.side(ownOrg, admin))
		set := object{"secondFactorRoles": []string{}, "securityLogDays": 400, "invitationDays": 90}
		for _, target := range []struct {
			method, path string
			body         any
		}{
			{"POST", "memberships/" + m.ID + "/suspend", nil},
			{"POST", "memberships/" + m.ID + "/resume", nil},
			{"POST", "memberships/" + m.ID + "/end", nil},
			{"PUT", "access-settings", set},
		} {
			for tag, want := range map[string]struct {
				status int
				code   string
			}{"": {428, "version_required"}, `"77"`: {412, "stale_version"}, `1`: {412, "version_malformed"}, `*`: {412, "version_malformed"}, `"0"`: {412, "version_malformed"}} {
				h := headers{}
				if tag != "" {
					h["If-Match"] = tag
				}
				w.refused(t, attempt{name: "version " + tag, by: admin, method: target.method, path: target.path, body: target.body, headers: h, status: want.status, code: want.code})
			}
		}
		for name, bad := range map[string]object{
			"securityLogDays": set.with(object{"securityLogDays": 29}), "invitationDays": set.with(object{"invitationDays": 3651}),
			"secondFactorRoles[0]": set.with(object{"secondFactorRoles": []string{"king"}}), "secondFactorRoles[1]": set.with(object{"secondFactorRoles": []string{"hr", "hr"}}),
		} {
			w.refused(t, attempt{name: name, by: admin, method: "PUT", path: "access-settings", body: bad, headers: ifMatch(2), status: 422, code: "invalid", fields: []string{name}})
		}
		w.refused(t, attempt{name: "shutting oneself out", by: admin, method: "PUT", path: "access-settings", body: set.with(object{"secondFactorRoles": []string{"admin"}}), headers: ifMatch(2), status: 409, code: "second_factor_first"})
	})
}

// TestLending holds that a role is lent by who holds it, to another of the
// same side, from today at the earliest and for a year at most.
func TestLending(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		approver, officer := w.people["approver"], w.people["union_officer"]
		own, theirs := w.held(approver.actor).ID, w.held(officer.actor).ID
		lend := func(id, email, from, to string) (string, object) {
			return "memberships/" + id + "/delegate", object{"email": email, "from": from, "to": to}
		}
		for _, a := range []struct {
			name          string
			by            *principal
			id, to        string
			from, until   string
			status        int
			code, problem string
		}{
			{"to oneself", approver, own, approver.email, "2026-12-01", "2026-12-31", 422, "invalid", "email"},
			{"to the other side", approver, own, officer.email, "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"a union's to the employer", officer, theirs, approver.email, "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"to another union", officer, theirs, w.people["other_officer"].email, "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"to another organisation", approver, own, w.second.HR.Email, "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"to nobody", approver, own, "nobody@tywi.example", "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"to somebody who has left", approver, own, w.people["leaver"].email, "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"backwards", approver, own, w.borrower.Email, "2026-12-31", "2026-12-01", 422, "invalid", "to"},
			{"from yesterday", approver, own, w.borrower.Email, "2026-09-06", "2026-12-01", 422, "invalid", "from"},
			{"for more than a year", approver, own, w.borrower.Email, "2026-12-01", "2027-12-03", 422, "invalid", "to"},
			{"on no day", approver, own, w.borrower.Email, "", "2026-12-03", 422, "invalid", "from"},
			{"another's", approver, w.held(w.people["hr"].actor).ID, w.borrower.Email, "2026-12-01", "2026-12-31", 404, "not_found", ""},
			{"a role that is lent", w.people["delegate"], w.loan.ID, w.borrower.Email, "2026-12-01", "2026-12-31", 409, "not_yours_to_lend", ""},
			{"a role that is withheld", w.people["unproven"], w.held(w.people["unproven"].actor).ID, w.borrower.Email, "2026-12-01", "2026-12-31", 403, "second_factor_needed", ""},
		} {
			path, body := lend(a.id, a.to, a.from, a.until)
			var fields []string
			if a.problem != "" {
				fields = []string{a.problem}
			}
			w.refused(t, attempt{name: "lending " + a.name, by: a.by, method: "POST", path: path, body: body, status: a.status, code: a.code, fields: fields})
		}
	})
}

// TestTheLastOneStays holds that a union keeps an officer and an organisation
// an administrator, by whatever way the last would go.
func TestTheLastOneStays(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		for _, last := range []struct{ name, code string }{{"union_officer", "last_officer"}, {"other_officer", "last_officer"}, {"admin", "last_admin"}} {
			p := w.people[last.name]
			m := w.held(p.actor)
			for _, what := range []string{"suspend", "end"} {
				w.refused(t, attempt{name: what + " the last", by: p, method: "POST", path: "memberships/" + m.ID + "/" + what, headers: ifMatch(m.Version), status: 409, code: last.code})
			}
			w.refused(t, attempt{name: "removing the last", by: p, method: "DELETE", path: "users/" + p.actor.UserID, status: 409, code: last.code})
			w.refused(t, attempt{name: "the last removing themselves", by: p, method: "DELETE", path: "account", status: 409, code: last.code})
		}
	})
}

// TestAUnionsPeopleAreItsOwn holds that the employer's administrator brings in
// a union's first officer and no more, and that no union reaches another's people.
func TestAUnionsPeopleAreItsOwn(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		admin, unison, gmb := w.people["admin"], w.people["union_officer"], w.people["other_officer"]
		officer, rep := w.held(unison.actor), w.held(w.people["union_rep"].actor)
		union := w.first.Unison.ID
		for _, m := range []store.Member{officer, rep} {
			for _, what := range []string{"suspend", "end"} {
				w.refused(t, attempt{name: "an administrator and a union's role", by: admin, method: "POST", path: "memberships/" + m.ID + "/" + what, headers: ifMatch(m.Version), status: 403, code: "forbidden"})
				w.refused(t, attempt{name: "another union and its role", by: gmb, method: "POST", path: "memberships/" + m.ID + "/" + what, headers: ifMatch(m.Version), status: 404, code: "not_found"})
			}
			w.refused(t, attempt{name: "an administrator and a union's person", by: admin, method: "DELETE", path: "users/" + m.UserID, status: 403, code: "forbidden"})
			w.refused(t, attempt{name: "another union and its person", by: gmb, method: "DELETE", path: "users/" + m.UserID, status: 404, code: "not_found"})
		}
		invite := func(name string, by *principal, body object, status int, code string) {
			t.Helper()
			w.refused(t, attempt{name: name, by: by, method: "POST", path: "invitations", body: body.with(object{"email": "new@tywi.example"}), status: status, code: code})
		}
		invite("a second officer", admin, object{"role": "union_officer", "union": union}, 403, "forbidden")
		invite("a rep", admin, object{"role": "union_rep", "union": union}, 403, "forbidden")
		empty := need(w.first.AddUnion(t.Context(), w.first.Admin, "Unite", "Unite"))(t)
		invite("a rep of a union without officers", admin, object{"role": "union_rep", "union": empty.ID}, 403, "forbidden")
		first := w.allowed(t, admin, "POST", "invitations", object{"email": "first@tywi.example", "role": "union_officer", "union": empty.ID})
		invite("two first officers", admin, object{"role": "union_officer", "union": empty.ID}, 409, "first_officer_invited")
		invite("an employer's role, by a union", unison, object{"role": "hr"}, 403, "forbidden")
		invite("an administrator, by a union", unison, object{"role": "admin"}, 403, "forbidden")
		invite("another union's rep", gmb, object{"role": "union_rep", "union": union}, 403, "forbidden")
		invite("a union's role without a union", unison, object{"role": "union_rep"}, 403, "forbidden")
		invite("an employer's role for a union", admin, object{"role": "hr", "union": union}, 422, "invalid")
		invite("an area of a role that has none", admin, object{"role": "hr", "serviceArea": w.first.Area.ID}, 422, "invalid")
		invite("an unknown role", admin, object{"role": "service"}, 422, "invalid")
		invite("everybody", admin, object{"role": "person"}, 422, "invalid")

		theirs := w.offer(w.side(byOwn, unison))
		for name, status := range map[string]int{"other_officer": 404, "admin": 404, "union_rep": 403, "cdo": 403, "auditor": 403, "other_admin": 404} {
			w.refused(t, attempt{name: "revoking UNISON's invitation", by: w.people[name], method: "DELETE", path: "invitations/" + theirs.id, status: status})
		}
		for _, name := range []string{"other_officer", "admin", "auditor", "other_admin"} {
			if got := w.allowed(t, w.people[name], "GET", "invitations", nil); strings.Contains(string(got.Body), theirs.id) {
				t.Errorf("%s sees UNISON's invitation: %s", name, got)
			}
		}
		// The first officer's invitation is the administrator's own to take back.
		w.allowed(t, admin, "DELETE", "invitations/"+into[api.Invitation](t, first).ID, nil)

		// Of another union's people the administrator sees who speaks, and no address.
		people := into[api.List[api.Member]](t, w.allowed(t, gmb, "GET", "users", nil)).Items
		for _, m := range people {
			if m.Union != w.first.GMB.ID {
				t.Errorf("GMB's officer is shown %+v", m)
			}
		}
		for _, role := range []object{{"role": "cdo"}, {"role": "union_rep", "union": w.first.GMB.ID}} {
			w.refused(t, attempt{name: "granting beyond one's union", by: unison, method: "POST", path: "memberships", body: role.with(object{"email": w.people["union_rep"].email}), status: 403, code: "forbidden"})
		}
		w.refused(t, attempt{name: "a union's officer and an employer's role", by: admin, method: "POST", path: "memberships", body: object{"email": unison.email, "role": "cdo"}, status: 404, code: "not_found"}) // the other side is not told whose address it is
	})
}

// TestGuessingIsSlowed holds that five wrong passwords are free and the next
// must wait, for an address with an account and for one without, in the same
// words; and that the right password is taken once the wait is over.
func TestGuessingIsSlowed(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		hr, nobody := w.people["hr"], w.people["none"]
		try := func(email, password string) answer {
			return w.askAs(nobody, "POST", "session", object{"email": email, "password": password})
		}
		told := map[string][]string{}
		emails := []string{hr.email, "nobody@tywi.example", strings.ToUpper("nobody2@tywi.example")}
		for _, email := range emails {
			w.forgive()
			for i := range 7 {
				got := try(email, "wrong password")
				told[email] = append(told[email], fmt.Sprint(got.Status, " ", got.Header.Get("Retry-After")))
				if i < 5 && got.Status != 401 || i == 6 && got.Status != 429 {
					t.Errorf("attempt %d at %s: %s", i+1, email, got)
				}
				if got.Status != 429 {
					continue
				}
				w.wellFormed(t, got, scenario{code: "limited"})
				if wait, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 900 {
					t.Errorf("Retry-After: %q", got.Header.Get("Retry-After"))
				}
				if right := try(email, registertest.Password); right.Status != 429 {
					t.Errorf("the right password is told from a wrong one while it must wait: %s", right)
				}
			}
			if a, b := strings.Join(told[emails[0]], ", "), strings.Join(told[email], ", "); a != b {
				t.Errorf("an account answers %s, and none %s", a, b)
			}
		}
		t.Logf("seven wrong passwords: %s", strings.Join(told[hr.email], ", "))
		w.forgive()
		for range 7 {
			try(hr.email, "wrong password")
		}
		w.later(3 * time.Second)
		if got := try(hr.email, registertest.Password); got.Status != 200 {
			t.Errorf("after the wait: %s", got)
		}
		if got := try(hr.email, "wrong password"); got.Status != 401 {
			t.Errorf("a success did not clear the count: %s", got)
		}
		// Codes and proofs are counted too.
		w.forgive()
		limited := 0
		for i := range 40 { // by address alone: 30 are free
			if w.askAs(nobody, "POST", "invitations/look", object{"code": fmt.Sprint("guess ", i)}).Status == 429 {
				limited++
			}
		}
		w.forgive()
		for i := range 40 {
			if w.askAs(nobody, "POST", "password-resets/complete", object{"code": fmt.Sprint("guess ", i), "password": password2}).Status == 429 {
				limited++
			}
		}
		w.forgive()
		for range 10 {
			if w.askAs(hr, "POST", "session/prove", object{"password": "wrong"}).Status == 429 {
				limited++
			}
		}
		if limited < 20 {
			t.Errorf("only %d of 90 guesses had to wait", limited)
		}
	})
}

// TestNoKeyKeepsASecret holds that whatever key a request has, the answer that
// shows a token, a secret or codes once does not lie in the database.
func TestNoKeyKeepsASecret(t *testing.T) {
	t.Parallel()
	for engine, driver := range map[string]string{"sqlite": "sqlite", "postgres": "pgx"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.DSN(t, engine)
			s, err := store.Open(t.Context(), dsn)
			must(t, err)
			t.Cleanup(func() { must(t, s.Close()) })
			must(t, s.Prepare())
			w := newWorldOn(t, s)
			p := w.people["hr"]
			made := into[api.NewTOTP](t, w.allowed(t, p, "POST", "account/totp", nil, key("totp")))
			first := into[api.RecoveryCodes](t, w.allowed(t, p, "POST", "account/totp/confirm", object{"code": need(totp.GenerateCode(made.Secret, w.first.Clock.Now()))(t)}, key("confirm")))
			more := into[api.RecoveryCodes](t, w.allowed(t, p, "POST", "account/recovery-codes", nil, key("recovery")))
			token := into[api.IssuedToken](t, w.allowed(t, p, "POST", "tokens", object{"name": "x", "days": 1}, key("token")))
			service := into[api.IssuedToken](t, w.allowed(t, w.people["cdo"], "POST", "service-accounts", object{"name": "x", "days": 1, "scopes": []string{"gate.read"}}, key("service")))
			ceremony := w.allowed(t, w.people["cdo"], "POST", "account/passkeys/begin", nil, key("passkey"))
			w.allowed(t, w.people["admin"], "POST", "invitations", object{"email": "new@tywi.example", "role": "hr"}, key("invitation"))
			secrets := append(append([]string{made.Secret, token.Token, service.Token}, first.Codes...), more.Codes...)

			db, err := sql.Open(driver, dsn)
			must(t, err)
			defer db.Close()
			rows, err := db.QueryContext(t.Context(), "SELECT key, body FROM idempotency_keys")
			must(t, err)
			defer rows.Close()
			for rows.Next() {
				var k string
				var body []byte
				must(t, rows.Scan(&k, &body))
				if k != "invitation" {
					t.Errorf("the answer to the key %q was kept: %s", k, body)
				}
				for _, secret := range append(secrets, "challenge") {
					if bytes.Contains(body, []byte(secret)) {
						t.Errorf("the answer to the key %q holds a secret: %s", k, body)
					}
				}
			}
			must(t, rows.Err())
			if !bytes.Contains(ceremony.Body, []byte("challenge")) {
				t.Errorf("%s", ceremony)
			}
			if strings.Contains(w.log.String(), made.Secret) || strings.Contains(w.log.String(), token.Token) {
				t.Error("a secret was logged")
			}
		})
	}
}

// TestNothingIsHalfMade holds that a service account that is refused is not made.
func TestNothingIsHalfMade(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		for _, area := range []string{w.second.Area.ID, "nowhere"} {
			w.refused(t, attempt{name: "a service account for an area that is none", by: w.people["cdo"], method: "POST", path: "service-accounts", body: object{"name": "x", "days": 1, "scopes": []string{"gate.read"}, "serviceArea": area}, status: 404, code: "not_found"})
		}
		w.refused(t, attempt{name: "a service account for no days", by: w.people["cdo"], method: "POST", path: "service-accounts", body: object{"name": "x", "days": 0, "scopes": []string{"gate.read"}}, status: 422, code: "invalid"})
	})
}

// TestEverybodyLaysDownTheirOwn holds that a role can be laid down by who holds
// it, and taken back by who lent it, as EndMembership says.
func TestEverybodyLaysDownTheirOwn(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		if got := w.askAs(w.people["approver"], "POST", "memberships/"+w.loan.ID+"/end", nil, ifMatch(w.loan.Version)); got.Status != 200 {
			t.Errorf("taking back what one has lent: %s", got)
		}
		twin := w.twin(w.people["union_rep"])
		if got := w.askAs(twin, "POST", "memberships/"+w.held(twin.actor).ID+"/end", nil, ifMatch(1)); got.Status != 200 {
			t.Errorf("laying down one's own role: %s", got)
		}
	})
}

// TestAUnionDoesNotLearnWhoHasAnAccount holds that granting a role to somebody
// of the other side is answered as for an address without an account.
func TestAUnionDoesNotLearnWhoHasAnAccount(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		grant := func(email string) answer {
			return w.askAs(w.people["union_officer"], "POST", "memberships", object{"email": email, "role": "union_rep", "union": w.first.Unison.ID})
		}
		none := grant("nobody@tywi.example")
		for _, name := range []string{"cdo", "scrutiny", "admin", "other_officer"} {
			if got := grant(w.people[name].email); shape(got, "") != shape(none, "") {
				t.Errorf("%s: %s, and nobody: %s", name, got, none)
			}
		}
	})
}
