package api_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/mmcdole/gofeed"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// inUse registers what is in use already: it is late, and public at once.
func (k *server) inUse(t testing.TB, name string) models.Deployment {
	t.Helper()
	rec := k.Record()
	rec.Name = models.Text{En: name, Cy: "Cymraeg: " + name}
	rec.DecisionStatus = "already_in_use"
	return need(k.RegisterDeployment(t.Context(), k.CDO, register.Registration{Record: rec, LateReason: "Found in use"}))(t)
}

// opened asks for open data as anybody, and holds what is true of all of it.
func (k *server) opened(t *testing.T, path, media string) answer {
	t.Helper()
	got := k.do(models.Actor{}, "GET", path, nil)
	if got.Status != http.StatusOK || got.Header.Get("Content-Type") != media {
		t.Errorf("%s: %d %s, want 200 %s", path, got.Status, got.Header.Get("Content-Type"), media)
	}
	head := k.do(models.Actor{}, "HEAD", path, nil)
	if head.Status != http.StatusOK || head.Header.Get("Content-Type") != media || len(head.Body) != 0 {
		t.Errorf("HEAD %s: %d %s, %d bytes", path, head.Status, head.Header.Get("Content-Type"), len(head.Body))
	}
	return got
}

// openAddresses are all files about the whole register, with the type of each.
func openAddresses() map[string]string {
	out := map[string]string{
		"/open/tywi/register.atom": "application/atom+xml; charset=utf-8", "/open/tywi/register.atom?language=cy": "application/atom+xml; charset=utf-8",
		"/open/tywi/windows.ics": "text/calendar; charset=utf-8", "/sitemap.xml": "application/xml; charset=utf-8",
	}
	for name, media := range register.OpenFileTypes {
		out["/open/tywi/"+string(name)] = media
	}
	return out
}

// openForms are the forms of other registers that a deployment is offered in.
var openForms = map[string]string{
	"atrs.json": "application/json", "atrs.csv": "text/csv; charset=utf-8", "atrs.html": "text/html; charset=utf-8", "atrs.json?version=3": "application/json",
	"atrs.html?language=cy": "text/html; charset=utf-8", "algoritmeregister.json": "application/json",
}

// readWhole reads a file with a reader that is not ours, to its end.
func readWhole(t *testing.T, path string, got answer) {
	t.Helper()
	name, _, _ := strings.Cut(path, "?")
	switch name[strings.LastIndex(name, ".")+1:] {
	case "csv":
		rows := need(csv.NewReader(bytes.NewReader(got.Body)).ReadAll())(t)
		if len(rows) < 2 {
			t.Errorf("%s: %d rows", path, len(rows))
		}
	case "json", "jsonld":
		if !json.Valid(got.Body) {
			t.Errorf("%s is no JSON: %.500s", path, got.Body)
		}
	case "atom":
		f := need(gofeed.NewParser().Parse(bytes.NewReader(got.Body)))(t)
		if f.FeedType != "atom" || len(f.Items) == 0 {
			t.Errorf("%s: %s with %d entries", path, f.FeedType, len(f.Items))
		}
		must(t, xml.Unmarshal(got.Body, &struct{ XMLName xml.Name }{}))
	case "ics":
		c := need(ics.ParseCalendar(bytes.NewReader(got.Body)))(t)
		if len(c.Events()) == 0 {
			t.Errorf("%s has no events", path)
		}
	case "xml":
		must(t, xml.Unmarshal(got.Body, &struct{ XMLName xml.Name }{}))
	}
}

