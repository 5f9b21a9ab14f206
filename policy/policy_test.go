package policy

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"beforehand/models"
)

var update = flag.Bool("update", false, "write the golden files")

const org = "org1"

func someone(grants ...models.Grant) models.Actor {
	return models.Actor{UserID: "me", OrgID: org, Grants: grants}
}

func as(role models.Role) models.Actor { return someone(models.Grant{Role: role}) }

func forUnion(role models.Role, union string) models.Actor {
	return someone(models.Grant{Role: role, UnionID: union})
}

// matrix is every role and act with its reach, as a table that a person can read.
func matrix(p *Policy) string {
	var b strings.Builder
	roles := append(slices.Clone(models.Roles), models.RoleService, models.RolePerson, models.RolePublic)
	for _, act := range Acts() {
		fmt.Fprintf(&b, "%s\n", act)
		for _, role := range roles {
			if reach, ok := p.Permitted(role, act); ok {
				fmt.Fprintf(&b, "    %-14s %s\n", role, reach)
			}
		}
	}
	return b.String()
}

func TestWhoMayDoWhatIsWrittenDown(t *testing.T) {
	t.Parallel()
	got, golden := matrix(Default()), filepath.Join("testdata", "matrix.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the rulebook changed; look at it, then -update (-want +got):\n%s", diff)
	}
}

