package store_test

import (
	"testing"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// What is registered one by one is written in many parts of the word index;
// afterwards it is one, and what is searched for is found in it.
func TestWordsAreMerged(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		for range 7 {
			h.Deploy(t)
		}
		if n, err := s.PartsOfWords(t.Context()); err != nil || n < 2 && s.Engine() == "sqlite" {
			t.Fatal(n, "parts before", err)
		}
		for range 2 { // and again, when there is nothing to do
			if err := s.MergeWords(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := s.PartsOfWords(t.Context()); err != nil || n > 1 {
				t.Error(n, "parts after", err)
			}
		}
		rows, _, err := s.Deployments(t.Context(), h.Org.ID, store.Filter{Text: "DEP", Sort: store.SortCreated, Desc: true, Sees: store.Sees{All: true, Whole: true}}, store.Cursor{}, 50)
		if err != nil || len(rows) != 7 {
			t.Error(len(rows), err)
		}
	})
}

// What is read in a few milliseconds is not compiled for fifty first.
func TestNothingIsCompiledFirst(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	if got, err := s.Setting(t.Context(), "jit"); err != nil || got != "off" {
		t.Errorf("jit is %q: %v", got, err)
	}
}