func TestOpenDataIsOfWhatIsPublished(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		ctx := t.Context()
		shown, n := k.Noticed(t)
		late := k.inUse(t, "Rank applications")
		rec := k.Record()
		rec.Name = models.Text{En: "Idea of nobody else", Cy: "Syniad neb arall"}
		idea := need(k.RegisterDeployment(ctx, k.CDO, register.Registration{Record: rec}))(t)
		rec.Name = models.Text{En: "Formative and not told", Cy: "Ffurfiannol a heb ei ddweud"}
		formative := need(k.RegisterDeployment(ctx, k.CDO, register.Registration{Record: rec}))(t)
		need(k.Move(ctx, k.CDO, formative.Ref, formative.Version, models.StageFormative, ""))(t)
		hidden := []string{idea.Ref, formative.Ref, "Idea of nobody", "Formative and not", "Syniad neb arall", "Ffurfiannol a heb"}

		all := openAddresses()
		for path, media := range all {
			got := k.opened(t, path, media)
			readWhole(t, path, got)
			for _, no := range hidden {
				if strings.Contains(string(got.Body), no) {
					t.Errorf("%s says %q: %.2000s", path, no, got.Body)
				}
			}
			if path == "/open/tywi/catalogue.jsonld" {
				continue // of the files, not of what is in them
			}
			what := []string{shown.Ref, late.Ref}
			switch path {
			case "/open/tywi/omb.csv": // has no column for our numbers
				what = []string{"Draft case notes", "Rank applications"}
			case "/open/tywi/windows.ics":
				what = []string{n.No}
			}
			for _, s := range what {
				if !strings.Contains(string(got.Body), s) {
					t.Errorf("%s lacks %s: %.2000s", path, s, got.Body)
				}
			}
		}
		for _, ref := range []string{shown.Ref, late.Ref} {
			for form, media := range openForms {
				path := "/open/tywi/deployments/" + ref + "/" + form
				readWhole(t, path, k.opened(t, path, media))
			}
		}
		// Whoever asks reads what everybody reads.
		for path := range all {
			got := k.do(k.CDO, "GET", path, nil)
			for _, no := range hidden {
				if strings.Contains(string(got.Body), no) {
					t.Errorf("%s says %q to an officer", path, no)
				}
			}
		}
		for _, path := range []string{
			"/open/nobody/register.csv", "/open/nobody/register.atom", "/open/nobody/windows.ics", "/open/tywi/nothing.csv", "/open/tywi/deployments/" + idea.Ref + "/atrs.json",
			"/open/tywi/deployments/" + formative.Ref + "/atrs.csv", "/open/tywi/deployments/" + formative.Ref + "/algoritmeregister.json", "/open/tywi/deployments/DEP-2026-999/atrs.html",
			"/open/nobody/deployments/" + shown.Ref + "/atrs.json", "/open/tywi/deployments/" + shown.Ref + "/atrs.json?version=99", "/open/tywi/deployments/" + shown.Ref + "/atrs.html?version=x",
		} {
			for _, who := range []models.Actor{{}, k.CDO} {
				k.run(t, scenario{who: who, method: "GET", path: path, status: 404})
			}
			if got := k.do(models.Actor{}, "HEAD", path, nil); got.Status != 404 {
				t.Errorf("HEAD %s: %d", path, got.Status)
			}
		}
		k.run(t, scenario{method: "GET", path: "/open/tywi/register.atom?after=nonsense", status: 422})
	})
}

