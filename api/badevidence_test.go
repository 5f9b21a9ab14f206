package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// TestBadEvidence throws plans and files at the claims that are no good: each
// gets a clear refusal, and nothing is half written.
func TestBadEvidence(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		d, _ := k.Noticed(t)
		made := need(k.MakeClaim(t.Context(), k.Manager, d.Ref, registertest.Plan()))(t)
		locked := k.Locked(t, d.Ref)
		short := registertest.Plan()
		short.Guardrails, short.KeepUntil, short.Observation.To = short.Guardrails[:2], 0, short.Observation.From.AddDays(20)
		lacking := need(k.MakeClaim(t.Context(), k.Manager, d.Ref, short))(t)
		plan := asObject(t, registertest.Plan())
		k.as(k.Manager)
		k.as(k.Officer)

		claim := func(name string, body any, status int, code string, fields ...string) scenario {
			return scenario{name: name, who: k.Manager, method: "POST", path: "deployments/" + d.Ref + "/claims", body: body, status: status, code: code, fields: fields}
		}
		put := func(name string, body any, status int, code string, fields ...string) scenario {
			sc := claim(name, body, status, code, fields...)
			sc.method, sc.path, sc.headers = "PUT", "claims/"+made.Ref, headers{"If-Match": `"1"`}
			return sc
		}
		file := func(name, rows string, status int, code string, fields ...string) scenario {
			return scenario{
				name: name, who: k.Manager, method: "POST", path: "claims/" + locked.Ref + "/datasets?name=x.csv", body: []byte(rows),
				headers: headers{"Content-Type": "application/octet-stream"}, status: status, code: code, fields: fields,
			}
		}
		good := registertest.Rows(12, 9, 20)
		with := func(old, new string) string { return strings.Replace(good, old, new, 1) }
		first := "w001,T1,comparison,2026-03-10,"
		for _, sc := range []scenario{
			claim("a field that no plan has", plan.with(object{"prior": 3}), 422, "invalid", "prior"),
			claim("a design that there is not", plan.with(object{"design": "hunch"}), 422, "invalid", "design"),
			claim("a metric that nobody defined", plan.with(object{"metric": "vibes"}), 422, "invalid", "metric"),
			claim("text for an amount", plan.with(object{"claimed": object{"amount": "ten"}}), 422, "invalid", "claimed.amount"),
			claim("a seed beyond what JSON holds", plan.with(object{"seed": 1e17}), 422, "invalid", "seed"),
			claim("a claim of no sentence", plan.with(object{"sentence": object{}}), 422, "invalid", "sentence"),
			claim("a margin below nought", plan.with(object{"guardrails": []object{{"metric": "rework_items", "name": object{"en": "x"}, "kind": "margin", "margin": -1}}}), 422, "invalid", "guardrails[0].margin"),
			claim("a window that ends before it begins", plan.with(object{"baseline": object{"from": "2026-04-26", "to": "2026-03-02"}}), 422, "invalid", "baseline"),
			claim("two columns of one heading", plan.with(object{"columns": []object{{"heading": "a", "role": "worker"}, {"heading": " A ", "role": "team"}}}), 422, "invalid", "columns[1].heading"),
			claim("a value column without a metric", plan.with(object{"columns": []object{{"heading": "a", "role": "value"}}}), 422, "invalid", "columns[0].metric"),
			claim("an escape character", plan.with(object{"population": object{"en": "\x1b[31m"}}), 422, "invalid", "population.en"),
			claim("a plan over 1 MiB", `{"metric":"`+strings.Repeat("x", 1<<20)+`"}`, 413, "body_too_large"),
			put("a version that is gone by", plan, 412, "stale_version").with("If-Match", `"9"`),
			put("no version", plan, 428, "version_required").with("If-Match", ""),

			{name: "a plan that lacks things is not locked", who: k.Manager, method: "POST", path: "claims/" + lacking.Ref + "/lock", headers: headers{"If-Match": `"1"`}, body: object{}, status: 422, code: "invalid", fields: []string{"guardrails", "keepUntil", "observation"}},
			{name: "a plan locked again unchanged", who: k.Manager, method: "POST", path: "claims/" + locked.Ref + "/lock", headers: headers{"If-Match": `"2"`}, body: object{"reason": "Again"}, status: 409, code: "plan_unchanged"},
			{name: "shared before there is a result", who: k.Manager, method: "POST", path: "claims/" + locked.Ref + "/share", headers: headers{"If-Match": `"2"`}, status: 409, code: "claim_unanalysed"},
			{name: "analysed before there are rows", who: k.Manager, method: "POST", path: "claims/" + locked.Ref + "/runs", status: 409, code: "no_rows"},
			{name: "a challenge on no ground", who: k.Officer, method: "POST", path: "claims/" + locked.Ref + "/challenges", body: object{"ground": "mood", "body": "x"}, status: 422, code: "invalid", fields: []string{"ground"}},
			{name: "a question beyond the windows", who: k.Officer, method: "POST", path: "claims/" + locked.Ref + "/challenges", body: object{"ground": "baseline", "body": "x", "question": object{"baseline": object{"from": "2020-01-01", "to": "2026-04-01"}}}, status: 422, code: "invalid", fields: []string{"question.baseline"}},
			{name: "a question before anything was shared", who: k.Officer, method: "POST", path: "claims/" + locked.Ref + "/challenges", body: object{"ground": "baseline", "body": "x", "question": object{"estimator": "median"}}, status: 409, code: "question_early"},
			{name: "shares that are not 100", who: k.Manager, method: "POST", path: "claims/" + locked.Ref + "/reinvestment", body: object{"month": 0, "shares": object{"direct_work": 60}}, status: 422, code: "invalid", fields: []string{"shares"}},
			{name: "a month that nobody asked for", who: k.Manager, method: "POST", path: "claims/" + locked.Ref + "/reinvestment", body: object{"month": 6, "shares": object{"unknown": 100}}, status: 409, code: "reinvestment_unasked"},
			{name: "a metric that says nothing", who: k.Manager, method: "POST", path: "metrics", body: metricBody("x y"), status: 422, code: "invalid", fields: []string{"key"}},
			{name: "a sample of nothing", who: k.Manager, method: "POST", path: "sample-size", body: object{"design": "paired"}, status: 422, code: "invalid", fields: []string{"effect", "standardDeviation"}},

			file("rows for a plan that is not locked", good, 409, "plan_not_locked").to("claims/" + made.Ref + "/datasets"),
			file("no rows", "", 422, "dataset_empty"),
			file("headings and nothing else", strings.SplitAfter(good, "\n")[0], 422, "dataset_empty"),
			file("a column that the plan does not name", with("after hours\n", "after hours,note\n"), 422, "dataset_columns"),
			file("a picture", "\x89PNG\r\n\x1a\n"+strings.Repeat("\x00", 99), 422, "dataset_unreadable"),
			file("half a workbook", "PK\x03\x04"+strings.Repeat("x", 999), 422, "dataset_unreadable"),
			file("a national insurance number", with("w001,", "AB123456C,"), 422, "dataset_refused", "rows[2].worker"),
			file("an e-mail address", with(first, "w001,a@b.uk,comparison,2026-03-10,"), 422, "dataset_refused", "rows[2].team"),
			file("a decimal comma", with(first, first+"\"4,2\"+"), 422, "dataset_refused", "rows[2].minutes"),
			file("minutes in the cell", with(first, first+"min "), 422, "dataset_refused", "rows[2].minutes"),
			file("infinite", strings.Replace(good, strings.Split(good, "\n")[1], first+"Inf,0,18,0", 1), 422, "dataset_refused", "rows[2].minutes"),
			file("no number", strings.Replace(good, strings.Split(good, "\n")[1], first+"NaN,0,18,0", 1), 422, "dataset_refused", "rows[2].minutes"),
			file("minutes below nought", with(first, first+"-"), 422, "dataset_refused", "rows[2].minutes"),
			file("a day that there is not", with("2026-03-10", "2026-02-30"), 422, "dataset_refused", "rows[2].date"),
			file("an arm that the plan does not know", with("comparison", "placebo"), 422, "dataset_refused", "rows[2].arm"),
			file("a formula", with("w001,T1", "w001,=1+1"), 422, "dataset_refused", "rows[2].team"),
			file("10 MB in one cell", with("w001,T1", "w001,"+strings.Repeat("T", 10<<20)), 413, "dataset_row_too_long"),
			file("over 200 MiB", good+strings.Repeat("w001,T1,comparison,2026-03-10,42,0,18,0\n", 5_300_000), 413, "upload_too_large"),
		} {
			t.Run(sc.name, func(t *testing.T) { k.run(t, sc) })
		}
		if strings.Contains(k.log.String(), `"internal error"`) {
			t.Errorf("something was an internal error:\n%s", k.log)
		}
		k.mostRows(t, locked.Ref)
	})
}

