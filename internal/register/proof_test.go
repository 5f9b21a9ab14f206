package register_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/notice"
	"beforehand/internal/receipt"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// witnessKey is the same key for the same name.
func witnessKey(t testing.TB, name string) ledger.SecretKey {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	return need(ledger.SecretFromSeed(name, true, seed[:]))(t)
}

func cosigned(t testing.TB, c models.Checkpoint, k ledger.SecretKey, at time.Time) string {
	t.Helper()
	return need(ledger.Cosign(need(ledger.ReadNote(c.Note))(t).Text(), k, at))(t)
}

// publicKeys are what a union was given.
func publicKeys(t testing.TB, h *registertest.House) []ledger.Key {
	t.Helper()
	var out []ledger.Key
	for _, k := range need(h.Keys(t.Context(), models.Actor{OrgID: h.Org.ID}))(t) {
		out = append(out, need(ledger.ParseKey(k.Public))(t))
	}
	return out
}

// TestReceipts follows a notice: what each party gets, and what it can show with it.
func TestReceipts(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		_, n := h.Noticed(t)
		h.Clock.Set(h.Clock.Now().Add(24 * time.Hour))
		must(t, h.Acknowledge(ctx, h.Officer, n.No, ""))
		keys := publicKeys(t, h)
		if len(keys) != 1 {
			t.Fatalf("%d keys", len(keys))
		}
		got := func(a models.Actor) receipt.Result {
			t.Helper()
			rc := need(h.Receipt(ctx, a, n.No))(t)
			r := receipt.Check(rc.Bytes, keys)
			if r.Verdict != receipt.Valid || r.No != n.No || !r.RecordedAt.Equal(n.ServedAt) || r.Hash != n.SHA256 {
				t.Fatalf("%+v", r)
			}
			if standing, _, err := h.Stands(ctx, r.Note.Checkpoint, r.First); err != nil || standing != register.StandingSame {
				t.Errorf("it stands %s, %v", standing, err)
			}
			return r
		}
		events := func(r receipt.Result, union string) (out []string) {
			for _, e := range r.Events {
				if e.Union == union {
					out = append(out, e.Event)
				}
			}
			return out
		}
		own := got(h.Officer)
		if e := events(own, "UNISON"); !slices.Equal(e, []string{"accepted", "acknowledged"}) {
			t.Errorf("UNISON reads of itself %v", e)
		}
		if e := events(own, "GMB"); e != nil || !slices.Equal(own.Silent, []string{"GMB"}) {
			t.Errorf("UNISON reads of GMB %v, silent %v", e, own.Silent)
		}
		if e := events(got(h.CDO), "GMB"); !slices.Equal(e, []string{"accepted"}) {
			t.Errorf("the employer reads of GMB %v", e)
		}
		if r := got(models.Actor{OrgID: h.Org.ID}); len(r.Events) > 0 {
			t.Errorf("the public reads of deliveries: %v", r.Events)
		}
		// What went out with the mails is a receipt at service.
		for _, m := range h.Outbox.Sent() {
			if !strings.Contains(m.Subject, n.No) {
				continue
			}
			if len(m.Files) != 2 || !strings.HasSuffix(m.Files[0].Name, ".receipt.json") || !strings.Contains(m.Text, keys[0].String()) {
				t.Fatalf("the mail to %s has %d files", m.To, len(m.Files))
			}
			if r := receipt.Check(m.Files[0].Bytes, keys); r.Verdict != receipt.Valid || len(r.Events) > 0 {
				t.Errorf("the mail to %s: %+v", m.To, r)
			}
			if _, err := ledger.OpenNote(string(m.Files[1].Bytes), keys); err != nil {
				t.Errorf("the checkpoint to %s: %v", m.To, err)
			}
		}
		if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) > 0 || a.Checkpoints == 0 {
			t.Errorf("%+v", a)
		}
	})
}

