package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"

	"beforehand/models"
)

// Codes of the sentences that say what is wrong with the database.
const (
	away = "database_away" // it does not answer
	full = "database_full" // it cannot write
	busy = "database_busy" // it takes no more work now
)

// comeBack is how many seconds later it is worth asking again: a server is soon
// back, and room on a disk is made by somebody.
var comeBack = map[string]int{away: 5, full: 60, busy: 5}

// unavailable turns an error of a database that is away, full or too busy into
// one that says so. Any other stays as it is.
func unavailable(err error) error {
	code := outage(err)
	if code == "" {
		return err
	}
	return models.Fail(models.Unavailable, code).With("seconds", comeBack[code]).Because(err)
}

func outage(err error) string {
	if err == nil || errors.Is(err, context.Canceled) {
		return "" // whoever asked has gone: that says nothing about the database
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		if code := ofState(state.SQLState()); code != "" {
			return code
		}
	}
	var result interface{ Code() int }
	if errors.As(err, &result) {
		return ofResult(result.Code())
	}
	if lost(err) {
		return away
	}
	return ""
}

// ofState reads a code of PostgreSQL's.
func ofState(state string) string {
	switch {
	case strings.HasPrefix(state, "08"), state == "57P01", state == "57P02", state == "57P03":
		return away // the connection, or the server stops, has crashed, is starting
	case state == "53100", state == "58030", state == "25006":
		return full // no room, cannot be written, a standby that takes no writes
	case strings.HasPrefix(state, "53"):
		return busy // out of connections or memory
	}
	return ""
}

// ofResult reads a result code of SQLite's, of which the last byte is the kind.
func ofResult(code int) string {
	switch code & 0xff {
	case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
		return busy
	case 8, 10, 13: // SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL
		return full
	case 14: // SQLITE_CANTOPEN
		return away
	}
	return ""
}

// lost says whether a server was not reached, or went away while it was asked.
func lost(err error) bool {
	if _, dialled := errors.AsType[*pgconn.ConnectError](err); dialled {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return false // a limit of ours, not of the server's
	}
	if _, broken := errors.AsType[*net.OpError](err); broken {
		return true
	}
	for _, gone := range []error{pgconn.ErrConnClosed, driver.ErrBadConn, net.ErrClosed, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// postgresDialector is gorm's, that knows when the server is away.
type postgresDialector struct{ *postgres.Dialector }

// Translate maps what the driver says to gorm's errors and ours.
func (d postgresDialector) Translate(err error) error {
	if gone := unavailable(err); models.KindOf(gone) == models.Unavailable {
		return gone
	}
	return d.Dialector.Translate(err)
}
