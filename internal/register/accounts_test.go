package register_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"beforehand/internal/notice"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// sentTo are the mails to one address so far, oldest first.
func sentTo(h *registertest.House, to string) []notice.Mail {
	var out []notice.Mail
	for _, m := range h.Outbox.Sent() {
		if m.To == to {
			out = append(out, m)
		}
	}
	return out
}

// working works the jobs until the test ends.
func working(t *testing.T, h *registertest.House) {
	t.Helper()
	ctx := t.Context()
	stop := need(h.Store.Work(ctx, h.Workers(), store.JobSettings{Workers: 10, FirstRetry: time.Second, Log: slog.New(slog.DiscardHandler)}))(t)
	t.Cleanup(func() { must(t, stop(context.WithoutCancel(ctx))) })
}

var codeInMail = regexp.MustCompile(`#code=([a-z2-7-]+)`)

// mailedCode waits for the next mail to an address that holds a code.
func mailedCode(t *testing.T, h *registertest.House, to string, nth int) string {
	t.Helper()
	var found []string
	waitFor(t, func() bool {
		found = nil
		for _, m := range sentTo(h, to) {
			if c := codeInMail.FindStringSubmatch(m.Text); c != nil {
				found = append(found, c[1])
			}
		}
		return len(found) >= nth
	})
	return found[nth-1]
}

var from = models.Origin{Address: "192.0.2.7", Agent: "a browser"}

func withPassword(email, password string) register.Credentials {
	return register.Credentials{Email: email, Password: password, Organisation: "tywi"}
}

// events are the kinds of the security log about somebody, newest first.
func events(t *testing.T, h *registertest.House, userID string) []models.SecurityKind {
	t.Helper()
	rows, _, err := h.SecurityEvents(t.Context(), h.Auditor, register.SecurityQuery{User: userID}, register.Page{Limit: 100})
	must(t, err)
	kinds := make([]models.SecurityKind, len(rows))
	for i, e := range rows {
		kinds[i] = e.Kind
	}
	return kinds
}

// enrol gives somebody one-time codes, and gives their secret and recovery codes.
func enrol(t *testing.T, h *registertest.House, a models.Actor) (secret string, recovery []string) {
	t.Helper()
	made := need(h.BeginTOTP(t.Context(), a))(t)
	recovery = need(h.ConfirmTOTP(t.Context(), a, oneTime(t, h, made.Secret)))(t)
	return made.Secret, recovery
}

func oneTime(t *testing.T, h *registertest.House, secret string) string {
	t.Helper()
	return need(totp.GenerateCode(secret, h.Clock.Now()))(t)
}

func TestOneTimeCodes(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		secret, recovery := enrol(t, h, h.CDO)
		if len(recovery) != 10 {
			t.Fatalf("%d recovery codes", len(recovery))
		}
		signIn := func(given string) error {
			in := withPassword("cdo@tywi.example", registertest.Password)
			in.Code = given
			who, err := h.SignIn(ctx, from, in)
			if err == nil && who.SecondFactor != (given != "") {
				t.Error("two factors were given and one counts")
			}
			return err
		}
		code(t, signIn(""), "second_factor_required")
		code(t, signIn("000000"), "bad_code")
		h.Clock.Set(h.Clock.Now().Add(time.Minute))
		now := oneTime(t, h, secret)
		must(t, signIn(now))
		code(t, signIn(now), "bad_code") // in its own window, once is enough
		must(t, signIn(recovery[3]))
		code(t, signIn(recovery[3]), "bad_code")
		must(t, signIn(" "+strings.ToUpper(recovery[4])+" "))
		code(t, signIn(strings.Replace(recovery[5], recovery[5][:3], "aaa", 1)), "bad_code")
		if _, err := h.BeginTOTP(ctx, h.CDO); models.CodeOf(err) != "totp_exists" {
			t.Errorf("a second secret: %v", err)
		}
		f := need(h.Factors(ctx, h.CDO))(t)
		if !f.OneTimeCodes || f.RecoveryCodes != 8 {
			t.Errorf("%+v", f)
		}
		must(t, h.RemoveTOTP(ctx, h.CDO))
		must(t, signIn(""))
		if f := need(h.Factors(ctx, h.CDO))(t); f.OneTimeCodes || f.RecoveryCodes != 0 {
			t.Errorf("without codes: %+v", f)
		}
	})
}

