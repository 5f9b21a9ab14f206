package ledger_test

import (
	"testing"
	"time"

	"beforehand/internal/ledger"
)

// TestPreparedIsSealed holds that an entry numbered afterwards is the one that
// would have been numbered at once, whatever its data and subject look like.
func TestPreparedIsSealed(t *testing.T) {
	t.Parallel()
	for _, e := range []ledger.Entry{
		{V: 1, Org: "o", At: time.Unix(1_700_000_000, 123_000).UTC(), Verb: "notice.serve", Subject: "s", Actor: "a", Data: map[string]any{"seq": 0, "subject": "x", "text": `,"seq":0,"subject":`}},
		{V: 1, Org: "o", At: time.Unix(1, 0), Verb: "v.w", Subject: `",\"seq\":0,\"subject\":`, Actor: "a"},
	} {
		p, err := ledger.Prepare(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, seq := range []int64{0, 7, 1 << 40} {
			e.Seq = seq
			want, wantLeaf, err := ledger.Seal(e)
			if err != nil {
				t.Fatal(err)
			}
			if body, leaf := p.Seal(seq); string(body) != string(want) || leaf != wantLeaf {
				t.Errorf("entry %d prepared is\n%s\nand sealed\n%s", seq, body, want)
			}
		}
	}
}
