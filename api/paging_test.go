package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/api"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

type page = api.List[api.DeploymentLine]

// fill registers deployments that differ in all that a list sorts and filters by.
func (k *server) fill(t *testing.T, from, n int) []string {
	t.Helper()
	refs := make([]string, 0, n)
	for i := from; i < from+n; i++ {
		rec := k.Record()
		// Names repeat, so that the id decides between equals.
		rec.Name = models.Text{En: fmt.Sprintf("Draft %c notes", 'a'+i%7), Cy: fmt.Sprintf("Drafftio %d", i)}
		rec.Dates.ReviewDue = models.MustDate("2027-08-01").AddDays(i % 5)
		if i%2 == 1 {
			rec.ServiceAreaID = k.OtherArea.ID
		}
		d := need(k.RegisterDeployment(t.Context(), k.CDO, register.Registration{Record: rec}))(t)
		refs = append(refs, d.Ref)
		k.Clock.Set(k.Now().Add(time.Duration(i%3) * time.Millisecond))
	}
	return refs
}

// walk follows the next links to the end and calls between pages.
func (k *server) walk(t *testing.T, path string, between func(n int)) []api.DeploymentLine {
	t.Helper()
	var all []api.DeploymentLine
	for n := 0; path != ""; n++ {
		got := k.do(k.CDO, "GET", path, nil)
		if got.Status != 200 {
			t.Fatalf("%s: %s", path, got)
		}
		p := into[page](t, got)
		all = append(all, p.Items...)
		if path = p.Next; path != "" && between != nil {
			between(n)
		}
		if n > 100 {
			t.Fatal("the pages do not end")
		}
	}
	return all
}

var sortKeys = map[string]func(d api.DeploymentLine) string{
	"created": func(d api.DeploymentLine) string { return d.CreatedAt },
	"updated": func(d api.DeploymentLine) string { return d.UpdatedAt },
	"name":    func(d api.DeploymentLine) string { return d.Name.En },
	"review":  func(d api.DeploymentLine) string { return d.ReviewDue.String() },
}

func TestPagesMissNothing(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		want := k.fill(t, 0, 130)
		slices.Sort(want)
		for by, of := range sortKeys {
			for _, sort := range []string{by, "-" + by} {
				rows := k.walk(t, "deployments?limit=17&sort="+sort, nil)
				var refs []string
				for i, d := range rows {
					refs = append(refs, d.Ref)
					if i == 0 {
						continue
					}
					if before := rows[i-1]; sort[0] == '-' && of(before) < of(d) || sort[0] != '-' && of(before) > of(d) {
						t.Errorf("%s: %q comes before %q", sort, of(before), of(d))
					}
				}
				if slices.Sort(refs); !slices.Equal(refs, want) {
					t.Errorf("%s: %d rows, and not each of the 130 once", sort, len(refs))
				}
			}
		}
	})
}

// TestPagesWhileRowsComeIn holds that what was there when the walk began is
// seen once, whatever comes in meanwhile.
func TestPagesWhileRowsComeIn(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		want := k.fill(t, 0, 40)
		next := 40
		for _, sort := range []string{"created", "-created", "name", "-name", "review", "-review"} {
			seen := map[string]int{}
			for _, d := range k.walk(t, "deployments?limit=15&sort="+sort, func(n int) {
				if n < 4 {
					k.fill(t, next, 3)
					next += 3
				}
			}) {
				seen[d.Ref]++
			}
			for _, ref := range want {
				if seen[ref] != 1 {
					t.Errorf("%s: %s was seen %d times", sort, ref, seen[ref])
				}
			}
			for ref, n := range seen {
				if n > 1 {
					t.Errorf("%s: %s was seen %d times", sort, ref, n)
				}
			}
		}
	})
}

