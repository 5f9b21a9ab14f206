// Package registertest makes a small organisation for tests: a register over a
// real database with a clock that the test sets. Nothing here is built into
// the product.
package registertest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"beforehand/internal/files"
	"beforehand/internal/notice"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Password is that of every person in a fixture.
const Password = "correct horse battery"

// Clock is a clock that a test sets.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Set sets the clock.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// SetTo sets the clock to a wall time in London, such as "2026-09-07 10:00".
func (c *Clock) SetTo(wall string) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, zone)
	if err != nil {
		panic(err)
	}
	c.Set(at)
}

// Now is what the clock says; each look is a microsecond later, as in life.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

// Outbox is a channel that keeps what was sent.
type Outbox struct {
	mu   sync.Mutex
	sent []notice.Mail
	// Fail, when set, decides what becomes of a mail.
	Fail func(notice.Mail) error
}

// Send keeps a mail.
func (o *Outbox) Send(_ context.Context, m notice.Mail) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Fail != nil {
		if err := o.Fail(m); err != nil {
			return err
		}
	}
	o.sent = append(o.sent, m)
	return nil
}

// Sent is what was sent so far.
func (o *Outbox) Sent() []notice.Mail {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]notice.Mail(nil), o.sent...)
}

// House is a register with an organisation in it.
type House struct {
	*register.Register
	Store  *store.Store
	Clock  *Clock
	Outbox *Outbox
	Org    models.Organisation

	Admin, CDO, Manager, HR, Assurer, Approver, Officer, Rep, OtherOfficer, Scrutiny, Auditor models.Actor

	Area, OtherArea models.ServiceArea
	Unit, OtherUnit models.BargainingUnit
	Role, OtherRole models.JobRole
	Unison, GMB     models.Union

	parts register.Parts
}

// Watch puts another watermark in the place of the house's own.
func (h *House) Watch(t testing.TB, mark *register.Watermark) {
	t.Helper()
	h.parts.Watermark = mark
	h.Register = register.New(WithKeys(t, h.parts))
}

// MailBy sends the house's mails by another channel than its outbox.
func (h *House) MailBy(t testing.TB, by notice.Channel) {
	t.Helper()
	h.parts.Mail = by
	h.Register = register.New(WithKeys(t, h.parts))
}

// KeepIn keeps the house's attachments in another place than its folder.
func (h *House) KeepIn(t testing.TB, place files.Store) {
	t.Helper()
	elsewhere := *h.parts.Files
	elsewhere.Keep, h.parts.Files = place, &elsewhere
	h.Register = register.New(WithKeys(t, h.parts))
}

// LoseFiles ends the place where attachments are kept, as a full disk would.
func (h *House) LoseFiles(t testing.TB) {
	t.Helper()
	if err := h.parts.Files.Keep.(io.Closer).Close(); err != nil {
		t.Fatal(err)
	}
}

// New founds an organisation on a database: two service areas, two bargaining
// units with a job role each, UNISON recognised for the first and GMB for both.
func New(t testing.TB, s *store.Store) *House {
	t.Helper()
	h := Empty(t, s)
	h.Found(t, "tywi")
	return h
}

// Empty is a register without an organisation.
func Empty(t testing.TB, s *store.Store) *House {
	t.Helper()
	kept, err := OpenFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &House{Store: s, Clock: &Clock{}, Outbox: &Outbox{}}
	h.Clock.SetTo("2026-09-07 09:00")
	h.parts = register.Parts{
		Store: s, Policy: policy.Default(), Profiles: policy.Bundled(), Files: kept, Mail: h.Outbox, Now: h.Clock.Now, Log: slog.New(slog.DiscardHandler),
		Settings: register.Settings{BaseURL: BaseURL, MailFrom: "notices@tywi.example"},
	}
	h.Register = register.New(WithKeys(t, h.parts))
	return h
}

