package report

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"beforehand/models"
)

// readText reads delimited text: UTF-8, or UTF-16 with a byte order mark. There
// is no guessing of other encodings, since what cannot be read as sent could
// hide what must be refused.
func (d *dataset) readText(b *bufio.Reader) error {
	d.report.Format, d.report.Encoding = CSV, "UTF-8"
	var text io.Reader = b
	mark, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, _ = b.Discard(3) // just peeked at
	case bytes.HasPrefix(mark, []byte("\xff\xfe")):
		_, _ = b.Discard(2)
		d.report.Encoding = "UTF-16LE"
		text = transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder())
	case bytes.HasPrefix(mark, []byte("\xfe\xff")):
		_, _ = b.Discard(2)
		d.report.Encoding = "UTF-16BE"
		text = transform.NewReader(b, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder())
	}
	s := &splitter{r: text, buf: make([]byte, 0, 2*longestRecord)}
	if err := s.fill(); err != nil {
		return err
	}
	s.comma = delimiter(string(s.buf))
	d.report.Delimiter = string(rune(s.comma))
	err := d.records(s)
	if errors.Is(err, io.EOF) || errors.Is(err, errStop) {
		return nil
	}
	return err
}

// records hands on each record; a blank line is one, so that numbers are those
// that a person sees.
func (d *dataset) records(s *splitter) error {
	for number := 1; ; number++ {
		cells, open, err := s.next()
		if errors.Is(err, errLongRecord) {
			return rowTooLong(number)
		}
		if err != nil {
			return err
		}
		if open {
			if d.columns == nil {
				return datasetUnreadable(nil)
			}
			d.problem(Problem{Row: number, Code: "dataset.quote_unclosed"})
			return errStop
		}
		if err := d.row(number, cells, true); err != nil {
			return err
		}
		if number > 4*mostDataRows { // nearly all of them blank
			return tooManyRows()
		}
	}
}

var errLongRecord = errors.New("a record is longer than any is")

// splitter cuts text into records one by one, with a buffer of fixed size.
// encoding/csv is not used, for the reasons that splitCSV gives and because it
// would hold a cell of any length.
type splitter struct {
	r     io.Reader
	comma byte
	buf   []byte // what is read and not yet given
	at    int    // where in buf the next record begins
	ended bool   // the reader has no more
	lf    bool   // the last record ended in CR: an LF may still belong to it
	spans []span
	cells [][]byte
}

// span is one cell of the record at hand, counted from its beginning.
type span struct {
	from, to int
	quoted   bool
}

// fill moves what is left to the front and reads until the buffer is full.
func (s *splitter) fill() error {
	n := copy(s.buf, s.buf[s.at:])
	s.buf, s.at = s.buf[:n], 0
	for len(s.buf) < cap(s.buf) && !s.ended {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if errors.Is(err, io.EOF) {
			s.ended = true
		} else if err != nil {
			return err
		}
	}
	return nil
}

// next gives the cells of the next record, good until the next call. open says
// that a quotation mark was never closed. At the end it gives io.EOF.
func (s *splitter) next() (cells [][]byte, open bool, err error) {
	if len(s.buf)-s.at <= longestRecord+1 && !s.ended {
		if err := s.fill(); err != nil {
			return nil, false, err
		}
	}
	if s.lf && s.at < len(s.buf) && s.buf[s.at] == '\n' {
		s.at++
	}
	s.lf = false
	text := s.buf[s.at:min(len(s.buf), s.at+longestRecord)]
	if len(text) == 0 {
		return nil, false, io.EOF
	}
	end, open := s.scan(text)
	if end == len(text) && s.at+end < len(s.buf) {
		return nil, false, errLongRecord
	}
	s.cells = s.cells[:0]
	for _, sp := range s.spans {
		cell := text[sp.from:sp.to]
		if sp.quoted {
			cell = unquote(cell)
		}
		s.cells = append(s.cells, cell)
	}
	s.at += end
	if s.at < len(s.buf) { // over the line end
		s.lf = s.buf[s.at] == '\r'
		s.at++
	}
	return s.cells, open, nil
}

// scan finds the cells of the record that text begins with, and its end. As in
// splitCSV, a quotation mark inside a cell that does not begin with one is a
// plain character, and what follows a closing one belongs to the cell.
func (s *splitter) scan(text []byte) (end int, open bool) {
	s.spans = s.spans[:0]
	from, closed, quoted, inside := 0, -2, false, false
	for i, c := range text {
		switch {
		case inside:
			if c == '"' {
				inside, closed = false, i
			}
		case c == s.comma:
			s.spans = append(s.spans, span{from, i, quoted})
			from, quoted = i+1, false
		case c == '\n' || c == '\r':
			s.spans = append(s.spans, span{from, i, quoted})
			return i, false
		case c == '"' && (i == from || i == closed+1):
			// An opening mark, or the second of a doubled one.
			quoted, inside = true, true
		}
	}
	s.spans = append(s.spans, span{from, len(text), quoted})
	return len(text), inside
}

// unquote takes the marks from a quoted cell, in place.
func unquote(cell []byte) []byte {
	if i := bytes.IndexByte(cell[1:], '"'); i >= 0 && i == len(cell)-2 {
		return cell[1 : 1+i]
	}
	out, inside := cell[:0], true
	for i := 1; i < len(cell); i++ {
		switch {
		case inside && cell[i] == '"' && i+1 < len(cell) && cell[i+1] == '"':
			out = append(out, '"')
			i++
		case inside && cell[i] == '"':
			inside = false
		default:
			out = append(out, cell[i])
		}
	}
	return out
}

// undecodable is the problem of text that is not what its encoding says.
func (d *dataset) undecodable(number int, heading string) {
	d.problem(Problem{
		Row: number, Column: heading, Code: "dataset.undecodable",
		Params: models.Params{"encoding": d.report.Encoding},
	})
}