func TestTheHistoryIsWhole(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		d, _ := k.Noticed(t)
		for i := range 3 {
			v := need(k.Register.Deployment(t.Context(), k.CDO, d.Ref))(t)
			need(k.Revise(t.Context(), k.CDO, d.Ref, v.Version, func(r models.Record) (models.Record, error) {
				r.Function = fmt.Sprintf("function %d", i)
				return r, nil
			}, register.Judgement{}))(t)
		}
		type page struct {
			Items []struct {
				Number int `json:"number"`
			} `json:"items"`
		}
		listed := into[page](t, k.do(models.Actor{}, "GET", "deployments/"+d.Ref+"/versions?limit=100", nil))
		want := map[int]bool{}
		for _, v := range listed.Items {
			want[v.Number] = true
		}
		if len(want) < 4 {
			t.Fatalf("the API lists %d versions", len(want))
		}
		var whole struct {
			Licence string `json:"licence"`
			Changes []struct {
				Ref     string        `json:"ref"`
				Version int           `json:"version"`
				Record  models.Record `json:"record"`
			} `json:"changes"`
		}
		must(t, json.Unmarshal(k.opened(t, "/open/tywi/history.json", "application/json").Body, &whole))
		got := map[int]bool{}
		for _, c := range whole.Changes {
			if got[c.Version] || c.Ref != d.Ref {
				t.Errorf("version %d of %s is there twice, or is not to be there", c.Version, c.Ref)
			}
			got[c.Version] = true
		}
		if !maps.Equal(got, want) {
			t.Errorf("the history has versions %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
		rows := need(csv.NewReader(bytes.NewReader(k.opened(t, "/open/tywi/history.csv", "text/csv; charset=utf-8").Body)).ReadAll())(t)
		if len(rows) != len(want)+1 {
			t.Errorf("%d rows of history, want %d", len(rows)-1, len(want))
		}

		// The licence is the usual one until the organisation says another.
		const ogl = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
		if whole.Licence != ogl {
			t.Errorf("the licence is %q", whole.Licence)
		}
		const other = "https://creativecommons.org/publicdomain/zero/1.0/"
		need(k.ConfigureNotifications(t.Context(), k.Admin, 0, "", other))(t)
		for _, path := range []string{"register.json", "history.json", "register.atom", "catalogue.jsonld"} {
			got := k.do(models.Actor{}, "GET", "/open/tywi/"+path, nil)
			if !strings.Contains(string(got.Body), other) || strings.Contains(string(got.Body), ogl) {
				t.Errorf("%s is under another licence: %.700s", path, got.Body)
			}
		}
	})
}

// marked is a record that says a word of its own in each of its fields that
// hold a person's words, and those fields.
func (k *server) marked() (models.Record, []string) {
	rec := k.Record()
	var fields []string
	word := func(field string) string {
		fields = append(fields, field)
		return "Zzmark" + field
	}
	both := func(field string) models.Text { w := word(field); return models.Text{En: w + " en", Cy: w + " cy"} }
	rec.OneLine, rec.Summary = both("oneLine"), both("summary")
	rec.Function = word("function")
	rec.Suppliers[0].Name = word("suppliers")
	rec.Models[0].Name = word("models")
	rec.Owner, rec.SeniorResponsible = word("owner"), word("seniorResponsibleOwner")
	rec.PublicContact = word("publicContact") + "@tywi.example"
	rec.Purpose, rec.Problem, rec.ExpectedBenefit, rec.PreviousProcess = both("purpose"), both("problem"), both("expectedBenefit"), both("previousProcess")
	rec.Alternatives[0].Text = both("alternatives")
	rec.NatureOfChange, rec.Inputs, rec.Outputs, rec.Logic = both("natureOfChange"), both("inputs"), both("outputs"), both("logic")
	rec.HumanReview.Who = word("humanReview")
	rec.WorkerData[0].Source = word("workerData")
	rec.PublicData = both("publicData")
	rec.WorkerChange, rec.EffectOnWork, rec.AdverseEffects = both("workerChange"), both("effectOnWork"), both("adverseEffects")
	rec.RiskReason = both("riskReason")
	rec.Assessments[0].By = word("assessments")
	rec.Commitments[0].Text = both("commitments")
	rec.Redeployment = both("redeployment")
	rec.Training.Who = word("training")
	rec.FailSafe.Instead = both("failSafe")
	rec.GainUse = both("gainUse")
	rec.Evidence.Plan = both("evidence")
	rec.StaffComms, rec.Procedure = both("staffCommunications"), both("implementationProcedure")
	rec.Dates.GoLivePlanned = models.MustDate("2027-03-17")
	rec.Dates.ReviewDue = models.MustDate("2027-08-19")
	fields = append(fields, "dates")
	return rec, fields
}

