package models

import "testing"

func TestOnlyRunsOfWordsMayBeTakenOut(t *testing.T) {
	t.Parallel()
	const original = "Ffion Hughes has too many cases and is off sick."
	for redacted, want := range map[string]bool{
		"[…] has too many cases and is off sick.":           true,
		"[…] has too many cases and is […].":                true,
		"[…]":                                               true,
		"Ffion Hughes has […]":                              true,
		original:                                            false,
		"We welcome this without reservation.":              false,
		"[…] has few cases and is off sick.":                false,
		"[…] is off sick and has too many cases[…]":         false,
		"[…] has too many cases and is off sick. We agree.": false,
		"": false,
	} {
		if got := IsRedaction(original, redacted); got != want {
			t.Errorf("%q: %v", redacted, got)
		}
	}
}
