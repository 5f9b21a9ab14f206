package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// preparation is the page that lists what is still to be filled in.
type preparation struct {
	register.DeploymentView
	topics []topicState
	// beyond are what the next stage asks that is no answer of the record.
	beyond []models.Reason
	gate   register.GateView
	drafts []models.Draft
	filled int
	// scored says that the employer has scored the impact.
	scored bool
}

// topicState is how far a topic has come.
type topicState struct {
	recordTopic
	// lacks are what is missing, by name.
	lacks []string
	begun bool
}

// Prepare lists what a deployment still lacks, topic by topic.
func (p *Pages) Prepare(c *gin.Context) error {
	ctx := c.Request.Context()
	v, err := p.mayRevise(ctx, param(c, "ref"))
	if err != nil {
		return err
	}
	s := preparation{DeploymentView: v}
	to := models.StageNoticed
	if v.Stage.Rank() >= to.Rank() {
		to = ""
	}
	s.gate, err = p.Register.Gate(ctx, web.Actor(ctx), v.Ref, to, 0)
	if err != nil && models.KindOf(err) != models.Invalid && !hidden(err) {
		return err
	}
	if s.drafts, err = p.Register.Drafts(ctx, web.Actor(ctx), v.Ref); err != nil && !hidden(err) {
		return err
	}
	scores, err := p.Register.Scores(ctx, web.Actor(ctx), v.Ref)
	if err != nil && !hidden(err) {
		return err
	}
	s.scored = slices.ContainsFunc(scores, func(x models.Score) bool { return x.Party == models.EmployerParty })
	return p.render(c, http.StatusOK, preparePage(s.sorted(ctx)))
}

// sorted puts what the gate misses at the topics where it is filled in.
func (s preparation) sorted(ctx context.Context) preparation {
	lacks := map[string][]string{}
	for _, b := range s.gate.Blockers {
		path := b.Item
		label, of := b.Params["label"].(models.Reason)
		if of {
			path = recordPath(label.Code)
		}
		t, known := topicOf(path)
		if !known || b.Code == "stage_first" {
			continue
		}
		name := design.SayReason(ctx, models.Reason{Code: "gate." + b.Code, Params: b.Params})
		if of {
			name = design.SayReason(ctx, label)
			if l, _ := b.Params["language"].(models.Reason); b.Code == "item_language" {
				name = design.Say(ctx, "page.pair", "first", name, "second", design.SayReason(ctx, l))
			}
		}
		if !slices.Contains(lacks[t.id], name) {
			lacks[t.id] = append(lacks[t.id], name)
		}
	}
	for _, t := range recordTopics {
		state := topicState{recordTopic: t, lacks: lacks[t.id]}
		v, err := recordValues(s.Record, t)
		state.begun = err == nil && slices.ContainsFunc(t.answers, func(a answer) bool { return !a.same(v, url.Values{}) })
		if len(state.lacks) == 0 && state.begun {
			s.filled++
		}
		s.topics = append(s.topics, state)
	}
	return s
}

// mayRevise opens a deployment for whoever may change its record.
func (p *Pages) mayRevise(ctx context.Context, ref string) (register.DeploymentView, error) {
	return p.mayOn(ctx, ref, "deployment.revise")
}

// mayOn opens a deployment for whoever may do something to it, once they have
// proved who they are.
func (p *Pages) mayOn(ctx context.Context, ref, act string) (register.DeploymentView, error) {
	a := web.Actor(ctx)
	v, err := p.Register.Deployment(ctx, a, ref)
	switch {
	case err != nil:
		return v, err
	case a.Anonymous():
		return v, models.Fail(models.Unauthenticated, "unauthenticated")
	case !p.allowedOn(ctx, v.Ref)[act]:
		return v, models.Fail(models.Forbidden, "forbidden").With("act", act)
	default:
		return v, nil
	}
}

// assessedTopic is the one that somebody fills in who sees to assessments only.
const assessedTopic = "checks"

// onlyAssesses says whether somebody may change a record as an assurer alone:
// the register takes nothing but assessments from them.
func onlyAssesses(a models.Actor) bool {
	return !slices.ContainsFunc(a.Grants, func(g models.Grant) bool {
		_, ok := policy.Permitted(g.Role, "deployment.revise")
		return ok && g.Role != models.RoleAssurer
	})
}

// topicPage is the page of one topic.
type topicPage struct {
	recordForm
	register.DeploymentView
	// version is the one that the form was filled from.
	version string
	parts   []recordPart
	// judges says that the reader may say of a change that it is not material.
	judges bool
	// clash is what somebody else saved meanwhile, answer by answer.
	clash []clash
	then  string
}

// Topic asks for the answers of one topic.
func (p *Pages) Topic(c *gin.Context) error {
	ctx := c.Request.Context()
	t, known := topicNamed(param(c, "topic"))
	if !known {
		return models.Missing("page")
	}
	v, err := p.mayRevise(ctx, param(c, "ref"))
	if err != nil {
		return err
	}
	if onlyAssesses(web.Actor(ctx)) && t.id != assessedTopic {
		return models.Fail(models.Forbidden, "assessments_only")
	}
	f := recordForm{recordTopic: t, faults: map[string]string{}}
	if f.v, err = recordValues(v.Record, t); err != nil {
		return err
	}
	f.v.Set("version", strconv.Itoa(v.Version))
	return p.showTopic(c, topicPage{recordForm: f, DeploymentView: v}, nil)
}

