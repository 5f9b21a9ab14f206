package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

var codeInLetter = regexp.MustCompile(`#code=([a-z2-7-]+)`)

// code waits for a letter to somebody and gives the code in it.
func (b *mailbox) code(t *testing.T, to string, nth int) string {
	t.Helper()
	tick, deadline := time.NewTicker(50*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		b.mu.Lock()
		var found []string
		for _, body := range b.said[to] {
			plain := strings.NewReplacer("=\r\n", "", "=\n", "", "=3D", "=").Replace(body) // quoted-printable
			if m := codeInLetter.FindStringSubmatch(plain); m != nil {
				found = append(found, m[1])
			}
		}
		b.mu.Unlock()
		if len(found) >= nth {
			return found[nth-1]
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s was mailed %d codes, not %d", to, len(found), nth)
		}
	}
}

// call sends JSON to the API as a browser with its cookie would.
func (v *visitor) call(method, address string, body any, want int) map[string]any {
	v.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		v.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, address, bytes.NewReader(b))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := v.http.Do(req)
	text, _ := v.read(res, err)
	if res.StatusCode != want {
		v.t.Fatalf("%s %s: %d %s, want %d", method, address, res.StatusCode, text, want)
	}
	out := map[string]any{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			v.t.Fatalf("%v in %s", err, text)
		}
	}
	return out
}

// TestAccountsByMail goes all the way: one-time codes, a new password and an
// invitation, with the letters read from a mail server.
func TestAccountsByMail(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, data := l.Addr().String(), t.TempDir()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"demo", "--data", data}, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}); code != 0 {
		t.Fatalf("demo ends with %d", code)
	}
	p := &process{addr: addr, said: &safeBuffer{}, args: []string{
		"--data", data, "--base-url", "http://" + addr, "--smtp-host", "127.0.0.1", "--smtp-port", fmt.Sprint(box.port), "--smtp-tls", "none", "--mail-from", "beforehand@tywi.example",
	}}
	p.begin(t)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_, _ = p.cmd.Process.Wait()
	})
	p.ready(t)
	at := func(path string) string { return "http://" + addr + "/api/v1/" + path }
	credentials := func(password, code string) map[string]any {
		return map[string]any{"email": "unison@tywi.example", "password": password, "code": code}
	}

	officer := visit(t)
	officer.call("POST", at("session"), credentials(demoPassword, ""), 200)
	secret := officer.call("POST", at("account/totp"), nil, 201)["secret"].(string)
	now, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	recovery := officer.call("POST", at("account/totp/confirm"), map[string]any{"code": now}, 200)["recoveryCodes"].([]any)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes", len(recovery))
	}

	visit(t).call("POST", at("password-resets"), map[string]any{"email": "unison@tywi.example"}, 204)
	reset := map[string]any{"code": box.code(t, "unison@tywi.example", 1), "password": "a pocketful of slate"}
	visit(t).call("POST", at("password-resets/complete"), reset, 204)
	visit(t).call("POST", at("password-resets/complete"), reset, 422)
	officer.call("GET", at("sessions"), nil, 401) // the new password ended what the old one had opened
	officer = visit(t)
	if got := officer.call("POST", at("session"), credentials("a pocketful of slate", ""), 401); got["code"] != "second_factor_required" {
		t.Errorf("a reset took the second factor along: %v", got)
	}
	officer.call("POST", at("session"), credentials("a pocketful of slate", recovery[0].(string)), 200)
	visit(t).call("POST", at("session"), credentials("a pocketful of slate", recovery[0].(string)), 401)

	union := officer.call("GET", at("me"), nil, 200)["roles"].([]any)[0].(map[string]any)["union"]
	officer.call("POST", at("invitations"), map[string]any{"email": "newydd@unison.example", "role": "union_rep", "union": union}, 201)
	code := map[string]any{"code": box.code(t, "newydd@unison.example", 1)}
	if got := visit(t).call("POST", at("invitations/look"), code, 200); got["role"] != "union_rep" || got["union"] != "UNISON" || got["invitedBy"] == "" {
		t.Errorf("invited to %v", got)
	}
	rep := visit(t)
	code["name"], code["password"] = "Rep Newydd", "another pocketful of slate"
	rep.call("POST", at("invitations/accept"), code, 200)
	if m := rep.me("http://" + addr); len(m.Roles) != 1 || m.Roles[0].Role != "union_rep" || m.Email != "newydd@unison.example" {
		t.Errorf("came in as %+v", m)
	}
	visit(t).call("POST", at("invitations/accept"), code, 410)
}
