//go:build !movableclock

package main

import "time"

// clock is the one that everything goes by: that of the machine. No flag and
// no setting moves it. Browser tests build a program of their own whose clock
// they move; see clock_movable.go.
var clock = time.Now
