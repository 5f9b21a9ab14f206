package notice

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// postOffice is a real SMTP server that keeps what it is given, or refuses.
type postOffice struct {
	mu       sync.Mutex
	letters  [][]byte
	from, to []string
	refuse   error
	dataErr  error
}

func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{p}, nil }

type counter struct{ p *postOffice }

func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.from = append(c.p.from, from)
	return nil
}

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.to = append(c.p.to, to)
	return c.p.refuse
}

func (c *counter) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.dataErr == nil {
		c.p.letters = append(c.p.letters, b)
	}
	return c.p.dataErr
}

func (c *counter) Reset()        {}
func (c *counter) Logout() error { return nil }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// to is a channel to a listener.
func to(l net.Listener, mode TLSMode) SMTP {
	return SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: mode, Timeout: 5 * time.Second, LocalName: "tywi.example"}
}

func (p *postOffice) open(t *testing.T, l net.Listener, settings *tls.Config) {
	t.Helper()
	server := smtp.NewServer(p)
	server.Domain, server.TLSConfig = "mail.example", settings
	server.ErrorLog = quiet{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
}

// quiet drops the server's complaints: these tests cause them.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// certificate is one that only the second settings trust.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
}

// leaf is one part of a message, decoded.
type leaf struct {
	kind   string
	params map[string]string
	body   string
}

func leaves(t *testing.T, header map[string][]string, body io.Reader) []leaf {
	t.Helper()
	get := func(k string) string { return mail.Header(header).Get(k) }
	kind, params, err := mime.ParseMediaType(get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var out []leaf
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, leaves(t, p.Header, p)...)
		}
	}
	switch get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return []leaf{{kind, params, string(b)}}
}

// same checks the bytes of a message against what was composed.
func same(t *testing.T, raw []byte, m Mail) {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d octets or with a bare line break", len(line))
		}
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<" + m.MessageID + ">", "From": "<" + m.From + ">", "To": "<" + m.To + ">", "Reply-To": "<" + m.ReplyTo + ">",
		"List-Id": "<notices.tywi.example>", "Date": "Mon, 07 Sep 2026 09:12:00 +0000", "X-Mailer": "", "User-Agent": "", "Bcc": "",
	} {
		if got := msg.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("subject %q (%v), want %q", subject, err, m.Subject)
	}
	parts := leaves(t, msg.Header, msg.Body)
	if len(parts) != 3 {
		t.Fatalf("%d parts, want text, HTML and calendar", len(parts))
	}
	for i, want := range []struct{ kind, body string }{{"text/plain", m.Text}, {"text/html", m.HTML}, {"text/calendar", string(m.Calendar)}} {
		got := parts[i]
		if i < 2 {
			got.body = strings.ReplaceAll(got.body, "\r\n", "\n")
		}
		if got.kind != want.kind || !strings.EqualFold(got.params["charset"], "utf-8") || got.body != want.body {
			t.Errorf("part %d is %s (%v), or its body differs", i, got.kind, got.params)
		}
	}
	if parts[2].params["method"] != "PUBLISH" || parts[2].params["name"] != "N-2026-014.ics" {
		t.Errorf("the calendar is %v", parts[2].params)
	}
}

func TestSMTPDelivers(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	for mode, settings := range map[TLSMode]*tls.Config{TLSNone: nil, TLSStart: server, TLSFirst: nil} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			var p postOffice
			l := listen(t)
			channel := to(l, mode)
			if mode == TLSFirst {
				l = tls.NewListener(l, server)
			}
			p.open(t, l, settings)
			channel.TLSConfig = client
			m := composed(t, caseNotes(t))
			for range 2 {
				if err := channel.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			if len(p.letters) != 2 || p.from[0] != m.From || p.to[0] != m.To {
				t.Fatalf("%d letters from %v to %v", len(p.letters), p.from, p.to)
			}
			// The same Message-ID both times: same checks it against the mail.
			same(t, p.letters[0], m)
			same(t, p.letters[1], m)
		})
	}
}

func TestSMTPRefusals(t *testing.T) {
	t.Parallel()
	refuse := func(code int) error { return &smtp.SMTPError{Code: code, Message: "no"} }
	for name, tc := range map[string]struct {
		office    *postOffice
		permanent bool
	}{
		"no such mailbox is a bounce":         {&postOffice{refuse: refuse(550)}, true},
		"a refused content is a bounce":       {&postOffice{dataErr: refuse(554)}, true},
		"a greylist is not":                   {&postOffice{refuse: refuse(451)}, false},
		"a full disk is not":                  {&postOffice{dataErr: refuse(452)}, false},
		"being asked to sign in is ours":      {&postOffice{refuse: refuse(530)}, false},
		"a weak mechanism is ours to improve": {&postOffice{refuse: refuse(534)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listen(t)
			tc.office.open(t, l, nil)
			err := to(l, TLSNone).Send(t.Context(), composed(t, caseNotes(t)))
			if err == nil {
				t.Fatal("sent")
			}
			if Permanent(err) != tc.permanent {
				t.Errorf("permanent is %v: %v", Permanent(err), err)
			}
		})
	}
}