// TestASecretOpensForItsOwnerOnly: a sealed secret copied to another row is
// worth nothing there.
func TestASecretOpensForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	secret, _ := enrol(t, h, h.CDO)
	row := need(h.Store.TOTP(ctx, h.CDO.UserID))(t)
	if strings.Contains(row.Secret, secret) {
		t.Fatal("the secret lies open")
	}
	row.UserID = h.HR.UserID
	must(t, h.Store.Within(ctx, func(tx *store.Tx) error { return tx.Add(ctx, &row) }))
	in := withPassword("hr@tywi.example", registertest.Password)
	h.Clock.Set(h.Clock.Now().Add(time.Minute))
	in.Code = oneTime(t, h, secret)
	if _, err := h.SignIn(ctx, from, in); err == nil {
		t.Error("a copied secret let somebody in")
	}
}

// TestTheSixthGuessWaits: the same for an account that exists and one that
// does not, and the right password waits as well.
func TestTheSixthGuessWaits(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		for _, email := range []string{"cdo@tywi.example", "nobody@tywi.example"} {
			for range 5 {
				_, err := h.SignIn(ctx, from, withPassword(email, "not the password"))
				code(t, err, "bad_credentials")
			}
			_, err := h.SignIn(ctx, from, withPassword(email, registertest.Password))
			code(t, err, "limited")
		}
		h.Clock.Set(h.Clock.Now().Add(3 * time.Second))
		must(t, second(h.SignIn(ctx, from, withPassword("cdo@tywi.example", registertest.Password))))
		for range 4 { // and the count has begun again
			_, err := h.SignIn(ctx, from, withPassword("cdo@tywi.example", "not the password"))
			code(t, err, "bad_credentials")
		}
		must(t, second(h.SignIn(ctx, from, withPassword("cdo@tywi.example", registertest.Password))))
		kinds := events(t, h, h.CDO.UserID)
		if kinds[0] != "session.begin" || kinds[1] != "session.refused" {
			t.Errorf("the log says %v", kinds)
		}
	})
}

func TestAForgottenPassword(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		working(t, h)
		_, token, err := h.IssueToken(ctx, h.CDO, register.NewToken{Name: "x", Days: 1})
		must(t, err)
		must(t, h.AskReset(ctx, from, "CDO@tywi.example "))
		must(t, h.AskReset(ctx, from, "nobody@tywi.example"))
		first := mailedCode(t, h, "cdo@tywi.example", 1)
		must(t, h.AskReset(ctx, from, "cdo@tywi.example"))
		latest := mailedCode(t, h, "cdo@tywi.example", 2)
		wrong(t, h.Reset(ctx, from, first, "a pocketful of slate"), "code") // a newer one has taken its place
		wrong(t, h.Reset(ctx, from, latest, "password1234"), "password")    // and the code is not used up
		must(t, h.Reset(ctx, from, latest, "a pocketful of slate"))
		wrong(t, h.Reset(ctx, from, latest, "another pocketful"), "code")
		_, err = h.SignIn(ctx, from, withPassword("cdo@tywi.example", registertest.Password))
		code(t, err, "bad_credentials")
		must(t, second(h.SignIn(ctx, from, withPassword("cdo@tywi.example", "a pocketful of slate"))))
		if row := need(s.TokenByID(ctx, h.Org.ID, h.CDO.UserID, token.ID))(t); row.RevokedAt == nil {
			t.Error("a token outlived the password")
		}
		must(t, h.AskReset(ctx, from, "cdo@tywi.example"))
		late := mailedCode(t, h, "cdo@tywi.example", 3)
		h.Clock.Set(h.Clock.Now().Add(time.Hour + time.Second))
		wrong(t, h.Reset(ctx, from, late, "yet another pocketful"), "code")
		if len(sentTo(h, "nobody@tywi.example")) > 0 {
			t.Error("somebody without an account was written to")
		}
	})
}

