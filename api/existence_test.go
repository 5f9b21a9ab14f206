package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"beforehand/models"
)

// hidden is a record that some may not know of.
type hidden struct {
	kind string
	id   string
	// org is the organisation that holds it: nobody of another one knows of it.
	org string
	// from are those of its own organisation who may not know of it either.
	from []string
}

// probe is a request with room for an id.
type probe struct {
	kind, method, path string
	// body is sent as JSON; {X} in it is the id, as it is in the address.
	body any
	// by are those who could do this to a record of their own: they ask more
	// often than the others, who are refused at the door.
	by []string
}

// Who may not know of what the employer has not yet told anybody.
var (
	unions    = []string{"union_officer", "union_rep", "other_officer"}
	outsiders = []string{"admin", "none", "leaver", "unproven"}
)

// existence holds what TestNothingRevealsExistence asks about.
type existence struct {
	*world
	rnd    *rand.Rand
	things map[string][]hidden
	probes []probe
	asking []*principal
	orgs   map[*principal]string
}

func newExistence(t testing.TB, seed uint64) *existence {
	t.Helper()
	w := newWorld(t)
	e := &existence{world: w, rnd: rand.New(rand.NewPCG(seed, 1)), things: map[string][]hidden{}, orgs: map[*principal]string{}}
	for _, name := range everybody() {
		if strings.HasPrefix(name, "expired") || strings.HasPrefix(name, "revoked") {
			continue // whose requests go no further than the token
		}
		e.asking = append(e.asking, w.people[name])
	}
	for name, a := range map[string]models.Actor{"their_cdo": w.second.CDO, "their_hr": w.second.HR, "their_officer": w.second.Officer} {
		w.people[name] = &principal{name: name, actor: a, email: a.Email}
	}
	for _, name := range []string{"their_cdo", "their_hr", "their_officer"} {
		e.asking = append(e.asking, w.people[name])
	}
	for _, p := range e.asking {
		e.orgs[p] = cmp.Or(p.actor.OrgID, w.first.Org.ID)
	}
	e.hide()
	e.list()
	for _, p := range e.asking { // so that nobody signs in, and no token is used first, while rows are counted
		e.askAs(p, "GET", "profiles", nil)
	}
	return e
}

func (e *existence) put(kind, id string, s side, from ...string) {
	e.things[kind] = append(e.things[kind], hidden{kind, id, s.Org.ID, from})
}

