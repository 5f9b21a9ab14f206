package models

import "time"

// KeptForm is what somebody typed into a form and has not sent: their own, and
// nobody else's to read. Its answers are sealed with the server's key.
type KeptForm struct {
	OrgID  string `gorm:"primaryKey"`
	UserID string `gorm:"primaryKey"`
	// Path is the address that the form is sent to, without its language.
	Path   string `gorm:"primaryKey"`
	Sealed string
	At     time.Time
}
