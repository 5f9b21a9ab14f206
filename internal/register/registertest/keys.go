package registertest

import (
	"bytes"
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
	var err error
	if p.Sealer, err = auth.NewSealer(bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Fatal(err)
	}
	if p.Passkeys, err = auth.NewPasskeys(p.Settings.BaseURL, "Beforehand"); err != nil {
		t.Fatal(err)
	}
	p.Providers = auth.NewProviders(providers, fetch.NewClient(nil))
	return p
}