// hide makes the records.
func (e *existence) hide() {
	w, ctx := e.world, e.t.Context()
	nobody := &principal{}
	for _, who := range []whose{idea, formative, ownArea, otherArea, otherOrg, byOwn, byOther} {
		s := w.side(who, nobody)
		var from []string
		switch who {
		case idea:
			from = slices.Concat(unions, outsiders, []string{"scrutiny", "suspended"})
		case formative, byOwn, byOther:
			from = outsiders
		case otherArea:
			from = slices.Concat(outsiders, []string{"union_officer", "union_rep"})
		case ownArea:
			continue
		}
		if who != byOwn && who != byOther { // whose deployment has been noticed: everybody may read it
			e.put("deployment", w.deployment(s).Ref, s, from...)
		}
		if who == idea {
			continue
		}
		notScrutiny := slices.Concat(from, []string{"scrutiny", "suspended"})
		e.put("comment", w.comment(s).ID, s, notScrutiny...)
		e.put("request", w.request(s).No, s, notScrutiny...)
		e.put("draft", w.draft(s).ID, s, slices.Concat(unions, outsiders, []string{"scrutiny", "suspended"})...)
		e.put("hold", w.hold(s).ID, s, from...)
		e.put("override", w.override(s).ID, s, from...)
		if who == otherOrg { // at home, what has been served is public
			e.put("notice", w.notice(s).No, s)
		}
	}
	e.hideEvidence()
	all := func(but ...string) []string {
		return slices.DeleteFunc(everybody(), func(n string) bool { return slices.Contains(but, n) })
	}
	for _, who := range []whose{ownOrg, byOwn, byOther, otherOrg} {
		s := w.side(who, nobody)
		if who == ownOrg {
			s.House = w.first
		}
		readers := []string{"admin", "auditor"}
		senders := []string{"admin", "auditor"}
		switch who {
		case byOwn:
			readers, senders = append(readers, "union_officer"), []string{"union_officer"}
		case byOther:
			readers, senders = append(readers, "other_officer"), []string{"other_officer"}
		}
		notReaders, notSenders := all(readers...), all(senders...)
		if who == otherOrg {
			notReaders, notSenders = []string{"their_officer"}, []string{"their_officer"}
		}
		m := w.member(s)
		e.put("membership", m.ID, s, notReaders...)
		e.put("user", m.UserID, s, notReaders...)
		e.put("invitation", w.offer(s).id, s, notSenders...)
		if who == byOwn || who == byOther {
			e.put("address", w.address(s), s, slices.Concat(outsiders, []string{"scrutiny", "suspended", map[whose]string{byOwn: "other_officer", byOther: "union_officer"}[who]})...)
		}
	}
	for _, who := range []whose{anothers, otherOrg} {
		s := w.side(who, nobody)
		e.put("session", w.session(s), s, all("assurer")...)
		e.put("token", w.token(s), s, all("assurer")...)
		// Not of somebody who asks: a password alone would no longer sign them in.
		s.whose, s.caller = ownAccount, &principal{actor: map[whose]models.Actor{anothers: w.borrower, otherOrg: w.second.Assurer}[who]}
		id, _ := w.passkey(s)
		e.put("passkey", id, s, everybody()...)
	}
	theirs := w.side(otherOrg, nobody)
	own := w.side(byOwn, nobody)
	for _, s := range []side{theirs, own} {
		e.put("service account", w.serviceAccount(s), s)
		e.put("attachment", w.attachment(s, s.CDO).ID, s)
		e.put("import", w.importRun(s).ID, s)
		e.put("address", w.address(s), s)
		e.put("branch", w.branch(s), s)
		e.put("job role", s.Role.ID, s)
		e.put("area", s.Area.ID, s)
		e.put("union", s.Unison.ID, s)
		e.put("unit", s.Unit.ID, s)
		e.put("recognition", need(s.Recognitions(ctx, s.HR))(e.t)[0].ID, s)
		e.put("organisation", s.Org.Slug, s)
		e.put("email", s.Assurer.Email, s)
	}
	e.hideProof()
	e.hidePartner()
}

