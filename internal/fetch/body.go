package fetch

import (
	"errors"
	"io"
)

// ErrTooLarge says that an answer went on after 1 MiB.
var ErrTooLarge = errors.New("fetch: the answer is too large")

// bounded is a body that fails, instead of ending, where it is too large: half
// an answer must not pass for a whole one.
type bounded struct {
	body io.ReadCloser
	left int64
}

// Read reads on as long as the bound allows.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	// One byte more than is left shows whether there is more.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

// Close closes the body.
func (b *bounded) Close() error { return b.body.Close() }
