package pages

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// people is what the page of people shows.
type people struct {
	actor       models.Actor
	members     []register.MemberView
	invitations []register.InvitationView
	// sees says that the reader may see invitations at all.
	sees   bool
	areas  map[string]models.Text
	unions map[string]string
	// invite is the form to invite with, for whoever may.
	invite *sheet
	faults faults
}

// People lists who has which role here.
func (p *Pages) People(c *gin.Context) error { return p.showPeople(c, invite{}, faults{}, faults{}) }

func (p *Pages) showPeople(c *gin.Context, in invite, wrong, general faults) error {
	ctx := c.Request.Context()
	v := people{actor: web.Actor(ctx), areas: map[string]models.Text{}, unions: map[string]string{}, faults: general}
	var err error
	if v.members, err = p.Register.Members(ctx, v.actor); err != nil {
		return err
	}
	if v.invitations, err = p.Register.Invitations(ctx, v.actor); err != nil && !hidden(err) {
		return err
	}
	v.sees = err == nil
	unions, err := p.Register.Unions(ctx, v.actor)
	if err != nil && !hidden(err) {
		return err
	}
	areas, err := p.Register.ServiceAreas(ctx, v.actor)
	if err != nil && !hidden(err) {
		return err
	}
	for _, u := range unions {
		v.unions[u.ID] = u.Abbreviation
	}
	for _, s := range areas {
		v.areas[s.ID] = models.Text{En: s.NameEn, Cy: s.NameCy}
	}
	if p.allowed(ctx, v.actor)["invitation.send"] {
		s := in.sheet(ctx, v.actor, unions, areas, wrong)
		v.invite = &s
	}
	status := http.StatusOK
	if wrong.any() || general.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, peoplePage(v))
}

// ChangePeople suspends, resumes or ends a role, or takes back an invitation.
func (p *Pages) ChangePeople(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	id, do := c.PostForm("id"), c.PostForm("do")
	readAt := int(number(c.PostForm("version")))
	var err error
	switch do {
	case "suspend":
		_, err = p.Register.SuspendMembership(ctx, a, id, readAt)
	case "resume":
		_, err = p.Register.ResumeMembership(ctx, a, id, readAt)
	case "end":
		return p.warnOfLeaving(c, id)
	case "end_now":
		do = "end"
		_, err = p.Register.EndMembership(ctx, a, id, readAt)
	case "revoke":
		err = p.Register.RevokeInvitation(ctx, a, id)
	case "invite":
		return p.Invite(c)
	default:
		return models.Missing("page")
	}
	if again(err) {
		return p.showPeople(c, invite{}, faults{}, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/people", "page.people.done."+do)
}

// may says whether something may be done with a role, or with whose it is.
func (v people) may(m register.MemberView, act string) bool {
	can := slices.Contains(m.Can, act)
	switch act {
	case "membership.delegate":
		return can && m.Worn
	case "membership.end":
		return can || m.DelegatedBy != nil && *m.DelegatedBy == v.actor.UserID
	case "user.remove":
		return can && m.UserID != v.actor.UserID // one's own is removed where one's data is
	default:
		return can
	}
}

// state is the state of a role in a word, with its colour.
func (v people) state(ctx context.Context, m register.MemberView) (text, colour string) {
	switch {
	case m.SuspendedAt != nil:
		return design.Say(ctx, "page.people.suspended"), "orange"
	case !m.Worn:
		return design.Say(ctx, "page.people.not_worn"), "grey"
	default:
		return design.Say(ctx, "page.people.worn"), "green"
	}
}

// of says what a role is limited to: a union, or a service area.
func (v people) of(ctx context.Context, union, area *string) design.Line {
	switch {
	case union != nil:
		return design.Line{Text: v.unions[*union]}
	case area != nil:
		return design.In(ctx, v.areas[*area])
	default:
		return design.Line{Text: design.Say(ctx, "page.people.whole")}
	}
}

// lent says who lends a role, and until when.
func lent(ctx context.Context, m register.MemberView) string {
	return design.Say(ctx, "page.people.lent", "name", dash(m.LentBy), "from", design.Day(ctx, m.From), "to", design.Day(ctx, m.To))
}

// about is what the forms of a role are about, for whoever cannot see the row.
func about(ctx context.Context, m register.MemberView) string {
	return m.Name + ", " + design.Say(ctx, "role."+string(m.Role))
}

func version(m register.MemberView) string { return strconv.Itoa(m.Version) }

// invitationState is the state of an invitation in a word, with its colour.
func invitationState(ctx context.Context, i register.InvitationView) (text, colour string) {
	switch {
	case i.AcceptedAt != nil:
		return design.Say(ctx, "page.invite.accepted"), "green"
	case i.RevokedAt != nil:
		return design.Say(ctx, "page.invite.revoked"), "grey"
	case i.Stale:
		return design.Say(ctx, "page.invite.stale"), "orange"
	default:
		return design.Say(ctx, "page.invite.open"), "blue"
	}
}

func (v people) failed() bool { return v.faults.any() || v.invite != nil && v.invite.faults.any() }

// list is what was wrong, for the summary.
func (v people) list() []design.Fault {
	var out []design.Fault
	if v.faults.any() {
		out = sheet{faults: v.faults}.settle().list()
	}
	if v.invite != nil {
		out = append(out, v.invite.list()...)
	}
	return out
}
