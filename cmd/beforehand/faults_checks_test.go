package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"beforehand/internal/notice"
)

// shortestPeriod is the least that a notice of the world's class runs before a
// decision, in days: the gate must not have opened sooner.
const shortestPeriod = 20 * 24 * time.Hour

// settleWithin is how long messages may take when all is well again. A job whose
// end could not be written down, because the database was away, is done again
// when it could no longer be under way.
const settleWithin = 2 * time.Minute

// settle waits until each message of a notice has come to an end.
func (tr *trial) settle() {
	deadline := time.After(settleWithin)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		open := -1
		err := tr.rows("SELECT COUNT(*) FROM dispatches d WHERE NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.dispatch_id = d.id AND e.event IN ('accepted', 'bounced', 'abandoned'))", func(r *sql.Rows) error { return r.Scan(&open) })
		if err == nil && open == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			tr.breaks("%d messages have come to no end in %s (%v)", open, settleWithin, err)
			return
		}
	}
}

func (tr *trial) rows(query string, each func(*sql.Rows) error) error {
	driver, dsn := "pgx", tr.dsn
	if tr.engine == "sqlite" {
		driver, dsn = "sqlite", "file:"+tr.dsn+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(tr.Context(), query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// tally counts rows by a text.
func (tr *trial) tally(query string) map[string]int {
	n := map[string]int{}
	if err := tr.rows(query, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		n[s]++
		return err
	}); err != nil {
		tr.breaks("%v: %s", err, query)
	}
	return n
}

func (tr *trial) number(query string) int {
	var n sql.NullInt64
	if err := tr.rows(query, func(r *sql.Rows) error { return r.Scan(&n) }); err != nil {
		tr.breaks("%v: %s", err, query)
	}
	return int(n.Int64)
}

// check looks at everything that must hold whatever happened.
func (tr *trial) check() {
	tr.acknowledged()
	tr.whole()
	tr.numbered()
	tr.delivered()
	tr.gates()
	tr.verified()
}

// verified: `verify log` finds nothing. Where the clock was moved it must say of
// entries that they are dated before others, and nothing else.
func (tr *trial) verified() {
	code, out, errs := cli(tr.T, "verify", "log", "--json", "--data", tr.data, "--database", tr.dsn)
	audits := []struct{ Findings []struct{ Code string } }{}
	if err := json.Unmarshal([]byte(out), &audits); err != nil || len(audits) == 0 {
		tr.breaks("verify log: exit %d, %v: %.300s", code, err, errs)
	}
	other := 0
	for _, a := range audits {
		for _, f := range a.Findings {
			if !tr.skewed || f.Code != "log.finding.entry_backdated" {
				tr.breaks("verify log finds %s", f.Code)
				other++
			}
		}
	}
	if code != exitOK && !tr.skewed && other == 0 {
		tr.breaks("verify log: exit %d: %.300s", code, errs)
	}
}

// acknowledged: what a clerk was told is done is there once, and what was sent
// is there at most once.
func (tr *trial) acknowledged() {
	l := tr.load
	names, bodies := tr.tally("SELECT name_en FROM deployments"), tr.tally("SELECT body FROM comment_words")
	for _, x := range l.names {
		if names[x] != 1 {
			tr.breaks("%s was acknowledged and is there %d times", x, names[x])
		}
	}
	for _, x := range l.bodies {
		if bodies[x] != 1 {
			tr.breaks("%s was acknowledged and is there %d times", x, bodies[x])
		}
	}
	for x := range l.asked {
		if names[x]+bodies[x] > 1 {
			tr.breaks("%s was sent once and is there %d times", x, names[x]+bodies[x])
		}
	}
	served := tr.tally("SELECT d.ref FROM notices n JOIN deployments d ON d.org_id = n.org_id AND d.id = n.deployment_id")
	for _, x := range l.refs {
		if served[x] != 1 {
			tr.breaks("the notice about %s was served and is there %d times", x, served[x])
		}
	}
	acks := tr.tally("SELECT n.no FROM acknowledgements a JOIN notice_recipients r ON r.org_id = a.org_id AND r.id = a.recipient_id JOIN notices n ON n.org_id = r.org_id AND n.id = r.notice_id")
	for _, x := range l.acks {
		if acks[x] != 1 {
			tr.breaks("%s was acknowledged %d times", x, acks[x])
		}
	}
}

// whole: nothing is half written. Each row has its entry in the log, each
// comment its words, each notice its recipients and each of them a message.
func (tr *trial) whole() {
	for verb, rows := range map[string]string{
		"deployment.register": "deployments", "comment.make": "comments", "notice.serve": "notices", "notice.acknowledge": "acknowledgements",
	} {
		said, there := tr.number("SELECT COUNT(*) FROM ledger_entries WHERE verb = '"+verb+"'"), tr.number("SELECT COUNT(*) FROM "+rows)
		if said != there {
			tr.breaks("%d entries %s and %d rows in %s", said, verb, there, rows)
		}
	}
	for what, query := range map[string]string{
		"comments without words":           "SELECT COUNT(*) FROM comments c WHERE NOT EXISTS (SELECT 1 FROM comment_words w WHERE w.comment_id = c.id)",
		"notices without two recipients":   "SELECT COUNT(*) FROM notices n WHERE (SELECT COUNT(*) FROM notice_recipients r WHERE r.notice_id = n.id) <> 2",
		"recipients without one message":   "SELECT COUNT(*) FROM notice_recipients r WHERE (SELECT COUNT(*) FROM dispatches d WHERE d.recipient_id = r.id) <> 1",
		"messages accepted more than once": "SELECT COUNT(*) FROM dispatches d WHERE (SELECT COUNT(*) FROM deliveries e WHERE e.dispatch_id = d.id AND e.event = 'accepted') > 1",
		"deployments noticed by nothing":   "SELECT COUNT(*) FROM deployments d WHERE d.stage = 'noticed' AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.deployment_id = d.id)",
		"jobs that were given up":          "SELECT COUNT(*) FROM river_job WHERE state = 'discarded'",
	} {
		if n := tr.number(query); n != 0 {
			tr.breaks("%d %s", n, what)
		}
	}
	if tr.engine == "sqlite" {
		if found := tr.tally("PRAGMA integrity_check"); found["ok"] != 1 || len(found) != 1 {
			tr.breaks("SQLite says: %v", found)
		}
	}
}

var numberOf = regexp.MustCompile(`^(.*-\d{4})-(\d+)$`)

// numbered: numbers of a year, and of the log, have no gaps.
func (tr *trial) numbered() {
	for _, query := range []string{"SELECT ref FROM deployments WHERE org_id = '" + tr.org + "'", "SELECT no FROM notices WHERE org_id = '" + tr.org + "'"} {
		series := map[string][]int{}
		for no := range tr.tally(query) {
			m := numberOf.FindStringSubmatch(no)
			if m == nil {
				tr.breaks("%q is no number", no)
				continue
			}
			n, _ := strconv.Atoi(m[2]) // digits only
			series[m[1]] = append(series[m[1]], n)
		}
		for name, numbers := range series {
			slices.Sort(numbers)
			if numbers[0] != 1 || numbers[len(numbers)-1] != len(numbers) {
				tr.breaks("%s runs from %d to %d with %d numbers", name, numbers[0], numbers[len(numbers)-1], len(numbers))
			}
		}
	}
	for what, query := range map[string]string{
		"logs with gaps":           "SELECT COUNT(*) FROM (SELECT org_id FROM ledger_entries GROUP BY org_id HAVING COUNT(*) <> MAX(seq) + 1 OR MIN(seq) <> 0) x",
		"logs that miss their end": "SELECT COUNT(*) FROM ledger_heads h WHERE h.size <> (SELECT COUNT(*) FROM ledger_entries e WHERE e.org_id = h.org_id)",
	} {
		if n := tr.number(query); n != 0 {
			tr.breaks("%d %s", n, what)
		}
	}
}

// delivered: each notice reached each recipient under one Message-ID, or was
// refused for good, which the register says.
func (tr *trial) delivered() {
	seen := tr.post.byRecipient()
	tr.post.mailbox.mu.Lock()
	defer tr.post.mailbox.mu.Unlock()
	err := tr.rows(`SELECT n.no, d.address, d.message_id, (SELECT COUNT(*) FROM deliveries e WHERE e.dispatch_id = d.id AND e.event = 'accepted'), (SELECT COUNT(*) FROM deliveries e WHERE e.dispatch_id = d.id AND e.event = 'bounced')
		FROM dispatches d JOIN notices n ON n.org_id = d.org_id AND n.id = d.notice_id`, func(r *sql.Rows) error {
		var no, address, id string
		var accepted, bounced int
		if err := r.Scan(&no, &address, &id, &accepted, &bounced); err != nil {
			return err
		}
		came := tr.post.came[id+" "+address]
		if tr.post.n == 0 { // no mail server: a folder
			if _, err := os.Stat(filepath.Join(tr.data, "mail", notice.FileName(id))); err == nil {
				came = 1
			}
		}
		switch {
		case accepted > 0 && came == 0:
			tr.breaks("%s is said to have reached %s, and did not", no, address)
		case accepted == 0 && (bounced == 0 || !tr.post.refused(address)):
			tr.breaks("%s did not reach %s, and was not refused", no, address)
		}
		for other := range seen[address+" "+no] {
			if other != id {
				tr.breaks("%s came to %s as %s and is %s", no, address, other, id)
			}
		}
		return nil
	})
	if err != nil {
		tr.breaks("%v", err)
	}
}

// gates: nothing went past the gate before a notice on it had run.
func (tr *trial) gates() {
	err := tr.rows(`SELECT d.ref, m.to_stage, m.at, (SELECT MIN(n.served_at) FROM notices n WHERE n.org_id = d.org_id AND n.deployment_id = d.id)
		FROM stage_moves m JOIN deployments d ON d.org_id = m.org_id AND d.id = m.deployment_id WHERE m.to_stage IN ('decided', 'pilot', 'evaluated', 'live')`, func(r *sql.Rows) error {
		var ref, to string
		var at time.Time
		var served any
		if err := r.Scan(&ref, &to, &at, &served); err != nil {
			return err
		}
		first, err := instant(served)
		if err != nil {
			return err
		}
		if at.Sub(first) < shortestPeriod {
			tr.breaks("%s became %s %s after its notice was served", ref, to, at.Sub(first).Round(time.Minute))
		}
		if !tr.skewed {
			tr.breaks("%s became %s within the trial", ref, to)
		}
		return nil
	})
	if err != nil {
		tr.breaks("%v", err)
	}
	if n := tr.number("SELECT COUNT(*) FROM deployments WHERE stage IN ('decided', 'pilot', 'evaluated', 'live')"); n > 0 && !tr.skewed {
		tr.breaks("%d deployments are past the gate", n)
	}
}

// instant reads a time as either driver gives it in an expression.
func instant(v any) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v, nil
	case string:
		for _, layout := range []string{"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999 -0700 MST", time.RFC3339Nano} {
			if at, err := time.Parse(layout, v); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%v is no instant", v)
}
