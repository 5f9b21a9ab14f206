package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// owedLimit is how many of each kind of duty the home page lists.
const owedLimit = 20

// home is what the home page shows.
type home struct {
	// organisations to choose from, when the address names none.
	organisations []models.Organisation
	shut          []register.GateView
	// more says that there are deployments that the list did not look at.
	more       bool
	unanswered []register.CommentView
	// duties are what the reader owes.
	duties []models.Duty
	today  models.Date
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
	var err error
	h.today = p.today(ctx)
	if h.duties, err = p.Register.Duties(ctx, a); err != nil && !hidden(err) {
		return err
	}
	if h.unanswered, _, err = p.Register.Unanswered(ctx, a, register.Page{Limit: owedLimit}); err != nil && !hidden(err) {
		return err
	}
	list, next, _, err := p.Register.Deployments(ctx, a, store.Filter{Sort: store.SortUpdated, Desc: true}, register.Page{Limit: owedLimit})
	if err != nil {
		return err
	}
	h.more = next != ""
	for _, d := range list {
		if !slices.Contains(onTheWay, d.Stage) {
			continue
		}
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
