package notice

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The problems of a request to somebody else's server, as short codes.
const (
	// ProblemStatus is an answer that is not a success.
	ProblemStatus = "status"
	// ProblemTimeout is an answer that did not come in time.
	ProblemTimeout = "timeout"
	// ProblemRefusedAddress is an address to which our own client does not go.
	ProblemRefusedAddress = "refused_address"
	// ProblemTLS is a certificate, or a handshake, that does not do.
	ProblemTLS = "tls"
	// ProblemNetwork is everything else between us and an answer.
	ProblemNetwork = "network"
	// ProblemAnswer is an answer that is a success but cannot be read.
	ProblemAnswer = "answer"
)

// Failure says why a request did not do its work. Its text has neither the
// address that was asked, which may hold a secret, nor anything of the answer,
// which is other people's text.
type Failure struct {
	// To is who was asked: "webhook", "notify" or "teams".
	To string
	// Problem is one of the codes above.
	Problem string
	// Status is that of the answer; 0 when there was none.
	Status int
	// Code is the kind of error of GOV.UK Notify, such as BadRequestError, or "".
	Code string
	// RetryAfter is how long the other side asks to be left alone, 0 to 6 h.
	RetryAfter time.Duration
	// refusal says that the same request will be refused again.
	refusal bool
	// over is why our own side gave up: the context's error, or nil.
	over error
}

// Error is such as "notify: status 400 BadRequestError" and "webhook: timeout".
func (f *Failure) Error() string {
	if f.Problem == ProblemStatus {
		return strings.TrimSpace(fmt.Sprintf("%s: status %d %s", f.To, f.Status, f.Code))
	}
	return f.To + ": " + f.Problem
}

// Unwrap gives context.Canceled or context.DeadlineExceeded if our own side
// gave up. The errors of the network stay out: they name the address.
func (f *Failure) Unwrap() error { return f.over }

// Permanent says whether the same request will be refused again.
func (f *Failure) Permanent() bool { return f.refusal }

// failed is the failure of a request without an answer. refused recognises the
// client's own refusals, and may be nil.
func failed(ctx context.Context, to string, err error, refused func(error) bool) *Failure {
	f := &Failure{To: to, Problem: ProblemNetwork, over: ctx.Err()}
	late, isNet := errors.AsType[net.Error](err)
	switch {
	case refused != nil && refused(err):
		f.Problem = ProblemRefusedAddress
	case errors.Is(err, context.DeadlineExceeded), isNet && late.Timeout():
		f.Problem = ProblemTimeout
	case aboutTLS(err):
		f.Problem = ProblemTLS
	}
	return f
}

func aboutTLS(err error) bool {
	if errors.Is(err, http.ErrSchemeMismatch) {
		return true // no TLS at all, where there should be
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		alert = true // how crypto/tls says that the other side broke off
	}
	return certificate || record || alert || authority || host || invalid
}

// answered is the failure of a request with an answer that is no success.
func answered(to string, r *http.Response, now time.Time) *Failure {
	return &Failure{To: to, Problem: ProblemStatus, Status: r.StatusCode, RetryAfter: retryAfter(r, now)}
}

// longestWait bounds what a server may ask of us: a notice has its own clock.
const longestWait = 6 * time.Hour

// retryAfter reads Retry-After of a 429 or 503 (RFC 9110, section 10.2.3), in
// seconds or as a date, as 0 to 6 h. What cannot be read is 0.
func retryAfter(r *http.Response, now time.Time) time.Duration {
	if r.StatusCode != http.StatusTooManyRequests && r.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := r.Header.Get("Retry-After")
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case err == nil && seconds < uint64(longestWait/time.Second):
		return time.Duration(seconds) * time.Second
	case err == nil, errors.Is(err, strconv.ErrRange):
		return longestWait
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestWait)
}

var errNoClient = errors.New("there is no HTTP client to ask with")

// still is a copy of a client that does not follow redirects: what is posted
// to one address is for nobody else.
func still(c *http.Client) (*http.Client, error) {
	if c == nil {
		return nil, errNoClient // never the default one, which goes anywhere
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own, nil
}
