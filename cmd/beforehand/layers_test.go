package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors is the house of docs/decisions and the architecture: who may import
// whom among our own packages. Arrows go down, never sideways or up. A new
// package or arrow fails here until someone writes it down.
var floors = map[string][]string{
	"models":                             {},
	"internal/ledger":                    {},
	"frontend/words":                     {},
	"policy":                             {"models"},
	"frontend/charts":                    {},
	"internal/evidence":                  {},
	"internal/fetch":                     {},
	"internal/auth":                      {"models", "internal/fetch"},
	"internal/notice":                    {"models", "frontend/words"},
	"internal/report":                    {"models", "frontend/charts", "frontend/words"},
	"internal/study":                     {"models", "internal/evidence", "internal/report"},
	"internal/files":                     {},
	"internal/receipt":                   {"frontend/words", "internal/ledger"},
	"internal/store":                     {"models", "internal/ledger"},
	"internal/backup":                    {"internal/files", "internal/ledger", "internal/store"},
	"internal/register":                  {"models", "policy", "frontend/words", "internal/auth", "internal/files", "internal/ledger", "internal/notice", "internal/receipt", "internal/report", "internal/store", "internal/study"},
	"internal/seed":                      {"models", "policy", "internal/ledger", "internal/register", "internal/store"},
	"internal/web":                       {"models", "internal/auth"},
	"api":                                {"models", "policy", "frontend/words", "internal/register", "internal/store", "internal/web"},
	"frontend/design":                    {"models", "frontend/words", "internal/web"},
	"frontend/pages":                     {"models", "policy", "frontend/design", "frontend/words", "internal/ledger", "internal/receipt", "internal/register", "internal/store", "internal/web"},
	"frontend":                           {"models", "frontend/design", "frontend/pages", "frontend/words", "internal/register", "internal/web"},
	"cmd/beforehand":                     {"models", "policy", "api", "frontend", "frontend/words", "internal/auth", "internal/backup", "internal/fetch", "internal/files", "internal/ledger", "internal/notice", "internal/receipt", "internal/register", "internal/report", "internal/seed", "internal/store", "internal/web"},
	"bench/limit":                        {"models", "frontend/words"},
	"bench/national":                     {},
	"internal/store/storetest":           {"internal/store"},
	"internal/store/storetest/pgcluster": {"internal/store/storetest"},
	"internal/register/registertest":     {"models", "policy", "internal/auth", "internal/fetch", "internal/files", "internal/notice", "internal/register", "internal/store"},
}

// onlyHere names the packages that a third party is locked into.
var onlyHere = map[string][]string{
	"gorm.io/":                            {"internal/store"},
	"modernc.org/sqlite":                  {"internal/store", "bench/limit"},
	"github.com/riverqueue/":              {"internal/store"},
	"github.com/pressly/goose":            {"internal/store"},
	"github.com/casbin/":                  {"policy"},
	"go.yaml.in/yaml":                     {"policy", "internal/auth", "internal/report"},
	"github.com/gin-gonic/gin":            {"internal/web", "api", "frontend", "frontend/pages", "frontend/design", "cmd/beforehand"},
	"github.com/danielgtaylor/huma":       {"api"},
	"github.com/wneessen/go-mail":         {"internal/notice"},
	"github.com/arran4/golang-ical":       {"internal/notice"},
	"github.com/xuri/excelize":            {"internal/report"},
	"github.com/alexedwards/argon2id":     {"internal/auth"},
	"github.com/coreos/go-oidc":           {"internal/auth"},
	"github.com/go-webauthn/":             {"internal/auth"},
	"github.com/pquerna/otp":              {"internal/auth"},
	"golang.org/x/oauth2":                 {"internal/auth"},
	"golang.org/x/time":                   {"internal/web"},
	"github.com/hashicorp/golang-lru":     {"internal/web", "internal/store"},
	"github.com/alexedwards/scs":          {"internal/web"},
	"github.com/rickar/cal":               {"models"},
	"golang.org/x/mod":                    {"internal/ledger"},
	"github.com/gowebpki/jcs":             {"internal/ledger"},
	"github.com/nicksnyder/go-i18n":       {"frontend/words"},
	"github.com/a-h/templ":                {"frontend/design", "frontend/pages", "frontend"},
	"github.com/alecthomas/kong":          {"cmd/beforehand"},
	"gonum.org/":                          {"internal/evidence"},
	"github.com/aclements/go-moremath":    {"internal/evidence"},
	"github.com/prometheus/client_golang": {"cmd/beforehand"},
	"go.opentelemetry.io/":                {"cmd/beforehand"},
	"filippo.io/age":                      {"internal/backup"},
	"github.com/minio/":                   {"internal/files"},
	"github.com/boombuler/barcode":        {"frontend/pages"},
}

// banned never come in: a second SQLite driver, cgo, other engines, a codec
// that takes minutes to compile.
var banned = []string{"github.com/glebarez/", "github.com/mattn/go-sqlite3", "github.com/ugorji/go", "github.com/go-sql-driver/mysql", "github.com/microsoft/go-mssqldb"}

type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
	Deps       []string
}

func goList(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "nomsgpack", "-json=ImportPath,Doc,Imports,Deps", "beforehand/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestTheHouseStands(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t) {
		name := strings.TrimPrefix(p.ImportPath, "beforehand/")
		allowed, known := floors[name]
		if !known {
			t.Errorf("%s has no floor: write down who may import whom", name)
			continue
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", name)
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, "beforehand/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s may not import %s", name, ours)
			}
			for third, homes := range onlyHere {
				if strings.HasPrefix(imp, third) && !slices.Contains(homes, name) && !strings.HasSuffix(name, "test") {
					t.Errorf("%s may not import %s: it lives in %s", name, imp, strings.Join(homes, ", "))
				}
			}
		}
		for _, dep := range p.Deps {
			for _, b := range banned {
				if strings.HasPrefix(dep, b) {
					t.Errorf("%s brings in %s", name, dep)
				}
			}
		}
	}
}
