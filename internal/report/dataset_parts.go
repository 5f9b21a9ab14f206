package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

func (b *book) open(part string, most int64) (io.ReadCloser, *partReader, error) {
	f := b.parts[strings.ToLower(part)]
	if f == nil {
		return nil, nil, datasetUnreadable(fmt.Errorf("no part %q", part))
	}
	rc, err := f.Open()
	if err != nil {
		return nil, nil, datasetUnreadable(err)
	}
	return rc, &partReader{r: rc, left: most, mark: 4 * longestRecord}, nil
}

// decode reads a small part whole.
func (b *book) decode(part string, into any) error {
	rc, r, err := b.open(part, largestSupport)
	if err != nil {
		return err
	}
	defer rc.Close()
	r.mark = largestSupport
	return xml.NewDecoder(r).Decode(into)
}

var (
	errLargePart = errors.New("a part is larger than any is")
	errLongPiece = errors.New("a row or a text is longer than any is")
)

// partReader bounds a part, and what is read of it between two marks: an XML
// reader holds a piece of text whole, however long.
type partReader struct {
	r     io.Reader
	left  int64
	since int64 // bytes since the last mark
	mark  int64 // at most so many between two
}

func (p *partReader) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, errLargePart
	}
	if p.since > p.mark {
		return 0, errLongPiece
	}
	n, err := p.r.Read(b)
	p.left -= int64(n)
	p.since += int64(n)
	return n, err
}

func (p *partReader) passed() { p.since = 0 }

// partFault is what a person is told of a part that cannot be read, at a row of
// the sheet or, with nought, elsewhere.
func partFault(err error, row int) error {
	switch {
	case errors.Is(err, errLargePart):
		return datasetTooLarge("1 GiB")
	case errors.Is(err, errLongPiece) && row > 0:
		return rowTooLong(row)
	}
	return datasetUnreadable(err)
}

// readShared holds the texts that cells refer to.
func (b *book) readShared(part string) error {
	rc, r, err := b.open(part, largestSupport)
	if err != nil {
		return err
	}
	defer rc.Close()
	x := xml.NewDecoder(r)
	for {
		t, err := x.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return partFault(err, 0)
		}
		if start, ok := t.(xml.StartElement); ok && start.Name.Local == "si" {
			text, err := textWithin(x)
			if err != nil {
				return partFault(err, 0)
			}
			if len(b.shared) >= mostShared {
				return datasetUnreadable(errLargePart)
			}
			b.shared = append(b.shared, text)
			r.passed()
		}
	}
}

// textWithin joins the texts of an element up to its end, without how they are
// to be pronounced.
func textWithin(x *xml.Decoder) (string, error) {
	var b strings.Builder
	for depth, skip := 1, 0; depth > 0; {
		t, err := x.Token()
		if err != nil {
			return "", err
		}
		switch v := t.(type) {
		case xml.StartElement:
			if depth++; v.Name.Local == "rPh" && skip == 0 {
				skip = depth
			}
		case xml.EndElement:
			if depth--; depth < skip {
				skip = 0
			}
		case xml.CharData:
			if skip == 0 {
				b.Write(v)
			}
		}
	}
	return b.String(), nil
}
