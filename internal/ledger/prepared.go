package ledger

import (
	"bytes"
	"errors"
	"strconv"
)

// Prepared is an entry that is sealed but for its number: many that were made
// out of order can be put in order before they are numbered.
type Prepared struct{ Before, After []byte }

// numberAt is what stands in the canonical form of entry 0 around its number.
// It stands after the data and cannot come again: what follows are plain names.
var numberAt = []byte(`,"seq":0,"subject":`)

// Prepare gives the canonical bytes of an entry around its number.
func Prepare(e Entry) (Prepared, error) {
	e.Seq = 0
	body, _, err := Seal(e)
	if err != nil {
		return Prepared{}, err
	}
	i := bytes.LastIndex(body, numberAt)
	if i < 0 {
		return Prepared{}, errors.New("an entry without a place for its number")
	}
	i += len(`,"seq":`)
	return Prepared{body[:i], body[i+1:]}, nil
}

// Seal gives what [Seal] would have given of the entry with this number.
func (p Prepared) Seal(seq int64) (body []byte, leaf Root) {
	body = make([]byte, 0, len(p.Before)+len(p.After)+20)
	body = append(body, p.Before...)
	body = strconv.AppendInt(body, seq, 10)
	body = append(body, p.After...)
	return body, Leaf(body)
}
