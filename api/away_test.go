package api_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"beforehand/api"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// outage is a database that can be made to fail, and to be well again.
type outage struct {
	s          *store.Store
	fail, mend func()
	code, wait string
}

// outages are a PostgreSQL server that goes away and an SQLite file on a full disk.
func outages(t *testing.T) map[string]outage {
	t.Helper()
	g := storetest.NewGate(t)
	far, err := store.Open(t.Context(), g.DSN)
	must(t, err)
	t.Cleanup(func() { _ = far.Close() })
	must(t, far.Prepare())
	near := storetest.Open(t, "sqlite")
	pages := func(most string) func() {
		return func() {
			must(t, near.Raw(t.Context(), "VACUUM")) // no page is free
			must(t, near.Raw(t.Context(), "PRAGMA max_page_count = "+most))
		}
	}
	return map[string]outage{
		"postgres": {far, g.Shut, g.Open, "database_away", "5"},
		"sqlite":   {near, pages("1"), pages("1073741823"), "database_full", "60"},
	}
}

// away holds that an answer says what is wrong, how it is mended and when to ask again.
func (k *server) away(t *testing.T, got answer, o outage) {
	t.Helper()
	if got.Status != 503 || got.Header.Get("Retry-After") != o.wait {
		t.Errorf("%s, to be asked again in %q s", got, got.Header.Get("Retry-After"))
	}
	k.wellFormed(t, got, scenario{code: o.code})
}

// TestAnOutageIsToldAndTheSameKeyMayBeTriedAgain on both engines: what was
// answered with 503 is done once when it is sent again.
func TestAnOutageIsToldAndTheSameKeyMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	for engine, o := range outages(t) {
		t.Run(engine, func(t *testing.T) {
			k := serve(t, o.s)
			d, _ := k.Noticed(t)
			k.as(k.Officer)
			path, body := "deployments/"+d.Ref+"/comments", object{"kind": "concern", "body": strings.Repeat("Caseloads. ", 4000)}
			before := k.state()
			o.fail()
			for range 2 {
				k.away(t, k.do(k.Officer, "POST", path, body, key("in an outage")), o)
			}
			if engine == "postgres" { // a full disk can still be read from
				k.away(t, k.do(k.Officer, "GET", path, nil), o)
				k.away(t, k.do(models.Actor{}, "GET", "deployments", nil), o)
				k.away(t, k.do(models.Actor{}, "GET", "deployments", nil, headers{"Cookie": "beforehand=somebody"}), o)
			}
			if !strings.Contains(k.log.String(), "not available") {
				t.Error("the log does not say why")
			}
			o.mend()
			unchanged(t, before, k.state())
			made := k.run(t, scenario{who: k.Officer, method: "POST", path: path, headers: key("in an outage"), body: body, status: 201, entries: 1})
			again := k.run(t, scenario{who: k.Officer, method: "POST", path: path, headers: key("in an outage"), body: body, status: 201})
			if into[api.Comment](t, made).ID != into[api.Comment](t, again).ID {
				t.Errorf("done twice: %s and %s", made, again)
			}
		})
	}
}

// TestRowsThatFindNoRoomAreTold: what is sent is read into a file first, and no
// mistake of the sender's is made of that file's.
func TestRowsThatFindNoRoomAreTold(t *testing.T) {
	k := serve(t, storetest.Open(t, "sqlite"))
	d, _ := k.Noticed(t)
	locked := k.Locked(t, d.Ref)
	k.as(k.Manager)
	before := k.state()
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	got := k.do(k.Manager, "POST", "claims/"+locked.Ref+"/datasets?name=x.csv", []byte(registertest.Rows(12, 9, 20)), headers{"Content-Type": "application/octet-stream"})
	k.away(t, got, outage{code: "files_away", wait: "60"})
	unchanged(t, before, k.state())
	t.Setenv("TMPDIR", t.TempDir())
	r := httptest.NewRequest(http.MethodPost, "/api/v1/claims/"+locked.Ref+"/datasets?name=x.csv", noRoom{})
	r.RemoteAddr = "127.0.0.1:1" // where the token was used from before
	r.Header.Set("Authorization", k.as(k.Manager))
	r.Header.Set("Content-Type", "application/octet-stream")
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"files_away"`) {
		t.Errorf("in the middle: %d %s", w.Code, w.Body)
	}
	unchanged(t, before, k.state())
}

// TestAnImportLeavesNothingBehind on a disk, where nobody would remove it.
func TestAnImportLeavesNothingBehind(t *testing.T) {
	k := serve(t, storetest.Open(t, "sqlite"))
	k.as(k.CDO)
	place := t.TempDir()
	t.Setenv("TMPDIR", place)
	rows, kind := multi(t, map[string]string{"file": importCSV + strings.Repeat("\n", 64<<10), "mapFile": ownMap})
	if got := k.do(k.CDO, "POST", "imports?dryRun=true", rows, headers{"Content-Type": kind}); got.Status != http.StatusOK {
		t.Fatal(got)
	}
	left, err := os.ReadDir(place)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// noRoom ends as a copy to a disk does that is full.
type noRoom struct{}

func (noRoom) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: ".upload", Err: syscall.ENOSPC}
}
