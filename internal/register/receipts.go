package register

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"beforehand/internal/ledger"
	"beforehand/internal/notice"
	"beforehand/internal/receipt"
	"beforehand/internal/store"
	"beforehand/models"
)

// Receipt is a receipt of a notice, as this reader may have it: what became of
// it for the unions whose deliveries the reader may see. Its name is for a file.
type Receipt struct {
	Name  string
	Bytes []byte
	// Result is what a check of it shows, with the organisation's own keys.
	Result receipt.Result
	// Keys are the log's public keys that signed it.
	Keys []string
}

// Receipt makes a receipt of a notice as the log is now.
func (r *Register) Receipt(ctx context.Context, a models.Actor, no string) (Receipt, error) {
	n, s, err := r.openNotice(ctx, r.store.Reader, a, no, "notice.read")
	if err != nil {
		return Receipt{}, err
	}
	v, err := r.noticeView(ctx, a, s, n)
	if err != nil {
		return Receipt{}, err
	}
	if v.Content == "" {
		// Its words would show what is withheld from this reader.
		return Receipt{}, models.Fail(models.Forbidden, "receipt_withheld").With("no", n.No)
	}
	rows, err := r.entriesOf(ctx, n, func(union string) bool {
		res := s.res
		res.UnionID = union
		return r.policy.Check(a, "delivery.read", res) == nil
	})
	if err != nil {
		return Receipt{}, err
	}
	c, err := r.bestCheckpoint(ctx, a, rows[len(rows)-1].Seq)
	if err != nil {
		return Receipt{}, err
	}
	return r.writeReceipt(ctx, n, rows, c)
}

// bestCheckpoint is the earliest that a witness of the reader's union has
// countersigned, or one of any union, or anybody: it dates the entries from
// outside. Failing that it is the newest, or a new one.
func (r *Register) bestCheckpoint(ctx context.Context, a models.Actor, seq int64) (models.Checkpoint, error) {
	org := a.OrgID
	all, err := r.store.Witnesses(ctx, org)
	if err != nil {
		return models.Checkpoint{}, err
	}
	var own, unions, any []string
	for _, w := range all {
		any = append(any, w.ID)
		if w.UnionID != nil {
			unions = append(unions, w.ID)
		}
		if slices.Contains(a.Unions(), deref(w.UnionID)) {
			own = append(own, w.ID)
		}
	}
	for _, by := range [][]string{own, unions, any} {
		if len(by) == 0 {
			continue
		}
		if c, err := r.store.WitnessedCheckpoint(ctx, org, seq, by); models.KindOf(err) != models.NotFound {
			return c, err
		}
	}
	c, err := r.store.LastCheckpoint(ctx, org, seq)
	if models.KindOf(err) == models.NotFound {
		return r.sign(ctx, org, models.CheckpointReceipt)
	}
	return c, err
}

// entriesOf are the entries about a notice: its serving, and what became of it
// for the unions that may be shown, in the order of the log.
func (r *Register) entriesOf(ctx context.Context, n models.Notice, shown func(union string) bool) ([]store.LedgerRow, error) {
	served, err := withService(ctx, r.store.Reader, n.OrgID, []models.Notice{n})
	if err != nil {
		return nil, err
	}
	subjects := []string{n.ID}
	for union, events := range served[0].Events {
		if !shown(union) {
			continue
		}
		for _, e := range events {
			subjects = append(subjects, e.ID)
		}
	}
	all, err := r.store.EntriesAbout(ctx, n.OrgID, subjects)
	if err != nil {
		return nil, err
	}
	first, err := r.servedBy(ctx, n, all)
	if err != nil {
		return nil, err
	}
	rows := []store.LedgerRow{first}
	for _, row := range all {
		if row.Subject != n.ID { // of itself there is also an alert, say
			rows = append(rows, row)
		}
	}
	return fewer(rows), nil
}

// servedBy is the entry that a notice was recorded with: its own, or that of
// the override that it tells of.
func (r *Register) servedBy(ctx context.Context, n models.Notice, about []store.LedgerRow) (store.LedgerRow, error) {
	verb := "notice.serve"
	if n.Kind == models.NoticeEmergency {
		verb = "override.sign"
		var err error
		if about, err = r.store.EntriesOf(ctx, n.OrgID, n.DeploymentID, verb); err != nil {
			return store.LedgerRow{}, err
		}
	}
	for _, row := range about {
		var body struct{ Data struct{ Notice string } }
		if row.Verb == verb && json.Unmarshal([]byte(row.Body), &body) == nil && body.Data.Notice == n.SHA256 {
			return row, nil
		}
	}
	return store.LedgerRow{}, fmt.Errorf("the log has no entry of the serving of %s", n.No)
}

// mostInReceipt leaves room below what a receipt may hold.
const mostInReceipt = 400

