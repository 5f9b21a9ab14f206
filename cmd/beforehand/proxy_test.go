package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// proxy shares requests out over replicas as a small reverse proxy does: in
// turn, to those that say at /readyz that they are ready. It tries again what
// never reached a replica, and what may be asked twice.
type proxy struct {
	*httptest.Server
	replicas []*upstream
	turn     atomic.Uint64
	via      *http.Transport
	// again counts the requests that were tried at a second replica.
	again atomic.Int64
}

type upstream struct {
	addr  string
	ready atomic.Bool
}

// newProxy stands in front of the addresses.
func newProxy(t *testing.T, addrs ...string) *proxy {
	t.Helper()
	p := &proxy{via: &http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext}}
	for _, addr := range addrs {
		u := &upstream{addr: addr}
		p.replicas = append(p.replicas, u)
		go u.watch(t)
	}
	p.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.URL.Host = "replicas"
			r.SetXForwarded()
		},
		Transport: p,
	})
	t.Cleanup(func() {
		p.CloseClientConnections() // live updates go on for ever
		p.Close()
		p.via.CloseIdleConnections()
	})
	return p
}

// watch asks a replica now and then whether it is ready.
func (u *upstream) watch(t *testing.T) {
	asks := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		res, err := asks.Get("http://" + u.addr + "/readyz")
		if err == nil {
			_ = res.Body.Close()
		}
		u.ready.Store(err == nil && res.StatusCode == http.StatusOK)
		select {
		case <-t.Context().Done():
			return
		case <-tick.C:
		}
	}
}

var errNoReplica = errors.New("no replica is ready")

// RoundTrip sends a request to the replica whose turn it is.
func (p *proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	first := p.turn.Add(1)
	last := errNoReplica
	for i := range uint64(len(p.replicas)) {
		u := p.replicas[(first+i)%uint64(len(p.replicas))]
		if !u.ready.Load() {
			continue
		}
		out := r.Clone(r.Context())
		out.URL.Host = u.addr
		if r.Body != nil {
			out.Body = io.NopCloser(bytes.NewReader(body))
			out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		}
		res, err := p.via.RoundTrip(out)
		if err == nil || r.Context().Err() != nil {
			return res, err
		}
		if last = err; !mayRepeat(r.Method, err) {
			return nil, err
		}
		u.ready.Store(false)
		p.again.Add(1)
	}
	return nil, last
}

// mayRepeat says whether a request that failed may be sent to another replica:
// nothing of it was sent, or it changes nothing when it is done twice.
func mayRepeat(method string, err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || method == http.MethodGet || method == http.MethodHead
}
