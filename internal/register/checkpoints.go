package register

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// published is what everybody may read of an organisation's log: its
// checkpoints, the keys they are signed with, and who has countersigned.
func published(a models.Actor) policy.Resource {
	return policy.Resource{OrgID: a.OrgID, Audience: models.AudiencePublic}
}

// SignCheckpoint signs the log as it is when the job is done.
type SignCheckpoint struct {
	Org   string                 `json:"org"`
	Cause models.CheckpointCause `json:"cause"`
}

// Kind is the stable name of the job.
func (SignCheckpoint) Kind() string { return "checkpoint.sign" }

func (r *Register) signPromised(ctx context.Context, j SignCheckpoint, _ store.Attempt) error {
	_, err := r.sign(ctx, j.Org, j.Cause)
	return err
}

// Checkpoint is the newest of an organisation, or that of a size.
func (r *Register) Checkpoint(ctx context.Context, a models.Actor, size int64) (models.Checkpoint, error) {
	if err := r.check(a, "checkpoint.read", published(a)); err != nil {
		return models.Checkpoint{}, err
	}
	if size > 0 {
		return r.store.Checkpoint(ctx, a.OrgID, size)
	}
	return r.store.LastCheckpoint(ctx, a.OrgID, -1)
}

// Checkpoints are an organisation's, newest first, below a size.
func (r *Register) Checkpoints(ctx context.Context, a models.Actor, below int64, limit int) ([]models.Checkpoint, error) {
	if err := r.check(a, "checkpoint.read", published(a)); err != nil {
		return nil, err
	}
	return r.store.Checkpoints(ctx, a.OrgID, below, limit)
}

// SignNow signs the log as it is, for somebody who asks.
func (r *Register) SignNow(ctx context.Context, a models.Actor) (models.Checkpoint, error) {
	if err := r.check(a, "checkpoint.sign", published(a)); err != nil {
		return models.Checkpoint{}, err
	}
	return r.sign(ctx, a.OrgID, models.CheckpointAsked)
}

// Consistency is the proof that an older log is the beginning of a newer one.
type Consistency struct {
	Old   int64
	New   models.Checkpoint
	Proof []ledger.Root
}

// Consistency proves that the log of a size is the beginning of that of a
// checkpoint; 0 is the newest.
func (r *Register) Consistency(ctx context.Context, a models.Actor, older, newer int64) (Consistency, error) {
	c, err := r.Checkpoint(ctx, a, newer)
	if err != nil {
		return Consistency{}, err
	}
	if older < 0 || older > c.Size {
		return Consistency{}, models.Fail(models.NotFound, "later_log").With("size", fmt.Sprint(c.Size))
	}
	proof, err := ledger.Consistency(older, c.Size, r.store.Nodes(ctx, a.OrgID))
	return Consistency{older, c, proof}, err
}

// over is the earliest checkpoint that holds an entry; if there is none yet,
// the log is signed.
func (r *Register) over(ctx context.Context, org string, seq int64, cause models.CheckpointCause) (models.Checkpoint, error) {
	c, err := r.store.FirstCheckpoint(ctx, org, seq)
	if models.KindOf(err) == models.NotFound {
		return r.sign(ctx, org, cause)
	}
	return c, err
}

// sign signs the log as it is. It refuses to sign what contradicts the last
// checkpoint, be that in the database or remembered outside it: a signature
// under two histories would be the end of all receipts.
func (r *Register) sign(ctx context.Context, org string, cause models.CheckpointCause) (models.Checkpoint, error) {
	if _, err := r.signers(ctx, r.store.Reader, org); err != nil {
		return models.Checkpoint{}, err // also where a first key is made
	}
	var c models.Checkpoint
	err := r.store.Within(ctx, func(tx *store.Tx) error {
		// No key is ended while it signs.
		if err := tx.LockKeys(ctx, org); err != nil {
			return err
		}
		keys, err := r.signers(ctx, tx.Reader, org)
		if err != nil {
			return err
		}
		size, err := tx.LedgerSize(ctx, org)
		if err != nil {
			return err
		}
		// What has this size is signed already.
		if c, err = tx.Checkpoint(ctx, org, size); models.KindOf(err) != models.NotFound {
			return err
		}
		nodes := tx.Nodes(ctx, org)
		if err := r.continues(ctx, tx.Reader, org, size, nodes); err != nil {
			return err
		}
		root, err := ledger.TreeRoot(size, nodes)
		if err != nil {
			return err
		}
		note, err := ledger.Sign(ledger.Checkpoint{Origin: keys[0].Name, Size: size, Root: root}, keys...)
		if err != nil {
			return err
		}
		c = models.Checkpoint{OrgID: org, Size: size, Root: root[:], Note: note, Cause: cause, At: r.Now()}
		return tx.AddCheckpoint(ctx, c)
	})
	if err != nil {
		return c, err
	}
	if err := r.watermark.raise(c); err != nil {
		r.log.ErrorContext(ctx, "the newest checkpoint was not remembered outside the database", "error", err.Error())
	}
	return c, nil
}