func TestReceiptsOfOthersAreNotFound(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	_, n := h.Noticed(t)
	other := *h
	other.Found(t, "gwy")
	for name, a := range map[string]models.Actor{"another council's officer": other.CDO, "another council's union": other.Officer, "the public of another": {OrgID: other.Org.ID}} {
		if _, err := h.Receipt(t.Context(), a, n.No); models.KindOf(err) != models.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A receipt of one organisation is not of the other's log.
	_, theirs := other.Noticed(t)
	rc := need(h.Receipt(t.Context(), other.CDO, theirs.No))(t)
	if r := receipt.Check(rc.Bytes, publicKeys(t, h)); r.Verdict != receipt.Invalid || r.Fault.Code != "other_origin" {
		t.Errorf("%+v", r)
	}
}

func TestAReceiptIsTheSameAtEveryAttempt(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	d := h.Formative(t)
	draft := need(h.DraftNotice(t.Context(), h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	n := need(h.ServeNotice(t.Context(), h.CDO, draft.ID, draft.Version))(t)
	tried := map[string][][]byte{}
	down := true
	h.Outbox.Fail = func(m notice.Mail) error {
		if len(m.Files) == 0 {
			t.Fatal("without its receipt")
		}
		tried[m.MessageID] = append(tried[m.MessageID], m.Files[0].Bytes)
		if down {
			return errors.New("greylisted")
		}
		return nil
	}
	if h.DeliverAll(t.Context(), n) == nil {
		t.Fatal("it went out")
	}
	down = false
	need(h.SignNow(t.Context(), h.CDO))(t) // a later checkpoint changes nothing
	must(t, h.DeliverAll(t.Context(), n))
	twice := 0
	for id, files := range tried {
		if len(files) == 2 {
			twice++
		}
		if !bytes.Equal(files[0], files[len(files)-1]) {
			t.Errorf("%s: the second attempt brings another receipt", id)
		}
	}
	if twice == 0 {
		t.Error("nothing was tried twice")
	}
}

func TestKeysAreRotated(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		_, n := h.Noticed(t)
		old := publicKeys(t, h)[0]
		before := need(h.Receipt(ctx, h.CDO, n.No))(t)
		made := need(h.RotateKey(ctx, h.Admin, 30))(t)
		if made.Secret != "" {
			t.Error("the secret is given away")
		}
		next := need(ledger.ParseKey(made.Public))(t)
		if next.Name != old.Name {
			t.Errorf("the log was %s and is %s", old.Name, next.Name)
		}
		opens := func(c models.Checkpoint, keys ...ledger.Key) bool {
			_, err := ledger.OpenNote(c.Note, keys)
			return err == nil
		}
		if c := need(h.SignNow(ctx, h.CDO))(t); !opens(c, old, next) {
			t.Errorf("in the overlap both sign: %s", c.Note)
		}
		h.Clock.Set(h.Clock.Now().AddDate(0, 0, 31))
		must(t, h.SignDaily(ctx))
		if c := need(h.Checkpoint(ctx, h.CDO, 0))(t); !opens(c, next) {
			t.Errorf("after the overlap only the new one signs: %s", c.Note)
		}
		for _, k := range need(s.SigningKeys(ctx, h.Org.ID))(t) {
			if (k.Secret == "") != (k.Public == old.String()) {
				t.Errorf("%s: secret %q", k.Public, k.Secret)
			}
		}
		if r := receipt.Check(before.Bytes, []ledger.Key{old}); r.Verdict != receipt.Valid {
			t.Errorf("the old receipt: %+v", r)
		}
		// A stolen key is ended at once.
		stolen := need(h.RotateKey(ctx, h.Admin, 0))(t)
		if c := need(h.SignNow(ctx, h.CDO))(t); !opens(c, need(ledger.ParseKey(stolen.Public))(t)) {
			t.Errorf("only the newest signs: %s", c.Note)
		}
		for _, days := range []int{-1, 401} {
			if _, err := h.RotateKey(ctx, h.Admin, days); models.KindOf(err) != models.Invalid {
				t.Errorf("%d days: %v", days, err)
			}
		}
		if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) > 0 {
			t.Errorf("%+v", a.Findings)
		}
	})
}

