package storetest

import (
	"syscall"
	"time"
)

// Spent is the processor time that this process has used so far, by itself and
// by the system for it. What it has started, such as a PostgreSQL server, is
// not in it.
func Spent() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
