package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

// A statement whose rows are still being read can be asked again on the same
// connection, and one that falls out of the cache meanwhile still gives its rows.
func TestAStatementCanBeAskedAgainWhileItsRowsAreRead(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := sqliteDB(sqliteDSN(filepath.Join(t.TempDir(), "x.db"), false), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "CREATE TABLE numbers (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := db.ExecContext(ctx, "INSERT INTO numbers VALUES (?)", i); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was changed
	const query = "SELECT n FROM numbers ORDER BY n"
	outer, err := tx.QueryContext(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	sum := 0
	for outer.Next() {
		var n int
		if err := outer.Scan(&n); err != nil {
			t.Fatal(err)
		}
		var inner int
		if err := tx.QueryRowContext(ctx, query).Scan(&inner); err != nil {
			t.Fatal(err)
		}
		for i := range statementsKept + 1 { // every other statement is newer
			if err := tx.QueryRowContext(ctx, fmt.Sprint("SELECT ? + ", i), 0).Scan(&inner); err != nil || inner != i {
				t.Fatal(inner, err)
			}
		}
		sum += n
	}
	if err := outer.Err(); err != nil || sum != 3 {
		t.Fatalf("the rows give %d, %v", sum, err)
	}
}

// A statement kept from before a change of the schema answers by the new one.
func TestAKeptStatementFollowsTheSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := sqliteDB(sqliteDSN(filepath.Join(t.TempDir(), "x.db"), false), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		"CREATE TABLE things (a TEXT)", "INSERT INTO things VALUES ('one')", "SELECT * FROM things",
		"ALTER TABLE things ADD COLUMN b TEXT DEFAULT 'two'",
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			t.Fatal(q, err)
		}
	}
	var a, b string
	if err := db.QueryRowContext(ctx, "SELECT * FROM things").Scan(&a, &b); err != nil || a+b != "onetwo" {
		t.Fatal(a, b, err)
	}
}