// list is what is asked.
func (e *existence) list() {
	w := e.world
	nobody := &principal{}
	s := w.side(ownArea, nobody)
	ref, formed := w.deployment(s).Ref, w.deployment(w.side(formative, nobody)).Ref
	no := w.notice(s).No
	record := asObject(e.t, w.record(s))
	add := func(kind, method, path string, body any, by ...string) {
		e.probes = append(e.probes, probe{kind, method, path, body, by})
	}
	for _, part := range []string{
		"", "/gate", "/scope", "/timeline", "/versions", "/versions/1", "/as-at/2026-12-31", "/diff?from=1&to=1", "/material-changes", "/holds", "/overrides",
		"/scorecards", "/drafts", "/notices", "/comments", "/outcomes", "/requests",
	} {
		add("deployment", "GET", "deployments/{X}"+part, nil)
	}
	add("deployment", "GET", "me/permissions?deployment={X}", nil)
	add("deployment", "PUT", "deployments/{X}", record, "cdo", "their_cdo")
	add("deployment", "PATCH", "deployments/{X}", object{"function": "Visits"}, "cdo", "manager")
	add("deployment", "POST", "deployments/{X}/scope", object{"union": s.GMB.ID, "reason": "x"}, "cdo")
	add("deployment", "POST", "deployments/{X}/move", object{"to": "withdrawn", "reason": "x"}, "cdo", "their_cdo")
	add("deployment", "POST", "deployments/{X}/decide", object{"reason": "x"}, "approver", "delegate")
	add("deployment", "POST", "deployments/{X}/go-live", object{"reason": "x"}, "approver", "delegate")
	add("deployment", "POST", "deployments/{X}/late", object{"reason": "x"}, "cdo", "their_cdo")
	add("deployment", "POST", "deployments/{X}/class", object{"class": "D", "reason": "x"}, "cdo")
	add("deployment", "POST", "deployments/{X}/material-changes/1", object{"material": false, "reason": "x"}, "cdo")
	add("deployment", "POST", "deployments/{X}/holds", object{"ground": "x", "until": "2026-10-30"}, "cdo", "approver")
	add("deployment", "POST", "deployments/{X}/overrides", object{"to": "live", "ground": "x", "expiresOn": "2026-09-30"}, "cdo", "approver")
	add("deployment", "POST", "deployments/{X}/drafts", draftBody("change"), "cdo", "manager")
	for _, kind := range []string{"concern", "formal_response"} {
		add("deployment", "POST", "deployments/{X}/comments", object{"kind": kind, "body": "x"}, "union_officer", "union_rep", "other_officer", "their_officer")
	}
	add("deployment", "POST", "deployments/{X}/requests", object{"question": "x?"}, "union_officer", "union_rep", "their_officer")
	score := []object{{"dimension": "LOAD", "direction": -1, "likelihood": 2, "reach": 5, "reversibility": 1, "duration": 1, "confidence": "low"}}
	add("deployment", "PUT", "deployments/{X}/scorecards/employer", object{"scores": score}, "cdo", "manager")
	add("deployment", "PUT", "deployments/{X}/scorecards/"+s.Unison.ID, object{"scores": score}, "union_officer")
	add("deployment", "PUT", "deployments/{X}/outcomes/"+s.Unison.ID, object{"outcome": "consensus"}, "cdo")
	add("deployment", "PUT", "deployments/{X}/outcomes/"+s.Unison.ID+"/statement", object{"statement": "x"}, "union_officer")
	add("deployment", "POST", "deployments", record.with(object{"staffing": object{"routineUpdate": true, "routineOf": "{X}"}}), "cdo", "their_cdo")

	add("notice", "GET", "notices/{X}", nil)
	add("notice", "POST", "notices/{X}/acknowledge", object{"union": s.Unison.ID}, "union_officer")
	add("notice", "POST", "notices/{X}/acknowledge", object{}, "union_officer", "their_officer")
	add("notice", "POST", "notices/{X}/deliveries", object{"union": s.Unison.ID, "event": "handed", "at": "2026-09-07T08:00:00Z", "proof": w.attachment(s, s.CDO).ID}, "cdo")
	add("notice", "POST", "deployments/"+formed+"/drafts", draftBody("supplementary").with(object{"supersedes": "{X}", "correction": object{"en": "x", "cy": "y"}}), "cdo")
	add("notice", "POST", "deployments/"+ref+"/comments", object{"kind": "concern", "body": "x", "target": "notice", "targetKey": "{X}"}, "union_officer")

	add("request", "GET", "requests/{X}", nil)
	add("request", "POST", "requests/{X}/answer", object{"text": "x"}, "cdo", "manager", "their_cdo")
	add("request", "POST", "requests/{X}/withhold", object{"ground": "x", "expiresOn": "2026-12-01"}, "cdo", "manager")
	add("request", "POST", "requests/{X}/challenge", object{"text": "x"}, "union_officer", "other_officer", "their_officer")

	add("comment", "GET", "comments/{X}", nil)
	add("comment", "POST", "comments/{X}/correct", object{"body": "x"}, "union_officer", "union_rep", "their_officer")
	add("comment", "POST", "comments/{X}/withdraw", nil, "union_officer", "union_rep", "their_officer")
	add("comment", "POST", "comments/{X}/redact", object{"body": "[…]", "reason": "x"}, "union_officer", "assurer")
	add("comment", "POST", "comments/{X}/widen", object{"circle": "public"}, "union_officer", "other_officer")
	add("comment", "POST", "comments/{X}/disposition", object{"verdict": "accepted", "reason": "A guardrail was added."}, "cdo", "manager", "their_cdo")

	add("draft", "GET", "drafts/{X}", nil, "cdo", "their_cdo")
	add("draft", "PUT", "drafts/{X}", draftBody("change"), "cdo", "their_cdo")
	add("draft", "DELETE", "drafts/{X}", nil, "cdo", "their_cdo")
	add("draft", "POST", "drafts/{X}/serve", nil, "cdo", "their_cdo")
	add("hold", "POST", "holds/{X}/lift", object{"reason": "x"}, "cdo", "approver", "their_cdo")
	add("override", "POST", "overrides/{X}/sign", nil, "approver", "delegate")

	add("attachment", "GET", "attachments/{X}", nil)
	add("attachment", "POST", "notices/"+no+"/deliveries", object{"union": s.Unison.ID, "event": "handed", "at": "2026-09-07T08:00:00Z", "proof": "{X}"}, "cdo")
	add("import", "GET", "imports/{X}", nil, "cdo", "manager", "their_cdo")

	add("invitation", "DELETE", "invitations/{X}", nil, "admin", "other_admin", "union_officer", "other_officer", "their_officer")
	for _, what := range []string{"suspend", "resume", "end"} {
		add("membership", "POST", "memberships/{X}/"+what, nil, "admin", "other_admin", "union_officer", "other_officer", "their_officer")
	}
	add("membership", "POST", "memberships/{X}/delegate", object{"email": w.borrower.Email, "from": "2026-12-01", "to": "2026-12-31"})
	add("user", "DELETE", "users/{X}", nil, "admin", "other_admin", "union_officer", "other_officer", "their_officer")
	add("user", "GET", "security-events?user={X}", nil, "auditor", "union_officer", "other_officer", "their_officer")
	add("session", "DELETE", "sessions/{X}", nil)
	add("token", "DELETE", "tokens/{X}", nil)
	add("passkey", "DELETE", "account/passkeys/{X}", nil)
	add("service account", "DELETE", "service-accounts/{X}", nil, "cdo", "admin", "other_admin", "their_cdo")
	add("service account", "DELETE", "users/{X}", nil, "admin", "other_admin")
	add("service account", "GET", "security-events?user={X}", nil, "auditor")
	add("address", "POST", "service-addresses/{X}/confirm", nil, "union_officer", "other_officer", "their_officer")
	add("address", "POST", "service-addresses/{X}/end", nil, "union_officer", "other_officer", "their_officer")

	add("branch", "POST", "branches/{X}/officers", object{"email": s.Officer.Email, "post": "deputy", "from": "2026-01-01"}, "admin", "union_officer", "their_officer")
	add("branch", "POST", "branches/{X}/service-addresses", object{"channel": "post", "address": "x", "languages": []string{"en"}, "from": "2026-01-01"}, "hr", "their_hr")
	add("branch", "POST", "recognitions", object{"union": s.Unison.ID, "branch": "{X}", "bargainingUnit": s.OtherUnit.ID, "from": "2024-01-01"}, "hr")
	add("recognition", "PUT", "recognitions/{X}", object{"electronicFrom": "2024-01-01"}, "hr", "their_hr")
	add("unit", "POST", "recognitions", object{"union": s.Unison.ID, "branch": w.branch(s), "bargainingUnit": "{X}", "from": "2024-01-01"}, "hr")
	job := object{"title": "Porter", "serviceArea": s.Area.ID, "headcount": 3}
	add("unit", "POST", "job-roles", job.with(object{"bargainingUnit": "{X}"}), "hr")
	add("job role", "GET", "job-roles/{X}", nil)
	add("job role", "PUT", "job-roles/{X}", job, "hr", "their_hr")
	add("job role", "POST", "deployments", record.with(object{"groups": []object{{"jobRole": "{X}", "headcount": 1}}}), "cdo", "manager")

	person := object{"email": "new@tywi.example", "role": "manager"}
	add("area", "GET", "deployments?serviceArea={X}", nil)
	add("area", "POST", "service-areas", object{"name": object{"en": "x", "cy": "x"}, "parent": "{X}"}, "admin", "other_admin")
	add("area", "POST", "job-roles", job.with(object{"serviceArea": "{X}"}), "hr", "their_hr")
	add("area", "POST", "deployments", record.with(object{"serviceArea": "{X}"}), "cdo", "manager", "their_cdo")
	add("area", "POST", "tokens", object{"name": "x", "days": 1, "scopes": []string{"profile.read"}, "serviceArea": "{X}"})
	add("area", "POST", "service-accounts", object{"name": "x", "days": 1, "scopes": []string{"gate.read"}, "serviceArea": "{X}"}, "cdo", "their_cdo")
	add("area", "POST", "invitations", person.with(object{"serviceArea": "{X}"}), "admin", "other_admin")
	add("area", "POST", "memberships", person.with(object{"email": s.HR.Email, "serviceArea": "{X}"}), "admin")

	add("union", "GET", "deployments?union={X}", nil)
	add("union", "POST", "branches", object{"union": "{X}", "name": "x"}, "hr", "their_hr")
	add("union", "POST", "recognitions", object{"union": "{X}", "branch": w.branch(s), "bargainingUnit": s.Unit.ID, "from": "2024-01-01"}, "hr")
	add("union", "POST", "deployments/"+ref+"/scope", object{"union": "{X}", "reason": "x"}, "cdo")
	add("union", "POST", "deployments/"+ref+"/holds", object{"union": "{X}", "ground": "x", "until": "2026-10-30"}, "cdo", "approver")
	add("union", "PUT", "deployments/"+ref+"/outcomes/{X}", object{"outcome": "consensus"}, "cdo")
	add("union", "PUT", "deployments/"+ref+"/outcomes/{X}/statement", object{"statement": "x"}, "union_officer", "other_officer")
	add("union", "PUT", "deployments/"+ref+"/scorecards/{X}", object{"scores": score}, "union_officer", "cdo")
	add("union", "POST", "deployments/"+ref+"/comments", object{"union": "{X}", "kind": "concern", "body": "x"}, "union_officer", "union_rep")
	add("union", "POST", "deployments/"+ref+"/requests", object{"union": "{X}", "question": "x?"}, "union_officer", "union_rep")
	add("union", "POST", "notices/"+no+"/acknowledge", object{"union": "{X}"}, "union_officer", "other_officer")
	add("union", "POST", "notices/"+no+"/deliveries", object{"union": "{X}", "event": "handed", "at": "2026-09-07T08:00:00Z", "proof": w.attachment(s, s.CDO).ID}, "cdo")
	officer := object{"email": "new@tywi.example", "role": "union_officer", "union": "{X}"}
	add("union", "POST", "invitations", officer, "admin", "union_officer", "their_officer")
	add("union", "POST", "memberships", officer.with(object{"email": s.Rep.Email}), "admin", "union_officer")

	e.listEvidence(add)
	e.listProof(add)
	e.listPartner(add)
	add("organisation", "PUT", "session/organisation", object{"organisation": "{X}"})
	add("email", "POST", "memberships", object{"email": "{X}", "role": "scrutiny"}, "admin", "other_admin")
	add("email", "POST", "memberships", object{"email": "{X}", "role": "union_rep", "union": s.Unison.ID}, "union_officer")
	add("email", "POST", "memberships/"+w.held(s.CDO).ID+"/delegate", object{"email": "{X}", "from": "2026-12-01", "to": "2026-12-31"}, "cdo")
	add("email", "POST", "branches/"+w.branch(s)+"/officers", object{"email": "{X}", "post": "deputy", "from": "2026-01-01"}, "union_officer", "admin")
}

