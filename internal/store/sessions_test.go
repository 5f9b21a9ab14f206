package store_test

import (
	"bytes"
	"testing"
	"time"

	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestASessionIsKeptAsItWasRead or not at all: of two requests that read the
// same, the second to write is told, and what was ended stays ended.
func TestASessionIsKeptAsItWasRead(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, ctx, now := storetest.Open(t, engine), t.Context(), time.Now().UTC()
			row := models.Session{TokenHash: "one", ID: "id", BeganAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour), Data: []byte{0, 0xff, 'a'}}
			must(t, s.BeginSession(ctx, row))
			held := func(hash string, want []byte) {
				t.Helper()
				if b, found, err := s.SessionData(ctx, hash, now); err != nil || found != (want != nil) || !bytes.Equal(b, want) {
					t.Errorf("%s holds %q, %v, %v", hash, b, found, err)
				}
			}
			keep := func(old, was, hash, data string, want bool) {
				t.Helper()
				row.TokenHash, row.Data = hash, []byte(data)
				if kept := need(s.KeepSession(ctx, old, []byte(was), row))(t); kept != want {
					t.Errorf("%s over %q under %s: %v", data, was, old, kept)
				}
			}
			keep("one", "\x00\xffa", "one", "b", true)
			keep("one", "\x00\xffa", "one", "c", false)
			held("one", []byte("b"))
			keep("one", "b", "two", "b", true)
			keep("one", "b", "one", "b", false)
			held("one", nil)
			held("two", []byte("b"))
			must(t, s.DropSession(ctx, "two"))
			keep("two", "b", "two", "d", false)
			held("two", nil)
		})
	}
}
