package pages

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
)

// shelf is a heading of the contents page of the organisation, and the pages
// below it. An act that is not the reader's leaves its page out.
type shelf struct {
	key   string
	pages []listed
}

// listed is a page by the key of its title and of what it is for.
type listed struct{ act, title, lead, path string }

// shelves are in the order of the page.
var shelves = []shelf{
	{"employer", []listed{
		{"organisation.read", "page.employer.title", "page.shelf.settings", "/organisation/settings"},
		{"profile.read", "page.profiles.title", "page.shelf.profiles", "/organisation/profiles"},
		{"organisation.read", "page.closures.title", "page.shelf.closures", "/organisation/closure-days"},
		{"organisation.read", "page.welsh.title", "page.shelf.welsh", "/organisation/welsh"},
	}},
	{"staff", []listed{
		{"organisation.read", "page.services.title", "page.shelf.services", "/organisation/services"},
		{"organisation.read", "page.jobroles.title", "page.shelf.jobroles", "/organisation/job-roles"},
		{"organisation.read", "page.units.title", "page.shelf.units", "/organisation/bargaining-units"},
	}},
	{"unions", []listed{
		{"organisation.read", "page.unions.title", "page.shelf.branches", "/organisation/unions"},
		{"organisation.read", "page.recognitions.title", "page.shelf.recognitions", "/organisation/recognitions"},
		{"organisation.read", "page.told.title", "page.shelf.told", "/organisation/recognitions/who-would-be-told"},
		{"delivery.read", "page.addresses.title", "page.shelf.addresses", "/addresses"},
	}},
	{"people", []listed{
		{"user.read", "page.people.title", "page.shelf.members", "/people"},
		{"access.read", "page.access.title", "page.shelf.access", "/access"},
		{"service_account.read", "page.systems.title", "page.shelf.systems", "/service-accounts"},
	}},
	{"messages", []listed{
		{"flag.read", "page.flags.title", "page.shelf.flags", "/flags"},
		{"hook.read", "page.hooks.title", "page.shelf.hooks", "/hooks"},
		{"message.read", "page.messages.title", "page.shelf.sent", "/messages"},
		{"notification.configure", "page.settings.title", "page.shelf.notifications", "/notification-settings"},
	}},
	{"log", []listed{
		{"import.run", "page.imports.title", "page.shelf.imports", "/imports"},
		{"security.read", "page.log.title", "page.shelf.security", "/security-log"},
		{"backup.read", "page.backups.title", "page.shelf.backups", "/backups"},
		{"organisation.read", "page.ledger.title", "page.shelf.ledger", "/ledger"},
	}},
}

// Organisation is the contents page of what there is of the organisation.
func (p *Pages) Organisation(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	may := p.allowed(ctx, web.Actor(ctx))
	b := board{title: design.Say(ctx, "page.organisation.title"), lead: []string{design.Say(ctx, "page.organisation.lead")}}
	for _, s := range shelves {
		// What reaches over the actor's own union only is not decided without a record.
		s.pages = slices.DeleteFunc(slices.Clone(s.pages), func(l listed) bool { return !may[l.act] && !could(ctx, l.act) })
		if len(s.pages) > 0 {
			b.parts = append(b.parts, shelfOf(s))
		}
	}
	return p.showBoard(c, b)
}

// organisationCrumbs are the contents page, for whoever may open it, and the
// pages below it that are named: title, path, title, path.
func organisationCrumbs(ctx context.Context, more ...string) []design.Crumb {
	var out []design.Crumb
	if could(ctx, "organisation.read") {
		out = append(out, design.Crumb{Text: design.Say(ctx, "page.organisation.title"), Path: "/organisation"})
	}
	for i := 0; i+1 < len(more); i += 2 {
		out = append(out, design.Crumb{Text: more[i], Path: more[i+1]})
	}
	return out
}

// Structure puts the pages of the organisation on an address each.
func (p *Pages) Structure(get, post func(string, func(*gin.Context) error)) {
	both := func(path string, show, take func(*gin.Context) error) {
		get("/organisation"+path, show)
		post("/organisation"+path, take)
	}
	get("/organisation", p.Organisation)
	both("/settings", p.EmployerForm, p.ConfigureEmployer)
	both("/closure-days", p.Closures, p.SetClosures)
	get("/organisation/profiles", p.Profiles)
	get("/organisation/profiles/:code", p.Profile)
	get("/organisation/welsh", p.Welsh)
	both("/services", p.Services, p.AddService)
	get("/organisation/job-roles", p.JobRoles)
	both("/job-roles/new", p.NewJobRoleForm, p.AddJobRole)
	both("/job-roles/:id", p.JobRole, p.ChangeJobRole)
	both("/bargaining-units", p.Units, p.AddUnit)
	get("/organisation/unions", p.Unions)
	both("/unions/new", p.NewUnionForm, p.AddUnion)
	both("/branches/new", p.NewBranchForm, p.AddBranch)
	both("/officers/new", p.NewOfficerForm, p.AppointOfficer)
	both("/service-addresses/new", p.NewAddressForm, p.AgreeAddress)
	get("/organisation/recognitions", p.Recognitions)
	get("/organisation/recognitions/who-would-be-told", p.WhoWouldBeTold)
	both("/recognitions/new", p.NewRecognitionForm, p.Agree)
	both("/recognitions/:id", p.RecognitionForm, p.ChangeRecognition)
	get("/accessibility", p.Accessibility)
	get("/privacy", p.Privacy)
}

// lineOf shows a text in its language, or that there is none.
func lineOf(ctx context.Context, l design.Line) templ.Component {
	if l.Text == "" {
		return plain(design.Say(ctx, "page.none"))
	}
	return written(l)
}
