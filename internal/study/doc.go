// Package study puts a plan to the rows that were uploaded for it and says what
// came out: the result that pages, API and command line all print. It is pure:
// the same plan, rows and seed give the same result, wherever it is worked out.
package study
