package auth

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"beforehand/models"
)

// Provider is an organisation's own sign-in, by OpenID Connect.
type Provider struct {
	// Organisation is the short name of the organisation it signs people in to.
	Organisation string
	// ID tells it from the organisation's others; it stands in addresses.
	ID string
	// Name is what its button says.
	Name models.Text
	// Issuer is its address, to the letter as it calls itself.
	Issuer   string
	ClientID string
	// ClientSecret is "" for a public client.
	ClientSecret Secret
	Scopes       []string
	// RoleClaim is the claim that holds a person's groups; "" maps no roles.
	RoleClaim string
	Roles     []RoleMapping
	// TrustSecondFactor believes the provider when it says that it has asked for
	// a second factor: amr holds "mfa", or acr is one of SecondFactorACR.
	TrustSecondFactor bool
	SecondFactorACR   []string
}

// RoleMapping gives a role to those whose claim holds a value. ServiceArea is
// the name of the part of the organisation it is limited to, or "".
type RoleMapping struct {
	Value       string
	Role        models.Role
	ServiceArea string
}

// Secret is a text that does not show when it is printed, logged or encoded.
type Secret string

const hidden = "(secret)"

// String hides it.
func (Secret) String() string { return hidden }

// GoString hides it from %#v too.
func (Secret) GoString() string { return hidden }

// MarshalText hides it from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LoadProviders reads the file that configures organisations' own sign-in. Its
// error names file and line of everything that is wrong. A clientSecretFile with
// a relative path is looked for beside the file.
func LoadProviders(path string) ([]Provider, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("sign-in providers: %w", err)
	}
	return readProviders(path, text)
}

// webAddress reads an address that secrets travel to: https, or http on this
// machine itself, for trying out.
func webAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", text)
	}
	host := u.Hostname()
	switch {
	case host == "" || u.User != nil || u.Fragment != "":
		return nil, fmt.Errorf("%q is not an address such as https://login.example", text)
	case u.Scheme == "https", u.Scheme == "http" && loopback(host):
		return u, nil
	default:
		return nil, fmt.Errorf("%q must begin with https://", text)
	}
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// mapped gives the roles that a person's values stand for.
func (p Provider) mapped(values []string) []RoleMapping {
	var out []RoleMapping
	for _, m := range p.Roles {
		if slices.Contains(values, m.Value) {
			out = append(out, m)
		}
	}
	return out
}
