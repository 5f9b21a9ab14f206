package models

import "testing"

func TestPlainNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"UNISON": true, "Undeb Addysg Cymru": true, "NASUWT – Yr Undeb": false, "Royal College of Nursing (Wales)": true, "Cymdeithas yr Iâl & Tŷ’r Gŵyl": true,
		"UNISON\u200b": false, "UN\u0406SON": false, "UNISON acknowledged it: GMB": false, "A\nB": false, "\u202eNOSINU": false,
	} {
		var f Faults
		CheckPlainName(&f, "name", name, 200)
		if (f.Err() == nil) != good {
			t.Errorf("%q: %v", name, f.Err())
		}
	}
	if FoldedName("U.N.I.S.O.N ") != FoldedName("Unison") || FoldedName("GMB") == FoldedName("GMB 2") {
		t.Error("names are folded otherwise than people read them")
	}
}
