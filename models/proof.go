package models

import (
	"slices"
	"time"
)

// SigningKey is a key that an organisation signs its checkpoints with. Its
// public half is kept for good, for whoever holds an old receipt.
type SigningKey struct {
	OrgID string `gorm:"primaryKey"`
	ID    string `gorm:"primaryKey"`
	// Public is NAME+HASH+KEY, as C2SP signed-note writes it.
	Public string
	// Secret is sealed, and empty once the key has been replaced.
	Secret   string
	ByUserID *string
	MadeAt   time.Time
	// SignsUntil is the end of the overlap with the key that came after it.
	SignsUntil *time.Time
}

// Signs says whether the key still signs at an instant.
func (k SigningKey) Signs(at time.Time) bool {
	return k.Secret != "" && (k.SignsUntil == nil || at.Before(*k.SignsUntil))
}

// CheckpointCause is why a checkpoint was signed.
type CheckpointCause string

// The causes of a checkpoint.
const (
	CheckpointDaily       CheckpointCause = "daily"
	CheckpointNotice      CheckpointCause = "notice"
	CheckpointAcknowledge CheckpointCause = "acknowledgement"
	CheckpointReceipt     CheckpointCause = "receipt"
	CheckpointAsked       CheckpointCause = "asked"
)

// CheckpointCauses are all of them.
var CheckpointCauses = []CheckpointCause{CheckpointDaily, CheckpointNotice, CheckpointAcknowledge, CheckpointReceipt, CheckpointAsked}

// Checkpoint is what an organisation signed of its log at a size.
type Checkpoint struct {
	OrgID string `gorm:"primaryKey"`
	Size  int64  `gorm:"primaryKey"`
	// Root is the RFC 6962 hash of the tree, of 32 bytes.
	Root []byte
	// Note is the signed note, without cosignatures.
	Note  string
	Cause CheckpointCause
	At    time.Time
	// Cosignatures are those of witnesses, in the order they came.
	Cosignatures []Cosignature `gorm:"-"`
}

// TableName is checkpoints.
func (Checkpoint) TableName() string { return "checkpoints" }

// Signed is the note with all its cosignatures.
func (c Checkpoint) Signed() string {
	out := c.Note
	for _, s := range c.Cosignatures {
		out += s.Line
	}
	return out
}

// WitnessKind is who countersigns.
type WitnessKind string

// The kinds of witnesses.
const (
	WitnessUnion   WitnessKind = "union"
	WitnessAuditor WitnessKind = "auditor"
	WitnessCouncil WitnessKind = "council"
)

// WitnessKinds are all of them.
var WitnessKinds = []WitnessKind{WitnessUnion, WitnessAuditor, WitnessCouncil}

// Known says whether there is such a kind.
func (k WitnessKind) Known() bool { return slices.Contains(WitnessKinds, k) }

// Witness is somebody who may countersign checkpoints: a union, an auditor or
// another council. Whoever has the key need have no account.
type Witness struct {
	OrgID string `gorm:"primaryKey"`
	ID    string `gorm:"primaryKey"`
	// Public is the witness's key: NAME+HASH+KEY.
	Public string
	// Label is how people call it.
	Label    string
	Kind     WitnessKind
	UnionID  *string
	ByUserID string
	At       time.Time
	EndedAt  *time.Time
}

// TableName is witnesses.
func (Witness) TableName() string { return "witnesses" }

// Cosignature is a witness's line below a checkpoint.
type Cosignature struct {
	OrgID     string `gorm:"primaryKey"`
	Size      int64  `gorm:"primaryKey"`
	WitnessID string `gorm:"primaryKey"`
	Line      string
	// SignedAt is when the witness says it signed, and At when it came here.
	SignedAt time.Time
	At       time.Time
}

// CheckpointAddress is where a union is sent each day's checkpoint.
type CheckpointAddress struct {
	OrgID    string `gorm:"primaryKey"`
	UnionID  string `gorm:"primaryKey"`
	Address  string
	Language Language
	ByUserID string
	At       time.Time
}

// TableName is checkpoint_addresses.
func (CheckpointAddress) TableName() string { return "checkpoint_addresses" }

// Backup is a backup of the installation that was made, or failed.
type Backup struct {
	ID        string `gorm:"primaryKey"`
	At        time.Time
	Folder    string
	Name      string
	Bytes     int64
	SHA256    string `gorm:"column:sha256"`
	Entries   int64
	Encrypted bool
	// Failed is the code of why there is none; empty when it was made and tried.
	Failed string
	// RemovedAt is when its time was over.
	RemovedAt *time.Time
}
