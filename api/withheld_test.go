package api_test

import (
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestWhatIsWithheldIsNowhere withholds a field after it was saved in the open
// and looks for it wherever the register speaks of the deployment.
func TestWhatIsWithheldIsNowhere(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		ctx := t.Context()
		const secret = "Cyfrinach Cyf"
		rec := k.Record()
		rec.Suppliers[0].Name = secret
		rec.Models[0].Provider = "Nodiadau"
		d := need(k.RegisterDeployment(ctx, k.CDO, register.Registration{Record: rec}))(t)
		v := need(k.Revise(ctx, k.CDO, d.Ref, d.Version, func(r models.Record) (models.Record, error) {
			r.Withheld = []models.Withheld{{Field: "suppliers", Audience: "public", Ground: "Commercial confidence", Until: models.MustDate("2026-12-01"), DecidedBy: "Monitoring officer"}}
			return r, nil
		}, register.Judgement{}))(t)
		v = need(k.Move(ctx, k.CDO, d.Ref, v.Version, models.StageFormative, ""))(t)
		draft := need(k.DraftNotice(ctx, k.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
		n := need(k.ServeNotice(ctx, k.CDO, draft.ID, draft.Version))(t)
		// And taken up again in the record: what changed must not tell it either.
		v = need(k.Register.Deployment(ctx, k.CDO, d.Ref))(t)
		need(k.Revise(ctx, k.CDO, d.Ref, v.Version, func(r models.Record) (models.Record, error) {
			r.Suppliers[0].Name = secret + " 2"
			return r, nil
		}, register.Judgement{}))(t)
		base := "deployments/" + d.Ref
		for _, path := range []string{
			base, base + "/versions", base + "/versions/4", base + "/versions/5", base + "/as-at/2026-09-07",
			base + "/diff?from=4&to=5", base + "/timeline", base + "/gate", base + "/scope", base + "/notices", "notices/" + n.No, "deployments", base + "/material-changes",
		} {
			if got := k.do(models.Actor{}, "GET", path, nil); got.Status != 200 || strings.Contains(string(got.Body), secret) {
				t.Errorf("%s tells the public: %.3000s", path, got)
			}
		}
		// What was saved as an idea is the employer's own.
		for _, path := range []string{base + "/versions/1", base + "/versions/2", base + "/diff?from=1&to=4"} {
			if got := k.do(k.Officer, "GET", path, nil); got.Status != 404 {
				t.Errorf("%s tells a union: %.500s", path, got)
			}
		}
		if got := k.do(k.Officer, "GET", base+"/versions/4", nil); !strings.Contains(string(got.Body), secret) {
			t.Errorf("a party does not read it: %.500s", got)
		}
		for _, who := range []models.Actor{k.CDO} {
			if got := k.do(who, "GET", base+"/versions/1", nil); !strings.Contains(string(got.Body), secret) {
				t.Errorf("a party does not read it: %.500s", got)
			}
		}
	})
}
