package api_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"beforehand/internal/auth"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

// scene is a house with one of everything that bad input may be thrown at.
type scene struct {
	*server
	other             *registertest.House
	idea, formative   register.DeploymentView
	noticed, gone     register.DeploymentView
	tbc               register.DeploymentView
	notice, theirs    models.Notice
	draft, tbcDraft   models.Draft
	oneLanguage       models.Draft
	comment, answered models.CommentState
	withdrawn         models.CommentState
	request           models.RequestState
	hold              models.Hold
	override          models.Override
	agreement         models.Recognition
}

func newScene(t *testing.T, s *store.Store) *scene {
	t.Helper()
	ctx := t.Context()
	c := &scene{server: serve(t, s), other: registertest.Empty(t, s)}
	c.other.Found(t, "other")
	c.idea, c.formative = c.Deploy(t), c.Formative(t)
	c.draft = need(c.DraftNotice(ctx, c.CDO, c.formative.Ref, registertest.Draft(models.NoticeChange)))(t)
	one := registertest.Draft(models.NoticeChange)
	one.Languages = []models.Language{models.English}
	c.oneLanguage = need(c.DraftNotice(ctx, c.CDO, c.formative.Ref, one))(t)

	rec := c.Record()
	rec.EffectOnWork, rec.GainUse, rec.Outputs, rec.Logic = models.Text{En: "TBC", Cy: "I’w gadarnhau"}, models.Text{}, models.Text{}, models.Text{}
	d := need(c.RegisterDeployment(ctx, c.CDO, register.Registration{Record: rec}))(t)
	c.tbc = need(c.Move(ctx, c.CDO, d.Ref, d.Version, models.StageFormative, ""))(t)
	c.tbcDraft = need(c.DraftNotice(ctx, c.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)

	c.noticed, c.notice = c.Noticed(t)
	say := func() models.CommentState {
		return need(c.MakeComment(ctx, c.Officer, c.noticed.Ref, register.CommentInput{Kind: "concern", Body: "Caseloads must not rise."}))(t)
	}
	c.comment, c.answered, c.withdrawn = say(), say(), say()
	need(c.Dispose(ctx, c.CDO, c.answered.ID, "accepted", "A guardrail was added.", nil))(t)
	must(t, c.WithdrawComment(ctx, c.Officer, c.withdrawn.ID))
	c.request = need(c.Ask(ctx, c.Officer, c.noticed.Ref, "", "How many cases?"))(t)
	c.hold = need(c.PlaceHold(ctx, c.CDO, c.noticed.Ref, "", "Status quo", models.MustDate("2026-10-30")))(t)
	c.override = need(c.RequestOverride(ctx, c.CDO, c.noticed.Ref, models.StageDecided, "Emergency", models.MustDate("2026-09-30")))(t)
	c.agreement = need(c.Recognitions(ctx, c.HR))(t)[0]
	c.gone, _ = c.Noticed(t)
	c.gone = need(c.Move(ctx, c.CDO, c.gone.Ref, c.gone.Version, models.StageWithdrawn, "Not wanted"))(t)
	for range 9 {
		_, c.theirs = c.other.Noticed(t)
	}
	for _, a := range []models.Actor{c.CDO, c.Manager, c.HR, c.Admin, c.Officer, c.Approver} {
		c.as(a) // a token made later would be an entry of its own
	}
	return c
}

// broken is a complete record with something wrong in it.
func (c *scene) broken(t *testing.T, more object) object { return asObject(t, c.Record()).with(more) }

func TestBadInput(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newScene(t, s)
		for _, sc := range slices.Concat(c.bodies(t), c.records(t), c.references(t), c.versions(), c.rules(), c.addresses()) {
			t.Run(sc.name, func(t *testing.T) { c.run(t, sc) })
		}
		if strings.Contains(c.log.String(), `"internal error"`) {
			t.Errorf("something was an internal error:\n%s", c.log)
		}
	})
}

