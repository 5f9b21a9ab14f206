package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beforehand/internal/store/storetest"
)

// asProgram makes the test binary run as the program itself, so that tests can
// start it, talk to it and kill it as a process.
const asProgram = "BEFOREHAND_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(storetest.Main(m))
}

// cli runs a command line in this process.
func cli(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// TestTheDemoStory is the story of domain section 11 at the command line, on
// both engines: the gates, the pause, the exit codes.
func TestTheDemoStory(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			where := []string{"--data", data, "--database", storetest.DSN(t, engine)}
			at := func(args ...string) (int, string, string) { return cli(t, append(args, where...)...) }
			if code, _, errs := at("demo"); code != exitOK {
				t.Fatalf("demo: %d, %s", code, errs)
			}
			if code, _, errs := at("demo"); code != exitOK || !strings.Contains(errs, "already") {
				t.Errorf("a second demo: %d, %s", code, errs)
			}
			code, out, _ := at("gate", "DEP-2026-003", "--to", "live", "--at", "2026-11-21")
			if code != exitBlocked {
				t.Errorf("gate: exit code %d", code)
			}
			for _, want := range []string{"guardrail has been breached", "No notice has been served on UNISON before rollout", "Monday 2 November 2026 becomes Wednesday 4 November 2026"} {
				if !strings.Contains(out, want) {
					t.Errorf("the gate does not say %q:\n%s", want, out)
				}
			}
			if code, out, errs := at("gate", "DEP-2026-003", "--to", "pilot", "--at", "2026-11-03", "--json"); code != exitBlocked || !json.Valid([]byte(out)) || !strings.Contains(out, "period_running") || errs != "" {
				t.Errorf("on 3 November: %d, %s %s", code, out, errs)
			}
			if code, out, _ := at("gate", "DEP-2026-003", "--to", "pilot", "--at", "2026-11-04"); code != exitOK {
				t.Errorf("on 4 November: %d, %s", code, out)
			}
			code, out, _ = at("--language", "cy", "gate", "DEP-2026-007", "--to", "live", "--at", "2026-11-21")
			if code != exitBlocked || !strings.Contains(out, "hwyr") || strings.Contains(out, "⟦") {
				t.Errorf("recruitment ranking, in Welsh: %d, %s", code, out)
			}
			if code, _, errs := at("gate", "DEP-2026-999", "--to", "live"); code != exitError || errs == "" {
				t.Errorf("a ref that is not there: %d, %q", code, errs)
			}
			if code, _, _ := at("gate", "DEP-2026-003", "--to", "live", "--at", "2026-02-30"); code != exitError {
				t.Errorf("a day that does not exist: %d", code)
			}
			mails, err := filepath.Glob(filepath.Join(data, "mail", "*.eml"))
			if err != nil || len(mails) != 5 {
				t.Errorf("%d mails, %v", len(mails), err)
			}
		})
	}
}

func TestGateOfNoRegisterIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, errs := cli(t, "gate", "DEP-2026-001", "--to", "live", "--data", dir); code != exitError || errs == "" {
		t.Errorf("%d, %q", code, errs)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Error("asking made a register")
	}
}

// TestImportOfTheRealFile takes the 2024 inventory in, and again.
func TestImportOfTheRealFile(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "data", "us-federal-ai-inventory-2024.csv")
	if _, err := os.Stat(file); err != nil {
		t.Skip("the 2024 inventory lies outside the repository and is not here; internal/report tests a sample of the same shape")
	}
	t.Parallel()
	data := t.TempDir()
	type counts struct{ Rows, Imported, Updated, Unchanged, Repaired, Refused int }
	read := func(args ...string) counts {
		t.Helper()
		code, out, errs := cli(t, append([]string{"import", file, "--map", "us-federal-2024", "--json", "--data", data}, args...)...)
		var c counts
		if err := json.Unmarshal([]byte(out), &c); err != nil || code > exitBlocked {
			t.Fatalf("%d, %v, %s", code, err, errs)
		}
		return c
	}
	if c := read("--dry-run", "--on-problem", "skip"); c.Imported != 2118 || c.Refused != 15 {
		t.Errorf("preview: %+v", c)
	}
	if c := read(); c.Imported != 0 || c.Refused != 15 {
		t.Errorf("stopped at problems: %+v", c)
	}
	if c := read("--on-problem", "skip"); c.Rows != 2133 || c.Imported != 2118 || c.Refused != 15 || c.Repaired != 1257 {
		t.Errorf("first run: %+v", c)
	}
	if c := read("--on-problem", "skip"); c.Imported != 0 || c.Updated != 0 || c.Unchanged != 2118 {
		t.Errorf("second run: %+v", c)
	}
	if c := read("--on-problem", "update"); c.Imported != 0 || c.Updated != 0 || c.Unchanged != 2118 {
		t.Errorf("third run, updating: %+v", c)
	}
}

func TestHelpVersionAndOpenAPI(t *testing.T) {
	t.Parallel()
	if code, out, _ := cli(t, "--help"); code != exitOK || !strings.Contains(strings.Join(strings.Fields(out), " "), "Exits 0 open, 1 blocked, 2 error") {
		t.Errorf("help: %d, %s", code, out)
	}
	if code, out, _ := cli(t, "version"); code != exitOK || !strings.HasPrefix(out, "beforehand ") {
		t.Errorf("version: %d, %q", code, out)
	}
	code, out, _ := cli(t, "openapi")
	var doc struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(out), &doc); code != exitOK || err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) < 50 {
		t.Errorf("openapi: %d, %v, %s, %d paths", code, err, doc.OpenAPI, len(doc.Paths))
	}
	if code, _, errs := cli(t, "gate", "DEP-2026-001", "--to", "nowhere"); code != exitError || errs == "" {
		t.Errorf("a stage that is none: %d, %q", code, errs)
	}
}

// TestServeOnAnEmptyFolder starts the program as people would, and asks it.
func TestServeOnAnEmptyFolder(t *testing.T) {
	t.Parallel()
	p := start(t, "--data", t.TempDir())
	p.ready(t)
	if code, _, errs := cli(t, "healthcheck", "--addr", p.addr); code != exitOK {
		t.Errorf("healthcheck: %d, %s", code, errs)
	}
	p.end(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"healthcheck", "--addr", p.addr}, nil, &out, &errs); code != exitError {
		t.Errorf("the healthcheck of a server that is gone: %d", code)
	}
	if !strings.Contains(p.said.String(), "A new organisation was made") {
		t.Errorf("it said: %s", p.said.String())
	}
}
