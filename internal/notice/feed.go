package notice

import (
	"cmp"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"beforehand/models"
)

// CalendarEvent is an entry of a calendar that people subscribe to.
type CalendarEvent struct {
	// UID is the same for as long as the event lives, and its own in the
	// calendar. The domain is added to one without an @.
	UID string
	// Summary is the title. Description may have several lines.
	Summary, Description string
	// URL is where to read more; what is no web address is left out.
	URL   string
	Place string
	// Day and EndDay are the first and the last day, both included, of an event
	// that takes whole days. No EndDay is one day.
	Day, EndDay models.Date
	// Start makes it an event of its hours instead. No End, or one that is not
	// later, leaves open when it ends.
	Start, End time.Time
	// Cancelled events stay in the calendar, so that readers take them out of
	// theirs.
	Cancelled bool
	// Updated is when any of it last changed, and Sequence how often it did.
	Updated  time.Time
	Sequence int
}

// refreshed is how often readers are asked to look again: every six hours.
const refreshed = "PT6H"

// Calendar writes a calendar for subscribers (RFC 5545, and RFC 7986 for its
// name and how often to look): METHOD:PUBLISH, lines of at most 75 bytes that
// end in CRLF, the events by time and then UID. The same events are the same
// bytes, in whatever order they come. lang is "en" or "cy"; domain is the
// register's and keeps its UIDs apart from others. An event without a day in the
// years 1 to 9999 is left out.
func Calendar(name, lang, domain string, events []CalendarEvent) []byte {
	in := &ics.KeyValues{Key: string(ics.ParameterLanguage), Value: []string{string(models.English)}}
	if lang == string(models.Welsh) {
		in.Value[0] = lang
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//Beforehand//Calendar//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(title(name))
	cal.SetRefreshInterval(refreshed)
	cal.SetXPublishedTTL(refreshed) // what Outlook reads
	events = slices.DeleteFunc(slices.Clone(events), func(e CalendarEvent) bool {
		return e.begins().Year() < 1 || e.begins().Year() > 9999 || e.Start.IsZero() && e.Day == 0
	})
	slices.SortFunc(events, byTime)
	for _, e := range events {
		e.add(cal, in, title(domain))
	}
	if len(events) == 0 {
		// A calendar has at least one component, and this one means nothing.
		standard := cal.AddTimezone("UTC").AddStandard()
		standard.AddProperty(ics.ComponentPropertyDtStart, "19700101T000000")
		standard.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), "+0000")
		standard.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), "+0000")
	}
	return []byte(cal.Serialize(ics.WithNewLine("\r\n"), ics.WithLineLength(75)))
}

// byTime compares everything in the end, so that no two orders of the same
// events give different bytes.
func byTime(a, b CalendarEvent) int {
	cancelled := func(e CalendarEvent) int {
		if e.Cancelled {
			return 1
		}
		return 0
	}
	return cmp.Or(
		a.begins().Compare(b.begins()), strings.Compare(a.UID, b.UID), cmp.Compare(a.Sequence, b.Sequence), a.Updated.Compare(b.Updated),
		a.End.Compare(b.End), cmp.Compare(a.Day, b.Day), cmp.Compare(a.EndDay, b.EndDay), a.Start.Compare(b.Start), cmp.Compare(cancelled(a), cancelled(b)),
		strings.Compare(a.Summary, b.Summary), strings.Compare(a.Description, b.Description), strings.Compare(a.URL, b.URL), strings.Compare(a.Place, b.Place),
	)
}

func (e CalendarEvent) begins() time.Time {
	if e.Start.IsZero() {
		return e.Day.Time()
	}
	return e.Start.UTC()
}

func (e CalendarEvent) add(cal *ics.Calendar, in ics.PropertyParameter, domain string) {
	uid := title(e.UID)
	if !strings.Contains(uid, "@") {
		uid += "@" + domain
	}
	event := cal.AddEvent(uid)
	// DTSTAMP of a published event is when it last changed: not the time of
	// writing, which would make new bytes each time somebody looks.
	stamp := e.Updated.UTC()
	if stamp.Year() < 1900 || stamp.Year() > 9999 {
		stamp = time.Unix(0, 0).UTC()
	}
	event.SetDtStampTime(stamp)
	event.SetModifiedAt(stamp)
	e.when(event)
	event.SetSummary(title(e.Summary), in)
	if text := tidy(strings.ToValidUTF8(e.Description, "\uFFFD")); text != "" {
		event.SetDescription(text, in)
	}
	if place := title(e.Place); place != "" {
		event.SetLocation(place, in)
	}
	if webAddress(e.URL) == nil && !strings.ContainsAny(e.URL, " \"<>\\") {
		event.SetURL(e.URL)
	}
	event.SetSequence(max(e.Sequence, 0))
	status := ics.ObjectStatusConfirmed
	if e.Cancelled {
		status = ics.ObjectStatusCancelled
	}
	event.SetStatus(status)
}

func (e CalendarEvent) when(event *ics.VEvent) {
	if e.Start.IsZero() {
		event.SetAllDayStartAt(e.Day.Time())
		// An all-day event ends on the day after its last day.
		if end := max(e.Day, e.EndDay).AddDays(1); end.Year() <= 9999 {
			event.SetAllDayEndAt(end.Time())
		}
		// A day to respond by does not make anybody busy.
		event.SetTimeTransparency(ics.TransparencyTransparent)
		return
	}
	event.SetStartAt(e.Start)
	if e.End.After(e.Start) && e.End.UTC().Year() <= 9999 {
		event.SetEndAt(e.End)
	}
	event.SetTimeTransparency(ics.TransparencyOpaque)
}

// title makes a text one line: the control characters go, and what was several
// lines is joined with spaces.
func title(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	return strings.NewReplacer("\u2028", " ", "\u2029", " ").Replace(tidy(s))
}