func (c *scene) bodies(t *testing.T) []scenario {
	t.Helper()
	post := func(name string, body any, status int, code string, fields ...string) scenario {
		return scenario{name: name, who: c.CDO, method: "POST", path: "deployments", body: body, status: status, code: code, fields: fields}
	}
	big, kind := multi(t, map[string]string{"file": strings.Repeat("x", 50<<20)})
	all := []scenario{
		post("unknown field", c.broken(t, object{"title": "x"}), 422, "invalid", "title"),
		post("unknown field deep down", c.broken(t, object{"training": object{"cost": 3}}), 422, "invalid", "training.cost"),
		post("wrong type", c.broken(t, object{"name": 5}), 422, "invalid", "name"),
		post("text for a number", c.broken(t, object{"licences": "many"}), 422, "invalid", "licences"),
		post("a fraction for a whole number", c.broken(t, object{"licences": 1.5}), 422, "invalid", "licences"),
		post("a number beyond any", strings.Replace(string(asJSON(t, c.Record())), `"riskLevel"`, `"licences":1e400,"riskLevel"`, 1), 400, "malformed_json"),
		post("a number beyond the machine's", strings.Replace(string(asJSON(t, c.Record())), `"riskLevel"`, `"licences":123456789012345678901234567890,"riskLevel"`, 1), 422, "invalid"),
		post("a negative number", c.broken(t, object{"licences": -1}), 422, "invalid", "licences"),
		post("null where an answer is needed", c.broken(t, object{"serviceArea": nil}), 422, "invalid"),
		post("array for an object", []object{c.broken(t, nil)}, 422, "invalid"),
		post("a bare text", `"deployment"`, 422, "invalid"),
		post("null", `null`, 422, "invalid"),
		post("no body", nil, 400, "malformed_json"),
		post("an empty body", "", 400, "malformed_json"),
		post("half a body", `{"name": {"en": "Dr`, 400, "malformed_json"),
		post("two bodies", `{} {}`, 400, "malformed_json"),
		post("a body 100,000 deep", strings.Repeat(`{"name":`, 100_000), 400, "malformed_json"),
		post("a closed body 20,000 deep", strings.Repeat(`[`, 20_000)+strings.Repeat(`]`, 20_000), 400, "malformed_json"),
		post("over 1 MiB", `{"name":"`+strings.Repeat("x", 1<<20)+`"}`, 413, "body_too_large"),
		post("not UTF-8", "{\"name\":{\"en\":\"\xff\xfe\"}}", 422, "not_utf8"),
		post("half a surrogate", `{"name":{"en":"\ud800"}}`, 422, "invalid"),
		post("NUL", c.broken(t, object{"owner": "Head\x00of"}), 422, "invalid", "owner"),
		post("an escape character", c.broken(t, object{"purpose": object{"en": "\x1b[31mred", "cy": "coch"}}), 422, "invalid", "purpose.en"),
		{name: "text as the content type", who: c.CDO, method: "POST", path: "deployments", body: `{}`, headers: headers{"Content-Type": "text/plain"}, status: 415, code: "not_acceptable"},
		{name: "a form as the content type", who: c.CDO, method: "POST", path: "deployments", body: "name=x", headers: headers{"Content-Type": "application/x-www-form-urlencoded"}, status: 415, code: "not_acceptable"},
		{name: "an import over 50 MiB", who: c.CDO, method: "POST", path: "imports?map=us-federal-2024", body: big, headers: headers{"Content-Type": kind}, status: 413, code: "upload_too_large"},
		{name: "an import that is no form", who: c.CDO, method: "POST", path: "imports?map=us-federal-2024", body: "a,b\n", headers: headers{"Content-Type": "text/csv"}, status: 422},
		{name: "an attachment without a name", who: c.CDO, method: "POST", path: "attachments", body: "x", headers: headers{"Content-Type": "application/octet-stream"}, status: 422, fields: []string{"name"}},
		{name: "an empty attachment", who: c.CDO, method: "POST", path: "attachments?name=a.txt", body: nil, headers: headers{"Content-Type": "application/octet-stream"}, status: 400, code: "attachment_empty"},
		{name: "a page as an attachment", who: c.CDO, method: "POST", path: "attachments?name=a.pdf", body: "<!doctype html><script>1</script>", headers: headers{"Content-Type": "application/octet-stream"}, status: 422, code: "attachment_type"},
		{name: "patch with an unknown field", who: c.CDO, method: "PATCH", path: "deployments/" + c.idea.Ref, body: `{"title":1}`, headers: patching(c.idea.Version), status: 422, code: "invalid", fields: []string{"title"}},
		{name: "patch with a wrong type", who: c.CDO, method: "PATCH", path: "deployments/" + c.idea.Ref, body: `{"licences":"many"}`, headers: patching(c.idea.Version), status: 422},
		{name: "patch that removes what is needed", who: c.CDO, method: "PATCH", path: "deployments/" + c.idea.Ref, body: `{"name":null}`, headers: patching(c.idea.Version), status: 422, fields: []string{"name"}},
		{name: "patch with NUL", who: c.CDO, method: "PATCH", path: "deployments/" + c.idea.Ref, body: `{"owner":"\u0000"}`, headers: patching(c.idea.Version), status: 422, fields: []string{"owner"}},
		{name: "patch with the year 0", who: c.CDO, method: "PATCH", path: "deployments/" + c.idea.Ref, body: `{"dates":{"reviewDue":"0000-01-01"}}`, headers: patching(c.idea.Version), status: 422},
	}
	for _, text := range []struct {
		who          models.Actor
		method, path string
		body         object
		field        string
	}{
		{c.Admin, "POST", "service-areas", object{"name": object{"en": "a\x00"}}, "name.en"},
		{c.Admin, "POST", "unions", object{"name": "a\x00", "abbreviation": "A"}, "name"},
		{c.HR, "POST", "bargaining-units", object{"name": "a\x00"}, "name"},
		{c.HR, "POST", "job-roles", object{"title": "a\x00", "serviceArea": c.Area.ID, "headcount": 1}, "title"},
		{c.HR, "POST", "branches", object{"union": c.Unison.ID + "\x00", "name": "b"}, "union"},
		{c.HR, "PUT", "organisation/closure-days", object{"lines": "2026-12-29 \x00"}, "lines"},
		{c.Admin, "POST", "invitations", object{"email": "n@x.example", "name": "\x00", "role": "hr"}, "name"},
		{c.CDO, "POST", "tokens", object{"name": "\x00", "days": 1}, "name"},
		{c.CDO, "POST", "deployments/" + c.idea.Ref + "/scope", object{"union": c.Unison.ID, "reason": "\x00"}, "reason"},
		{c.CDO, "POST", "deployments/" + c.idea.Ref + "/late", object{"reason": "\x00"}, "reason"},
		{c.Officer, "POST", "deployments/" + c.noticed.Ref + "/comments", object{"kind": "concern", "body": "\x00"}, "body"},
		{c.Officer, "POST", "deployments/" + c.noticed.Ref + "/comments", object{"kind": "concern", "body": "b", "target": "notice", "targetKey": "\x00"}, "targetKey"},
		{c.Officer, "POST", "deployments/" + c.noticed.Ref + "/requests", object{"question": "\x00?"}, "question"},
		{c.CDO, "POST", "comments/" + c.comment.ID + "/disposition", object{"verdict": "accepted", "reason": "\x00"}, "reason"},
		{c.CDO, "POST", "notices/" + c.notice.No + "/deliveries", object{"union": c.Unison.ID, "event": "handed", "at": "2026-09-07T08:00:00Z", "detail": "\x00", "proof": "x"}, "detail"},
		{models.Actor{}, "POST", "session", object{"email": "cdo@tywi.example", "password": "\x00", "organisation": "\x00"}, "organisation"},
	} {
		all = append(all, scenario{
			name: "NUL in " + text.field + " to " + text.path, who: text.who, method: text.method, path: text.path, body: text.body,
			headers: ifMatch(1), status: 422, code: "invalid", fields: []string{text.field},
		})
	}
	return all
}

