package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// wholeTable is a step of a plan that reads all of a table that grows. What is
// read in the order of an index is a walk, and ends with the page.
var wholeTable = map[string]*regexp.Regexp{
	"postgres": regexp.MustCompile(`Seq Scan on (deployments|deployments_fts|comments|comment_words|notices|ledger_entries|affected_groups|claims|deployment_\w+)`),
	"sqlite":   regexp.MustCompile(`(?m)^SCAN (d|e|c|n|w|g|s|deployments|comments|notices|claims|ledger_entries)\b`),
}

// sorted is a step that puts all that was found in order before it gives the first.
var sorted = map[string]*regexp.Regexp{
	"postgres": regexp.MustCompile(`Sort Key: .*(created_at|updated_at|name_en|review_due)`),
	"sqlite":   regexp.MustCompile(`USE TEMP B-TREE FOR ORDER BY`),
}

// No list reads a whole table, and those in an order that an index has, with no
// more than one condition that is equal to something, are walks of it.
func TestListsWalkIndexes(t *testing.T) {
	t.Parallel()
	on := models.DateOf(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	yes := true
	readers := map[string]store.Sees{
		"employer": {All: true, Parties: true, Whole: true, On: on}, "scrutiny": {Parties: true, On: on}, "union": {Unions: []string{"u"}, On: on}, "public": {On: on},
	}
	filters := map[string]store.Filter{
		"all": {}, "stage": {Stage: models.StageLive}, "class": {Class: models.ClassB}, "family": {UseFamily: "drafting"}, "late": {Late: &yes},
		"area": {AreaPath: "/x/"}, "union": {UnionID: "u"}, "supplier": {Supplier: "x"}, "model": {Model: "x"}, "data": {WorkerData: "x"},
		"assessment": {Assessment: "dpia"}, "commitment": {Commitment: "met"}, "saving": {SavingOver: 1}, "review": {ReviewDue: on}, "text": {Text: "case notes"},
	}
	walks := []string{"all", "stage", "class", "family", "late"}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		h.Noticed(t)
		engine := s.Engine()
		for who, sees := range readers {
			for what, f := range filters {
				for _, sort := range []store.Sort{store.SortCreated, store.SortUpdated, store.SortName, store.SortReview} {
					f.Sees, f.Sort, f.Desc = sees, sort, sort != store.SortName
					for _, after := range []store.Cursor{{}, {Key: keyFor(sort), ID: "x"}} {
						plan, err := s.PlanOfPage(t.Context(), h.Org.ID, f, after, time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
						if err != nil {
							t.Fatal(who, what, sort, err)
						}
						if wholeTable[engine].MatchString(plan) {
							t.Errorf("%s, %s by %s reads a whole table:\n%s", who, what, sort, plan)
						}
						if sort == store.SortCreated && who == "employer" && slices.Contains(walks, what) && sorted[engine].MatchString(plan) {
							t.Errorf("%s, %s by %s is put in order after it is found:\n%s", who, what, sort, plan)
						}
					}
				}
			}
		}
		for what, query := range others {
			plan, err := s.PlanOf(t.Context(), query, h.Org.ID, "x")
			if err != nil {
				t.Fatal(what, err)
			}
			if wholeTable[engine].MatchString(plan) {
				t.Errorf("%s reads a whole table:\n%s", what, plan)
			}
		}
	})
	for _, w := range walks {
		if _, ok := filters[w]; !ok {
			t.Errorf("%s is no filter", w)
		}
	}
}

// organisationOnly is a step that reads all that an organisation has of something.
var organisationOnly = regexp.MustCompile(`(?m)^SCAN|\(org_id=\?\)`)

// firstClosure is whether the employer has any closure days: the first one ends it.
const firstClosure = "SEARCH x USING COVERING INDEX sqlite_autoindex_closure_days_1 (org_id=?)"

