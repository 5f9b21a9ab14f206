package api_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/api"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

// mostStatements is what a read may ask of the database: two to know who asks,
// and what the record takes. Lists take five; the gate and what is shown beside
// it gather a consultation from a dozen tables.
var mostStatements = map[string]int{
	"/deployments": 6, "/deployments/{ref}": 4, "/deployments/{ref}/timeline": 5, "/deployments/{ref}/gate": 13, "/deployments/{ref}/comments": 16,
	"/deployments/{ref}/notices": 24, "/notices/{no}": 18, "/me": 3, "/unions": 5, "/service-areas": 5, "/job-roles": 5,
}

// grows are the routes that still ask once a row, with why that is bounded.
var grows = map[string]string{}

// No read asks the database more often because there is more to be found: each
// is asked of a small register and of one with several times as much.
func TestNoReadAsksOftenerForMore(t *testing.T) {
	t.Parallel()
	few := asked(t, seed.Size{Deployments: 12, Comments: 30, Organisations: 1, Light: 0, Seed: 3, Until: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)})
	many := asked(t, seed.Size{Deployments: 60, Comments: 900, Organisations: 1, Light: 0, Seed: 3, Until: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)})
	looked := 0
	for route, n := range few {
		m, ok := many[route]
		if !ok {
			t.Errorf("%s is answered of the small register alone", route)
			continue
		}
		looked++
		_, path, _ := strings.Cut(route, " ")
		if why, known := grows[path]; m > n+3 && !known {
			t.Errorf("%s: %d statements of few, %d of many", route, n, m)
		} else if known && m <= n+3 {
			t.Errorf("%s no longer asks oftener for more (%d, %d): %q is not true any more", route, n, m, why)
		}
		if most, ok := mostStatements[path]; ok && m > most {
			t.Errorf("%s: %d statements, and %d are enough", route, m, most)
		}
	}
	if looked < 100 {
		t.Errorf("only %d reads were looked at", looked)
	}
}

// asked is how many statements each read takes, for each of some readers.
func asked(t *testing.T, size seed.Size) map[string]int {
	t.Helper()
	s := storetest.Open(t, "sqlite")
	if err := seed.Make(t.Context(), s, policy.Bundled(), size, func(seed.Progress) {}); err != nil {
		t.Fatal(err)
	}
	h := registertest.Empty(t, s)
	h.Clock.Set(size.Until.Add(time.Hour))
	var err error
	if h.Org, err = s.OrganisationBySlug(t.Context(), seed.Slug(size.Seed, 1)); err != nil {
		t.Fatal(err)
	}
	k := serveHouse(t, h, policy.Default())
	samples := samplesOf(t, h)
	out := map[string]int{}
	for _, who := range []models.Role{models.RoleCDO, models.RoleUnionOfficer, models.RoleScrutiny, models.RoleAdmin} {
		header := k.as(wearing(t, h, who))
		for _, path := range reads(t) {
			full := path
			for name, value := range samples {
				if rest, ok := strings.CutPrefix(full, name); ok {
					full = value + rest
				}
			}
			full = strings.NewReplacer("{date}", "2026-08-20", "{number}", "1", "{size}", "5").Replace(full)
			if strings.Contains(full, "{") {
				continue
			}
			ask := func() (int, int) {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1"+full, nil)
				r.Header.Set("Authorization", header)
				w := httptest.NewRecorder()
				k.handler.ServeHTTP(w, r)
				return w.Code, lastCount(t, k)
			}
			ask() // known from now on where they come from
			if status, n := ask(); status == http.StatusOK {
				out[string(who)+" "+path] = n
			}
		}
	}
	return out
}

// reads are the addresses of the API that are read.
func reads(t *testing.T) []string {
	t.Helper()
	b, err := api.Mount(gin.New(), api.Parts{Policy: policy.Default(), Log: slog.New(slog.DiscardHandler), Version: "test"}).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	for path, ops := range doc.Paths {
		if _, ok := ops["get"]; ok {
			out = append(out, strings.TrimPrefix(path, "/api/v1"))
		}
	}
	slices.Sort(out)
	return out
}

// lastCount is the number of statements that the log tells of the last request.
func lastCount(t *testing.T, k *server) int {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(k.log.String()), "\n")
	var line struct {
		Msg        string
		Statements *int
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil || line.Msg != "request" || line.Statements == nil {
		t.Fatalf("%v: %s", err, lines[len(lines)-1])
	}
	return *line.Statements
}

// samplesOf are the beginnings of addresses with the record of which most is said.
func samplesOf(t *testing.T, h *registertest.House) map[string]string {
	t.Helper()
	cdo := wearing(t, h, models.RoleCDO)
	rows, _, _, err := h.Deployments(t.Context(), cdo, store.Filter{}, register.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	var ref, no, claim string
	most := -1
	for _, d := range rows {
		comments := need(h.Comments(t.Context(), cdo, d.Ref))(t)
		notices := need(h.Notices(t.Context(), cdo, d.Ref))(t)
		claims := need(h.Claims(t.Context(), cdo, d.Ref))(t)
		if len(notices) > 0 && len(comments) > most {
			ref, no, most = d.Ref, notices[0].No, len(comments)
		}
		if len(claims) > 0 {
			claim = claims[0].Ref
		}
	}
	if most < 2 {
		t.Fatalf("the deployment of which most is said has %d comments", most)
	}
	return map[string]string{"/deployments/{ref}": "/deployments/" + ref, "/notices/{no}": "/notices/" + no, "/claims/{claim}": "/claims/" + claim}
}

func wearing(t *testing.T, h *registertest.House, role models.Role) models.Actor {
	t.Helper()
	members := need(h.Store.Members(t.Context(), h.Org.ID))(t)
	i := slices.IndexFunc(members, func(m store.Member) bool { return m.Role == role })
	if i < 0 {
		t.Fatalf("nobody is %s", role)
	}
	return need(h.ActorOf(t.Context(), members[i].UserID, h.Org.ID))(t)
}
