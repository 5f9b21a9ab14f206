package register_test

import (
	"testing"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestEvidenceIsOpenedByWhoMayReadWhatCitesIt: what a union hands in is its own
// until it is filed; then who may read the answer, or the amount, may open it.
func TestEvidenceIsOpenedByWhoMayReadWhatCitesIt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, n := h.Noticed(t)
		opens := func(id string, want ...models.Actor) {
			t.Helper()
			may := map[string]bool{}
			for _, a := range want {
				may[a.UserID] = true
			}
			for _, a := range []models.Actor{h.CDO, h.HR, h.Approver, h.Auditor, h.Admin, h.Officer, h.Rep, h.OtherOfficer, h.Scrutiny, {OrgID: h.Org.ID}} {
				_, b, err := h.Attachment(ctx, a, id)
				if ok := err == nil && len(b) > 0; ok != may[a.UserID] {
					t.Errorf("%v opens it: %v (%v)", a.Grants, ok, err)
				}
				if kind := models.KindOf(err); err != nil && kind != models.NotFound && kind != models.Forbidden && kind != models.Unauthenticated {
					t.Errorf("%v: %v", a.Grants, err)
				}
			}
		}
		diary := need(h.Attach(ctx, h.Officer, "diary.txt", []byte("told on no day")))(t)
		opens(diary.ID, h.Officer)
		if _, _, err := h.Link(ctx, h.CDO, diary.ID, 1); models.KindOf(err) != models.NotFound {
			t.Errorf("the employer makes a link to it: %v", err)
		}
		if err := h.RecordDelivery(ctx, h.CDO, n.No, h.Unison.ID, models.Handed, h.Clock.Now(), "", diary.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("the employer calls it a proof: %v", err)
		}
		if _, err := h.EnterCost(ctx, h.CDO, d.Ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 1, Attachment: diary.ID}); models.KindOf(err) != models.Invalid {
			t.Errorf("the employer books it: %v", err)
		}
		opens(diary.ID, h.Officer)

		q := need(h.SendQuestionnaire(ctx, h.HR, register.NewQuestionnaire{Title: models.Text{En: "Year"}, ClosesOn: models.MustDate("2026-09-20"), Unions: []string{h.Unison.ID, h.GMB.ID}, Questions: []models.Text{{En: "In time?"}}}))(t)
		invoice := need(h.Attach(ctx, h.CDO, "invoice.txt", []byte("paid")))(t)
		answer := func(a models.Actor, file string) error {
			return second(h.AnswerQuestionnaire(ctx, a, q.No, "", []register.GivenAnswer{{Number: 1, Text: "No", Attachment: file}}))
		}
		for _, theirs := range []string{invoice.ID, diary.ID, "nowhere"} {
			if err := answer(h.OtherOfficer, theirs); models.KindOf(err) != models.Invalid {
				t.Errorf("somebody else's file is attached: %v", err)
			}
		}
		must(t, answer(h.Officer, diary.ID))
		opens(diary.ID, h.Officer, h.Rep)
		h.Clock.SetTo("2026-09-21 09:00")
		opens(diary.ID, h.CDO, h.HR, h.Approver, h.Auditor, h.Officer, h.Rep, h.OtherOfficer, h.Scrutiny)

		opens(invoice.ID, h.CDO, h.HR, h.Approver, h.Auditor)
		must(t, second(h.EnterCost(ctx, h.CDO, d.Ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 100, Attachment: invoice.ID})))
		opens(invoice.ID, h.CDO, h.HR, h.Approver, h.Auditor, h.Officer, h.Rep, h.OtherOfficer, h.Scrutiny)
	})
}
