package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
)

// Bench is where a backup is tried.
type Bench struct {
	// DSN is the address of a PostgreSQL database in which a schema may be made
	// for a backup of PostgreSQL; one of SQLite needs none.
	DSN string
	// Scratch and Most are as in [Target].
	Scratch string
	Most    int64
}

// Verify restores a backup into a scratch place, which it removes, brings it up
// to this release and compares its logs and its attachments with the manifest.
func Verify(ctx context.Context, r io.Reader, on Bench, ids []age.Identity) (m Manifest, err error) {
	u, err := unpack(ctx, r, on.Scratch, on.Most, ids)
	if err != nil {
		return m, fmt.Errorf("unpack the backup: %w", err)
	}
	defer func() { err = errors.Join(err, u.close()) }()
	dsn := filepath.Join(u.dir, "tried.db")
	if u.Engine == "postgres" {
		if !strings.HasPrefix(on.DSN, "postgres") {
			return m, fmt.Errorf("try a backup of PostgreSQL without one: %w", ErrEngine)
		}
		var drop func() error
		if dsn, drop, err = store.ScratchPostgres(ctx, on.DSN); err != nil {
			return m, err
		}
		defer func() { err = errors.Join(err, drop()) }()
	}
	if err := u.load(ctx, dsn); err != nil {
		return m, fmt.Errorf("try the backup: %w", err)
	}
	if err := u.try(ctx, dsn); err != nil {
		return m, fmt.Errorf("try the backup: %w", err)
	}
	return u.Manifest, nil
}

func (u *unpacked) try(ctx context.Context, dsn string) (err error) {
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	heads, err := s.Heads(ctx)
	if err != nil {
		return errors.Join(ErrLog, err)
	}
	if !slices.EqualFunc(headsOf(heads), u.Heads, func(a, b Head) bool {
		return a.Org == b.Org && a.OrgID == b.OrgID && a.Size == b.Size && bytes.Equal(a.Root, b.Root)
	}) {
		return ErrLog
	}
	for _, h := range u.Heads {
		if err := tryLog(ctx, s, h); err != nil {
			return err
		}
	}
	return u.tryFiles(ctx, s)
}

// tryLog computes a head anew from the entries: the tree that is kept beside
// them may be right and they not.
func tryLog(ctx context.Context, s *store.Store, h Head) error {
	var fold ledger.Fold
	for fold.Size() < h.Size {
		rows, err := s.LedgerEntries(ctx, h.OrgID, fold.Size(), 500)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fmt.Errorf("entry %d of %s is missing: %w", fold.Size(), h.Org, ErrLog)
		}
		for _, row := range rows {
			if row.Seq != fold.Size() {
				return fmt.Errorf("entry %d of %s is missing: %w", fold.Size(), h.Org, ErrLog)
			}
			fold.Add(ledger.Leaf([]byte(row.Body)))
		}
	}
	root, err := fold.Root(h.Size)
	if err != nil || fold.Size() != h.Size || !bytes.Equal(root[:], h.Root) {
		return errors.Join(fmt.Errorf("the entries of %s: %w", h.Org, ErrLog), err)
	}
	return nil
}

// tryFiles says whether every attachment that a row names is in the backup or
// known not to be.
func (u *unpacked) tryFiles(ctx context.Context, s *store.Store) error {
	named, err := s.FileHashes(ctx)
	if err != nil {
		return err
	}
	for _, hash := range named {
		_, here := u.at[filesFolder+hash]
		if here == (slices.Contains(u.Missing, hash) || slices.Contains(u.Altered, hash)) {
			return fmt.Errorf("attachment %s: %w", hash, ErrAltered)
		}
	}
	if len(named) != u.Attachments+len(u.Missing)+len(u.Altered) {
		return fmt.Errorf("the database names %d attachments: %w", len(named), ErrAltered)
	}
	return nil
}
