package pages

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// duties are what the reader owes.
type duties struct {
	overdue, week, later, undated []models.Duty
	today                         models.Date
}

func sorted(all []models.Duty, today models.Date) duties {
	v := duties{today: today}
	for _, d := range all {
		switch {
		case d.Due == 0:
			v.undated = append(v.undated, d)
		case d.Overdue(today):
			v.overdue = append(v.overdue, d)
		case d.Due <= today.AddDays(7):
			v.week = append(v.week, d)
		default:
			v.later = append(v.later, d)
		}
	}
	return v
}

// Duties lists what the reader owes, by what is due first.
func (p *Pages) Duties(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Duties(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, dutiesPage(sorted(all, p.today(ctx)), len(all)))
}

// dutyWords say what is owed.
func dutyWords(ctx context.Context, d models.Duty) string {
	return design.SayReason(ctx, models.Reason{Code: "duty." + d.Code, Params: d.Params()})
}

// firstOf leads back to the beginning of a list, from everywhere but there.
func firstOf(ctx context.Context, first bool, path string) templ.SafeURL {
	if first {
		return ""
	}
	return design.Link(ctx, path)
}

// nextOf leads to where a list goes on, if it does.
func nextOf(ctx context.Context, next, path string) templ.SafeURL {
	if next == "" {
		return ""
	}
	return design.Link(ctx, path+url.QueryEscape(next))
}

func nextPage(ctx context.Context, v messages) templ.SafeURL {
	if v.next == "" {
		return ""
	}
	return v.page(ctx, v.next)
}