func TestTotals(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		k.fill(t, 0, 1)
		d := need(s.Deployment(t.Context(), k.Org.ID, "DEP-2026-001"))(t)
		// Straight into the store: 1,100 rows that only have to be counted.
		must(t, s.Within(t.Context(), func(tx *store.Tx) error {
			rows := make([]models.Deployment, 0, 100)
			for i := range 1100 {
				row := d
				row.ID, row.Ref = fmt.Sprintf("%s-%04d", d.ID[:20], i), fmt.Sprintf("DEP-2020-%04d", i)
				rows = append(rows, row)
				if len(rows) == 100 {
					if err := tx.Add(t.Context(), &rows); err != nil {
						return err
					}
					rows = rows[:0]
				}
			}
			return nil
		}))
		for query, want := range map[string]struct {
			total  int
			capped bool
		}{
			"limit=1": {1000, true}, "limit=1&total=exact": {1101, false}, "limit=1&stage=live": {0, false}, "limit=1&stage=live&total=exact": {0, false},
		} {
			p := into[page](t, k.do(k.CDO, "GET", "deployments?"+query, nil))
			if p.Total == nil || *p.Total != want.total || p.TotalCapped != want.capped {
				t.Errorf("%s: %+v", query, p)
			}
		}
	})
}

// found are the deployments of TestFilters and what each filter must give.
var found = map[string]string{
	"q=llwyth":                          "gwaith",
	"q=LLWYTH+gwaith":                   "gwaith",
	"q=tŷ":                              "gwaith",
	"q=ty":                              "gwaith",
	"q=Tŷ+llwyth":                       "gwaith",
	"q=rota":                            "rota",
	"q=Rota+wards":                      "rota",
	"q=rota+llwyth":                     "",
	"q=gwyliadwrus":                     "notes",
	"q=café":                            "rota",
	"q=cafe":                            "rota",
	"q=DEP-2026-001":                    "notes",
	"q=Rotamatic":                       "rota",
	"q=nothing":                         "",
	`q="`:                               "",
	"q=rota+*":                          "rota",
	"q=NOT+rota":                        "",
	"q=%25":                             "",
	"q='":                               "",
	"q=rota)":                           "rota",
	"stage=formative":                   "rota",
	"stage=idea":                        "gwaith notes",
	"class=B":                           "gwaith notes",
	"class=C":                           "rota",
	"useFamily=rostering":               "rota",
	"aiClass=rules":                     "gwaith",
	"riskLevel=high":                    "rota",
	"supplier=Rotamatic":                "rota",
	"supplier=rotamatic":                "",
	"model=Scribe":                      "gwaith notes",
	"workerData=Shifts":                 "rota",
	"assessment=eqia":                   "gwaith notes rota",
	"assessment=dpia":                   "",
	"commitment=accepted":               "gwaith notes rota",
	"commitment=broken":                 "",
	"savingOver=1000000":                "rota",
	"savingOver=1000001":                "",
	"late=true":                         "gwaith",
	"late=false":                        "notes rota",
	"reviewDue=2027-06-30":              "",
	"reviewDue=2027-07-01":              "rota",
	"reviewDue=2030-01-01":              "gwaith notes rota",
	"serviceArea=AREA":                  "gwaith notes",
	"serviceArea=OTHER":                 "rota",
	"union=UNISON":                      "gwaith notes",
	"union=GMB":                         "gwaith notes rota",
	"union=none":                        "",
	"q=rota&stage=formative&late=false": "rota",
	"q=rota&stage=idea":                 "",
}

