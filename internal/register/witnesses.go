package register

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/notice"
	"beforehand/internal/receipt"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Witnesses are those who may countersign, and may have in the past.
func (r *Register) Witnesses(ctx context.Context, a models.Actor) ([]models.Witness, error) {
	if err := r.check(a, "checkpoint.read", published(a)); err != nil {
		return nil, err
	}
	return r.store.Witnesses(ctx, a.OrgID)
}

// NewWitness is somebody who shall countersign.
type NewWitness struct {
	Label   string
	Kind    models.WitnessKind
	UnionID string
	// Public is the key made by beforehand witness new.
	Public string
}

// AddWitness lets somebody countersign. A union's key is its own to add.
func (r *Register) AddWitness(ctx context.Context, a models.Actor, in NewWitness) (models.Witness, error) {
	w := models.Witness{OrgID: a.OrgID, ID: newID(), Public: strings.TrimSpace(in.Public), Label: strings.TrimSpace(in.Label), Kind: in.Kind, ByUserID: a.UserID, At: r.Now()}
	if mine := a.Unions(); in.Kind == models.WitnessUnion && in.UnionID == "" && len(mine) == 1 {
		in.UnionID = mine[0]
	}
	if err := r.check(a, "witness.add", witnessed(a, in.Kind, in.UnionID)); err != nil {
		return w, err
	}
	var f models.Faults
	if w.Label == "" {
		f.Add("label", "required")
	}
	models.CheckText(&f, "label", w.Label, 200)
	if !in.Kind.Known() {
		f.Add("kind", "unknown_value", "value", string(in.Kind), "allowed", "union, auditor, council")
	}
	if in.Kind == models.WitnessUnion {
		w.UnionID = &in.UnionID
	} else if in.UnionID != "" {
		f.Add("union", "only_for_union")
	}
	// A witness by the log's own name would seem to be the log.
	if k, err := ledger.ParseKey(w.Public); err != nil || !k.Witness || receipt.OriginIsOf(k.Name, a.OrgID) {
		f.Add("key", "not_a_witness_key")
	}
	if err := f.Err(); err != nil {
		return w, err
	}
	err := r.change(ctx, a, "witness.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		if w.UnionID != nil {
			if _, err := tx.Union(ctx, a.OrgID, *w.UnionID); err != nil {
				return entry{}, err
			}
		}
		if err := fewWitnesses(ctx, tx, w); err != nil {
			return entry{}, err
		}
		if err := nobodysName(ctx, tx, w); err != nil {
			return entry{}, err
		}
		err := tx.Add(ctx, &w)
		if models.KindOf(err) == models.Conflict {
			return entry{}, models.Fail(models.Conflict, "witness_there").Because(err)
		}
		return entry{subject: w.ID, data: map[string]any{"key": w.Public, "kind": string(w.Kind)}}, err
	})
	return w, err
}

// mostWitnesses is how many may act at once for one union, or for none.
const mostWitnesses = 5

// fewWitnesses refuses more than may act at once: all of them must have room
// below one checkpoint.
func fewWitnesses(ctx context.Context, tx *store.Tx, w models.Witness) error {
	all, err := tx.Witnesses(ctx, w.OrgID)
	if err != nil {
		return err
	}
	acting := 0
	for _, o := range all {
		if o.EndedAt == nil && deref(o.UnionID) == deref(w.UnionID) {
			acting++
		}
	}
	if acting >= mostWitnesses {
		return models.Fail(models.Conflict, "too_many_witnesses").With("max", itoa(mostWitnesses))
	}
	return nil
}

// nobodysName refuses a witness that goes by a union's name and is not that
// union's: the employer could countersign in it.
func nobodysName(ctx context.Context, tx *store.Tx, w models.Witness) error {
	k, err := ledger.ParseKey(w.Public)
	if err != nil {
		return err
	}
	unions, err := tx.Unions(ctx, w.OrgID)
	if err != nil {
		return err
	}
	for _, u := range unions {
		if u.ID == deref(w.UnionID) {
			continue
		}
		for _, name := range []string{models.FoldedName(u.Abbreviation), models.FoldedName(u.Name)} {
			if strings.Contains(models.FoldedName(w.Label), name) {
				return field("label", "name_of_union")
			}
			if strings.Contains(models.FoldedName(k.Name), name) {
				return field("key", "name_of_union")
			}
		}
	}
	return nil
}

