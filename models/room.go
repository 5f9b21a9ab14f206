package models

import "time"

// RoomKind is what an entry of a union's room is.
type RoomKind string

// The kinds of entry. A draft becomes a formal response by being filed; a
// concern counts members, and names none.
const (
	RoomNote     RoomKind = "note"
	RoomDraft    RoomKind = "draft"
	RoomConcern  RoomKind = "concern"
	RoomDocument RoomKind = "document"
)

// RoomKinds is the closed list.
var RoomKinds = []RoomKind{RoomNote, RoomDraft, RoomConcern, RoomDocument}

// RoomEntry is something in a union's own room, which only its people read
// (domain section 6). Nothing of it is in the ledger until a draft is filed.
type RoomEntry struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	UnionID      string
	DeploymentID *string
	Kind         RoomKind
	Title        string
	Body         string
	Dimension    Dimension
	// CommentKind is what a draft will be when it is filed.
	CommentKind CommentKind
	Language    Language
	// FiledAs is the comment that a draft became, and FiledAt when.
	FiledAs   *string
	FiledAt   *time.Time
	Version   int
	ByUserID  string
	CreatedAt time.Time
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is room_entries.
func (RoomEntry) TableName() string { return "room_entries" }

// Tally says from how many members a rep has heard a concern.
type Tally struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	UnionID  string
	EntryID  string
	Members  int
	ByUserID string
	At       time.Time
}

// TableName is room_tallies.
func (Tally) TableName() string { return "room_tallies" }

// RoomFile is a document of a room. Its bytes are in the row, behind the same
// wall as the rest of the room.
type RoomFile struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	UnionID   string
	EntryID   string
	Name      string
	MediaType string
	Size      int64
	Bytes     []byte
	ByUserID  string
	At        time.Time
}

// TableName is room_files.
func (RoomFile) TableName() string { return "room_files" }

// LeastConcerned is the fewest members that a number is shown of: below it,
// people could be guessed at.
const LeastConcerned = 5

// Concerned is how many members raised a concern, and whether that many may be
// said; below [LeastConcerned] the number is 0.
func Concerned(tallies []Tally) (members int, shown bool) {
	for _, t := range tallies {
		members += t.Members
	}
	if members < LeastConcerned {
		return 0, false
	}
	return members, true
}
