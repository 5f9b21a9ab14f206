//go:build !unix

package main

import "errors"

// room is how many bytes are free on the disk of a folder; here nobody knows.
func room(string) (free, all uint64, err error) {
	return 0, 0, errors.New("how full the disk is cannot be read on this system")
}
