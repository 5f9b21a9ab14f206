package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"
)

// intro and magic are how an encrypted and a packed file begin.
var (
	intro = []byte("age-encryption.org/v1\n")
	magic = []byte{0x1f, 0x8b, 8}
)

// source is where a backup comes from. It keeps an error of its own apart from
// what unpacking makes of it.
type source struct {
	r   io.Reader
	err error
}

// Read reads and notes an error.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// opened is a backup without its wrapping.
type opened struct {
	*gzip.Reader
	src   *source
	inner *bufio.Reader // packed, no longer encrypted
}

// open finds out how a backup is wrapped and takes the wrapping off.
func open(r io.Reader, ids []age.Identity) (*opened, error) {
	o := &opened{src: &source{r: r}}
	o.inner = bufio.NewReaderSize(o.src, 64<<10)
	start, err := o.inner.Peek(len(intro))
	if o.src.err != nil {
		return nil, o.src.err
	}
	switch {
	case bytes.Equal(start, intro):
		if len(ids) == 0 {
			return nil, ErrEncrypted
		}
		if err := o.decrypt(ids); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(start, magic):
		if len(ids) > 0 {
			return nil, ErrPlain
		}
	case err != nil && (bytes.HasPrefix(intro, start) || bytes.HasPrefix(magic, start)):
		return nil, ErrTruncated
	default:
		return nil, ErrFormat
	}
	if o.Reader, err = gzip.NewReader(o.inner); err != nil {
		return nil, o.fault(err)
	}
	o.Multistream(false) // what follows is not ours
	return o, nil
}

func (o *opened) decrypt(ids []age.Identity) error {
	clear, err := age.Decrypt(o.inner, ids...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return ErrKey
	}
	if err != nil {
		return o.fault(err)
	}
	o.inner = bufio.NewReaderSize(clear, 64<<10)
	return nil
}

// end says whether nothing comes behind the archive. To find that out it reads
// all, and so checks all that the wrapping checks.
func (o *opened) end() error {
	rest := make([]byte, 32<<10)
	for {
		n, err := o.Read(rest)
		if len(bytes.Trim(rest[:n], "\x00")) > 0 { // tar ends in zeros
			return fmt.Errorf("something follows the archive: %w", ErrAltered)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return o.fault(err)
		}
	}
	switch _, err := o.inner.ReadByte(); {
	case err == nil:
		return fmt.Errorf("something follows the archive: %w", ErrAltered)
	case !errors.Is(err, io.EOF):
		return o.fault(err)
	}
	return nil
}

// fault says what an error in unpacking means: that of a disk or a network is
// itself, that of a wrapping that does not come off is the backup's.
func (o *opened) fault(err error) error {
	switch _, disk := errors.AsType[*fs.PathError](err); {
	case o.src.err != nil:
		return o.src.err
	case disk:
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.Join(ErrTruncated, err)
	}
	return errors.Join(ErrAltered, err)
}
