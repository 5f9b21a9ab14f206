package auth_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beforehand/internal/auth"
	"beforehand/models"
)

const goodProviders = `providers:
  - organisation: tywi
    id: council
    name: {en: Tywi Council, cy: Cyngor Tywi}
    issuer: https://login.example
    clientID: beforehand
    clientSecretFile: secret
    scopes: [openid, email, profile, groups]
    roleClaim: groups
    roles:
      - {value: digital-team, role: cdo}
      - {value: social-care-managers, role: manager, serviceArea: Adult social care}
      - {value: it, role: admin}
    secondFactor: trusted
    secondFactorACR: ["urn:two"]
  - organisation: tywi
    id: partner-2
    name: {en: Partner, cy: Partner}
    issuer: http://localhost:8080/realms/x
    clientID: public
`

func load(t *testing.T, text string) ([]auth.Provider, error) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"providers.yaml": text, "secret": "s3cret\n", "empty": " \n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return auth.LoadProviders(filepath.Join(dir, "providers.yaml"))
}

func TestLoadProviders(t *testing.T) {
	t.Parallel()
	got, err := load(t, goodProviders)
	if err != nil {
		t.Fatal(err)
	}
	want := []auth.Provider{{
		Organisation: "tywi", ID: "council", Name: models.Text{En: "Tywi Council", Cy: "Cyngor Tywi"},
		Issuer: "https://login.example", ClientID: "beforehand", ClientSecret: "s3cret",
		Scopes: []string{"openid", "email", "profile", "groups"}, RoleClaim: "groups",
		Roles: []auth.RoleMapping{
			{Value: "digital-team", Role: models.RoleCDO},
			{Value: "social-care-managers", Role: models.RoleManager, ServiceArea: "Adult social care"},
			{Value: "it", Role: models.RoleAdmin},
		},
		TrustSecondFactor: true, SecondFactorACR: []string{"urn:two"},
	}, {
		Organisation: "tywi", ID: "partner-2", Name: models.Text{En: "Partner", Cy: "Partner"},
		Issuer: "http://localhost:8080/realms/x", ClientID: "public", Scopes: []string{"openid", "email", "profile"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	shown, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(shown) + fmt.Sprintf("%v %+v %#v %s", got, got, got, got[0].ClientSecret); strings.Contains(s, "s3cret") {
		t.Errorf("the secret shows: %s", s)
	}
	if all, err := load(t, "providers: []\n"); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := auth.LoadProviders(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("no file")
	}
}

func TestProviderFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":          {"    roleClaim: groups", "    roleClaims: groups", `:9: unknown key "roleClaims"`},
		"unknown key on top":   {"providers:", "others: []\nproviders:", `:1: unknown key "others"`},
		"unknown key in role":  {"role: cdo}", "role: cdo, area: x}", `:11: unknown key "area"`},
		"missing key":          {"    clientID: public\n", "", `:16: "clientID" is missing`},
		"missing language":     {", cy: Cyngor Tywi", "", `:4: "cy" is missing`},
		"key twice":            {"    clientID: public", "    id: other\n    clientID: public", `:20: "id" is said twice`},
		"same provider twice":  {"id: partner-2", "id: council", `:16: organisation "tywi" has a provider "council" already, on line 2`},
		"odd organisation":     {"organisation: tywi\n    id: council", "organisation: Tywi Council\n    id: council", `:2: "Tywi Council" is not`},
		"odd id":               {"id: council", "id: coun/cil", `:3: "coun/cil" is not an id`},
		"long id":              {"id: council", "id: " + strings.Repeat("x", 41), `:3: `},
		"issuer over http":     {"https://login.example", "http://login.example", `:5: issuer: "http://login.example" must begin with https://`},
		"issuer, no address":   {"https://login.example", "login.example", `:5: issuer: `},
		"issuer, no host":      {"https://login.example", "https:///x", `:5: issuer: `},
		"issuer with a query":  {"https://login.example", "https://login.example/?a=b", `:5: issuer: `},
		"issuer with a name":   {"https://login.example", "https://a:b@login.example/", `:5: issuer: `},
		"issuer with a hash":   {"https://login.example", "https://login.example/#x", `:5: issuer: `},
		"issuer like loopback": {"http://localhost:8080/realms/x", "http://localhost.evil.example/", `:19: issuer: `},
		"unknown role":         {"role: cdo", "role: chief", `:11: unknown role "chief"`},
		"public role":          {"role: cdo", "role: public", `:11: unknown role "public"`},
		"union officer":        {"role: cdo", "role: union_officer", `:11: an employer's sign-in cannot give the role "union_officer": a union's own officers invite their people`},
		"union rep":            {"role: admin", "role: union_rep", `:13: an employer's sign-in cannot`},
		"same mapping twice":   {"{value: it, role: admin}", "{value: digital-team, role: cdo}", `:13: the same role for "digital-team" is said twice`},
		"roles without claim":  {"    roleClaim: groups\n", "", `:2: roles are mapped, but roleClaim is missing`},
		"scopes without it":    {"[openid, email, profile, groups]", "[email]", `:8: scopes must hold openid`},
		"scopes as a text":     {"[openid, email, profile, groups]", "openid", `:8: a list is expected here`},
		"secret twice":         {"clientSecretFile: secret", "clientSecretFile: secret\n    clientSecret: x", `:2: either clientSecret or clientSecretFile`},
		"secret file missing":  {"clientSecretFile: secret", "clientSecretFile: none", `:7: clientSecretFile: `},
		"secret file empty":    {"clientSecretFile: secret", "clientSecretFile: empty", `:7: clientSecretFile: `},
		"second factor maybe":  {"secondFactor: trusted", "secondFactor: sometimes", `:14: secondFactor is trusted or never`},
		"classes, no trust":    {"secondFactor: trusted", "secondFactor: never", `:2: secondFactorACR means nothing`},
		"empty text":           {"clientID: public", `clientID: " "`, `:20: a text is expected here`},
		"list for a text":      {"clientID: public", `clientID: [a]`, `:20: a text is expected here`},
		"not a list":           {goodProviders, "providers: {}\n", `:1: a list is expected here`},
		"not a mapping":        {goodProviders, "- a\n", `:1: keys and values are expected here`},
		"empty":                {goodProviders, "", `the file is empty`},
		"only a remark":        {goodProviders, "# nothing\n", `the file is empty`},
		"not YAML":             {goodProviders, "a: [\n", `yaml`},
		"a second file within": {goodProviders, goodProviders + "---\nproviders: []\n", `goes on after its end`},
	} {
		if !strings.Contains(goodProviders, c.old) {
			t.Fatalf("%s: %q is not in the file", name, c.old)
		}
		_, err := load(t, strings.Replace(goodProviders, c.old, c.new, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "providers.yaml") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}
