// Package fetch is the only way in which the server fetches an address that it
// was given, such as that of an organisation's own sign-in: an address from
// outside must not make the server ask inside, on its own behalf, for what only
// the network's own machines may see.
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	// total is how long a fetch may take, redirects and body included.
	total = 10 * time.Second
	// dialling is how long one connection may take.
	dialling = 5 * time.Second
	// redirects is how many are followed.
	redirects = 3
	// maxHeader and maxBody are what an answer may weigh, in bytes, unpacked.
	maxHeader = 64 << 10
	maxBody   = 1 << 20
)

// Refused says that an address resolved to where the server does not go. It is
// for logs: what a name resolves to inside the network is not for users.
type Refused struct {
	// Class is the class of the address.
	Class Class
	// Plain says that the address is public but was asked for without TLS.
	Plain bool
	// Addr is the address itself; the message leaves it out.
	Addr netip.Addr
}

// Error tells the class, not the address.
func (r *Refused) Error() string {
	if r.Plain {
		return "fetch: http is for allowed addresses only"
	}
	return "fetch: refused a " + string(r.Class) + " address"
}

// NewClient makes a client that reaches public addresses over https, and those
// inside an allowed prefix over http as well. It follows three redirects at
// most, none from https to http, keeps no cookies, asks no proxy, and reads no
// more than 1 MiB in no more than ten seconds.
func NewClient(allow []netip.Prefix) *http.Client { return newClient(allow, nil) }

// newClient takes the certificates to trust; tests have their own.
func newClient(allow []netip.Prefix, trust *tls.Config) *http.Client {
	allow = slices.Clone(allow)
	return &http.Client{
		Transport: &transport{
			plain:  newTransport(guard(allow, true), nil),
			secure: newTransport(guard(allow, false), trust),
		},
		CheckRedirect: checkRedirect,
		Timeout:       total,
	}
}

// transport goes by the scheme: a connection that was allowed for one is never
// used for the other.
type transport struct{ plain, secure *http.Transport }

// RoundTrip sends one request and bounds its answer.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var by *http.Transport
	switch r.URL.Scheme {
	case "https":
		by = t.secure
	case "http":
		by = t.plain
	default:
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, fmt.Errorf("fetch: %q is neither http nor https", r.URL.Scheme)
	}
	resp, err := by.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &bounded{body: resp.Body, left: maxBody}
	return resp, nil
}

// CloseIdleConnections lets the client's method of the same name work.
func (t *transport) CloseIdleConnections() {
	t.plain.CloseIdleConnections()
	t.secure.CloseIdleConnections()
}

func newTransport(control func(context.Context, string, string, syscall.RawConn) error, trust *tls.Config) *http.Transport {
	if trust == nil {
		trust = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	dialer := &net.Dialer{Timeout: dialling, ControlContext: control}
	return &http.Transport{
		Proxy:                  nil, // one from the environment would dial in our place, unguarded
		DialContext:            dialer.DialContext,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    dialling,
		ResponseHeaderTimeout:  total,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConns:           10,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
}

// guard looks at each address after its name was resolved and right before it
// is dialled, so that a name that resolves to something else the second time
// gains nothing.
func guard(allow []netip.Prefix, plain bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return &Refused{Class: Reserved}
		}
		addr := at.Addr().Unmap().WithZone("")
		if slices.ContainsFunc(allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			return nil
		}
		if class := Classify(addr); class != Public {
			return &Refused{Class: class, Addr: addr}
		}
		if plain {
			return &Refused{Class: Public, Plain: true, Addr: addr}
		}
		return nil
	}
}

func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > redirects {
		return errors.New("fetch: too many redirects")
	}
	if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errors.New("fetch: a redirect from https to http")
	}
	return nil
}