// wrong fails unless the error is about one field.
func wrong(t *testing.T, err error, path string) {
	t.Helper()
	if e, ok := errors.AsType[*models.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Path != path {
		t.Errorf("%v, want one about %s", err, path)
	}
}

func TestAnAddressIsVerified(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	working(t, h)
	must(t, h.ChangeEmail(ctx, h.HR, "Gweithlu@tywi.example"))
	mailed := mailedCode(t, h, "gweithlu@tywi.example", 1)
	_, err := h.ConfirmEmail(ctx, h.CDO, mailed)
	wrong(t, err, "code") // another's code is no code
	u := need(h.ConfirmEmail(ctx, h.HR, mailed))(t)
	if u.Email != "gweithlu@tywi.example" || u.EmailVerifiedAt == nil {
		t.Errorf("%+v", u)
	}
	waitFor(t, func() bool { return len(sentTo(h, "hr@tywi.example")) == 1 }) // the old address is told
	must(t, h.ChangeEmail(ctx, h.Manager, "cdo@tywi.example"))
	_, err = h.ConfirmEmail(ctx, h.Manager, mailedCode(t, h, "cdo@tywi.example", 1))
	wrong(t, err, "email") // it is somebody's already
}

func TestInvitations(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		working(t, h)
		prospect := need(h.AddUnion(ctx, h.Admin, "Prospect", "Prospect"))(t)
		officer := register.Hat{Role: models.RoleUnionOfficer, UnionID: prospect.ID}
		_, err := h.Invite(ctx, h.Admin, register.NewInvitation{Email: "rep@prospect.example", Hat: register.Hat{Role: models.RoleUnionRep, UnionID: prospect.ID}})
		code(t, err, "forbidden") // the first is an officer
		v := need(h.Invite(ctx, h.Admin, register.NewInvitation{Email: "First@prospect.example", Name: "Ffion", Hat: officer}))(t)
		if v.InvitedByName != "Ada Admin" || v.UnionAbbrev != "Prospect" || v.ExpiresAt.Sub(v.CreatedAt) != 7*24*time.Hour {
			t.Errorf("%+v", v)
		}
		_, err = h.Invite(ctx, h.Admin, register.NewInvitation{Email: "second@prospect.example", Hat: officer})
		code(t, err, "first_officer_invited")
		mailed := mailedCode(t, h, "first@prospect.example", 1)
		if seen := need(h.Invitation(ctx, from, mailed))(t); seen.ID != v.ID {
			t.Error("another invitation")
		}
		accept := register.Acceptance{Code: mailed, Name: "Ffion Prospect", Password: "a pocketful of slate", Language: models.Welsh}
		who := need(h.Accept(ctx, from, accept))(t)
		_, err = h.Accept(ctx, from, accept)
		code(t, err, "invitation_spent")
		a := need(h.ActorOf(ctx, who.UserID, who.OrgID))(t)
		if !a.Has(models.RoleUnionOfficer) || len(a.Unions()) != 1 || a.Unions()[0] != prospect.ID {
			t.Errorf("%+v", a)
		}
		_, err = h.Invite(ctx, h.Admin, register.NewInvitation{Email: "third@prospect.example", Hat: officer})
		code(t, err, "forbidden") // from here on the union invites
		own := need(h.Invite(ctx, a, register.NewInvitation{Email: "rep@prospect.example", Hat: register.Hat{Role: models.RoleUnionRep, UnionID: prospect.ID}}))(t)
		_, err = h.Invite(ctx, a, register.NewInvitation{Email: "spy@tywi.example", Hat: register.Hat{Role: models.RoleCDO}})
		code(t, err, "forbidden")
		theirs := mailedCode(t, h, "rep@prospect.example", 1)
		code(t, h.RevokeInvitation(ctx, h.OtherOfficer, own.ID), "not_found")
		code(t, h.RevokeInvitation(ctx, h.Admin, own.ID), "not_found")
		for _, i := range need(h.Invitations(ctx, h.Admin))(t) {
			if i.ID == own.ID {
				t.Error("the employer sees whom the union invites")
			}
		}
		must(t, h.RevokeInvitation(ctx, a, own.ID))
		_, err = h.Accept(ctx, from, register.Acceptance{Code: theirs, Name: "R", Password: "a pocketful of slate"})
		code(t, err, "invitation_spent")

		need(h.Invite(ctx, h.Admin, register.NewInvitation{Email: "late@tywi.example", Hat: register.Hat{Role: models.RoleHR}}))(t)
		lapsed := mailedCode(t, h, "late@tywi.example", 1)
		need(h.Invite(ctx, h.Admin, register.NewInvitation{Email: "cdo@tywi.example", Hat: register.Hat{Role: models.RoleHR}}))(t)
		mine := mailedCode(t, h, "cdo@tywi.example", 1)
		_, err = h.Accept(ctx, from, register.Acceptance{Code: mine, Name: "Thief", Password: "a pocketful of slate"})
		code(t, err, "account_exists")
		_, err = h.AcceptAs(ctx, h.HR, mine)
		code(t, err, "invitation_elsewhere")
		must(t, second(h.AcceptAs(ctx, h.CDO, mine)))
		h.Clock.Set(h.Clock.Now().AddDate(0, 0, 7))
		_, err = h.Accept(ctx, from, register.Acceptance{Code: lapsed, Name: "L", Password: "a pocketful of slate"})
		code(t, err, "invitation_spent")
	})
}

