package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

// whose says to whom the record of a request belongs, seen from the people of
// the first organisation: the manager's area is adult social care, the
// union_officer and the union_rep are UNISON's, other_officer is GMB's.
type whose string

const (
	ownOrg     whose = "own organisation"
	ownArea    whose = "own area, noticed"
	formative  whose = "own area, formative"
	idea       whose = "own area, idea"
	otherArea  whose = "other area, formative"
	byOwn      whose = "UNISON's"
	byOther    whose = "GMB's"
	scrutinyOf whose = "UNISON's, to scrutiny"
	assessed   whose = "own area, an assessment"
	otherOrg   whose = "other organisation"
	newUnion   whose = "a union without officers"
	ownAccount whose = "own account"
	anothers   whose = "another's, own organisation"
	lent       whose = "lent by the approver"
	formal     whose = "own area, formal response"
)

// world is two organisations on one database and what is found in them.
type world struct {
	*server
	first, second *registertest.House
	kept          map[string]any // fixtures that nobody has used up
	files         string
	people        map[string]*principal
	borrower      models.Actor // of the employer's side, whom no column is
	otherRep      models.Actor // GMB's
	loan          models.Membership
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOn(t, storetest.Open(t, "sqlite"))
}

func newWorldOn(t testing.TB, s *store.Store) *world {
	t.Helper()
	first := registertest.New(t, s)
	second := registertest.Empty(t, s)
	second.Found(t, "other")
	// So that no number of one organisation is one of the other's too.
	must(t, s.Within(t.Context(), func(tx *store.Tx) error {
		for _, series := range []string{
			"deployment", "notice", "request", "claim", "challenge", "dispute", "meeting", "engagement", "questionnaire", "action", "barrier", "statement", "flag",
		} {
			if _, err := tx.NextNumber(t.Context(), second.Org.ID, series, 2026); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, s.Raw(t.Context(), "UPDATE counters SET last = 2000 WHERE org_id = '"+second.Org.ID+"'"))
	w := &world{first: first, second: second, kept: map[string]any{}, files: t.TempDir(), people: map[string]*principal{}}
	ruledBy(t, first, policy.Default(), policy.Bundled(), w.files)
	w.server = serveHouse(t, first, policy.Default())
	w.populate()
	return w
}

// under is the same world, served by another rulebook. What is found in it is
// still made by the whole one.
func (w *world) under(t testing.TB, p *policy.Policy) *world {
	t.Helper()
	h, other := *w.first, *w
	ruledBy(t, &h, p, policy.Bundled(), w.files)
	other.server = serveHouse(t, &h, p)
	return &other
}

// side is where a record is made and by whom.
type side struct {
	*registertest.House
	whose whose
	area  models.ServiceArea
	role  models.JobRole
	union models.Union
	voice models.Actor // who speaks for the union
	// caller is who asks; somebody else when nobody does.
	caller *principal
}

func (w *world) side(who whose, caller *principal) side {
	h := w.first
	if who == otherOrg || who == ownOrg && caller.actor.OrgID == w.second.Org.ID {
		h = w.second
	}
	s := side{h, who, h.Area, h.Role, h.Unison, h.Officer, caller}
	switch who {
	case otherArea:
		s.area, s.role, s.union, s.voice = h.OtherArea, h.OtherRole, h.GMB, h.OtherOfficer
	case byOther:
		s.union, s.voice = h.GMB, h.OtherOfficer
	}
	return s
}

// keep makes a fixture once for as long as nobody uses it up.
func keep[T any](w *world, s side, name string, build func() T) T {
	key := name + " " + string(s.whose)
	v, ok := w.kept[key].(T)
	if !ok {
		v = build()
		w.kept[key] = v
	}
	return v
}

// deployment is one of the side's, at the stage its whose says.
func (w *world) deployment(s side) register.DeploymentView {
	w.t.Helper()
	return keep(w, s, "deployment", func() register.DeploymentView {
		d := w.madeAt(s, models.StageIdea)
		if s.whose == idea {
			return d
		}
		d = need(s.Move(w.t.Context(), s.CDO, d.Ref, d.Version, models.StageFormative, ""))(w.t)
		if s.whose == formative || s.whose == otherArea {
			return d
		}
		w.served(s, d)
		return need(s.Register.Deployment(w.t.Context(), s.CDO, d.Ref))(w.t)
	})
}

func (w *world) record(s side) models.Record {
	rec := s.Record()
	rec.ServiceAreaID, rec.Groups = s.area.ID, []models.Group{{JobRoleID: s.role.ID, Headcount: 5}}
	return rec
}

func (w *world) madeAt(s side, stage models.Stage) register.DeploymentView {
	d := need(s.RegisterDeployment(w.t.Context(), s.CDO, register.Registration{Record: w.record(s)}))(w.t)
	v := need(s.Register.Deployment(w.t.Context(), s.CDO, d.Ref))(w.t)
	if stage == models.StageFormative {
		v = need(s.Move(w.t.Context(), s.CDO, d.Ref, d.Version, stage, ""))(w.t)
	}
	return v
}

func (w *world) served(s side, d register.DeploymentView) models.Notice {
	draft := need(s.DraftNotice(w.t.Context(), s.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(w.t)
	n := need(s.ServeNotice(w.t.Context(), s.CDO, draft.ID, draft.Version))(w.t)
	must(w.t, s.DeliverAll(w.t.Context(), n))
	return n
}

func (w *world) notice(s side) models.Notice {
	return keep(w, s, "notice", func() models.Notice {
		d := w.madeAt(s, models.StageFormative)
		if s.whose != formative && s.whose != otherArea {
			return w.served(s, d)
		}
		// A formative notice leaves a deployment formative.
		draft := need(s.DraftNotice(w.t.Context(), s.CDO, d.Ref, registertest.Draft(models.NoticeFormative)))(w.t)
		return need(s.ServeNotice(w.t.Context(), s.CDO, draft.ID, draft.Version))(w.t)
	})
}

func (w *world) draft(s side) models.Draft {
	return keep(w, s, "draft", func() models.Draft {
		d := w.madeAt(s, models.StageFormative)
		return need(s.DraftNotice(w.t.Context(), s.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(w.t)
	})
}

// comment is one that the side's union has made: to the parties, or to scrutiny.
func (w *world) comment(s side) models.CommentState {
	return keep(w, s, "comment", func() models.CommentState {
		d := w.madeAt(s, models.StageFormative)
		in := register.CommentInput{Kind: "concern", Body: "Caseloads must not rise."}
		if s.whose == scrutinyOf {
			in.Circle = models.CircleScrutiny
		}
		return need(s.MakeComment(w.t.Context(), s.voice, d.Ref, in))(w.t)
	})
}

func (w *world) request(s side) models.RequestState {
	return keep(w, s, "request", func() models.RequestState {
		d := w.madeAt(s, models.StageFormative)
		return need(s.Ask(w.t.Context(), s.voice, d.Ref, "", "How many cases does each worker carry?"))(w.t)
	})
}

func (w *world) hold(s side) models.Hold {
	return keep(w, s, "hold", func() models.Hold {
		d := w.madeAt(s, models.StageFormative)
		return need(s.PlaceHold(w.t.Context(), s.CDO, d.Ref, "", "Status quo", models.MustDate("2026-10-30")))(w.t)
	})
}

func (w *world) override(s side) models.Override {
	return keep(w, s, "override", func() models.Override {
		d := w.madeAt(s, models.StageFormative)
		return need(s.RequestOverride(w.t.Context(), s.CDO, d.Ref, models.StageNoticed, "Emergency", models.MustDate("2026-09-30")))(w.t)
	})
}

func (w *world) branch(s side) string {
	for _, b := range need(s.Branches(w.t.Context(), s.HR))(w.t) {
		if b.UnionID == s.union.ID {
			return b.ID
		}
	}
	w.t.Fatal("no branch")
	return ""
}

func (w *world) attachment(s side, by models.Actor) models.Attachment {
	return keep(w, s, "attachment of "+by.Name, func() models.Attachment {
		return need(s.Attach(w.t.Context(), by, "receipt.txt", []byte("received\n")))(w.t)
	})
}

const (
	importCSV = "Use Case Name,Area,Purpose\nSort the post,Post room,Less sorting\n"
	ownMap    = `source: own
key: ["Use Case Name"]
area: ["Area"]
createAreas: true
constants:
  owner: Head of post
  useFamily: other
  decisionStatus: idea
columns:
  - {column: "Use Case Name", field: name.en}
  - {column: "Purpose", field: purpose.en}
`
)

func (w *world) importRun(s side) register.ImportReport {
	return keep(w, s, "import", func() register.ImportReport {
		return need(s.Import(w.t.Context(), s.CDO, register.ImportInput{FileName: "a.csv", Data: []byte(importCSV), Map: "own.yaml", MapFile: []byte(ownMap), OnProblem: "stop"}))(w.t)
	})
}

// call is a request that somebody makes.
type call struct {
	path    string
	query   string
	body    any
	match   int
	headers headers
	// refused says that the use case is to find fault with the body: what is
	// asked is only whether it gets that far.
	refused bool
	// undo puts the caller's account back as it was.
	undo func()
}

// fixture is how an operation is called on somebody's record.
type fixture struct {
	whose []whose
	call  func(w *world, s side) call
	// twin says that it would use up whoever may: somebody just like them asks.
	twin bool
}

var counter int

// unique is text that no row has yet.
func unique(s string) string { counter++; return fmt.Sprintf("%s %d", s, counter) }

var (
	settings    = []whose{ownOrg}
	deployments = []whose{ownArea, formative, idea, otherArea, otherOrg}
	writing     = []whose{ownArea, formative, idea, otherArea, otherOrg}
	ofUnions    = []whose{byOwn, byOther, otherArea, otherOrg}
)

// at is a request on a part of a deployment, with its version and a body.
func at(part string, body object) func(w *world, s side) call {
	return func(w *world, s side) call {
		d := w.deployment(s)
		return call{path: "deployments/" + d.Ref + part, match: d.Version, body: orNil(body)}
	}
}

func orNil(o object) any {
	if o == nil {
		return nil
	}
	return o
}

// parts are what a save of parts changes.
func parts(s side) object {
	if s.whose == assessed {
		return object{"assessments": []object{{"kind": "dpia", "state": "yes", "on": "2026-08-21"}}}
	}
	return object{"function": unique("Visits")}
}

func plain(path string, body func(s side) object) func(w *world, s side) call {
	return func(_ *world, s side) call {
		c := call{path: path}
		if body != nil {
			c.body = body(s)
		}
		return c
	}
}

func multi(t testing.TB, parts map[string]string) ([]byte, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, content := range parts {
		file, err := m.CreateFormFile(name, map[string]string{"file": "a.csv", "mapFile": "own.yaml"}[name])
		must(t, err)
		_, err = file.Write([]byte(content))
		must(t, err)
	}
	must(t, m.Close())
	return b.Bytes(), m.FormDataContentType()
}

// fixtures are every operation of the document. One that is missing fails the test.
var fixtures = map[string]fixture{
	"GET /organisation": {whose: settings, call: plain("organisation", nil)},
	"PUT /organisation": {whose: settings, call: func(w *world, s side) call {
		o := need(s.Organisation(w.t.Context(), s.Admin))(w.t)
		return call{path: "organisation", match: o.Version, body: object{"name": object{"en": "Tywi", "cy": "Tywi"}, "zone": "Europe/London", "profile": "wales-partnership"}}
	}},
	"GET /organisation/closure-days": {whose: settings, call: plain("organisation/closure-days", nil)},
	"PUT /organisation/closure-days": {whose: settings, call: func(w *world, s side) call {
		o := need(s.Organisation(w.t.Context(), s.Admin))(w.t)
		return call{path: "organisation/closure-days", body: object{"lines": "2026-12-29 Closed"}, match: o.Version}
	}},
	"GET /profiles":      {whose: settings, call: plain("profiles", nil)},
	"GET /service-areas": {whose: settings, call: plain("service-areas", nil)},
	"POST /service-areas": {whose: []whose{ownOrg, otherOrg}, call: plain("service-areas", func(s side) object {
		return object{"name": object{"en": unique("Area"), "cy": "Maes"}, "parent": s.area.ID}
	})},
	"GET /bargaining-units":  {whose: settings, call: plain("bargaining-units", nil)},
	"POST /bargaining-units": {whose: settings, call: plain("bargaining-units", func(side) object { return object{"name": unique("Unit")} })},
	"GET /job-roles":         {whose: settings, call: plain("job-roles", nil)},
	"POST /job-roles": {whose: []whose{ownOrg, otherOrg}, call: plain("job-roles", func(s side) object {
		return object{"title": unique("Porter"), "serviceArea": s.area.ID, "headcount": 3}
	})},
	"GET /job-roles/{id}": {whose: []whose{ownOrg, otherOrg}, call: func(_ *world, s side) call { return call{path: "job-roles/" + s.role.ID} }},
	"PUT /job-roles/{id}": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
		j := need(s.JobRole(w.t.Context(), s.HR, s.role.ID))(w.t)
		return call{path: "job-roles/" + j.ID, match: j.Version, body: object{"title": j.Title, "serviceArea": j.ServiceAreaID, "headcount": j.Headcount, "bargainingUnit": *j.BargainingUnitID}}
	}},

	"GET /unions": {whose: settings, call: plain("unions", nil)},
	"POST /unions": {whose: settings, call: plain("unions", func(side) object {
		return object{"name": unique("Union"), "abbreviation": strings.ReplaceAll(unique("U"), " ", "")}
	})},
	"GET /branches": {whose: settings, call: plain("branches", nil)},
	"POST /branches": {whose: []whose{ownOrg, otherOrg}, call: plain("branches", func(s side) object {
		return object{"union": s.union.ID, "name": unique("Branch")}
	})},
	"GET /officers": {whose: settings, call: plain("officers", nil)},
	"POST /who-would-be-told": {whose: []whose{ownOrg, otherOrg}, call: plain("who-would-be-told", func(s side) object {
		return object{"jobRoles": []string{s.role.ID}, "on": "2026-09-07"}
	})},
	"POST /branches/{id}/officers": {whose: []whose{byOwn, byOther, otherOrg}, call: func(w *world, s side) call {
		return call{path: "branches/" + w.branch(s) + "/officers", body: object{"email": s.voice.Email, "post": "deputy", "from": "2026-01-01"}}
	}},
	"GET /service-addresses": {whose: settings, call: plain("service-addresses", nil)},
	"POST /branches/{id}/service-addresses": {whose: []whose{byOwn, byOther, otherOrg}, call: func(w *world, s side) call {
		return call{path: "branches/" + w.branch(s) + "/service-addresses", body: object{"channel": "post", "address": unique("County Hall"), "languages": []string{"en"}, "from": "2026-01-01"}}
	}},
	"GET /recognitions": {whose: settings, call: plain("recognitions", nil)},
	"POST /recognitions": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
		u := need(s.AddBargainingUnit(w.t.Context(), s.HR, unique("Unit")))(w.t)
		return call{path: "recognitions", body: object{"union": s.union.ID, "branch": w.branch(s), "bargainingUnit": u.ID, "from": "2024-01-01"}}
	}},
	"PUT /recognitions/{id}": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
		all := need(s.Recognitions(w.t.Context(), s.HR))(w.t)
		return call{path: "recognitions/" + all[0].ID, match: all[0].Version, body: object{"electronicFrom": "2024-01-01"}}
	}},

	"GET /deployments": {whose: settings, call: plain("deployments", nil)},
	"POST /deployments": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
		return call{path: "deployments", body: asObject(w.t, w.record(s))}
	}},
	"GET /deployments/{ref}": {whose: deployments, call: at("", nil)},
	"PUT /deployments/{ref}": {whose: writing, call: func(w *world, s side) call {
		d := w.deployment(s)
		rec := w.record(s)
		rec.Function = unique("Visits")
		return call{path: "deployments/" + d.Ref, match: d.Version, body: asObject(w.t, rec)}
	}},
	"PATCH /deployments/{ref}": {whose: append(slices.Clone(writing), assessed), call: func(w *world, s side) call {
		d := w.deployment(s)
		return call{path: "deployments/" + d.Ref, match: d.Version, body: parts(s), headers: headers{"Content-Type": "application/merge-patch+json"}}
	}},
	"GET /deployments/{ref}/gate":  {whose: deployments, call: at("/gate", nil)},
	"GET /deployments/{ref}/scope": {whose: deployments, call: at("/scope", nil)},
	"POST /deployments/{ref}/scope": {whose: writing, call: func(w *world, s side) call {
		u := need(s.AddUnion(w.t.Context(), s.Admin, unique("Unite"), strings.ReplaceAll(unique("UN"), " ", "")))(w.t)
		return call{path: "deployments/" + w.deployment(s).Ref + "/scope", body: object{"union": u.ID, "reason": "Members work beside the team"}}
	}},
	"GET /deployments/{ref}/timeline": {whose: deployments, call: at("/timeline", nil)},
	"GET /deployments/{ref}/versions": {whose: deployments, call: at("/versions", nil)},
	"GET /deployments/{ref}/versions/{number}": {whose: deployments, call: func(w *world, s side) call {
		d := w.deployment(s)
		return call{path: fmt.Sprintf("deployments/%s/versions/%d", d.Ref, d.Version)}
	}},
	"GET /deployments/{ref}/as-at/{date}": {whose: deployments, call: at("/as-at/2026-12-31", nil)},
	"GET /deployments/{ref}/diff": {whose: deployments, call: func(w *world, s side) call {
		return call{path: "deployments/" + w.deployment(s).Ref + "/diff", query: fmt.Sprintf("from=%[1]d&to=%[1]d", w.deployment(s).Version)}
	}},
	"POST /deployments/{ref}/move":            {whose: writing, call: at("/move", object{"to": "withdrawn", "reason": "Not wanted"})},
	"POST /deployments/{ref}/decide":          {whose: writing, call: at("/decide", object{"reason": "Agreed"})},
	"POST /deployments/{ref}/go-live":         {whose: writing, call: at("/go-live", object{"reason": "Agreed"})},
	"POST /deployments/{ref}/late":            {whose: writing, call: at("/late", object{"reason": "Found in use"})},
	"POST /deployments/{ref}/class":           {whose: writing, call: at("/class", object{"class": "D", "reason": "Posts may go"})},
	"GET /deployments/{ref}/material-changes": {whose: deployments, call: at("/material-changes", nil)},
	"POST /deployments/{ref}/material-changes/{number}": {whose: []whose{ownArea, otherOrg}, call: func(w *world, s side) call {
		v := keep(w, s, "material change", func() register.DeploymentView {
			d := w.madeAt(s, models.StageFormative)
			w.served(s, d)
			d = need(s.Register.Deployment(w.t.Context(), s.CDO, d.Ref))(w.t)
			return need(s.Revise(w.t.Context(), s.CDO, d.Ref, d.Version, func(r models.Record) (models.Record, error) {
				r.Purpose.En = unique("Something else")
				r.Purpose.Cy = r.Purpose.En
				return r, nil
			}, register.Judgement{}))(w.t)
		})
		return call{path: fmt.Sprintf("deployments/%s/material-changes/%d", v.Ref, v.Version), body: object{"material": false, "reason": "Words only"}}
	}},
	"GET /deployments/{ref}/holds":  {whose: deployments, call: at("/holds", nil)},
	"POST /deployments/{ref}/holds": {whose: writing, call: at("/holds", object{"ground": "Status quo", "until": "2026-10-30"})},
	"POST /holds/{id}/lift": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
		h := w.hold(s)
		return call{path: "holds/" + h.ID + "/lift", match: h.Version, body: object{"reason": "Agreed"}}
	}},
	"GET /deployments/{ref}/overrides":  {whose: deployments, call: at("/overrides", nil)},
	"POST /deployments/{ref}/overrides": {whose: writing, call: at("/overrides", object{"to": "live", "ground": "Emergency", "expiresOn": "2026-09-30"})},
	"POST /overrides/{id}/sign": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
		o := w.override(s)
		return call{path: "overrides/" + o.ID + "/sign", match: o.Version}
	}},
	"GET /deployments/{ref}/scorecards": {whose: deployments, call: at("/scorecards", nil)},
	"PUT /deployments/{ref}/scorecards/{party}": {whose: []whose{ownArea, formative, idea, otherArea, byOwn, byOther, otherOrg}, call: func(w *world, s side) call {
		party := "employer"
		if s.whose == byOwn || s.whose == byOther {
			party = s.union.ID
		}
		score := object{"dimension": "LOAD", "direction": -1, "likelihood": 2, "reach": 5, "reversibility": 1, "duration": 1, "confidence": "low"}
		return call{path: "deployments/" + w.deployment(s).Ref + "/scorecards/" + party, body: object{"scores": []object{score}}}
	}},

	"GET /deployments/{ref}/drafts":  {whose: deployments, call: at("/drafts", nil)},
	"POST /deployments/{ref}/drafts": {whose: writing, call: at("/drafts", draftBody("change"))},
	"GET /drafts/{id}":               {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call { return call{path: "drafts/" + w.draft(s).ID} }},
	"PUT /drafts/{id}": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
		d := w.draft(s)
		return call{path: "drafts/" + d.ID, match: d.Version, body: draftBody("change")}
	}},
	"DELETE /drafts/{id}": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call { d := w.draft(s); return call{path: "drafts/" + d.ID, match: d.Version} }},
	"POST /drafts/{id}/serve": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
		d := w.draft(s)
		return call{path: "drafts/" + d.ID + "/serve", match: d.Version}
	}},
	"GET /deployments/{ref}/notices": {whose: deployments, call: at("/notices", nil)},
	"GET /notices/{no}":              {whose: []whose{ownArea, formative, otherArea, otherOrg}, call: func(w *world, s side) call { return call{path: "notices/" + w.notice(s).No} }},
	"POST /notices/{no}/acknowledge": {whose: []whose{byOwn, byOther, otherArea, otherOrg}, call: func(w *world, s side) call {
		return call{path: "notices/" + w.notice(s).No + "/acknowledge", body: object{"union": s.union.ID}}
	}},
	"POST /notices/{no}/deliveries": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
		return call{path: "notices/" + w.notice(s).No + "/deliveries", body: object{"union": s.union.ID, "event": "handed", "at": w.first.Clock.Now().Format(time.RFC3339Nano), "proof": w.attachment(s, s.CDO).ID}}
	}},

	"GET /comments":                   {whose: settings, call: plain("comments", nil)},
	"GET /deployments/{ref}/comments": {whose: deployments, call: at("/comments", nil)},
	"POST /deployments/{ref}/comments": {whose: append(slices.Clone(writing), formal), call: func(w *world, s side) call {
		kind := "concern"
		if s.whose == formal {
			kind = "formal_response"
		}
		return call{path: "deployments/" + w.deployment(s).Ref + "/comments", body: object{"kind": kind, "body": "Caseloads must not rise."}}
	}},
	"GET /comments/{id}": {whose: append(slices.Clone(ofUnions), scrutinyOf), call: func(w *world, s side) call { return call{path: "comments/" + w.comment(s).ID} }},
	"POST /comments/{id}/correct": {whose: ofUnions, call: func(w *world, s side) call {
		return call{path: "comments/" + w.comment(s).ID + "/correct", body: object{"body": "Above 20."}}
	}},
	"POST /comments/{id}/withdraw": {whose: ofUnions, call: func(w *world, s side) call { return call{path: "comments/" + w.comment(s).ID + "/withdraw"} }},
	"POST /comments/{id}/redact": {whose: ofUnions, call: func(w *world, s side) call {
		return call{path: "comments/" + w.comment(s).ID + "/redact", body: object{"body": "[…] must not rise.", "reason": "Names a colleague"}}
	}},
	"POST /comments/{id}/widen": {whose: ofUnions, call: func(w *world, s side) call {
		return call{path: "comments/" + w.comment(s).ID + "/widen", body: object{"circle": "public"}}
	}},
	"POST /comments/{id}/disposition": {whose: ofUnions, call: func(w *world, s side) call {
		return call{path: "comments/" + w.comment(s).ID + "/disposition", body: object{"verdict": "accepted", "reason": "A guardrail was added."}}
	}},
	"GET /deployments/{ref}/outcomes": {whose: deployments, call: at("/outcomes", nil)},
	"PUT /deployments/{ref}/outcomes/{union}": {whose: []whose{ownArea, formative, otherArea, otherOrg}, call: func(w *world, s side) call {
		return call{path: "deployments/" + w.deployment(s).Ref + "/outcomes/" + s.union.ID, body: object{"outcome": "consensus"}}
	}},
	"PUT /deployments/{ref}/outcomes/{union}/statement": {whose: []whose{byOwn, byOther, otherArea, otherOrg}, call: func(w *world, s side) call {
		d := w.deployment(s)
		o := keep(w, s, "outcome", func() models.UnionOutcome {
			return need(s.RecordOutcome(w.t.Context(), s.CDO, d.Ref, 0, s.union.ID, "consensus", "", 0))(w.t)
		})
		return call{path: "deployments/" + d.Ref + "/outcomes/" + s.union.ID + "/statement", match: o.Version, body: object{"statement": "We agree."}}
	}},

	"GET /deployments/{ref}/requests":  {whose: deployments, call: at("/requests", nil)},
	"POST /deployments/{ref}/requests": {whose: writing, call: at("/requests", object{"question": "How many cases does each worker carry?"})},
	"GET /requests/{no}":               {whose: ofUnions, call: func(w *world, s side) call { return call{path: "requests/" + w.request(s).No} }},
	"POST /requests/{no}/answer": {whose: ofUnions, call: func(w *world, s side) call {
		q := w.request(s)
		return call{path: "requests/" + q.No + "/answer", match: q.Version, body: object{"text": "Between 18 and 24."}}
	}},
	"POST /requests/{no}/withhold": {whose: ofUnions, call: func(w *world, s side) call {
		q := w.request(s)
		return call{path: "requests/" + q.No + "/withhold", match: q.Version, body: object{"ground": "Commercial confidence", "expiresOn": "2026-12-01"}}
	}},
	"POST /requests/{no}/challenge": {whose: ofUnions, call: func(w *world, s side) call {
		q := keep(w, s, "withheld", func() models.RequestState {
			q := w.request(s)
			return need(s.Withhold(w.t.Context(), s.CDO, q.No, q.Version, "Commercial confidence", models.MustDate("2026-12-01"), ""))(w.t)
		})
		return call{path: "requests/" + q.No + "/challenge", match: q.Version, body: object{"text": "It is not a secret."}}
	}},

	"POST /imports": {whose: settings, call: func(w *world, s side) call {
		b, kind := multi(w.t, map[string]string{"file": importCSV, "mapFile": ownMap})
		return call{path: "imports", query: "dryRun=true", body: b, headers: headers{"Content-Type": kind}}
	}},
	"GET /imports/{id}": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call { return call{path: "imports/" + w.importRun(s).ID} }},
	"POST /attachments": {whose: settings, call: func(*world, side) call {
		return call{path: "attachments", query: "name=receipt.txt", body: []byte("received\n"), headers: headers{"Content-Type": "application/octet-stream"}}
	}},
	"GET /attachments/{id}": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call { return call{path: "attachments/" + w.attachment(s, s.CDO).ID} }},
	"GET /ledger":           {whose: settings, call: plain("ledger", nil)},
}