// TestWhatIsWithheldIsInNoFile withholds every field that holds somebody's
// words, after they were saved in the open, and looks for the words.
func TestWhatIsWithheldIsInNoFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		ctx := t.Context()
		rec, fields := k.marked()
		d := need(k.RegisterDeployment(ctx, k.CDO, register.Registration{Record: rec}))(t)
		v := need(k.Move(ctx, k.CDO, d.Ref, d.Version, models.StageFormative, ""))(t)
		draft := need(k.DraftNotice(ctx, k.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
		n := need(k.ServeNotice(ctx, k.CDO, draft.ID, draft.Version))(t)
		words := append([]string{"2027-03-17", "2027-08-19"}, "Zzmark")
		base := "deployments/" + d.Ref

		// Before, all of it is in the open.
		if got := k.do(models.Actor{}, "GET", "/open/tywi/register.json", nil); strings.Count(string(got.Body), "Zzmark") < len(fields) {
			t.Errorf("the record does not say its words in the open: %.3000s", got.Body)
		}
		v = need(k.Register.Deployment(ctx, k.CDO, d.Ref))(t)
		v = need(k.Revise(ctx, k.CDO, d.Ref, v.Version, func(r models.Record) (models.Record, error) {
			for _, f := range fields {
				r.Withheld = append(r.Withheld, models.Withheld{Field: f, Audience: "public", Ground: "Commercial confidence", Until: models.MustDate("2026-12-01"), DecidedBy: "Monitoring officer"})
			}
			return r, nil
		}, register.Judgement{}))(t)
		asked := []string{
			base, base + "/versions", base + "/as-at/2026-09-07", base + "/timeline", base + "/gate", base + "/scope", base + "/notices", "notices/" + n.No, "deployments", base + "/material-changes",
			"/en/nothing",
		}
		for number := 2; number <= v.Version; number++ {
			asked = append(asked, fmt.Sprintf("%s/versions/%d", base, number), fmt.Sprintf("%s/diff?from=2&to=%d", base, number))
		}
		asked = append(asked, slices.Collect(maps.Keys(openAddresses()))...)
		for form := range openForms {
			asked = append(asked, "/open/tywi/"+base+"/"+form)
		}
		for _, path := range asked {
			got := k.do(models.Actor{}, "GET", path, nil)
			for _, w := range words {
				if at := strings.Index(string(got.Body), w); at >= 0 {
					t.Errorf("%s tells the public: %.200s", path, got.Body[max(0, at-80):])
				}
			}
		}
		for _, file := range []string{"register.csv", "register.json", "history.csv", "history.json"} {
			if got := k.do(models.Actor{}, "GET", "/open/tywi/"+file, nil); !strings.Contains(string(got.Body), "Commercial confidence") || strings.Contains(string(got.Body), "Monitoring officer") {
				t.Errorf("%s does not say that fields are withheld, or says who decided: %.2000s", file, got.Body)
			}
		}
		if got := k.do(models.Actor{}, "GET", "deployments?q=Zzmarkpurpose", nil); strings.Contains(string(got.Body), d.Ref) {
			t.Errorf("what is withheld is found: %.1000s", got.Body)
		}
	})
}

