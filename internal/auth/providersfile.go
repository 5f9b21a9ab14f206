package auth

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

// The shapes of an organisation's short name and of a provider's id: both stand
// in addresses.
var (
	slugShape     = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)
	providerShape = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
)

// readProviders reads the text of a providers file.
func readProviders(file string, text []byte) ([]Provider, error) {
	r := &reader{file: file}
	var all []Provider
	lines := map[string]int{}
	if root := r.parse(text); root != nil {
		r.fields(root, map[string]field{"providers": must(r.list(func(n *yaml.Node) {
			p := r.provider(n)
			key := p.Organisation + "/" + p.ID
			if first := lines[key]; first != 0 && p.ID != "" {
				r.fault(n, "organisation %q has a provider %q already, on line %d", p.Organisation, p.ID, first)
			}
			lines[key] = n.Line
			all = append(all, p)
		}))})
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return all, nil
}

func (r *reader) provider(n *yaml.Node) Provider {
	p := Provider{Scopes: []string{"openid", "email", "profile"}}
	var secret, secretFile string
	r.fields(n, map[string]field{
		"organisation":     must(r.shaped(&p.Organisation, slugShape, "an organisation's short name")),
		"id":               must(r.shaped(&p.ID, providerShape, "an id of a-z, 0-9 and -")),
		"name":             must(r.text(&p.Name)),
		"issuer":           must(r.issuer(&p.Issuer)),
		"clientID":         must(r.str(&p.ClientID)),
		"clientSecret":     may(r.str(&secret)),
		"clientSecretFile": may(r.secretFile(&secretFile)),
		"scopes":           may(r.scopes(&p.Scopes)),
		"roleClaim":        may(r.str(&p.RoleClaim)),
		"roles":            may(r.list(r.role(&p.Roles))),
		"secondFactor":     may(r.secondFactor(&p.TrustSecondFactor)),
		"secondFactorACR":  may(r.strs(&p.SecondFactorACR)),
	})
	switch {
	case secret != "" && secretFile != "":
		r.fault(n, "either clientSecret or clientSecretFile, not both")
	case len(p.Roles) > 0 && p.RoleClaim == "":
		r.fault(n, "roles are mapped, but roleClaim is missing")
	case len(p.SecondFactorACR) > 0 && !p.TrustSecondFactor:
		r.fault(n, "secondFactorACR means nothing without secondFactor: trusted")
	}
	p.ClientSecret = Secret(secret + secretFile)
	return p
}

func (r *reader) issuer(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.str(to)(n)
		if *to == "" {
			return
		}
		u, err := webAddress(*to)
		if err == nil && (u.RawQuery != "" || u.ForceQuery) {
			err = fmt.Errorf("%q has a question mark, which an issuer cannot", *to)
		}
		if err != nil {
			r.fault(n, "issuer: %v", err)
		}
	}
}

func (r *reader) secretFile(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var path string
		if r.str(&path)(n); path == "" {
			return
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(r.file), path)
		}
		text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			r.fault(n, "clientSecretFile: %v", err)
			return
		}
		if *to = strings.TrimSpace(string(text)); *to == "" {
			r.fault(n, "clientSecretFile: %s is empty", path)
		}
	}
}

func (r *reader) scopes(to *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = nil
		r.strs(to)(n)
		if !slices.Contains(*to, "openid") {
			r.fault(n, "scopes must hold openid")
		}
	}
}

func (r *reader) secondFactor(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value != "trusted" && n.Value != "never" {
			r.fault(n, "secondFactor is trusted or never, not %q", n.Value)
			return
		}
		*to = n.Value == "trusted"
	}
}

func (r *reader) role(to *[]RoleMapping) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var m RoleMapping
		r.fields(n, map[string]field{
			"value":       must(r.str(&m.Value)),
			"role":        must(r.roleName(&m.Role)),
			"serviceArea": may(r.str(&m.ServiceArea)),
		})
		if slices.Contains(*to, m) {
			r.fault(n, "the same role for %q is said twice", m.Value)
		}
		*to = append(*to, m)
	}
}

func (r *reader) roleName(to *models.Role) func(*yaml.Node) {
	return func(n *yaml.Node) {
		role := models.Role(n.Value)
		switch {
		case n.Kind != yaml.ScalarNode || !slices.Contains(models.Roles, role):
			r.fault(n, "unknown role %q", n.Value)
		case role.ForUnion():
			r.fault(n, "an employer's sign-in cannot give the role %q: a union's own officers invite their people", n.Value)
		default:
			*to = role
		}
	}
}
