package web

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxKeys bounds what a limiter remembers, some 10 MB. Whoever comes from more
// addresses than that is not stopped by counting addresses.
const maxKeys = 50_000

// Limits say how often one key may ask: this often in the long run, and so many
// times at once after a rest. The zero value is no limit.
type Limits struct {
	PerSecond float64
	Burst     int
}

// Limiter counts requests by key, in memory: each process counts for itself.
// A nil limiter lets everything pass.
type Limiter struct {
	limits  Limits
	now     func() time.Time
	buckets *lru.Cache[string, *rate.Limiter]
}

// NewLimiter makes a limiter; nil when there is no limit.
func NewLimiter(l Limits, now func() time.Time) *Limiter { return newLimiter(l, now, maxKeys) }

func newLimiter(l Limits, now func() time.Time, keys int) *Limiter {
	if !(l.PerSecond > 0) { // NaN is no limit either
		return nil
	}
	l.Burst = max(l.Burst, 1) // a bucket that holds nothing would refuse everybody, always
	buckets, err := lru.New[string, *rate.Limiter](keys)
	if err != nil {
		panic(err) // only of a size that is not positive
	}
	return &Limiter{l, now, buckets}
}

// Allow counts a request. When there were too many, it says how long to wait;
// a request that was refused is not counted, so that asking again and again
// does not put off the time when one may.
func (l *Limiter) Allow(key string) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	now, b := l.now(), l.bucket(key)
	if b.AllowN(now, 1) {
		return 0, true
	}
	seconds := (1 - b.TokensAt(now)) / l.limits.PerSecond
	// A little longer: fractions are rounded here and in the bucket.
	return time.Duration(min(max(seconds, 0), math.MaxInt32)*float64(time.Second)) + time.Microsecond, false
}

func (l *Limiter) bucket(key string) *rate.Limiter {
	if b, ok := l.buckets.Get(key); ok {
		return b
	}
	// Of two that come first at once, both must get the same one.
	b := rate.NewLimiter(rate.Limit(l.limits.PerSecond), l.limits.Burst)
	if first, ok, _ := l.buckets.PeekOrAdd(key, b); ok {
		return first
	}
	return b
}

// retryAfter is the header of that name: whole seconds, rounded up but for less
// than a request takes to get here.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Round(time.Millisecond).Seconds()))))
}

// clientKey is what a client is counted by when nobody has signed in: the
// address, or the /64 that an IPv6 client has to itself. Those whose address
// cannot be known are counted together.
func clientKey(c *gin.Context) string {
	a, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// ParseProxies checks a list of addresses and networks ("10.0.0.1",
// "10.0.0.0/8") that are to be trusted proxies. Blank entries are left out.
func ParseProxies(list []string) ([]string, error) {
	var out []string
	for _, text := range list {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		p, err := parseProxy(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p.String())
	}
	return out, nil
}

func parseProxy(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return p, fmt.Errorf("%q is not an address such as 10.0.0.1 or a network such as 10.0.0.0/8", text)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch {
	case p.Bits() == 0:
		return p, fmt.Errorf("%q is everybody: then anybody could say to be anybody", text)
	case p.Addr().Is4In6(): // gin would compare it with no IPv4 address
		return p, fmt.Errorf("%q is an IPv4 network: write it as one", text)
	case p != p.Masked():
		return p, fmt.Errorf("%q is not a network: do you mean %s?", text, p.Masked())
	}
	return p, nil
}
