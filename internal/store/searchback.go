package store

import "time"

// backward is how far a search for what many have has gone back in time.
type backward struct {
	limit int // lines of the page
	// last and oldest are between when what may follow on the page was registered: what
	// is later than last is on it already.
	last, oldest time.Time
	// Since few no more than the page holds follow its last line: have of those. Since
	// many, where it is known, there are more than CountCap, or likely to be, of which
	// those of the day of that line may not follow it.
	few, many time.Time
	have      int
	// length is that of the next step, and longest that of any.
	length, longest time.Duration
	look            look
	// count counts what a period has, as far as CountCap+1.
	count func(in period) (int, error)
	// read adds what a period has to the page, and down the same of the last day or two
	// of what is left of it, of which there is much: how many rows the page has then.
	read func(in period) (int, error)
	down func(from, before time.Time) (int, error)
}

const day = 24 * time.Hour

// find looks for a page of what many have, from its last line back, or from the last that
// was registered. It begins with as long a step as the page needs of what every tenth has.
// It is not ok where nothing can follow that line.
func (b backward) find(p listPage, of begun, last time.Time, recent int) (ok bool, err error) {
	const parts = 24
	if at, ok := p.key.(time.Time); ok && at.Before(last) {
		last = at
	}
	if last.Before(of.oldest) {
		return false, nil
	}
	b.limit, b.last, b.oldest, b.few = p.limit, last, dayOf(of.oldest), dayOf(last).Add(day)
	b.length = time.Duration(10 * float64(p.limit+1) / float64(recent) * float64(of.newest.Sub(of.near)))
	b.longest = of.newest.Sub(of.oldest) / parts
	if of.newest.Before(last) {
		last = of.newest
	}
	return true, b.page(b.before(last))
}

// page looks since a day and further back, in steps that become longer up to a part of
// all, and where one has too many, in half of it, to the day.
func (b *backward) page(since time.Time) error {
	for {
		if done, err := b.since(since); done || err != nil {
			return err
		}
		if !b.many.IsZero() && b.few.Sub(b.many) > day {
			since = dayOf(b.many.Add(b.few.Sub(b.many) / 2))
			continue
		}
		if done, err := b.rest(); done || err != nil {
			return err
		}
		since = b.before(b.few)
	}
}

// before is a step back.
func (b *backward) before(at time.Time) time.Time {
	at = dayOf(at.Add(-b.length))
	b.length = max(day, min(2*b.length, b.longest))
	if at.Before(b.oldest) {
		return b.oldest
	}
	return at
}

// since looks at what was registered from a day on, and only counts what is new in it
// as long as that does not fill the page. It is done when it has the page.
func (b *backward) since(at time.Time) (done bool, err error) {
	if !b.few.After(b.last) { // else there is nothing yet to add to
		found, err := b.count(period{at, b.few.Add(-1)})
		switch found += b.have; {
		case err != nil:
			return false, err
		case found > CountCap:
			b.many = at
			return false, nil
		case found <= b.limit:
			b.few, b.have = at, found
			return false, nil
		}
	}
	found, following, err := b.look(period{at, b.last})
	switch {
	case err != nil || following > b.limit:
		return true, err
	case found > CountCap:
		b.many = at
	default:
		b.few, b.have = at, following
	}
	return false, nil
}

// rest is for a day that has too many, and where nothing is older, for all there is. It
// is done when it has the page or its end.
func (b *backward) rest() (done bool, err error) {
	if b.many.IsZero() && b.few.After(b.oldest) {
		return false, nil
	}
	if !b.few.After(b.last) { // else there are none
		b.have, err = b.read(period{b.few, b.last})
	}
	if err == nil && b.have <= b.limit && !b.many.IsZero() {
		b.have, err = b.down(b.many, b.few)
		b.few, b.many = b.many, time.Time{}
	}
	b.last = b.few.Add(-1)
	return b.have > b.limit || !b.few.After(b.oldest), err
}