func TestWitnessesCountersign(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		_, n := h.Noticed(t)
		public := models.Actor{OrgID: h.Org.ID}
		k := witnessKey(t, "unison.example/witness")
		w := need(h.AddWitness(ctx, h.Officer, register.NewWitness{Label: "UNISON", Kind: models.WitnessUnion, Public: k.String()}))(t)
		c := need(h.Checkpoint(ctx, public, 0))(t)
		line := cosigned(t, c, k, h.Clock.Now())
		again := need(h.Cosign(ctx, public, c.Size, line))(t)
		if len(again.Cosignatures) != 1 || again.Cosignatures[0].WitnessID != w.ID {
			t.Fatalf("%+v", again.Cosignatures)
		}
		size := need(s.LedgerSize(ctx, h.Org.ID))(t)
		if twice := need(h.Cosign(ctx, public, c.Size, line))(t); len(twice.Cosignatures) != 1 || need(s.LedgerSize(ctx, h.Org.ID))(t) != size {
			t.Error("the same again is something new")
		}
		// From now on receipts show who has countersigned.
		rc := need(h.Receipt(ctx, public, n.No))(t)
		r := receipt.Check(rc.Bytes, append(publicKeys(t, h), k.Key))
		if r.Verdict != receipt.Valid || !strings.Contains(strings.Join(r.Words("en"), "\n"), "unison.example/witness, whose key "+k.Hash()+" you gave, countersigned it on") {
			t.Errorf("%s", strings.Join(r.Words("en"), "\n"))
		}
		for name, bad := range map[string]string{
			"a stranger": cosigned(t, c, witnessKey(t, "stranger.example/witness"), h.Clock.Now()),
			"the same name": cosigned(t, c, func() ledger.SecretKey {
				seed := sha256.Sum256([]byte("x"))
				return need(ledger.SecretFromSeed(k.Name, true, seed[:]))(t)
			}(), h.Clock.Now()),
			"another text":      need(ledger.Cosign("x\n1\nAAAA\n", k, h.Clock.Now()))(t),
			"nothing":           "",
			"rubbish":           "— unison.example/witness AAAA\n",
			"more than one may": strings.Repeat(line, 5),
		} {
			if _, err := h.Cosign(ctx, public, c.Size, bad); models.KindOf(err) != models.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.Cosign(ctx, public, c.Size, cosigned(t, c, k, h.Clock.Now().Add(time.Hour))); models.KindOf(err) != models.Invalid {
			t.Errorf("in an hour's time: %v", err)
		}
		if _, err := h.Cosign(ctx, public, c.Size, cosigned(t, c, k, h.Clock.Now().AddDate(0, -1, 0))); models.KindOf(err) != models.Invalid {
			t.Errorf("a month before there was anything to sign: %v", err)
		}
		for name, err := range map[string]error{
			"a label that is a union's": second(h.AddWitness(ctx, h.Admin, register.NewWitness{Label: "unison!", Kind: models.WitnessCouncil, Public: witnessKey(t, "gwy.example/witness").String()})),
			"a key by a union's name":   second(h.AddWitness(ctx, h.Admin, register.NewWitness{Label: "Gwy", Kind: models.WitnessCouncil, Public: witnessKey(t, "u-n-i-s-o-n.example/witness").String()})),
		} {
			if models.KindOf(err) != models.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		own := witnessKey(t, need(ledger.ReadNote(c.Note))(t).Origin)
		if _, err := h.AddWitness(ctx, h.Officer, register.NewWitness{Label: "The log", Kind: models.WitnessUnion, Public: own.String()}); models.KindOf(err) != models.Invalid {
			t.Errorf("a witness by the log's own name: %v", err)
		}
		if _, err := h.AddWitness(ctx, h.Admin, register.NewWitness{Label: "Gwy", Kind: models.WitnessCouncil, UnionID: h.Unison.ID, Public: witnessKey(t, "gwy.example/witness").String()}); models.KindOf(err) != models.Invalid {
			t.Errorf("a council that is a union's: %v", err)
		}
		if _, err := h.Cosign(ctx, public, c.Size+99, line); models.KindOf(err) != models.NotFound {
			t.Errorf("a checkpoint that is not there: %v", err)
		}
		// The employer neither adds nor ends a union's witness.
		for name, err := range map[string]error{
			"add": second(h.AddWitness(ctx, h.Admin, register.NewWitness{Label: "UNISON", Kind: models.WitnessUnion, UnionID: h.Unison.ID, Public: witnessKey(t, "fake.example/witness").String()})),
			"end": second(h.EndWitness(ctx, h.Admin, w.ID)), "end by another union": second(h.EndWitness(ctx, h.OtherOfficer, w.ID)),
		} {
			if models.KindOf(err) != models.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
		}
		need(h.EndWitness(ctx, h.Officer, w.ID))(t)
		need(h.AddWitness(ctx, h.Officer, register.NewWitness{Label: "UNISON again", Kind: models.WitnessUnion, Public: k.String()}))(t)
		for _, w := range need(h.Witnesses(ctx, public))(t) {
			if w.EndedAt == nil {
				need(h.EndWitness(ctx, h.Officer, w.ID))(t)
			}
		}
		next := need(h.SignNow(ctx, h.CDO))(t)
		if _, err := h.Cosign(ctx, public, next.Size, cosigned(t, next, k, h.Clock.Now())); models.KindOf(err) != models.Forbidden {
			t.Errorf("a witness that has ended: %v", err)
		}
		if r := receipt.Check(need(h.Receipt(ctx, public, n.No))(t).Bytes, publicKeys(t, h)); r.Verdict != receipt.Valid {
			t.Errorf("what it countersigned: %+v", r)
		}
	})
}

