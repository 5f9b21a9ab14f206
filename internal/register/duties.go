package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Who does what is owed, for either side.
var (
	officers  = []models.Role{models.RoleUnionOfficer}
	answering = []models.Role{models.RoleCDO, models.RoleManager}
	deciding  = []models.Role{models.RoleCDO, models.RoleApprover}
	meeting   = []models.Role{models.RoleCDO, models.RoleHR}
	cosigning = []models.Role{models.RoleApprover}
	flagging  = []models.Role{models.RoleCDO}
)

// listAhead is how far ahead what comes round by itself is listed, in days.
const listAhead = 60

// duties is everything owed in an organisation, by what is due first.
func (r *Register) duties(ctx context.Context, rd store.Reader, org models.Organisation) ([]models.Duty, error) {
	today := models.DateOf(r.Now(), org.Location())
	g := &gathering{ctx: ctx, rd: rd, org: org.ID, today: today, zone: org.Location(), now: r.Now()}
	for _, list := range []struct {
		code, page string
		roles      []models.Role
		read       func() ([]store.Owed, error)
	}{
		{"request_answer", "requests", answering, func() ([]store.Owed, error) { return rd.OpenRequests(ctx, org.ID, today) }},
		{"comments_answer", "deployments", answering, func() ([]store.Owed, error) { return rd.OpenComments(ctx, org.ID) }},
		{"notice_acknowledge", "notices", officers, func() ([]store.Owed, error) { return rd.Unacknowledged(ctx, org.ID) }},
		{"review", "deployments", deciding, func() ([]store.Owed, error) { return rd.ReviewsDue(ctx, org.ID, today.AddDays(listAhead)) }},
		{"challenge_answer", "claims", answering, func() ([]store.Owed, error) { return rd.ChallengesDue(ctx, org.ID) }},
		{"reinvestment", "claims", answering, func() ([]store.Owed, error) { return rd.ReinvestmentsDue(ctx, org.ID, today.AddDays(listAhead)) }},
		{"override_sign", "deployments", cosigning, func() ([]store.Owed, error) { return rd.OverridesToSign(ctx, org.ID, today) }},
	} {
		rows, err := list.read()
		if err != nil {
			return nil, err
		}
		for _, o := range rows {
			d := models.Duty{Code: list.code, No: o.No, DeploymentID: o.DeploymentID, Due: o.Due, Party: o.Party, Roles: list.roles, Path: "/" + list.page + "/" + o.No}
			if list.code == "request_answer" {
				d.Party, d.Parties = models.EmployerParty, []string{models.EmployerParty, o.Party}
			}
			g.add(d)
		}
	}
	for _, find := range []func() error{g.disputes, g.meetings, g.questionnaires, g.actions, g.statements, g.flags} {
		if err := find(); err != nil {
			return nil, err
		}
	}
	if err := g.name(); err != nil {
		return nil, err
	}
	slices.SortFunc(g.duties, models.ByDue)
	return g.duties, nil
}

// gathering collects duties.
type gathering struct {
	ctx    context.Context //nolint:containedctx // lives as long as its call
	rd     store.Reader
	org    string
	today  models.Date
	zone   *time.Location
	now    time.Time
	duties []models.Duty
}

func (g *gathering) add(d models.Duty) {
	if d.Parties == nil {
		d.Parties = []string{d.Party}
	}
	d.Key = strings.Join([]string{d.Code, d.No, d.Party, d.Due.String()}, "/")
	g.duties = append(g.duties, d)
}

// both adds a duty for each of the parties.
func (g *gathering) both(d models.Duty, parties []string, employer []models.Role) {
	for _, p := range parties {
		d.Party, d.Roles, d.Parties = p, employer, parties
		if p != models.EmployerParty {
			d.Roles = officers
		}
		g.add(d)
	}
}

func (g *gathering) disputes() error {
	rows, err := g.rd.Disputes(g.ctx, g.org, "")
	for _, d := range rows {
		if d.Open() {
			g.both(models.Duty{Code: "dispute_stage", No: d.No, DeploymentID: d.DeploymentID, Due: d.DueOn, Path: "/disputes/" + d.No}, []string{models.EmployerParty, d.UnionID}, deciding)
		}
	}
	return err
}

func (g *gathering) meetings() error {
	rows, err := g.rd.Meetings(g.ctx, g.org)
	for _, m := range rows {
		d := models.Duty{No: m.No, DeploymentID: deref(m.DeploymentID), Path: "/meetings/" + m.No}
		day := models.DateOf(m.StartsAt, g.zone)
		switch {
		case m.Status == "offered" && day >= g.today:
			d.Code, d.Due = "meeting_attend", day
			g.both(d, m.PartyIDs(), meeting)
		case m.Status == "offered":
			d.Code = "meeting_record"
			g.both(d, []string{models.EmployerParty}, meeting)
		case m.Unreplaced(g.now):
			d.Code = "meeting_replace"
			g.both(d, []string{models.EmployerParty}, meeting)
		case m.Status == "held":
			g.minutes(m, d)
		}
	}
	return err
}

