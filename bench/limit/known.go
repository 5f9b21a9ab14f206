package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// asker is who asks.
type asker struct {
	org, user string
	role      string
	unions    []string
}

const whoAsks = `SELECT t.org_id, t.user_id, t.expires_at, t.revoked_at, u.disabled_at, m.role, COALESCE(m.union_id, '')
	FROM tokens t JOIN users u ON u.id = t.user_id JOIN memberships m ON m.org_id = t.org_id AND m.user_id = t.user_id
	WHERE t.hash = ? AND m.ended_at IS NULL AND m.suspended_at IS NULL`

// known lets in who has a token.
func (l *limit) known(h func(http.ResponseWriter, *http.Request, asker) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		sum := sha256.Sum256([]byte(token))
		var a asker
		err := l.db.each(r.Context(), whoAsks, []any{hex.EncodeToString(sum[:])}, func(row row) error {
			var expires time.Time
			var revoked, disabled *time.Time
			var union string
			if err := row.Scan(&a.org, &a.user, &expires, &revoked, &disabled, &a.role, &union); err != nil {
				return err
			}
			if revoked != nil || disabled != nil || !expires.After(l.now()) {
				return errNone
			}
			if union != "" {
				a.unions = append(a.unions, union)
			}
			return nil
		})
		if err != nil || a.org == "" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		if err := h(w, r, a); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}