// nowhere is an id of the same shape that no record has.
func (e *existence) nowhere(kind, id string) string {
	digits := func(s string, from int) string { return s[:len(s)-3] + fmt.Sprint(from+e.rnd.IntN(99)) }
	switch kind {
	case "deployment", "notice", "request", "claim", "challenge", "dispute", "meeting", "engagement", "questionnaire", "action", "barrier", "statement", "flag":
		return digits(id, 900)
	case "organisation":
		return id[:len(id)-1] + "q"
	case "checkpoint":
		return fmt.Sprint(900_000 + e.rnd.IntN(99))
	case "email":
		return string(rune('b'+e.rnd.IntN(20))) + id[1:]
	}
	return id[:24] + fmt.Sprintf("%012x", e.rnd.Uint64()>>16)
}

// pick is a request that should not tell whether its record exists.
func (e *existence) pick() (probe, hidden, *principal) {
	for {
		pr := e.probes[e.rnd.IntN(len(e.probes))]
		things := e.things[pr.kind]
		thing := things[e.rnd.IntN(len(things))]
		p := e.asking[e.rnd.IntN(len(e.asking))]
		if len(pr.by) > 0 && e.rnd.IntN(4) > 0 {
			p = e.people[pr.by[e.rnd.IntN(len(pr.by))]]
		}
		if e.orgs[p] != thing.org || slices.Contains(thing.from, p.name) {
			return pr, thing, p
		}
	}
}