func TestFilters(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		refs := map[string]string{}
		add := func(name string, change func(r *models.Record)) models.Deployment {
			rec := k.Record()
			change(&rec)
			d := need(k.RegisterDeployment(t.Context(), k.CDO, register.Registration{Record: rec}))(t)
			refs[d.Ref] = name
			return d
		}
		add("notes", func(r *models.Record) { r.Name.Cy = "Drafftio nodiadau gwyliadwrus" })
		add("gwaith", func(r *models.Record) {
			r.Name = models.Text{En: "Share the load", Cy: "Rhannu’r llwyth gwaith yn y Tŷ"}
			r.AIClass, r.DecisionStatus = "rules", "already_in_use"
		})
		rota := add("rota", func(r *models.Record) {
			r.Name = models.Text{En: "Plan the rota for wards", Cy: "Cynllunio’r amserlen"}
			r.OneLine = models.Text{En: "Also for the café", Cy: "Hefyd i’r caffi"}
			r.UseFamily, r.RiskLevel, r.ServiceAreaID = "rostering", "high", k.OtherArea.ID
			r.Manages = []models.Managing{"roster"}
			r.Groups = []models.Group{{JobRoleID: k.OtherRole.ID, Headcount: 2}}
			r.Suppliers = []models.Supplier{{Name: "Rotamatic"}}
			r.Models = []models.AIModel{{Name: "Planner"}}
			r.WorkerData = []models.WorkerData{{Category: "Shifts"}}
			r.Costs = append(r.Costs, models.Cost{Kind: "saving_claimed", Year: 2026, Pence: 1_000_000})
			r.Dates.ReviewDue = models.MustDate("2027-07-01")
		})
		need(k.Move(t.Context(), k.CDO, rota.Ref, rota.Version, models.StageFormative, ""))(t)
		ids := strings.NewReplacer("AREA", k.Area.ID, "OTHER", k.OtherArea.ID, "UNISON", k.Unison.ID, "GMB", k.GMB.ID)
		for query, want := range found {
			name, value, _ := strings.Cut(ids.Replace(query), "=")
			if !strings.ContainsAny(value, "&+%") {
				value = url.QueryEscape(value)
			}
			got := k.do(k.CDO, "GET", "deployments?"+name+"="+value, nil)
			if got.Status != 200 {
				t.Errorf("%s: %s", query, got)
				continue
			}
			p := into[page](t, got)
			var names []string
			for _, d := range p.Items {
				names = append(names, refs[d.Ref])
			}
			slices.Sort(names)
			if g := strings.Join(names, " "); g != want || *p.Total != len(names) {
				t.Errorf("%s gives %q, total %d, want %q", query, g, *p.Total, want)
			}
		}
	})
}

// TestPagesOfTheRest walks what else goes on: versions, timeline, ledger, comments.
func TestPagesOfTheRest(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		d, _ := k.Noticed(t)
		for i := range 7 {
			need(k.MakeComment(t.Context(), k.Officer, d.Ref, register.CommentInput{Kind: "concern", Body: fmt.Sprint("Words ", i)}))(t)
			d = need(k.Revise(t.Context(), k.CDO, d.Ref, d.Version, func(r models.Record) (models.Record, error) {
				r.Function = fmt.Sprint("Visits ", i)
				return r, nil
			}, register.Judgement{}))(t)
		}
		for path, n := range map[string]int{
			"deployments/" + d.Ref + "/versions?limit=3": d.Version,
			"deployments/" + d.Ref + "/timeline?limit=4": -1,
			"ledger?limit=5":   -1,
			"comments?limit=2": 7,
		} {
			who := k.CDO
			if strings.HasPrefix(path, "ledger") {
				who = k.Auditor
				size := need(s.LedgerSize(t.Context(), k.Org.ID))(t)
				n = int(size)
			}
			seen := map[string]bool{}
			for next, pages := path, 0; next != ""; pages++ {
				got := k.do(who, "GET", next, nil)
				if got.Status != 200 || pages > 50 {
					t.Fatalf("%s: %s", next, got)
				}
				p := into[api.List[object]](t, got)
				for _, item := range p.Items {
					id := fmt.Sprint(item["number"], item["seq"], item["id"])
					if seen[id] {
						t.Errorf("%s: %s comes twice", path, id)
					}
					seen[id] = true
				}
				next = p.Next
			}
			if n >= 0 && len(seen) != n {
				t.Errorf("%s: %d items, want %d", path, len(seen), n)
			}
		}
	})
}