func TestTheDayIsSigned(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		must(t, h.AskForCheckpoints(ctx, h.Officer, "", "log@unison.example", models.Welsh))
		for day := range 3 {
			before := need(s.LedgerSize(ctx, h.Org.ID))(t)
			must(t, h.SignDaily(ctx))
			must(t, h.SignDaily(ctx)) // the same day again is nothing new
			size := need(s.LedgerSize(ctx, h.Org.ID))(t)
			if c := need(h.Checkpoint(ctx, h.CDO, 0))(t); c.Size != size || c.Cause != models.CheckpointDaily || day > 0 && size != before+1 {
				t.Errorf("day %d: a log of %d, then %d, signed at %d for %s", day, before, size, c.Size, c.Cause)
			}
			h.Clock.Set(h.Clock.Now().Add(24 * time.Hour))
		}
		// A day that was entered, and whose signing failed, is signed the next time.
		must(t, h.SignDaily(ctx))
		last := need(h.Checkpoint(ctx, h.CDO, 0))(t)
		if s.Engine() == "sqlite" {
			must(t, s.Raw(ctx, "DROP TRIGGER checkpoints_refuse_delete"))
			must(t, s.Raw(ctx, fmt.Sprintf("DELETE FROM checkpoints WHERE size = %d", last.Size)))
			must(t, h.SignDaily(ctx))
			if again := need(h.Checkpoint(ctx, h.CDO, 0))(t); again.Size != last.Size {
				t.Errorf("the day is signed at %d, not at %d", again.Size, last.Size)
			}
		}
		rows := need(h.Checkpoints(ctx, h.CDO, 0, 10))(t)
		for i := 1; i < len(rows); i++ {
			p := need(h.Consistency(ctx, h.CDO, rows[i].Size, rows[i-1].Size))(t)
			must(t, ledger.CheckConsistency(p.Proof, rows[i].Size, ledger.Root(rows[i].Root), rows[i-1].Size, ledger.Root(rows[i-1].Root)))
		}
		if _, err := h.Consistency(ctx, h.CDO, 9999, 0); models.KindOf(err) != models.NotFound {
			t.Errorf("from a later log: %v", err)
		}
	})
}

