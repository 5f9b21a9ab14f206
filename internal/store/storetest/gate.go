package storetest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Gate stands between a store and its PostgreSQL server.
type Gate struct {
	// DSN is the address of a migrated database behind it.
	DSN string

	to     string
	listen net.Listener
	mu     sync.Mutex
	shut   bool
	open   map[net.Conn]bool
}

// NewGate opens a gate before a database of the test's own.
func NewGate(t testing.TB) *Gate {
	t.Helper()
	u, err := url.Parse(DSN(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{to: u.Host, open: map[net.Conn]bool{}}
	if g.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	u.Host = g.listen.Addr().String()
	g.DSN = u.String()
	var carried sync.WaitGroup
	carried.Go(func() {
		for {
			from, err := g.listen.Accept()
			if err != nil {
				return
			}
			carried.Go(func() { g.carry(from) })
		}
	})
	t.Cleanup(func() {
		g.Stop()
		carried.Wait()
	})
	return g
}

// Shut breaks every connection and takes no other: as a server does that crashed
// and is not up yet.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for c := range g.open {
		_ = c.Close() // to be broken is what it is there for
	}
}

// Open lets connections through again.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
}

// Stop shuts it for good: who dials is refused.
func (g *Gate) Stop() {
	_ = g.listen.Close() // it may have been stopped before
	g.Shut()
}

func (g *Gate) carry(from net.Conn) {
	defer from.Close() //nolint:errcheck // as above
	to, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer to.Close() //nolint:errcheck // as above
	if !g.pass(from, to) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(from, to) // ends when either side does
		_ = from.Close()
	})
	_, _ = io.Copy(to, from)
	_ = to.Close()
	back.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, from)
	delete(g.open, to)
}

// pass says whether a connection may be, and keeps it to be broken.
func (g *Gate) pass(ends ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range ends {
		if g.shut {
			return false
		}
		g.open[c] = true
	}
	return true
}
