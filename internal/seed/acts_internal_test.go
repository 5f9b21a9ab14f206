package seed

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"beforehand/internal/ledger"
)

// TestTheLogIsSortedOnDisk holds that acts come out in the order of time, and
// those of one instant as they came, however little fits into memory; that they
// come once; and that no file is left.
func TestTheLogIsSortedOnDisk(t *testing.T) {
	t.Parallel()
	c := newChance(1, 1)
	s := acts{most: 1000}
	for range 2 {
		var want []act
		for i := range 700 {
			a := act{at: int64(c.IntN(50)), verb: "v", subject: fmt.Sprint(i), deployment: "d", sealed: ledger.Prepared{Before: []byte("before"), After: []byte(fmt.Sprint(i))}}
			want = append(want, a)
			if err := s.add(a); err != nil {
				t.Fatal(err)
			}
		}
		if len(s.runs) < 50 {
			t.Fatalf("%d stretches were written: nothing is tried here", len(s.runs))
		}
		slices.SortStableFunc(want, func(a, b act) int { return int(a.at - b.at) })
		i := 0
		err := s.each(func(a act) error {
			if fmt.Sprint(a) != fmt.Sprint(want[i]) {
				t.Errorf("the act at place %d is %v and not %v", i, a, want[i])
			}
			i++
			return nil
		})
		if err != nil || i != len(want) {
			t.Fatalf("%d of %d acts came out: %v", i, len(want), err)
		}
	}
	name := s.file.Name()
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("the file is left: %v", err)
	}
}
