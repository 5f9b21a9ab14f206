package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/models"
)

// LogAudit is what a check of an organisation's log against itself, its
// checkpoints, what is remembered outside the database, and the rows that it
// speaks of, has come to.
type LogAudit struct {
	Organisation models.Text
	Slug         string
	Size         int64
	Root         ledger.Root
	// Checkpoints is how many were compared.
	Checkpoints int
	// Findings are what is wrong, in words; none is good.
	Findings []models.Reason
}

const auditBatch = 2000

// AuditLog checks the whole log of an organisation. It reads everything, once.
func (r *Register) AuditLog(ctx context.Context, org models.Organisation) (LogAudit, error) {
	out := LogAudit{Organisation: org.Name(), Slug: org.Slug}
	var err error
	if out.Size, err = r.store.LedgerSize(ctx, org.ID); err != nil {
		return out, err
	}
	signed, bad, err := r.signedOf(ctx, org.ID)
	if err != nil {
		return out, err
	}
	out.Findings, out.Checkpoints = bad, len(signed)
	mark, err := r.watermark.read(org.ID)
	if err != nil {
		out.Findings = append(out.Findings, models.Reason{Code: "log.finding.mark_unreadable"})
	}
	if mark.Size > 0 {
		signed = insert(signed, ledger.Signed{Size: mark.Size, Root: ledger.Root(mark.Root)})
	}
	a := ledger.NewAudit(org.ID, out.Size, signed)
	told, err := r.readLog(ctx, org.ID, a)
	if err != nil {
		return out, err
	}
	for _, f := range a.Finish() {
		out.Findings = append(out.Findings, reasonOf(f))
	}
	out.Root = a.Root()
	rows, err := r.againstRows(ctx, org.ID, told)
	out.Findings = append(out.Findings, rows...)
	return out, err
}

func insert(signed []ledger.Signed, s ledger.Signed) []ledger.Signed {
	i, _ := slices.BinarySearchFunc(signed, s, func(a, b ledger.Signed) int { return int(a.Size - b.Size) })
	return slices.Insert(signed, i, s)
}

func reasonOf(f ledger.Finding) models.Reason {
	return models.Reason{Code: "log.finding." + f.Code, Params: models.Params{"seq": fmt.Sprint(f.Seq), "from": fmt.Sprint(f.From), "to": fmt.Sprint(f.To)}}
}

// signedOf are the checkpoints kept, each with its signatures checked.
func (r *Register) signedOf(ctx context.Context, org string) ([]ledger.Signed, []models.Reason, error) {
	keys, err := r.publicKeys(ctx, org)
	if err != nil {
		return nil, nil, err
	}
	var out []ledger.Signed
	var bad []models.Reason
	for from := int64(0); ; {
		rows, err := r.store.AllCheckpoints(ctx, org, from, auditBatch)
		if err != nil || len(rows) == 0 {
			return out, bad, err
		}
		for _, c := range rows {
			n, err := ledger.OpenNote(c.Note, signing(keys, c.Note))
			if err != nil || n.Size != c.Size || string(n.Root[:]) != string(c.Root) {
				bad = append(bad, reasonOf(ledger.Finding{Code: ledger.BadCheckpoint, To: c.Size}))
				continue
			}
			out = append(out, ledger.Signed{Size: n.Size, Root: n.Root})
		}
		from = rows[len(rows)-1].Size + 1
	}
}

