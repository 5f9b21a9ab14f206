package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// InvitationForm asks for the code of an invitation.
func (p *Pages) InvitationForm(c *gin.Context) error {
	return p.show(c, invitationSheet(c.Request.Context(), "", faults{}))
}

func invitationSheet(ctx context.Context, code string, f faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.invitation.title"), lead: []string{design.Say(ctx, "page.invitation.lead")}, path: "/invitation",
		ask: []question{ask(ctx, "code", "mailcode", code).as("text", "off", "")}, button: design.Say(ctx, "page.invitation.button"),
		scripts: []string{fragmentScript}, faults: f, at: "code",
	}
}

// acceptance is the second step: who invites, and the form to accept with.
type acceptance struct {
	code       string
	invitation register.InvitationView
	// exists says that the address has an account, which must sign in first.
	exists bool
	form   sheet
}

// Invitation shows who invites and to what, and takes the answer. The code is
// in no address, so each step is a form that comes here.
func (p *Pages) Invitation(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := acceptance{code: typed(c, "code")}
	var err error
	if v.invitation, err = p.Register.Invitation(ctx, a.From, v.code); again(err) {
		return p.show(c, invitationSheet(ctx, v.code, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	in := register.Acceptance{Code: v.code, Name: v.invitation.Name, Language: v.invitation.Language}
	switch c.PostForm("do") {
	case "accept":
		in.Name, in.Language, in.Password = typed(c, "name"), models.Language(typed(c, "language")), c.PostForm("password")
		return p.accept(c, v, in)
	case "as":
		return p.acceptAs(c, v)
	default:
		v.form = acceptSheet(ctx, v, in, faults{})
		return p.render(c, http.StatusOK, acceptancePage(v))
	}
}

func (p *Pages) accept(c *gin.Context, v acceptance, in register.Acceptance) error {
	ctx := c.Request.Context()
	from := web.Actor(ctx).From
	who, err := p.Register.Accept(ctx, from, in)
	if again(err) {
		v.exists = models.CodeOf(err) == "account_exists"
		v.form = acceptSheet(ctx, v, in, faultsOf(ctx, err))
		return p.render(c, http.StatusUnprocessableEntity, acceptancePage(v))
	}
	if err != nil {
		return err
	}
	return p.welcome(c, who, from)
}

func (p *Pages) acceptAs(c *gin.Context, v acceptance) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	who, err := p.Register.AcceptAs(ctx, a, v.code)
	if again(err) || models.CodeOf(err) == "invitation_elsewhere" {
		v.form = acceptSheet(ctx, v, register.Acceptance{}, faultsOf(ctx, err))
		return p.render(c, http.StatusUnprocessableEntity, acceptancePage(v))
	}
	if err != nil {
		return err
	}
	if who.OrgID != a.OrgID {
		if err := p.Sessions.Move(ctx, who.OrgID); err != nil {
			return err
		}
	}
	return p.done(c, "", "page.invitation.accepted")
}

func (p *Pages) welcome(c *gin.Context, who models.SignIn, from models.Origin) error {
	if err := p.Sessions.Begin(c.Request.Context(), who, from); err != nil {
		return err
	}
	return p.done(c, "", "page.invitation.accepted")
}

// acceptSheet is the form of whoever is to have an account, or the one button
// of whoever is signed in to theirs.
func acceptSheet(ctx context.Context, v acceptance, in register.Acceptance, f faults) sheet {
	s := sheet{path: "/invitation", hidden: []pair{{"code", v.code}, {"do", "accept"}}, faults: f}
	if a := design.Of(ctx).Actor; !a.Anonymous() {
		s.hidden[1].value = "as"
		s.button = design.Say(ctx, "page.invitation.as", "name", a.Name)
		return s.settle()
	}
	if s.button = design.Say(ctx, "page.invitation.accept"); !v.exists {
		s.at = "name"
	}
	s.ask = []question{
		ask(ctx, "name", "yourname", in.Name).as("text", "name", "govuk-input--width-20"),
		ask(ctx, "password", "newpassword", "").secret("new-password"),
		ask(ctx, "language", "language", string(in.Language)).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh})),
	}
	return s.settle()
}

// what says to what somebody is invited.
func (v acceptance) what(ctx context.Context) string {
	i := v.invitation
	role := design.Say(ctx, "role."+string(i.Role))
	switch {
	case i.UnionAbbrev != "":
		return design.Say(ctx, "mail.letter.for_union", "role", role, "union", i.UnionAbbrev)
	case i.ServiceAreaID != nil:
		return design.Say(ctx, "page.people.role_area", "role", role, "area", i.AreaName)
	default:
		return role
	}
}
