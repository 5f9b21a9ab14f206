package register

import (
	"io"
	"os"
	"testing"

	"beforehand/models"
)

// Rows on their way into the database that find no room are no mistake of ours.
func TestAFullDiskIsSaidOfRows(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this system has no device that is always full: ", err)
	}
	s := &spooled{full}
	defer s.remove()
	if _, err := io.WriteString(s, "row"); models.KindOf(err) != models.Unavailable || models.CodeOf(err) != "files_away" {
		t.Error(err)
	}
}
