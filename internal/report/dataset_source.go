package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// told is how many bytes go by between two words of progress.
const told = 1 << 20

// source hands on what is sent, hashed and counted on the way, and stops at the
// limit, when the context ends, or when the sender breaks off.
type source struct {
	ctx      context.Context
	r        io.Reader
	hash     hash.Hash
	read     int64
	most     int64
	last     int64 // bytes at the last word of progress
	progress func(int64)
	failed   error // its own, which a decoder above may have wrapped or lost
}

func newSource(ctx context.Context, r io.Reader, progress func(int64)) *source {
	if progress == nil {
		progress = func(int64) {}
	}
	return &source{ctx: ctx, r: r, hash: sha256.New(), most: largestDataset, progress: progress}
}

func (s *source) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.failed = err
		return 0, err
	}
	n, err := s.r.Read(b)
	_, _ = s.hash.Write(b[:n]) // a hash never fails
	s.read += int64(n)
	if s.read > s.most {
		err = datasetTooLarge(sizeName(s.most))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	if s.read-s.last >= told || err != nil {
		s.last = s.read
		s.progress(s.read)
	}
	return n, err
}

// drain reads what nobody asked for, since the hash is of the whole file.
func (s *source) drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (s *source) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }

func sizeName(n int64) string {
	if n == largestWorkbook {
		return "50 MiB"
	}
	return "200 MiB"
}
