package register_test

import (
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// Each test here closes a way round that a hostile reading found.

// memberOf is the role that somebody holds in their own right.
func memberOf(t *testing.T, h *registertest.House, a models.Actor, role models.Role) register.MemberView {
	t.Helper()
	for _, m := range need(h.Members(t.Context(), h.Auditor))(t) {
		if m.UserID == a.UserID && m.Role == role && !m.Delegated() {
			return m
		}
	}
	t.Fatalf("%s is no %s", a.Name, role)
	return register.MemberView{}
}

// TestAnEmployersProviderSpeaksForNoUnion: an account that a provider has a say
// in takes no role of a union, whatever its address.
func TestAnEmployersProviderSpeaksForNoUnion(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	working(t, h)
	other := need(h.AddUser(ctx, h.Admin, register.NewUser{Email: "ffion@tywi.example", Name: "Ffion", Password: registertest.Password, Hat: register.Hat{Role: models.RoleScrutiny}}))(t)
	must(t, h.Store.Within(ctx, func(tx *store.Tx) error {
		return tx.Add(ctx, &models.Identity{Issuer: "https://login.example", Subject: "1", UserID: other.ID, CreatedAt: h.Now(), LastUsedAt: h.Now()})
	}))
	ffion := need(h.ActorOf(ctx, other.ID, h.Org.ID))(t)
	must(t, second(h.EndMembership(ctx, h.Admin, memberOf(t, h, ffion, models.RoleScrutiny).ID, 1)))
	need(h.Invite(ctx, h.Officer, register.NewInvitation{Email: "ffion@tywi.example", Hat: register.Hat{Role: models.RoleUnionRep, UnionID: h.Unison.ID}}))(t)
	mailed := mailedCode(t, h, "ffion@tywi.example", 1)
	_, err := h.AcceptAs(ctx, ffion, mailed)
	code(t, err, "provider_account")
	// Nobody comes in by that account any more: the address makes a new one.
	who := need(h.Accept(ctx, from, register.Acceptance{Code: mailed, Name: "Ffion", Password: "a pocketful of slate"}))(t)
	if who.UserID == other.ID {
		t.Error("the provider's account speaks for UNISON")
	}
}

// TestWhoLeftMayComeBack: with a new account, and what was written stays with the old.
func TestWhoLeftMayComeBack(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		working(t, h)
		must(t, second(h.EndMembership(ctx, h.Admin, memberOf(t, h, h.Manager, models.RoleManager).ID, 1)))
		_, err := h.SignIn(ctx, from, withPassword("manager@tywi.example", registertest.Password))
		code(t, err, "bad_credentials")
		need(h.Invite(ctx, h.Admin, register.NewInvitation{Email: "manager@tywi.example", Hat: register.Hat{Role: models.RoleManager}}))(t)
		who := need(h.Accept(ctx, from, register.Acceptance{Code: mailedCode(t, h, "manager@tywi.example", 1), Name: "Manager", Password: "a pocketful of slate"}))(t)
		if who.UserID == h.Manager.UserID {
			t.Error("the old account came back")
		}
		must(t, second(h.SignIn(ctx, from, withPassword("manager@tywi.example", "a pocketful of slate"))))
		must(t, h.RemoveUser(ctx, h.Admin, h.Manager.UserID)) // whoever has left can still be forgotten
	})
}

// TestOneFactorDoesNotReplaceTheSecond: nor make a token or end the account.
func TestOneFactorDoesNotReplaceTheSecond(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	enrol(t, h, h.CDO)
	in := models.SignIn{UserID: h.CDO.UserID, OrgID: h.Org.ID, At: h.Now()}
	a := need(h.ActorOfSession(ctx, in))(t)
	code(t, h.RemoveTOTP(ctx, a), "step_up_required")
	_, err := h.NewRecoveryCodes(ctx, a)
	code(t, err, "step_up_required")
	_, _, err = h.IssueToken(ctx, a, register.NewToken{Name: "x", Days: 1})
	code(t, err, "step_up_required")
	code(t, h.RemoveAccount(ctx, a), "step_up_required")
	in.SecondFactor = true
	must(t, h.RemoveTOTP(ctx, need(h.ActorOfSession(ctx, in))(t)))
}

