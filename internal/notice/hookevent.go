package notice

import (
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// HookEvent is what the body of a webhook says: that something happened, and
// where to read about it. It is kept thin: who may read the rest is decided
// when it is read, and what has changed meanwhile is read as it is by then.
type HookEvent struct {
	// Type is such as "notice.serve": lower-case words between full stops.
	Type string `json:"type"`
	// Timestamp is when it happened; it is written in UTC.
	Timestamp time.Time `json:"timestamp"`
	Data      HookData  `json:"data"`
}

// HookData is what happened to what. What is empty is left out.
type HookData struct {
	// Organisation is the name or the address of the register it happened in.
	Organisation string `json:"organisation"`
	// Deployment is a reference, such as DEP-2026-003.
	Deployment string `json:"deployment,omitempty"`
	// Subject is the id or number of what it is about, such as N-2026-014.
	Subject string `json:"subject,omitempty"`
	// Seq is the number of its entry in the ledger, from 1.
	Seq int64 `json:"seq,omitempty"`
	// URL is where a person who may do so reads about it.
	URL string `json:"url,omitempty"`
}

var (
	errHookType = errors.New("the type of a webhook’s event is not lower-case words between full stops")
	hookType    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
)

// Marshal writes the event as the JSON that is signed and sent.
func (e HookEvent) Marshal() ([]byte, error) {
	if !hookType.MatchString(e.Type) {
		return nil, errHookType
	}
	if e.Timestamp.IsZero() {
		return nil, errors.New("a webhook’s event has no time")
	}
	e.Timestamp = e.Timestamp.UTC()
	return json.Marshal(e)
}

// What may be wrong with the address of a webhook, for the caller to put in
// words.
var (
	ErrHookURL      = errors.New("the webhook’s address cannot be read")
	ErrHookLength   = errors.New("the webhook’s address has more than 2,000 characters")
	ErrHookScheme   = errors.New("the webhook’s address is not https")
	ErrHookUser     = errors.New("the webhook’s address holds a name or a password")
	ErrHookFragment = errors.New("the webhook’s address holds a fragment")
	ErrHookHost     = errors.New("the webhook’s address has no host")
	ErrHookPrivate  = errors.New("the webhook’s address is inside a network")
)

const longestHookURL = 2000

// CheckHookURL checks an address before it is kept, and gives one of the
// errors above. allowPlain takes http as well, and addresses inside the
// network, for trying out. It is a kindness to who types the address: what a
// name resolves to is decided by the guarded client, each time it connects.
func CheckHookURL(s string, allowPlain bool) error {
	if len([]rune(s)) > longestHookURL {
		return ErrHookLength
	}
	u, err := url.Parse(s)
	if err != nil || oneLine("address", s) != nil || strings.ContainsAny(s, " \t") {
		return ErrHookURL
	}
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !allowPlain):
		return ErrHookScheme
	case u.User != nil:
		return ErrHookUser
	case strings.Contains(s, "#"):
		return ErrHookFragment
	case u.Hostname() == "" || u.Opaque != "":
		return ErrHookHost
	case !allowPlain && inside(u.Hostname()):
		return ErrHookPrivate
	}
	return nil
}

// inside recognises hosts that are no public address, as far as that can be
// told without asking anybody. Other spellings of an IPv4 address, such as one
// number, are refused too: no host of the public net has a top level of digits.
func inside(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		top := host[strings.LastIndex(host, ".")+1:]
		return top == "" || strings.HasPrefix(top, "0x") || strings.Trim(top, "0123456789") == ""
	}
	a = a.Unmap()
	return !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() ||
		netip.MustParsePrefix("100.64.0.0/10").Contains(a) || netip.MustParsePrefix("0.0.0.0/8").Contains(a)
}