func (g *gathering) minutes(m models.MeetingState, d models.Duty) {
	if _, agreed := m.Agreed(); agreed {
		return
	}
	if len(m.Minutes) == 0 {
		d.Code = "minutes_write"
		g.both(d, []string{models.EmployerParty}, meeting)
		return
	}
	d.Code = "minutes_agree"
	by := m.AgreedBy(m.Minutes[len(m.Minutes)-1].ID)
	var waiting []string
	for _, p := range m.Parties {
		if p.People != nil && *p.People > 0 && !slices.Contains(by, p.Party) {
			waiting = append(waiting, p.Party)
		}
	}
	g.both(d, waiting, meeting)
}

func (g *gathering) questionnaires() error {
	rows, err := g.rd.Questionnaires(g.ctx, g.org)
	for _, q := range rows {
		for _, u := range q.Unions {
			if !q.Answered(u) {
				g.both(models.Duty{Code: "questionnaire_answer", No: q.No, Due: q.ClosesOn, Path: "/questionnaires/" + q.No, Name: q.Title()}, []string{u}, nil)
			}
		}
	}
	return err
}

func (g *gathering) actions() error {
	rows, err := g.rd.Actions(g.ctx, g.org, "")
	for _, a := range rows {
		if a.DoneOn == 0 {
			g.both(models.Duty{Code: "action", No: a.No, DeploymentID: deref(a.DeploymentID), Due: a.DueOn, Path: "/actions"}, []string{a.Party}, append(slices.Clone(answering), models.RoleHR))
		}
	}
	return err
}

func (g *gathering) statements() error {
	rows, err := g.rd.Statements(g.ctx, g.org, "")
	for _, s := range rows {
		if s.Status != "proposed" {
			continue
		}
		var waiting []string
		for _, p := range s.Parties {
			if _, given := s.Of(p); !given {
				waiting = append(waiting, p)
			}
		}
		g.both(models.Duty{Code: "statement_sign", No: s.No, DeploymentID: deref(s.DeploymentID), Path: "/statements/" + s.No}, waiting, meeting)
	}
	return err
}

func (g *gathering) flags() error {
	rows, err := g.rd.Flags(g.ctx, g.org)
	for _, f := range rows {
		if f.Status == "open" {
			g.both(models.Duty{Code: "flag_answer", No: f.No, Path: "/flags"}, []string{models.EmployerParty}, flagging)
		}
	}
	return err
}

// name gives the duties the refs and names of their deployments.
func (g *gathering) name() error {
	all, err := g.rd.DeploymentsByID(g.ctx, g.org, deploymentsOf(g.duties))
	if err != nil {
		return err
	}
	for i, d := range g.duties {
		dep, ok := all[d.DeploymentID]
		if !ok {
			continue
		}
		g.duties[i].Ref, g.duties[i].Name = dep.Ref, models.Text{En: dep.NameEn, Cy: dep.NameCy}
		if d.Code == "request_answer" { // requests are answered on the deployment's page
			g.duties[i].Path = "/deployments/" + dep.Ref
		}
	}
	return nil
}

