package pages

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
)

// claimsPerPage is how many claims a page lists.
const claimsPerPage = 20

// claimList is a page of claims.
type claimList struct {
	rows  []register.ClaimView
	next  string
	first bool
	now   time.Time
	// defines says that the reader may read the definitions of metrics.
	defines bool
}

// Claims lists the claims that the reader may read, newest first.
func (p *Pages) Claims(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	after := design.Of(ctx).Query.Get("after")
	v := claimList{first: after == "", now: p.Register.Now()}
	if _, _, _, err := p.Register.Deployments(ctx, a, sorts["created"], register.Page{Limit: 1}); err != nil {
		return err // of an organisation that there is not
	}
	var err error
	if v.rows, v.next, err = p.Register.AllClaims(ctx, a, register.Page{After: after, Limit: claimsPerPage}); err != nil {
		return err
	}
	if v.rows, err = p.read(ctx, v.rows); err != nil {
		return err
	}
	v.defines = !a.Anonymous()
	return p.render(c, http.StatusOK, claimsPage(v))
}

func (v claimList) firstPage(ctx context.Context) templ.SafeURL {
	if v.first {
		return ""
	}
	return design.Link(ctx, "/claims")
}

func (v claimList) nextPage(ctx context.Context) templ.SafeURL {
	if v.next == "" {
		return ""
	}
	return design.Link(ctx, "/claims?after="+url.QueryEscape(v.next))
}

// Missing lists what is missing or overdue in the evidence.
func (p *Pages) Missing(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Missing(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, missingPage(all))
}
