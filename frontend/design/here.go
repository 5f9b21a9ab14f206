// Package design is the design system: GOV.UK Frontend's components as templ
// components, and where a page stands: its language, address and reader. It
// knows nothing of the register.
package design

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"beforehand/frontend/words"
	"beforehand/models"
)

// Here is where a page stands. Every component reads it from its context.
type Here struct {
	Lang models.Language
	// Path is the address without its language: "/register".
	Path  string
	Query url.Values
	Org   models.Organisation
	Actor models.Actor
	Flash string
	// SessionLeft is how long the reader's session lasts if nothing more is asked.
	SessionLeft time.Duration
	// Menu are the pages that the reader may open beyond those for everybody.
	Menu []Crumb
	// Assets are the names of the built files, by the names they were built from.
	Assets  map[string]string
	Version string
}

type hereKey struct{}

// At puts a page somewhere.
func At(ctx context.Context, h Here) context.Context { return context.WithValue(ctx, hereKey{}, h) }

// Of is where a page stands.
func Of(ctx context.Context) Here {
	h, _ := ctx.Value(hereKey{}).(Here)
	if h.Lang == "" {
		h.Lang = models.English
	}
	return h
}

// Say gives the words of a code in the page's language, its blanks filled from
// key, value, key, value.
func Say(ctx context.Context, code string, pairs ...any) string {
	params := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i].(string)] = pairs[i+1]
	}
	return words.Say(string(Of(ctx).Lang), code, params)
}

// SayReason says a reason in the page's language.
func SayReason(ctx context.Context, r models.Reason) string {
	return words.Say(string(Of(ctx).Lang), r.Code, r.Params)
}

// Day is a date in words, or "".
func Day(ctx context.Context, d models.Date) string {
	return words.Date(string(Of(ctx).Lang), d.Time())
}

// ShortDay is a date for tables, or "".
func ShortDay(ctx context.Context, d models.Date) string {
	return words.ShortDate(string(Of(ctx).Lang), d.Time())
}

// Instant is an instant in words, in the organisation's zone, or "".
func Instant(ctx context.Context, t time.Time) string {
	h := Of(ctx)
	return words.DateTime(string(h.Lang), t, h.Org.Location())
}

// Link is the address of a page in the page's language. Who reads without an
// account the register of one organisation among several stays there.
func Link(ctx context.Context, path string) templ.SafeURL {
	return templ.SafeURL(Of(ctx).Address(Of(ctx).Lang, path))
}

// Address is the address of a page in a language.
func (h Here) Address(l models.Language, path string) string {
	address := "/" + string(l) + path
	org := h.Query.Get("organisation")
	if org == "" || h.Actor.UserID != "" {
		return address
	}
	address, fragment, _ := strings.Cut(address, "#")
	joint := "?"
	if strings.Contains(address, "?") {
		joint = "&"
	}
	address += joint + "organisation=" + url.QueryEscape(org)
	if fragment != "" {
		address += "#" + fragment
	}
	return address
}

// other is the address of this same page in another language.
func (h Here) other(l models.Language) templ.SafeURL {
	address := "/" + string(l) + h.Path
	if q := h.Query.Encode(); q != "" {
		address += "?" + q
	}
	return templ.SafeURL(address)
}

func (h Here) asset(name string) string {
	if h.Assets[name] == "" {
		return ""
	}
	return "/assets/" + h.Assets[name]
}

// unchecked says whether the page is in Welsh of which a person has not
// checked all.
func (h Here) unchecked() bool {
	return h.Lang == models.Welsh && words.Whole().Checked < words.Whole().All
}

// brand is the address of the style of the employer's colour, if it has one.
func (h Here) brand() string {
	colour, ok := strings.CutPrefix(h.Org.HeaderColour, "#")
	if !ok {
		return ""
	}
	return "/brand/" + colour + ".css"
}

// Line is a text and, when it is not the page's, its language.
type Line struct {
	Text string
	Lang string
}

// In gives a text in the page's language, or in the other one, marked as such.
func In(ctx context.Context, t models.Text) Line {
	switch l := Of(ctx).Lang; {
	case l == models.Welsh && t.Cy == "" && t.En != "":
		return Line{t.En, string(models.English)}
	case l == models.English && t.En == "" && t.Cy != "":
		return Line{t.Cy, string(models.Welsh)}
	default:
		return Line{Text: t.In(l)}
	}
}

// Written marks a text that somebody wrote in a language.
func Written(ctx context.Context, l models.Language, text string) Line {
	if l == Of(ctx).Lang {
		return Line{Text: text}
	}
	return Line{text, string(l)}
}

// paragraphs are the lines of a text that are not blank.
func (l Line) paragraphs() []string {
	parts := strings.FieldsFunc(l.Text, func(c rune) bool { return c == '\n' || c == '\r' })
	return slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
}
