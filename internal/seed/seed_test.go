package seed_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var small = seed.Size{Deployments: 90, Comments: 300, Organisations: 2, Light: 15, Seed: 7, Until: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}

// made is a house over a database that has been seeded.
func made(t *testing.T, s *store.Store) *registertest.House {
	t.Helper()
	if err := seed.Make(t.Context(), s, policy.Bundled(), small, func(seed.Progress) {}); err != nil {
		t.Fatal(err)
	}
	h := registertest.Empty(t, s)
	h.Clock.Set(small.Until.Add(time.Hour))
	var err error
	if h.Org, err = s.OrganisationBySlug(t.Context(), seed.Slug(small.Seed, 1)); err != nil {
		t.Fatal(err)
	}
	return h
}

func wearing(t *testing.T, h *registertest.House, role models.Role) models.Actor {
	t.Helper()
	members, err := h.Store.Members(t.Context(), h.Org.ID)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(members, func(m store.Member) bool { return m.Role == role })
	if i < 0 {
		t.Fatalf("nobody is %s", role)
	}
	a, err := h.ActorOf(t.Context(), members[i].UserID, h.Org.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// all are the deployments of the house that an actor sees.
func all(t *testing.T, h *registertest.House, a models.Actor, f store.Filter) []models.Deployment {
	t.Helper()
	var out []models.Deployment
	for p := (register.Page{Limit: 150}); ; {
		rows, next, _, err := h.Deployments(t.Context(), a, f, p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rows...)
		if p.After = next; next == "" {
			return out
		}
	}
}

func TestTheSameSeedMakesTheSameRows(t *testing.T) {
	t.Parallel()
	var heads [][]store.Head
	for _, engine := range []string{"sqlite", "sqlite", "postgres"} {
		h := made(t, storetest.Open(t, engine))
		got, err := h.Store.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, got)
		counts, err := h.Store.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts["organisations"] != small.Organisations || counts["deployments"] != small.Deployments || counts["comments"] != small.Comments || counts["deployments_fts"] != small.Deployments {
			t.Errorf("%s holds %v", engine, counts)
		}
	}
	// The log speaks of every row with its hash: equal roots are equal rows.
	for _, other := range heads[1:] {
		for i, head := range other {
			if string(head.Root) != string(heads[0][i].Root) || head.Size != heads[0][i].Size {
				t.Errorf("the log of %s is another one", head.Slug)
			}
		}
	}
}

func TestWhatIsThereIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "sqlite")
	made(t, s)
	before, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = seed.Make(t.Context(), s, policy.Bundled(), small, func(seed.Progress) {})
	if err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("the second making said %v", err)
	}
	after, err := s.Counts(t.Context())
	if err != nil || before["ledger_entries"] != after["ledger_entries"] {
		t.Errorf("the second making wrote %d entries: %v", after["ledger_entries"]-before["ledger_entries"], err)
	}
}

// TestTheRegisterReadsIt reads what was made through the register's own use
// cases: the logs are whole, the records good, and every reader sees their own.
func TestTheRegisterReadsIt(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := made(t, s)
		ctx := t.Context()
		orgs, err := h.Organisations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orgs {
			audit, err := h.AuditLog(ctx, o)
			if err != nil || len(audit.Findings) > 0 || audit.Size < 100 {
				t.Errorf("the log of %s: %d entries, %v, %v", o.Slug, audit.Size, audit.Findings, err)
			}
		}
		cdo, officer, councillor := wearing(t, h, models.RoleCDO), wearing(t, h, models.RoleUnionOfficer), wearing(t, h, models.RoleScrutiny)
		every := all(t, h, cdo, store.Filter{})
		if len(every) != small.Deployments/2 {
			t.Errorf("the digital officer sees %d deployments", len(every))
		}
		comments, notices := 0, 0
		for _, d := range every {
			c, n := look(ctx, t, h, cdo, d)
			comments, notices = comments+c, notices+n
		}
		if comments != small.Comments/2 || notices < 10 {
			t.Errorf("there are %d comments and %d notices", comments, notices)
		}
		public := all(t, h, models.Actor{OrgID: h.Org.ID}, store.Filter{})
		theirs := all(t, h, officer, store.Filter{})
		if len(public) == 0 || len(public) > len(theirs) || len(theirs) >= len(every) || len(all(t, h, councillor, store.Filter{})) < len(public) {
			t.Errorf("the public sees %d, an officer %d of %d", len(public), len(theirs), len(every))
		}
		for _, d := range public {
			if _, err := h.Deployment(ctx, models.Actor{OrgID: h.Org.ID}, d.Ref); err != nil {
				t.Errorf("the public may not read %s: %v", d.Ref, err)
			}
		}
		word, _, _ := strings.Cut(every[0].NameEn, " ")
		if found := all(t, h, cdo, store.Filter{Text: word}); !slices.ContainsFunc(found, func(d models.Deployment) bool { return d.Ref == every[0].Ref }) {
			t.Errorf("a search for %q does not find %s", word, every[0].Ref)
		}
	})
}