// TestNothingIsSignedOfTwoHistories puts a database back to an earlier state,
// and alters one: neither is signed, and both are found.
func TestNothingIsSignedOfTwoHistories(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := storetest.Open(t, "sqlite")
	h := registertest.New(t, s)
	_, n := h.Noticed(t)
	rc := need(h.Receipt(ctx, h.CDO, n.No))(t)
	r := receipt.Check(rc.Bytes, publicKeys(t, h))
	size := r.Note.Size
	for _, q := range []string{
		"DROP TRIGGER ledger_heads_grow", "DROP TRIGGER ledger_entries_refuse_delete", "DROP TRIGGER ledger_hashes_refuse_delete", "DROP TRIGGER checkpoints_refuse_delete",
		"DELETE FROM checkpoints",
		fmt.Sprintf("DELETE FROM ledger_hashes WHERE pos >= %d", ledger.Position(size-2)), fmt.Sprintf("DELETE FROM ledger_entries WHERE seq >= %d", size-2), fmt.Sprintf("UPDATE ledger_heads SET size = %d", size-2),
	} {
		must(t, s.Raw(ctx, q))
	}
	code(t, second(h.SignNow(ctx, h.CDO)), "log_rolled_back")
	if standing, now, err := h.Stands(ctx, r.Note.Checkpoint, r.First); err != nil || standing != register.StandingLater || now != size-2 {
		t.Errorf("the receipt stands %s to a log of %d, %v", standing, now, err)
	}
	a := need(h.AuditLog(ctx, h.Org))(t)
	if !slices.ContainsFunc(a.Findings, func(f models.Reason) bool {
		return f.Code == "log.finding.rolled_back" && f.Params["from"] == fmt.Sprint(size-2)
	}) {
		t.Errorf("%v", a.Findings)
	}
	// It goes on, as if nothing had been: still nothing is signed.
	for range 5 {
		need(h.SetClosureDays(ctx, h.HR, need(h.Organisation(ctx, h.HR))(t).Version, "2026-12-29 Closed"))(t)
	}
	code(t, second(h.SignNow(ctx, h.CDO)), "log_altered")
	if standing, _, err := h.Stands(ctx, r.Note.Checkpoint, r.First); err != nil || standing != register.StandingOther {
		t.Errorf("the receipt stands %s, %v", standing, err)
	}
	// The notice goes out all the same, without a receipt.
	d := h.Formative(t)
	draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	next := need(h.ServeNotice(ctx, h.CDO, draft.ID, draft.Version))(t)
	must(t, h.DeliverAll(ctx, next))
}

// mutated is the size of the log whose every row is altered; the audit itself is
// tried on 1,000 in internal/ledger. A server of its
// own takes longer over each statement.
var mutated = map[string]int64{"sqlite": 400, "postgres": 100}