func patching(version int) headers {
	return headers{"Content-Type": "application/merge-patch+json", "If-Match": fmt.Sprintf(`"%d"`, version)}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jsonEncoder(&b).Encode(v))
	return b.Bytes()
}

func (c *scene) records(t *testing.T) []scenario {
	t.Helper()
	dates := func(more object) object { return object{"dates": asObject(t, c.Record().Dates).with(more)} }
	group := object{"jobRole": c.Role.ID, "headcount": 1}
	var all []scenario
	for _, r := range []struct {
		name  string
		with  object
		field string
	}{
		{"a date that does not exist", dates(object{"goLivePlanned": "2026-02-30"}), "dates.goLivePlanned"},
		{"29 February of a common year", dates(object{"reviewDue": "2027-02-29"}), "dates.reviewDue"},
		{"a date of the year 0", dates(object{"formative": "0000-01-01"}), "dates.formative"},
		{"a date of five digits", dates(object{"reviewDue": "12026-01-01"}), "dates.reviewDue"},
		{"a date with a time", dates(object{"reviewDue": "2026-01-01T00:00:00Z"}), "dates.reviewDue"},
		{"pilot after go-live", dates(object{"pilotPlanned": "2027-03-02"}), "dates.pilotPlanned"},
		{"review before go-live", dates(object{"reviewDue": "2027-02-01"}), "dates.reviewDue"},
		{"a name too long", object{"name": object{"en": strings.Repeat("é", 101), "cy": "x"}}, "name.en"},
		{"a summary too long", object{"summary": object{"en": "x", "cy": strings.Repeat("x", 401)}}, "summary.cy"},
		{"too many words", object{"natureOfChange": object{"en": strings.Repeat("word ", 301), "cy": "gair"}}, "natureOfChange.en"},
		{"an unknown use family", object{"useFamily": "telepathy"}, "useFamily"},
		{"a group twice", object{"groups": []object{group, group}}, "groups[1].jobRole"},
		{"a negative headcount", object{"groups": []object{group.with(object{"headcount": -1})}}, "groups[0].headcount"},
		{"a headcount of billions", object{"groups": []object{group.with(object{"headcount": 9_000_000_000})}}, "groups[0].headcount"},
		{"a negative cost", object{"costs": []object{{"kind": "one_off", "year": 2026, "pence": -1}}}, "costs[0].pence"},
		{"a cost of the year 1", object{"costs": []object{{"kind": "one_off", "year": 1, "pence": 1}}}, "costs[0].year"},
		{"training beyond all", object{"training": object{"percentDone": 101}}, "training.percentDone"},
		{"a contact that is no mailbox", object{"publicContact": "call us"}, "publicContact"},
		{"worker data and none", object{"noWorkerData": true}, "noWorkerData"},
		{"something withheld that is no field", object{"withheld": []object{{"field": "salary", "audience": "public", "ground": "x", "until": "2027-01-01", "decidedBy": "x"}}}, "withheld[0].field"},
		{"no purpose", object{"purpose": nil}, "purpose"},
	} {
		all = append(all, scenario{name: r.name, who: c.CDO, method: "POST", path: "deployments", body: c.broken(t, r.with), status: 422, code: "invalid", fields: []string{r.field}})
	}
	return all
}

