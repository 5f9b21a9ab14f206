package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// meetingDates is how many days for meetings a draft's form offers at least;
// mostMeetings is how many a notice may offer.
const (
	meetingDates = 4
	mostMeetings = 20
)

// draftableKinds are the kinds that somebody chooses among: a correction is
// begun from the notice that it corrects, and an override serves its own.
var draftableKinds = []models.NoticeKind{
	models.NoticeFormative, models.NoticeChange, models.NoticeRollout, models.NoticeLate, models.NoticeWithdrawal, models.NoticeReview,
}

// NewNoticeForm asks what a notice says beyond the record.
func (p *Pages) NewNoticeForm(c *gin.Context) error {
	v := url.Values{}
	if of := design.Of(c.Request.Context()).Query.Get("supersedes"); of != "" {
		v.Set("supersedes", of)
		v.Set("kind", string(models.NoticeSupplementary))
	}
	return p.showNewNotice(c, v, faults{})
}

func (p *Pages) showNewNotice(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	d, err := p.mayOn(ctx, param(c, "ref"), "notice.draft")
	if err != nil {
		return err
	}
	if v.Get("kind") == "" {
		v.Set("kind", string(likelyKind(d)))
	}
	s := sheet{
		title: design.Say(ctx, "page.draft.new", "ref", d.Ref), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/notices/new", faults: wrong, at: "kind",
		lead: []string{design.Say(ctx, "page.draft.lead")}, button: design.Say(ctx, "page.draft.check_button"),
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}, {"supersedes", v.Get("supersedes")}},
	}
	if s, err = p.draftQuestions(ctx, s, d, v); err != nil {
		return err
	}
	return p.show(c, s)
}

// likelyKind is the kind of notice that a deployment most likely wants next.
func likelyKind(d register.DeploymentView) models.NoticeKind {
	switch {
	case d.Late && d.Stage.Rank() < models.StageDecided.Rank():
		return models.NoticeLate
	case d.Stage.Rank() >= models.StageDecided.Rank() && d.Stage.Rank() < models.StageLive.Rank():
		return models.NoticeRollout
	default:
		return models.NoticeChange
	}
}

// offeredMeetings is how many days for meetings a form offers: one more than it
// holds.
func offeredMeetings(v url.Values) int {
	held := 0
	for i := range mostMeetings {
		if p := partsOf(v, rowName("meetings", i)); p != (design.DateParts{}) {
			held = i + 1
		}
	}
	return min(max(meetingDates, held+1), mostMeetings)
}

// draftQuestions are what a notice says beyond the record.
func (p *Pages) draftQuestions(ctx context.Context, s sheet, d register.DeploymentView, v url.Values) (sheet, error) {
	if v.Get("supersedes") != "" {
		s.hidden = append(s.hidden, pair{"kind", string(models.NoticeSupplementary)})
		s.at = "correction.en"
		s.lead = append(s.lead, design.Say(ctx, "page.draft.supersedes", "notice", v.Get("supersedes")))
		var err error
		if s, err = p.correctionQuestions(ctx, s, d, v); err != nil {
			return s, err
		}
	} else if slices.Contains(draftableKinds, models.NoticeKind(v.Get("kind"))) {
		kind := ask(ctx, "kind", "noticekind", v.Get("kind")).oneOf(options(ctx, "", "noticeKind.", draftableKinds))
		for _, k := range draftableKinds {
			kind.hints = append(kind.hints, design.Say(ctx, "page.draft.kind."+string(k)))
		}
		s.ask = append(s.ask, kind)
	}
	for i := range offeredMeetings(v) {
		name := rowName("meetings", i)
		q := dated(ask(ctx, name, "noticemeeting", ""), partsOf(v, name))
		q.Label = design.Say(ctx, "page.draft.meeting", "number", i+1)
		if i > 0 {
			q.Hint = ""
		}
		s.ask = append(s.ask, q)
	}
	s.ask = append(s.ask,
		ask(ctx, "languages", "draftlanguages", "").manyOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh}), v["languages"]),
		ask(ctx, "howToAsk.en", "howtoask", v.Get("howToAsk.en")).text("3"), ask(ctx, "howToAsk.cy", "howtoaskcy", v.Get("howToAsk.cy")).text("3"),
		ask(ctx, "dispute.en", "disputeroute", v.Get("dispute.en")).text("4"), ask(ctx, "dispute.cy", "disputeroutecy", v.Get("dispute.cy")).text("4"),
		ask(ctx, "statusQuo", "statusquo", "").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.yes")}}, v["statusQuo"]),
	)
	return s, nil
}

// correctionQuestions are what only a correction says, under what has changed
// since the notice that it corrects.
func (p *Pages) correctionQuestions(ctx context.Context, s sheet, d register.DeploymentView, v url.Values) (sheet, error) {
	a := web.Actor(ctx)
	old, err := p.Register.Notice(ctx, a, v.Get("supersedes"))
	if err != nil {
		return s, err
	}
	changes, err := p.Register.Diff(ctx, a, d.Ref, old.DeploymentVersion, d.Version)
	if err != nil {
		return s, err
	}
	names, err := p.namesByID(ctx, changes)
	if err != nil {
		return s, err
	}
	s.before = recordDiff(design.Say(ctx, "page.draft.changed", "notice", old.No), changes, names)
	var items []design.Option
	for _, no := range models.RestartItems {
		items = append(items, design.Option{Value: strconv.Itoa(no), Text: strconv.Itoa(no) + ". " + design.Say(ctx, "itemTitle."+strconv.Itoa(no))})
	}
	s.ask = append(s.ask,
		ask(ctx, "correction.en", "correction", v.Get("correction.en")).text("4"), ask(ctx, "correction.cy", "correctioncy", v.Get("correction.cy")).text("4"),
		ask(ctx, "worse", "worse", "").manyOf(items, v["worse"]), ask(ctx, "notWorse", "notworse", v.Get("notWorse")).text("3"),
	)
	return s, nil
}

