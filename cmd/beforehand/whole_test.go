package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // reads what the register wrote, by questions of our own
	_ "modernc.org/sqlite"             // as above

	"beforehand/internal/register"
	"beforehand/internal/store/storetest"
	"beforehand/internal/web"
	"beforehand/models"
)

// installation is a register in a place of its own.
type installation struct {
	data, dsn string
}

func newInstallation(t *testing.T, engine string) installation {
	t.Helper()
	return installation{t.TempDir(), storetest.DSN(t, engine)}
}

func (i installation) cli(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := cli(t, append(args, "--data", i.data, "--database", i.dsn)...)
	if code != exitOK {
		t.Fatalf("%v: %d, %s%s", args, code, out, errs)
	}
	return out
}

// open opens the installation as its server would, with a clock after the story.
func (i installation) open(t *testing.T) (*parts, *console) {
	t.Helper()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	c := &console{in: strings.NewReader(""), out: io.Discard, err: io.Discard, now: func() time.Time { at = at.Add(time.Microsecond); return at }}
	g := &Globals{Data: i.data, Database: i.dsn}
	p, err := g.open(t.Context(), c, mailSettings{BaseURL: "https://register.example", From: "notices@tywi.example"}, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p, c
}

func (p *parts) signedIn(t *testing.T, email string) models.Actor {
	t.Helper()
	u, err := p.store.UserByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	org, err := p.store.OrganisationBySlug(t.Context(), "tywi")
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.register.ActorOf(t.Context(), u.ID, org.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var rootOf = regexp.MustCompile(`root ([0-9a-f]{64})`)

// TestEverythingGoesAndComesBack exports the demo from each engine and takes it
// into an empty place on the other: the same log, the same pages, the same
// report to the byte, and receipts that still verify.
func TestEverythingGoesAndComesBack(t *testing.T) {
	for from, to := range map[string]string{"sqlite": "postgres", "postgres": "sqlite"} {
		t.Run(from+" to "+to, func(t *testing.T) {
			t.Parallel()
			here, there := newInstallation(t, from), newInstallation(t, to)
			here.cli(t, "demo")
			archive := filepath.Join(t.TempDir(), "tywi.zip")
			out := here.cli(t, "export", archive)
			back := there.cli(t, "adopt", archive)
			if a, b := rootOf.FindString(out), rootOf.FindString(back); a == "" || a != b {
				t.Fatalf("%s\n%s", out, back)
			}
			p, c := here.open(t)
			q, d := there.open(t)
			receipt := filepath.Join(t.TempDir(), "receipt.json")
			got, err := p.register.Receipt(t.Context(), p.signedIn(t, "unison@tywi.example"), "N-2026-001")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(receipt, got.Bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			keys := filepath.Join(t.TempDir(), "keys")
			if err := os.WriteFile(keys, []byte(here.cli(t, "keys")), 0o600); err != nil {
				t.Fatal(err)
			}
			if code, out, errs := cli(t, "verify", "receipt", receipt, "--key", keys); code != exitOK {
				t.Errorf("the receipt: %d, %s%s", code, out, errs)
			}
			if code, out, errs := cli(t, "verify", "log", "--data", there.data, "--database", there.dsn); code != exitOK {
				t.Errorf("the log that was taken in: %d, %s%s", code, out, errs)
			}
			samePages(t, (&serveCmd{}).served(p, c), (&serveCmd{}).served(q, d))
			for form := range register.ReportForms {
				one, two := reportBytes(t, p, register.ReportAnnual, form), reportBytes(t, q, register.ReportAnnual, form)
				if !bytes.Equal(one, two) {
					t.Errorf("the annual report as %s is another after the journey", form)
				}
			}
			if code, _, errs := cli(t, "adopt", archive, "--data", there.data, "--database", there.dsn); code == exitOK || !strings.Contains(errs, "not empty") {
				t.Errorf("a second time: %d, %s", code, errs)
			}
		})
	}
}

// served is the handler with what a server has by default.
func (s *serveCmd) served(p *parts, c *console) http.Handler {
	s.SessionLifetime, s.SessionIdle, s.RateLimit, s.BaseURL = time.Hour, time.Hour, 0, "https://register.example"
	answers, _ := s.handler(p, c, web.NewLive(p.register.LogSizes, liveEvery), &drain{}, nil)
	return answers
}

// samePages asks both for what everybody may read.
func samePages(t *testing.T, one, two http.Handler) {
	t.Helper()
	for _, path := range []string{
		"/en/register", "/cy/register", "/en/deployments/DEP-2026-003", "/cy/deployments/DEP-2026-007", "/en/deployments/DEP-2026-003/versions/3", "/en/notices/N-2026-001",
		"/en/missing", "/en/open-data", "/open/tywi/register.csv", "/open/tywi/history.json", "/open/tywi/register.atom", "/open/tywi/windows.ics", "/en/register?q=notes",
		"/api/v1/deployments", "/api/v1/deployments/DEP-2026-003/comments", "/.well-known/beforehand/tywi/keys",
	} {
		a, b := asEverybody(one, path), asEverybody(two, path)
		if a.Code != http.StatusOK || a.Code != b.Code || plainly(a.Body.String()) != plainly(b.Body.String()) {
			t.Errorf("%s: %d and %d, %d and %d bytes", path, a.Code, b.Code, a.Body.Len(), b.Body.Len())
		}
	}
}

func asEverybody(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	h.ServeHTTP(w, r)
	return w
}

// generated is when a file was made, which no two are at the same instant.
var generated = regexp.MustCompile(`"generatedAt":\s*"[^"]*"`)

func plainly(s string) string { return generated.ReplaceAllString(s, "") }

func reportBytes(t *testing.T, p *parts, kind register.ReportKind, form string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.register.WriteReport(t.Context(), p.signedIn(t, "councillor@tywi.example"), kind, 2026, form, models.English, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestArchivesThatAreRefused leave the place as empty as it was.
func TestArchivesThatAreRefused(t *testing.T) {
	t.Parallel()
	here := newInstallation(t, "sqlite")
	here.cli(t, "demo")
	p, _ := here.open(t)
	if _, err := p.register.Attach(t.Context(), p.signedIn(t, "cdo@tywi.example"), "minutes.txt", []byte("signed by both sides")); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(t.TempDir(), "tywi.zip")
	here.cli(t, "export", good)
	there := newInstallation(t, "sqlite")
	for name, change := range map[string]func(name string, b []byte) (string, []byte){
		"a path outside": func(n string, b []byte) (string, []byte) { return swap(n, "tables/unions.jsonl", "../unions.jsonl"), b },
		"an absolute path": func(n string, b []byte) (string, []byte) {
			return swap(n, "tables/unions.jsonl", "/etc/unions.jsonl"), b
		},
		"a windows path": func(n string, b []byte) (string, []byte) {
			return swap(n, "tables/unions.jsonl", `tables\unions.jsonl`), b
		},
		"a table missing": func(n string, b []byte) (string, []byte) {
			return swap(n, "tables/unions.jsonl", "tables/onions.jsonl"), b
		},
		"no manifest": func(n string, b []byte) (string, []byte) { return swap(n, "manifest.json", "manifesto.json"), b },
		"an entry changed": func(n string, b []byte) (string, []byte) {
			return n, change(n, "tables/ledger_entries.jsonl", b, "notice.serve", "notice.swerve")
		},
		"a row of another's": func(n string, b []byte) (string, []byte) {
			return n, change(n, "tables/unions.jsonl", b, `["`, `["other-`)
		},
		"a row too few": func(n string, b []byte) (string, []byte) { return n, short(n, "tables/comments.jsonl", b) },
		"no JSON":       func(n string, b []byte) (string, []byte) { return n, change(n, "tables/unions.jsonl", b, `[`, `{`) },
		"another version": func(n string, b []byte) (string, []byte) {
			return n, change(n, "manifest.json", b, `"version":`, `"version":4`)
		},
		"an unknown field": func(n string, b []byte) (string, []byte) {
			return n, change(n, "manifest.json", b, `"version":`, `"x":1,"version":`)
		},
		"an attachment altered": func(n string, b []byte) (string, []byte) { return n, extended(n, "files/", b) },
	} {
		bad := rewritten(t, good, change)
		code, _, errs := cli(t, "adopt", bad, "--data", there.data, "--database", there.dsn)
		if code == exitOK || !strings.Contains(errs, "archive does not fit") && !strings.Contains(errs, "insecure") {
			t.Errorf("%s: %d, %s", name, code, errs)
		}
	}
	cut := filepath.Join(t.TempDir(), "cut.zip")
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := cli(t, "adopt", cut, "--data", there.data, "--database", there.dsn); code == exitOK {
		t.Error("half an archive was taken in")
	}
	there.cli(t, "adopt", good) // nothing of them stayed
}

func swap(name, old, fresh string) string {
	if name == old {
		return fresh
	}
	return name
}

func change(name, of string, b []byte, old, fresh string) []byte {
	if name != of {
		return b
	}
	return bytes.Replace(b, []byte(old), []byte(fresh), 1)
}

func short(name, of string, b []byte) []byte {
	if name != of {
		return b
	}
	return b[:bytes.LastIndexByte(bytes.TrimRight(b, "\n"), '\n')+1]
}

func extended(name, prefix string, b []byte) []byte {
	if strings.HasPrefix(name, prefix) {
		return append(bytes.Clone(b), 'x')
	}
	return b
}

func rewritten(t *testing.T, from string, each func(string, []byte) (string, []byte)) string {
	t.Helper()
	in, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }() // it was read
	to := filepath.Join(t.TempDir(), "bad.zip")
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	out := zip.NewWriter(f)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, b := each(part.Name, b)
		w, err := out.Create(name)
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

// yearQueries count each number of the year's report by a question of its own.
var yearQueries = map[string]string{
	"registered":                "SELECT COUNT(*) FROM ledger_entries l JOIN deployments d ON d.id = l.deployment_id WHERE l.verb = 'deployment.register' AND d.audience IN ('parties', 'public') AND l.at >= $1 AND l.at < $2",
	"registered_late":           "SELECT COUNT(*) FROM deployments WHERE late AND created_at >= $1 AND created_at < $2",
	"notices_served":            "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'notice.serve' AND at >= $1 AND at < $2",
	"noticed_in_time":           "SELECT COUNT(DISTINCT n.deployment_id) FROM notices n JOIN deployments d ON d.id = n.deployment_id WHERE NOT d.late AND n.served_at >= $1 AND n.served_at < $2 AND NOT EXISTS (SELECT 1 FROM stage_moves m WHERE m.deployment_id = n.deployment_id AND m.to_stage IN ('pilot', 'live') AND m.at < n.served_at)",
	"noticed_late":              "SELECT COUNT(DISTINCT n.deployment_id) FROM notices n JOIN deployments d ON d.id = n.deployment_id WHERE d.late AND n.served_at >= $1 AND n.served_at < $2",
	"overrides":                 "SELECT COUNT(*) FROM overrides WHERE second_at >= $1 AND second_at < $2",
	"comments":                  "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'comment.make' AND at >= $1 AND at < $2",
	"comments_withdrawn":        "SELECT COUNT(*) FROM comment_withdrawals WHERE comment_id IN (SELECT id FROM comments WHERE union_id IS NOT NULL AND at >= $1 AND at < $2) AND comment_id NOT IN (SELECT comment_id FROM dispositions)",
	"comments_late":             "SELECT COUNT(*) FROM comments WHERE union_id IS NOT NULL AND late AND at >= $1 AND at < $2",
	"comments_accepted":         "SELECT COUNT(*) FROM dispositions WHERE verdict = 'accepted' AND comment_id IN (SELECT id FROM comments WHERE at >= $1 AND at < $2)",
	"comments_accepted_in_part": "SELECT COUNT(*) FROM dispositions WHERE verdict = 'accepted_in_part' AND comment_id IN (SELECT id FROM comments WHERE at >= $1 AND at < $2)",
	"comments_rejected":         "SELECT COUNT(*) FROM dispositions WHERE verdict = 'rejected' AND comment_id IN (SELECT id FROM comments WHERE at >= $1 AND at < $2)",
	"comments_deferred":         "SELECT COUNT(*) FROM dispositions WHERE verdict = 'deferred' AND comment_id IN (SELECT id FROM comments WHERE at >= $1 AND at < $2)",
	"comments_already_covered":  "SELECT COUNT(*) FROM dispositions WHERE verdict = 'already_covered' AND comment_id IN (SELECT id FROM comments WHERE at >= $1 AND at < $2)",
	"comments_out_of_scope":     "SELECT COUNT(*) FROM dispositions WHERE verdict = 'out_of_scope' AND comment_id IN (SELECT id FROM comments WHERE at >= $1 AND at < $2)",
	"comments_unanswered":       "SELECT COUNT(*) FROM comments WHERE union_id IS NOT NULL AND at >= $1 AND at < $2 AND id NOT IN (SELECT comment_id FROM dispositions) AND id NOT IN (SELECT comment_id FROM comment_withdrawals) AND id NOT IN (SELECT corrects FROM comments WHERE corrects IS NOT NULL)",
	"outcomes_consensus":        "SELECT COUNT(*) FROM union_outcomes WHERE outcome = 'consensus' AND at >= $1 AND at < $2",
	"outcomes_compromise":       "SELECT COUNT(*) FROM union_outcomes WHERE outcome = 'compromise' AND at >= $1 AND at < $2",
	"outcomes_not_agreed":       "SELECT COUNT(*) FROM union_outcomes WHERE outcome = 'not_agreed' AND at >= $1 AND at < $2",
	"outcomes_no_response":      "SELECT COUNT(*) FROM union_outcomes WHERE outcome = 'no_response' AND at >= $1 AND at < $2",
	"requests":                  "SELECT COUNT(*) FROM information_requests WHERE asked_at >= $1 AND asked_at < $2",
	"requests_in_time":          "SELECT COUNT(*) FROM information_requests q WHERE asked_at >= $1 AND asked_at < $2 AND EXISTS (SELECT 1 FROM information_request_events e WHERE e.request_id = q.id AND e.kind = 'answered' AND DATE(e.at) <= q.due_on)",
	"requests_late":             "SELECT COUNT(*) FROM information_requests q WHERE asked_at >= $1 AND asked_at < $2 AND EXISTS (SELECT 1 FROM information_request_events e WHERE e.request_id = q.id AND e.kind = 'answered' AND DATE(e.at) > q.due_on)",
	"requests_open":             "SELECT COUNT(*) FROM information_requests q WHERE asked_at >= $1 AND asked_at < $2 AND NOT EXISTS (SELECT 1 FROM information_request_events e WHERE e.request_id = q.id AND e.kind = 'answered')",
	"requests_withheld":         "SELECT COUNT(DISTINCT request_id) FROM information_request_events WHERE kind = 'withheld' AND request_id IN (SELECT id FROM information_requests WHERE asked_at >= $1 AND asked_at < $2)",
	"meetings_held":             "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'meeting.hold' AND at >= $1 AND at < $2",
	"meetings_by_employer":      "SELECT COUNT(*) FROM meetings WHERE cancelled_by = 'employer' AND starts_at >= $1 AND starts_at < $2",
	"meetings_not_replaced":     "SELECT COUNT(*) FROM meetings WHERE cancelled_by = 'employer' AND starts_at >= $1 AND starts_at < $2 AND id NOT IN (SELECT replaces FROM meetings WHERE replaces IS NOT NULL)",
	"meetings_by_union":         "SELECT COUNT(*) FROM meetings WHERE cancelled_by NOT IN ('', 'employer') AND starts_at >= $1 AND starts_at < $2",
	"disputes":                  "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'dispute.open' AND at >= $1 AND at < $2",
	"disputes_open":             "SELECT COUNT(*) FROM disputes WHERE closed_on IS NULL AND at >= $1 AND at < $2",
	"disputes_settled":          "SELECT COUNT(*) FROM disputes WHERE outcome = 'settled' AND at >= $1 AND at < $2",
	"disputes_withdrawn":        "SELECT COUNT(*) FROM disputes WHERE outcome = 'withdrawn' AND at >= $1 AND at < $2",
	"disputes_decided_outside":  "SELECT COUNT(*) FROM disputes WHERE outcome = 'decided_outside' AND at >= $1 AND at < $2",
	"disputes_not_settled":      "SELECT COUNT(*) FROM disputes WHERE outcome = 'not_settled' AND at >= $1 AND at < $2",
	"statements_agreed":         "SELECT COUNT(*) FROM statements s WHERE at >= $1 AND at < $2 AND NOT EXISTS (SELECT 1 FROM statement_parties p WHERE p.statement_id = s.id AND NOT EXISTS (SELECT 1 FROM statement_signatures g WHERE g.statement_id = s.id AND g.party = p.party AND g.signed))",
	"statements_not_agreed":     "SELECT COUNT(DISTINCT statement_id) FROM statement_signatures WHERE NOT signed AND at >= $1 AND at < $2",
	"barriers":                  "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'barrier.raise' AND at >= $1 AND at < $2",
	"barriers_settled":          "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'barrier.settle' AND at >= $1 AND at < $2",
	"engagements":               "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'engagement.record' AND at >= $1 AND at < $2",
	"invited":                   "SELECT COALESCE(SUM(invited), 0) FROM engagement_groups WHERE engagement_id IN (SELECT id FROM engagements WHERE at >= $1 AND at < $2)",
	"attended":                  "SELECT COALESCE(SUM(attended), 0) FROM engagement_groups WHERE engagement_id IN (SELECT id FROM engagements WHERE at >= $1 AND at < $2)",
	"actions":                   "SELECT COUNT(*) FROM ledger_entries WHERE verb IN ('action.add', 'action.ask') AND at >= $1 AND at < $2",
	"actions_in_time":           "SELECT COUNT(*) FROM actions WHERE done_on <= due_on AND at >= $1 AND at < $2",
	"actions_late":              "SELECT COUNT(*) FROM actions WHERE done_on > due_on AND at >= $1 AND at < $2",
	"questionnaires":            "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'questionnaire.send' AND at >= $1 AND at < $2",
	"flags":                     "SELECT COUNT(*) FROM ledger_entries WHERE verb = 'flag.raise' AND at >= $1 AND at < $2",
	"lead_median":               "SELECT CAST(SUBSTR(CAST(MIN(m.at) AS TEXT), 9, 2) AS INTEGER) + 54 FROM stage_moves m WHERE m.to_stage = 'pilot' AND m.at >= $1 AND m.at < $2",
}

func init() {
	for _, grade := range []string{"E0", "E1", "E2", "E3", "E4", "E5"} {
		yearQueries["claims_"+grade] = "SELECT COUNT(*) FROM claim_results x WHERE grade = '" + grade + "' AND EXISTS (SELECT 1 FROM claim_shares s WHERE s.claim_id = x.claim_id AND s.result_no = x.no AND s.at >= $1 AND s.at < $2) AND NOT EXISTS (SELECT 1 FROM claim_shares s WHERE s.claim_id = x.claim_id AND s.result_no > x.no)"
	}
}

// TestTheYearsReport is the demo's: the same bytes from the same log, and every
// number found again by an independent question to the database.
func TestTheYearsReport(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			here := newInstallation(t, engine)
			here.cli(t, "demo")
			p, _ := here.open(t)
			who := p.signedIn(t, "councillor@tywi.example")
			y, err := p.register.AnnualReport(t.Context(), who, 2026)
			if err != nil {
				t.Fatal(err)
			}
			driver := "pgx"
			if engine == "sqlite" {
				driver = "sqlite"
			}
			db, err := sql.Open(driver, here.dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }() // it only read
			seen := 0
			for _, part := range y.Parts {
				for _, f := range part.Figures {
					q, ok := yearQueries[f.Key]
					if !ok {
						t.Errorf("nobody asks for %s", f.Key)
						continue
					}
					var n int
					if err := db.QueryRowContext(t.Context(), q, "2026-03-31 23:00:00+00:00", "2027-03-31 23:00:00+00:00").Scan(&n); err != nil {
						t.Errorf("%s: %v", f.Key, err)
					} else if n != f.Value() {
						t.Errorf("%s is %d in the report, and %d in the database", f.Key, f.Value(), n)
					}
					seen++
				}
			}
			if seen != len(yearQueries) {
				t.Errorf("%d numbers in the report, %d questions", seen, len(yearQueries))
			}
			for _, kind := range []register.ReportKind{register.ReportAnnual, register.ReportScrutiny} {
				for form := range register.ReportForms {
					if !bytes.Equal(reportBytes(t, p, kind, form), reportBytes(t, p, kind, form)) {
						t.Errorf("%s as %s is made twice, and differs", kind, form)
					}
				}
			}
			for _, year := range []int{2025, 2031, 1900} {
				if err := p.register.WriteReport(t.Context(), who, register.ReportAnnual, year, "pdf", models.English, io.Discard); models.KindOf(err) != models.Conflict && models.KindOf(err) != models.Invalid {
					t.Errorf("of %d: %v", year, err)
				}
			}
			if page := string(reportBytes(t, p, register.ReportAnnual, "html")); !strings.Contains(page, fmt.Sprintf("%d entries", y.Size)) || !strings.Contains(page, "Agency workers are still not assessed.") {
				t.Error("the report does not say from which log it is, or what a union says of it")
			}
		})
	}
}