func TestEveryPolicyLineMatters(t *testing.T) {
	t.Parallel()
	whole := matrix(Default())
	lines := strings.Split(policyText, "\n")
	for i, line := range lines {
		// Each removal is a new enforcer: every seventh line is proof enough.
		if !strings.HasPrefix(line, "p,") || i%7 != 0 {
			continue
		}
		p, err := New(modelText, strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if matrix(p) == whole {
			t.Errorf("without line %d (%s) nothing changes", i+1, line)
		}
	}
}

func TestMalformedPolicyNamesTheLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"too few fields":  {"p, cdo, comment.read", "line 1"},
		"no spaces":       {"p,cdo,comment.read,organisation", "line 1"},
		"unknown role":    {"# a comment\n\np, boss, comment.read, organisation", `line 3: "p, boss, comment.read, organisation": there is no role "boss"`},
		"unknown act":     {"p, cdo, comment.read, organisation\np, cdo, comment.delete, organisation", `line 2: "p, cdo, comment.delete, organisation": there is no act`},
		"unknown reach":   {"p, cdo, comment.read, world", `there is no reach "world"`},
		"said twice":      {"p, cdo, comment.read, area\np, cdo, comment.read, organisation", "line 2: \"p, cdo, comment.read, organisation\": line 1 has already said it"},
		"another section": {"g, cdo, manager, organisation", "line 1"},
	} {
		if _, err := New(modelText, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v does not say %s", name, err, c.want)
		}
	}
	for name, text := range map[string]string{
		"no model":           "",
		"matcher with a gap": strings.Replace(modelText, "p.sub", "p.who", 1),
	} {
		if _, err := New(text, policyText); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOnlyActsThatExistAreTheirOwnReadingAct(t *testing.T) {
	t.Parallel()
	for _, a := range acts {
		i, ok := actIndex[a.read]
		if !ok || acts[i].read != a.read {
			t.Errorf("%s is read by %s, which does not read itself", a.name, a.read)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	var (
		draft     = Resource{OrgID: org, AreaPath: "/1/12/", Audience: models.AudienceEmployer}
		noticed   = Resource{OrgID: org, AreaPath: "/1/12/", Audience: models.AudiencePublic, UnionsInScope: []string{"unison", "gmb"}}
		formative = Resource{OrgID: org, AreaPath: "/1/12/", Audience: models.AudienceParties, UnionsInScope: []string{"unison", "gmb"}}
		words     = Resource{
			OrgID: org, AreaPath: "/1/12/", Audience: models.AudienceParties, UnionsInScope: []string{"unison", "gmb"},
			UnionID: "unison", OwnerID: "me",
		}
		foreign = Resource{OrgID: "org2", Audience: models.AudiencePublic, UnionsInScope: []string{"unison"}}
		home    = Resource{OrgID: org}
	)
	with := func(r Resource, change func(*Resource)) Resource { change(&r); return r }
	others := with(words, func(r *Resource) { r.OwnerID = "she" })
	gmbs := with(others, func(r *Resource) { r.UnionID = "gmb" })
	service := func(area string) models.Actor { return someone(models.Grant{Role: models.RoleManager, AreaPath: area}) }
	officer, rep := forUnion(models.RoleUnionOfficer, "unison"), forUnion(models.RoleUnionRep, "unison")
	outside := forUnion(models.RoleUnionOfficer, "unite")
	scoped := func(a models.Actor, scopes ...string) models.Actor { a.Scopes = scopes; return a }
	token := func(a models.Actor) models.Actor { a.TokenID = "t"; return a }
	lapsed := func(a models.Actor) models.Actor { a.Lapsed = true; return a }
	inArea := func(a models.Actor, path string) models.Actor { a.AreaPath = path; return token(a) }
	const ok, no, missing, signIn = models.Kind(""), models.Forbidden, models.NotFound, models.Unauthenticated

	for _, c := range []struct {
		name string
		a    models.Actor
		act  string
		r    Resource
		want models.Kind
	}{
		{"cdo serves", as(models.RoleCDO), "notice.serve", noticed, ok},
		{"cdo reads an idea", as(models.RoleCDO), "deployment.read", draft, ok},
		{"cdo can never correct", as(models.RoleCDO), "comment.correct", words, no},
		{"cdo can never withdraw", as(models.RoleCDO), "comment.withdraw", words, no},
		{"cdo can never redact", as(models.RoleCDO), "comment.redact", words, no},
		{"cdo can never widen", as(models.RoleCDO), "comment.widen", words, no},
		{"cdo disposes", as(models.RoleCDO), "comment.dispose", words, ok},
		{"cdo scores for the employer", as(models.RoleCDO), "score.give", noticed, ok},
		{"cdo does not score for a union", as(models.RoleCDO), "score.give", words, no},
		{"cdo does not decide", as(models.RoleCDO), "deployment.decide", noticed, no},
		{"cdo does not read the ledger", as(models.RoleCDO), "ledger.read", home, no},
		{"cdo of another organisation", as(models.RoleCDO), "deployment.read", foreign, missing},
		{"cdo on a record of nobody", as(models.RoleCDO), "deployment.read", Resource{Audience: models.AudiencePublic}, missing},

		{"manager in own area", service("/1/12/"), "deployment.revise", draft, ok},
		{"manager above it", service("/1/"), "deployment.revise", draft, ok},
		{"manager of all", service(""), "deployment.revise", draft, ok},
		{"manager beside it", service("/1/13/"), "deployment.revise", draft, no},
		{"manager of a like number", service("/1/1/"), "deployment.revise", draft, no},
		{"manager below it", service("/1/12/3/"), "deployment.revise", draft, no},
		{"manager on a record without area", service("/1/12/"), "deployment.revise", with(draft, func(r *Resource) { r.AreaPath = "" }), no},
		{"manager does not serve", service(""), "notice.serve", noticed, no},
		{"manager does not go live", service(""), "deployment.go_live", noticed, no},
		{"two areas", someone(models.Grant{Role: models.RoleManager, AreaPath: "/9/"}, models.Grant{Role: models.RoleManager, AreaPath: "/1/"}), "deployment.revise", draft, ok},

		{"hr changes a job role", as(models.RoleHR), "job_role.change", home, ok},
		{"hr does not register", as(models.RoleHR), "deployment.register", home, no},
		{"assurer revises", as(models.RoleAssurer), "deployment.revise", draft, ok},
		{"assurer redacts", as(models.RoleAssurer), "comment.redact", words, ok},
		{"approver decides", as(models.RoleApprover), "deployment.decide", noticed, ok},
		{"approver signs", as(models.RoleApprover), "override.sign", noticed, ok},
		{"approver does not revise", as(models.RoleApprover), "deployment.revise", noticed, no},

		{"officer reads in scope", officer, "deployment.read", formative, ok},
		{"officer does not read an idea", officer, "deployment.read", with(draft, func(r *Resource) { r.UnionsInScope = []string{"unison"} }), missing},
		{"officer out of scope", outside, "deployment.read", formative, missing},
		{"officer out of scope reads what is public", outside, "deployment.read", noticed, ok},
		{"officer out of scope does not comment", outside, "comment.make", noticed, no},
		{"officer comments", officer, "comment.make", noticed, ok},
		{"officer comments for own union", officer, "comment.make", words, ok},
		{"officer does not comment for another union", officer, "comment.make", gmbs, no},
		{"officer widens own union's", officer, "comment.widen", others, ok},
		{"officer reads another union's", officer, "comment.read", gmbs, ok},
		{"officer does not widen another union's", officer, "comment.widen", gmbs, no},
		{"officer keeps reading own union's when out of scope", officer, "comment.read", with(words, func(r *Resource) { r.UnionsInScope = nil }), ok},
		{"officer asks no longer when out of scope", officer, "request.ask", with(words, func(r *Resource) { r.UnionsInScope = nil; r.Audience = models.AudiencePublic }), no},
		{"officer does not answer", officer, "request.answer", words, no},
		{"officer acknowledges own", officer, "notice.acknowledge", words, ok},
		{"officer does not acknowledge another's", officer, "notice.acknowledge", gmbs, no},
		{"officer appoints in own union", officer, "officer.appoint", Resource{OrgID: org, UnionID: "unison"}, ok},
		{"officer does not appoint in another", officer, "officer.appoint", Resource{OrgID: org, UnionID: "gmb"}, no},
		{"officer invites own people", officer, "user.add", Resource{OrgID: org, UnionID: "unison"}, ok},
		{"officer does not invite another union's", officer, "membership.grant", Resource{OrgID: org, UnionID: "gmb"}, no},
		{"officer does not invite the employer's", officer, "membership.grant", home, no},
		{"officer scores for own union", officer, "score.give", words, ok},
		{"officer does not lift a hold", officer, "hold.lift", noticed, no},
		{"officer without a union", forUnion(models.RoleUnionOfficer, ""), "comment.widen", with(words, func(r *Resource) { r.UnionID = "" }), missing},
		{"officer does not register", officer, "deployment.register", home, no},
		{"officer does not see another union's delivery", officer, "delivery.read", gmbs, missing},

		{"rep corrects own words", rep, "comment.correct", words, ok},
		{"rep does not correct a colleague's", rep, "comment.correct", others, no},
		{"rep asks", rep, "request.ask", noticed, ok},
		{"rep does not acknowledge", rep, "notice.acknowledge", words, no},
		{"rep does not widen", rep, "comment.widen", words, no},

		{"councillor reads what the parties read", as(models.RoleScrutiny), "deployment.read", formative, ok},
		{"councillor does not read an idea", as(models.RoleScrutiny), "deployment.read", draft, missing},
		{"councillor does not read a comment among parties", as(models.RoleScrutiny), "comment.read", words, missing},
		{"councillor reads an opened comment", as(models.RoleScrutiny), "comment.read", with(words, func(r *Resource) { r.Audience = audienceScrutiny }), ok},
		{"councillor writes nothing", as(models.RoleScrutiny), "comment.make", noticed, no},

		{"auditor reads an idea", as(models.RoleAuditor), "deployment.read", draft, ok},
		{"auditor reads the ledger", as(models.RoleAuditor), "ledger.read", home, ok},
		{"auditor writes nothing", as(models.RoleAuditor), "deployment.revise", draft, no},
		{"admin adds a user", as(models.RoleAdmin), "user.add", home, ok},
		{"admin reads no register content", as(models.RoleAdmin), "deployment.read", formative, missing},
		{"admin reads what everybody reads", as(models.RoleAdmin), "deployment.read", noticed, ok},
		{"admin does not agree a recognition", as(models.RoleAdmin), "recognition.agree", home, no},

		{"the public reads", models.Actor{}, "deployment.read", noticed, ok},
		{"the public does not read what parties do", models.Actor{}, "deployment.read", formative, missing},
		{"the public reads any organisation", models.Actor{}, "gate.read", foreign, ok},
		{"the public does not read a comment opened to scrutiny", models.Actor{}, "comment.read", with(words, func(r *Resource) { r.Audience = audienceScrutiny }), missing},
		{"the public signs in to write", models.Actor{}, "comment.make", noticed, signIn},
		{"the public signs in to read a user", models.Actor{}, "user.read", foreign, signIn},
		{"grants without a user are none", models.Actor{OrgID: org, Grants: []models.Grant{{Role: models.RoleCDO}}}, "notice.serve", noticed, signIn},
		{"nor do they read", models.Actor{OrgID: org, Grants: []models.Grant{{Role: models.RoleCDO}}}, "deployment.read", draft, missing},

		{"own token", as(models.RoleHR), "token.issue", Resource{OrgID: org, OwnerID: "me"}, ok},
		{"another's token", as(models.RoleHR), "token.issue", Resource{OrgID: org, OwnerID: "she"}, missing},
		{"admin does not issue another's", as(models.RoleAdmin), "token.issue", Resource{OrgID: org, OwnerID: "she"}, missing},
		{"a token makes no token", token(as(models.RoleHR)), "token.issue", Resource{OrgID: org, OwnerID: "me"}, no},
		{"a lapsed sign-in makes no token", lapsed(as(models.RoleHR)), "token.issue", Resource{OrgID: org, OwnerID: "me"}, signIn},
		{"a lapsed sign-in does not serve", lapsed(as(models.RoleCDO)), "notice.serve", noticed, signIn},
		{"a lapsed sign-in drafts", lapsed(as(models.RoleCDO)), "notice.draft", noticed, ok},
		{"a lapsed sign-in that may not serve anyway", lapsed(as(models.RoleHR)), "notice.serve", noticed, no},
		{"a token that names serving serves", scoped(lapsed(as(models.RoleCDO)), "notice.serve"), "notice.serve", noticed, ok},
		{"a token for a noun does not serve", scoped(lapsed(as(models.RoleCDO)), "notice.*"), "notice.serve", noticed, signIn},
		{"a token of an area in it", inArea(as(models.RoleCDO), "/1/12/"), "deployment.revise", draft, ok},
		{"a token of an area beside it", inArea(as(models.RoleCDO), "/1/13/"), "deployment.revise", draft, missing},
		{"a token of an area reads settings", inArea(as(models.RoleHR), "/1/12/"), "organisation.read", home, ok},
		{"a token of an area changes none", inArea(as(models.RoleHR), "/1/12/"), "job_role.change", home, no},
		{"admin suspends the employer's", as(models.RoleAdmin), "membership.suspend", home, ok},
		{"admin does not suspend a union's", as(models.RoleAdmin), "membership.suspend", Resource{OrgID: org, UnionID: "unison"}, no},
		{"admin does not remove a union's", as(models.RoleAdmin), "user.remove", Resource{OrgID: org, UnionID: "unison"}, no},
		{"officer suspends own", officer, "membership.suspend", Resource{OrgID: org, UnionID: "unison"}, ok},
		{"officer does not suspend another's", officer, "membership.suspend", Resource{OrgID: org, UnionID: "gmb"}, missing},
		{"hr does not end a union's address", as(models.RoleHR), "service_address.end", Resource{OrgID: org, UnionID: "unison"}, no},
		{"officer ends own union's address", officer, "service_address.end", Resource{OrgID: org, UnionID: "unison"}, ok},
		{"rep makes no formal response", rep, "comment.respond", noticed, no},
		{"whoever is signed in reads their own account", someone(), "account.read", Resource{OrgID: org, OwnerID: "me"}, ok},
		{"and nobody else's", someone(), "account.read", Resource{OrgID: org, OwnerID: "she"}, missing},
		{"a service reads a gate", as(models.RoleService), "gate.read", draft, ok},
		{"a service does not serve", as(models.RoleService), "notice.serve", noticed, no},
		{"a service does not comment", as(models.RoleService), "comment.make", noticed, no},
		{"auditor reads the security log", as(models.RoleAuditor), "security.read", home, ok},
		{"admin does not read the security log", as(models.RoleAdmin), "security.read", home, missing},
		{"no role at all", someone(), "organisation.read", home, missing},
		{"an invented role", as("owner"), "deployment.revise", draft, missing},

		{"token for the act", scoped(as(models.RoleCDO), "notice.serve"), "notice.serve", noticed, ok},
		{"token for another act", scoped(as(models.RoleCDO), "gate.read"), "notice.serve", noticed, no},
		{"token for a noun", scoped(as(models.RoleCDO), "notice.*"), "notice.serve", noticed, ok},
		{"token for another noun", scoped(as(models.RoleCDO), "not*", "deployment.*"), "notice.serve", noticed, no},
		{"token does not add", scoped(as(models.RoleHR), "notice.serve"), "notice.serve", noticed, no},
		{"token for nothing", scoped(as(models.RoleCDO), []string{}...), "gate.read", noticed, no},
	} {
		if err := Check(c.a, c.act, c.r); models.KindOf(err) != c.want || (err == nil) != (c.want == ok) {
			t.Errorf("%s: %s gives %v, not %q", c.name, c.act, err, c.want)
		}
	}
	if err := Check(as(models.RoleCDO), "deployment.delete", noticed); err == nil || models.KindOf(err) != "" {
		t.Errorf("an act that does not exist is our mistake: %v", err)
	}
}

func TestAnIdeaTakesAPermissionOfItsOwn(t *testing.T) {
	t.Parallel()
	p, err := New(modelText, "p, hr, deployment.read, organisation\np, hr, deployment.revise, organisation")
	if err != nil {
		t.Fatal(err)
	}
	for audience, want := range map[models.Audience]models.Kind{models.AudienceEmployer: models.NotFound, models.AudienceParties: ""} {
		for _, act := range []string{"deployment.read", "deployment.revise"} {
			if err := p.Check(as(models.RoleHR), act, Resource{OrgID: org, Audience: audience}); models.KindOf(err) != want {
				t.Errorf("%s, audience %s: %v", act, audience, err)
			}
		}
	}
}

func TestAllowedAndExplain(t *testing.T) {
	t.Parallel()
	r := Resource{OrgID: org, Audience: models.AudiencePublic, UnionsInScope: []string{"unison"}}
	officer := forUnion(models.RoleUnionOfficer, "unison")
	got := Allowed(officer, []string{"notice.serve", "comment.make", "request.ask", "deployment.go_live"}, r)
	if diff := cmp.Diff([]string{"comment.make", "request.ask"}, got); diff != "" {
		t.Error(diff)
	}
	if can := Allowed(models.Actor{}, Acts(), Resource{}); can == nil || len(can) != 0 {
		t.Errorf("a list without entries is empty, not null: %v", can)
	}
	for _, c := range []struct {
		act  string
		r    Resource
		want string
	}{
		{"comment.make", r, "comment.make: allowed (p, union_officer, comment.make, scope)"},
		{"comment.make", Resource{OrgID: org, Audience: models.AudiencePublic}, "comment.make: refused: " + whyReach + " (p, union_officer, comment.make, scope)"},
		{"notice.serve", r, "notice.serve: refused: " + whyNoLine},
		{"deployment.read", r, "deployment.read: allowed (p, union_officer, deployment.read, scope)"},
		{"deployment.read", Resource{OrgID: "org2"}, "deployment.read: refused: " + whyOrganisation},
	} {
		if got := Explain(officer, c.act, c.r).String(); got != c.want {
			t.Errorf("%q is not %q", got, c.want)
		}
	}
}

func draw(t *rapid.T) (models.Actor, Resource) {
	roles := append(slices.Clone(models.Roles), models.RolePublic, "owner")
	areas := rapid.SampledFrom([]string{"", "/1/", "/1/12/", "/2/"})
	unions := rapid.SampledFrom([]string{"", "unison", "gmb"})
	people := rapid.SampledFrom([]string{"me", "she"})
	audiences := rapid.SampledFrom([]models.Audience{"", models.AudienceEmployer, models.AudienceParties, audienceScrutiny, models.AudiencePublic})
	a := models.Actor{UserID: people.Draw(t, "user"), OrgID: rapid.SampledFrom([]string{"", org, "org2"}).Draw(t, "actor's organisation")}
	for range rapid.IntRange(0, 3).Draw(t, "grants") {
		a.Grants = append(a.Grants, models.Grant{Role: rapid.SampledFrom(roles).Draw(t, "role"), AreaPath: areas.Draw(t, "area"), UnionID: unions.Draw(t, "union")})
	}
	if rapid.Bool().Draw(t, "token") {
		a.Scopes = rapid.SliceOf(rapid.SampledFrom(Acts())).Draw(t, "scopes")
	}
	return a, Resource{
		OrgID: rapid.SampledFrom([]string{"", org, "org2"}).Draw(t, "organisation"), AreaPath: areas.Draw(t, "path"), UnionID: unions.Draw(t, "concerns"),
		UnionsInScope: rapid.SliceOf(unions).Draw(t, "scope"), Audience: audiences.Draw(t, "audience"), OwnerID: people.Draw(t, "owner"),
	}
}

func TestNobodyReachesAnotherOrganisation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, r := draw(t)
		act := rapid.SampledFrom(Acts()).Draw(t, "act")
		if err := Check(a, act, r); a.OrgID != r.OrgID && models.KindOf(err) != models.NotFound {
			t.Fatalf("%s: %v", Explain(a, act, r), err)
		}
	})
}

func TestAnIdeaStaysWithTheEmployer(t *testing.T) {
	t.Parallel()
	inside := []models.Role{models.RoleCDO, models.RoleManager, models.RoleHR, models.RoleAssurer, models.RoleApprover, models.RoleAuditor}
	rapid.Check(t, func(t *rapid.T) {
		a, r := draw(t)
		r.Audience = models.AudienceEmployer
		if slices.ContainsFunc(inside, a.Has) {
			return
		}
		for _, act := range Acts() {
			if acts[actIndex[act]].read == "deployment.read" && Check(a, act, r) == nil {
				t.Fatalf("%s", Explain(a, act, r))
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	a := someone(models.Grant{Role: models.RoleManager, AreaPath: "/9/"}, models.Grant{Role: models.RoleManager, AreaPath: "/1/"})
	r := Resource{OrgID: org, AreaPath: "/1/12/", Audience: models.AudiencePublic, UnionsInScope: []string{"u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9", "u10", "u11", "u12"}}
	officer := forUnion(models.RoleUnionOfficer, "u12")
	b.ReportAllocs()
	for b.Loop() {
		if Check(a, "deployment.revise", r) != nil || Check(officer, "comment.make", r) != nil {
			b.Fatal("refused")
		}
	}
}
