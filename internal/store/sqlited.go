package store

import (
	"errors"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
)

// sqliteDialector is a small gorm dialector for SQLite over database/sql: no
// cgo stub, no second driver, no AutoMigrate, for the schema belongs to goose.
type sqliteDialector struct{ Conn gorm.ConnPool }

func (sqliteDialector) Name() string { return "sqlite" }

func (d sqliteDialector) Initialize(db *gorm.DB) error {
	db.ConnPool = d.Conn
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	db.ClauseBuilders["LIMIT"] = func(c clause.Clause, b clause.Builder) {
		if l, ok := c.Expression.(clause.Limit); ok {
			n := -1
			if l.Limit != nil && *l.Limit >= 0 {
				n = *l.Limit
			}
			if n >= 0 || l.Offset > 0 {
				b.WriteString("LIMIT " + strconv.Itoa(n))
			}
			if l.Offset > 0 {
				b.WriteString(" OFFSET " + strconv.Itoa(l.Offset))
			}
		}
	}
	db.ClauseBuilders["FOR"] = func(c clause.Clause, b clause.Builder) { // no row locks in SQLite
		if _, ok := c.Expression.(clause.Locking); !ok {
			c.Build(b)
		}
	}
	return nil
}

func (d sqliteDialector) Migrator(db *gorm.DB) gorm.Migrator {
	return migrator.Migrator{Config: migrator.Config{DB: db, Dialector: d, CreateIndexAfterCreateTable: true}}
}

func (sqliteDialector) DataTypeOf(f *schema.Field) string {
	switch f.DataType {
	case schema.Bool:
		return "boolean"
	case schema.Int, schema.Uint:
		return "integer"
	case schema.Float:
		return "real"
	case schema.String:
		return "text"
	case schema.Time:
		return "datetime"
	case schema.Bytes:
		return "blob"
	}
	return string(f.DataType)
}

func (sqliteDialector) DefaultValueOf(f *schema.Field) clause.Expression {
	if f.AutoIncrement {
		return clause.Expr{SQL: "NULL"}
	}
	return clause.Expr{SQL: "DEFAULT"}
}

func (sqliteDialector) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { w.WriteByte('?') }

func (sqliteDialector) QuoteTo(w clause.Writer, s string) {
	for i, part := range strings.Split(strings.ReplaceAll(s, `"`, ``), ".") {
		if i > 0 {
			w.WriteByte('.')
		}
		w.WriteByte('"')
		w.WriteString(strings.ReplaceAll(part, "`", ""))
		w.WriteByte('"')
	}
}

func (sqliteDialector) Explain(sql string, vars ...any) string {
	return logger.ExplainSQL(sql, nil, `'`, vars...)
}

func (sqliteDialector) SavePoint(tx *gorm.DB, name string) error {
	return tx.Exec("SAVEPOINT " + name).Error
}

func (sqliteDialector) RollbackTo(tx *gorm.DB, name string) error {
	return tx.Exec("ROLLBACK TO SAVEPOINT " + name).Error
}

// Translate maps extended result codes (modernc: Code() int) to gorm errors and ours.
func (sqliteDialector) Translate(err error) error {
	var e interface{ Code() int }
	if errors.As(err, &e) {
		switch e.Code() {
		case 1555, 2067:
			return gorm.ErrDuplicatedKey
		case 787:
			return gorm.ErrForeignKeyViolated
		case 275:
			return gorm.ErrCheckConstraintViolated
		}
	}
	return unavailable(err)
}
