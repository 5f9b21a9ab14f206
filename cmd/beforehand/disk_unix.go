//go:build unix

package main

import "syscall"

// room is how many bytes are free on the disk of a folder, and how many it has.
func room(dir string) (free, all uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	size := uint64(s.Bsize) //nolint:gosec // a block has a size
	return s.Bavail * size, s.Blocks * size, nil
}
