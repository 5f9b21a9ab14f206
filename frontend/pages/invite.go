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

// invite is the form of an invitation as it was filled in.
type invite struct{ email, name, language, role, union, area string }

// invitable are the roles that somebody may invite to: a union's officers their
// own, an administrator the rest and a union's first officer.
func invitable(a models.Actor) []models.Role {
	if len(a.Unions()) > 0 && !a.Has(models.RoleAdmin) {
		return []models.Role{models.RoleUnionOfficer, models.RoleUnionRep}
	}
	return slices.DeleteFunc(slices.Clone(models.Roles), func(r models.Role) bool { return r == models.RoleUnionRep })
}

func (f invite) sheet(ctx context.Context, a models.Actor, unions []models.Union, areas []models.ServiceArea, wrong faults) sheet {
	own := len(a.Unions()) > 0 && !a.Has(models.RoleAdmin)
	var ofUnion, ofArea []design.Option
	if !own {
		ofUnion = append(ofUnion, design.Option{Value: "", Text: design.Say(ctx, "page.none")})
	}
	for _, u := range unions {
		if !own || slices.Contains(a.Unions(), u.ID) {
			ofUnion = append(ofUnion, design.Option{Value: u.ID, Text: u.Abbreviation})
		}
	}
	ofArea = append(ofArea, design.Option{Value: "", Text: design.Say(ctx, "page.people.whole")})
	for _, s := range areas {
		ofArea = append(ofArea, design.Option{Value: s.ID, Text: models.Text{En: s.NameEn, Cy: s.NameCy}.In(design.Of(ctx).Lang)})
	}
	s := sheet{
		path: "/people", hidden: []pair{{"do", "invite"}}, button: design.Say(ctx, "page.invite.button"), faults: wrong, at: "email",
		ask: []question{
			ask(ctx, "email", "email", f.email).as("email", "off", "govuk-input--width-20"),
			ask(ctx, "name", "theirname", f.name).as("text", "off", "govuk-input--width-20"),
			ask(ctx, "language", "theirlanguage", f.language).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh})),
			ask(ctx, "role", "role", f.role).oneOf(options(ctx, "page.choose", "role.", invitable(a))),
			ask(ctx, "union", "union", f.union).oneOf(ofUnion),
		},
	}
	if !own {
		s.ask = append(s.ask, ask(ctx, "serviceArea", "area", f.area).oneOf(ofArea))
	}
	return s.settle()
}

// Invite mails an invitation.
func (p *Pages) Invite(c *gin.Context) error {
	ctx := c.Request.Context()
	in := invite{typed(c, "email"), typed(c, "name"), typed(c, "language"), typed(c, "role"), typed(c, "union"), typed(c, "serviceArea")}
	_, err := p.Register.Invite(ctx, web.Actor(ctx), register.NewInvitation{
		Email: in.email, Name: in.name, Language: models.Language(in.language),
		Hat: register.Hat{Role: models.Role(in.role), UnionID: in.union, ServiceAreaID: in.area},
	})
	if again(err) {
		return p.showPeople(c, in, faultsOf(ctx, err), faults{})
	}
	if err != nil {
		return err
	}
	return p.done(c, "/people#invitations", "page.invite.done", "email", in.email)
}
