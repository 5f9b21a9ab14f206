//go:build !movableclock

package main

const movableClock = false
