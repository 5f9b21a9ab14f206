package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	"beforehand/api"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func key(k string) headers { return headers{"Idempotency-Key": k} }

func TestTheSameKeyGivesTheFirstAnswer(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		k.as(k.CDO)
		body := k.Record()
		first := k.run(t, scenario{who: k.CDO, method: "POST", path: "deployments", headers: key("one"), body: body, status: 201, entries: 1})
		again := k.run(t, scenario{who: k.CDO, method: "POST", path: "deployments", headers: key("one"), body: body, status: 201})
		if !bytes.Equal(first.Body, again.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("the second answer differs:\n%s\n%s", first, again)
		}
		for _, name := range []string{"Content-Type", "Etag", "Location"} {
			if first.Header.Get(name) != again.Header.Get(name) {
				t.Errorf("%s was %q and is %q", name, first.Header.Get(name), again.Header.Get(name))
			}
		}
		k.run(t, scenario{who: k.CDO, method: "POST", path: "deployments", headers: key("one"), body: asObject(t, body).with(object{"owner": "Another"}), status: 422, code: "idempotency_reused"})
		k.run(t, scenario{who: k.CDO, method: "POST", path: "deployments?x=1", headers: key("one"), body: body, status: 422, code: "idempotency_reused"})
	})
}

func TestAnothersKeyIsTheirs(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		other := registertest.Empty(t, s)
		other.Found(t, "other")
		for _, who := range []models.Actor{k.CDO, k.Manager} {
			k.as(who)
			k.run(t, scenario{who: who, method: "POST", path: "deployments", headers: key("same"), body: k.Record(), status: 201, entries: 1})
		}
		if got := k.do(other.CDO, "POST", "deployments", other.Record(), key("same")); got.Status != 201 {
			t.Errorf("another organisation's: %s", got)
		}
	})
}

func TestAFailedRequestMayBeTriedAgain(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		k.as(k.CDO)
		bad := asObject(t, k.Record()).with(object{"groups": []object{{"jobRole": "none", "headcount": 1}}})
		k.run(t, scenario{who: k.CDO, method: "POST", path: "deployments", headers: key("again"), body: bad, status: 404})
		k.run(t, scenario{who: k.CDO, method: "POST", path: "deployments", headers: key("again"), body: k.Record(), status: 201, entries: 1})
	})
}

// TestOneKeyAtOnce sends one request twenty times at the same moment.
func TestOneKeyAtOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		k.as(k.CDO)
		before := k.state()
		answers := make([]answer, 20)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = k.do(k.CDO, "POST", "deployments", k.Record(), key("at once")) })
		}
		wg.Wait()
		made := map[string]bool{}
		for _, a := range answers {
			switch {
			case a.Status == http.StatusCreated:
				made[into[api.Deployment](t, a).Ref] = true
			case a.Status == http.StatusConflict && strings.HasPrefix(a.problem(t).Code, "idempotency_"):
			default:
				t.Errorf("%s", a)
			}
		}
		after := k.state()
		if n := after.counts["deployments"] - before.counts["deployments"]; n != 1 || len(made) != 1 || after.ledger["tywi"]-before.ledger["tywi"] != 1 {
			t.Errorf("%d deployments were made, %v answered, %d entries", n, made, after.ledger["tywi"]-before.ledger["tywi"])
		}
		if got := k.do(k.CDO, "POST", "deployments", k.Record(), key("at once")); got.Status != 201 || !made[into[api.Deployment](t, got).Ref] {
			t.Errorf("afterwards: %s", got)
		}
	})
}

// TestEveryPostIsKept goes through a union's day: each answer comes again.
func TestEveryPostIsKept(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		d, n := k.Noticed(t)
		for i, p := range []struct {
			who    models.Actor
			path   string
			body   any
			status int
			more   headers
		}{
			{k.Officer, "deployments/" + d.Ref + "/comments", object{"kind": "concern", "body": "Caseloads."}, 201, nil},
			{k.Officer, "deployments/" + d.Ref + "/requests", object{"question": "How many?"}, 201, nil},
			{k.Officer, "notices/" + n.No + "/acknowledge", object{}, 204, nil},
			{k.CDO, "attachments?name=a.txt", []byte("text"), 201, headers{"Content-Type": "application/octet-stream"}},
			{k.HR, "bargaining-units", object{"name": "Another"}, 201, nil},
			{k.CDO, "deployments/" + d.Ref + "/drafts", draftBody("supplementary").with(object{"supersedes": n.No, "correction": object{"en": "x", "cy": "y"}}), 201, nil},
		} {
			k.as(p.who)
			h := key("post " + string(rune('a'+i)))
			for name, v := range p.more {
				h[name] = v
			}
			first := k.run(t, scenario{who: p.who, method: "POST", path: p.path, headers: h, body: p.body, status: p.status, entries: 1})
			again := k.run(t, scenario{who: p.who, method: "POST", path: p.path, headers: h, body: p.body, status: p.status})
			if !bytes.Equal(first.Body, again.Body) {
				t.Errorf("%s: the second answer differs:\n%s\n%s", p.path, first, again)
			}
		}
	})
}

// TestDoneTwiceIsAConflict does what can be done once a second time, without a
// key, one after the other and at the same moment.
func TestDoneTwiceIsAConflict(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		d, n := k.Noticed(t)
		say := func() string {
			return into[api.Comment](t, k.do(k.Officer, "POST", "deployments/"+d.Ref+"/comments", object{"kind": "concern", "body": "Ann is off sick."})).ID
		}
		once, union := say(), object{"union": k.Unison.ID}
		for _, p := range []struct {
			who  models.Actor
			path string
			body any
		}{
			{k.Officer, "notices/" + n.No + "/acknowledge", union},
			{k.CDO, "comments/" + once + "/disposition", object{"verdict": "accepted", "reason": "A guardrail was added."}},
			{k.Assurer, "comments/" + say() + "/redact", object{"body": "[…] is off sick.", "reason": "Names a colleague"}},
			{k.Officer, "comments/" + say() + "/withdraw", nil},
			{k.Officer, "comments/" + say() + "/widen", object{"circle": "public"}},
		} {
			k.as(p.who)
			statuses := make([]answer, 6)
			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() { statuses[i] = k.do(p.who, "POST", p.path, p.body) })
			}
			wg.Wait()
			statuses[4], statuses[5] = k.do(p.who, "POST", p.path, p.body), k.do(p.who, "POST", p.path, p.body)
			done := 0
			for _, a := range statuses {
				switch {
				case a.Status < 300:
					done++
				case a.Status != http.StatusConflict:
					t.Errorf("%s: %s", p.path, a)
				}
			}
			if done != 1 {
				t.Errorf("%s was done %d times: %v", p.path, done, statuses)
			}
		}
		if strings.Contains(k.log.String(), "internal error") {
			t.Errorf("%s", k.log)
		}
	})
}
