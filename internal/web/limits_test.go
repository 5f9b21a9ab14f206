package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// ticker is a clock that is moved by hand.
type ticker struct{ ns atomic.Int64 }

func (c *ticker) now() time.Time { return time.Unix(1_000_000_000, c.ns.Load()).UTC() }

func (c *ticker) move(d time.Duration) { c.ns.Add(int64(d)) }

// allowed is how many of n requests pass.
func allowed(l *Limiter, key string, n int) (passed int) {
	for range n {
		if _, ok := l.Allow(key); ok {
			passed++
		}
	}
	return passed
}

func TestLimiter(t *testing.T) {
	t.Parallel()

	t.Run("a burst, then as many as time gives", func(t *testing.T) {
		t.Parallel()
		var clock ticker
		l := NewLimiter(Limits{PerSecond: 2, Burst: 5}, clock.now)
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 5}, {0, 0}, {499 * time.Millisecond, 0}, {time.Millisecond, 1}, {3 * time.Second, 5}, {time.Hour, 5}} {
			clock.move(step.after)
			if got := allowed(l, "a", 20); got != step.want {
				t.Errorf("after %v more, %d passed, want %d", step.after, got, step.want)
			}
		}
	})

	t.Run("the wait is told, and is enough", func(t *testing.T) {
		t.Parallel()
		var clock ticker
		l := NewLimiter(Limits{PerSecond: 0.1, Burst: 1}, clock.now)
		allowed(l, "a", 1)
		clock.move(4 * time.Second)
		wait, ok := l.Allow("a")
		if ok || wait.Round(time.Millisecond) != 6*time.Second {
			t.Fatalf("wait %v, passed %v", wait, ok)
		}
		allowed(l, "a", 1000) // these do not put it off
		clock.move(wait)
		if _, ok := l.Allow("a"); !ok {
			t.Error("waited, and was refused")
		}
	})

	t.Run("one does not use up what is another's", func(t *testing.T) {
		t.Parallel()
		var clock ticker
		l := NewLimiter(Limits{PerSecond: 1, Burst: 3}, clock.now)
		if a, b := allowed(l, "a", 9), allowed(l, "b", 9); a != 3 || b != 3 {
			t.Errorf("%d and %d passed", a, b)
		}
	})

	t.Run("no limit", func(t *testing.T) {
		t.Parallel()
		var clock ticker
		for _, l := range []Limits{{}, {Burst: 5}, {PerSecond: -1, Burst: 5}} {
			if got := allowed(NewLimiter(l, clock.now), "a", 1000); got != 1000 {
				t.Errorf("%+v: %d passed", l, got)
			}
		}
	})

	t.Run("extremes", func(t *testing.T) {
		t.Parallel()
		var clock ticker
		if got := allowed(NewLimiter(Limits{PerSecond: 1}, clock.now), "a", 9); got != 1 {
			t.Errorf("without a burst %d passed", got)
		}
		l := NewLimiter(Limits{PerSecond: 1e-300, Burst: 1}, clock.now)
		allowed(l, "a", 1)
		if wait, ok := l.Allow("a"); ok || wait < time.Hour {
			t.Errorf("wait %v, passed %v", wait, ok)
		}
		l = NewLimiter(Limits{PerSecond: 1, Burst: 2}, clock.now)
		allowed(l, "a", 2)
		clock.move(-time.Hour) // somebody has set the clock
		if wait, ok := l.Allow("a"); ok || wait > time.Second+time.Millisecond {
			t.Errorf("after the clock was set back: wait %v, passed %v", wait, ok)
		}
	})
}

// Each key is new to all workers at once: that is when two buckets could be made.
func TestLimiterManyAtOnce(t *testing.T) {
	t.Parallel()
	const keys, workers, each, burst = 2000, 8, 5, 20
	var clock ticker
	l := NewLimiter(Limits{PerSecond: 1, Burst: burst}, clock.now)
	var passed [keys]atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range passed {
				passed[i].Add(int64(allowed(l, fmt.Sprint("key ", i), each)))
			}
		})
	}
	wg.Wait()
	for i := range passed {
		if got := passed[i].Load(); got != burst {
			t.Errorf("key %d: %d passed, want %d", i, got, burst)
		}
	}
}

func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	var clock ticker
	l := newLimiter(Limits{PerSecond: 0.001, Burst: 1}, clock.now, 10)
	allowed(l, "always here", 1)
	for i := range 1000 {
		allowed(l, fmt.Sprint("once ", i), 1)
		if got := allowed(l, "always here", 1); got != 0 {
			t.Fatal("one who keeps asking was forgotten")
		}
	}
	if n := l.buckets.Len(); n != 10 {
		t.Errorf("%d keys are remembered", n)
	}
	if got := allowed(l, "once 0", 1); got != 1 {
		t.Error("one who came once is remembered after 999 others")
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		-time.Second: "1", 0: "1", time.Nanosecond: "1", time.Second: "1", time.Second + time.Microsecond: "1", time.Second + time.Millisecond: "2", 90 * time.Second: "90",
		time.Duration(1<<63 - 1): "9223372037",
	} {
		if got := retryAfter(wait); got != want {
			t.Errorf("%v is %s, want %s", wait, got, want)
		}
	}
}

