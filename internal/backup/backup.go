// Package backup writes everything that an installation holds into one archive,
// and brings it back: the database at one moment and the attachments that it
// names. It is encrypted with age for those who may read it; nothing else of the
// program knows age. When a backup is made and where it goes is decided elsewhere.
package backup

import (
	"errors"
	"time"

	"beforehand/internal/files"
	"beforehand/internal/store"
)

var (
	// ErrFormat says that a file is no backup.
	ErrFormat = errors.New("the file is not a backup")
	// ErrTruncated says that a backup ends too early.
	ErrTruncated = errors.New("the backup is cut short")
	// ErrAltered says that a backup is not as it was written. When it is
	// encrypted it may also be cut short: that cannot be told apart.
	ErrAltered = errors.New("the backup was altered or damaged")
	// ErrLimit says that a backup would unpack to more than was allowed.
	ErrLimit = errors.New("the backup is larger than allowed")
	// ErrKey says that no key that was given opens the backup.
	ErrKey = errors.New("none of the keys opens the backup")
	// ErrEncrypted says that a backup is encrypted and no key was given.
	ErrEncrypted = errors.New("the backup is encrypted")
	// ErrPlain says that a key was given for a backup that is not encrypted:
	// it is not the one that was meant.
	ErrPlain = errors.New("the backup is not encrypted")
	// ErrLog says that a log in the restored database is not the one that was backed up.
	ErrLog = errors.New("the log is not the one that was backed up")
	// ErrEngine says that a backup is of the other database engine.
	ErrEngine = store.ErrEngine
	// ErrNotEmpty says that there is something already where a backup should go.
	ErrNotEmpty = store.ErrNotEmpty
	// ErrNewer says that a backup was made by a later release than this one.
	ErrNewer = store.ErrNewer
	// ErrDump says that the database in a backup is not as it says of itself.
	ErrDump = store.ErrDump
)

// version is that of the archive's form.
const version = 1

// The names in an archive.
const (
	databaseFolder = "database/"
	filesFolder    = "files/"
	secretName     = "secret"
	manifestName   = "manifest.json"
)

const (
	// largestSecret and largestManifest are in bytes: both are held in memory.
	largestSecret   = 4 << 10
	largestManifest = 64 << 20
	// mostEntries is more than a manifest of the largest size names.
	mostEntries = 1 << 20
	// mostBytes is what a backup may unpack to when nothing else is said.
	mostBytes = 64 << 30
)

// Source is what a backup is made of.
type Source struct {
	Store *store.Store
	Files files.Store
	// Secret is the installation's. It goes only into an archive that is encrypted.
	Secret []byte
	// Version is that of the release.
	Version string
}

// Manifest says what is in a backup. It is the last thing in the archive.
type Manifest struct {
	V       int       `json:"v"`
	Engine  string    `json:"engine"`
	Release string    `json:"release"`
	At      time.Time `json:"at"`
	// Heads are those of the logs at the moment that the database was copied.
	Heads           []Head     `json:"heads"`
	Dump            store.Dump `json:"dump"`
	Attachments     int        `json:"attachments"`
	AttachmentBytes int64      `json:"attachment_bytes"`
	Secret          bool       `json:"secret"`
	// Missing and Altered are hashes of attachments that the database names and
	// the store of files did not have, or not with these bytes: they are not in
	// the backup.
	Missing []string `json:"missing,omitempty"`
	Altered []string `json:"altered,omitempty"`
	// Entries are all that comes before the manifest, in order.
	Entries []Entry `json:"entries"`
}

// Head is how far a log had come.
type Head struct {
	Org   string `json:"org"` // the short name
	OrgID string `json:"org_id"`
	Size  int64  `json:"size"`
	Root  []byte `json:"root"`
}

// Entry is one file in the archive.
type Entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func headsOf(heads []store.Head) []Head {
	list := make([]Head, len(heads))
	for i, h := range heads {
		list[i] = Head{h.Slug, h.OrgID, h.Size, h.Root}
	}
	return list
}
