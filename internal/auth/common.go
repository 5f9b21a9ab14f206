package auth

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The list is zxcvbn's "passwords" list, 47,023 entries counted in leaked sets
// by its authors, as github.com/trustelem/zxcvbn v1.0.1 carries it in
// data/passwords.txt: without the counts, in lower case, sorted. Both are under
// the MIT licence: Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.;
// Copyright (c) 2018 Vincent Vanackere and Trustelem.
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of this software and associated documentation files (the "Software"), to deal
// in the Software without restriction, including without limitation the rights
// to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
// copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions: The above copyright
// notice and this permission notice shall be included in all copies or
// substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS",
// WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
// THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
// NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
// FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT,
// TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
// THE USE OR OTHER DEALINGS IN THE SOFTWARE.
//
//go:embed common-passwords.txt.gz
var commonList []byte

// listed holds every entry; it is read when the first password is chosen.
var listed = sync.OnceValue(func() map[string]bool {
	z, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic(err) // the embedded file is tested
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	set := make(map[string]bool, 48_000)
	for line := range strings.Lines(string(text)) {
		set[strings.TrimSuffix(line, "\n")] = true
	}
	return set
})

// common says whether a password is among those that are guessed first: an
// entry of the list, however it is spaced, or with digits and signs around it,
// or over and over; one character over and over; or a walk along the keyboard
// or the alphabet. Most entries are shorter than a password may be, and people
// make them longer in just these ways.
func common(password string) bool {
	whole := strings.ToLower(password)
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, whole)
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	for _, p := range []string{whole, plain, strings.TrimFunc(whole, notLetter), strings.TrimFunc(plain, notLetter)} {
		if listed()[p] || repeats(p) || walks(p) {
			return true
		}
	}
	return false
}

// repeats says whether a text is one character, or one entry, over and over.
func repeats(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n != 0 || s[n:] != s[:len(s)-n] {
			continue
		}
		if utf8.RuneCountInString(s[:n]) == 1 || listed()[s[:n]] {
			return true
		}
	}
	return false
}

// tracks are what a finger or a child's song goes along.
var tracks = []string{
	"1234567890",
	"abcdefghijklmnopqrstuvwxyz",
	"qwertyuiopasdfghjklzxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
}

// walks says whether a text goes along one track, forwards or backwards,
// starting anywhere and round again.
func walks(s string) bool {
	if utf8.RuneCountInString(s) < shortest {
		return false
	}
	for _, track := range tracks {
		long := strings.Repeat(track, len(s)/len(track)+2)
		if strings.Contains(long, s) || strings.Contains(long, reversed(s)) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// personal says whether a password holds a part of what is known of a person: a
// name of four letters or more, or what stands before the @ of their address.
func personal(password string, about []string) bool {
	p := folded(password)
	for _, a := range about {
		local, _, address := strings.Cut(folded(a), "@")
		parts := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if address {
			parts = append(parts, local)
		}
		for _, part := range parts {
			if letters(part) >= 4 && strings.Contains(p, part) {
				return true
			}
		}
	}
	return false
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// folded is a text in lower case and without accents, for Siân types sian.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}
