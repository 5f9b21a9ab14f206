package register_test

import (
	"slices"
	"strings"
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
		logged := func() bool {
			rows, err := h.Ledger(ctx, h.Auditor, 0, 1000)
			must(t, err)
			return slices.ContainsFunc(rows, func(r store.LedgerRow) bool { return strings.Contains(r.Body, diary.SHA256) })
		}
		if logged() {
			t.Error("the log says what the union holds before it is filed")
		}
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
		if !logged() {
			t.Error("the log does not say what was filed")
		}
		token := h.Officer
		token.TokenID, token.Scopes = "a-token", []string{"partnership.read", "deployment.read"}
		if _, _, err := h.Attachment(ctx, token, diary.ID); err == nil {
			t.Error("a token opens a file that it was not issued for")
		}
		if token.Scopes = append(token.Scopes, "attachment.read"); second(h.OwnAttachment(ctx, token, diary.ID)) != nil {
			t.Error("a token does not know its owner's file")
		}
		opens(diary.ID, h.Officer, h.Rep)
		h.Clock.SetTo("2026-09-21 09:00")
		opens(diary.ID, h.CDO, h.HR, h.Approver, h.Auditor, h.Officer, h.Rep, h.OtherOfficer, h.Scrutiny)

		if _, _, err := h.Link(ctx, h.CDO, diary.ID, 1); models.CodeOf(err) != "file_of_a_union" {
			t.Errorf("the employer makes a link to it: %v", err)
		}
		if err := h.RecordDelivery(ctx, h.CDO, n.No, h.GMB.ID, models.Handed, h.Clock.Now(), "", diary.ID); models.CodeOf(err) != "file_of_a_union" {
			t.Errorf("the employer calls it a proof: %v", err)
		}

		opens(invoice.ID, h.CDO, h.HR, h.Approver, h.Auditor)
		if _, err := h.EnterCost(ctx, h.Manager, d.Ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 1, Attachment: invoice.ID}); models.KindOf(err) != models.Invalid {
			t.Errorf("somebody books another's file: %v", err)
		}
		booked := need(h.EnterCost(ctx, h.CDO, d.Ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 100, Attachment: invoice.ID}))(t)
		opens(invoice.ID, h.CDO, h.HR, h.Approver, h.Auditor, h.Officer, h.Rep, h.OtherOfficer, h.Scrutiny)
		must(t, h.ReverseCost(ctx, h.CDO, booked.ID, "Wrong file"))
		opens(invoice.ID, h.CDO, h.HR, h.Approver, h.Auditor)

		// Who has changed sides took nothing along.
		turned := h.CDO
		turned.UserID = h.Officer.UserID
		secret := need(h.Attach(ctx, h.Officer, "secret.txt", []byte("ours")))(t)
		if _, _, err := h.Attachment(ctx, turned, secret.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("an officer who went over opens it: %v", err)
		}
		for i := 1; i < 100; i++ {
			must(t, second(h.Attach(ctx, h.Officer, "a.txt", []byte{'a', byte('0' + i%10), byte('0' + i/10)})))
		}
		if _, err := h.Attach(ctx, h.Officer, "a.txt", []byte("one more")); models.CodeOf(err) != "too_many_files" {
			t.Errorf("a disk is filled: %v", err)
		}
	})
}