// Found fills a house with an organisation of its own; a second call makes another.
func (h *House) Found(t testing.TB, slug string) {
	t.Helper()
	ctx := t.Context()
	var err error
	h.Org, h.Admin, err = h.Register.Found(ctx, register.Founding{
		Slug: slug, Name: models.Text{En: "Tywi Council", Cy: "Cyngor Tywi"}, Nation: models.EnglandAndWales, Zone: "Europe/London",
		Profile: "wales-partnership", Contact: "ai@" + slug + ".example", AdminEmail: "admin@" + slug + ".example", AdminName: "Ada Admin", AdminPassword: Password,
	})
	must(t, err)
	h.Area = need(h.AddServiceArea(ctx, h.Admin, models.Text{En: "Adult social care", Cy: "Gofal cymdeithasol oedolion"}, ""))(t)
	h.OtherArea = need(h.AddServiceArea(ctx, h.Admin, models.Text{En: "Human resources", Cy: "Adnoddau dynol"}, ""))(t)
	h.Unison = need(h.AddUnion(ctx, h.Admin, "UNISON", "UNISON"))(t)
	h.GMB = need(h.AddUnion(ctx, h.Admin, "GMB", "GMB"))(t)
	person := func(name string, role models.Role, hat register.Hat) models.Actor {
		hat.Role = role
		by := h.Admin
		if role == models.RoleUnionRep {
			by = h.Officer
		}
		u := need(h.AddUser(ctx, by, register.NewUser{Email: name + "@" + slug + ".example", Name: name, Password: Password, Hat: hat}))(t)
		return need(h.ActorOf(ctx, u.ID, h.Org.ID))(t)
	}
	h.CDO = person("cdo", models.RoleCDO, register.Hat{})
	h.Manager = person("manager", models.RoleManager, register.Hat{ServiceAreaID: h.Area.ID})
	h.HR = person("hr", models.RoleHR, register.Hat{})
	h.Assurer = person("assurer", models.RoleAssurer, register.Hat{})
	h.Approver = person("approver", models.RoleApprover, register.Hat{})
	h.Officer = person("unison", models.RoleUnionOfficer, register.Hat{UnionID: h.Unison.ID})
	h.Rep = person("rep", models.RoleUnionRep, register.Hat{UnionID: h.Unison.ID})
	h.OtherOfficer = person("gmb", models.RoleUnionOfficer, register.Hat{UnionID: h.GMB.ID})
	h.Scrutiny = person("councillor", models.RoleScrutiny, register.Hat{})
	h.Auditor = person("auditor", models.RoleAuditor, register.Hat{})
	h.Unit = need(h.AddBargainingUnit(ctx, h.HR, "NJC: social work"))(t)
	h.OtherUnit = need(h.AddBargainingUnit(ctx, h.HR, "NJC: corporate"))(t)
	h.Role = need(h.AddJobRole(ctx, h.HR, models.JobRole{Title: "Social worker", JobFamily: "Social work", Grade: "J", SOC2020: "2461", ServiceAreaID: h.Area.ID, Site: "Caerfyrddin", Headcount: 46, FTE: 41.5, BargainingUnitID: &h.Unit.ID}))(t)
	h.OtherRole = need(h.AddJobRole(ctx, h.HR, models.JobRole{Title: "Recruitment officer", ServiceAreaID: h.OtherArea.ID, Headcount: 6, BargainingUnitID: &h.OtherUnit.ID}))(t)
	h.recognise(t, h.Unison, h.Unit)
	h.recognise(t, h.GMB, h.Unit, h.OtherUnit)
}

func (h *House) recognise(t testing.TB, u models.Union, units ...models.BargainingUnit) {
	t.Helper()
	ctx := t.Context()
	b := need(h.AddBranch(ctx, h.HR, u.ID, u.Abbreviation+" Tywi"))(t)
	for _, unit := range units {
		need(h.Agree(ctx, h.HR, models.Recognition{
			UnionID: u.ID, BranchID: b.ID, BargainingUnitID: unit.ID, From: models.MustDate("2024-01-01"), ElectronicFrom: models.MustDate("2024-01-01"),
		}))(t)
	}
	need(h.AgreeAddress(ctx, h.HR, models.ServiceAddress{
		BranchID: b.ID, Channel: models.ByEmail, Address: "branch@" + u.ID[len(u.ID)-6:] + ".example", Languages: []models.Language{models.English, models.Welsh}, From: models.MustDate("2024-01-01"),
	}))(t)
}

