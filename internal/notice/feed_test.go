package notice

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"beforehand/models"
)

func someEvents() []CalendarEvent {
	updated := time.Date(2026, 9, 7, 9, 12, 0, 0, time.UTC)
	return []CalendarEvent{
		{
			UID: "N-2026-014.window", Summary: "Ymateb i hysbysiad N-2026-014; y cyfle olaf, a’r unig un, i ŵyr a gwragedd gael dweud eu dweud",
			Description: "First line, with a comma; a semicolon \\ and a backslash.\r\nSecond line: ŵŷ😀", URL: "https://tywi.example/cy/notices/N-2026-014",
			Day: models.MustDate("2026-09-07"), EndDay: models.MustDate("2026-10-05"), Updated: updated, Sequence: 2,
		},
		{UID: "meeting.1", Summary: "Meeting", Place: "County Hall, room 2", Start: updated.AddDate(0, 0, 7), End: updated.AddDate(0, 0, 7).Add(time.Hour), Updated: updated},
		{UID: "meeting.0@other.example", Summary: "Meeting", Start: updated.AddDate(0, 0, 7), Cancelled: true, Updated: updated, Sequence: 1},
		{UID: "due", Summary: "One day", Day: models.MustDate("2026-12-31"), Updated: updated},
	}
}

