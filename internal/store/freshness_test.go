package store

import (
	"testing"
	"time"
)

// TestHowFarAStandbyIsBehind goes by when the primary was where the standby is.
func TestHowFarAStandbyIsBehind(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)
	type look struct {
		after             int // seconds since the beginning
		written, replayed int64
		behind            int // seconds
		ok                bool
	}
	for name, looks := range map[string][]look{
		"level":                              {{0, 10, 10, 0, true}, {1, 20, 20, 0, true}},
		"an idle primary is no lag":          {{0, 10, 10, 0, true}, {3600, 10, 10, 0, true}},
		"a little behind":                    {{0, 10, 10, 0, true}, {1, 20, 15, 1, true}, {2, 30, 20, 1, true}},
		"paused":                             {{0, 10, 10, 0, true}, {5, 20, 10, 5, true}, {11, 30, 10, 11, false}, {12, 30, 30, 0, true}},
		"behind from the first":              {{0, 10, 5, 0, false}, {1, 10, 9, 1, false}, {2, 10, 10, 0, true}},
		"gets to where the primary was once": {{0, 10, 5, 0, false}, {4, 20, 10, 4, true}},
	} {
		f := freshness{most: 10 * time.Second}
		for i, l := range looks {
			behind, ok := f.seen(start.Add(time.Duration(l.after)*time.Second), l.written, l.replayed)
			if behind != time.Duration(l.behind)*time.Second || ok != l.ok {
				t.Errorf("%s, look %d: behind by %s, %v; want %ds, %v", name, i+1, behind, ok, l.behind, l.ok)
			}
		}
	}
}
