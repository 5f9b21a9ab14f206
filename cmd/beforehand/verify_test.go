package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/models"
)

// proofs is the demo's data with a union's files beside it.
type proofs struct {
	data, out, key string
	no             string
}

// demoProofs loads the demo and takes a receipt and two checkpoints from it.
func demoProofs(t *testing.T) proofs {
	t.Helper()
	p := proofs{data: t.TempDir(), out: t.TempDir(), no: "N-2026-001"}
	if code, _, errs := cli(t, "demo", "--data", p.data); code != exitOK {
		t.Fatal(errs)
	}
	code, listed, errs := cli(t, "keys", "--data", p.data)
	if code != exitOK {
		t.Fatal(errs)
	}
	p.key = p.write(t, "key", listed)
	g := &Globals{Data: p.data}
	at, err := g.open(t.Context(), &console{now: time.Now}, mailSettings{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer at.close()
	org, err := at.organisation(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	cdo, err := at.somebody(t.Context(), org, "", "cdo")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := at.register.Checkpoints(t.Context(), cdo, 0, 10)
	if err != nil || len(rows) == 0 {
		t.Fatal(err)
	}
	p.write(t, "old", rows[len(rows)-1].Signed())
	now, err := at.register.SignNow(t.Context(), cdo)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "new", now.Signed())
	rc, err := at.register.Receipt(t.Context(), cdo, p.no)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "receipt", string(rc.Bytes))
	return p
}

func (p proofs) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(p.out, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (p proofs) file(name string) string { return filepath.Join(p.out, name) }

// TestVerifyCommands is what a branch secretary and an auditor type, with their
// words and exit codes.
func TestVerifyCommands(t *testing.T) {
	t.Parallel()
	p := demoProofs(t)
	good, err := os.ReadFile(p.file("receipt"))
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "altered", strings.Replace(string(good), "Tywi", "Tiwy", 1))
	p.write(t, "cut", string(good[:len(good)/3]))
	other := t.TempDir()
	if code, _, errs := cli(t, "demo", "--data", other); code != exitOK {
		t.Fatal(errs)
	}
	stranger, err := ledger.NewKey("x.example/ledger/x-000000000000", false)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "forked", forked(t, p.file("new")))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a receipt":                       {[]string{"verify", "receipt", p.file("receipt"), "--key", p.key}, exitOK, "Valid: dated, signed and unchanged."},
		"a receipt in Welsh":              {[]string{"verify", "receipt", p.file("receipt"), "--key", p.key, "--language", "cy"}, exitOK, "Dilys: wedi ei ddyddio"},
		"a receipt and its log":           {[]string{"verify", "receipt", p.file("receipt"), "--key", p.key, "--here", "--data", p.data}, exitOK, "begins as the receipt says"},
		"a receipt of another log":        {[]string{"verify", "receipt", p.file("receipt"), "--here", "--data", other}, exitBlocked, "No organisation in this register"},
		"a receipt without a key":         {[]string{"verify", "receipt", p.file("receipt")}, exitUnproven, "nothing here shows whose key"},
		"a receipt with a stranger's key": {[]string{"verify", "receipt", p.file("receipt"), "--key", stranger.String()}, exitBlocked, "not of x.example"},
		"an altered receipt":              {[]string{"verify", "receipt", p.file("altered"), "--key", p.key}, exitBlocked, "are not those that were recorded"},
		"a receipt cut short":             {[]string{"verify", "receipt", p.file("cut"), "--key", p.key}, exitBlocked, "ends too early"},
		"no register":                     {[]string{"verify", "log", "--data", t.TempDir()}, exitError, "there is no register"},
		"no receipt":                      {[]string{"verify", "receipt", p.file("nowhere")}, exitError, "no such file"},
		"no key":                          {[]string{"verify", "receipt", p.file("receipt"), "--key", "nonsense"}, exitError, "“nonsense” is no public key"},
		"the log":                         {[]string{"verify", "log", "--data", p.data}, exitOK, "the log is whole"},
		"between":                         {[]string{"verify", "between", p.file("old"), p.file("new"), "--here", "--data", p.data, "--key", p.key}, exitOK, "nothing in it was rewritten"},
		"between, without a key":          {[]string{"verify", "between", p.file("old"), p.file("new"), "--here", "--data", p.data}, exitUnproven, "No key was given"},
		"between the same":                {[]string{"verify", "between", p.file("new"), p.file("new"), "--key", p.key}, exitOK, "and agree"},
		"between two histories":           {[]string{"verify", "between", p.file("new"), p.file("forked")}, exitBlocked, "two histories were signed"},
		"between, the wrong way round":    {[]string{"verify", "between", p.file("new"), p.file("old"), "--key", p.key}, exitBlocked, "give the older one first"},
		"between, a stranger's key":       {[]string{"verify", "between", p.file("old"), p.file("new"), "--key", stranger.String()}, exitError, "not one of the keys that are known"},
		"between, without a proof":        {[]string{"verify", "between", p.file("old"), p.file("new"), "--key", p.key}, exitError, "a proof is wanted"},
		"no checkpoint":                   {[]string{"verify", "between", p.file("old"), p.file("key")}, exitError, "checkpoint in the receipt is damaged"},
	} {
		code, said, errs := cli(t, c.args...)
		if code != c.code || !strings.Contains(said+errs, c.says) {
			t.Errorf("%s: %d, want %d and %q: %s%s", name, code, c.code, c.says, said, errs)
		}
	}
}