// keyOf is the key of a request from an address, with headers (name, value, …),
// to an engine that trusts proxies.
func keyOf(t *testing.T, proxies []string, remote string, headers ...string) (key string) {
	t.Helper()
	e := gin.New()
	if err := e.SetTrustedProxies(proxies); err != nil {
		t.Fatal(err)
	}
	e.GET("/", func(c *gin.Context) { key = clientKey(c) })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.RemoteAddr = remote
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	e.ServeHTTP(httptest.NewRecorder(), r)
	return key
}

func TestClientKey(t *testing.T) {
	t.Parallel()
	const forwarded, real = "X-Forwarded-For", "X-Real-IP"
	ours := []string{"10.0.0.0/8", "fd00::/8"}
	for _, tt := range []struct {
		name    string
		proxies []string
		remote  string
		headers []string
		want    string
	}{
		{"IPv4", nil, "192.0.2.7:4711", nil, "192.0.2.7"},
		{"IPv4 within IPv6", nil, "[::ffff:192.0.2.7]:4711", nil, "192.0.2.7"},
		{"IPv6", nil, "[2001:db8:1:2:3:4:5:6]:4711", nil, "2001:db8:1:2::/64"},
		{"the same /64", nil, "[2001:db8:1:2:ffff::1]:4711", nil, "2001:db8:1:2::/64"},
		{"another /64", nil, "[2001:db8:1:3:3:4:5:6]:4711", nil, "2001:db8:1:3::/64"},
		{"no address", nil, "@", nil, "unknown"},

		{"spoofed, no proxy", nil, "192.0.2.7:4711", []string{forwarded, "198.51.100.1", real, "198.51.100.2"}, "192.0.2.7"},
		{"spoofed, from loopback, no proxy", nil, "127.0.0.1:4711", []string{forwarded, "198.51.100.1"}, "127.0.0.1"},
		{"spoofed, not from the proxy", ours, "192.0.2.7:4711", []string{forwarded, "198.51.100.1"}, "192.0.2.7"},
		{"by the proxy", ours, "10.1.2.3:4711", []string{forwarded, "198.51.100.1"}, "198.51.100.1"},
		{"by a proxy on IPv6", ours, "[fd00::1]:4711", []string{forwarded, "2001:db8::1"}, "2001:db8::/64"},
		{"spoofed through the proxy", ours, "10.1.2.3:4711", []string{forwarded, "203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{"spoofed in a header of its own", ours, "10.1.2.3:4711", []string{forwarded, "203.0.113.9", forwarded, "198.51.100.1"}, "198.51.100.1"},
		{"by two proxies", ours, "10.1.2.3:4711", []string{forwarded, "203.0.113.9, 198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"by the proxy, which says nothing", ours, "10.1.2.3:4711", nil, "10.1.2.3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := keyOf(t, tt.proxies, tt.remote, tt.headers...); got != tt.want {
				t.Errorf("the key is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseProxies(t *testing.T) {
	t.Parallel()

	t.Run("taken", func(t *testing.T) {
		t.Parallel()
		got, err := ParseProxies([]string{" 10.0.0.1", "", "10.0.0.0/8", "::1", "::ffff:10.0.0.2", "2001:DB8::/32 "})
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"10.0.0.1/32", "10.0.0.0/8", "::1/128", "10.0.0.2/32", "2001:db8::/32"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if err := gin.New().SetTrustedProxies(got); err != nil {
			t.Errorf("gin does not take them: %v", err)
		}
	})

	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		for _, list := range [][]string{nil, {}, {"", " "}} {
			if got, err := ParseProxies(list); err != nil || got != nil {
				t.Errorf("%q: %v, %v", list, got, err)
			}
		}
	})

	for name, text := range map[string]string{
		"a name": "proxy.example", "too long": "10.0.0.0/33", "half an address": "10.0.0", "with a port": "10.0.0.1:80",
		"with a zone": "fe80::1%eth0", "everybody": "0.0.0.0/0", "everybody on IPv6": "::/0",
		"not the beginning of a network": "10.1.2.3/8", "IPv4 as IPv6": "::ffff:10.0.0.0/104", "two in one": "10.0.0.1,10.0.0.2",
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseProxies([]string{"10.0.0.1", text})
			if err == nil || got != nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}
