package store

import (
	"context"
	"sync/atomic"
	"time"

	"gorm.io/gorm/logger"
)

type countedKey struct{}

// Counted gives a context that counts the statements sent to the database in
// it, and what asks how many there were so far. A request that sends more
// statements the more rows it finds is found by this before it is slow.
func Counted(ctx context.Context) (counted context.Context, statements func() int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countedKey{}, n), n.Load
}

// counter is told of each statement by gorm. It prints none: a statement may
// hold what somebody wrote.
type counter struct{ logger.Interface }

// Trace counts a statement where somebody asked for it.
func (c counter) Trace(ctx context.Context, _ time.Time, _ func() (string, int64), _ error) {
	if n, ok := ctx.Value(countedKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}