func TestATokenWithoutScopesReads(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	secret, token, err := h.IssueToken(ctx, h.Admin, register.NewToken{Name: "x", Days: 1})
	must(t, err)
	if len(token.Scopes) == 0 {
		t.Error("it reads nothing")
	}
	a := need(h.ActorOfToken(ctx, secret, from))(t)
	need(h.Organisation(ctx, a))(t)
	_, err = h.Invite(ctx, a, register.NewInvitation{Email: "evil@example", Hat: register.Hat{Role: models.RoleAdmin}})
	code(t, err, "forbidden")
	code(t, h.GrantRole(ctx, a, h.Admin.Email, register.Hat{Role: models.RoleCDO}), "forbidden")
	// One that names it does not either: it takes a person.
	_, _, err = h.IssueToken(ctx, h.Admin, register.NewToken{Name: "x", Days: 1, Scopes: []string{"invitation.send"}})
	wrong(t, err, "scopes[0]")
}

func TestALoanDoesNotOutgrowItself(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		today := models.DateOf(h.Now(), h.Org.Location())
		must(t, second(h.Delegate(ctx, h.Officer, memberOf(t, h, h.Officer, models.RoleUnionOfficer).ID, h.Rep.Email, today, today+1)))
		rep := need(h.ActorOf(ctx, h.Rep.UserID, h.Org.ID))(t)
		code(t, h.GrantRole(ctx, rep, rep.Email, register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}), "forbidden")
		_, err := h.Invite(ctx, rep, register.NewInvitation{Email: "friend@unison.example", Hat: register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}})
		code(t, err, "forbidden")

		must(t, second(h.Delegate(ctx, h.CDO, memberOf(t, h, h.CDO, models.RoleCDO).ID, h.Manager.Email, today, today+30)))
		manager := need(h.ActorOf(ctx, h.Manager.UserID, h.Org.ID))(t)
		_, _, err = h.AddServiceAccount(ctx, manager, register.NewToken{Name: "mine", Scopes: []string{"gate.read"}, Days: 366})
		code(t, err, "forbidden")
		must(t, h.RemoveUser(ctx, h.Admin, h.Manager.UserID)) // a loan keeps nobody from being forgotten
		if _, err := h.ActorOf(ctx, h.Manager.UserID, h.Org.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("a loan is all they hold, and they are here: %v", err)
		}
	})
}

// TestAServiceAccountGoesWithItsMaker: whoever leaves has seen its token.
func TestAServiceAccountGoesWithItsMaker(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	secret, _, err := h.AddServiceAccount(ctx, h.CDO, register.NewToken{Name: "pipeline", Scopes: []string{"gate.read"}, Days: 366})
	must(t, err)
	must(t, second(h.EndMembership(ctx, h.Admin, memberOf(t, h, h.CDO, models.RoleCDO).ID, 1)))
	_, err = h.ActorOfToken(ctx, secret, from)
	code(t, err, "bad_credentials")
}

// TestOthersGuessesShutNobodyUp: what an outsider tries at an account, or from
// a shared address, keeps nobody who is in from proving who they are.
func TestOthersGuessesShutNobodyUp(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	for range 8 {
		_, err := h.SignIn(ctx, models.Origin{Address: "203.0.113.9"}, withPassword("unison@tywi.example", "not the password"))
		if err == nil {
			t.Fatal("a wrong password came in")
		}
	}
	a := h.Officer
	a.From, a.SessionID = from, "a session"
	need(h.Prove(ctx, a, registertest.Password, ""))(t)
	for range 12 {
		_, err := h.TakePasskey(ctx, models.Actor{From: from}, []byte("{}"), []byte("{}"), "")
		code(t, err, "passkey_refused")
	}
	rows, _, err := h.SecurityEvents(ctx, h.Auditor, register.SecurityQuery{Kind: "session.limited"}, register.Page{Limit: 100})
	must(t, err)
	if len(rows) > 2 {
		t.Errorf("%d lines for one delay", len(rows))
	}
}