// TestAnInvitationIsAsGoodAsItsSender: whoever may not give the role any more
// gives none.
func TestAnInvitationIsAsGoodAsItsSender(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	working(t, h)
	must(t, h.GrantRole(ctx, h.Officer, h.Rep.Email, register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}))
	rep := need(h.ActorOf(ctx, h.Rep.UserID, h.Org.ID))(t)
	need(h.Invite(ctx, rep, register.NewInvitation{Email: "friend@unison.example", Hat: register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}}))(t)
	mailed := mailedCode(t, h, "friend@unison.example", 1)
	for _, m := range need(h.Members(ctx, h.Officer))(t) {
		if m.UserID == h.Rep.UserID && m.Role == models.RoleUnionOfficer {
			must(t, second(h.EndMembership(ctx, h.Officer, m.ID, m.Version)))
		}
	}
	_, err := h.Accept(ctx, from, register.Acceptance{Code: mailed, Name: "Friend", Password: "a pocketful of slate"})
	code(t, err, "invitation_spent")
}

func TestASecondFactorByRole(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	set := models.DefaultAccessSettings("")
	set.SecondFactorRoles = []models.Role{models.RoleCDO, models.RoleAdmin}
	_, err := h.ConfigureAccess(ctx, h.Admin, 0, set)
	code(t, err, "second_factor_first") // or the administrator would be shut out
	enrol(t, h, h.Admin)
	must(t, second(h.ConfigureAccess(ctx, h.Admin, 0, set)))
	in := models.SignIn{UserID: h.CDO.UserID, OrgID: h.Org.ID, At: h.Now()}
	a := need(h.ActorOfSession(ctx, in))(t)
	if len(a.Grants) != 0 || len(a.Withheld) != 1 {
		t.Errorf("without a second factor: %+v", a)
	}
	_, err = h.RegisterDeployment(ctx, a, register.Registration{Record: h.Record()})
	code(t, err, "not_found")
	enrol(t, h, a) // one's own account is open
	in.SecondFactor = true
	if a := need(h.ActorOfSession(ctx, in))(t); len(a.Grants) != 1 || len(a.Withheld) != 0 || a.Lapsed {
		t.Errorf("with it: %+v", a)
	}
	h.Clock.Set(h.Clock.Now().Add(models.FreshFor))
	if a := need(h.ActorOfSession(ctx, in))(t); !a.Lapsed {
		t.Error("ten minutes later it is not fresh")
	}
}