// headerOf are the headers but for the id of the request and when the session ends.
func headerOf(a answer) string {
	h := a.Header.Clone()
	h.Del("X-Request-Id")
	for i, c := range h["Set-Cookie"] {
		h["Set-Cookie"][i], _, _ = strings.Cut(c, ";")
	}
	return fmt.Sprint(h)
}

// shape is an answer without what may differ: the id of the request, when the
// session ends, and the id that was asked about where it is said back.
func shape(a answer, id string) string {
	body := string(a.Body)
	var p map[string]any
	if strings.Contains(a.Header.Get("Content-Type"), "json") && json.Unmarshal(a.Body, &p) == nil {
		delete(p, "instance")
		b, _ := json.Marshal(p)
		body = string(b)
	}
	if _, err := strconv.Atoi(id); err == nil { // the size of a log is said back nowhere, and may stand in any number
		return fmt.Sprintf("%d\n%v\n%s", a.Status, headerOf(a), body)
	}
	return fmt.Sprintf("%d\n%v\n%s", a.Status, headerOf(a), strings.ReplaceAll(body, id, "ID"))
}

// inquire asks about an id and says how long the answer took.
func (e *existence) inquire(pr probe, p *principal, id string, h headers) (answer, time.Duration) {
	path := strings.ReplaceAll(pr.path, "{X}", id)
	if p.email == "" && p.bearer == "" || p.gone {
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "organisation=" + e.first.Org.Slug
	}
	var body any
	if pr.body != nil {
		body = strings.ReplaceAll(string(need(json.Marshal(pr.body))(e.t)), "{X}", id)
	}
	creds := withHeaders(e.credentials(p), h)
	hh := http.Header{}
	b := e.bodyOf(body, hh)
	for name, v := range creds {
		hh.Set(name, v)
	}
	if pr.method == http.MethodPatch {
		hh.Set("Content-Type", "application/merge-patch+json")
	}
	began := time.Now() //nolint:forbidigo // how long an answer takes is what is measured
	got := e.ask(pr.method, path, b, hh)
	return got, time.Since(began)
}