// Record is a complete record of case-note drafting: every mandatory item is filled.
func (h *House) Record() models.Record {
	both := func(en string) models.Text { return models.Text{En: en, Cy: "Cymraeg: " + en} }
	return models.Record{
		Name: both("Draft case notes"), OneLine: both("Drafts case notes from visits"), Summary: both("A tool drafts notes; a social worker files them."),
		ServiceAreaID: h.Area.ID, UseFamily: "drafting", AIClass: "generative", Activation: "new_purchase",
		Suppliers: []models.Supplier{{Name: "Nodiadau Ltd", Role: "supplier", ContractEnd: models.MustDate("2028-03-31")}},
		Models:    []models.AIModel{{Name: "Scribe", Family: "Scribe", Version: "3", Provider: "Nodiadau Ltd", Region: "UK South"}},
		Owner:     "Head of adult services", SeniorResponsible: "Director of social services", PublicContact: "ai@tywi.example",
		Purpose: both("Less time writing, more time visiting"), Problem: both("Notes take hours"), ExpectedBenefit: both("Half the time"),
		Alternatives:   []models.Alternative{{Text: both("Shorter templates"), WithoutAI: true}, {Text: both("Dictation")}},
		NatureOfChange: both("Notes are drafted by a tool and checked by the worker."), DecisionStatus: "preferred_option",
		Outputs: both("A draft case note"), Logic: both("It summarises the worker's own recording."),
		HumanReview:  models.HumanReview{Kind: "in_the_loop", Who: "the social worker", MinutesAllowed: 10, RightToOverride: true, OverrideIsLogged: true},
		WorkerData:   []models.WorkerData{{Category: "Edit times", Source: "the tool", Purpose: "evaluation only", RetentionDays: 90}},
		Groups:       []models.Group{{JobRoleID: h.Role.ID, Headcount: 46, Agency: 3}},
		WorkerChange: both("Check a draft instead of writing"), EffectOnWork: both("No posts are lost"), AdverseEffects: both("More cases may be given"),
		RiskLevel: "impactful",
		Assessments: []models.Assessment{
			{Kind: "dpia", State: "yes", On: models.MustDate("2026-08-20"), By: "Data protection officer"},
			{Kind: "eqia", State: "in_progress", On: models.MustDate("2026-10-01"), By: "Equality lead"},
		},
		Regimes:     []string{"sppp-wales-2023"},
		Commitments: []models.Commitment{{Kind: "no_redundancy", Text: both("None before 2028"), Owner: "Director", Status: "accepted"}},
		Training:    models.Training{Who: "all social workers", Hours: 3, Paid: true, When: "October 2026", PercentDone: 90},
		FailSafe:    models.FailSafe{How: both("Switch it off in the portal"), Who: "Team manager", WithinMinutes: 15, Instead: both("Write notes by hand")},
		Costs:       []models.Cost{{Kind: "one_off", Year: 2026, Pence: 4_000_000}},
		GainUse:     both("Direct work with people"),
		Evidence: models.Evidence{
			Plan: both("Minutes a note, before and after"), BaselineOn: models.MustDate("2026-08-28"),
			Guardrails: []models.StatedGuardrail{{Name: both("Errors in blind audit"), State: "not_reported"}},
		},
		Dates: models.Dates{PilotPlanned: models.MustDate("2026-11-10"), GoLivePlanned: models.MustDate("2027-03-01"), ReviewDue: models.MustDate("2027-08-01")},
	}
}

// Draft is what a complete notice adds to the record.
func Draft(kind models.NoticeKind) register.DraftInput {
	return register.DraftInput{Kind: kind, Meetings: []models.Date{models.MustDate("2026-09-15"), models.MustDate("2026-09-29")}}
}

// Deploy registers the complete record.
func (h *House) Deploy(t testing.TB) register.DeploymentView {
	t.Helper()
	d := need(h.RegisterDeployment(t.Context(), h.CDO, register.Registration{Record: h.Record()}))(t)
	return need(h.Register.Deployment(t.Context(), h.CDO, d.Ref))(t)
}

// Formative registers the complete record and takes it to the formative stage.
func (h *House) Formative(t testing.TB) register.DeploymentView {
	t.Helper()
	d := h.Deploy(t)
	return need(h.Move(t.Context(), h.CDO, d.Ref, d.Version, models.StageFormative, ""))(t)
}

// Noticed serves a change notice of the complete record and has its messages accepted.
func (h *House) Noticed(t testing.TB) (register.DeploymentView, models.Notice) {
	t.Helper()
	d := h.Formative(t)
	draft := need(h.DraftNotice(t.Context(), h.CDO, d.Ref, Draft(models.NoticeChange)))(t)
	n := need(h.ServeNotice(t.Context(), h.CDO, draft.ID, draft.Version))(t)
	must(t, h.DeliverAll(t.Context(), n))
	return need(h.Register.Deployment(t.Context(), h.CDO, d.Ref))(t), n
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