// TestRawSQLIsFound alters the log and what it speaks of behind its back, with
// the triggers off, on both engines.
func TestRawSQLIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("alters hundreds of rows in four ways; run without -short")
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d, n := h.Noticed(t)
		must(t, h.Acknowledge(ctx, h.Officer, n.No, ""))
		need(h.MakeComment(ctx, h.Rep, d.Ref, commentInput("Who checks the notes?")))(t)
		must(t, s.Within(ctx, func(tx *store.Tx) error {
			for need(tx.LedgerSize(ctx, h.Org.ID))(t) < mutated[s.Engine()] {
				if _, err := tx.Append(ctx, ledger.Entry{V: 1, Org: h.Org.ID, At: h.Now(), Verb: "closure_days.set", Subject: h.Org.ID, Actor: "x"}, nil); err != nil {
					return err
				}
			}
			return nil
		}))
		need(h.SignNow(ctx, h.CDO))(t)
		size := need(s.LedgerSize(ctx, h.Org.ID))(t)
		if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) > 0 {
			t.Fatalf("%v", a.Findings)
		}
		triggersOff(t, s)
		text := func(q string) string { return strings.ReplaceAll(q, "ORG", h.Org.ID) }
		tried := 0
		for seq := range size {
			for _, c := range rowMutations(s.Engine(), seq, size) {
				for _, q := range c.do {
					must(t, s.Raw(ctx, text(q)))
				}
				a := need(h.AuditLog(ctx, h.Org))(t)
				if !slices.ContainsFunc(a.Findings, func(f models.Reason) bool { return f.Params["seq"] == fmt.Sprint(c.named) }) {
					t.Errorf("%s entry %d: %.500v", c.name, seq, a.Findings)
				}
				for _, q := range c.undo {
					must(t, s.Raw(ctx, text(q)))
				}
				tried++
			}
		}
		t.Logf("%d mutations of %d entries", tried, size)
		if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) > 0 {
			t.Fatalf("put back: %v", a.Findings)
		}
		for _, c := range []struct{ q, want string }{
			{"UPDATE comments SET sha256 = REPLACE(sha256, 'a', 'b')", "comment_altered"},
			{"DELETE FROM comment_words; DELETE FROM comments", "comments_missing"},
			{"UPDATE notices SET kind = 'rollout'", "notice_altered"},
			{"UPDATE notices SET content = REPLACE(content, 'the', 'teh')", "notice_altered"},
			{"UPDATE deliveries SET recipient_id = (SELECT MAX(recipient_id) FROM deliveries)", "delivery_altered"},
			{"UPDATE ledger_entries SET deployment_id = NULL WHERE verb = 'notice.serve'", "entry_unlisted"},
			{"INSERT INTO ledger_entries (org_id, seq, at, verb, subject, body, leaf) SELECT org_id, -7, at, verb, subject, body, leaf FROM ledger_entries WHERE seq = 3", "entries_beside"},
			{"INSERT INTO ledger_hashes (org_id, pos, hash) SELECT org_id, 999999, hash FROM ledger_hashes WHERE pos = 3", "entries_beside"},
			{"DELETE FROM acknowledgements", "acknowledgements"},
			{"UPDATE deliveries SET id = 'x' || id", "delivery_unrecorded"},
			{"DELETE FROM deliveries", "deliveries_missing"},
			{"UPDATE checkpoints SET note = REPLACE(note, 'tywi', 'tiwy')", "bad_checkpoint"},
		} {
			for q := range strings.SplitSeq(c.q, "; ") {
				must(t, s.Raw(ctx, q))
			}
			a := need(h.AuditLog(ctx, h.Org))(t)
			if !slices.ContainsFunc(a.Findings, func(f models.Reason) bool { return f.Code == "log.finding."+c.want }) {
				t.Errorf("%s: %v", c.q, a.Findings)
			}
		}
	})
}

// mutation is raw SQL, what puts it right again, and the entry to be named.
type mutation struct {
	name     string
	do, undo []string
	named    int64
}

