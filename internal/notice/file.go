package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// File writes messages into a folder instead of sending them, for trying out
// and for a mail program to pick up. Accepted means written.
type File struct{ Dir string }

// Send writes DIR/<message id>.eml. The file appears whole or not at all, and
// the same message again takes its place.
func (f File) Send(ctx context.Context, m Mail) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	msg, err := message(m)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(f.Dir, ".mail-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // gone already when all went well
	_, err = msg.WriteTo(temp)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(f.Dir, FileName(m.MessageID)))
}

// FileName is the name of a message's file. An id with characters that a file
// system might not take keeps part of its hash, so that no two share a name.
func FileName(messageID string) string {
	id := bare(messageID)
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("@_-.", r) {
			return r
		}
		return '_'
	}, id)
	if len(safe) > 100 {
		safe = safe[:100]
	}
	if safe != id || strings.HasPrefix(safe, ".") {
		sum := sha256.Sum256([]byte(id))
		safe = strings.TrimLeft(safe, ".") + "-" + hex.EncodeToString(sum[:8])
	}
	return safe + ".eml"
}