// with changes a header, or takes it away.
func (s scenario) with(name, value string) scenario {
	h := headers{}
	for k, v := range s.headers {
		h[k] = v
	}
	delete(h, name)
	if value != "" {
		h[name] = value
	}
	s.headers = h
	return s
}

func (s scenario) to(path string) scenario {
	s.path = path
	return s
}

// mostRows sends a million rows of one worker: they are taken, and give no figure.
func (k *server) mostRows(t *testing.T, ref string) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("worker,team,arm,date,minutes,error,caseload,after hours\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&b, "w001,T1,with,2026-05-12,%d,0,18,0\n", 30+i%20)
	}
	got := k.post(t, "claims/"+ref+"/datasets", b.Bytes())
	if got.Status != http.StatusCreated {
		t.Fatalf("a million rows: %s", got)
	}
	if run := need(k.Analyse(t.Context(), k.Manager, ref))(t); run.State != "refused" || !strings.Contains(run.Refusal, "refusal.") {
		t.Errorf("a million rows of one worker: %s %s", run.State, run.Refusal)
	}
}

func (k *server) post(t *testing.T, path string, body []byte) answer {
	t.Helper()
	h := http.Header{}
	h.Set("Authorization", k.as(k.Manager))
	h.Set("Content-Type", "application/octet-stream")
	return k.ask(http.MethodPost, path, body, h)
}
