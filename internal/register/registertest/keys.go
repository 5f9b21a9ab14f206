package registertest

import (
	"bytes"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"beforehand/internal/auth"
	"beforehand/internal/fetch"
	"beforehand/internal/register"
)

// BaseURL is where a house is reached: passkeys want a host name.
const BaseURL = "http://localhost:8080"

// WithKeys gives the parts of a register what it seals and signs in with.
func WithKeys(t testing.TB, p register.Parts, providers ...auth.Provider) register.Parts {
	t.Helper()
	if p.Watermark == nil {
		mark, err := register.OpenWatermark(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		p.Watermark = mark
	}
	p.Hash = hashOnce
	var err error
	if p.Sealer, err = auth.NewSealer(bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Fatal(err)
	}
	if p.Passkeys, err = auth.NewPasskeys(p.Settings.BaseURL, "Beforehand"); err != nil {
		t.Fatal(err)
	}
	p.Providers = auth.NewProviders(providers, fetch.NewClient(nil))
	// Systems to be told are on this machine, as are all servers of a test.
	p.HTTP = fetch.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	return p
}

var hashed sync.Map

// hashOnce makes the hash of a password once for all houses: it is slow by
// design, each house has a dozen people, and they have one password.
func hashOnce(password string, about ...string) (string, error) {
	key := strings.Join(append([]string{password}, about...), "\x00")
	if h, ok := hashed.Load(key); ok {
		return h.(string), nil
	}
	h, err := auth.HashPassword(password, about...)
	if err == nil {
		hashed.Store(key, h)
	}
	return h, err
}

// AllowPlainHooks lets webhooks go to a server of the test, which is on this
// machine and speaks http.
func (h *House) AllowPlainHooks(t testing.TB) {
	t.Helper()
	h.parts.Settings.PlainHooks = true
	h.Register = register.New(WithKeys(t, h.parts))
}
