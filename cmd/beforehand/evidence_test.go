package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// analyse runs `beforehand evidence analyse` as a process of its own.
func analyse(t *testing.T, env string, args ...string) (out, said string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"evidence", "analyse"}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1", env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), code
}

// A result that is worked out again, by another process on other cores, is the
// same file.
func TestAResultWorkedOutAgainIsTheSameFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"case-notes", "applications"} {
		args := []string{filepath.Join("demo", name+".csv"), "--plan", filepath.Join("demo", name+".yaml"), "--locked"}
		first, said, code := analyse(t, "GOMAXPROCS=1", args...)
		if code != 0 || !strings.HasPrefix(first, "{\n") {
			t.Fatalf("%s: %d %s", name, code, said)
		}
		for _, env := range []string{"GOMAXPROCS=2", "GOMAXPROCS=7", "TZ=Asia/Tokyo"} {
			if again, _, _ := analyse(t, env, args...); again != first {
				t.Errorf("%s with %s is another file", name, env)
			}
		}
	}
}

func TestAnalyseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	plan, err := os.ReadFile(filepath.Join("demo", "case-notes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	notes, good := filepath.Join("demo", "case-notes.csv"), filepath.Join("demo", "case-notes.yaml")
	person := put("person.csv", strings.Replace(caseNoteRows, "p01,A", "p01,ceri@tywi.gov.uk", 1))
	for _, c := range []struct{ name, rows, plan, says string }{
		{"an e-mail address", person, good, "rows[2].team"},
		{"no plan", notes, put("empty.yaml", ""), ""},
		{"a key that no plan has", notes, put("key.yaml", string(plan)+"hunch: 3\n"), "hunch"},
		{"two guardrails", notes, put("two.yaml", strings.Replace(string(plan), "keepUntil: 2027-06-30", "", 1)), "keepUntil"},
		{"columns that are not there", filepath.Join("demo", "applications.csv"), good, "heading"},
	} {
		out, said, code := analyse(t, "X=1", c.rows, "--plan", c.plan)
		if code != exitError || out != "" || !strings.Contains(said, c.says) || strings.Contains(said, "⟦") || strings.Contains(said, "ceri") {
			t.Errorf("%s: exit %d, printed %q, said %s", c.name, code, out, said)
		}
	}
}

func TestFiguresStandAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, said, code := analyse(t, "BEFOREHAND_LANGUAGE=cy", filepath.Join("demo", "case-notes.csv"), "--plan", filepath.Join("demo", "case-notes.yaml"), "--figures", dir, "--words")
	if code != 0 {
		t.Fatal(said)
	}
	for _, name := range []string{"effects", "margins", "spread"} {
		svg, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if !bytes.Contains(svg, []byte("E3")) || !bytes.Contains(svg, []byte("<desc")) || bytes.Contains(svg, []byte("⟦")) || bytes.Contains(svg, []byte("style=")) {
			t.Errorf("%s: %s", name, svg)
		}
	}
}
