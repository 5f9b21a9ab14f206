//go:build movableclock

package main

import (
	"os"
	"strings"
	"time"
)

// clock runs ahead of the machine's by as much as the file says whose name is
// in BEFOREHAND_CLOCK_FILE: "1344h". Only the program that the browser tests
// build for themselves has it: whoever could move the clock of a register could
// open its gates.
func clock() time.Time {
	b, err := os.ReadFile(os.Getenv("BEFOREHAND_CLOCK_FILE"))
	if err != nil {
		return time.Now()
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(b)))
	if err != nil {
		return time.Now()
	}
	return time.Now().Add(ahead)
}