// script answers each line of a client with what say gives; "" is silence.
func script(t *testing.T, l net.Listener, greeting string, say func(line string) string) {
	t.Helper()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go func() {
				_, _ = io.WriteString(conn, greeting)
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if s := say(lines.Text()); s != "" {
						_, _ = io.WriteString(conn, s)
					}
				}
			}()
		}
	}()
}

func TestSMTPTrouble(t *testing.T) {
	t.Parallel()
	m := composed(t, caseNotes(t))
	trouble := func(t *testing.T, c SMTP) {
		t.Helper()
		err := c.Send(t.Context(), m)
		if err == nil {
			t.Fatal("sent")
		}
		if Permanent(err) {
			t.Errorf("taken for a bounce: %v", err)
		}
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		c := to(l, TLSNone)
		_ = l.Close()
		trouble(t, c)
	})
	t.Run("a server that says nothing", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		script(t, l, "", func(string) string { return "" })
		c := to(l, TLSNone)
		c.Timeout = 100 * time.Millisecond
		trouble(t, c)
	})
	t.Run("a server that hangs after the message", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		script(t, l, "220 x\r\n", func(line string) string {
			switch verb, _, _ := strings.Cut(line, " "); verb {
			case "EHLO", "NOOP", "MAIL", "RCPT":
				return "250 ok\r\n"
			case "DATA":
				return "354 go\r\n"
			default:
				return ""
			}
		})
		c := to(l, TLSNone)
		c.Timeout = 200 * time.Millisecond
		trouble(t, c)
	})
	t.Run("a server that turns everybody away", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		script(t, l, "554 go away\r\n", func(string) string { return "" })
		trouble(t, to(l, TLSNone))
	})
	t.Run("STARTTLS is asked for and not offered", func(t *testing.T) {
		t.Parallel()
		var p postOffice
		l := listen(t)
		p.open(t, l, nil)
		trouble(t, to(l, TLSStart))
		if len(p.from) != 0 {
			t.Error("something was sent in the clear")
		}
	})
	t.Run("a certificate nobody trusts", func(t *testing.T) {
		t.Parallel()
		var p postOffice
		server, _ := certificate(t)
		l := listen(t)
		p.open(t, l, server)
		trouble(t, to(l, TLSStart))
	})
	t.Run("a mode that is none", func(t *testing.T) {
		t.Parallel()
		trouble(t, to(listen(t), "sometimes"))
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		script(t, l, "", func(string) string { return "" })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- to(l, TLSNone).Send(ctx, m) }()
		cancel()
		select {
		case err := <-done:
			if err == nil || Permanent(err) {
				t.Error(err)
			}
		case <-time.After(3 * time.Second):
			t.Error("a cancelled attempt goes on")
		}
	})
}

// A server that drops the line instead of saying goodbye has still accepted.
func TestSMTPAcceptedIsAccepted(t *testing.T) {
	t.Parallel()
	server, client := certificate(t)
	raw := listen(t)
	var mu sync.Mutex
	var signedIn string
	script(t, tls.NewListener(raw, server), "220 x\r\n", func(line string) string {
		mu.Lock()
		defer mu.Unlock()
		switch verb, rest, _ := strings.Cut(line, " "); verb {
		case "EHLO":
			return "250-x\r\n250 AUTH PLAIN LOGIN\r\n"
		case "AUTH":
			signedIn = rest
			return "235 ok\r\n"
		case "NOOP", "MAIL", "RCPT", ".":
			return "250 ok\r\n"
		case "DATA":
			return "354 go\r\n"
		case "RSET", "QUIT":
			return "500 what?\r\n"
		default:
			return ""
		}
	})
	c := to(raw, TLSFirst)
	c.TLSConfig, c.Username, c.Password = client, "tywi", "secret"
	if err := c.Send(t.Context(), composed(t, caseNotes(t))); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if want := "PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00tywi\x00secret")); signedIn != want {
		t.Errorf("signed in with %q", signedIn)
	}
}

func TestFileWritesTheSameMessage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := composed(t, caseNotes(t))
	for range 2 {
		if err := (File{dir}).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Name() != "n-2026-014.d1@tywi.example.eml" {
		t.Fatalf("found %v", found)
	}
	raw, err := os.ReadFile(filepath.Join(dir, found[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	same(t, raw, m)
}

func TestFileFails(t *testing.T) {
	t.Parallel()
	m := composed(t, caseNotes(t))
	if err := (File{filepath.Join(t.TempDir(), "missing")}).Send(t.Context(), m); err == nil || Permanent(err) {
		t.Error(err)
	}
	m.Subject += "\r\nBcc: x@y.example"
	dir := t.TempDir()
	if err := (File{dir}).Send(t.Context(), m); err == nil {
		t.Error("a forged header was written")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFileNamesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, id := range []string{
		"a@b", "A@b", "a/b@c", "a_b@c", "../../etc@x", "..@x", ".@x", `a\b@c`, "a:b@c", strings.Repeat("a", 300) + "@x", strings.Repeat("a", 301) + "@x", "<a@bb>",
	} {
		name := FileName(id)
		if name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\:<>`) || len(name) > 140 {
			t.Errorf("%q gives %q", id, name)
		}
		if other, ok := seen[strings.ToLower(name)]; ok {
			t.Errorf("%q and %q share %q", id, other, name)
		}
		seen[strings.ToLower(name)] = id
	}
}
