package models

import "testing"

func TestIsTBC(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", " ", "\t\n", "\u00a0", "-", "–", "...", "?", "TBC", "tbc.", "T.B.C.", "(TBC)", "[tbc]", "t/b/c", "TBD", "To be confirmed", "to be agreed…",
		"N/A", "n.a.", "todo", "xxx", "pending", "I'w gadarnhau", "i’w gadarnhau.", "I'w benderfynu", "to follow",
	} {
		if !IsTBC(s) {
			t.Errorf("%q says something", s)
		}
	}
	for _, s := range []string{"none", "No change.", "0", "Dim", "The date is to be confirmed by the board on 3 May", "tbc1", "yes"} {
		if IsTBC(s) {
			t.Errorf("%q says nothing", s)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	union, correction := "u1", "c2"
	withdrawn := when(t, "2026-09-20")
	for _, c := range []struct {
		name   string
		change func(*CommentState)
		until  string
		want   bool
	}{
		{"a union's, unanswered", func(*CommentState) {}, "2026-09-30", true},
		{"not made yet", func(*CommentState) {}, "2026-09-09", false},
		{"a councillor's", func(s *CommentState) { s.UnionID = nil }, "2026-09-30", false},
		{"corrected: the correction is owed the answer", func(s *CommentState) { at := when(t, "2026-09-20"); s.CorrectedBy, s.CorrectedAt = &correction, &at }, "2026-09-30", false},
		{"not yet corrected", func(s *CommentState) { at := when(t, "2026-10-20"); s.CorrectedBy, s.CorrectedAt = &correction, &at }, "2026-09-30", true},
		{"withdrawn", func(s *CommentState) { s.WithdrawnAt = &withdrawn }, "2026-09-30", false},
		{"before it was withdrawn", func(s *CommentState) { s.WithdrawnAt = &withdrawn }, "2026-09-19", true},
		{"answered", func(s *CommentState) { s.Disposition = &Disposition{At: when(t, "2026-09-20")} }, "2026-09-20", false},
		{"before it was answered", func(s *CommentState) { s.Disposition = &Disposition{At: when(t, "2026-09-20")} }, "2026-09-19", true},
	} {
		s := CommentState{Comment: Comment{UnionID: &union, At: when(t, "2026-09-10")}}
		c.change(&s)
		if got := s.Open(when(t, c.until)); got != c.want {
			t.Errorf("%s: open is %v", c.name, got)
		}
	}
}

func TestCirclesWiden(t *testing.T) {
	t.Parallel()
	order := []Circle{CircleParties, CircleScrutiny, CirclePublic}
	for i, a := range order {
		for j, b := range order {
			if a.WiderThan(b) != (i > j) {
				t.Errorf("%s wider than %s: %v", a, b, i <= j)
			}
		}
	}
	for _, k := range CommentKinds {
		if k.Formal() != (k == "formal_response" || k == "failure_to_agree") {
			t.Errorf("%s formal: %v", k, k.Formal())
		}
	}
}

func TestEvidenceSuffices(t *testing.T) {
	t.Parallel()
	order := []Evidenced{EvidenceNone, EvidenceAccepted, EvidenceDelivered, EvidenceHand, EvidenceAcknowledged}
	for i, have := range order {
		for j, need := range order[1:] {
			if have.Suffices(need) != (i >= j+1) {
				t.Errorf("%s where %s is asked: %v", have, need, i < j+1)
			}
		}
	}
	for event, want := range map[DeliveryEvent]Evidenced{
		Accepted: EvidenceAccepted, Deferred: EvidenceNone, Bounced: EvidenceNone, Abandoned: EvidenceNone,
		Delivered: EvidenceDelivered, Handed: EvidenceHand, Posted: EvidenceHand, Acknowledged: EvidenceAcknowledged, "opened": EvidenceNone,
	} {
		if event.Evidence() != want {
			t.Errorf("%s is evidence %s", event, event.Evidence())
		}
	}
}
