package pages

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// removable is one of the roles of somebody whose account the reader may
// remove: the one that what they wrote will stand under, as far as it is known
// here.
func (p *Pages) removable(c *gin.Context) (register.MemberView, error) {
	ctx := c.Request.Context()
	all, err := p.Register.Members(ctx, web.Actor(ctx))
	if err != nil {
		return register.MemberView{}, err
	}
	all = slices.DeleteFunc(all, func(m register.MemberView) bool {
		return m.UserID != param(c, "id") || !slices.Contains(m.Can, "user.remove")
	})
	if len(all) == 0 {
		return register.MemberView{}, models.Missing("user")
	}
	if i := slices.IndexFunc(all, func(m register.MemberView) bool { return m.Role == models.RoleUnionOfficer }); i >= 0 {
		return all[i], nil
	}
	return all[0], nil
}

// formerly is what somebody will be called who held a role.
func (p *Pages) formerly(ctx context.Context, m register.MemberView) (string, error) {
	if m.UnionID == nil {
		return design.Say(ctx, "role."+string(m.Role)), nil
	}
	all, err := p.Register.Unions(ctx, web.Actor(ctx))
	if err != nil {
		return "", err
	}
	for _, u := range all {
		if u.ID == *m.UnionID {
			return design.Say(ctx, "former."+string(m.Role), "union", u.Abbreviation), nil
		}
	}
	return design.Say(ctx, "role."+string(m.Role)), nil
}

// RemoveForm says what it means that somebody's account is removed.
func (p *Pages) RemoveForm(c *gin.Context) error {
	if err := p.fresh(c); err != nil {
		return err
	}
	return p.showRemoval(c, faults{})
}

func (p *Pages) showRemoval(c *gin.Context, wrong faults) error {
	ctx := c.Request.Context()
	m, err := p.removable(c)
	if err != nil {
		return err
	}
	former, err := p.formerly(ctx, m)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.removal.title"), lead: []string{
			design.Say(ctx, "page.removal.lead", "name", m.Name), design.Say(ctx, "page.removal.goes"), design.Say(ctx, "page.removal.stays", "former", former),
		},
		crumbs:  organisationCrumbs(ctx, design.Say(ctx, "page.people.title"), "/people"),
		warning: design.Say(ctx, "page.data.warning"), path: "/people/" + m.UserID + "/remove", button: design.Say(ctx, "page.removal.button"), danger: true,
		faults: wrong, after: more("/people", design.Say(ctx, "page.removal.keep")),
	})
}

// Remove removes it.
func (p *Pages) Remove(c *gin.Context) error {
	ctx := c.Request.Context()
	err := p.Register.RemoveUser(ctx, web.Actor(ctx), param(c, "id"))
	if again(err) {
		return p.showRemoval(c, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/people", "page.removal.done")
}