// continues says whether the log still begins as the last checkpoint says.
func (r *Register) continues(ctx context.Context, rd store.Reader, org string, size int64, nodes ledger.Hashes) error {
	last, err := rd.LastCheckpoint(ctx, org, -1)
	if err != nil && models.KindOf(err) != models.NotFound {
		return err
	}
	if err := extends(size, nodes, last.Size, last.Root); err != nil {
		return err
	}
	mark, err := r.watermark.read(org)
	if err != nil {
		r.log.ErrorContext(ctx, "what is remembered of a log cannot be read, and is written anew", "error", err.Error())
	}
	return extends(size, nodes, mark.Size, mark.Root)
}

func extends(size int64, nodes ledger.Hashes, older int64, root []byte) error {
	if older == 0 {
		return nil
	}
	if older > size {
		return models.Fail(models.Conflict, "log_rolled_back").With("size", fmt.Sprint(size), "signed", fmt.Sprint(older))
	}
	now, err := ledger.TreeRoot(older, nodes)
	if err != nil {
		return err
	}
	if !bytes.Equal(now[:], root) {
		return models.Fail(models.Conflict, "log_altered").With("signed", fmt.Sprint(older))
	}
	return nil
}

// origin names an organisation's log. It is asked for once; from then on the
// first key's name is it.
func (r *Register) origin(org models.Organisation) string {
	host := "localhost"
	if u, err := url.Parse(r.set.BaseURL); err == nil && u.Host != "" {
		host = u.Host
	}
	return receipt.Origin(host, org.Slug, org.ID)
}

// Keys are an organisation's public keys, oldest first.
func (r *Register) Keys(ctx context.Context, a models.Actor) ([]models.SigningKey, error) {
	if err := r.check(a, "checkpoint.read", published(a)); err != nil {
		return nil, err
	}
	keys, err := r.store.SigningKeys(ctx, a.OrgID)
	for i := range keys {
		keys[i].Secret = ""
	}
	return keys, err
}

func aboutKey(id string) string { return "signing key " + id }

// signers are the keys that sign now; the first is made when it is wanted.
func (r *Register) signers(ctx context.Context, rd store.Reader, org string) ([]ledger.SecretKey, error) {
	keys, err := rd.SigningKeys(ctx, org)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		if keys, err = r.firstKey(ctx, org); err != nil {
			return nil, err
		}
	}
	var out []ledger.SecretKey
	for _, k := range keys {
		if !k.Signs(r.Now()) {
			continue
		}
		secret, err := r.openKey(k)
		if err != nil {
			return nil, err
		}
		out = append(out, secret)
	}
	if len(out) == 0 {
		return nil, models.Fail(models.Conflict, "no_signing_key")
	}
	return out, nil
}

func (r *Register) openKey(k models.SigningKey) (ledger.SecretKey, error) {
	plain, err := r.sealer.Open(k.Secret, aboutKey(k.ID))
	if err != nil {
		return ledger.SecretKey{}, models.Fail(models.Conflict, "signing_key_shut").Because(err)
	}
	s, err := ledger.ParseSecret(string(plain))
	if err != nil {
		return s, models.Fail(models.Conflict, "signing_key_shut").Because(err)
	}
	return s, nil
}