// references are to what another organisation holds: for us it does not exist.
func (c *scene) references(t *testing.T) []scenario {
	t.Helper()
	file := need(c.other.Attach(t.Context(), c.other.CDO, "a.txt", []byte("theirs")))(t)
	unit := need(c.other.AddBargainingUnit(t.Context(), c.other.HR, "Theirs"))(t)
	branch := need(c.other.Branches(t.Context(), c.other.HR))(t)[0]
	hidden := []string{c.other.Area.NameCy + "?", "theirs"}
	gone := func(name string, who models.Actor, method, path string, body object) scenario {
		return scenario{name: "another's " + name, who: who, method: method, path: path, body: orNil(body), headers: ifMatch(1), status: 404, code: "not_found", not: hidden}
	}
	return []scenario{
		gone("service area", c.CDO, "POST", "deployments", c.broken(t, object{"serviceArea": c.other.Area.ID})),
		gone("service area as a parent", c.Admin, "POST", "service-areas", object{"name": object{"en": "x"}, "parent": c.other.Area.ID}),
		gone("service area in a filter", c.CDO, "GET", "deployments?serviceArea="+c.other.Area.ID, nil),
		gone("service area of a job role", c.HR, "POST", "job-roles", object{"title": "x", "serviceArea": c.other.Area.ID, "headcount": 1}),
		gone("bargaining unit of a job role", c.HR, "POST", "job-roles", object{"title": "x", "serviceArea": c.Area.ID, "headcount": 1, "bargainingUnit": unit.ID}),
		gone("job role", c.CDO, "POST", "deployments", c.broken(t, object{"groups": []object{{"jobRole": c.other.Role.ID, "headcount": 1}}})),
		gone("union of a branch", c.HR, "POST", "branches", object{"union": c.other.Unison.ID, "name": "x"}),
		gone("branch", c.HR, "POST", "branches/"+branch.ID+"/service-addresses", object{"channel": "post", "address": "x", "languages": []string{"en"}, "from": "2026-01-01"}),
		gone("union in scope", c.CDO, "POST", "deployments/"+c.idea.Ref+"/scope", object{"union": c.other.Unison.ID, "reason": "x"}),
		gone("union of a hold", c.CDO, "POST", "deployments/"+c.idea.Ref+"/holds", object{"union": c.other.Unison.ID, "ground": "x", "until": "2026-10-30"}),
		gone("union of an outcome", c.CDO, "PUT", "deployments/"+c.noticed.Ref+"/outcomes/"+c.other.Unison.ID, object{"outcome": "consensus"}),
		gone("notice superseded", c.CDO, "POST", "deployments/"+c.formative.Ref+"/drafts", draftBody("supplementary").with(object{"supersedes": c.theirs.No, "correction": object{"en": "x", "cy": "y"}})),
		gone("notice commented on", c.Officer, "POST", "deployments/"+c.noticed.Ref+"/comments", object{"kind": "concern", "body": "x", "target": "notice", "targetKey": c.theirs.No}),
		gone("notice", c.CDO, "GET", "notices/"+c.theirs.No, nil),
		gone("attachment", c.CDO, "GET", "attachments/"+file.ID, nil),
		gone("attachment as proof", c.CDO, "POST", "notices/"+c.notice.No+"/deliveries", object{"union": c.Unison.ID, "event": "handed", "at": c.Clock.Now(), "proof": file.ID}),
		gone("deployment", c.CDO, "GET", "deployments/DEP-2026-009", nil),
	}
}

func (c *scene) versions() []scenario {
	var all []scenario
	for _, target := range []struct {
		name         string
		who          models.Actor
		method, path string
		body         any
		kind         string
	}{
		{"organisation", c.Admin, "PUT", "organisation", object{"name": object{"en": "x"}, "zone": "Europe/London", "profile": "wales-partnership"}, ""},
		{"job role", c.HR, "PUT", "job-roles/" + c.Role.ID, object{"title": "x", "serviceArea": c.Area.ID, "headcount": 1}, ""},
		{"parts of a deployment", c.CDO, "PATCH", "deployments/" + c.idea.Ref, object{"function": "x"}, "application/merge-patch+json"},
		{"deployment", c.CDO, "PUT", "deployments/" + c.idea.Ref, c.Record(), ""},
		{"move", c.CDO, "POST", "deployments/" + c.idea.Ref + "/move", object{"to": "formative"}, ""},
		{"decision", c.Approver, "POST", "deployments/" + c.idea.Ref + "/decide", object{"reason": "x"}, ""},
		{"going live", c.Approver, "POST", "deployments/" + c.idea.Ref + "/go-live", object{"reason": "x"}, ""},
		{"late mark", c.CDO, "POST", "deployments/" + c.idea.Ref + "/late", object{"reason": "x"}, ""},
		{"class", c.CDO, "POST", "deployments/" + c.idea.Ref + "/class", object{"class": "D", "reason": "x"}, ""},
		{"hold", c.CDO, "POST", "holds/" + c.hold.ID + "/lift", object{"reason": "x"}, ""},
		{"override", c.Approver, "POST", "overrides/" + c.override.ID + "/sign", nil, ""},
		{"agreement", c.HR, "PUT", "recognitions/" + c.agreement.ID, object{"electronicFrom": "2024-01-01"}, ""},
		{"challenge", c.Officer, "POST", "requests/" + c.request.No + "/challenge", object{"text": "x"}, ""},
		{"draft", c.CDO, "PUT", "drafts/" + c.draft.ID, draftBody("change"), ""},
		{"discard", c.CDO, "DELETE", "drafts/" + c.draft.ID, nil, ""},
		{"serving", c.CDO, "POST", "drafts/" + c.draft.ID + "/serve", nil, ""},
		{"answer", c.CDO, "POST", "requests/" + c.request.No + "/answer", object{"text": "x"}, ""},
		{"withholding", c.CDO, "POST", "requests/" + c.request.No + "/withhold", object{"ground": "x", "expiresOn": "2030-01-01"}, ""},
	} {
		for _, v := range []struct {
			name, tag string
			status    int
			code      string
		}{
			{"no", "", 428, "version_required"},
			{"a stale", `"77"`, 412, "stale_version"},
			{"a bare", `1`, 412, "version_malformed"},
			{"any", `*`, 412, "version_malformed"},
			{"a negative", `"-1"`, 412, "version_malformed"},
			{"a huge", `"99999999999999999999"`, 412, "version_malformed"},
		} {
			h := headers{}
			if target.kind != "" {
				h["Content-Type"] = target.kind
			}
			if v.tag != "" {
				h["If-Match"] = v.tag
			}
			all = append(all, scenario{name: v.name + " version, " + target.name, who: target.who, method: target.method, path: target.path, body: target.body, headers: h, status: v.status, code: v.code})
		}
	}
	return all
}

