package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// provider is a real OpenID provider in a process of its own.
func provider(t *testing.T, redirect, after string) (issuer string) {
	t.Helper()
	bin, err := filepath.Abs("../../build/idp")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		bin = filepath.Join(t.TempDir(), "idp")
		if out, err := exec.Command("go", "build", "-C", "../../tools", "-o", bin, "./idp").CombinedOutput(); err != nil {
			t.Fatalf("build the provider: %v\n%s", err, out)
		}
	}
	cmd := exec.Command(bin, "-port", "0", "-client-id", "beforehand", "-client-secret", "a secret of theirs", "-redirect-uri", redirect, "-post-logout-uri", after)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // gone already, or gone now
		_, _ = cmd.Process.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	issuer, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		t.Fatalf("the provider says %q, %v", line, err)
	}
	return issuer
}

const providersFile = `providers:
  - organisation: tywi
    id: council
    name: {en: Tywi Council, cy: Cyngor Tywi}
    issuer: %s
    clientID: beforehand
    clientSecret: a secret of theirs
    scopes: [openid, email, profile, groups]
    roleClaim: groups
    roles:
      - {value: digital-team, role: cdo}
      - {value: social-care-managers, role: manager, serviceArea: Adult social care}
`

// served is the demo, served beside a provider.
func served(t *testing.T) (base, file string, p *process) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(addr, ":")
	base = "http://localhost:" + port
	data := t.TempDir()
	if code := run(t.Context(), []string{"demo", "--data", data}, strings.NewReader(""), io.Discard, io.Discard); code != 0 {
		t.Fatalf("demo ends with %d", code)
	}
	file = filepath.Join(data, "oidc.yaml")
	text := fmt.Sprintf(providersFile, provider(t, base+"/auth/return", base+"/"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p = &process{addr: addr, args: []string{"--data", data, "--base-url", base, "--oidc", file, "--allow-private", "127.0.0.0/8,::1/128"}, said: &safeBuffer{}}
	p.begin(t)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_, _ = p.cmd.Process.Wait()
	})
	p.ready(t)
	return base, file, p
}

// visitor is a browser without JavaScript that remembers where it was sent.
type visitor struct {
	t    *testing.T
	http http.Client
	path []string
}

func visit(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t}
	v.http = http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		v.path = append(v.path, req.URL.String())
		return nil
	}}
	return v
}

func (v *visitor) read(res *http.Response, err error) (string, *url.URL) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return string(b), res.Request.URL
}

func (v *visitor) get(address string) string {
	v.t.Helper()
	body, _ := v.read(v.http.Get(address))
	return body
}

var (
	formAction = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)
	hiddenPair = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// signIn goes through the provider's own page.
func (v *visitor) signIn(start, name string) string {
	v.t.Helper()
	page, at := v.read(v.http.Get(start))
	form := url.Values{"username": {name}, "password": {"idp-secret-phrase"}}
	for _, h := range hiddenPair.FindAllStringSubmatch(page, -1) {
		form.Set(h[1], h[2])
	}
	to := at
	if m := formAction.FindStringSubmatch(page); m != nil && m[1] != "" {
		var err error
		if to, err = at.Parse(strings.ReplaceAll(m[1], "&amp;", "&")); err != nil {
			v.t.Fatal(err)
		}
	}
	body, _ := v.read(v.http.PostForm(to.String(), form))
	return body
}

type whoIs struct {
	Email string `json:"email"`
	Roles []struct {
		Role string `json:"role"`
		Area string `json:"areaPath"`
	} `json:"roles"`
	Fresh bool `json:"fresh"`
}

func (v *visitor) me(base string) whoIs {
	v.t.Helper()
	var m whoIs
	if err := json.Unmarshal([]byte(v.get(base+"/api/v1/me?organisation=tywi")), &m); err != nil {
		v.t.Fatal(err)
	}
	return m
}

// TestSignInThroughARealProvider: accounts and roles come from claims, an
// answer is taken once, and somebody without a role is not let in.
func TestSignInThroughARealProvider(t *testing.T) {
	t.Parallel()
	base, file, p := served(t)
	start := base + "/auth/start/tywi/council?lang=en"

	cdo := visit(t)
	cdo.signIn(start, "cdo-idp")
	if m := cdo.me(base); m.Email != "cdo-idp@tywi.example" || len(m.Roles) != 1 || m.Roles[0].Role != "cdo" || !m.Fresh {
		t.Errorf("the digital officer is %+v", m)
	}
	var back string
	for _, p := range cdo.path {
		if strings.HasPrefix(p, base+"/auth/return?") {
			back = p
		}
		if strings.Contains(p, "code_challenge=") && (!strings.Contains(p, "code_challenge_method=S256") || !strings.Contains(p, "nonce=")) {
			t.Errorf("asked without PKCE or nonce: %s", p)
		}
	}
	if back == "" {
		t.Fatalf("never came back: %q", cdo.path)
	}
	thief := visit(t)
	thief.get(back)
	cdo2 := visit(t)
	cdo2.signIn(start, "cdo-idp")
	cdo2.get(back) // and not in a session that is already somebody's either
	if m := thief.me(base); len(m.Roles) != 0 || m.Email != "" {
		t.Errorf("a used answer let somebody in: %+v", m)
	}
	if m := cdo2.me(base); m.Email != "cdo-idp@tywi.example" {
		t.Errorf("a second sign-in of the same person is %+v", m)
	}

	manager := visit(t)
	manager.signIn(start, "manager-idp")
	if m := manager.me(base); len(m.Roles) != 1 || m.Roles[0].Role != "manager" || m.Roles[0].Area == "" {
		t.Errorf("the manager is %+v", m)
	}
	nobody := visit(t)
	if page := nobody.signIn(start, "nobody-idp"); !strings.Contains(page, "<h1") {
		t.Errorf("no page: %.300s", page)
	}
	if m := nobody.me(base); m.Email != "" {
		t.Errorf("somebody without a role is %+v", m)
	}

	// Whoever speaks for a union is not linked to the employer's provider.
	officer := visit(t)
	if _, at := officer.read(officer.http.Post(base+"/api/v1/session", "application/json", strings.NewReader(`{"email":"unison@tywi.example","password":"beforehand-demo"}`))); at == nil {
		t.Fatal("no sign-in")
	}
	officer.signIn(start, "nobody-idp")
	if m := officer.me(base); len(m.Roles) != 1 || m.Roles[0].Role != "union_officer" {
		t.Errorf("the officer is %+v", m)
	}
	impostor := visit(t)
	impostor.signIn(start, "nobody-idp")
	if m := impostor.me(base); m.Email != "" {
		t.Errorf("the employer's provider speaks for UNISON: %+v", m)
	}

	// What the claims gave, they take away: here because the map changes.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "digital-team", "somebody-else", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	p.begin(t)
	p.ready(t)
	if m := cdo.me(base); len(m.Roles) != 1 {
		t.Errorf("a sign-in does not outlast a restart: %+v", m)
	}
	again := visit(t)
	again.signIn(start, "cdo-idp")
	if m := again.me(base); m.Email != "" {
		t.Errorf("signed in with no role left: %+v", m)
	}
	if m := cdo.me(base); len(m.Roles) != 0 {
		t.Errorf("the sign-in from before still has %+v", m)
	}
}