// draftTyped reads what a notice says beyond the record.
func draftTyped(c *gin.Context) (register.DraftInput, url.Values, error) {
	v := typedAnswers(c, "howToAsk.en", "howToAsk.cy", "dispute.en", "dispute.cy", "correction.en", "correction.cy", "notWorse")
	var f models.Faults
	text := func(name string) models.Text { return models.Text{En: v.Get(name + ".en"), Cy: v.Get(name + ".cy")} }
	in := register.DraftInput{
		Kind: models.NoticeKind(v.Get("kind")), Supersedes: v.Get("supersedes"), HowToAsk: text("howToAsk"), Dispute: text("dispute"),
		StatusQuo: v.Get("statusQuo") == "yes", Correction: text("correction"), NotWorse: v.Get("notWorse"),
	}
	for _, l := range v["languages"] {
		in.Languages = append(in.Languages, models.Language(l))
	}
	for _, no := range v["worse"] {
		in.Worse = append(in.Worse, int(min(number(no), 100)))
	}
	for i := range offeredMeetings(v) {
		if d := dayTyped(&f, v, rowName("meetings", i)); d != 0 {
			in.Meetings = append(in.Meetings, d)
		}
	}
	return in, v, f.Err()
}

// draftFaults keeps what was wrong by the whole name of the answer: those with
// a place in a list are answers of their own.
func draftFaults(ctx context.Context, err error) faults {
	f := recordForm{faults: map[string]string{}}
	f.refuse(ctx, err)
	out := faults{by: f.faults, general: f.general, stale: models.KindOf(err) == models.Stale}
	for path, text := range f.faults {
		if list, _, in := strings.Cut(path, "["); in && list != "meetings" { // one question with several answers
			delete(out.by, path)
			out.by[list] = text
		}
	}
	return nearest(out, "correction", "correction.en")
}

// DraftNotice begins a notice.
func (p *Pages) DraftNotice(c *gin.Context) error {
	ctx := c.Request.Context()
	in, v, err := draftTyped(c)
	var d models.Draft
	if err == nil {
		d, err = p.Register.DraftNotice(keyed(ctx, v.Get("key")), web.Actor(ctx), param(c, "ref"), in)
	}
	switch {
	case sentBefore(err):
		return p.done(c, "/deployments/"+param(c, "ref")+"/prepare", "page.draft.saved")
	case again(err):
		return p.showNewNotice(c, v, draftFaults(ctx, err))
	case err != nil:
		return err
	}
	return p.done(c, "/drafts/"+d.ID, "page.draft.saved")
}

// DraftForm asks for a change of a draft.
func (p *Pages) DraftForm(c *gin.Context) error { return p.showDraftForm(c, nil, faults{}) }

func (p *Pages) showDraftForm(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	n, d, err := p.checked(c)
	if err != nil {
		return err
	}
	if v == nil {
		v = draftValues(n)
	}
	if wrong.stale {
		v.Set("version", strconv.Itoa(n.Draft.Version))
	}
	v.Set("supersedes", "")
	v.Set("kind", string(n.Draft.Kind))
	if n.Draft.Kind == models.NoticeSupplementary {
		v.Set("supersedes", n.Supersedes)
	}
	s := sheet{
		title: design.Say(ctx, "page.draft.change", "ref", d.Ref), crumbs: draftCrumbs(ctx, n), path: "/drafts/" + n.Draft.ID + "/change", faults: wrong, at: "meetings[0]",
		button: design.Say(ctx, "page.draft.check_button"), hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(n.Draft.Version))}},
		lead: []string{design.Say(ctx, "noticeKind."+string(n.Draft.Kind))},
	}
	if s, err = p.draftQuestions(ctx, s, d, v); err != nil {
		return err
	}
	if wrong.stale {
		stands := draftValues(n)
		stands.Set("supersedes", v.Get("supersedes"))
		stands.Set("kind", v.Get("kind"))
		now, err := p.draftQuestions(ctx, sheet{}, d, stands)
		if err != nil {
			return err
		}
		s = s.beside(collision(ctx, differences(ctx, now.ask, s.ask)))
	}
	// Its kind stays.
	s.ask = slices.DeleteFunc(s.ask, func(q question) bool { return q.Name == "kind" })
	return p.show(c, s)
}

func draftValues(n register.NoticeCheck) url.Values {
	v := url.Values{}
	b := planWriter{v}
	b.text("howToAsk", n.Draft.HowToAsk)
	b.text("dispute", n.Draft.Dispute)
	b.text("correction", n.Draft.Correction)
	b.set("notWorse", n.Draft.NotWorse)
	b.tick("statusQuo", n.Draft.StatusQuo)
	for i, m := range n.Draft.Meetings {
		b.day(rowName("meetings", i), m)
	}
	for _, l := range n.Draft.Languages {
		v.Add("languages", string(l))
	}
	for _, no := range n.Draft.Worse {
		v.Add("worse", strconv.Itoa(no))
	}
	return v
}

// ReviseDraft takes a change of a draft.
func (p *Pages) ReviseDraft(c *gin.Context) error {
	ctx := c.Request.Context()
	in, v, err := draftTyped(c)
	if err == nil {
		_, err = p.Register.ReviseNotice(ctx, web.Actor(ctx), param(c, "id"), versionTyped(c), in)
	}
	if again(err) {
		return p.showDraftForm(c, v, draftFaults(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/drafts/"+param(c, "id"), "page.draft.saved")
}
