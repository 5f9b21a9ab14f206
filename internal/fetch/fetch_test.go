package fetch

import (
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var home = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// counted is a server that counts what reaches it.
func counted(t *testing.T, start func(http.Handler) *httptest.Server, answer http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var hits atomic.Int32
	srv := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv, &hits
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

func get(t *testing.T, c *http.Client, address string) (string, error) {
	t.Helper()
	t.Cleanup(c.CloseIdleConnections)
	resp, err := c.Get(address)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func trusting(srv *httptest.Server) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	plain, _ := counted(t, httptest.NewServer, hello)
	secure, _ := counted(t, httptest.NewTLSServer, hello)
	for _, address := range []string{plain.URL, secure.URL} {
		if got, err := get(t, newClient(home, trusting(secure)), address); got != "hello" || err != nil {
			t.Errorf("%s: %q, %v", address, got, err)
		}
	}
	if _, err := get(t, NewClient(home), secure.URL); err == nil {
		t.Error("a certificate that nobody vouches for")
	}
}

func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	srv, hits := counted(t, httptest.NewServer, hello)
	secure, secureHits := counted(t, httptest.NewTLSServer, hello)
	port := srv.Listener.Addr().(interface{ AddrPort() netip.AddrPort }).AddrPort().Port()
	at := func(host string) string { return "http://" + host + ":" + strconv.Itoa(int(port)) + "/" }
	elsewhere := []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}
	for address, class := range map[string]Class{
		srv.URL:                        Loopback,
		secure.URL:                     Loopback,
		at("localhost"):                Loopback, // a name that resolves to it
		at("[::1]"):                    Loopback,
		at("[::ffff:127.0.0.1]"):       Loopback,
		at("0.0.0.0"):                  Unspecified,
		at("[::]"):                     Unspecified,
		at("169.254.169.254"):          LinkLocal,
		at("[fe80::1%25lo]"):           LinkLocal,
		at("10.0.0.1"):                 Private,
		at("[64:ff9b::7f00:1]"):        Loopback,
		at("[2002:7f00:1::1]"):         Loopback,
		"http://100.64.0.1/":           Shared,
		"https://192.0.2.1/":           Example,
		"https://[fd00::1]/":           Private,
		"https://224.0.0.1/":           Multicast,
		"http://8.8.8.8/":              Public, // without TLS
		"http://[64:ff9b::808:808]:1/": Public,
	} {
		_, err := get(t, newClient(elsewhere, trusting(secure)), address)
		refused, ok := errors.AsType[*Refused](err)
		if !ok || refused.Class != class || refused.Plain != (class == Public) {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if class != Public && !strings.Contains(refused.Error(), string(class)) || strings.Contains(refused.Error(), refused.Addr.String()) {
			t.Errorf("%s: %q tells too little or too much", address, refused)
		}
	}
	// Forms of 127.0.0.1 that some resolvers take; ours takes them for names.
	for _, host := range []string{"2130706433", "0177.0.0.1", "0x7f.1", "127.1", "127.0.0.1.", "①②⑦.⓪.⓪.①"} {
		if got, err := get(t, NewClient(nil), at(host)); err == nil {
			t.Errorf("%s: %q", host, got)
		}
	}
	for _, address := range []string{"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "", "//127.0.0.1/"} {
		if _, err := get(t, NewClient(home), address); err == nil {
			t.Errorf("%q is fetched", address)
		}
	}
	if n := hits.Load() + secureHits.Load(); n != 0 {
		t.Errorf("%d requests got through", n)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	target, hits := counted(t, httptest.NewServer, hello)
	secure, _ := counted(t, httptest.NewTLSServer, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.URL, http.StatusFound)
	})
	if _, err := get(t, newClient(home, trusting(secure)), secure.URL); err == nil || hits.Load() != 0 {
		t.Errorf("from https to http: %v", err)
	}

	// A server that may be asked sends on to one that may not.
	only := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	for where, class := range map[string]Class{
		"http://127.0.0.2/": Loopback, "https://[::1]/": Loopback, "http://169.254.169.254/latest": LinkLocal,
		"https://10.0.0.1/": Private, "http://8.8.8.8/": Public,
	} {
		first, _ := counted(t, httptest.NewServer, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, where, http.StatusFound)
		})
		_, err := get(t, NewClient(only), first.URL)
		if r, ok := errors.AsType[*Refused](err); !ok || r.Class != class {
			t.Errorf("to %s: %v", where, err)
		}
	}

	hops, seen := counted(t, httptest.NewServer, func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Path[1:])
		if err == nil && n > 0 {
			http.Redirect(w, r, "/"+strconv.Itoa(n-1), http.StatusFound)
			return
		}
		hello(w, r)
	})
	if got, err := get(t, NewClient(home), hops.URL+"/3"); got != "hello" || err != nil || seen.Load() != 4 {
		t.Errorf("three redirects: %q, %v", got, err)
	}
	if _, err := get(t, NewClient(home), hops.URL+"/4"); err == nil {
		t.Error("four redirects")
	}
	away, _ := counted(t, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	})
	if _, err := get(t, NewClient(home), away.URL); err == nil {
		t.Error("a redirect to a file")
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	srv, _ := counted(t, httptest.NewServer, func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/header" {
			w.Header().Set("X-Long", strings.Repeat("x", n))
			return
		}
		var out io.Writer = w
		if r.URL.Path == "/packed" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			out = z
		}
		_, _ = io.WriteString(out, strings.Repeat("x", n))
	})
	for path, ok := range map[string]bool{
		"/?n=0": true, "/?n=1048575": true, "/?n=1048576": true, "/?n=1048577": false, "/?n=5000000": false,
		"/packed?n=1048576": true, "/packed?n=50000000": false,
		"/header?n=100": true, "/header?n=200000": false,
	} {
		got, err := get(t, NewClient(home), srv.URL+path)
		if (err == nil) != ok || len(got) > maxBody {
			t.Errorf("%s: %d bytes, %v", path, len(got), err)
		}
		if !ok && !strings.HasPrefix(path, "/header") && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBareClient(t *testing.T) {
	// Not parallel: it changes the environment.
	proxy, hits := counted(t, httptest.NewServer, hello)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	if _, err := get(t, NewClient(home), "http://8.8.8.8/"); err == nil || hits.Load() != 0 {
		t.Errorf("a proxy was asked: %v", err)
	}
	cookies, _ := counted(t, httptest.NewServer, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		_, _ = io.WriteString(w, r.Header.Get("Cookie"))
	})
	c := NewClient(home)
	for range 2 {
		if got, err := get(t, c, cookies.URL); got != "" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if c.Timeout != 10*time.Second || c.Jar != nil {
		t.Errorf("%v, %v", c.Timeout, c.Jar)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	defer close(done)
	slow, _ := counted(t, httptest.NewServer, func(http.ResponseWriter, *http.Request) { <-done })
	c := NewClient(home)
	c.Timeout = 50 * time.Millisecond
	var e *url.Error
	if _, err := get(t, c, slow.URL); !errors.As(err, &e) || !e.Timeout() {
		t.Errorf("%v", err)
	}
}