// rules are what the domain refuses.
func (c *scene) rules() []scenario {
	comments := "deployments/" + c.gone.Ref + "/comments"
	return []scenario{
		{name: "serving with TBC and empty items", who: c.CDO, method: "POST", path: "drafts/" + c.tbcDraft.ID + "/serve", headers: ifMatch(1), status: 422, code: "notice_gaps", fields: []string{"items[8]", "items[10]", "items[18]"}},
		{name: "serving one language to a recipient of two", who: c.CDO, method: "POST", path: "drafts/" + c.oneLanguage.ID + "/serve", headers: ifMatch(1), status: 422, code: "notice_gaps", fields: []string{"languages"}},
		{name: "a meeting on no day", who: c.CDO, method: "POST", path: "deployments/" + c.formative.Ref + "/drafts", body: draftBody("change").with(object{"meetings": []string{"2026-09-15", ""}}), status: 422, fields: []string{"meetings[1]"}},
		{name: "noted", who: c.CDO, method: "POST", path: "comments/" + c.comment.ID + "/disposition", body: object{"verdict": "noted", "reason": "Thank you."}, status: 422, code: "noted_refused"},
		{name: "noted as the reason", who: c.CDO, method: "POST", path: "comments/" + c.comment.ID + "/disposition", body: object{"verdict": "accepted", "reason": "Noted."}, status: 422, code: "invalid", fields: []string{"reason"}},
		{name: "an unknown verdict", who: c.CDO, method: "POST", path: "comments/" + c.comment.ID + "/disposition", body: object{"verdict": "perhaps", "reason": "x"}, status: 422, fields: []string{"verdict"}},
		{name: "a second disposition", who: c.CDO, method: "POST", path: "comments/" + c.answered.ID + "/disposition", body: object{"verdict": "rejected", "reason": "We changed our mind."}, status: 409, code: "disposition_exists"},
		{name: "a comment after withdrawal", who: c.Officer, method: "POST", path: comments, body: object{"kind": "concern", "body": "Still?"}, status: 409, code: "deployment_withdrawn"},
		{name: "a request after withdrawal", who: c.Officer, method: "POST", path: "deployments/" + c.gone.Ref + "/requests", body: object{"question": "Still?"}, status: 409, code: "deployment_withdrawn"},
		{name: "correcting a withdrawn comment", who: c.Officer, method: "POST", path: "comments/" + c.withdrawn.ID + "/correct", body: object{"body": "No: 20."}, status: 409, code: "comment_withdrawn"},
		{name: "answering a withdrawn comment", who: c.CDO, method: "POST", path: "comments/" + c.withdrawn.ID + "/disposition", body: object{"verdict": "accepted", "reason": "x y"}, status: 409, code: "comment_withdrawn"},
		{name: "withdrawing twice", who: c.Officer, method: "POST", path: "comments/" + c.withdrawn.ID + "/withdraw", status: 409, code: "comment_withdrawn"},
		{name: "a closure day that is none", who: c.HR, method: "PUT", path: "organisation/closure-days", headers: ifMatch(1), body: object{"lines": "2026-12-29 Closed\nNew Year\n2026-02-30 x"}, status: 422, fields: []string{"lines[2]", "lines[3]"}, has: []string{"Line 2", "Line 3"}},
		{name: "a closure day twice", who: c.HR, method: "PUT", path: "organisation/closure-days", headers: ifMatch(1), body: object{"lines": "2026-12-29\n2026-12-29"}, status: 422, fields: []string{"lines[2]"}},
		{name: "a shut gate", who: c.Approver, method: "POST", path: "deployments/" + c.noticed.Ref + "/decide", body: object{"reason": "Now"}, headers: ifMatch(c.noticed.Version), status: 409, code: "gate_blocked"},
		{name: "a stage out of order", who: c.CDO, method: "POST", path: "deployments/" + c.idea.Ref + "/move", body: object{"to": "retired", "reason": "x"}, headers: ifMatch(c.idea.Version), status: 409, code: "stage_order"},
		{name: "a class lowered", who: c.CDO, method: "POST", path: "deployments/" + c.idea.Ref + "/class", body: object{"class": "A", "reason": "x"}, headers: ifMatch(c.idea.Version), status: 409, code: "class_lowered"},
		{name: "a union already in scope", who: c.CDO, method: "POST", path: "deployments/" + c.idea.Ref + "/scope", body: object{"union": c.Unison.ID, "reason": "x"}, status: 409, code: "union_in_scope"},
		{name: "a hold in the past", who: c.CDO, method: "POST", path: "deployments/" + c.idea.Ref + "/holds", body: object{"ground": "x", "until": "2020-01-01"}, status: 422, fields: []string{"until"}},
		{name: "an unknown profile", who: c.Admin, method: "PUT", path: "organisation", headers: ifMatch(1), body: object{"name": object{"en": "x"}, "zone": "Europe/London", "profile": "atlantis"}, status: 422, fields: []string{"profile"}},
		{name: "an unknown zone", who: c.Admin, method: "PUT", path: "organisation", headers: ifMatch(1), body: object{"name": object{"en": "x"}, "zone": "Mars/Olympus", "profile": "wales-partnership"}, status: 422, fields: []string{"zone"}},
		{name: "a token for a year and a day", who: c.CDO, method: "POST", path: "tokens", body: object{"name": "x", "days": 367}, status: 422, fields: []string{"days"}},
		{name: "in Welsh", who: c.CDO, method: "POST", path: "comments/" + c.comment.ID + "/disposition", headers: headers{"Accept-Language": "cy"}, body: object{"verdict": "noted", "reason": "x"}, status: 422, has: []string{"Nid yw"}, not: []string{"is not an answer"}},
		{name: "fields in Welsh", who: c.CDO, method: "POST", path: "deployments", headers: headers{"Accept-Language": "cy-GB, en;q=0.5"}, body: object{"name": 5, "title": 1}, status: 422, not: []string{"unexpected", "expected", "There is no such field", "put right"}},
		{name: "a key that nobody types", who: c.CDO, method: "POST", path: "tokens", headers: headers{"Idempotency-Key": "\xff"}, body: object{"name": "x", "days": 0}, status: 422},
		{name: "a key too long", who: c.CDO, method: "POST", path: "deployments", headers: headers{"Idempotency-Key": strings.Repeat("k", 201)}, body: object{}, status: 422, fields: []string{"Idempotency-Key"}},
		{name: "a key that is not UTF-8", who: c.CDO, method: "POST", path: "deployments", headers: headers{"Idempotency-Key": "\xff"}, body: object{}, status: 422, fields: []string{"Idempotency-Key"}},
	}
}