// rowMutations change, delete, swap and insert a row of the log.
func rowMutations(engine string, seq, size int64) []mutation {
	const columns = "org_id, seq, at, verb, subject, deployment_id, body, leaf"
	n, next := fmt.Sprint(seq), fmt.Sprint(seq+1)
	// The key must never hold twice, so rows move by way of numbers below zero.
	move := func(where, to string) []string {
		return []string{
			"UPDATE ledger_entries SET seq = -(" + to + ") - 1 WHERE org_id = 'ORG' AND seq " + where,
			"UPDATE ledger_entries SET seq = -seq - 1 WHERE org_id = 'ORG' AND seq < 0",
		}
	}
	swap := []string{
		"UPDATE ledger_entries SET seq = -1 WHERE org_id = 'ORG' AND seq = " + n, "UPDATE ledger_entries SET seq = " + n + " WHERE org_id = 'ORG' AND seq = " + next,
		"UPDATE ledger_entries SET seq = " + next + " WHERE org_id = 'ORG' AND seq = -1",
	}
	if engine == "postgres" {
		swap = append([]string{"ALTER TABLE ledger_entries DROP CONSTRAINT IF EXISTS ledger_entries_seq_check"}, swap...)
	}
	all := []mutation{
		{
			"change",
			[]string{"UPDATE ledger_entries SET body = REPLACE(body, '\"v\":1', '\"v\":2') WHERE org_id = 'ORG' AND seq = " + n},
			[]string{"UPDATE ledger_entries SET body = REPLACE(body, '\"v\":2', '\"v\":1') WHERE org_id = 'ORG' AND seq = " + n},
			seq,
		},
		{
			"delete",
			[]string{"CREATE TABLE kept AS SELECT " + columns + " FROM ledger_entries WHERE org_id = 'ORG' AND seq = " + n, "DELETE FROM ledger_entries WHERE org_id = 'ORG' AND seq = " + n},
			[]string{"INSERT INTO ledger_entries (" + columns + ") SELECT " + columns + " FROM kept", "DROP TABLE kept"},
			seq,
		},
		{
			// A copy of the entry, and those after it moved down: the first that is out of place is the next.
			"insert", append(move(">= "+n, "seq + 1"), "INSERT INTO ledger_entries ("+columns+") SELECT org_id, "+n+", at, verb, subject, deployment_id, body, leaf FROM ledger_entries WHERE org_id = 'ORG' AND seq = "+next),
			append([]string{"DELETE FROM ledger_entries WHERE org_id = 'ORG' AND seq = " + n}, move("> "+n, "seq - 1")...), seq + 1,
		},
	}
	if seq+1 < size {
		all = append([]mutation{{"swap", swap, swap, seq}}, all...)
	} else if engine == "postgres" {
		all[0].do = append(swap[:1], all[0].do...)
	}
	return all
}

func triggersOff(t testing.TB, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	if s.Engine() == "postgres" {
		for _, table := range []string{"ledger_entries", "ledger_hashes", "ledger_heads", "notices", "deliveries", "acknowledgements", "checkpoints", "comments", "comment_words"} {
			must(t, s.Raw(ctx, "ALTER TABLE "+table+" DISABLE TRIGGER USER"))
		}
		return
	}
	// A check cannot be dropped in SQLite, but it can be ignored.
	must(t, s.Raw(ctx, "PRAGMA ignore_check_constraints = 1"))
	must(t, s.Raw(ctx, "PRAGMA foreign_keys = 0"))
	var schema []struct{ Name string }
	for line := range strings.Lines(need(s.Schema(ctx))(t)) {
		if name, ok := strings.CutPrefix(line, "trigger "); ok {
			name, _, _ = strings.Cut(name, ":")
			schema = append(schema, struct{ Name string }{name})
		}
	}
	for _, trigger := range schema {
		must(t, s.Raw(ctx, "DROP TRIGGER "+trigger.Name))
	}
}

// TestErasureLeavesProofs redacts a comment: the words go, the log stays whole,
// and no entry of it ever held them.
func TestErasureLeavesProofs(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d, n := h.Noticed(t)
		const words = "Ms Jones of the night team was told nothing"
		c := need(h.MakeComment(ctx, h.Rep, d.Ref, register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: words}))(t)
		rc := need(h.Receipt(ctx, h.CDO, n.No))(t)
		for _, row := range need(s.LedgerEntries(ctx, h.Org.ID, 0, 1000))(t) {
			if strings.Contains(row.Body, "Jones") {
				t.Errorf("entry %d holds the words", row.Seq)
			}
		}
		must(t, h.RedactComment(ctx, h.Assurer, c.ID, strings.Replace(words, "Ms Jones", models.RedactionMark, 1), "personal data"))
		if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) > 0 {
			t.Errorf("%v", a.Findings)
		}
		if r := receipt.Check(rc.Bytes, publicKeys(t, h)); r.Verdict != receipt.Valid {
			t.Errorf("%+v", r)
		}
	})
}