func TestFourEyesAreTwoPeoples(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d := h.Formative(t)
		today := models.DateOf(h.Now(), h.Org.Location())
		role := func(a models.Actor, role models.Role) string {
			for _, m := range need(h.Members(ctx, h.Auditor))(t) {
				if m.UserID == a.UserID && m.Role == role && !m.Delegated() {
					return m.ID
				}
			}
			return ""
		}
		must(t, second(h.Delegate(ctx, h.Approver, role(h.Approver, models.RoleApprover), h.HR.Email, today, today+7)))
		deputy := need(h.ActorOf(ctx, h.HR.UserID, h.Org.ID))(t)
		if !deputy.Has(models.RoleApprover) {
			t.Fatal("the deputy does not wear the role")
		}
		// The approver asks and their deputy signs: one pair of eyes.
		mine := need(h.RequestOverride(ctx, h.Approver, d.Ref, models.StageNoticed, "Emergency", today+10))(t)
		_, err := h.SignOverride(ctx, deputy, mine.ID, 1)
		code(t, err, "override_same_person")
		// The deputy asks and the approver signs: the same pair.
		theirs := need(h.RequestOverride(ctx, deputy, d.Ref, models.StageNoticed, "Emergency", today+10))(t)
		_, err = h.SignOverride(ctx, h.Approver, theirs.ID, 1)
		code(t, err, "override_same_person")
		// The digital officer asks and the deputy signs: two pairs.
		other := need(h.RequestOverride(ctx, h.CDO, d.Ref, models.StageNoticed, "Emergency", today+10))(t)
		must(t, second(h.SignOverride(ctx, deputy, other.ID, 1)))
		h.Clock.Set(h.Clock.Now().AddDate(0, 0, 8))
		if a := need(h.ActorOf(ctx, h.HR.UserID, h.Org.ID))(t); a.Has(models.RoleApprover) {
			t.Error("the days are over and the role is worn")
		}
	})
}

func TestALoanEndsWithItsLender(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	today := models.DateOf(h.Now(), h.Org.Location())
	var approver register.MemberView
	for _, m := range need(h.Members(ctx, h.Admin))(t) {
		if m.UserID == h.Approver.UserID {
			approver = m
		}
	}
	lent := need(h.Delegate(ctx, h.Approver, approver.ID, h.HR.Email, today, today+7))(t)
	hr := need(h.ActorOf(ctx, h.HR.UserID, h.Org.ID))(t)
	_, err := h.Delegate(ctx, hr, lent.ID, h.CDO.Email, today, today+7)
	code(t, err, "not_yours_to_lend")
	_, err = h.Delegate(ctx, h.Approver, approver.ID, h.Officer.Email, today, today+7)
	code(t, err, "not_found") // the other side is not there to lend to
	_, err = h.Delegate(ctx, h.CDO, approver.ID, h.HR.Email, today, today+7)
	code(t, err, "not_found") // nor is another's role to lend
	must(t, second(h.SuspendMembership(ctx, h.Admin, approver.ID, approver.Version)))
	if a := need(h.ActorOf(ctx, h.HR.UserID, h.Org.ID))(t); a.Has(models.RoleApprover) {
		t.Error("the lender is suspended and the loan runs on")
	}
}

