package api_test

import (
	"strings"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/models"
)

// unlocked is a claim whose plan nobody has locked, in the own area.
const unlocked whose = "own area, plan not locked"

// claimsOf are whose claims are tried.
var claimsOf = []whose{ownArea, unlocked, formative, otherArea, otherOrg}

// claim is one of the side's: shared where the deployment has been noticed,
// locked where it is formative.
func (w *world) claim(s side) register.ClaimView {
	w.t.Helper()
	return keep(w, s, "claim", func() register.ClaimView { return w.madeClaim(s) })
}

func (w *world) madeClaim(s side) register.ClaimView {
	ctx := w.t.Context()
	of := s
	if s.whose == unlocked {
		of.whose = ownArea
	}
	v := need(s.MakeClaim(ctx, s.CDO, w.deployment(of).Ref, registertest.Plan()))(w.t)
	if s.whose == unlocked {
		return v
	}
	v = need(s.LockClaim(ctx, s.CDO, v.Ref, v.Version, ""))(w.t)
	need(s.UploadDataset(ctx, s.CDO, v.Ref, "notes.csv", strings.NewReader(registertest.Rows(11, 9, 20))))(w.t)
	need(s.Analyse(ctx, s.CDO, v.Ref))(w.t)
	v = need(s.Register.Claim(ctx, s.CDO, v.Ref))(w.t)
	if s.whose == ownArea || s.whose == otherOrg {
		v = need(s.ShareClaim(ctx, s.CDO, v.Ref, v.Version))(w.t)
	}
	return v
}

// challenge is one by the side's union: UNISON's, or GMB's in another area.
func (w *world) challenge(s side) models.ChallengeState {
	return keep(w, s, "challenge", func() models.ChallengeState {
		of := s
		if s.whose == byOwn || s.whose == byOther {
			of.whose = ownArea
		}
		return need(s.MakeChallenge(w.t.Context(), s.voice, w.claim(of).Ref, register.ChallengeInput{Ground: "sample", Body: "Volunteers only."}))(w.t)
	})
}

func (w *world) run(s side) models.Run {
	return keep(w, s, "run", func() models.Run {
		v := w.claim(s)
		if s.whose != unlocked && v.Run != nil && !v.Run.State.Ended() {
			return *v.Run
		}
		return need(s.StartRun(w.t.Context(), s.CDO, v.Ref))(w.t)
	})
}

// ofClaim is a request on a part of a claim, with its version and a body.
func ofClaim(part string, body object) fixture {
	return fixture{whose: claimsOf, call: func(w *world, s side) call {
		v := w.claim(s)
		return call{path: "claims/" + v.Ref + part, match: v.Version, body: orNil(body)}
	}}
}

// ofResult is one on a claim that has a result.
func ofResult(part string) fixture {
	f := ofClaim(part, nil)
	f.whose = []whose{ownArea, formative, otherArea, otherOrg}
	return f
}

func metricBody(key string) object {
	both := object{"en": "Pages", "cy": "Tudalennau"}
	return object{"key": key, "name": both, "unit": both, "kind": "count", "better": "higher", "captured": both, "notCaptured": both, "source": both, "checkingTime": "not_applicable"}
}

