package register

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/internal/study"
	"beforehand/models"
)

// chunkSize is the size of a piece of a dataset in the database, in bytes.
const chunkSize = 512 << 10

// DatasetReport is what became of a file of rows.
type DatasetReport struct {
	models.Dataset
	Encoding    string
	MissingRows []report.Problem
}

// UploadDataset reads a file of rows as the locked plan says, refuses it whole
// when a row has a problem or tells who somebody is, and freezes it: people
// under new names, whose key is destroyed with the rows. The file itself is
// not kept.
func (r *Register) UploadDataset(ctx context.Context, a models.Actor, ref, fileName string, file io.Reader) (DatasetReport, error) {
	c, _, err := r.openClaim(ctx, r.store.Reader, a, ref, "dataset.upload")
	if err != nil {
		return DatasetReport{}, err
	}
	plan, err := uploadable(c)
	if err != nil {
		return DatasetReport{}, err
	}
	spool, err := r.files.spool()
	if err != nil {
		return DatasetReport{}, err
	}
	defer spool.remove()
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return DatasetReport{}, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return DatasetReport{}, err
	}
	d, rep, err := readInto(ctx, spool, plan, secret, file, models.DateOf(r.Now(), org.Location()))
	if err != nil {
		return DatasetReport{}, err
	}
	d.FileName = fileNameOf(fileName)
	sealed, err := r.sealer.Seal(secret, "dataset "+d.ID)
	if err != nil {
		return DatasetReport{}, err
	}
	d.Secret = &sealed
	err = r.keepDataset(ctx, a, ref, c.Locked().No, &d, plan, spool.file, secret)
	return DatasetReport{Dataset: d, Encoding: rep.Encoding, MissingRows: rep.MissingRows}, err
}

// fileNameOf is a name that can be shown: no folders, no control characters.
func fileNameOf(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == '\ufffd' {
			return -1
		}
		return c
	}, name)
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100])
	}
	return name
}

// uploadable is the plan that a claim's rows are read by.
func uploadable(c models.ClaimState) (models.FrozenPlan, error) {
	locked := c.Locked()
	switch {
	case c.WithdrawnAt != nil:
		return models.FrozenPlan{}, models.Fail(models.Conflict, "claim_withdrawn").With("claim", c.Ref)
	case locked == nil:
		return models.FrozenPlan{}, models.Fail(models.Conflict, "plan_not_locked").With("claim", c.Ref)
	case c.VendorStated():
		return models.FrozenPlan{}, models.Fail(models.Conflict, "vendor_has_no_rows").With("claim", c.Ref)
	}
	return readPlan(locked.Body)
}

// readInto reads a file and writes its rows for keeping. A row of a day to come
// was made up.
func readInto(ctx context.Context, to io.Writer, plan models.FrozenPlan, secret []byte, file io.Reader, today models.Date) (models.Dataset, report.DataReport, error) {
	tally := study.NewTally()
	w := study.NewWriter(to, func(worker string) string {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(worker))
		return hex.EncodeToString(mac.Sum(nil)[:8])
	})
	rep, err := report.ReadDataset(ctx, file, plan.Plan, plan.ByKey(), func(row report.DataRow) error {
		if row.Date > today {
			return models.Fail(models.Invalid, "dataset_future").With("row", row.Number, "date", row.Date)
		}
		tally.Add(row)
		return w.Add(row)
	}, nil)
	if err == nil {
		err = refusedRows(rep)
	}
	if err != nil {
		return models.Dataset{}, rep, err
	}
	missing, err := json.Marshal(rep.Missing)
	return models.Dataset{
		ID: newID(), Format: rep.Format, SHA256: rep.SHA256, RowsSHA256: tally.Sum(), Rows: tally.Rows(), Outside: tally.Outside(), Workers: tally.Workers(),
		Missing: string(missing), PurgeOn: plan.KeepUntil,
	}, rep, errors.Join(err, w.Close())
}

// refusedRows is the error of a file with problems: one entry a cell.
func refusedRows(rep report.DataReport) error {
	if rep.ProblemCount == 0 {
		return nil
	}
	e := models.Fail(models.Invalid, "dataset_refused").With("count", rep.ProblemCount, "shown", len(rep.Problems))
	for _, p := range rep.Problems {
		at := "rows[" + itoa(p.Row) + "]"
		if p.Column != "" {
			at += "." + p.Column
		}
		params := models.Params{"row": p.Row, "column": p.Column, "value": p.Value}
		for k, v := range p.Params {
			params[k] = v
		}
		e.Fields = append(e.Fields, models.Field{Path: at, Code: p.Code, Params: params})
	}
	return e
}