func TestWhoLeaves(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d := h.Formative(t)
		c := need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput("Caseloads must not rise.")))(t)
		of := func(a models.Actor) register.MemberView {
			for _, m := range need(h.Members(ctx, h.Auditor))(t) {
				if m.UserID == a.UserID {
					return m
				}
			}
			return register.MemberView{}
		}
		_, err := h.EndMembership(ctx, h.Officer, of(h.Officer).ID, 1)
		code(t, err, "last_officer")
		code(t, h.RemoveAccount(ctx, h.Officer), "last_officer")
		_, err = h.EndMembership(ctx, h.Admin, of(h.Officer).ID, 1)
		code(t, err, "forbidden") // the employer ends no union's people
		code(t, h.RemoveUser(ctx, h.Admin, h.Officer.UserID), "forbidden")
		code(t, h.RemoveUser(ctx, h.OtherOfficer, h.Officer.UserID), "not_found")
		_, err = h.EndMembership(ctx, h.Admin, of(h.Admin).ID, 1)
		code(t, err, "last_admin")
		must(t, h.GrantRole(ctx, h.Officer, h.Rep.Email, register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}))
		before := need(s.LedgerSize(ctx, h.Org.ID))(t)
		leaves := need(allLeaves(ctx, s, h.Org.ID))(t)
		must(t, h.RemoveAccount(ctx, h.Officer))
		after := need(allLeaves(ctx, s, h.Org.ID))(t)
		if int64(len(after)) != before+1 {
			t.Errorf("%d entries after %d", len(after), before)
		}
		for i := range leaves {
			if leaves[i] != after[i] {
				t.Fatalf("entry %d of the ledger has another hash", i)
			}
		}
		_, err = h.SignIn(ctx, from, withPassword("unison@tywi.example", registertest.Password))
		code(t, err, "bad_credentials")
		rep := need(h.ActorOf(ctx, h.Rep.UserID, h.Org.ID))(t)
		v := need(h.Comment(ctx, rep, c.ID))(t)
		if v.AuthorName != "UNISON officer / swyddog UNISON" || v.Body != "Caseloads must not rise." {
			t.Errorf("written by %q: %q", v.AuthorName, v.Body)
		}
		// The address is free for somebody else.
		need(h.AddUser(ctx, rep, register.NewUser{Email: "unison@tywi.example", Name: "Next", Password: registertest.Password, Hat: register.Hat{Role: models.RoleUnionRep, UnionID: h.Unison.ID}}))(t)
	})
}

func allLeaves(ctx context.Context, s *store.Store, org string) ([]string, error) {
	rows, err := s.LedgerEntries(ctx, org, 0, 1<<20)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = string(r.Leaf)
	}
	return out, err
}

func TestTheSecurityLogOfAUnionIsItsOwn(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	for _, email := range []string{"unison@tywi.example", "gmb@tywi.example", "cdo@tywi.example"} {
		must(t, second(h.SignIn(ctx, from, withPassword(email, registertest.Password))))
	}
	see := func(a models.Actor) map[string]string {
		rows, _, err := h.SecurityEvents(ctx, a, register.SecurityQuery{Kind: "session.begin"}, register.Page{Limit: 50})
		must(t, err)
		out := map[string]string{}
		for _, e := range rows {
			out[e.Name] = e.Address
		}
		return out
	}
	if got := see(h.Officer); len(got) != 1 || got["unison"] != from.Address {
		t.Errorf("UNISON's officer sees %v", got)
	}
	if got := see(h.Auditor); len(got) != 3 || got["unison"] != "" || got["cdo"] != from.Address {
		t.Errorf("the auditor sees %v", got)
	}
	_, _, err := h.SecurityEvents(ctx, h.Admin, register.SecurityQuery{}, register.Page{Limit: 50})
	code(t, err, "not_found")
}

func TestRetention(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		must(t, second(h.SignIn(ctx, from, withPassword("cdo@tywi.example", registertest.Password))))
		need(h.Invite(ctx, h.Admin, register.NewInvitation{Email: "guest@tywi.example", Hat: register.Hat{Role: models.RoleHR}}))(t)
		if p := need(h.RetentionPreview(ctx, h.Auditor))(t); p.Events.Count+p.Invitations.Count != 0 {
			t.Errorf("on the first day: %+v", p)
		}
		h.Clock.Set(h.Clock.Now().AddDate(0, 0, 401))
		p := need(h.RetentionPreview(ctx, h.Auditor))(t)
		if p.Events.Count != 2 || p.Invitations.Count != 1 || p.Events.Oldest == nil {
			t.Errorf("401 days on: %+v", p)
		}
		working(t, h)
		waitFor(t, func() bool {
			p := need(h.RetentionPreview(ctx, h.Auditor))(t)
			return p.Events.Count+p.Invitations.Count == 0
		})
		rows, _, err := h.SecurityEvents(ctx, h.Auditor, register.SecurityQuery{}, register.Page{Limit: 50})
		must(t, err)
		if len(rows) != 1 || rows[0].Kind != "retention.run" {
			t.Errorf("left: %v", rows)
		}
	})
}

