package main

import "testing"

// The eighth figure is what the host took; the guests' are counted already.
func TestTaken(t *testing.T) {
	for line, want := range map[string]taken{
		"cpu  100 0 50 800 10 0 20 20 7 7": {20, 1000},
		"cpu  1 2 3":                       {0, 6},
		"":                                 {},
	} {
		if got := takenOf(line); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}
