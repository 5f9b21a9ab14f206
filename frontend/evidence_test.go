package frontend

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/models"
)

// evidenced is a site with a deployment that unions were told of, at a time
// when the plan's windows are over.
func evidenced(t *testing.T) (*site, string) {
	t.Helper()
	s := newSite(t)
	d, _ := s.Noticed(t)
	return s, d.Ref
}

func TestClaimsAreListed(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	for _, b := range []*browser{s.browser(), s.as(t, "manager"), s.as(t, "unison")} {
		b.get(t, "/en/claims").wants(t, 200, "No claim has been made that you may read yet.")
		b.get(t, "/cy/claims").wants(t, 200, "Nid oes honiad wedi’i wneud eto y cewch ei ddarllen.")
		b.get(t, "/en/deployments/"+dep).wants(t, 200, "Evidence", "No claim has been made about this deployment that you may read.")
	}
	v := s.Shared(t, dep, 9, 27)
	draft := need(s.MakeClaim(t.Context(), s.Manager, dep, models.Plan{Sentence: models.Text{En: "A letter takes less."}}))(t)
	figure := "grade E3"
	for who, b := range map[string]*browser{"public": s.browser(), "manager": s.as(t, "manager"), "unison": s.as(t, "unison"), "councillor": s.as(t, "councillor")} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			list := b.get(t, "/en/claims").wants(t, 200, "A case note takes ten minutes less.", v.Ref, figure, "minutes a case note", dep)
			page := b.get(t, "/en/deployments/"+dep).wants(t, 200, "Evidence", "A case note takes ten minutes less.", figure)
			for _, a := range []answer{list, page} {
				if listed := strings.Contains(a.text, "A letter takes less."); listed != (who == "manager") {
					t.Errorf("the draft is listed: %v", listed)
				}
			}
			if offered := strings.Contains(page.text, "Make a claim"); offered != (who == "manager") {
				t.Errorf("a claim can be made: %v", offered)
			}
			b.get(t, "/cy/claims").wants(t, 200, "Cymraeg: A case note takes ten minutes less.", "gradd E3", "munud fesul nodyn achos")
			status := 404
			if who == "manager" {
				status = 200
			}
			b.get(t, "/en/claims/"+draft.Ref).wants(t, status)
			b.get(t, "/cy/claims/"+draft.Ref).wants(t, status)
		})
	}
}

func TestAClaim(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Shared(t, dep, 9, 27)
	for who, b := range map[string]*browser{"public": s.browser(), "manager": s.as(t, "manager"), "unison": s.as(t, "unison"), "gmb": s.as(t, "gmb"), "auditor": s.as(t, "auditor")} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			a := b.get(t, "/en/claims/"+v.Ref).wants(t, 200, "A case note takes ten minutes less.", "What was found", "grade E3", "People with the deployment: 12. People for comparison: 12.",
				"Guardrails", "Breached", "At least one of", "Other ways of looking at the same rows", "What this cannot say", "Plan 1, locked on", "Difference in differences", "Four teams of adult services",
				"This is time, and not money that can be spent.", "No union has challenged this claim.", "After 3 months", "Not asked yet", "SHA-256 of the file", "Result 1 (JSON)", "as a table")
			if !strings.Contains(a.body, "<svg ") || !strings.Contains(a.body, "<details") {
				t.Error("there is no figure, or no table of it")
			}
			for act, may := range map[string]bool{
				"Challenge this claim": who == "unison" || who == "gmb", "Withdraw the claim": who == "manager", "Upload rows": who == "manager", "Analyse the rows": who == "manager", "Change the plan": who == "manager",
			} {
				if offered := strings.Contains(a.text, act); offered != may {
					t.Errorf("%q is offered: %v", act, offered)
				}
			}
			b.get(t, "/cy/claims/"+v.Ref).wants(t, 200, "Cymraeg: A case note takes ten minutes less.", "Yr hyn a gafwyd", "gradd E3", "Mesurau diogelu", "Wedi’i dorri", "Gwahaniaeth yn y gwahaniaethau", "Amser yw hyn")
		})
	}
}