// operation is one of the document's.
type operation struct{ name, method, act string }

// operationsOf are the operations of the document, in its order.
func operationsOf(t testing.TB, k *server) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Description string `json:"description"`
		} `json:"paths"`
	}
	must(t, json.Unmarshal(need(k.api.OpenAPI())(t), &doc))
	var ops []operation
	for path, item := range doc.Paths {
		for method, op := range item {
			_, act, _ := strings.Cut(op.Description, "Permission: `")
			act, _, _ = strings.Cut(act, "`")
			method = strings.ToUpper(method)
			ops = append(ops, operation{method + " " + strings.TrimPrefix(path, "/api/v1"), method, act})
		}
	}
	slices.SortFunc(ops, func(x, y operation) int {
		_, a, _ := strings.Cut(x.name, " ")
		_, b, _ := strings.Cut(y.name, " ")
		return strings.Compare(a+" "+x.method, b+" "+y.method)
	})
	return ops
}

// cell is one answer, reduced.
func (w *world) cell(op operation, who whose, column string) string {
	w.t.Helper()
	f, p := fixtures[op.name], w.people[column]
	if f.twin {
		p = w.twin(p)
	}
	c := f.call(w, w.side(who, p))
	h := headers{}
	if c.match > 0 && op.method != http.MethodGet {
		h["If-Match"] = fmt.Sprintf(`"%d"`, c.match)
	}
	path := c.path
	if c.query != "" {
		path += "?" + c.query
	}
	if p.actor.Anonymous() || p.gone { // nobody says which of the two organisations they ask
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "organisation=" + w.first.Org.Slug
	}
	if op.act == "open" || op.act == "flag.raise" || strings.HasPrefix(op.act, "account.") {
		must(w.t, w.first.Store.Raw(w.t.Context(), "DELETE FROM attempts")) // how often one may try is no part of this
	}
	got := w.askAs(p, op.method, path, c.body, h, c.headers)
	if op.method != http.MethodGet && got.Status < 300 {
		clear(w.kept) // it may be used up
	}
	if c.undo != nil {
		c.undo()
	}
	return w.reduced(op, who, column, c, got)
}