func (p *Pages) showTopic(c *gin.Context, page topicPage, failed error) error {
	ctx := c.Request.Context()
	if err := p.choices(ctx, &page.recordForm); err != nil {
		return err
	}
	status := http.StatusOK
	page.version, page.then = page.v.Get("version"), "/deployments/"+page.Ref+"/prepare"
	page.judges = page.Stage.Rank() >= models.StageNoticed.Rank() && p.allowedOn(ctx, page.Ref)["materiality.judge"]
	if failed != nil {
		page.refuse(ctx, failed)
		page.settle(ctx)
		status = http.StatusUnprocessableEntity
	}
	if len(page.clash) > 0 {
		status = http.StatusPreconditionFailed
	}
	page.parts = page.recordForm.parts(ctx)
	return p.render(c, status, topicFormPage(page))
}

// choices are the service areas and job roles to choose from.
func (p *Pages) choices(ctx context.Context, f *recordForm) error {
	a := web.Actor(ctx)
	for _, t := range f.answers {
		var err error
		switch {
		case t.kind == asArea:
			f.areas, err = p.areaOptions(ctx, a)
		case t.kind == asList && slices.ContainsFunc(t.row, func(in answer) bool { return in.kind == asRole }):
			f.roles, err = p.roleOptions(ctx, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// areaOptions are the service areas, each with those above it.
func (p *Pages) areaOptions(ctx context.Context, a models.Actor) ([]design.Option, error) {
	all, err := p.Register.ServiceAreas(ctx, a)
	if err != nil {
		return nil, err
	}
	l := design.Of(ctx).Lang
	full := map[string]string{}
	out := make([]design.Option, 0, len(all))
	for _, s := range all { // parents come before children
		name := models.Text{En: s.NameEn, Cy: s.NameCy}.In(l)
		if s.ParentID != nil && full[*s.ParentID] != "" {
			name = full[*s.ParentID] + " › " + name
		}
		full[s.ID] = name
		if a.AreaPath == "" || strings.HasPrefix(s.Path, a.AreaPath) {
			out = append(out, design.Option{Value: s.ID, Text: name})
		}
	}
	slices.SortFunc(out, func(x, y design.Option) int { return strings.Compare(x.Text, y.Text) })
	return out, nil
}

func (p *Pages) roleOptions(ctx context.Context, a models.Actor) ([]design.Option, error) {
	all, err := p.Register.JobRoles(ctx, a)
	out := make([]design.Option, 0, len(all))
	for _, j := range all {
		text := j.Title
		if j.Grade != "" {
			text += ", " + j.Grade
		}
		if j.Site != "" {
			text += ", " + j.Site
		}
		out = append(out, design.Option{Value: j.ID, Text: text})
	}
	slices.SortFunc(out, func(x, y design.Option) int { return strings.Compare(x.Text, y.Text) })
	return out, err
}

// SaveTopic saves the answers of one topic as a version of the record.
func (p *Pages) SaveTopic(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	t, known := topicNamed(param(c, "topic"))
	if !known {
		return models.Missing("page")
	}
	v, err := p.mayRevise(ctx, ref)
	if err != nil {
		return err
	}
	if err := wholeForm(c, t); err != nil {
		return err
	}
	page := topicPage{recordForm: readRecordForm(c, t), DeploymentView: v}
	if page.addRow() || page.v.Get("do") == "again" {
		return p.showTopic(c, page, nil)
	}
	err = p.revise(ctx, page, versionTyped(c))
	if models.KindOf(err) == models.Stale {
		return p.clashed(c, page)
	}
	return p.savedTopic(c, page, err)
}

// wholeForm refuses a form that did not come whole: what is not in it would be
// taken for emptied.
func wholeForm(c *gin.Context, t recordTopic) error {
	bad := models.Fail(models.Invalid, "malformed_form")
	if err := c.Request.ParseForm(); err != nil {
		return bad.Because(err)
	}
	form := c.Request.PostForm
	whole := form.Has("end") && number(form.Get("version")) > 0
	for _, a := range t.answers {
		whole = whole && (a.kind != asList || form.Has("count."+a.path))
	}
	if !whole {
		return bad
	}
	return nil
}

// saveAgain saves a form in whose topic nobody else changed anything: only the
// rest of the record is another.
func (p *Pages) saveAgain(c *gin.Context, page topicPage) error {
	return p.savedTopic(c, page, p.revise(c.Request.Context(), page, page.Version))
}

func (p *Pages) revise(ctx context.Context, page topicPage, readAt int) error {
	was, err := recordValues(page.Record, page.recordTopic)
	if err != nil {
		return err
	}
	patch, err := recordPatch(page.v, was, page.recordTopic)
	if err != nil {
		return err
	}
	if string(patch) == "{}" && readAt == page.Version {
		return nil // nothing is another than it was: there is nothing to save
	}
	_, err = p.Register.Revise(ctx, web.Actor(ctx), page.Ref, readAt, func(rec models.Record) (models.Record, error) { return models.Merge(rec, patch) }, page.judgement())
	return err
}

// judgement is what was said of the change: nothing lets the record speak.
func (f recordForm) judgement() register.Judgement {
	return register.Judgement{NotMaterial: f.v.Get("notMaterial") == "yes", Reason: f.v.Get("materialityReason")}
}

// savedTopic leads on from a topic that was saved, or shows it again with what
// was wrong.
func (p *Pages) savedTopic(c *gin.Context, page topicPage, failed error) error {
	if again(failed) {
		return p.showTopic(c, page, failed)
	}
	if failed != nil {
		return failed
	}
	to := "/deployments/" + page.Ref + "/prepare"
	if next, more := page.after(); more && page.v.Get("do") == "next" {
		to += "/" + next.id
	}
	return p.done(c, to, "page.prepare.saved")
}
