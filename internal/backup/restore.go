package backup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"beforehand/internal/files"
	"beforehand/internal/store"
)

// Target is where a backup goes.
type Target struct {
	// DSN is the address of a database in which nothing is yet.
	DSN string
	// Files is a store of files in which there are none but the backup's own.
	Files files.Store
	// Shared lets Files hold others: a bucket may outlive its database.
	Shared bool
	// Scratch is a folder that the whole backup fits into, unpacked; empty is
	// the system's. While it lasts it lies there readable, save the secret.
	Scratch string
	// Most is how many bytes it may unpack to; zero is 64 GiB.
	Most int64
}

// Left says that a restore failed and what it could not take back. Attachments
// that no database names harm nobody, and the same backup may be restored over
// them.
type Left struct {
	Files int
	Err   error
}

// Error tells the cause first.
func (l *Left) Error() string {
	return fmt.Sprintf("%v; %d attachments that were written stay", l.Err, l.Files)
}

// Unwrap is the cause.
func (l *Left) Unwrap() error { return l.Err }

// Restore brings a backup back into an empty place. All of it is checked before
// anything is written there. The database comes last, whole or not at all;
// attachments that are left behind are an error of the kind *[Left]. The
// database has the version of the backup then: migrate it. The secret is nil
// when the backup holds none.
func Restore(ctx context.Context, r io.Reader, into Target, ids []age.Identity) (m Manifest, secret []byte, err error) {
	if err := store.Vacant(ctx, into.DSN); err != nil {
		return m, nil, fmt.Errorf("restore: %w", err)
	}
	u, err := unpack(ctx, r, into.Scratch, into.Most, ids)
	if err != nil {
		return m, nil, fmt.Errorf("unpack the backup: %w", err)
	}
	defer func() { err = errors.Join(err, u.close()) }()
	if err := store.Fits(into.DSN, u.Dump); err != nil {
		return m, nil, fmt.Errorf("restore: %w", err)
	}
	if err := u.roomIn(ctx, into); err != nil {
		return m, nil, fmt.Errorf("restore: %w", err)
	}
	written := 0
	err = u.each(func(hash string, b []byte) error {
		if err := into.Files.Put(ctx, hash, b); err != nil {
			return err
		}
		written++
		return nil
	})
	if err == nil {
		err = u.load(ctx, into.DSN)
	}
	if err != nil {
		if written > 0 {
			err = &Left{written, err}
		}
		return m, nil, fmt.Errorf("restore: %w", err)
	}
	return u.Manifest, u.secret, nil
}

// roomIn says whether the store of files holds nothing of others.
func (u *unpacked) roomIn(ctx context.Context, into Target) error {
	if into.Shared {
		return nil
	}
	return into.Files.Each(ctx, func(hash string, _ int64) error {
		if _, ours := u.at[filesFolder+hash]; !ours {
			return fmt.Errorf("the store of files holds others: %w", ErrNotEmpty)
		}
		return nil
	})
}