// witnessed is a union's own matter, or the organisation's.
func witnessed(a models.Actor, kind models.WitnessKind, union string) policy.Resource {
	res := published(a)
	if kind == models.WitnessUnion {
		res.UnionID = union
		if union == "" {
			res.UnionID = "none" // no union's: nobody speaks for it
		}
	}
	return res
}

// EndWitness ends a witness. What it countersigned stays countersigned.
func (r *Register) EndWitness(ctx context.Context, a models.Actor, id string) (models.Witness, error) {
	var w models.Witness
	err := r.change(ctx, a, "witness.end", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if w, err = tx.Witness(ctx, a.OrgID, id); err != nil {
			return entry{}, err
		}
		if err := r.check(a, "witness.end", witnessed(a, w.Kind, deref(w.UnionID))); err != nil {
			return entry{}, err
		}
		if w.EndedAt != nil {
			return entry{}, models.Fail(models.Conflict, "witness_ended")
		}
		w.EndedAt = &at
		return entry{subject: w.ID, data: map[string]any{"key": w.Public}}, tx.EndWitness(ctx, a.OrgID, id, at)
	})
	return w, err
}

// ahead is how far the clock of a witness may be before ours.
const ahead = 5 * time.Minute

// mostCosignatures is how many a checkpoint carries: fewer than a note, and a
// receipt, may hold.
const mostCosignatures = 50

// Cosign takes the lines that a witness adds to a checkpoint. Nobody need sign
// in: the signature says who it is.
func (r *Register) Cosign(ctx context.Context, a models.Actor, size int64, lines string) (models.Checkpoint, error) {
	var c models.Checkpoint
	if err := r.check(a, "checkpoint.cosign", published(a)); err != nil {
		return c, err
	}
	c, err := r.store.Checkpoint(ctx, a.OrgID, size)
	if err != nil {
		return c, err
	}
	found, err := r.readCosignatures(ctx, c, lines)
	if err != nil {
		return c, err
	}
	for _, s := range found {
		if slices.ContainsFunc(c.Cosignatures, func(o models.Cosignature) bool { return o.WitnessID == s.WitnessID }) {
			continue // it has signed already: the first stays
		}
		err := r.change(ctx, models.Actor{OrgID: a.OrgID}, "checkpoint.cosign", func(tx *store.Tx, at time.Time) (entry, error) {
			now, err := tx.Checkpoint(ctx, a.OrgID, size)
			if err != nil {
				return entry{}, err
			}
			if slices.ContainsFunc(now.Cosignatures, func(o models.Cosignature) bool { return o.WitnessID == s.WitnessID }) {
				return entry{}, models.Fail(models.Conflict, "witness_there") // by another request, just now
			}
			if len(now.Cosignatures) >= mostCosignatures {
				return entry{}, models.Fail(models.Forbidden, "too_many_cosignatures")
			}
			s.At = at
			return entry{subject: s.WitnessID, data: map[string]any{"size": s.Size, "line": s.Line}}, tx.Add(ctx, &s)
		})
		if err != nil && models.KindOf(err) != models.Conflict {
			return c, err
		}
	}
	return r.store.Checkpoint(ctx, a.OrgID, size)
}

func (r *Register) readCosignatures(ctx context.Context, c models.Checkpoint, lines string) ([]models.Cosignature, error) {
	n, err := ledger.ReadNote(c.Note)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Witnesses(ctx, c.OrgID)
	if err != nil {
		return nil, err
	}
	given := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
	if len(given) > len(all) {
		return nil, models.Fail(models.Forbidden, "witness_unknown")
	}
	var out []models.Cosignature
	for _, line := range given {
		s, w, err := cosignature(n.Checkpoint, all, line)
		if err != nil {
			return nil, err
		}
		// Nobody can have seen a checkpoint before it was there: a time before
		// that would date its entries earlier than they are.
		if s.At.After(r.Now().Add(ahead)) || s.At.Before(c.At.Add(-ahead)) {
			return nil, field("time", "out_of_range", "min", c.At.Format(time.RFC3339), "max", r.Now().Format(time.RFC3339))
		}
		out = append(out, models.Cosignature{OrgID: c.OrgID, Size: c.Size, WitnessID: w.ID, Line: s.Line(), SignedAt: s.At})
	}
	return out, nil
}

