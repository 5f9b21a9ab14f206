package register_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// A try-out says what a deployment of the same groups says on the same day: the
// unions, their agreements and the whys, contested ones and ended ones too.
func TestATryOutIsTheScopeOfADeployment(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	recognitions := need(h.Recognitions(ctx, h.HR))(t)
	for _, r := range recognitions {
		if r.UnionID == h.GMB.ID && r.BargainingUnitID == h.Unit.ID {
			need(h.ChangeRecognition(ctx, h.HR, r.Version, r.ID, 0, true, "UNISON disputes it", r.ElectronicFrom, nil))(t)
		}
	}
	alone := need(h.AddJobRole(ctx, h.HR, models.JobRole{Title: "Beadle", ServiceAreaID: h.Area.ID, Headcount: 2, AgencyCount: 1}))(t)
	d := h.Formative(t)
	d = need(h.Revise(ctx, h.CDO, d.Ref, d.Version, func(r models.Record) (models.Record, error) {
		r.Groups = []models.Group{{JobRoleID: h.Role.ID, Headcount: 46}, {JobRoleID: h.OtherRole.ID, Headcount: 6}, {JobRoleID: alone.ID, Headcount: 2, Agency: 1}}
		return r, nil
	}, register.Judgement{}))(t)
	want, _, err := h.Scope(ctx, h.CDO, d.Ref)
	if err != nil {
		t.Fatal(err)
	}
	// One role named twice is one group.
	got, roles, err := h.WhoWouldBeTold(ctx, h.Scrutiny, []string{h.Role.ID, h.OtherRole.ID, alone.ID, h.Role.ID}, models.MustDate("2026-09-07"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the deployment's scope (-) and the try-out's (+):\n%s", diff)
	}
	if len(got.Unions) != 2 || len(got.Contested) != 1 || len(got.Unserved) != 1 || roles[got.Unserved[0].JobRoleID].Title != "Beadle" {
		t.Errorf("%+v", got)
	}
	if before, _, err := h.WhoWouldBeTold(ctx, h.Scrutiny, []string{h.Role.ID}, models.MustDate("2023-12-31")); err != nil || len(before.Unions) != 0 {
		t.Errorf("before any agreement: %+v, %v", before, err)
	}
	other := registertest.Empty(t, h.Store)
	other.Found(t, "elsewhere")
	if _, _, err := h.WhoWouldBeTold(ctx, h.HR, []string{other.Role.ID}, models.MustDate("2026-09-07")); models.KindOf(err) != models.NotFound {
		t.Errorf("another organisation's job role: %v", err)
	}
}

// Officers have names for the parties and auditors alone; one who has left
// keeps theirs beside the post that was held.
func TestWhoReadsTheNamesOfOfficers(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	branches := need(h.Branches(ctx, h.HR))(t)
	branch := branches[slices.IndexFunc(branches, func(b models.Branch) bool { return b.UnionID == h.Unison.ID })]
	need(h.AppointOfficer(ctx, h.Officer, branch.ID, h.Rep.Email, "deputy", models.MustDate("2026-01-01"), 0))(t)
	for _, m := range need(h.Members(ctx, h.Officer))(t) {
		if m.UserID == h.Rep.UserID {
			need(h.EndMembership(ctx, h.Officer, m.ID, m.Version))(t)
		}
	}
	for name, tc := range map[string]struct {
		who   models.Actor
		named bool
	}{
		"own union": {h.Officer, true}, "hr": {h.HR, true}, "manager": {h.Manager, true}, "auditor": {h.Auditor, true},
		"another union": {h.OtherOfficer, false}, "administrator": {h.Admin, false}, "scrutiny": {h.Scrutiny, false},
	} {
		all := need(h.Officers(ctx, tc.who))(t)
		if len(all) != 1 || (all[0].Name == "rep") != tc.named || (all[0].UserID == h.Rep.UserID) != tc.named || all[0].To == 0 {
			t.Errorf("%s reads %+v", name, all)
		}
	}
}