func (r *Register) firstKey(ctx context.Context, org string) ([]models.SigningKey, error) {
	var keys []models.SigningKey
	there := errors.New("a key is there")
	err := r.change(ctx, models.Actor{OrgID: org}, "signing_key.make", func(tx *store.Tx, at time.Time) (entry, error) {
		// The counter lets one replica make the key while the others wait.
		if _, err := tx.NextNumber(ctx, org, "signing_key", at.Year()); err != nil {
			return entry{}, err
		}
		var err error
		if keys, err = tx.SigningKeys(ctx, org); err != nil || len(keys) > 0 {
			return entry{}, errors.Join(err, there)
		}
		o, err := tx.Organisation(ctx, org)
		if err != nil {
			return entry{}, err
		}
		k, err := r.makeKey(ctx, tx, org, r.origin(o), nil, at)
		keys = []models.SigningKey{k}
		return entry{subject: k.ID, data: map[string]any{"key": k.Public}}, err
	})
	if errors.Is(err, there) && len(keys) > 0 {
		return keys, nil
	}
	return keys, err
}

func (r *Register) makeKey(ctx context.Context, tx *store.Tx, org, origin string, by *string, at time.Time) (models.SigningKey, error) {
	secret, err := ledger.NewKey(origin, false)
	if err != nil {
		return models.SigningKey{}, err
	}
	k := models.SigningKey{OrgID: org, ID: newID(), Public: secret.String(), ByUserID: by, MadeAt: at}
	if k.Secret, err = r.sealer.Seal([]byte(secret.Secret()), aboutKey(k.ID)); err != nil {
		return k, err
	}
	return k, tx.Add(ctx, &k)
}

// longestOverlap is how many days an old and a new key may sign together at most.
const longestOverlap = 400