// cosignature finds whose line it is, and checks it.
func cosignature(c ledger.Checkpoint, all []models.Witness, line string) (ledger.Signature, models.Witness, error) {
	for _, w := range all {
		k, err := ledger.ParseKey(w.Public)
		if err != nil || w.EndedAt != nil || !strings.HasPrefix(line, "— "+k.Name+" ") {
			continue
		}
		if s, err := ledger.ReadCosignature(line, c, k); err == nil {
			return s, w, nil
		}
	}
	return ledger.Signature{}, models.Witness{}, models.Fail(models.Forbidden, "witness_unknown")
}

// CheckpointAddress is where a union is sent each day's checkpoint, if it asked.
func (r *Register) CheckpointAddress(ctx context.Context, a models.Actor) (models.CheckpointAddress, error) {
	if err := r.check(a, "checkpoint.read", published(a)); err != nil {
		return models.CheckpointAddress{}, err
	}
	all, err := r.store.CheckpointAddresses(ctx, a.OrgID)
	if err != nil {
		return models.CheckpointAddress{}, err
	}
	for _, v := range all {
		if slices.Contains(a.Unions(), v.UnionID) {
			return v, nil
		}
	}
	return models.CheckpointAddress{}, models.Missing("checkpoint_address")
}

// AskForCheckpoints sends each day's checkpoint to an address of the union's
// own, from now on; no address ends it.
func (r *Register) AskForCheckpoints(ctx context.Context, a models.Actor, unionID, address string, language models.Language) error {
	if mine := a.Unions(); unionID == "" && len(mine) == 1 {
		unionID = mine[0]
	}
	if err := r.check(a, "checkpoint.ask", witnessed(a, models.WitnessUnion, unionID)); err != nil {
		return err
	}
	address = strings.TrimSpace(address)
	var f models.Faults
	if addr, err := mail.ParseAddress(address); address != "" && (err != nil || addr.Address != address) {
		f.Add("address", "not_an_address", "value", address)
	}
	models.CheckText(&f, "address", address, 500)
	if language != models.English && language != models.Welsh {
		f.Add("language", "unknown_value", "value", string(language), "allowed", "en, cy")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return r.change(ctx, a, "checkpoint.ask", func(tx *store.Tx, at time.Time) (entry, error) {
		done := entry{subject: unionID, data: map[string]any{"asked": address != ""}}
		if address == "" {
			return done, tx.RemoveCheckpointAddress(ctx, a.OrgID, unionID)
		}
		row := models.CheckpointAddress{OrgID: a.OrgID, UnionID: unionID, Address: address, Language: language, ByUserID: a.UserID, At: at}
		return done, tx.SetCheckpointAddress(ctx, row)
	})
}

// CheckpointLetter brings a day's checkpoint to a union.
type CheckpointLetter struct {
	ID    string `json:"id"`
	Org   string `json:"org"`
	Union string `json:"union"`
	Day   string `json:"day"`
}

// Kind is the stable name of the job.
func (CheckpointLetter) Kind() string { return "checkpoint.letter" }

func (r *Register) sendCheckpoint(ctx context.Context, j CheckpointLetter, _ store.Attempt) error {
	all, err := r.store.CheckpointAddresses(ctx, j.Org)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(v models.CheckpointAddress) bool { return v.UnionID == j.Union })
	if i < 0 {
		return nil // it asks no longer
	}
	org, err := r.store.Organisation(ctx, j.Org)
	if err != nil {
		return err
	}
	seq, err := r.dayEntry(ctx, r.store.Reader, j.Org, j.Day)
	if err != nil {
		return err
	}
	c, err := r.over(ctx, j.Org, seq, models.CheckpointDaily)
	if err != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterCheckpoint, MessageID: j.ID + "@" + r.mailDomain(), To: all[i].Address, Language: all[i].Language, Organisation: org.Name(),
		Date: r.Now(), URL: r.page(all[i].Language, "/ledger"), Files: []notice.Attached{checkpointFile(c)},
	})
}