// TestAResetCodeGoesWithItsAddress: the mailbox somebody has left opens nothing.
func TestAResetCodeGoesWithItsAddress(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	working(t, h)
	must(t, h.AskReset(ctx, from, "hr@tywi.example"))
	old := mailedCode(t, h, "hr@tywi.example", 1)
	must(t, h.ChangeEmail(ctx, h.HR, "gweithlu@tywi.example"))
	must(t, second(h.ConfirmEmail(ctx, h.HR, mailedCode(t, h, "gweithlu@tywi.example", 1))))
	wrong(t, h.Reset(ctx, from, old, "a pocketful of slate"), "code")
}

// TestAuditorsDoNotSeeWhereUnionPeopleWork: not even of one whose role is suspended.
func TestAuditorsDoNotSeeWhereUnionPeopleWork(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	must(t, second(h.SuspendMembership(ctx, h.Officer, memberOf(t, h, h.Rep, models.RoleUnionRep).ID, 1)))
	must(t, second(h.SignIn(ctx, from, withPassword("rep@tywi.example", registertest.Password))))
	rows, _, err := h.SecurityEvents(ctx, h.Auditor, register.SecurityQuery{User: h.Rep.UserID}, register.Page{Limit: 10})
	must(t, err)
	if len(rows) == 0 {
		t.Fatal("nothing is written")
	}
	for _, e := range rows {
		if e.Address != "" || e.Agent != "" {
			t.Errorf("%s from %s", e.Kind, e.Address)
		}
	}
}

// TestOnlyConfirmedAddressesAreServed: once a union has said which address is
// its own, one that the employer adds serves nobody.
func TestOnlyConfirmedAddressesAreServed(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	var own models.ServiceAddress
	for _, a := range need(h.ServiceAddresses(ctx, h.Officer))(t) {
		own = need(h.ConfirmAddress(ctx, h.Officer, a.ID))(t)
	}
	must(t, second(h.AgreeAddress(ctx, h.HR, models.ServiceAddress{
		BranchID: own.BranchID, Channel: models.ByEmail, Address: "branch@employer.example", Languages: []models.Language{models.English}, From: models.MustDate("2024-01-01"),
	})))
	_, n := h.Noticed(t)
	for _, m := range h.Outbox.Sent() {
		if strings.HasSuffix(m.To, "@employer.example") {
			t.Errorf("%s was served at %s", n.No, m.To)
		}
	}
	v := need(h.Notice(ctx, h.Officer, n.No))(t)
	for _, p := range v.Parties {
		if p.Union == "UNISON" && len(p.Dispatches) != 1 {
			t.Errorf("%d messages to UNISON", len(p.Dispatches))
		}
	}
}

// TestAProviderVouchesInItsOwnHouse: one organisation's sign-in is none at another.
func TestAProviderVouchesInItsOwnHouse(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	a := need(h.ActorOfSession(ctx, models.SignIn{UserID: h.CDO.UserID, OrgID: h.Org.ID, At: h.Now().Add(-time.Hour), ByProvider: true, SecondFactor: true}))(t)
	if !a.Lapsed {
		t.Error("a sign-in of an hour ago counts as a proof")
	}
	_, err := h.Work(ctx, a, "tywi")
	code(t, err, "provider_elsewhere")
}