// RotateKey makes a new signing key. For the days of the overlap the old ones
// sign beside it, so that whoever knows the old key learns of the new one from
// a checkpoint that both have signed; 0 ends them at once, as after a theft.
// The old public keys stay for good.
func (r *Register) RotateKey(ctx context.Context, a models.Actor, overlapDays int) (models.SigningKey, error) {
	var k models.SigningKey
	if err := r.check(a, "signing_key.rotate", published(a)); err != nil {
		return k, err
	}
	if overlapDays < 0 || overlapDays > longestOverlap {
		return k, field("overlapDays", "out_of_range", "min", "0", "max", itoa(longestOverlap))
	}
	if _, err := r.signers(ctx, r.store.Reader, a.OrgID); err != nil && models.KindOf(err) != models.Conflict {
		return k, err
	}
	err := r.change(ctx, a, "signing_key.rotate", func(tx *store.Tx, at time.Time) (entry, error) {
		if _, err := tx.NextNumber(ctx, a.OrgID, "signing_key", at.Year()); err != nil {
			return entry{}, err
		}
		old, err := tx.SigningKeys(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		until := at.AddDate(0, 0, overlapDays)
		var replaced []string
		for _, o := range old {
			if !o.Signs(at) {
				continue
			}
			replaced = append(replaced, o.Public)
			end, secret := until, o.Secret
			if o.SignsUntil != nil && o.SignsUntil.Before(end) {
				end = *o.SignsUntil
			}
			if overlapDays == 0 {
				secret = ""
			}
			if err := tx.ReplaceKey(ctx, a.OrgID, o.ID, end, secret); err != nil {
				return entry{}, err
			}
		}
		o, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		origin := r.origin(o)
		if len(old) > 0 {
			first, err := ledger.ParseKey(old[0].Public)
			if err != nil {
				return entry{}, err
			}
			origin = first.Name
		}
		k, err = r.makeKey(ctx, tx, a.OrgID, origin, userOf(a), at)
		if err != nil {
			return entry{}, err
		}
		return entry{subject: k.ID, data: map[string]any{"key": k.Public, "replaces": replaced, "until": until}}, tx.Promise(ctx, SignCheckpoint{Org: a.OrgID, Cause: models.CheckpointAsked})
	})
	k.Secret = ""
	return k, err
}

// userOf is who did something, or nobody: the command line acts without an account.
func userOf(a models.Actor) *string {
	if a.UserID == "" {
		return nil
	}
	return &a.UserID
}

// DailyCheckpoint signs each log at least once a day, sends the checkpoint to
// the unions that asked for it, and forgets the secrets of keys that have been
// replaced.
type DailyCheckpoint struct{}

// Kind is the stable name of the job.
func (DailyCheckpoint) Kind() string { return "checkpoint.daily" }

// SignDaily does what [DailyCheckpoint] says, for every organisation whose day
// has not been signed yet.
func (r *Register) SignDaily(ctx context.Context) error {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, org := range all {
		failed = errors.Join(failed, r.signDay(ctx, org))
	}
	return failed
}

// signDay appends an entry of its own, so that the log of a day on which
// nothing happened has its checkpoint too, and its entries are dated by those
// that stand around them.
func (r *Register) signDay(ctx context.Context, org models.Organisation) error {
	day := models.DateOf(r.Now(), org.Location()).String()
	if _, err := r.signers(ctx, r.store.Reader, org.ID); err != nil {
		return err
	}
	seq, err := r.enterDay(ctx, org.ID, day)
	if err != nil {
		return err
	}
	// Also when the day was entered before, and its signing failed.
	_, err = r.over(ctx, org.ID, seq, models.CheckpointDaily)
	return err
}

// enterDay appends the day's entry, unless it is there, and gives its number.
func (r *Register) enterDay(ctx context.Context, org, day string) (int64, error) {
	if seq, err := r.dayEntry(ctx, r.store.Reader, org, day); err != nil || seq >= 0 {
		return seq, err
	}
	there := errors.New("the day is entered")
	err := r.change(ctx, models.Actor{OrgID: org}, "checkpoint.daily", func(tx *store.Tx, at time.Time) (entry, error) {
		// The counter lets one replica enter the day while the others wait.
		if _, err := tx.NextNumber(ctx, org, "checkpoint_daily", at.Year()); err != nil {
			return entry{}, err
		}
		if seq, err := r.dayEntry(ctx, tx.Reader, org, day); err != nil || seq >= 0 {
			return entry{}, errors.Join(err, there)
		}
		if err := r.forgetSecrets(ctx, tx, org, at); err != nil {
			return entry{}, err
		}
		to, err := tx.CheckpointAddresses(ctx, org)
		if err != nil {
			return entry{}, err
		}
		for _, a := range to {
			if err := tx.Promise(ctx, CheckpointLetter{ID: newID(), Org: org, Union: a.UnionID, Day: day}); err != nil {
				return entry{}, err
			}
		}
		return entry{subject: day, data: map[string]any{"day": day}}, nil
	})
	if err != nil && !errors.Is(err, there) {
		return -1, err
	}
	return r.dayEntry(ctx, r.store.Reader, org, day)
}

// dayEntry is the number of a day's entry, or -1.
func (r *Register) dayEntry(ctx context.Context, rd store.Reader, org, day string) (int64, error) {
	rows, err := rd.EntriesAbout(ctx, org, []string{day})
	if err != nil || len(rows) == 0 {
		return -1, err
	}
	return rows[0].Seq, nil
}

func (r *Register) forgetSecrets(ctx context.Context, tx *store.Tx, org string, at time.Time) error {
	keys, err := tx.SigningKeys(ctx, org)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Secret != "" && !k.Signs(at) {
			if err := tx.ReplaceKey(ctx, org, k.ID, *k.SignsUntil, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// OrganisationName is what an organisation is called, for whoever may read its checkpoints.
func (r *Register) OrganisationName(ctx context.Context, a models.Actor) (models.Text, error) {
	if err := r.check(a, "checkpoint.read", published(a)); err != nil {
		return models.Text{}, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	return org.Name(), err
}

// Address is where this installation is found on the web.
func (r *Register) Address() string { return r.set.BaseURL }

// SigningNow is how many keys sign an organisation's log now; none is fine as
// long as nothing was signed yet. It makes none.
func (r *Register) SigningNow(ctx context.Context, org string) (int, error) {
	keys, err := r.store.SigningKeys(ctx, org)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	signing, err := r.signers(ctx, r.store.Reader, org)
	return len(signing), err
}