func init() {
	challenges := []whose{byOwn, byOther, otherArea, otherOrg}
	ofChallenge := func(part string, body object) fixture {
		return fixture{whose: challenges, call: func(w *world, s side) call {
			return call{path: "challenges/" + w.challenge(s).No + part, body: orNil(body)}
		}}
	}
	for name, f := range map[string]fixture{
		"GET /metrics":      {whose: settings, call: plain("metrics", nil)},
		"POST /metrics":     {whose: settings, call: plain("metrics", func(side) object { return metricBody(strings.ReplaceAll(unique("pages"), " ", "_")) })},
		"POST /sample-size": {whose: settings, call: plain("sample-size", func(side) object { return object{"design": "paired", "standardDeviation": 8, "effect": 4} })},
		"GET /missing":      {whose: settings, call: plain("missing", nil)},
		"GET /claims":       {whose: settings, call: plain("claims", nil)},

		"GET /deployments/{ref}/claims": {whose: deployments, call: at("/claims", nil)},
		"POST /deployments/{ref}/claims": {whose: writing, call: func(w *world, s side) call {
			return call{path: "deployments/" + w.deployment(s).Ref + "/claims", body: asObject(w.t, registertest.Plan())}
		}},
		"GET /claims/{claim}": ofClaim("", nil),
		"PUT /claims/{claim}": {whose: claimsOf, call: func(w *world, s side) call {
			v := w.claim(s)
			return call{path: "claims/" + v.Ref, match: v.Version, body: asObject(w.t, registertest.Plan())}
		}},
		"POST /claims/{claim}/lock":          ofClaim("/lock", object{"reason": "Mended"}),
		"POST /claims/{claim}/withdraw":      ofClaim("/withdraw", object{"reason": "Not wanted"}),
		"GET /claims/{claim}/plans/{number}": ofResult("/plans/1"),
		"GET /claims/{claim}/plans-diff": {whose: []whose{ownArea, formative, otherArea, otherOrg}, call: func(w *world, s side) call {
			return call{path: "claims/" + w.claim(s).Ref + "/plans-diff", query: "from=1&to=1"}
		}},
		"POST /claims/{claim}/runs":                             ofClaim("/runs", nil),
		"POST /claims/{claim}/share":                            ofClaim("/share", nil),
		"GET /claims/{claim}/results/{number}":                  ofResult("/results/1"),
		"GET /claims/{claim}/results/{number}/figures":          ofResult("/results/1/figures"),
		"GET /claims/{claim}/results/{number}/figures/{figure}": ofResult("/results/1/figures/effects"),
		"POST /claims/{claim}/reinvestment":                     ofClaim("/reinvestment", object{"month": 0, "shares": object{"direct_work": 100}}),
		"POST /claims/{claim}/challenges":                       ofClaim("/challenges", object{"ground": "sample", "body": "Volunteers only."}),
		"POST /claims/{claim}/datasets": {whose: claimsOf, call: func(w *world, s side) call {
			return call{path: "claims/" + w.claim(s).Ref + "/datasets", query: "name=x.csv", body: []byte(registertest.Rows(12, 3, 20)), headers: headers{"Content-Type": "application/octet-stream"}}
		}},
		"GET /runs/{id}":         {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call { return call{path: "runs/" + w.run(s).ID} }},
		"POST /runs/{id}/cancel": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call { return call{path: "runs/" + w.run(s).ID + "/cancel"} }},

		"GET /challenges/{no}":         ofChallenge("", nil),
		"POST /challenges/{no}/answer": ofChallenge("/answer", object{"finding": "upheld", "answer": "It is so."}),
		"POST /challenges/{no}/close":  ofChallenge("/close", nil),
	} {
		fixtures[name] = f
	}
}

// hideEvidence makes the claims that some may not know of.
func (e *existence) hideEvidence() {
	w, nobody := e.world, &principal{}
	notScrutiny := append([]string{"scrutiny", "suspended"}, outsiders...)
	for who, from := range map[whose][]string{
		unlocked:  append(append([]string{}, unions...), notScrutiny...),
		formative: outsiders, otherArea: append([]string{"union_officer", "union_rep"}, outsiders...), otherOrg: nil,
	} {
		s := w.side(who, nobody)
		e.put("claim", w.claim(s).Ref, s, from...)
		if who == formative || who == otherArea || who == otherOrg {
			e.put("run", w.run(s).ID, s, append(append([]string{}, unions...), notScrutiny...)...)
		}
		if who == otherArea || who == otherOrg {
			e.put("challenge", w.challenge(s).No, s, from...)
		}
	}
}

// listEvidence is what is asked about them.
func (e *existence) listEvidence(add func(kind, method, path string, body any, by ...string)) {
	plan := asObject(e.t, registertest.Plan())
	for _, part := range []string{"", "/plans/1", "/plans-diff?from=1&to=1", "/results/1", "/results/1/figures", "/results/1/figures/effects"} {
		add("claim", "GET", "claims/{X}"+part, nil)
	}
	add("claim", "PUT", "claims/{X}", plan, "cdo", "manager", "their_cdo")
	for part, body := range map[string]any{
		"lock": object{"reason": "x"}, "withdraw": object{"reason": "x"}, "share": nil, "runs": nil, "reinvestment": object{"month": 0, "shares": object{"unknown": 100}},
	} {
		add("claim", "POST", "claims/{X}/"+part, body, "cdo", "manager", "their_cdo")
	}
	add("claim", "POST", "claims/{X}/challenges", object{"ground": "sample", "body": "x"}, "union_officer", "other_officer", "their_officer")
	ref := e.deployment(e.side(ownArea, &principal{})).Ref
	add("claim", "POST", "deployments/"+ref+"/comments", object{"kind": "concern", "body": "x", "target": "claim", "targetKey": "{X}"}, "union_officer")
	add("deployment", "GET", "deployments/{X}/claims", nil)
	add("deployment", "POST", "deployments/{X}/claims", plan, "cdo", "manager", "their_cdo")
	add("run", "GET", "runs/{X}", nil)
	add("run", "POST", "runs/{X}/cancel", nil, "cdo", "manager", "their_cdo")
	add("challenge", "GET", "challenges/{X}", nil)
	add("challenge", "POST", "challenges/{X}/answer", object{"finding": "upheld", "answer": "It is so."}, "cdo", "manager", "their_cdo")
	add("challenge", "POST", "challenges/{X}/close", nil, "union_officer", "other_officer", "their_officer")
}
