package models

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(1, 3_000_000).Draw(t, "day"))
		back, err := ParseDate(d.String())
		if err != nil || back != d {
			t.Fatalf("%v came back as %v, %v", d, back, err)
		}
		if d.Weekday() != d.Time().Weekday() {
			t.Fatalf("%v is a %v, not a %v", d, d.Time().Weekday(), d.Weekday())
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var j Date
		if err := json.Unmarshal(b, &j); err != nil || j != d {
			t.Fatalf("%s came back as %v, %v", b, j, err)
		}
	})
}

func TestDatesThatDoNotExistAreRefused(t *testing.T) {
	for _, s := range []string{"2026-02-29", "2026-13-01", "2026-9-7", "7/9/2026", "0000-01-01", "2026-09-07T00:00:00Z", " 2026-09-07"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q was read as %v", s, d)
		}
	}
}

func TestDateMonthsAndScan(t *testing.T) {
	if got := MustDate("2028-01-31").AddMonths(1); got != MustDate("2028-02-29") {
		t.Errorf("a month after 31 January 2028 is %v", got)
	}
	var d Date
	for _, src := range []any{"2026-09-07", []byte("2026-09-07"), time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC), "2026-09-07T00:00:00Z"} {
		if err := d.Scan(src); err != nil || d != MustDate("2026-09-07") {
			t.Errorf("%v scanned as %v, %v", src, d, err)
		}
	}
	if d.Scan(nil) != nil || d != 0 || d.Scan(3) == nil {
		t.Error("NULL is no date and a number is an error")
	}
}
