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

// Secrets that cannot be guessed, such as mailed codes and passkeys, are counted
// by address alone, and a proof by the session it is given in: what others guess
// at somebody's account shuts neither.

// tries are the marks that an attempt is counted under: keyed hashes of the
// account and of the address it came from, neither of which is kept.
type tries struct{ account, shared string }

func (r *Register) marks(what, account string, from models.Origin) tries {
	var t tries
	if account != "" {
		t.account = r.sealer.Mark(what + " account " + account)
	}
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
	only, err := r.onlyOrganisation(ctx)
	if err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
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
			wait := shutFor(failures, m.free, m.longest)
			if wait == 0 {
				continue
			}
			// One line each time it shuts, and none for each who finds it shut.
			e := models.SecurityEvent{OrgID: only, Kind: "session.limited", Address: from.Address, Agent: from.Agent, Detail: map[string]any{"seconds": int(wait / time.Second)}}
			if err := errorsOr(tx.ShutUntil(ctx, m.mark, now.Add(wait)), r.noteEvent(ctx, tx, e)); err != nil {
				return err
			}
		}
		return nil
	})
}