// reduced is what a cell says of an answer.
func (w *world) reduced(op operation, who whose, column string, c call, got answer) string {
	w.t.Helper()
	code := ""
	if got.Status >= 400 {
		code = got.problem(w.t).Code
	}
	switch got.Status {
	case 401:
		switch code {
		case "step_up_required":
			return "401s"
		case "passkey_refused":
			return "401p"
		case "second_factor_required":
			return "yes"
		case "unauthenticated", "bad_credentials":
			return "401"
		}
	case 403, 404:
		return fmt.Sprint(got.Status)
	case 412, 422, 428:
		if slices.Contains([]string{"invalid", "malformed_json", "version_required", "stale_version"}, code) && !c.refused {
			w.t.Errorf("%s, %s, %s: the fixture is not valid: %s", op.name, who, column, got)
		}
		return "yes"
	case 200, 201, 202, 204, 409, 410:
		return "yes"
	}
	w.t.Errorf("%s, %s, %s: %s", op.name, who, column, got)
	return fmt.Sprint(got.Status)
}

// row is the answers that everybody gets.
func (w *world) row(op operation, who whose) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-52s %-27s", op.name, who)
	for i, group := range columns {
		if i > 0 {
			b.WriteString(" |")
		}
		for _, name := range group {
			got := w.cell(op, who, name)
			fmt.Fprintf(&b, " %-*s", max(len(name), 4), got)
			if who == otherOrg && got == "yes" && name != "other_admin" {
				w.t.Errorf("another organisation's record was reached: %s, by %s", op.name, name)
			}
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func matrixHead() string {
	var names strings.Builder
	for i, group := range columns {
		if i > 0 {
			names.WriteString(" |")
		}
		for _, name := range group {
			fmt.Fprintf(&names, " %-*s", max(len(name), 4), name)
		}
	}
	return fmt.Sprintf(`Who may call what: one line an operation and whose record it is called on, one column whoever asks. "yes" is an answer
of 2xx, or a refusal for another reason than who asks. "401s" asks for a fresh proof of who is asking, "401p" for a passkey
ceremony that was not begun. Written by go test ./api -run TestMatrix -update; read the difference before you keep it.

People sign in over HTTP, with a second factor where the role of a chief digital officer wants one:
  cdo ... approver           the employer's side; the manager's area is adult social care
  union_officer, union_rep   UNISON's; other_officer is GMB's
  scrutiny ... none          a councillor, internal audit, the administrator, somebody without an account
  delegate                   somebody of hr to whom the approver has lent their role for today
  suspended                  a cdo whose role is suspended, and who is a councillor besides
  leaver                     a cdo who was signed in when their only role ended
  unproven                   a cdo who has not given the second factor that the role wants
  lapsed                     a cdo who proved who they are eleven minutes ago
  other_admin                administrator of the other organisation: "own organisation" is theirs, and so are the records of
                             "other organisation"; every other record is not
Systems come with a token:
  service                    a service account with every scope it can be given by a cdo
  cdo_token                  the cdo's, with the scopes that a token has when none are named
  gate_token                 the cdo's, for gate.read alone
  area_token                 the cdo's, limited to adult social care
  expired_token, revoked_token

%-52s %-27s%s`, "operation", "whose record", strings.TrimRight(names.String(), " "))
}

const matrixFile = "testdata/matrix.golden"

// openOperations need no permission.
var openOperations = []string{
	"POST /session", "DELETE /session", "POST /session/passkey/begin", "POST /session/passkey", "POST /password-resets", "POST /password-resets/complete",
	"POST /invitations/look", "POST /invitations/accept", "POST /flags/look",
}

// leastDecisions is how many decisions the matrix is to check.
const leastDecisions = 5000

func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lines, decisions := []string{matrixHead()}, 0
	for _, op := range operationsOf(t, w.server) {
		f, ok := fixtures[op.name]
		if !ok {
			t.Errorf("%s has no fixture: say in fixtures how it is called", op.name)
			continue
		}
		if open := slices.Contains(openOperations, op.name); open != (op.act == "open") || !open && !slices.Contains(policy.Acts(), op.act) {
			t.Errorf("%s asks for %q, which is no permission", op.name, op.act)
		}
		for _, who := range f.whose {
			lines = append(lines, w.row(op, who))
			decisions += len(everybody())
		}
	}
	t.Logf("%d decisions were checked", decisions)
	if decisions <= leastDecisions {
		t.Errorf("only %d decisions were checked, want more than %d", decisions, leastDecisions)
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		must(t, os.WriteFile(matrixFile, []byte(got), 0o600))
		return
	}
	compareGolden(t, got, string(need(os.ReadFile(matrixFile))(t)))
}

// compareGolden tells every line that differs, and not only the first.
func compareGolden(t *testing.T, got, want string) {
	t.Helper()
	all, expected := strings.Split(got, "\n"), strings.Split(want, "\n")
	differ := 0
	for i := range max(len(all), len(expected)) {
		line, old := "", ""
		if i < len(all) {
			line = all[i]
		}
		if i < len(expected) {
			old = expected[i]
		}
		if line == old {
			continue
		}
		if differ++; differ <= 20 {
			t.Errorf("line %d of the matrix differs; -update writes it anew\n got %s\nwant %s", i+1, line, old)
		}
	}
	t.Logf("%d lines differ", differ)
}

// unseen are lines that no answer of the API hangs on: what they let somebody
// read is a part of an answer, or has no route.
var unseen = []string{"delivery.read", "metrics.read", "service_area.change", "user.add"}

// TestMatrixMissesEveryLine takes each line out of the policy and looks that
// the matrix would have noticed.
func TestMatrixMissesEveryLine(t *testing.T) {
	t.Parallel()
	text := string(need(os.ReadFile("../policy/policy.csv"))(t))
	model := string(need(os.ReadFile("../policy/model.conf"))(t))
	golden := string(need(os.ReadFile(matrixFile))(t))
	w := newWorld(t)
	ops := operationsOf(t, w.server)
	lines := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "p, ") {
			continue
		}
		lines++
		f := strings.Split(strings.TrimSpace(line), ", ")
		role, act := f[1], f[2]
		// A server each, which goes with its line: four hundred at once take gigabytes.
		t.Run(role+" "+act, func(t *testing.T) {
			p, err := policy.New(model, strings.Replace(text, line, "", 1))
			must(t, err)
			if noticed := w.under(t, p).differs(ops, golden, role, act); noticed == slices.Contains(unseen, act) {
				t.Errorf("without %q the matrix differs: %v", strings.TrimSpace(line), noticed)
			}
		})
	}
	t.Logf("%d policy lines were taken out", lines)
}

// columnOf is the column that shows what a role may do and little else.
func columnOf(role string) string {
	switch role {
	case "public":
		return "none"
	case "person":
		return "manager"
	}
	return role
}

// differs says whether some cell of a role and an act is not as in the golden matrix.
func (w *world) differs(ops []operation, golden, role, act string) bool {
	w.t.Helper()
	column := columnOf(role)
	switch act {
	case "deployment.read_draft":
		act = "deployment.read" // of an idea
	case "user.read":
		act = "membership.end" // what may not be read is not found; of a list only the length changes
	case "comment.respond":
		act = "comment.make" // of the kind that binds
	}
	for _, op := range ops {
		if op.act != act {
			continue
		}
		for _, who := range fixtures[op.name].whose {
			_, rest, _ := strings.Cut(golden, "\n"+fmt.Sprintf("%-52s %-27s", op.name, who))
			row, _, _ := strings.Cut(rest, "\n")
			cells := slices.DeleteFunc(strings.Fields(row), func(s string) bool { return s == "|" })
			if i := slices.Index(everybody(), column); i >= len(cells) || cells[i] != w.cell(op, who, column) {
				return true
			}
		}
	}
	return false
}
