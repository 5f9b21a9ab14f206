package store

import (
	"context"
	"sync/atomic"
	"time"

	"gorm.io/gorm/logger"
)

type countedKey struct{}

type count struct {
	n     atomic.Int64
	outer *count // counts too
}

// Counted gives a context that counts the statements sent to the database in
// it, and what asks how many there were so far. A request that sends more
// statements the more rows it finds is found by this before it is slow.
func Counted(ctx context.Context) (counted context.Context, statements func() int64) {
	c := &count{}
	c.outer, _ = ctx.Value(countedKey{}).(*count)
	return context.WithValue(ctx, countedKey{}, c), c.n.Load
}

// counter is told of each statement by gorm. It prints none: a statement may
// hold what somebody wrote.
type counter struct{ logger.Interface }

// Trace counts a statement where somebody asked for it.
func (c counter) Trace(ctx context.Context, _ time.Time, _ func() (string, int64), _ error) {
	n, _ := ctx.Value(countedKey{}).(*count)
	for ; n != nil; n = n.outer {
		n.n.Add(1)
	}
}