// look reads everything of one deployment, and counts its comments and notices.
func look(ctx context.Context, t *testing.T, h *registertest.House, a models.Actor, d models.Deployment) (comments, notices int) {
	t.Helper()
	v, err := h.Deployment(ctx, a, d.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Record.Validate(); err != nil {
		t.Errorf("the record of %s: %v", d.Ref, err)
	}
	var rec models.Record
	if err := json.Unmarshal([]byte(v.RecordJSON), &rec); err != nil {
		t.Error(err)
	}
	if class, _ := models.Classify(rec); class != d.Class {
		t.Errorf("%s is of class %s and says %s", d.Ref, class, d.Class)
	}
	if next := d.Stage.Next(d.EffectiveClass(), profile(t)); len(next) > 0 {
		if _, err := h.Gate(ctx, a, d.Ref, next[0], 0); err != nil {
			t.Errorf("the gate of %s: %v", d.Ref, err)
		}
	}
	events, _, err := h.Timeline(ctx, a, d.Ref, 0, 1000)
	if err != nil || len(events) == 0 || events[0].Verb != "deployment.register" {
		t.Errorf("the timeline of %s has %d events: %v", d.Ref, len(events), err)
	}
	said, err := h.Comments(ctx, a, d.Ref)
	if err != nil {
		t.Fatal(err)
	}
	served, err := h.Notices(ctx, a, d.Ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range served {
		for _, p := range n.Parties {
			if p.ServedAt.IsZero() {
				t.Errorf("%s of %s was never served on %s", n.No, d.Ref, p.Union)
			}
		}
	}
	moved(ctx, t, h, a, d, len(served))
	return len(said), len(served)
}

// moved holds that no stage was entered before its clock had run.
func moved(ctx context.Context, t *testing.T, h *registertest.House, a models.Actor, d models.Deployment, notices int) {
	t.Helper()
	moves, err := h.Store.Moves(ctx, d.OrgID, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	stage := models.StageIdea
	for _, m := range moves {
		if m.FromStage != stage || !slices.Contains(stage.Next(d.EffectiveClass(), profile(t)), m.ToStage) {
			t.Errorf("%s went from %s, where it was not, to %s", d.Ref, m.FromStage, m.ToStage)
		}
		stage = m.ToStage
	}
	if stage != d.Stage || notices == 0 && stage.Rank() >= models.StageNoticed.Rank() && stage != models.StageWithdrawn {
		t.Errorf("%s stands at %s, its moves end at %s", d.Ref, d.Stage, stage)
	}
	g, err := h.Gate(ctx, a, d.Ref, models.StageDecided, 0)
	if err != nil {
		return // there is no way from here
	}
	for _, c := range g.Clocks {
		for _, m := range moves {
			if m.ToStage == models.StageDecided && c.Trigger == models.BeforeDecision && models.DateOf(m.At, h.Org.Location()) < c.Clock.Earliest {
				t.Errorf("%s was decided on %s, before %s", d.Ref, m.At, c.Clock.Earliest)
			}
		}
	}
}

func profile(t *testing.T) models.Profile {
	t.Helper()
	p, err := policy.Bundled().Profile("wales-partnership")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestTheNumbersGoOn registers one more after the last: numbers have no gaps.
func TestTheNumbersGoOn(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := made(t, s)
		cdo := wearing(t, h, models.RoleCDO)
		years := map[string]int{}
		for _, d := range all(t, h, cdo, store.Filter{}) {
			years[d.Ref[:8]]++
		}
		if last, err := h.Deployment(t.Context(), cdo, number("DEP-2026", years["DEP-2026"])); err != nil {
			t.Errorf("the last of 2026 is not %s: %v", last.Ref, err)
		}
		areas, err := h.ServiceAreas(t.Context(), cdo)
		if err != nil {
			t.Fatal(err)
		}
		d, err := h.RegisterDeployment(t.Context(), cdo, register.Registration{Record: models.Record{
			Name: models.Text{En: "Sort post"}, ServiceAreaID: areas[0].ID, UseFamily: "other", Purpose: models.Text{En: "Faster post"}, Owner: "Head of post", DecisionStatus: "idea",
		}})
		if err != nil {
			t.Fatal(err)
		}
		if want := number("DEP-2026", years["DEP-2026"]+1); d.Ref != want {
			t.Errorf("the next is %s and not %s", d.Ref, want)
		}
	})
}

func number(year string, n int) string {
	s := "00" + itoa(n)
	return year + "-" + s[len(s)-3:]
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }
