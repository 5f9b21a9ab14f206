package register

import (
	"context"
	"net/netip"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// How many attempts are free before the next has to wait. An address may be
// that of a whole town hall.
const (
	freeForAccount    = 5
	freeForAddress    = 30
	longestForAccount = 15 * time.Minute
	longestForAddress = time.Minute
)

// tries are the marks that an attempt is counted under: keyed hashes of the
// account and of the address it came from, neither of which is kept.
type tries struct{ account, shared string }

func (r *Register) marks(what, account string, from models.Origin) tries {
	t := tries{account: r.sealer.Mark(what + " account " + account)}
	if from.Address != "" {
		t.shared = r.sealer.Mark(what + " address " + network(from.Address))
	}
	return t
}

// network is what one client is counted by: of IPv6 the first 64 bits, for
// whoever has one such address has all of them.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// shutFor is how long a mark stays shut after so many attempts: one second,
// then twice as long each time.
func shutFor(failures, free int, longest time.Duration) time.Duration {
	if failures < free {
		return 0
	}
	return min(time.Second<<min(failures-free, 20), longest)
}

// attempt counts an attempt before it is known whether it succeeds, so that
// many at once do not all come in free. A mark that is shut refuses, and the
// refused attempt counts for nothing.
func (r *Register) attempt(ctx context.Context, from models.Origin, t tries) error {
	now := r.Now()
	err := r.store.Within(ctx, func(tx *store.Tx) error {
		for _, m := range []struct {
			mark    string
			free    int
			longest time.Duration
		}{{t.shared, freeForAddress, longestForAddress}, {t.account, freeForAccount, longestForAccount}} {
			if m.mark == "" {
				continue
			}
			failures, until, err := tx.Attempt(ctx, m.mark, now)
			if err != nil {
				return err
			}
			if wait := until.Sub(now); wait > 0 {
				return models.Fail(models.Limited, "limited").With("seconds", int(wait/time.Second)+1)
			}
			if wait := shutFor(failures, m.free, m.longest); wait > 0 {
				if err := tx.ShutUntil(ctx, m.mark, now.Add(wait)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if models.KindOf(err) != models.Limited {
		return err
	}
	only, failed := r.onlyOrganisation(ctx)
	if failed != nil {
		return failed
	}
	e := models.SecurityEvent{OrgID: only, Kind: "session.limited", Address: from.Address, Agent: from.Agent}
	if failed := r.store.Within(ctx, func(tx *store.Tx) error { return r.noteEvent(ctx, tx, e) }); failed != nil {
		return failed
	}
	return err
}
