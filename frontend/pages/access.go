package pages

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// access is what the page of access settings shows.
type access struct {
	settings models.AccessSettings
	preview  *register.RetentionPreview
	// form changes them, for whoever may.
	form *sheet
}

// settings is the form as it was filled in.
type settings struct {
	roles                   []string
	logDays, invitationDays string
	version                 string
	wrong                   faults
}

func settingsOf(s models.AccessSettings) settings {
	f := settings{logDays: strconv.Itoa(s.SecurityLogDays), invitationDays: strconv.Itoa(s.InvitationDays), version: strconv.Itoa(s.Version)}
	for _, r := range s.SecondFactorRoles {
		f.roles = append(f.roles, string(r))
	}
	return f
}

func (f settings) sheet(ctx context.Context) sheet {
	return sheet{
		path: "/access", hidden: []pair{{"version", f.version}}, button: design.Say(ctx, "page.access.button"), faults: f.wrong, at: "secondFactorRoles",
		ask: []question{
			ask(ctx, "secondFactorRoles", "factorroles", "").manyOf(options(ctx, "", "role.", models.Roles), f.roles),
			ask(ctx, "securityLogDays", "logdays", f.logDays).as("text", "off", "govuk-input--width-4"),
			ask(ctx, "invitationDays", "invitationdays", f.invitationDays).as("text", "off", "govuk-input--width-4"),
		},
	}.settle()
}

// Access shows what is asked of people's accounts, and what would be removed.
func (p *Pages) Access(c *gin.Context) error { return p.showAccess(c, nil) }

func (p *Pages) showAccess(c *gin.Context, filled *settings) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	var v access
	var err error
	if v.settings, err = p.Register.AccessSettings(ctx, a); err != nil {
		return err
	}
	preview, err := p.Register.RetentionPreview(ctx, a)
	if err != nil && !hidden(err) {
		return err
	}
	if err == nil {
		v.preview = &preview
	}
	status := http.StatusOK
	if filled != nil {
		status = http.StatusUnprocessableEntity
	} else {
		f := settingsOf(v.settings)
		filled = &f
	}
	if p.allowed(ctx, a)["access.configure"] {
		s := filled.sheet(ctx)
		v.form = &s
	}
	return p.render(c, status, accessPage(v))
}

// ConfigureAccess changes the settings.
func (p *Pages) ConfigureAccess(c *gin.Context) error {
	ctx := c.Request.Context()
	f := settings{c.PostFormArray("secondFactorRoles"), typed(c, "securityLogDays"), typed(c, "invitationDays"), typed(c, "version"), faults{}}
	in := models.AccessSettings{SecurityLogDays: int(min(number(f.logDays), 100000)), InvitationDays: int(min(number(f.invitationDays), 100000))}
	for _, r := range f.roles {
		in.SecondFactorRoles = append(in.SecondFactorRoles, models.Role(r))
	}
	_, err := p.Register.ConfigureAccess(ctx, web.Actor(ctx), int(number(f.version)), in)
	if again(err) {
		f.wrong = faultsOf(ctx, err)
		return p.showAccess(c, &f)
	}
	if err != nil {
		return err
	}
	return p.done(c, "/access", "page.access.done")
}

// eventsPerPage is how many events of the security log a page lists.
const eventsPerPage = 50

// log is a page of the security log.
type log struct {
	kind  models.SecurityKind
	rows  []register.SecurityView
	next  string
	first bool
	// places says whether any event says where it came from.
	places bool
}

// SecurityLog lists who came in, who failed to, and what was given to whom.
func (p *Pages) SecurityLog(c *gin.Context) error {
	ctx := c.Request.Context()
	q := design.Of(ctx).Query
	v := log{first: q.Get("after") == ""}
	for _, k := range models.SecurityKinds {
		if string(k) == q.Get("kind") {
			v.kind = k
		}
	}
	var err error
	v.rows, v.next, err = p.Register.SecurityEvents(ctx, web.Actor(ctx), register.SecurityQuery{Kind: v.kind}, register.Page{After: q.Get("after"), Limit: eventsPerPage})
	if err != nil {
		return err
	}
	for _, e := range v.rows {
		v.places = v.places || e.Address != "" || e.Agent != ""
	}
	return p.render(c, http.StatusOK, logPage(v))
}

// heads are the headings of the columns there are.
func (v log) heads(ctx context.Context) []string {
	if v.places {
		return heads(ctx, "when", "happened", "who", "from", "browser")
	}
	return heads(ctx, "when", "happened", "who")
}
