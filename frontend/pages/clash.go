package pages

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
)

// clash is an answer that two people changed: both texts stand side by side.
type clash struct {
	name         string
	theirs, mine []string
	// taken says that only the other changed it: theirs is in the form.
	taken bool
}

// clashed shows what somebody else saved meanwhile beside what was typed. What
// only one of them changed is put together; what both changed is for whoever
// typed last to settle, and their own text stays in the form.
func (p *Pages) clashed(c *gin.Context, page topicPage) error {
	ctx := c.Request.Context()
	now, err := p.mayRevise(ctx, page.Ref)
	if err != nil {
		return err
	}
	theirs, err := recordValues(now.Record, page.recordTopic)
	if err != nil {
		return err
	}
	base, lost := theirs, true
	if old, err := p.Register.Version(ctx, web.Actor(ctx), page.Ref, versionTyped(c)); err == nil {
		lost = false
		if base, err = recordValues(old.Record, page.recordTopic); err != nil {
			return err
		}
	} else if !hidden(err) {
		return err
	}
	if err := p.choices(ctx, &page.recordForm); err != nil {
		return err
	}
	for _, a := range page.answers {
		// From a version that is not there, nobody knows who changed what.
		mineChanged, theirsChanged := lost || !a.same(page.v, base), lost || !a.same(theirs, base)
		if !theirsChanged || a.same(page.v, theirs) {
			continue
		}
		page.clash = append(page.clash, clash{recordName(ctx, a.path), page.says(ctx, a, theirs), page.says(ctx, a, page.v), !mineChanged})
		if !mineChanged {
			a.take(page.v, theirs)
		}
	}
	page.DeploymentView = now
	page.v.Set("version", strconv.Itoa(now.Version))
	if len(page.clash) == 0 {
		return p.saveAgain(c, page)
	}
	return p.showTopic(c, page, nil)
}

// says is an answer as a person reads it, one line for each part of it.
func (f recordForm) says(ctx context.Context, a answer, v url.Values) []string {
	f.v, f.answers = v, []answer{a}
	var out []string
	for _, part := range f.parts(ctx) {
		for _, q := range part.questions() {
			if said := inWords(ctx, q); said != "" {
				out = append(out, design.Say(ctx, "page.pair", "first", q.Label, "second", said))
			}
		}
	}
	if len(out) == 0 {
		out = []string{design.Say(ctx, "page.none")}
	}
	return out
}

// inWords is what somebody answered to one question, in words.
func inWords(ctx context.Context, q question) string {
	if q.date {
		d, ok := dateOf(q.parts)
		if !ok {
			return strings.TrimSpace(q.parts.Day + " " + q.parts.Month + " " + q.parts.Year)
		}
		return design.Day(ctx, d)
	}
	chosen := q.chosen
	if !q.several {
		chosen = []string{q.Value}
	}
	if q.options == nil {
		return q.Value
	}
	var out []string
	for _, o := range q.options {
		for _, value := range chosen {
			if value != "" && o.Value == value {
				out = append(out, o.Text)
			}
		}
	}
	return strings.Join(out, ", ")
}