// forked is a checkpoint of the same size with another root. It is not signed
// anew: whoever has no key to check with would not know.
func forked(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	lines[2] = "AAAA" + lines[2][4:]
	return strings.Join(lines, "\n")
}

// TestAWitnessSigns makes a witness's key, has a running server's log
// countersigned with it, and refuses a log that was rewritten.
func TestAWitnessSigns(t *testing.T) {
	t.Parallel()
	p := demoProofs(t)
	secret, state := p.file("witness"), p.file("state")
	code, public, errs := cli(t, "witness", "new", "unison.example/witness", "--out", secret)
	if code != exitOK {
		t.Fatal(errs)
	}
	if code, _, _ := cli(t, "witness", "new", "unison.example/witness", "--out", secret); code != exitError {
		t.Error("a secret key was written over")
	}
	addWitness(t, p.data, strings.TrimSpace(public))
	srv := start(t, "--data", p.data)
	srv.ready(t)
	log := srv.url("/.well-known/beforehand/tywi")
	sign := func(args ...string) (int, string, string) {
		return cli(t, append([]string{"witness", "sign", log, "--secret", secret, "--state", state, "--allow-private", "127.0.0.0/8"}, args...)...)
	}
	if code, _, errs := sign(); code != exitError || !strings.Contains(errs, "public key is wanted") {
		t.Errorf("without the log's key: %d %s", code, errs)
	}
	for range 2 {
		code, said, errs := sign("--key", p.key)
		if code != exitOK || !strings.Contains(said, "— unison.example/witness ") {
			t.Fatalf("%d %s%s", code, said, errs)
		}
	}
	if code, said, errs := cli(t, "verify", "between", p.file("old"), p.file("new"), "--key", p.key, "--from", log, "--allow-private", "127.0.0.0/8"); code != exitOK {
		t.Errorf("between, by asking the log: %d %s%s", code, said, errs)
	}
	// The witness remembers another history than it is now shown.
	b, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	var last ledger.Checkpoint
	if err := json.Unmarshal(b, &last); err != nil {
		t.Fatal(err)
	}
	last.Root[0] ^= 1
	if err := writeState(state, last); err != nil {
		t.Fatal(err)
	}
	if code, said, _ := sign("--key", p.key); code != exitBlocked || !strings.Contains(said, "Keep both") {
		t.Errorf("another history: %d %s", code, said)
	}
	srv.end(t)
}

