package auth

import (
	"strings"
	"testing"
)

func FuzzProviders(f *testing.F) {
	f.Add("providers:\n  - organisation: tywi\n    id: a\n    name: {en: a, cy: b}\n    issuer: https://a.example\n    clientID: x\n")
	f.Add("providers: [{roles: [{value: a, role: union_rep}], roleClaim: g}]")
	f.Add("a: &a [*a]")
	f.Add("providers: *x")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "File") {
			return // a file of this machine is not to be read
		}
		all, err := readProviders("providers.yaml", []byte(text))
		if err != nil && !strings.Contains(err.Error(), "providers.yaml") {
			t.Errorf("%v does not name the file", err)
		}
		for _, p := range all {
			if p.Organisation == "" || p.ID == "" || p.ClientID == "" || p.Name.En == "" || p.Name.Cy == "" {
				t.Errorf("%+v", p)
			}
			if _, err := webAddress(p.Issuer); err != nil {
				t.Error(err)
			}
			for _, m := range p.Roles {
				if m.Role == "" || m.Value == "" || m.Role.ForUnion() {
					t.Errorf("%+v", m)
				}
			}
		}
	})
}
