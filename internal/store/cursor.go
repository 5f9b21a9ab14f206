package store

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"beforehand/models"
)

// Cursor is where a page ended: the sort key and the id of its last row. The
// zero Cursor is the first page, and as a next cursor the end.
type Cursor struct {
	Key string `json:"k"`
	ID  string `json:"i"`
}

// String is the cursor as it stands in an address; "" is none.
func (c Cursor) String() string {
	if c.ID == "" {
		return ""
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // two strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor reads a cursor from an address.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	var c Cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	// PostgreSQL refuses a NUL in a text, and no key of ours has one.
	if err != nil || c.ID == "" || strings.ContainsRune(c.Key+c.ID, 0) {
		return Cursor{}, badCursor()
	}
	return c, nil
}

func badCursor() error {
	return &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "cursor", Code: "unknown_value"}}}
}