// timing is how long answers took, by what was asked.
type timing struct{ there, nowhere []time.Duration }

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// TestNothingRevealsExistence asks, at random, about records that whoever asks
// may not know of, and the same about records that exist nowhere: the two get
// the same answer, and neither writes anything.
func TestNothingRevealsExistence(t *testing.T) {
	t.Parallel()
	const seed = 20260907
	requests := 20_000
	if testing.Short() {
		requests = 2_000
	}
	e := newExistence(t, seed)
	began := time.Now() //nolint:forbidigo // how long an answer takes is what is measured
	before, written, nones := e.state(e.second.Org), 0, map[string]string{}
	times, all, statuses, reported, asks := map[string]*timing{}, timing{}, map[int]int{}, map[string]int{}, 0
	for i := range requests {
		pr, thing, p := e.pick()
		other := e.nowhere(thing.kind, thing.id)
		h := headers{}
		if e.rnd.IntN(5) > 0 {
			h["If-Match"] = fmt.Sprintf(`"%d"`, 1+e.rnd.IntN(3))
		}
		keyed := pr.method == http.MethodPost && e.rnd.IntN(4) == 0
		key := func(n int) headers {
			if keyed {
				return withHeaders(h, headers{"Idempotency-Key": fmt.Sprintf("%d-%d", i, n)})
			}
			return h
		}
		// What is answered about nothing is the same every time; it is asked again now and then.
		name := pr.method + " " + pr.path
		asked := fmt.Sprint(name, pr.body, p.name, h, keyed)
		var got, none answer
		var took, tookNone time.Duration
		known, ask := nones[asked], func() { none, tookNone = e.inquire(pr, p, other, key(2)) }
		again, first := known == "" || e.rnd.IntN(3) == 0, e.rnd.IntN(2) == 0
		if again && first {
			ask()
		}
		got, took = e.inquire(pr, p, thing.id, key(1))
		if again && !first {
			ask()
		}
		if again {
			asks++
			nones[asked] = shape(none, other)
			if known != "" && known != nones[asked] {
				t.Errorf("%s by %s is answered in two ways about nothing:\n%s\n%s", name, p.name, known, nones[asked])
			}
		}
		statuses[got.Status]++
		if times[name] == nil {
			times[name] = &timing{}
		}
		if again {
			times[name].there, times[name].nowhere = append(times[name].there, took), append(times[name].nowhere, tookNone)
			all.there, all.nowhere = append(all.there, took), append(all.nowhere, tookNone)
		}
		if told := shape(got, thing.id); told != nones[asked] {
			what := fmt.Sprintf("%s (%s) by %s", name, thing.kind, p.name)
			if reported[what]++; reported[what] == 1 && len(reported) <= 25 {
				t.Errorf("%s is told that the record %s exists; body %.200v\n there: %.1500s\nnowhere: %.1500s", what, thing.id, pr.body, told, nones[asked])
			}
		}
		if i%500 == 499 || i == requests-1 {
			after := e.state(e.second.Org)
			if !gocmp.Equal(before, after, gocmp.AllowUnexported(state{})) {
				if written++; written == 1 { // the others are like it
					unchanged(t, before, after)
				}
			}
			before = after
		}
	}
	worst, ratio := "", 1.0
	for name, x := range times {
		if len(x.there) < 50 {
			continue
		}
		a, b := float64(median(x.there)), float64(median(x.nowhere))
		if r := max(a, b) / min(a, b); r > ratio {
			worst, ratio = name, r
		}
	}
	t.Logf("seed %d: %d requests about what is there and %d about what is nowhere, of %d kinds, in %v; answers %v; %d told the two apart; something was written in %d batches", seed, requests, asks, len(e.probes), time.Since(began).Round(time.Millisecond), statuses, len(reported), written)
	t.Logf("median time: there %v, nowhere %v; the furthest apart are %s (%.2f times)", median(all.there), median(all.nowhere), worst, ratio)
	if ratio > 10 {
		t.Errorf("%s takes %.1f times as long for one of the two", worst, ratio)
	}
}
