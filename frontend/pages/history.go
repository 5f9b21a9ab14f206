package pages

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// shownVersions is how many saves the page of a deployment's history lists.
const shownVersions = 200

// History lists every save of a deployment that the reader may read, and takes
// them to the record as it was on a day.
func (p *Pages) History(c *gin.Context) error {
	ctx := c.Request.Context()
	ref := param(c, "ref")
	if on := trimmed(c.Query("on")); on != "" {
		d, err := models.ParseDate(on)
		if err != nil {
			return p.history(c, ref, on, design.Say(ctx, "field.not_a_date", "value", on))
		}
		c.Redirect(http.StatusSeeOther, string(design.Link(ctx, "/deployments/"+ref+"/as-at/"+d.String())))
		return nil
	}
	return p.history(c, ref, "", "")
}

func (p *Pages) history(c *gin.Context, ref, on, wrong string) error {
	ctx := c.Request.Context()
	v, err := p.Register.Deployment(ctx, web.Actor(ctx), ref)
	if err != nil {
		return err
	}
	rows, err := p.Register.Versions(ctx, web.Actor(ctx), ref, 0, shownVersions)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, historyPage(v, rows, on, wrong))
}

// saved is one save of a deployment on its page.
type saved struct {
	dossier
	version register.VersionView
	// on is the day that it was asked for as of, or no day.
	on models.Date
	// changes are what this save made other than the one before it.
	changes  []models.FieldChange
	compared bool
	names    namesByID
}

// Version is one save at an address of its own.
func (p *Pages) Version(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := strconv.Atoi(param(c, "number"))
	if err != nil || n < 1 {
		return models.Missing("version")
	}
	v, err := p.Register.Version(ctx, web.Actor(ctx), param(c, "ref"), n)
	if err != nil {
		return err
	}
	return p.showSave(c, v, 0)
}

// AsAt is the record as it was at the end of a day.
func (p *Pages) AsAt(c *gin.Context) error {
	ctx := c.Request.Context()
	on, err := models.ParseDate(param(c, "date"))
	if err != nil || on > p.today(ctx) { // nobody knows what it will be
		return models.Missing("version")
	}
	v, err := p.Register.AsAt(ctx, web.Actor(ctx), param(c, "ref"), on)
	if err != nil {
		return err
	}
	return p.showSave(c, v, on)
}

func (p *Pages) showSave(c *gin.Context, v register.VersionView, on models.Date) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	now, err := p.Register.Deployment(ctx, a, param(c, "ref"))
	if err != nil {
		return err
	}
	s := saved{version: v, on: on}
	s.DeploymentView = now
	s.Record = v.Record
	// What is withheld since is not in the save, and is shown as withheld all the same.
	s.Record.Withheld = slices.Concat(v.Record.Withheld, slices.DeleteFunc(slices.Clone(now.Record.Withheld), func(w models.Withheld) bool {
		return slices.ContainsFunc(v.Record.Withheld, func(held models.Withheld) bool { return held.Field == w.Field && held.Audience == w.Audience })
	}))
	s.today = models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location())
	if _, s.roles, err = p.Register.Scope(ctx, a, now.Ref); err != nil && !hidden(err) {
		return err
	}
	if v.Number > 1 {
		s.changes, err = p.Register.Diff(ctx, a, now.Ref, v.Number-1, v.Number)
		s.compared = err == nil
		if err != nil && !hidden(err) { // the save before may be the employer's own
			return err
		}
		if !a.EmployerSide() { // who decided to withhold something is the employer's to say
			s.changes = slices.DeleteFunc(s.changes, func(f models.FieldChange) bool {
				return strings.HasPrefix(f.Path, "withheld[") && strings.HasSuffix(f.Path, ".decidedBy")
			})
		}
		if s.names, err = p.namesByID(ctx, s.changes); err != nil {
			return err
		}
	}
	return p.render(c, http.StatusOK, versionPage(s))
}

// historyCrumbs lead back from a save.
func historyCrumbs(ctx context.Context, ref string, save bool) []design.Crumb {
	out := []design.Crumb{{Text: design.Say(ctx, "page.register.title"), Path: "/register"}, {Text: ref, Path: "/deployments/" + ref}}
	if save {
		out = append(out, design.Crumb{Text: design.Say(ctx, "page.history.title"), Path: "/deployments/" + ref + "/history"})
	}
	return out
}