// publicKeys are all that an organisation's log was ever signed with.
func (r *Register) publicKeys(ctx context.Context, org string) ([]ledger.Key, error) {
	rows, err := r.store.SigningKeys(ctx, org)
	if err != nil {
		return nil, err
	}
	var keys []ledger.Key
	for _, row := range rows {
		if k, err := ledger.ParseKey(row.Public); err == nil {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// signing are the keys whose signatures stand in a note.
func signing(keys []ledger.Key, note string) []ledger.Key {
	n, err := ledger.ReadNote(note)
	if err != nil {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k ledger.Key) bool {
		return !slices.ContainsFunc(n.Signatures, func(s ledger.Signature) bool { return s.Name == k.Name && s.Hash == k.KeyHash() })
	})
}

// told is what the log says of rows elsewhere.
type told struct {
	notices    map[string]said // by id
	deliveries map[string]said // by id
	comments   map[string]string
	numbers    map[string]bool // of notices of which the log has no hash
}

// said is what an entry says of a notice or a delivery.
type said struct {
	Notice, NoticeID, No, Kind, Union, Event, Words, Ref string
	At                                                   time.Time
	entered                                              time.Time
}

func saidIn(row ledger.Row) said {
	var body struct{ Data said }
	_ = json.Unmarshal(row.Body, &body) // what cannot be read, the audit has found
	body.Data.entered = row.At
	return body.Data
}

func (r *Register) readLog(ctx context.Context, org string, a *ledger.Audit) (told, error) {
	t := told{map[string]said{}, map[string]said{}, map[string]string{}, map[string]bool{}}
	for from, pos := int64(0), int64(0); ; {
		rows, err := r.store.AuditRows(ctx, org, from, auditBatch)
		if err != nil || len(rows) == 0 {
			return t, errors.Join(err, r.lastNodes(ctx, org, pos, a))
		}
		next := rows[len(rows)-1].Seq + 1
		nodes, err := r.store.NodeRows(ctx, org, pos, ledger.Position(next))
		if err != nil {
			return t, err
		}
		a.Expect(nodes)
		for _, row := range rows {
			a.Take(row)
			t.note(row)
		}
		from, pos = next, ledger.Position(next)
	}
}

func (r *Register) lastNodes(ctx context.Context, org string, from int64, a *ledger.Audit) error {
	nodes, err := r.store.NodeRows(ctx, org, from, from+auditBatch)
	a.Expect(nodes)
	return err
}

func (t told) note(row ledger.Row) {
	switch row.Verb {
	case "notice.serve":
		t.notices[row.Subject] = saidIn(row)
	case "override.sign":
		if n := saidIn(row); n.NoticeID != "" {
			n.Kind = string(models.NoticeEmergency)
			t.notices[n.NoticeID] = n
		} else {
			t.numbers[n.No] = true // of a release that kept no more than the number
		}
	case "delivery.record", "notice.acknowledge":
		t.deliveries[row.Subject] = saidIn(row)
	case "comment.make", "comment.respond", "comment.correct":
		if words := saidIn(row).Words; words != "" {
			t.comments[row.Subject] = words
		}
	}
}

// againstRows compares with what the log says of them: notices (words, kind,
// instant), deliveries and acknowledgements (event, party, instants), and the
// words of comments. Other rows it does not look at.
func (r *Register) againstRows(ctx context.Context, org string, t told) ([]models.Reason, error) {
	var out []models.Reason
	find := func(code string, pairs ...any) {
		p := models.Params{}
		for i := 0; i+1 < len(pairs); i += 2 {
			p[pairs[i].(string)] = pairs[i+1]
		}
		if len(out) < auditBatch {
			out = append(out, models.Reason{Code: "log.finding." + code, Params: p})
		}
	}
	beside, err := r.store.BesideLog(ctx, org)
	if err != nil {
		return out, err
	}
	if beside > 0 {
		find("entries_beside", "count", beside)
	}
	unlisted, err := r.store.Unlisted(ctx, org)
	if err != nil {
		return out, err
	}
	for _, seq := range unlisted {
		find("entry_unlisted", "seq", fmt.Sprint(seq))
	}
	if err := r.againstNotices(ctx, org, t, find); err != nil {
		return out, err
	}
	if err := r.againstDeliveries(ctx, org, t, find); err != nil {
		return out, err
	}
	return out, r.againstComments(ctx, org, t, find)
}

type finder func(code string, pairs ...any)

func (r *Register) againstNotices(ctx context.Context, org string, t told, find finder) error {
	for after := ""; ; {
		notices, err := r.store.NoticesAfter(ctx, org, after, auditBatch)
		if err != nil {
			return err
		}
		if len(notices) == 0 {
			break
		}
		for _, n := range notices {
			s, there := t.notices[n.ID]
			switch {
			case !there && t.numbers[n.No]:
			case !there:
				find("notice_unrecorded", "no", n.No)
			case s.Notice != n.SHA256 || ledger.Hash([]byte(n.Content)) != s.Notice || s.No != n.No || s.Kind != string(n.Kind) || !s.entered.Equal(n.ServedAt):
				find("notice_altered", "no", n.No)
			}
			delete(t.notices, n.ID)
		}
		after = notices[len(notices)-1].ID
	}
	if len(t.notices) > 0 {
		find("notices_missing", "count", len(t.notices))
	}
	return nil
}

func (r *Register) againstDeliveries(ctx context.Context, org string, t told, find finder) error {
	acknowledged, gone := map[string]bool{}, 0
	for after := ""; ; {
		rows, err := r.store.DeliveriesAfter(ctx, org, after, auditBatch)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, d := range rows {
			s, there := t.deliveries[d.ID]
			switch {
			case !there:
				find("delivery_unrecorded", "id", d.ID)
			case s.Event != string(d.Event) || s.Union != d.UnionID || s.Notice != d.SHA256 || !s.At.Equal(d.At) || !s.entered.Equal(d.RecordedAt):
				find("delivery_altered", "no", d.No, "id", d.ID)
			}
			if there && s.Event == string(models.Acknowledged) {
				acknowledged[d.ID] = true
			}
			delete(t.deliveries, d.ID)
		}
		after = rows[len(rows)-1].ID
	}
	if len(t.deliveries) > 0 {
		find("deliveries_missing", "count", len(t.deliveries))
	}
	acks, err := r.store.AllAcknowledgements(ctx, org)
	if err != nil {
		return err
	}
	for _, a := range acks {
		if !acknowledged[a.DeliveryID] {
			gone++
		}
		delete(acknowledged, a.DeliveryID)
	}
	if gone += len(acknowledged); gone > 0 {
		find("acknowledgements", "count", gone)
	}
	return nil
}

func (r *Register) againstComments(ctx context.Context, org string, t told, find finder) error {
	rows, err := r.store.CommentHashes(ctx, org)
	if err != nil {
		return err
	}
	for _, c := range rows {
		words, there := t.comments[c.ID]
		switch {
		case !there:
			find("comment_unrecorded", "id", c.ID)
		case words != c.SHA256 || c.Body != nil && ledger.Hash([]byte(*c.Body)) != words:
			find("comment_altered", "id", c.ID)
		}
		delete(t.comments, c.ID)
	}
	if len(t.comments) > 0 {
		find("comments_missing", "count", len(t.comments))
	}
	return nil
}

// Standing is how a receipt stands to the log that is here.
type Standing string

// The standings of a receipt.
const (
	// StandingSame: the log here begins as the receipt's checkpoint says.
	StandingSame Standing = "same"
	// StandingLater: the receipt is from a later log than this one.
	StandingLater Standing = "later"
	// StandingOther: the log here has other entries than the receipt shows.
	StandingOther Standing = "contradicted"
	// StandingForeign: no organisation here has a log by that name.
	StandingForeign Standing = "foreign"
)

// Stands compares a checkpoint, and the entry of its receipt's notice, with the
// log here. The size is that of the log, or what it had when it was restored.
func (r *Register) Stands(ctx context.Context, c ledger.Checkpoint, first receipt.Part) (Standing, int64, error) {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return "", 0, err
	}
	i := slices.IndexFunc(all, func(o models.Organisation) bool { return receipt.OriginIsOf(c.Origin, o.ID) })
	if i < 0 {
		return StandingForeign, 0, nil
	}
	size, err := r.store.LedgerSize(ctx, all[i].ID)
	if err != nil {
		return "", 0, err
	}
	if c.Size > size {
		return StandingLater, size, nil
	}
	root, err := ledger.TreeRoot(c.Size, r.store.Nodes(ctx, all[i].ID))
	if err != nil {
		return "", size, err
	}
	if root == c.Root {
		return StandingSame, size, nil
	}
	return r.beyondRestored(ctx, all[i].ID, c, first, size)
}

// beyondRestored tells a receipt from what was lost in a restoration from one
// of a history that this log never had: its notice is here, if it was recorded
// before the backup, and its checkpoint was signed after.
func (r *Register) beyondRestored(ctx context.Context, org string, c ledger.Checkpoint, first receipt.Part, size int64) (Standing, int64, error) {
	rows, err := r.store.EntriesAbout(ctx, org, []string{org})
	if err != nil {
		return "", size, err
	}
	for _, row := range rows {
		if row.Verb != verbRestored || c.Size <= row.Seq {
			continue
		}
		if first.Seq >= row.Seq {
			return StandingLater, row.Seq, nil
		}
		here, err := r.store.LedgerEntries(ctx, org, first.Seq, 1)
		if err != nil {
			return "", size, err
		}
		if len(here) == 1 && here[0].Body == first.Body {
			return StandingLater, row.Seq, nil
		}
	}
	return StandingOther, size, nil
}

// ProofHere proves that the log of a checkpoint is the beginning of that of
// another, from the log that is here.
func (r *Register) ProofHere(ctx context.Context, older, newer ledger.Checkpoint) ([]ledger.Root, error) {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(o models.Organisation) bool { return receipt.OriginIsOf(newer.Origin, o.ID) })
	if i < 0 {
		return nil, models.Missing("organisation")
	}
	size, err := r.store.LedgerSize(ctx, all[i].ID)
	if err != nil {
		return nil, err
	}
	if newer.Size > size {
		return nil, models.Fail(models.NotFound, "later_log").With("size", fmt.Sprint(size))
	}
	return ledger.Consistency(older.Size, newer.Size, r.store.Nodes(ctx, all[i].ID))
}
