package registertest

import (
	"bytes"

	"beforehand/internal/files"
	"beforehand/internal/register"
)

// OpenFiles keeps attachments in a folder.
func OpenFiles(dir string) (*register.Files, error) {
	keep, err := files.OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	links, err := files.NewLinks(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	return register.OpenFiles(keep, dir, links)
}