// checkLines checks what RFC 5545 asks of lines and gives them unfolded.
func checkLines(t *testing.T, b []byte) []string {
	t.Helper()
	if !utf8.Valid(b) || !bytes.HasSuffix(b, []byte("\r\n")) {
		t.Fatalf("no UTF-8, or no CRLF at the end: %q", b)
	}
	if rest := bytes.ReplaceAll(b, []byte("\r\n"), nil); bytes.ContainsAny(rest, "\r\n\x00\v\f") {
		t.Fatalf("a control character that is no line end: %q", b)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || !utf8.ValidString(line) {
			t.Fatalf("a line of %d bytes: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(b), "\r\n ", ""), "\r\n"), "\r\n")
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	b := Calendar("Tywi, dyddiadau", "cy", "tywi.example", someEvents())
	want := strings.Split(strings.Trim(`
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Beforehand//Calendar//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Tywi\, dyddiadau
X-WR-CALNAME:Tywi\, dyddiadau
REFRESH-INTERVAL;VALUE=DURATION:PT6H
X-PUBLISHED-TTL:PT6H
BEGIN:VEVENT
UID:N-2026-014.window@tywi.example
DTSTAMP:20260907T091200Z
LAST-MODIFIED:20260907T091200Z
DTSTART;VALUE=DATE:20260907
DTEND;VALUE=DATE:20261006
TRANSP:TRANSPARENT
SUMMARY;LANGUAGE=cy:Ymateb i hysbysiad N-2026-014\; y cyfle olaf\, a’r unig un\, i ŵyr a gwragedd gael dweud eu dweud
DESCRIPTION;LANGUAGE=cy:First line\, with a comma\; a semicolon \\ and a backslash.\nSecond line: ŵŷ😀
URL:https://tywi.example/cy/notices/N-2026-014
SEQUENCE:2
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
UID:meeting.0@other.example
DTSTAMP:20260907T091200Z
LAST-MODIFIED:20260907T091200Z
DTSTART:20260914T091200Z
TRANSP:OPAQUE
SUMMARY;LANGUAGE=cy:Meeting
SEQUENCE:1
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:meeting.1@tywi.example
DTSTAMP:20260907T091200Z
LAST-MODIFIED:20260907T091200Z
DTSTART:20260914T091200Z
DTEND:20260914T101200Z
TRANSP:OPAQUE
SUMMARY;LANGUAGE=cy:Meeting
LOCATION;LANGUAGE=cy:County Hall\, room 2
SEQUENCE:0
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
UID:due@tywi.example
DTSTAMP:20260907T091200Z
LAST-MODIFIED:20260907T091200Z
DTSTART;VALUE=DATE:20261231
DTEND;VALUE=DATE:20270101
TRANSP:TRANSPARENT
SUMMARY;LANGUAGE=cy:One day
SEQUENCE:0
STATUS:CONFIRMED
END:VEVENT
END:VCALENDAR`, "\n"), "\n")
	got := checkLines(t, b)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	parsed, err := ics.ParseCalendar(bytes.NewReader(b))
	if err != nil || len(parsed.Events()) != 4 {
		t.Fatalf("%v", err)
	}
	first := parsed.Events()[0]
	if s := first.GetProperty(ics.ComponentPropertySummary).Value; s != someEvents()[0].Summary {
		t.Errorf("the summary came back as %q", s)
	}
	if end, err := first.GetAllDayEndAt(); err != nil || end.Format(time.DateOnly) != "2026-10-06" {
		t.Errorf("%v, %v", end, err)
	}
}

func TestCalendarIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	events := someEvents()
	events = append(events, events[1], CalendarEvent{UID: events[1].UID, Summary: "Another", Start: events[1].Start})
	want := Calendar("n", "en", "d.example", events)
	for range 20 {
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		before := events[0]
		if got := Calendar("n", "en", "d.example", events); !bytes.Equal(got, want) || events[0] != before {
			t.Fatalf("another order gave\n%s\nnot\n%s", got, want)
		}
	}
}

func TestEmptyCalendar(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]CalendarEvent{
		"nothing": nil, "no day": {{UID: "a", Summary: "b"}}, "no such year": {{UID: "a", Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, {UID: "b", Day: -400}},
	} {
		b := Calendar("Tywi", "fr", "tywi.example", events)
		lines := checkLines(t, b)
		parsed, err := ics.ParseCalendar(bytes.NewReader(b))
		if err != nil || len(parsed.Events()) != 0 || len(parsed.Timezones()) != 1 || lines[0] != "BEGIN:VCALENDAR" || lines[len(lines)-1] != "END:VCALENDAR" {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
}

func FuzzCalendar(f *testing.F) {
	f.Add("Tywi", "uid", "Summary", "First\nsecond", "https://tywi.example/", "Room", int32(739866), int32(3), int64(0), true)
	f.Add("a\r\nATTENDEE:x", "u\nURL:x", "s\u2028\x00", "d\r\rEND:VEVENT\r\n\\n;,:\"", "https://a.example/\r\nX:y", "\xff\xfe", int32(0), int32(0), int64(1788772350), false)
	f.Add(strings.Repeat("ŵ", 100), strings.Repeat("😀", 40), strings.Repeat(" ", 200), strings.Repeat("<>", 100), "data:x", strings.Repeat("\u0085", 90), int32(-5), int32(1<<31-1), int64(1<<62), true)
	f.Fuzz(func(t *testing.T, name, uid, summary, description, url, place string, day, days int32, start int64, cancelled bool) {
		e := CalendarEvent{
			UID: uid, Summary: summary, Description: description, URL: url, Place: place, Day: models.Date(day), EndDay: models.Date(days),
			Cancelled: cancelled, Updated: time.Unix(start, 0), Sequence: int(days),
		}
		if start != 0 {
			e.Start, e.End = time.Unix(start, 0), time.Unix(start, 0).Add(time.Duration(days)*time.Second)
		}
		b := Calendar(name, "cy", uid, []CalendarEvent{e, {UID: "other", Summary: summary, Day: models.MustDate("2026-09-07")}})
		lines := checkLines(t, b)
		begun := 0
		for _, l := range lines {
			property, _, ok := strings.Cut(l, ":")
			property, _, _ = strings.Cut(property, ";")
			if !ok || !strings.Contains(" BEGIN END VERSION PRODID CALSCALE METHOD NAME X-WR-CALNAME REFRESH-INTERVAL X-PUBLISHED-TTL UID DTSTAMP LAST-MODIFIED DTSTART DTEND TRANSP SUMMARY DESCRIPTION LOCATION URL SEQUENCE STATUS ", " "+property+" ") {
				t.Fatalf("%q is none of our lines:\n%s", l, b)
			}
			if l == "BEGIN:VEVENT" {
				begun++
			}
		}
		parsed, err := ics.ParseCalendar(bytes.NewReader(b))
		if err != nil || len(parsed.Events()) != begun || begun < 1 || begun > 2 {
			t.Fatalf("%d events begun, %v\n%s", begun, err, b)
		}
	})
}