func TestTheFeedIsPaged(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		const many = 120
		want := map[string]bool{}
		for i := range many {
			want[k.inUse(t, fmt.Sprintf("System %d", i)).Ref] = true
		}
		got := map[string]int{}
		next, pages := "/open/tywi/register.atom?language=en", 0
		ids := map[string]bool{}
		for ; next != "" && pages < 10; pages++ {
			body := k.opened(t, next, "application/atom+xml; charset=utf-8").Body
			var f struct {
				Links []struct {
					Rel  string `xml:"rel,attr"`
					Href string `xml:"href,attr"`
				} `xml:"link"`
				Entries []struct {
					ID      string    `xml:"id"`
					Updated time.Time `xml:"updated"`
				} `xml:"entry"`
			}
			must(t, xml.Unmarshal(body, &f))
			next = ""
			for _, l := range f.Links {
				if l.Rel == "next" {
					next = strings.TrimPrefix(l.Href, registertest.BaseURL)
				}
				if l.Rel == "self" && strings.Contains(l.Href, "after=") != (pages > 0) {
					t.Errorf("page %d calls itself %s", pages, l.Href)
				}
			}
			for i, e := range f.Entries {
				if ids[e.ID] || i > 0 && e.Updated.After(f.Entries[i-1].Updated) {
					t.Errorf("%s is out of order, or twice", e.ID)
				}
				ids[e.ID] = true
			}
			parsed := need(gofeed.NewParser().Parse(bytes.NewReader(body)))(t)
			for _, item := range parsed.Items {
				for ref := range want {
					if strings.Contains(item.Link, "/"+ref+"?") {
						got[ref]++
					}
				}
			}
		}
		for ref := range want {
			if got[ref] != 1 {
				t.Errorf("%s is in the feed %d times", ref, got[ref])
			}
		}
		if len(ids) != many || pages != 3 {
			t.Errorf("%d entries on %d pages", len(ids), pages)
		}
		var whole struct {
			Deployments []struct {
				Ref string `json:"ref"`
			} `json:"deployments"`
		}
		must(t, json.Unmarshal(k.do(models.Actor{}, "GET", "/open/tywi/register.json", nil).Body, &whole))
		if len(whole.Deployments) != many {
			t.Errorf("the file holds %d deployments", len(whole.Deployments))
		}
	})
}

const callbackToken = "a-token-for-notify-to-call-back-with"

// called is what GOV.UK Notify says of a message.
func called(reference, status string) string {
	return fmt.Sprintf(`{"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":%q,"to":"branch@tywi.example","status":%q,`+
		`"created_at":"2026-09-07T07:58:00.000000Z","completed_at":"2026-09-07T07:58:05.000000Z","sent_at":"2026-09-07T07:58:01.000000Z","notification_type":"email"}`, reference, status)
}

