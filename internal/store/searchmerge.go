package store

import "context"

// mergedPages is how much of the word index is merged at a time, so that others
// can write in between: some 50 ms of work.
const mergedPages = 100

// MergeWords makes one of the parts that SQLite's word index is written in. A
// search looks into each of them, and merged by itself the index of a million
// deployments has fourteen: they cost a search in a list three to seven times as
// much. On PostgreSQL there is nothing to do.
func (s *Store) MergeWords(ctx context.Context) error {
	// Below nothing it begins to make one of them all; above, it goes on with that.
	for pages := -mergedPages; !s.postgres; pages = mergedPages {
		var merged int64
		err := s.Within(ctx, func(t *Tx) error {
			const changes = "SELECT total_changes()"
			before, err := t.number(ctx, changes, nil)
			if err != nil {
				return err
			}
			if err := t.exec(ctx, "INSERT INTO deployments_fts (deployments_fts, rank) VALUES ('merge', ?)", pages); err != nil {
				return err
			}
			after, err := t.number(ctx, changes, nil)
			merged = int64(after - before)
			return err
		})
		if err != nil || merged < 2 { // it changes one row in any case
			return err
		}
	}
	return nil
}