// Duties are what the actor owes, by what is due first: of the roles they hold,
// and of the services and deployments that they may read.
func (r *Register) Duties(ctx context.Context, a models.Actor) ([]models.Duty, error) {
	if err := r.check(a, "inbox.read", selfOf(a)); err != nil {
		return nil, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	all, err := r.duties(ctx, r.store.Reader, org)
	if err != nil {
		return nil, err
	}
	mine := slices.DeleteFunc(all, func(d models.Duty) bool { return !d.OwedBy(a.Grants) })
	may, err := r.worksOn(ctx, a, deploymentsOf(mine))
	if err != nil {
		return nil, err
	}
	out := []models.Duty{}
	for _, d := range mine {
		if d.DeploymentID == "" || may[d.DeploymentID] {
			out = append(out, d)
		}
	}
	return out, nil
}

// deploymentsOf are the deployments that duties are about, each once.
func deploymentsOf(all []models.Duty) []string {
	out := []string{}
	for _, d := range all {
		if d.DeploymentID != "" && !slices.Contains(out, d.DeploymentID) {
			out = append(out, d.DeploymentID)
		}
	}
	return out
}

// worksOn is [Register.works] of some deployments, in as many statements
// whatever there are of them.
func (r *Register) worksOn(ctx context.Context, a models.Actor, ids []string) (map[string]bool, error) {
	sees, err := r.sees(ctx, a)
	if models.Refused(err) {
		return nil, nil // who reads nothing has to do with nothing
	}
	if err != nil {
		return nil, err
	}
	readable, err := r.store.Readable(ctx, a.OrgID, sees, ids)
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	areas, err := r.store.ServiceAreas(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	for _, s := range areas {
		paths[s.ID] = s.Path
	}
	out := map[string]bool{}
	for id, d := range readable {
		res := policy.Resource{OrgID: d.OrgID, AreaPath: paths[d.ServiceAreaID], Audience: d.Audience, OwnerID: d.CreatedBy}
		out[id] = !managerOnly(a) || r.check(a, "comment.dispose", res) == nil
	}
	return out, nil
}

// managerOnly says whether somebody is a manager and nothing else: what they
// have to do with lies in their own services.
func managerOnly(a models.Actor) bool {
	return !slices.ContainsFunc(a.Grants, func(g models.Grant) bool { return g.Role != models.RoleManager })
}

// works says whether a deployment is one that the actor has to do with: they
// read it, and it lies in the service of a manager.
func (r *Register) works(ctx context.Context, a models.Actor, deploymentID string) (bool, error) {
	if deploymentID == "" {
		return true, nil
	}
	d, err := r.store.DeploymentByID(ctx, a.OrgID, deploymentID)
	if err != nil {
		return false, err
	}
	act := "deployment.read"
	if managerOnly(a) {
		act = "comment.dispose" // a manager's own services only
	}
	s, err := r.opened(ctx, r.store.Reader, a, d, "deployment.read")
	if err == nil {
		err = r.check(a, act, s.res)
	}
	if models.Refused(err) {
		return false, nil
	}
	return err == nil, err
}

// Remind reminds people of what is due, on the days that the profile says, and
// tells whoever is to be told what is overdue. Each is told once.
func (r *Register) Remind(ctx context.Context) error {
	orgs, err := r.store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		if err := r.remind(ctx, org); err != nil {
			return err
		}
	}
	return nil
}

func (r *Register) remind(ctx context.Context, org models.Organisation) error {
	p, err := r.profile(org)
	if err != nil {
		return err
	}
	duties, err := r.duties(ctx, r.store.Reader, org)
	if err != nil {
		return err
	}
	people, err := r.membersNow(ctx, org.ID)
	if err != nil {
		return err
	}
	choices, err := r.choices(ctx, org.ID)
	if err != nil {
		return err
	}
	set, err := r.store.NotificationSettings(ctx, org.ID)
	if err != nil {
		return err
	}
	today := models.DateOf(r.Now(), org.Location())
	for _, d := range duties {
		if d.Due == 0 {
			continue
		}
		left := int(d.Due - today)
		if slices.ContainsFunc(p.ReminderDays, func(days int) bool { return left >= 0 && left <= days }) {
			if err := r.remindOf(ctx, org.ID, d, people, choices, remindedAt(p.ReminderDays, left)); err != nil {
				return err
			}
		}
		if d.Overdue(today) && set.EscalateTo != nil && d.Party == models.EmployerParty {
			if err := r.escalate(ctx, org.ID, d, *set.EscalateTo); err != nil {
				return err
			}
		}
	}
	return nil
}

// remindedAt is which reminder it is: the smallest number of days that is not
// less than those that are left, so that one missed by a day's outage still comes.
func remindedAt(days []int, left int) int {
	least := 0
	for _, d := range days {
		if d >= left && (least == 0 || d < least) {
			least = d
		}
	}
	return least
}

func (r *Register) remindOf(ctx context.Context, org string, d models.Duty, people []models.Actor, c chosen, days int) error {
	for _, a := range people {
		if !d.OwedBy(a.Grants) {
			continue
		}
		if ok, err := r.works(ctx, a, d.DeploymentID); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		err := r.store.Within(ctx, func(tx *store.Tx) error {
			return r.tell(ctx, tx, models.InboxItem{
				OrgID: org, UserID: a.UserID, Topic: models.TopicDeadline, Key: "remind/" + d.Key + "/" + itoa(days), Code: "duty." + d.Code, Params: d.Params(),
				Path: d.Path, DueOn: d.Due, Mode: c.of(a, models.TopicDeadline),
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Register) escalate(ctx context.Context, org string, d models.Duty, user string) error {
	// Only while they hold a role by which they may read of it.
	a, err := r.ActorOf(ctx, user, org)
	if err != nil {
		return ended(err)
	}
	if !a.EmployerSide() {
		return nil // they hold no role any more by which it is theirs
	}
	if ok, err := r.works(ctx, a, d.DeploymentID); err != nil || !ok {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		return r.tell(ctx, tx, models.InboxItem{
			OrgID: org, UserID: user, Topic: models.TopicEscalation, Key: "overdue/" + d.Key, Code: "duty." + d.Code, Params: d.Params(),
			Path: d.Path, DueOn: d.Due, Mode: models.ModeAtOnce,
		})
	})
}
