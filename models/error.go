package models

import (
	"context"
	"errors"
	"fmt"
	"sort"
)

// Kind says what went wrong in the one way that every floor understands.
// Anything that is not an [Error] is internal.
type Kind string

// The kinds of error.
const (
	Invalid         Kind = "invalid"
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"
	Stale           Kind = "stale"
	Precondition    Kind = "precondition"
	Gone            Kind = "gone"
	TooLarge        Kind = "too_large"
	Limited         Kind = "limited"
	Unavailable     Kind = "unavailable" // the database is away, full or busy: the same may be asked again
)

// Params fill the blanks of a sentence in the catalogues.
type Params map[string]any

// Error is the only error that crosses a floor with meaning. Code is a key
// under "error." in the catalogues and, with Params, the safe sentence a person
// reads; the cause stays private.
type Error struct {
	Kind   Kind
	Code   string
	Params Params
	Fields []Field
	cause  error
}

// Field is one thing wrong with one place of the input. Path is dotted
// (groups[0].jobRole); Code is a key under "field." in the catalogues.
type Field struct {
	Path   string
	Code   string
	Params Params
}

// Fail makes an error of a kind.
func Fail(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// With adds the words that fill the sentence: key, value, key, value.
func (e *Error) With(pairs ...any) *Error {
	if e.Params == nil {
		e.Params = Params{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Params[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return e
}

// Because keeps a private cause.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// Error is for logs; people read the catalogue's sentence.
func (e *Error) Error() string {
	s := string(e.Kind) + ": " + e.Code
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s %s]", f.Path, f.Code)
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.cause }

// FilesAway says that files can be neither kept nor read now: the disk is full, or
// the place where they are kept does not answer. That whoever asked has gone says
// nothing about the place.
func FilesAway(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return Fail(Unavailable, "files_away").With("seconds", 60).Because(err)
}

// KindOf tells the kind of any error; "" is internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Refused says whether somebody was told no. An internal error and one of what
// is unavailable are no answer: the same request may be answered another time.
func Refused(err error) bool {
	kind := KindOf(err)
	return kind != "" && kind != Unavailable
}

// CodeOf tells the code of any error; "" is internal.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Missing is the not-found error of a noun.
func Missing(noun string) *Error { return Fail(NotFound, "not_found").With("noun", noun) }

// Faults collects what is wrong with an input, one entry a field.
type Faults []Field

// Add notes a fault.
func (f *Faults) Add(path, code string, pairs ...any) {
	e := (&Error{}).With(pairs...)
	*f = append(*f, Field{Path: path, Code: code, Params: e.Params})
}

// Err is an invalid error that names every fault, or nil.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	sort.SliceStable(f, func(i, j int) bool { return f[i].Path < f[j].Path })
	return &Error{Kind: Invalid, Code: "invalid", Fields: f}
}
