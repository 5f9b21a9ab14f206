// Package report reads the files that an import brings and, later, writes what
// is taken out of the register. For an import it turns bytes into a [Table], a
// column map into a [Map], and the two into a [Conversion]: records, with every
// repair and every problem by row and column. It knows no database: who may
// import, what is stored, and what happens to a row with a problem is decided
// by the use case.
package report