func addWitness(t *testing.T, data, public string) {
	t.Helper()
	g := &Globals{Data: data}
	p, err := g.open(t.Context(), &console{now: time.Now}, mailSettings{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	org, err := p.organisation(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	officer, err := p.somebody(t.Context(), org, "unison@tywi.example", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.register.AddWitness(t.Context(), officer, newUnionWitness(public)); err != nil {
		t.Fatal(err)
	}
}

// TestDoctor breaks one thing after the other, and wants each named with its mend.
func TestDoctor(t *testing.T) {
	t.Parallel()
	p := demoProofs(t)
	doctor := func(args ...string) (int, map[string]finding) {
		code, said, errs := cli(t, append([]string{"doctor", "--json", "--data", p.data}, args...)...)
		var list []finding
		if err := json.Unmarshal([]byte(said), &list); err != nil {
			t.Fatalf("%v: %s%s", err, said, errs)
		}
		found := map[string]finding{}
		for _, f := range list {
			if strings.ContainsAny(f.What+f.Mend, "⟦⟧") || f.What == "" || (f.Severity != fine) != (f.Mend != "") {
				t.Errorf("%+v", f)
			}
			found[f.Check] = f
		}
		return code, found
	}
	_, found := doctor()
	for check, want := range map[string]string{"secret": "kept", "disk": "good", "mail": "files", "migrations": "good", "database": "good", "clock": "good", "keys": "good", "log": "good", "attachments": "good", "backups": "none", "jobs": "late"} {
		if found[check].Code != want {
			t.Errorf("%s: %+v", check, found[check])
		}
	}
	for name, c := range map[string]struct {
		args        []string
		check, want string
	}{
		"no mail server":     {[]string{"--smtp-host", "127.0.0.1", "--smtp-port", "1"}, "mail", "unreachable"},
		"no scanner":         {[]string{"--clamd", "127.0.0.1:1"}, "scanner", "silent"},
		"another secret":     {[]string{"--secret-key", testSecret}, "keys", "shut"},
		"a secret too short": {[]string{"--secret-key", "AAAA"}, "secret", "malformed"},
		"no database server": {[]string{"--database", "postgres://nobody@127.0.0.1:1/x?connect_timeout=2"}, "database", "unreachable"},
		"no register":        {[]string{"--data", t.TempDir()}, "database", "none"},
	} {
		if code, found := doctor(c.args...); code != exitBlocked || found[c.check].Code != c.want {
			t.Errorf("%s: %d %+v", name, code, found[c.check])
		}
	}
	breakThings(t, p.data)
	code, found := doctor()
	for check, want := range map[string]string{"log": "altered", "attachments": "missing", "clock": "behind"} {
		if found[check].Code != want || code != exitBlocked {
			t.Errorf("%s: %+v", check, found[check])
		}
	}
	if code, said, _ := cli(t, "doctor", "--data", p.data, "--language", "cy"); code != exitBlocked || !strings.Contains(said, "!! Log: Cyngor Sir Tywi") {
		t.Errorf("in Welsh: %d %s", code, said)
	}
	// An older schema is named, and not brought up behind anybody's back.
	s, err := store.Open(t.Context(), filepath.Join(p.data, "beforehand.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Raw(t.Context(), "DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if code, found := doctor(); code != exitBlocked || found["migrations"].Code != "behind" {
		t.Errorf("an older schema: %d %+v", code, found)
	}
}

// breakThings alters an entry, takes an attachment away and puts an entry into
// the future.
func breakThings(t *testing.T, data string) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(data, "beforehand.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"DROP TRIGGER ledger_entries_refuse_update", "UPDATE ledger_entries SET body = REPLACE(body, 'deployment', 'deploiment') WHERE seq = 20",
		"UPDATE ledger_entries SET at = '2099-01-01 00:00:00+00:00' WHERE seq = (SELECT MAX(seq) FROM ledger_entries)",
		fmt.Sprintf("INSERT INTO attachments (org_id, id, name, media_type, size, sha256, by_user_id, created_at) SELECT org_id, 'x', 'x', 'text/plain', 1, '%064d', by_user_id, at FROM deployment_versions LIMIT 1", 7),
	} {
		if err := s.Raw(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func newUnionWitness(public string) register.NewWitness {
	return register.NewWitness{Label: "UNISON", Kind: models.WitnessUnion, Public: public}
}