func cursorOf(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"k":"` + key + `","i":"` + id + `"}`))
}

// addresses are what may stand in an address.
func (c *scene) addresses() []scenario {
	nobody := models.Actor{}
	all := []scenario{
		{name: "limit 0", path: "deployments?limit=0", status: 422, fields: []string{"limit"}},
		{name: "limit 201", path: "deployments?limit=201", status: 422, fields: []string{"limit"}},
		{name: "limit -1", path: "deployments?limit=-1", status: 422, fields: []string{"limit"}},
		{name: "limit beyond the machine's", path: "deployments?limit=99999999999999999999", status: 422, fields: []string{"limit"}},
		{name: "limit in words", path: "deployments?limit=ten", status: 422, fields: []string{"limit"}},
		{name: "a malformed cursor", path: "deployments?cursor=%2e%2e", status: 422, fields: []string{"cursor"}},
		{name: "a cursor of nothing", path: "deployments?cursor=e30", status: 422, fields: []string{"cursor"}},
		{name: "a cursor of another sort", path: "deployments?sort=updated&cursor=" + cursorOf("Draft", "x"), status: 422, fields: []string{"cursor"}},
		{name: "a cursor with NUL", path: "deployments?sort=name&cursor=" + cursorOf(`\u0000`, "x"), status: 422, fields: []string{"cursor"}},
		{name: "a cursor of the year 0", path: "deployments?sort=review&cursor=" + cursorOf("0000-01-01", "x"), status: 422, fields: []string{"cursor"}},
		{name: "a malformed cursor of comments", path: "comments?cursor=!", status: 422, fields: []string{"cursor"}},
		{name: "a cursor of comments with NUL", path: "comments?cursor=" + cursorOf(`\u0000`, `\u0000`), status: 422, fields: []string{"cursor"}},
		{name: "an unknown sort", path: "deployments?sort=colour", status: 422, fields: []string{"sort"}},
		{name: "an unknown stage", path: "deployments?stage=done", status: 422, fields: []string{"stage"}},
		{name: "a date that does not exist", path: "deployments?reviewDue=2026-02-30", status: 422, fields: []string{"reviewDue"}},
		{name: "a gate on a day that does not exist", path: "deployments/" + c.idea.Ref + "/gate?at=2026-02-30", status: 422, fields: []string{"at"}},
		{name: "a gate in the year 0", path: "deployments/" + c.idea.Ref + "/gate?at=0000-01-01", status: 422, fields: []string{"at"}},
		{name: "as at a day that does not exist", path: "deployments/" + c.idea.Ref + "/as-at/2026-02-30", status: 422},
		{name: "as at the year 0", path: "deployments/" + c.idea.Ref + "/as-at/0000-01-01", status: 422},
		{name: "as at before the register", path: "deployments/" + c.idea.Ref + "/as-at/0001-01-01", status: 404},
		{name: "a version below 1", path: "deployments/" + c.idea.Ref + "/versions/0", status: 422},
		{name: "a version beyond all", path: "deployments/" + c.idea.Ref + "/versions/99999999999", status: 422},
		{name: "versions below a number beyond all", path: "deployments/" + c.idea.Ref + "/versions?below=99999999999", status: 422, fields: []string{"below"}},
		{name: "a difference of nothing", path: "deployments/" + c.idea.Ref + "/diff", status: 422, fields: []string{"from", "to"}},
		{name: "a timeline from before", path: "deployments/" + c.idea.Ref + "/timeline?from=-1", status: 422, fields: []string{"from"}},
		{name: "NUL in a search", path: "deployments?q=%00", status: 422, fields: []string{"q"}},
		{name: "bytes in a search", path: "deployments?q=%ff", status: 422, fields: []string{"q"}},
		{name: "an unknown organisation", path: "deployments?organisation=atlantis", who: nobody, status: 404},
		{name: "no organisation of two", path: "deployments", who: nobody, status: 422, code: "organisation_required"},
		{name: "dots", path: "deployments/..", status: 404},
		{name: "dots and slashes", path: "deployments/..%2f..%2fetc%2fpasswd", status: 404},
		{name: "NUL", path: "deployments/%00", status: 404},
		{name: "bytes", path: "deployments/%ff", status: 404},
		{name: "an escape", path: "deployments/%1b", status: 404},
		{name: "an emoji", path: "deployments/%F0%9F%A6%84", status: 404},
		{name: "a quote", path: "deployments/'%20OR%201=1--", status: 404},
		{name: "a format", path: "deployments/%25s%25n", status: 404},
		{name: "nothing", path: "deployments/", status: 404},
		{name: "5,000 characters", path: "deployments/" + strings.Repeat("x", 5000), status: 422},
		{name: "a line feed", path: "deployments/a%0d%0aSet-Cookie:x=y", status: 404},
		{name: "an unknown address", path: "nothing/here", status: 404},
		{name: "an unknown address of nobody", path: "/nothing/here", who: nobody, status: 404},
		{name: "a wrong method", method: "DELETE", path: "deployments", status: 405, code: "method_not_allowed"},
		{name: "an unknown method", method: "BREW", path: "deployments", status: 405, code: "method_not_allowed"},
		{name: "an address in Welsh", path: "nothing", headers: headers{"Accept-Language": "cy"}, status: 404, not: []string{"Not found:"}},
	}
	for i := range all {
		if all[i].method == "" {
			all[i].method = "GET"
		}
		if !strings.Contains(all[i].name, "organisation") && !strings.Contains(all[i].name, "nobody") {
			all[i].who = c.CDO
		}
		if strings.HasPrefix(all[i].path, "deployments/") || all[i].status == 422 || all[i].name == "" {
			all[i].name = "address: " + all[i].name
		}
	}
	return all
}

func TestWhoAsksBadly(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newScene(t, s)
		ctx := t.Context()
		narrow, _, err := c.IssueToken(ctx, c.CDO, register.NewToken{Name: "pipeline", Scopes: []string{"gate.read"}, Days: 1})
		must(t, err)
		c.send("GET", "profiles", nil, http.Header{"Authorization": {"Bearer " + narrow}}) // where it is first used from is noted once
		secret, hash := auth.NewToken()
		now := c.Now()
		must(t, s.Within(ctx, func(tx *store.Tx) error {
			return tx.Add(ctx, &models.Token{ID: "revoked", OrgID: c.Org.ID, UserID: c.CDO.UserID, Name: "r", Hash: hash, ExpiresAt: now.AddDate(1, 0, 0), CreatedAt: now, RevokedAt: &now})
		}))
		bearer := func(v string) headers { return headers{"Authorization": v} }
		gate := "deployments/" + c.noticed.Ref + "/gate?to=pilot"
		for _, sc := range []scenario{
			{name: "a token of nobody", method: "GET", path: "me", headers: bearer("Bearer nonsense"), status: 401, code: "bad_credentials"},
			{name: "an empty token", method: "GET", path: "me", headers: bearer("Bearer "), status: 401},
			{name: "a token with NUL", method: "GET", path: "me", headers: bearer("Bearer \xff"), status: 401},
			{name: "another scheme", method: "GET", path: "me", headers: bearer("Basic YTpi"), status: 401},
			{name: "a revoked token", method: "GET", path: "me", headers: bearer("Bearer " + secret), status: 401},
			{name: "a wrong token where the public may read", method: "GET", path: "deployments?organisation=tywi", headers: bearer("Bearer nonsense"), status: 401},
			{name: "within a token's scope", method: "GET", path: gate, headers: bearer("Bearer " + narrow), status: 200},
			{name: "outside a token's scope", method: "POST", path: "deployments", body: c.Record(), headers: bearer("Bearer " + narrow), status: 403, code: "forbidden"},
			{name: "a token that would make another", method: "POST", path: "tokens", body: object{"name": "x", "days": 1}, headers: bearer("Bearer " + narrow), status: 403},
			{name: "a wrong password", method: "POST", path: "session", body: object{"email": c.CDO.Email, "password": "wrong"}, status: 401, code: "bad_credentials"},
			{name: "a wrong address", method: "POST", path: "session", body: object{"email": "nobody@tywi.example", "password": "wrong"}, status: 401, code: "bad_credentials"},
			{name: "a cross-site request", who: c.CDO, method: "POST", path: "deployments", body: c.Record(), headers: headers{"Sec-Fetch-Site": "cross-site"}, status: 403, code: "cross_origin"},
			{name: "a cross-site request in Welsh", who: c.CDO, method: "POST", path: "deployments", body: c.Record(), headers: headers{"Sec-Fetch-Site": "cross-site", "Accept-Language": "cy"}, status: 403, not: []string{"another site"}},
			{name: "another origin", who: c.CDO, method: "POST", path: "deployments", body: c.Record(), headers: headers{"Origin": "https://evil.example"}, status: 403, code: "cross_origin"},
		} {
			t.Run(sc.name, func(t *testing.T) { c.run(t, sc) })
		}
		t.Run("a cross-site request with a session", func(t *testing.T) {
			in := c.do(models.Actor{}, "POST", "session", object{"email": c.CDO.Email, "password": registertest.Password})
			cookie, _, _ := strings.Cut(in.Header.Get("Set-Cookie"), ";")
			if in.Status != 200 || cookie == "" {
				t.Fatalf("signing in: %s", in)
			}
			c.run(t, scenario{method: "POST", path: "deployments", body: c.Record(), headers: headers{"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}, status: 403, code: "cross_origin"})
			c.run(t, scenario{method: "POST", path: "deployments", body: c.Record(), headers: headers{"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}, status: 201, entries: 1})
		})
		t.Run("an expired token", func(t *testing.T) {
			token := c.as(c.CDO)
			c.Clock.Set(now.AddDate(0, 0, 91))
			c.run(t, scenario{method: "GET", path: "me", headers: headers{"Authorization": token}, status: 401, code: "bad_credentials"})
		})
	})
}

// TestAProfileThatLacksAClass holds that silence is not a period of nought.
func TestAProfileThatLacksAClass(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b, err := os.ReadFile("../policy/profiles/wales-partnership.yaml")
		must(t, err)
		lines := slices.DeleteFunc(strings.Split(string(b), "\n"), func(l string) bool { return strings.Contains(l, "class: B,") })
		_, err = policy.Load(fstest.MapFS{"wales-partnership.yaml": {Data: []byte(strings.Join(lines, "\n"))}})
		if err == nil || !strings.Contains(err.Error(), "class B has no period before pilot") {
			t.Fatalf("a profile without class B was loaded: %v", err)
		}
		// An organisation whose profile is taken away gets no date either.
		set, err := policy.Load(fstest.MapFS{})
		must(t, err)
		h := registertest.New(t, s)
		d := h.Formative(t)
		draft := need(h.DraftNotice(t.Context(), h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
		ruledBy(t, h, policy.Default(), set, t.TempDir())
		k := serveHouse(t, h, policy.Default())
		k.as(k.CDO)
		lacks := scenario{who: h.CDO, status: 422, code: "unknown_profile"}
		for _, path := range []string{"GET deployments/" + d.Ref + "/gate?to=decided", "GET drafts/" + draft.ID, "POST drafts/" + draft.ID + "/serve"} {
			sc := lacks
			sc.method, sc.path, _ = strings.Cut(path, " ")
			sc.headers = ifMatch(1)
			k.run(t, sc)
		}
	})
}

// TestNothingGetsIntoAHeader holds that a file's name is only ever a name.
func TestNothingGetsIntoAHeader(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		made := k.do(k.CDO, "POST", "attachments?name=a%0d%0aSet-Cookie:%20x=y%22.txt", []byte("text"), headers{"Content-Type": "application/octet-stream"})
		if made.Status != http.StatusCreated {
			t.Fatal(made)
		}
		got := k.do(k.CDO, "GET", made.Header.Get("Location"), nil, headers{"X-Request-Id": "mine\tyours"})
		if got.Status != 200 || got.Header.Get("Set-Cookie") != "" || strings.ContainsAny(got.Header.Get("Content-Disposition"), "\r\n") {
			t.Errorf("%v", got.Header)
		}
		if !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") || strings.Contains(got.Header.Get("X-Request-Id"), "mine") {
			t.Errorf("%v", got.Header)
		}
	})
}