// fewer leaves attempts that were tried again out of a receipt that would
// otherwise be too long, the oldest first.
func fewer(rows []store.LedgerRow) []store.LedgerRow {
	over := len(rows) - mostInReceipt
	if over <= 0 {
		return rows
	}
	out := slices.DeleteFunc(slices.Clone(rows), func(row store.LedgerRow) bool {
		var body struct {
			Data struct{ Event models.DeliveryEvent }
		}
		if over > 0 && json.Unmarshal([]byte(row.Body), &body) == nil && body.Data.Event == models.Deferred {
			over--
			return true
		}
		return false
	})
	return out[:min(len(out), mostInReceipt)]
}

func (r *Register) writeReceipt(ctx context.Context, n models.Notice, rows []store.LedgerRow, c models.Checkpoint) (Receipt, error) {
	keys, err := r.keysOf(ctx, c)
	if err != nil {
		return Receipt{}, err
	}
	parts := make([]receipt.Part, len(rows))
	for i, row := range rows {
		parts[i] = receipt.Part{Seq: row.Seq, Body: row.Body}
	}
	b, err := receipt.Make(n.Content, parts, c.Signed(), keys, r.store.Nodes(ctx, n.OrgID))
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of %s: %w", n.No, err)
	}
	out := Receipt{Name: fmt.Sprintf("%s-%d.receipt.json", n.No, c.Size), Bytes: b, Result: receipt.Check(b, keys)}
	for _, k := range keys {
		if !k.Witness {
			out.Keys = append(out.Keys, k.String())
		}
	}
	return out, nil
}

// keysOf are the public keys of all who have signed a checkpoint.
func (r *Register) keysOf(ctx context.Context, c models.Checkpoint) ([]ledger.Key, error) {
	n, err := ledger.ReadNote(c.Signed())
	if err != nil {
		return nil, err
	}
	var texts []string
	own, err := r.store.SigningKeys(ctx, c.OrgID)
	if err != nil {
		return nil, err
	}
	for _, k := range own {
		texts = append(texts, k.Public)
	}
	witnesses, err := r.store.Witnesses(ctx, c.OrgID)
	if err != nil {
		return nil, err
	}
	for _, w := range witnesses {
		texts = append(texts, w.Public)
	}
	var keys []ledger.Key
	for _, text := range texts {
		k, err := ledger.ParseKey(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(keys, k.Equal) {
			continue // a witness that ended and came again
		}
		if slices.ContainsFunc(n.Signatures, func(s ledger.Signature) bool { return s.Name == k.Name && s.Hash == k.KeyHash() }) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// receiptAtService is what goes along with a notice to a union: the receipt at
// the first checkpoint after its serving, the same at every attempt.
func (r *Register) receiptAtService(ctx context.Context, n models.Notice, union string) (Receipt, models.Checkpoint, error) {
	rows, err := r.entriesOf(ctx, n, func(u string) bool { return u == union })
	if err != nil {
		return Receipt{}, models.Checkpoint{}, err
	}
	c, err := r.over(ctx, n.OrgID, rows[0].Seq, models.CheckpointNotice)
	if err != nil {
		return Receipt{}, c, err
	}
	c.Cosignatures = nil
	rows = slices.DeleteFunc(rows, func(row store.LedgerRow) bool { return row.Seq >= c.Size })
	rc, err := r.writeReceipt(ctx, n, rows, c)
	return rc, c, err
}

func checkpointFile(c models.Checkpoint) notice.Attached {
	return notice.Attached{Name: fmt.Sprintf("checkpoint-%d.txt", c.Size), Type: "text/plain; charset=utf-8", Bytes: []byte(c.Signed())}
}

func receiptFile(rc Receipt) notice.Attached {
	return notice.Attached{Name: rc.Name, Type: "application/json", Bytes: rc.Bytes}
}

// ReceiptLetter brings somebody the receipt of what they have acknowledged.
type ReceiptLetter struct {
	ID     string `json:"id"`
	Org    string `json:"org"`
	Notice string `json:"notice"`
	Union  string `json:"union"`
	User   string `json:"user"`
}

// Kind is the stable name of the job.
func (ReceiptLetter) Kind() string { return "receipt.letter" }

func (r *Register) sendReceipt(ctx context.Context, j ReceiptLetter, _ store.Attempt) error {
	u, err := r.store.User(ctx, j.User)
	if err != nil || u.DisabledAt != nil || u.Kind == models.ServiceAccount {
		return err
	}
	n, err := r.store.NoticeByID(ctx, j.Org, j.Notice)
	if err != nil {
		return err
	}
	org, err := r.store.Organisation(ctx, j.Org)
	if err != nil {
		return err
	}
	rows, err := r.entriesOf(ctx, n, func(union string) bool { return union == j.Union })
	if err != nil {
		return err
	}
	c, err := r.over(ctx, j.Org, rows[len(rows)-1].Seq, models.CheckpointAcknowledge)
	if err != nil {
		return err
	}
	rc, err := r.writeReceipt(ctx, n, rows, c)
	if err != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterReceipt, MessageID: j.ID + "@" + r.mailDomain(), To: u.Email, Language: u.Language, Name: u.Name, Organisation: org.Name(),
		No: n.No, Date: r.Now(), URL: r.page(u.Language, "/notices/"+n.No+"/receipt"), Files: []notice.Attached{receiptFile(rc), checkpointFile(c)},
	})
}