// TestALoanEndsForGood: given the role again, its lender has lent nothing.
func TestALoanEndsForGood(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		today := models.DateOf(h.Now(), h.Org.Location())
		must(t, h.GrantRole(ctx, h.Admin, h.Approver.Email, register.Hat{Role: models.RoleHR}))
		approver := memberOf(t, h, h.Approver, models.RoleApprover)
		must(t, second(h.Delegate(ctx, h.Approver, approver.ID, h.HR.Email, today, today+30)))
		must(t, second(h.EndMembership(ctx, h.Admin, approver.ID, 1)))
		must(t, h.GrantRole(ctx, h.Admin, h.Approver.Email, register.Hat{Role: models.RoleApprover}))
		if a := need(h.ActorOf(ctx, h.HR.UserID, h.Org.ID))(t); a.Has(models.RoleApprover) {
			t.Error("the loan has come back with the role")
		}
	})
}

// TestALiveAccountKeepsItsAddress: an account that never verified its address
// does not lose it to an invitation of the same organisation.
func TestALiveAccountKeepsItsAddress(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	working(t, h)
	must(t, h.Store.Within(ctx, func(tx *store.Tx) error {
		u, err := tx.User(ctx, h.HR.UserID)
		if err != nil {
			return err
		}
		u.EmailVerifiedAt = nil
		u.Version++
		return tx.SaveUser(ctx, &u, u.Version-1)
	}))
	need(h.Invite(ctx, h.Officer, register.NewInvitation{Email: "hr@tywi.example", Hat: register.Hat{Role: models.RoleUnionRep, UnionID: h.Unison.ID}}))(t)
	_, err := h.Accept(ctx, from, register.Acceptance{Code: mailedCode(t, h, "hr@tywi.example", 1), Name: "HR", Password: "a pocketful of slate"})
	code(t, err, "account_exists")
}

// TestWhoChangesSidesIsNoLongerWatched: whoever has left a union and works for
// the employer since is not shown to the union.
func TestWhoChangesSidesIsNoLongerWatched(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	must(t, second(h.EndMembership(ctx, h.Officer, memberOf(t, h, h.Rep, models.RoleUnionRep).ID, 1)))
	must(t, h.Store.Within(ctx, func(tx *store.Tx) error {
		return tx.Add(ctx, &models.Membership{OrgID: h.Org.ID, ID: "m-hr", UserID: h.Rep.UserID, Role: models.RoleHR, Version: 1, CreatedAt: h.Now()})
	}))
	must(t, second(h.SignIn(ctx, from, withPassword("rep@tywi.example", registertest.Password))))
	rows, _, err := h.SecurityEvents(ctx, h.Officer, register.SecurityQuery{Kind: "session.begin"}, register.Page{Limit: 10})
	must(t, err)
	if len(rows) != 0 {
		t.Errorf("UNISON sees %+v", rows)
	}
	must(t, h.RemoveUser(ctx, h.Admin, h.Rep.UserID))
}

// TestATokenMadeWithoutASecondFactor wears no role that wants one since.
func TestATokenMadeWithoutASecondFactor(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	in := models.SignIn{UserID: h.CDO.UserID, OrgID: h.Org.ID, At: h.Now()}
	one := need(h.ActorOfSession(ctx, in))(t)
	in.SecondFactor = true
	two := need(h.ActorOfSession(ctx, in))(t)
	weak, _, err := h.IssueToken(ctx, one, register.NewToken{Name: "one", Days: 1})
	must(t, err)
	strong, _, err := h.IssueToken(ctx, two, register.NewToken{Name: "two", Days: 1})
	must(t, err)
	set := models.DefaultAccessSettings("")
	set.SecondFactorRoles = []models.Role{models.RoleCDO}
	must(t, second(h.ConfigureAccess(ctx, h.Admin, 0, set)))
	if a := need(h.ActorOfToken(ctx, weak, from))(t); a.Has(models.RoleCDO) {
		t.Error("a token made by one factor wears the role")
	}
	if a := need(h.ActorOfToken(ctx, strong, from))(t); !a.Has(models.RoleCDO) {
		t.Error("a token made by two does not")
	}
}