// TestAnEmergencyNoticeHasItsReceipt signs an override: the notice that tells
// of it is in the log by that entry.
func TestAnEmergencyNoticeHasItsReceipt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d := h.Formative(t)
		o := need(h.RequestOverride(ctx, h.CDO, d.Ref, models.StageNoticed, "A flood", models.DateOf(h.Clock.Now(), time.UTC)+10))(t)
		need(h.SignOverride(ctx, h.Approver, o.ID, o.Version))(t)
		for _, n := range need(h.Notices(ctx, h.CDO, d.Ref))(t) {
			must(t, h.DeliverAll(ctx, n.Notice))
			rc := need(h.Receipt(ctx, h.Officer, n.No))(t)
			r := receipt.Check(rc.Bytes, publicKeys(t, h))
			if r.Verdict != receipt.Valid || n.Kind != models.NoticeEmergency || len(r.Events) != 1 {
				t.Errorf("%s: %s %v", n.Kind, r.Verdict, r.Fault)
			}
		}
		if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) > 0 {
			t.Errorf("%v", a.Findings)
		}
		if len(h.Outbox.Sent()) == 0 {
			t.Error("nobody was told")
		}
	})
}

// TestManyWitnessesBreakNothing adds as many as there may be, for each union.
func TestManyWitnessesBreakNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	_, n := h.Noticed(t)
	c := need(h.Checkpoint(ctx, h.CDO, 0))(t)
	refused := 0
	for i := range 12 {
		name := fmt.Sprintf("w%d.example/witness", i)
		w, err := h.AddWitness(ctx, h.OtherOfficer, register.NewWitness{Label: name, Kind: models.WitnessUnion, Public: witnessKey(t, name).String()})
		if err != nil {
			code(t, err, "too_many_witnesses")
			refused++
			continue
		}
		need(h.Cosign(ctx, models.Actor{OrgID: h.Org.ID}, c.Size, cosigned(t, c, witnessKey(t, name), h.Clock.Now())))(t)
		if i < 3 {
			need(h.EndWitness(ctx, h.OtherOfficer, w.ID))(t)
		}
	}
	if refused != 4 {
		t.Errorf("%d were refused", refused)
	}
	if r := receipt.Check(need(h.Receipt(ctx, h.Officer, n.No))(t).Bytes, publicKeys(t, h)); r.Verdict != receipt.Valid {
		t.Errorf("%+v", r.Fault)
	}
}

// TestUnionNamesAreTheirOwn refuses names that would be read as another's.
func TestUnionNamesAreTheirOwn(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	for _, name := range []string{"Unison", "U N I S O N", "UNISON\u200b", "UN\u0406SON", "UNISON acknowledged it on 8 September: GMB"} {
		if _, err := h.AddUnion(t.Context(), h.Admin, name, name); models.KindOf(err) != models.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestADamagedMarkStopsNothing.
func TestADamagedMarkStopsNothing(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	h := registertest.Empty(t, storetest.Open(t, "sqlite"))
	mark := need(register.OpenWatermark(dir))(t)
	h.Watch(t, mark)
	h.Found(t, "tywi")
	need(h.SignNow(ctx, h.CDO))(t)
	must(t, os.WriteFile(filepath.Join(dir, h.Org.ID+".json"), nil, 0o600))
	if back := need(h.RolledBack(ctx))(t); len(back) != 1 || back[0].Code != "log.finding.mark_unreadable" {
		t.Errorf("%v", back)
	}
	if a := need(h.AuditLog(ctx, h.Org))(t); len(a.Findings) != 1 {
		t.Errorf("%v", a.Findings)
	}
	need(h.SetClosureDays(ctx, h.HR, 1, "2026-12-29 Closed"))(t)
	need(h.SignNow(ctx, h.CDO))(t)
	if back := need(h.RolledBack(ctx))(t); len(back) != 0 {
		t.Errorf("it was not written anew: %v", back)
	}
}