func TestClaimsOfOthers(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Shared(t, dep, 9, 20)
	s.browser().get(t, "/en/claims/CL-2026-999").wants(t, 404, "Page not found")
	s.browser().get(t, "/en/claims/%FF%00").wants(t, 404)
	s.Found(t, "elsewhere")
	other := s.browser()
	other.post(t, "/en/sign-in", url.Values{"email": {"cdo@elsewhere.example"}, "password": {registertest.Password}}).wants(t, 303)
	other.get(t, "/en/claims/"+v.Ref).wants(t, 404)
	other.get(t, "/en/claims").wants(t, 200, "No claim has been made").without(t, v.Ref)
	other.get(t, "/en/missing").wants(t, 200, "Nothing is missing")

	// Who has not signed in names one of the two organisations, and stays in it.
	for _, path := range []string{"/en/claims", "/cy/missing", "/en/claims/" + v.Ref} {
		s.browser().get(t, path).wants(t, 404)
	}
	public := s.browser().get(t, "/en/claims?organisation=tywi").wants(t, 200, v.Ref)
	claim := s.browser().get(t, linkWith(t, public.body, "/claims/"+v.Ref+"?organisation=tywi")).wants(t, 200, "grade E3")
	if !strings.Contains(claim.body, `/results/1?organisation=tywi"`) {
		t.Error("the result’s file is looked for in no organisation")
	}
}

func TestWhatIsNotSharedIsNotShown(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Analysed(t, dep, 9, 20)
	s.as(t, "manager").get(t, "/en/claims/"+v.Ref).wants(t, 200, "The last result has not been shared with the unions yet.", "grade E3", "Share the results with the unions")
	s.as(t, "unison").get(t, "/en/claims/"+v.Ref).wants(t, 200, "There is a result, and it has not been shared yet.", "Claimed: 10 minutes a case note", "grade E0 until it is shown", "How it is put to the test").
		without(t, "grade E3", "notes.csv", "Result 1 (JSON)")
	s.browser().get(t, "/en/claims/"+v.Ref).wants(t, 404)
	s.browser().get(t, "/en/deployments/"+dep).wants(t, 200, "No claim has been made about this deployment")
}

func TestMissingEvidence(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	s.browser().get(t, "/en/missing").wants(t, 200, "Nothing is missing or overdue in the evidence that you may read.")
	v := s.Shared(t, dep, 9, 20)
	s.Clock.Set(s.Clock.Now().Add(100 * 24 * time.Hour))
	s.browser().get(t, "/en/missing").wants(t, 200, "It has not been said where the gain of "+v.Ref+" went after 3 months", dep, "December 2026")
	s.browser().get(t, "/cy/missing").wants(t, 200, "Tystiolaeth ar goll neu’n hwyr", "Rhagfyr 2026")
	s.browser().get(t, "/en/claims/"+v.Ref).wants(t, 200, "Overdue")
}

func TestMetricsAreRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, who := range []string{"manager", "unison", "rep", "councillor"} {
		b := s.as(t, who)
		b.get(t, "/en/metrics").wants(t, 200, "Active minutes for each case note", "minutes a case note", "Lower is better", "Comes with Beforehand")
		b.get(t, "/cy/metrics/case_note_minutes").wants(t, 200, "Munudau gweithredol fesul nodyn achos", "Yr ymweliad ei hun", "I’w gwylio wrth ei ochr")
		b.get(t, "/en/metrics/case_note_minutes").wants(t, 200, "The visit itself", "To be watched beside it", "0 to 480")
		b.get(t, "/en/metrics/nothing").wants(t, 404)
	}
	if a := s.browser().get(t, "/en/metrics"); a.status == 200 {
		t.Error("the public reads the definitions")
	}
}
