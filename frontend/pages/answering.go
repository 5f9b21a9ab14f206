package pages

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// answersPerPage is how many comments are answered on one page.
const answersPerPage = 20

// answering is the page on which several comments are answered, oldest first.
type answering struct {
	rows []answerRow
	next string
	done int
}

// answerRow is one comment with the answer to it as it was typed.
type answerRow struct {
	register.CommentView
	ask    []question
	faults faults
}

// failed says whether an answer was refused.
func (v answering) failed() bool { return len(v.list()) > 0 }

func (v answering) list() []design.Fault {
	var out []design.Fault
	for _, r := range v.rows {
		if r.faults.general != "" {
			out = append(out, design.Fault{ID: r.ask[0].ID, Text: r.faults.general})
		}
		for _, q := range r.ask {
			if q.Error != "" {
				out = append(out, design.Fault{ID: q.ID, Text: q.Label + ": " + q.Error})
			}
		}
	}
	return out
}

// Unanswered lists the comments that wait for an answer, each with the form
// for it.
func (p *Pages) Unanswered(c *gin.Context) error {
	return p.showAnswers(c, url.Values{}, map[string]faults{}, 0)
}

func (p *Pages) showAnswers(c *gin.Context, v url.Values, wrong map[string]faults, done int) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if err := mayAct(ctx, "comment.dispose"); err != nil {
		return err
	}
	all, next, err := p.Register.Unanswered(ctx, a, register.Page{After: design.Of(ctx).Query.Get("after"), Limit: answersPerPage})
	if err != nil {
		return err
	}
	page := answering{next: next, done: done}
	for _, x := range all {
		f := wrong[x.ID]
		page.rows = append(page.rows, answerRow{x, answerQuestions(ctx, x.ID+".", v, f), f})
	}
	status := http.StatusOK
	if page.failed() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, answeringPage(page))
}

// AnswerSeveral answers the comments for which something was typed. Each is an
// answer of its own: those that are refused are shown again, the others stand.
func (p *Pages) AnswerSeveral(c *gin.Context) error {
	ctx := c.Request.Context()
	v := url.Values{}
	for name, all := range allTyped(c) {
		v[name] = all
	}
	wrong, done := map[string]faults{}, 0
	for _, id := range v["comment"] {
		v.Set(id+".reason", c.PostForm(id+".reason"))
		if v.Get(id+".verdict") == "" && v.Get(id+".reason") == "" {
			continue
		}
		err := p.dispose(ctx, id, id+".", v)
		switch {
		case models.CodeOf(err) == "disposition_exists": // sent twice, or answered by somebody else
		case again(err):
			wrong[id] = faultsOf(ctx, err)
		case err != nil:
			return err
		default:
			done++
		}
	}
	if len(wrong) > 0 {
		return p.showAnswers(c, v, wrong, done)
	}
	return p.done(c, "/answers", "page.answering.done", "count", done)
}

// Said is what the unions said of a deployment and what the employer did.
func (p *Pages) Said(c *gin.Context) error {
	ctx := c.Request.Context()
	d, err := p.Register.Deployment(ctx, web.Actor(ctx), param(c, "ref"))
	if err != nil {
		return err
	}
	all, err := p.Register.Comments(ctx, web.Actor(ctx), d.Ref)
	if err != nil && !hidden(err) {
		return err
	}
	return p.render(c, http.StatusOK, saidPage(saidAndDone(d, all)))
}

// saying is what was said and done of one deployment.
type saying struct {
	register.DeploymentView
	rows []register.CommentView
	// answered and changed count the comments with an answer, and those that
	// changed the record.
	answered, changed int
}

// saidAndDone leaves out what was put right or taken back: it is on the
// deployment's page, marked.
func saidAndDone(d register.DeploymentView, all []register.CommentView) saying {
	v := saying{DeploymentView: d}
	for _, x := range all {
		if x.WithdrawnAt != nil || x.CorrectedBy != nil || x.UnionID == nil {
			continue
		}
		v.rows = append(v.rows, x)
		if x.Disposition != nil {
			v.answered++
			if x.Disposition.ChangedInVersion != nil {
				v.changed++
			}
		}
	}
	return v
}

// changedLink leads to what changed because of a comment.
func changedLink(ref string, version int) string {
	return "/deployments/" + ref + "/versions/" + strconv.Itoa(version) + "#changed"
}
