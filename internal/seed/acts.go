package seed

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"beforehand/internal/ledger"
)

// act is one entry of the log before it is numbered.
type act struct {
	at            int64 // microseconds since 1970
	verb, subject string
	deployment    string
	sealed        ledger.Prepared
}

func (a act) instant() time.Time { return time.UnixMicro(a.at).UTC() }

// acts puts the entries of a stretch of time in order. The lives of
// deployments overlap, and each is made whole before the next; so the entries
// are sorted in stretches that fit into memory, kept in a file, and merged.
type acts struct {
	file    *os.File
	written int64
	runs    []int64 // where each sorted stretch begins in the file
	held    []act
	size    int
	most    int // bytes that are sorted in memory at a time
}

// heldBytes is how much is sorted in memory at a time.
const heldBytes = 8 << 20

func (s *acts) add(a act) error {
	s.held = append(s.held, a)
	s.size += len(a.sealed.Before) + len(a.sealed.After) + 200
	if s.size < s.most {
		return nil
	}
	return s.spill()
}

func (s *acts) sort() {
	slices.SortStableFunc(s.held, func(a, b act) int { return cmp.Compare(a.at, b.at) })
}

// spill writes what is held into the file, sorted.
func (s *acts) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp("", "beforehand-seed-*")
		if err != nil {
			return fmt.Errorf("make a file to sort the log in: %w", err)
		}
		s.file = f
	}
	s.sort()
	s.runs = append(s.runs, s.written)
	w := bufio.NewWriterSize(s.file, 1<<16)
	var b []byte
	for _, a := range s.held {
		b = binary.AppendVarint(b[:0], a.at)
		for _, part := range [][]byte{[]byte(a.verb), []byte(a.subject), []byte(a.deployment), a.sealed.Before, a.sealed.After} {
			b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("sort the log: %w", err)
		}
		s.written += int64(len(b))
	}
	s.held, s.size = s.held[:0], 0
	return w.Flush()
}

// each gives every act in the order of time, and forgets them.
func (s *acts) each(do func(act) error) error {
	if s.file == nil {
		s.sort()
		for _, a := range s.held {
			if err := do(a); err != nil {
				return err
			}
		}
		s.held, s.size = s.held[:0], 0
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	m, err := s.merger()
	if err != nil {
		return err
	}
	for len(m) > 0 {
		if err := do(m[0].next); err != nil {
			return err
		}
		switch err := m[0].read(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&m)
		case err != nil:
			return err
		default:
			heap.Fix(&m, 0)
		}
	}
	s.written, s.runs = 0, nil
	if err := s.file.Truncate(0); err != nil {
		return err
	}
	_, err = s.file.Seek(0, io.SeekStart)
	return err
}

// close removes the file.
func (s *acts) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

func (s *acts) merger() (merger, error) {
	var m merger
	for i, from := range s.runs {
		to := s.written
		if i+1 < len(s.runs) {
			to = s.runs[i+1]
		}
		r := &run{no: i, r: bufio.NewReaderSize(io.NewSectionReader(s.file, from, to-from), 1<<16)}
		if err := r.read(); errors.Is(err, io.EOF) {
			continue
		} else if err != nil {
			return nil, err
		}
		m = append(m, r)
	}
	heap.Init(&m)
	return m, nil
}

// run is one sorted stretch while it is read.
type run struct {
	no   int
	r    *bufio.Reader
	next act
}

func (r *run) read() error {
	at, err := binary.ReadVarint(r.r)
	if err != nil {
		return err // io.EOF is the end of the stretch
	}
	var parts [5][]byte
	for i := range parts {
		n, err := binary.ReadUvarint(r.r)
		if err != nil {
			return fmt.Errorf("read the sorted log: %w", err)
		}
		parts[i] = make([]byte, n)
		if _, err := io.ReadFull(r.r, parts[i]); err != nil {
			return fmt.Errorf("read the sorted log: %w", err)
		}
	}
	r.next = act{at, string(parts[0]), string(parts[1]), string(parts[2]), ledger.Prepared{Before: parts[3], After: parts[4]}}
	return nil
}

// merger is a heap of runs, the earliest act on top; of two at one instant
// that of the earlier run.
type merger []*run

func (m merger) Len() int { return len(m) }
func (m merger) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(m[i].next.at, m[j].next.at), cmp.Compare(m[i].no, m[j].no)) < 0
}
func (m merger) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push is of heap.Interface.
func (m *merger) Push(x any) { *m = append(*m, x.(*run)) }

// Pop is of heap.Interface.
func (m *merger) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