// What is asked of one deployment looks up its rows: SQLite has no statistics
// to warn it off walking an organisation's table for the sake of an order.
func TestOneDeploymentIsLookedUp(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "sqlite")
	h := registertest.New(t, s)
	d, n := h.Noticed(t)
	no := []string{n.ID}
	reads := map[string]func(store.Reader) error{
		"moves":            func(r store.Reader) error { return second(r.Moves(t.Context(), d.OrgID, d.ID)) },
		"notices":          func(r store.Reader) error { return second(r.Notices(t.Context(), d.OrgID, d.ID)) },
		"what is around":   func(r store.Reader) error { return second(r.Around(t.Context(), d.OrgID, d.ID)) },
		"recipients":       func(r store.Reader) error { return second(r.Recipients(t.Context(), d.OrgID, no)) },
		"dispatches":       func(r store.Reader) error { return second(r.Dispatches(t.Context(), d.OrgID, n.ID)) },
		"deliveries":       func(r store.Reader) error { return second(r.Deliveries(t.Context(), d.OrgID, no)) },
		"acknowledgements": func(r store.Reader) error { return second(r.Acknowledgements(t.Context(), d.OrgID, no)) },
		"comments":         func(r store.Reader) error { return second(r.Comments(t.Context(), d.OrgID, d.ID)) },
		"union comments":   func(r store.Reader) error { return second(r.UnionComments(t.Context(), d.OrgID, d.ID)) },
		"requests":         func(r store.Reader) error { return second(r.Requests(t.Context(), d.OrgID, d.ID)) },
		"meetings":         func(r store.Reader) error { return second(r.MeetingsOf(t.Context(), d.OrgID, d.ID)) },
		"outcomes":         func(r store.Reader) error { return second(r.Outcomes(t.Context(), d.OrgID, d.ID)) },
		"claims":           func(r store.Reader) error { return second(r.Claims(t.Context(), d.OrgID, d.ID)) },
		"holds":            func(r store.Reader) error { return second(r.Holds(t.Context(), d.OrgID, d.ID)) },
		"overrides":        func(r store.Reader) error { return second(r.Overrides(t.Context(), d.OrgID, d.ID)) },
		"material changes": func(r store.Reader) error { return second(r.MaterialChanges(t.Context(), d.OrgID, d.ID)) },
		"judgements":       func(r store.Reader) error { return second(r.Judgements(t.Context(), d.OrgID, d.ID)) },
		"additions":        func(r store.Reader) error { return second(r.ScopeAdditions(t.Context(), d.OrgID, d.ID)) },
		"drafts":           func(r store.Reader) error { return second(r.Drafts(t.Context(), d.OrgID, d.ID)) },
		"scores":           func(r store.Reader) error { return second(r.Scores(t.Context(), d.OrgID, d.ID)) },
		"timeline":         func(r store.Reader) error { return second(r.Timeline(t.Context(), d.OrgID, d.ID, 0, 50)) },
	}
	for what, read := range reads {
		plans, err := s.PlansOf(t.Context(), read)
		if err != nil || len(plans) == 0 {
			t.Fatal(what, len(plans), err)
		}
		for query, plan := range plans {
			if organisationOnly.MatchString(strings.ReplaceAll(plan, firstClosure, "")) {
				t.Errorf("%s reads what grows with the register: %s\n%s", what, query, plan)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Down a list words are looked for in the rows of its lines, found by their ids.
// What finds them by the words instead reads all that has them for each line: it
// took 13 s at 100,000 deployments.
func TestAWalkLooksUpItsLines(t *testing.T) {
	t.Parallel()
	byIDs := map[string][]string{
		"postgres": {"Function Scan on json_array_elements_text", "Index Scan using deployments_fts_pkey"},
		"sqlite":   {"SCAN i VIRTUAL TABLE", "SCAN f VIRTUAL TABLE INDEX 0:M4><"},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		h.Noticed(t)
		plan, err := s.PlanOfWalk(t.Context(), h.Org.ID, "case notes", []models.Deployment{{ID: "x"}, {ID: "y"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range byIDs[s.Engine()] {
			if !strings.Contains(plan, step) {
				t.Errorf("no step is %q:\n%s", step, plan)
			}
		}
		if strings.Contains(plan, "deployments_fts_words") {
			t.Errorf("all that has the words is read:\n%s", plan)
		}
		on := models.DateOf(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.UTC)
		for index, sees := range map[string]store.Sees{"deployments_name": {All: true}, "deployments_audience_name": {On: on}} {
			lines, err := s.PlanOfLines(t.Context(), h.Org.ID, store.Filter{Sort: store.SortName, Sees: sees})
			if err != nil {
				t.Fatal(err)
			}
			if s.Engine() == "sqlite" && !strings.Contains(lines, "USING COVERING INDEX "+index+" ") {
				t.Errorf("lines by name are read of the register:\n%s", lines)
			}
		}
	})
}

func keyFor(s store.Sort) string {
	switch s {
	case store.SortName:
		return "n"
	case store.SortReview:
		return "2026-09-01"
	default:
		return "2026-09-01T00:00:00Z"
	}
}

// others are what a record's own pages ask, by the organisation and the record.
var others = map[string]string{
	"one deployment": "SELECT * FROM deployments d WHERE org_id = ? AND ref = ?",
	"its comments":   "SELECT * FROM comments c WHERE org_id = ? AND deployment_id = ? ORDER BY at, id",
	"its timeline":   "SELECT * FROM ledger_entries e WHERE org_id = ? AND deployment_id = ? ORDER BY seq LIMIT 50",
	"its notices":    "SELECT * FROM notices n WHERE org_id = ? AND deployment_id = ? ORDER BY served_at",
	"its claims":     "SELECT * FROM claims c WHERE org_id = ? AND deployment_id = ? ORDER BY ref",
	"its versions":   "SELECT * FROM deployment_versions e WHERE org_id = ? AND deployment_id = ? ORDER BY number DESC LIMIT 50",
}
