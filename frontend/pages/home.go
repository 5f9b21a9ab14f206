package pages

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// What the home page lists of each kind; there is a page for all of each. A gate
// costs some statements, so there are few.
const (
	owedLimit   = 20
	gateLimit   = 5
	changeLimit = 10
)

// home is what the home page shows.
type home struct {
	// organisations to choose from, when the address names none.
	organisations []models.Organisation
	shut          []register.GateView
	// more says that there are deployments that the list did not look at.
	more bool
	// answers says that the reader is one of those who answer comments.
	answers    bool
	unanswered []register.CommentView
	// duties are what the reader owes.
	duties  []models.Duty
	today   models.Date
	windows []register.OpenWindow
	// changes are what happened since the reader's visit before this one.
	changes     []register.Change
	since       time.Time
	moreChanges bool
}

// Home says what is owed to whoever has signed in, and what this is to others.
func (p *Pages) Home(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	var h home
	var err error
	switch {
	case a.OrgID == "":
		h.organisations, err = p.Register.Organisations(ctx)
	case !a.Anonymous():
		err = p.owed(ctx, a, &h)
	}
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, homePage(h))
}

func (p *Pages) owed(ctx context.Context, a models.Actor, h *home) error {
	var errs [4]error
	h.today = p.today(ctx)
	h.duties, errs[0] = p.Register.Duties(ctx, a)
	h.windows, errs[1] = p.Register.OpenWindows(ctx, a)
	if h.since, errs[2] = p.Register.Visit(ctx, a); errs[2] == nil {
		h.changes, h.moreChanges, errs[2] = p.Register.Changes(ctx, a, h.since, changeLimit)
	}
	if h.answers = could(ctx, "comment.dispose"); h.answers {
		h.unanswered, _, errs[3] = p.Register.Unanswered(ctx, a, register.Page{Limit: owedLimit})
	}
	if err := firstShown(errs[:]); err != nil {
		return err
	}
	return p.gates(ctx, a, h)
}

// gates are those that are shut, of the deployments that changed last.
func (p *Pages) gates(ctx context.Context, a models.Actor, h *home) error {
	list, next, _, err := p.Register.Deployments(ctx, a, store.Filter{Sort: store.SortUpdated, Desc: true}, register.Page{Limit: owedLimit})
	if err != nil {
		return err
	}
	h.more = next != ""
	list = slices.DeleteFunc(list, func(d models.Deployment) bool { return !slices.Contains(onTheWay, d.Stage) })
	if len(list) > gateLimit {
		list, h.more = list[:gateLimit], true
	}
	for _, d := range list {
		g, err := p.Register.Gate(ctx, a, d.Ref, "", 0)
		if err != nil && !hidden(err) && models.KindOf(err) != models.Invalid {
			return err
		}
		if err == nil && !g.Open {
			h.shut = append(h.shut, g)
		}
	}
	return nil
}

// onTheWay are the stages after which there is another to wait for.
var onTheWay = []models.Stage{models.StageIdea, models.StageFormative, models.StageNoticed, models.StageDecided, models.StagePilot, models.StageEvaluated}