func TestNotifyCallsBack(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		files := need(registertest.OpenFiles(t.TempDir()))(t)
		h.Register = register.New(registertest.WithKeys(t, register.Parts{
			Store: s, Policy: policy.Default(), Profiles: policy.Bundled(), Files: files, Mail: h.Outbox, Now: h.Clock.Now, Log: slog.New(slog.DiscardHandler),
			Settings: register.Settings{BaseURL: registertest.BaseURL, MailFrom: "notices@tywi.example", NotifyToken: callbackToken},
		}))
		k := serveHouse(t, h, policy.Default())
		ctx := t.Context()
		_, n := k.Noticed(t)
		seen := need(k.Register.Notice(ctx, k.CDO, n.No))(t)
		dispatch := seen.Parties[0].Dispatches[0]
		body := called(dispatch.MessageID, "delivered")
		token := headers{"Authorization": "Bearer " + callbackToken}

		for name, sc := range map[string]scenario{
			"no token":        {headers: headers{}, body: body, status: 401},
			"another's token": {headers: headers{"Authorization": "Bearer " + callbackToken + "x"}, body: body, status: 401},
			"another scheme":  {headers: headers{"Authorization": "Basic " + callbackToken}, body: body, status: 401},
			"empty token":     {headers: headers{"Authorization": "Bearer "}, body: body, status: 401},
			"not JSON":        {headers: token, body: "delivered", status: 422},
			"nothing":         {headers: token, body: "", status: 422},
			"a list":          {headers: token, body: "[" + body + "]", status: 422},
			"no id":           {headers: token, body: strings.Replace(body, "740e5834-3a29-46b4-9a6f-16142fde533a", "x", 1), status: 422},
			"no such status":  {headers: token, body: called(dispatch.MessageID, "eaten"), status: 422},
			"no time":         {headers: token, body: strings.ReplaceAll(body, "2026-09-07T07", "1970-09-07T07"), status: 422},
			"too large":       {headers: token, body: body + strings.Repeat(" ", 64<<10), status: 413},
		} {
			sc.method, sc.path = "POST", web.CallbackPath
			if got := k.run(t, sc); got.Status != sc.status {
				t.Errorf("%s: %s", name, got)
			}
		}
		if got := k.do(models.Actor{}, "GET", web.CallbackPath, nil); got.Status != 404 && got.Status != 405 {
			t.Errorf("GET: %s", got)
		}

		events := func() (out []models.Delivery) {
			for _, p := range need(k.Register.Notice(ctx, k.CDO, n.No))(t).Parties {
				for _, e := range p.Events {
					if e.Event == models.Delivered {
						out = append(out, e)
					}
				}
			}
			return out
		}
		work := func(until func() bool) {
			t.Helper()
			stop := need(s.Work(ctx, k.Workers(), store.JobSettings{Workers: 4, FirstRetry: time.Second, Log: slog.New(slog.DiscardHandler)}))(t)
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for range 400 {
				if until() {
					break
				}
				<-tick.C
			}
			must(t, stop(context.WithoutCancel(ctx)))
		}
		if len(events()) != 0 {
			t.Fatalf("it is delivered before anybody said so: %+v", events())
		}
		call := func(body string) {
			t.Helper()
			if got := k.do(models.Actor{}, "POST", web.CallbackPath, body, token); got.Status != 204 || len(got.Body) != 0 {
				t.Fatalf("a good call: %s", got)
			}
		}
		call(body)
		work(func() bool { return len(events()) == 1 })
		got := events()
		if len(got) != 1 || got[0].DispatchID == nil || *got[0].DispatchID != dispatch.ID || !got[0].At.Equal(time.Date(2026, 9, 7, 7, 58, 5, 0, time.UTC)) {
			t.Fatalf("the events are %+v", got)
		}
		before := k.state()
		call(body)
		unchanged(t, before, k.state())

		// Of no notice of ours: kept, and nothing else. It is done when the one after it is.
		call(strings.Replace(called("nobody@knows.example", "delivered"), "740e", "740f", 1))
		second := seen.Parties[len(seen.Parties)-1].Dispatches[0]
		if second.ID != dispatch.ID {
			call(strings.Replace(called(second.MessageID, "delivered"), "740e", "7410", 1))
			work(func() bool { return len(events()) == 2 })
		}
		if got := events(); len(got) != 2 {
			t.Errorf("%d deliveries: %+v", len(got), got)
		}
		if open := need(s.OpenCallbacks(ctx, 10))(t); len(open) != 0 {
			t.Errorf("nothing was done with %+v", open)
		}
	})
}

func TestACalendarEndsWithTheRole(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k := serve(t, s)
		ctx := t.Context()
		k.Noticed(t)
		link := need(k.LinkCalendar(ctx, k.Manager))(t)
		path := strings.TrimPrefix(link, registertest.BaseURL)
		got := k.do(models.Actor{}, "GET", path, nil)
		if got.Status != 200 || got.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || got.Header.Get("X-Robots-Tag") != "noindex" {
			t.Fatalf("%s: %s", path, got)
		}
		need(ics.ParseCalendar(bytes.NewReader(got.Body)))(t)
		if got := k.do(models.Actor{}, "HEAD", path, nil); got.Status != 200 {
			t.Errorf("HEAD: %d", got.Status)
		}
		k.run(t, scenario{method: "GET", path: strings.TrimSuffix(path, ".ics"), status: 404})
		k.run(t, scenario{method: "GET", path: strings.Replace(path, ".ics", "x.ics", 1), status: 404})
		held := need(s.Memberships(ctx, k.Manager.UserID))(t)
		if len(held) != 1 {
			t.Fatalf("%d roles", len(held))
		}
		need(k.EndMembership(ctx, k.Admin, held[0].ID, held[0].Version))(t)
		k.run(t, scenario{method: "GET", path: path, status: 404})
		// An address that its owner ended is gone too.
		link = need(k.LinkCalendar(ctx, k.Officer))(t)
		must(t, k.UnlinkCalendar(ctx, k.Officer))
		k.run(t, scenario{method: "GET", path: strings.TrimPrefix(link, registertest.BaseURL), status: 404})
	})
}