func TestServiceAccounts(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	// An administrator reads no gate but a published one, and passes on no more.
	_, _, err := h.AddServiceAccount(ctx, h.Admin, register.NewToken{Name: "gates", Scopes: []string{"gate.read"}, Days: 9})
	wrong(t, err, "scopes[0]")
	_, _, err = h.AddServiceAccount(ctx, h.Admin, register.NewToken{Name: "metrics", Scopes: []string{"metrics.read"}, Days: 9})
	must(t, err)
	_, _, err = h.AddServiceAccount(ctx, h.CDO, register.NewToken{Name: "all", Scopes: []string{"notice.serve"}, Days: 9})
	wrong(t, err, "scopes[0]")
	secret, token, err := h.AddServiceAccount(ctx, h.CDO, register.NewToken{Name: "pipeline", Scopes: []string{"gate.*"}, Days: 9})
	must(t, err)
	a := need(h.ActorOfToken(ctx, secret, from))(t)
	if len(a.Scopes) != 1 || a.Scopes[0] != "gate.read" || a.UserID != token.UserID {
		t.Errorf("%+v", a)
	}
	d := h.Formative(t)
	need(h.Gate(ctx, a, d.Ref, models.StageNoticed, 0))(t)
	_, err = h.Register.Deployment(ctx, a, d.Ref)
	code(t, err, "forbidden")
	must(t, h.EndServiceAccount(ctx, h.Admin, token.UserID))
	_, err = h.ActorOfToken(ctx, secret, from)
	code(t, err, "bad_credentials")
}

// TestTheLastTwoDoNotBothGo: each sees the other left, and one of them stays.
func TestTheLastTwoDoNotBothGo(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		must(t, h.GrantRole(ctx, h.Officer, h.Rep.Email, register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}))
		rep := need(h.ActorOf(ctx, h.Rep.UserID, h.Org.ID))(t)
		var both []register.MemberView
		for _, m := range need(h.Members(ctx, h.Officer))(t) {
			if m.Role == models.RoleUnionOfficer {
				both = append(both, m)
			}
		}
		if len(both) != 2 {
			t.Fatalf("%d officers", len(both))
		}
		var errs [2]error
		var wg sync.WaitGroup
		for i, m := range both {
			by := h.Officer
			if m.UserID == h.Officer.UserID {
				by = rep
			}
			wg.Go(func() { _, errs[i] = h.EndMembership(ctx, by, m.ID, m.Version) })
		}
		wg.Wait()
		if n := need(s.OfficersOf(ctx, h.Org.ID, h.Unison.ID))(t); n != 1 {
			t.Errorf("%d officers are left: %v", n, errs)
		}
	})
}

// TestACodeIsTakenOnceAtOnce: four requests with one code, and one comes in.
func TestACodeIsTakenOnceAtOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		secret, _ := enrol(t, h, h.CDO)
		h.Clock.Set(h.Clock.Now().Add(time.Minute))
		in := withPassword("cdo@tywi.example", registertest.Password)
		in.Code = oneTime(t, h, secret)
		var came atomic.Int32
		var wg sync.WaitGroup
		for range 4 { // as many as are free before guessing is slowed
			wg.Go(func() {
				if _, err := h.SignIn(ctx, from, in); err == nil {
					came.Add(1)
				}
			})
		}
		wg.Wait()
		if came.Load() != 1 {
			t.Errorf("%d came in by one code", came.Load())
		}
	})
}