// keepDataset freezes the rows. The plan must be the one that they were read by.
func (r *Register) keepDataset(ctx context.Context, a models.Actor, ref string, planNo int, d *models.Dataset, plan models.FrozenPlan, rows io.ReadSeeker, secret []byte) error {
	return r.change(ctx, a, "dataset.upload", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openClaim(ctx, tx.Reader, a, ref, "dataset.upload")
		if err != nil {
			return entry{}, err
		}
		if _, err := uploadable(c); err != nil {
			return entry{}, err
		}
		if c.Locked().No != planNo {
			return entry{}, models.Fail(models.Stale, "stale_version").With("noun", "claim", "version", c.Version)
		}
		if had := c.Rows(planNo); had != nil && had.SHA256 == d.SHA256 {
			return entry{}, models.Fail(models.Conflict, "dataset_same").With("claim", c.Ref)
		}
		if today := models.DateOf(at, time.UTC); plan.KeepUntil <= today {
			return entry{}, models.Fail(models.Conflict, "dataset_past").With("date", plan.KeepUntil)
		}
		d.OrgID, d.ClaimID, d.No, d.PlanNo, d.ByUserID, d.At = c.OrgID, c.ID, len(c.Datasets)+1, planNo, a.UserID, at
		if d.Chunks, err = countChunks(rows); err != nil {
			return entry{}, err
		}
		if err := tx.Add(ctx, d); err != nil {
			return entry{}, err
		}
		if err := addChunks(ctx, tx, *d, rows, secret); err != nil {
			return entry{}, err
		}
		return claimEntry(c.Claim, s, map[string]any{"no": d.No, "plan": planNo, "file": d.SHA256, "rows": d.RowsSHA256, "count": d.Rows, "purge": d.PurgeOn}), nil
	})
}

func countChunks(rows io.Seeker) (int, error) {
	size, err := rows.Seek(0, io.SeekEnd)
	return int((size + chunkSize - 1) / chunkSize), err
}

// addChunks writes the rows, sealed with the dataset's own secret: when that is
// destroyed, so are they, wherever a copy of them lies.
func addChunks(ctx context.Context, tx *store.Tx, d models.Dataset, rows io.ReadSeeker, secret []byte) error {
	seal, err := chunkSeal(secret)
	if err != nil {
		return err
	}
	if _, err := rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for no := range d.Chunks {
		piece := make([]byte, chunkSize)
		n, err := io.ReadFull(rows, piece)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		sealed := seal.Seal(nil, nil, piece[:n], chunkName(d.ID, no)) //nolint:gosec // this AEAD makes its own random nonce and wants none
		if err := tx.AddChunk(ctx, d.OrgID, d.ID, no, sealed); err != nil {
			return err
		}
	}
	return nil
}

// chunkSeal seals and opens a dataset's rows, with a key made of its secret.
func chunkSeal(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "beforehand rows 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func chunkName(datasetID string, no int) []byte { return []byte(datasetID + " " + itoa(no)) }

// rowsOf reads a dataset's rows back.
func (r *Register) rowsOf(ctx context.Context, d models.Dataset, plan models.Plan) (*study.Rows, error) {
	secret, err := r.sealer.Open(deref(d.Secret), "dataset "+d.ID)
	if err != nil {
		return nil, err
	}
	seal, err := chunkSeal(secret)
	if err != nil {
		return nil, err
	}
	return study.Read(&pieces{ctx: ctx, rd: r.store.Reader, d: d, seal: seal}, valueColumns(plan))
}

// pieces reads a dataset's rows from the database, piece by piece.
type pieces struct {
	ctx  context.Context //nolint:containedctx // a reading lives as long as its call
	rd   store.Reader
	d    models.Dataset
	seal cipher.AEAD
	next int
	cur  bytes.Reader
}

// Read gives the bytes of the pieces in order.
func (p *pieces) Read(b []byte) (int, error) {
	for p.cur.Len() == 0 {
		if p.next >= p.d.Chunks {
			return 0, io.EOF
		}
		body, err := p.rd.Chunk(p.ctx, p.d.OrgID, p.d.ID, p.next)
		if err != nil {
			return 0, err
		}
		if body, err = p.seal.Open(nil, nil, body, chunkName(p.d.ID, p.next)); err != nil {
			return 0, err
		}
		p.next++
		p.cur.Reset(body)
	}
	return p.cur.Read(b)
}

// spooled is a file that is gone when it is done with.
type spooled struct {
	file *os.File
}

// spool opens a file for rows on their way into the database, beside the attachments.
func (f *Files) spool() (*spooled, error) {
	name := ".spool." + newID()
	file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, models.FilesAway(err)
	}
	// Without a name it is gone with the process, however that ends.
	if err := f.root.Remove(name); err != nil {
		return nil, models.FilesAway(errors.Join(err, file.Close()))
	}
	return &spooled{file}, nil
}

// Write keeps some rows.
func (s *spooled) Write(b []byte) (int, error) {
	n, err := s.file.Write(b)
	return n, models.FilesAway(err)
}

func (s *spooled) remove() {
	_ = s.file.Close() // nothing is lost with it: the rows are in the database, or refused
}

// PurgeDue destroys the rows that may be kept no longer, with their keys. The
// hashes stay.
func (r *Register) PurgeDue(ctx context.Context) error {
	due, err := r.store.DueForPurge(ctx, models.DateOf(r.Now(), time.UTC), 100)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range due {
		errs = append(errs, r.purge(ctx, d))
	}
	return errors.Join(errs...)
}

func (r *Register) purge(ctx context.Context, d models.Dataset) error {
	c, err := r.store.ClaimByID(ctx, d.OrgID, d.ClaimID)
	if err != nil {
		return err
	}
	// Another worker may do the same: whoever comes second has nothing to tell.
	return ended(r.change(ctx, models.Actor{OrgID: d.OrgID}, "dataset.purge", func(tx *store.Tx, at time.Time) (entry, error) {
		e := entry{subject: c.ID, deployment: c.DeploymentID, data: map[string]any{"ref": c.Ref, "no": d.No, "rows": d.RowsSHA256, "file": d.SHA256}}
		return e, tx.Purge(ctx, d.OrgID, d.ID, at)
	}))
}
