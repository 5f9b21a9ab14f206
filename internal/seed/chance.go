package seed

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"beforehand/models"
)

// chance is where everything that could be otherwise comes from: the same seed
// gives the same rows.
type chance struct{ *rand.Rand }

func newChance(seed uint64, stream int) *chance {
	return &chance{rand.New(rand.NewPCG(seed, uint64(stream)))} //nolint:gosec // made-up data is no secret; a stream is small
}

// one in so many times it is true.
func (c *chance) oneIn(n int) bool { return c.IntN(n) == 0 }

// percent is true in so many of a hundred.
func (c *chance) percent(n int) bool { return c.IntN(100) < n }

// between is a number from low to high, both in it.
func (c *chance) between(low, high int) int { return low + c.IntN(high-low+1) }

// rank chooses a place from 0 to n-1, each about as much rarer than the one
// before as the next word of a language is (Zipf).
func (c *chance) rank(n int) int {
	return min(n-1, int(math.Pow(float64(n+1), c.Float64()))-1)
}

func pick[T any](c *chance, list []T) T { return list[c.rank(len(list))] }

func even[T any](c *chance, list []T) T { return list[c.IntN(len(list))] }

// id is a UUID of version 7 of an instant.
func (c *chance) id(at time.Time) string {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], uint64(at.UnixMilli())<<16|uint64(c.IntN(1<<12))|7<<12) //nolint:gosec // after 1970
	binary.BigEndian.PutUint64(u[8:], c.Uint64()>>2|1<<63)
	return u.String()
}

// name is a made name: some come often, most are rare.
func (c *chance) name() string {
	return madeName(c.rank(len(syllables) * len(syllables) * len(syllables)))
}

func madeName(n int) string {
	k := len(syllables)
	s := syllables[n/k/k%k] + syllables[n/k%k] + syllables[n%k]
	return strings.ToUpper(s[:1]) + s[1:]
}

// text is a sentence of a form in both languages, with the same words in each.
func (c *chance) text(form string) models.Text {
	s := pick(c, sentences[form])
	words := map[rune][]pair{}
	for _, slot := range s.en {
		words[slot] = append(words[slot], c.word(slot))
	}
	return models.Text{En: fill(s.en, words, func(p pair) string { return p.en }), Cy: fill(s.cy, words, func(p pair) string { return p.cy })}
}

// word is what may stand in a slot of a sentence.
func (c *chance) word(slot rune) pair {
	switch slot {
	case 'V':
		return pick(c, verbs)
	case 'T':
		return pick(c, things)
	case 'S':
		return pick(c, services)
	case 'Q':
		return pick(c, qualities)
	case 'P':
		return pick(c, people)
	case 'E':
		return pick(c, effects)
	case 'N':
		n := c.name()
		return pair{n, n}
	case 'D':
		n := numerals[c.IntN(len(numerals))]
		return pair{n, n}
	}
	return pair{}
}

var numerals = strings.Fields("2 3 4 5 6 7 8 9 10 12 14 15 18 20 24 25 30 36 40 48 60 90")

// fill puts words into the slots of a form: letters that stand alone.
func fill(form string, words map[rune][]pair, say func(pair) string) string {
	var b strings.Builder
	before, used := ' ', map[rune]int{}
	for i, r := range form {
		after, _ := utf8.DecodeRuneInString(form[i+utf8.RuneLen(r):])
		if list := words[r]; strings.ContainsRune("VTSQPEND", r) && !unicode.IsLetter(before) && !unicode.IsLetter(after) && len(list) > 0 {
			b.WriteString(say(list[min(used[r], len(list)-1)]))
			used[r]++
		} else {
			b.WriteRune(r)
		}
		before = r
	}
	first, size := utf8.DecodeRuneInString(b.String())
	return string(unicode.ToUpper(first)) + b.String()[size:]
}
