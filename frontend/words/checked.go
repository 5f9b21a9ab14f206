package words

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// CheckedFile is the file, beside the catalogues, of what has been checked.
const CheckedFile = "checked.toml"

// Check says that somebody has checked a Welsh text against its English.
type Check struct {
	By string `toml:"by"`
	// On is a day such as "2026-11-22".
	On string `toml:"on"`
	// Pair is the hash of both texts as they were then.
	Pair string `toml:"pair"`
}

// Pair is an English text and its Welsh.
type Pair struct{ Key, English, Welsh, Hash string }

// Review is what has been checked of the texts of a folder.
type Review struct {
	pairs  []Pair
	checks map[string]Check
}

// Ours is the review of the texts in this program, which are part of it.
var Ours = sync.OnceValue(func() Review {
	r, err := ReviewOf(files)
	if err != nil {
		panic(err) // a test reads it before any user does
	}
	return r
})

// Whole is how much of our Welsh has been checked.
var Whole = sync.OnceValue(func() Group {
	_, whole := Ours().Groups()
	return whole
})

// ReviewOf reads the texts of a folder, and what has been checked of them.
func ReviewOf(dir fs.FS) (Review, error) {
	texts := map[string]map[string]*i18n.Message{}
	for _, lang := range Languages() {
		bundle := i18n.NewBundle(language.Make(lang))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		file, err := bundle.LoadMessageFileFS(dir, lang+".toml")
		if err != nil {
			return Review{}, fmt.Errorf("words: %w", err)
		}
		texts[lang] = map[string]*i18n.Message{}
		for _, m := range file.Messages {
			texts[lang][m.ID] = m
		}
	}
	r := Review{checks: map[string]Check{}}
	if _, err := toml.DecodeFS(dir, CheckedFile, &r.checks); err != nil {
		return r, fmt.Errorf("words: %s: %w", CheckedFile, err)
	}
	for _, key := range slices.Sorted(maps.Keys(texts[English])) {
		if cy := texts[Welsh][key]; cy != nil {
			en := texts[English][key]
			r.pairs = append(r.pairs, Pair{key, en.Other, cy.Other, pairHash(en, cy)})
		}
	}
	return r, nil
}

// pairHash is the beginning of the SHA-256 of all forms of both texts.
func pairHash(en, cy *i18n.Message) string {
	sum := sha256.Sum256([]byte(strings.Join(append(forms(en), forms(cy)...), "\x00")))
	return hex.EncodeToString(sum[:8])
}

// checked says whether a text has been checked as it is now.
func (r Review) checked(p Pair) bool {
	c, ok := r.checks[p.Key]
	return ok && c.Pair == p.Hash
}

// Unchecked are the texts whose key begins with a prefix that nobody has
// checked as they are now, by key.
func (r Review) Unchecked(prefix string) []Pair {
	var out []Pair
	for _, p := range r.pairs {
		if strings.HasPrefix(p.Key, prefix) && !r.checked(p) {
			out = append(out, p)
		}
	}
	return out
}

// Group is the texts whose keys begin with the same part.
type Group struct {
	Name         string
	Checked, All int
}

// Percent is the share of a group that has been checked, rounded down: 100 is
// all of it.
func (g Group) Percent() int {
	if g.All == 0 {
		return 100
	}
	return 100 * g.Checked / g.All
}

// Groups are the texts by the first part of their key, and all of them together.
func (r Review) Groups() (groups []Group, whole Group) {
	at := map[string]int{}
	for _, p := range r.pairs {
		name, _, _ := strings.Cut(p.Key, ".")
		i, ok := at[name]
		if !ok {
			i = len(groups)
			at[name], groups = i, append(groups, Group{Name: name})
		}
		groups[i].All++
		whole.All++
		if r.checked(p) {
			groups[i].Checked++
			whole.Checked++
		}
	}
	return groups, whole
}

// Mark is the review once somebody has checked texts: those named, and those
// whose key begins with the prefix when there is one. A key that is not there is
// an error.
func (r Review) Mark(by string, on time.Time, keys []string, prefix string) (Review, []Pair, error) {
	if by = strings.TrimSpace(by); by == "" || strings.ContainsFunc(by, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return r, nil, errors.New("words: who has checked the texts must be named on one line")
	}
	r.checks = maps.Clone(r.checks)
	var done []Pair
	for _, p := range r.pairs {
		if slices.Contains(keys, p.Key) || prefix != "" && strings.HasPrefix(p.Key, prefix) {
			r.checks[p.Key] = Check{by, on.Format(time.DateOnly), p.Hash}
			done = append(done, p)
		}
	}
	for _, k := range keys {
		if !slices.ContainsFunc(done, func(p Pair) bool { return p.Key == k }) {
			return r, nil, fmt.Errorf("words: there is no text %q", k)
		}
	}
	if len(done) == 0 {
		return r, nil, fmt.Errorf("words: no key begins with %q", prefix)
	}
	return r, done, nil
}

// Line is what a check reads as in the file.
func (r Review) Line(key string) string {
	c := r.checks[key]
	return fmt.Sprintf("%s = {by = %s, on = %q, pair = %q}\n", strconv.Quote(key), strconv.Quote(c.By), c.On, c.Pair)
}

// File is the whole file of checks, a line each, by key. A check of a text that
// has gone is left out.
func (r Review) File(head string) string {
	var b strings.Builder
	b.WriteString(head)
	for _, p := range r.pairs {
		if _, ok := r.checks[p.Key]; ok {
			b.WriteString(r.Line(p.Key))
		}
	}
	return b.String()
}

// Head is the comment that a file of checks begins with.
func Head(file string) string {
	var b strings.Builder
	for line := range strings.Lines(file) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		b.WriteString(line)
	}
	return b.String()
}
