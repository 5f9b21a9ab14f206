package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// Day is a date in an address. The decoder reads a plain integer type as a
// number; inside a struct it asks the type itself.
type Day struct{ models.Date }

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// DeploymentLine is a deployment in a list.
type DeploymentLine struct {
	Ref         string      `json:"ref" example:"DEP-2026-003"`
	Name        models.Text `json:"name"`
	Stage       string      `json:"stage"`
	Class       string      `json:"class"`
	ServiceArea string      `json:"serviceArea"`
	UseFamily   string      `json:"useFamily,omitempty"`
	AIClass     string      `json:"aiClass,omitempty"`
	RiskLevel   string      `json:"riskLevel,omitempty"`
	Late        bool        `json:"late,omitempty" doc:"Found in use before its notice had run; never clears"`
	ReviewDue   models.Date `json:"reviewDue,omitzero" format:"date"`
	Version     int         `json:"version"`
	CreatedAt   string      `json:"createdAt" format:"date-time"`
	UpdatedAt   string      `json:"updatedAt" format:"date-time"`
}

func viewLine(d models.Deployment) DeploymentLine {
	return DeploymentLine{
		d.Ref,
		models.Text{En: d.NameEn, Cy: d.NameCy},
		string(d.Stage), string(d.EffectiveClass()), d.ServiceAreaID, string(d.UseFamily), string(d.AIClass),
		string(d.RiskLevel), d.Late, d.ReviewDue, d.Version, instant(d.CreatedAt), instant(d.UpdatedAt),
	}
}

// Deployment is one deployment with its record, as the reader may see it.
type Deployment struct {
	DeploymentLine
	Audience    string        `json:"audience" doc:"Widest circle that may read it: employer, parties or public"`
	LateReason  string        `json:"lateReason,omitempty"`
	LateOn      models.Date   `json:"lateOn,omitzero" format:"date"`
	ClassReason []models.Text `json:"classReasons" nullable:"false"`
	Record      models.Record `json:"record"`
	Can         []string      `json:"can" nullable:"false" doc:"What you may do"`
	Links       Links         `json:"links"`
}

// Links are addresses beside a record.
type Links struct {
	Self     string `json:"self"`
	Gate     string `json:"gate"`
	Timeline string `json:"timeline"`
	Page     string `json:"page"`
}

func viewDeployment(v register.DeploymentView) Deployment {
	base := "/api/v1/deployments/" + v.Ref
	return Deployment{
		viewLine(v.Deployment), string(v.Audience), v.LateReason, v.LateOn, said(v.Why), v.Record, list(v.Can),
		Links{base, base + "/gate", base + "/timeline", "/en/deployments/" + v.Ref},
	}
}

func said(why []models.Reason) []models.Text {
	out := make([]models.Text, 0, len(why))
	for _, w := range why {
		out = append(out, register.Both(w))
	}
	return out
}

// list is a slice that is never null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

type deploymentsInput struct {
	Paging
	Text        string `query:"q" maxLength:"200" doc:"Every word must be there, in English or Welsh"`
	Stage       string `query:"stage" enum:"idea,formative,noticed,decided,pilot,evaluated,live,paused,retired,withdrawn"`
	Class       string `query:"class" enum:"A,B,C,D"`
	UseFamily   string `query:"useFamily" maxLength:"40"`
	AIClass     string `query:"aiClass" maxLength:"40"`
	RiskLevel   string `query:"riskLevel" maxLength:"40"`
	ServiceArea string `query:"serviceArea" maxLength:"60" doc:"Id of an area; those below it too"`
	Union       string `query:"union" maxLength:"60" doc:"Id of a union in scope"`
	Supplier    string `query:"supplier" maxLength:"200"`
	Model       string `query:"model" maxLength:"200"`
	WorkerData  string `query:"workerData" maxLength:"200" doc:"A category of worker data"`
	Assessment  string `query:"assessment" enum:"dpia,eqia,fundamental_rights,job_impact,health_and_safety,welsh_language" doc:"Still in progress"`
	Commitment  string `query:"commitment" enum:"offered,accepted,met,broken"`
	SavingOver  int64  `query:"savingOver" minimum:"0" doc:"A claimed saving of at least so many pence"`
	Late        string `query:"late" enum:"true,false"`
	ReviewDue   Day    `query:"reviewDue" format:"date" doc:"Review due on or before"`
	Sort        string `query:"sort" enum:"created,-created,updated,-updated,name,-name,review,-review" default:"-created"`
	Total       string `query:"total" enum:"exact"`
}

func (in deploymentsInput) filter() store.Filter {
	f := store.Filter{
		Text: in.Text, Stage: models.Stage(in.Stage), Class: models.ChangeClass(in.Class), UseFamily: models.UseFamily(in.UseFamily), AIClass: models.AIClass(in.AIClass),
		Risk: models.RiskLevel(in.RiskLevel), AreaPath: in.ServiceArea, UnionID: in.Union, Supplier: in.Supplier, Model: in.Model, WorkerData: in.WorkerData,
		Assessment: in.Assessment, Commitment: in.Commitment, SavingOver: in.SavingOver, ReviewDue: in.ReviewDue.Date, Sort: store.Sort(in.Sort),
	}
	if in.Late != "" {
		f.Late = ptr(in.Late == "true")
	}
	if in.Sort != "" && in.Sort[0] == '-' {
		f.Sort, f.Desc = store.Sort(in.Sort[1:]), true
	}
	return f
}

func (a *API) deployments(ctx context.Context, in *deploymentsInput) (*reply[List[DeploymentLine]], error) {
	rows, next, total, err := a.reg.Deployments(ctx, web.Actor(ctx), in.filter(), in.page(in.Total == "exact"))
	if err != nil {
		return nil, err
	}
	out := pageOf(rows, viewLine)
	out.Body.Total, out.Body.TotalCapped = &total.Count, total.More
	out.Body.Next = nextPage(ctx, "/deployments", next)
	return out, nil
}

// nextPage is the address that was asked for with another cursor.
func nextPage(ctx context.Context, path, cursor string) string {
	if cursor == "" {
		return ""
	}
	q := url.Values{}
	for k, v := range web.Query(ctx) {
		q[k] = v
	}
	q.Set("cursor", cursor)
	return "/api/v1" + path + "?" + q.Encode()
}

type registration struct {
	Body struct {
		models.Record
		LateReason string `json:"lateReason,omitempty" maxLength:"2000" doc:"Why a system already in use is registered only now"`
	}
}

func (a *API) registerDeployment(ctx context.Context, in *registration) (*reply[Deployment], error) {
	d, err := a.reg.RegisterDeployment(ctx, web.Actor(ctx), register.Registration{Record: in.Body.Record, LateReason: in.Body.LateReason})
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Deployment(ctx, web.Actor(ctx), d.Ref)
	return created(viewDeployment(v), d.Version, "/deployments/"+d.Ref), err
}

func (a *API) deployment(ctx context.Context, in *ByRef) (*reply[Deployment], error) {
	v, err := a.reg.Deployment(ctx, web.Actor(ctx), in.Ref)
	return versioned(viewDeployment(v), v.Version), err
}

// Judging is how a change may be judged not material.
type Judging struct {
	NotMaterial string `query:"notMaterial" maxLength:"2000" doc:"Why this change is not material, if you judge so: it stays on the record"`
}

func (j Judging) judgement() register.Judgement {
	return register.Judgement{NotMaterial: j.NotMaterial != "", Reason: j.NotMaterial}
}

type replaceInput struct {
	ByRef
	IfMatchHeader
	Judging
	Body models.Record
}

func (a *API) replaceDeployment(ctx context.Context, in *replaceInput) (*reply[Deployment], error) {
	edit := func(models.Record) (models.Record, error) { return in.Body, nil }
	return a.revise(ctx, in.ByRef, in.IfMatchHeader, in.Judging, edit)
}

type patchInput struct {
	ByRef
	IfMatchHeader
	Judging
	Body map[string]any `contentType:"application/merge-patch+json" doc:"Parts of a record (RFC 7396): null removes"`
}

func (a *API) patchDeployment(ctx context.Context, in *patchInput) (*reply[Deployment], error) {
	b, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	edit := func(r models.Record) (models.Record, error) {
		merged, err := models.Merge(r, b)
		if err == nil {
			err = untypable(&merged)
		}
		return merged, err
	}
	return a.revise(ctx, in.ByRef, in.IfMatchHeader, in.Judging, edit)
}

func (a *API) revise(ctx context.Context, ref ByRef, m IfMatchHeader, j Judging, edit func(models.Record) (models.Record, error)) (*reply[Deployment], error) {
	n, err := m.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Revise(ctx, web.Actor(ctx), ref.Ref, n, edit, j.judgement())
	return versioned(viewDeployment(v), v.Version), err
}

// Gate is a gate that was read.
type Gate struct {
	Ref   string      `json:"ref"`
	Stage string      `json:"stage" doc:"Where the deployment stands"`
	To    string      `json:"to"`
	At    models.Date `json:"at" format:"date"`
	Open  bool        `json:"open"`
	// Override is set when the gate is open only because of one.
	Override  string        `json:"override,omitempty" doc:"Id of the override that opens it"`
	Late      bool          `json:"late,omitempty"`
	Blockers  []Blocker     `json:"blockers" nullable:"false"`
	Warnings  []models.Text `json:"warnings" nullable:"false"`
	Earliest  models.Date   `json:"earliest,omitzero" format:"date" doc:"Earliest permitted date"`
	Projected bool          `json:"projected,omitempty" doc:"Service is still to come: the date is what service today would give"`
	Clocks    []Clock       `json:"clocks" nullable:"false"`
}

// Blocker is what keeps a gate shut, and how to mend it.
type Blocker struct {
	Code  string      `json:"code"`
	Stage string      `json:"stage"`
	Item  string      `json:"item"`
	Union string      `json:"union,omitempty"`
	What  models.Text `json:"what"`
	Fix   models.Text `json:"fix"`
}

// Clock is one union's clock with its working.
type Clock struct {
	Union     string        `json:"union"`
	UnionID   string        `json:"unionId"`
	Before    string        `json:"before"`
	Notice    string        `json:"notice,omitempty"`
	Started   bool          `json:"started"`
	Deemed    models.Date   `json:"deemed,omitzero" format:"date"`
	Earliest  models.Date   `json:"earliest,omitzero" format:"date"`
	Projected bool          `json:"projected,omitempty"`
	Steps     []models.Text `json:"steps" nullable:"false"`
}

// ViewGate is how a gate leaves the house, here and on the command line.
func ViewGate(g register.GateView) Gate {
	v := Gate{
		Ref: g.Ref, Stage: string(g.Stage), To: string(g.To), At: g.At, Open: g.Open, Late: g.Late, Blockers: []Blocker{},
		Warnings: said(g.Warnings), Earliest: g.Earliest, Projected: g.Projected, Clocks: []Clock{},
	}
	if g.Override != nil {
		v.Override = g.Override.ID
	}
	for _, b := range g.Blockers {
		k := Blocker{Code: b.Code, Stage: string(b.Stage), Item: b.Item, What: both("gate."+b.Code, b.Params), Fix: both("fix."+b.Code, b.Params)}
		if b.Union != nil {
			k.Union = b.Union.Abbreviation
		}
		v.Blockers = append(v.Blockers, k)
	}
	for _, c := range g.Clocks {
		v.Clocks = append(v.Clocks, Clock{c.Union.Abbreviation, c.Union.ID, string(c.Trigger), c.Notice, c.Clock.Started, c.Clock.Deemed, c.Clock.Earliest, c.Clock.Projected, said(c.Clock.Steps)})
	}
	return v
}

func both(code string, p models.Params) models.Text {
	return models.Text{En: words.Say(words.English, code, p), Cy: words.Say(words.Welsh, code, p)}
}

type gateInput struct {
	ByRef
	To string `query:"to" enum:"formative,noticed,decided,pilot,evaluated,live,paused,retired,withdrawn" doc:"Stage to enter; the next one when left out"`
	At Day    `query:"at" format:"date" doc:"Day; today when left out. On a past day only what had happened by its end counts"`
}

func (a *API) gate(ctx context.Context, in *gateInput) (*reply[Gate], error) {
	g, err := a.reg.Gate(ctx, web.Actor(ctx), in.Ref, models.Stage(in.To), in.At.Date)
	return &reply[Gate]{Body: ViewGate(g)}, err
}

// Scope is who must be told.
type Scope struct {
	Unions []InScope `json:"unions" nullable:"false"`
	// Told are groups without a recognised union: those staff are told directly.
	Told []string `json:"toldDirectly" nullable:"false"`
}

// InScope is a union that must be told, and why.
type InScope struct {
	ID               string        `json:"id"`
	Union            string        `json:"union"`
	Derived          bool          `json:"derived" doc:"False when a person added it"`
	WithoutPrejudice bool          `json:"withoutPrejudice,omitempty" doc:"Its jurisdiction is contested"`
	Why              []models.Text `json:"why" nullable:"false"`
}

func (a *API) scope(ctx context.Context, in *ByRef) (*reply[Scope], error) {
	s, roles, err := a.reg.Scope(ctx, web.Actor(ctx), in.Ref)
	return &reply[Scope]{Body: viewScope(s, roles)}, err
}

func viewScope(s models.Scope, roles map[string]models.JobRole) Scope {
	v := Scope{Unions: []InScope{}, Told: []string{}}
	for _, u := range s.Unions {
		v.Unions = append(v.Unions, InScope{u.Union.ID, u.Union.Abbreviation, u.Derived, u.WithoutPrejudice, said(u.Why)})
	}
	for _, g := range s.Unserved {
		v.Told = append(v.Told, roles[g.JobRoleID].Title)
	}
	return v
}

type scopeInput struct {
	ByRef
	Body struct {
		Union  string `json:"union" maxLength:"60" doc:"Id of the union"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"Members work beside the affected team"`
	}
}

func (a *API) addToScope(ctx context.Context, in *scopeInput) (*done, error) {
	return &done{}, a.reg.AddToScope(ctx, web.Actor(ctx), in.Ref, in.Body.Union, in.Body.Reason)
}

// Event is one line of a timeline.
type Event struct {
	Seq     int64       `json:"seq" doc:"Place in the organisation's log"`
	At      string      `json:"at" format:"date-time"`
	Verb    string      `json:"verb" example:"notice.serve"`
	Subject string      `json:"subject"`
	What    models.Text `json:"what"`
	Data    EventData   `json:"data,omitzero"`
}

// EventData is what changed, as it is sealed in the log. It is passed on unread:
// the log's canonical JSON is what our encoder would write of it.
type EventData struct{ json.RawMessage }

// IsZero holds when there is nothing to say.
func (d EventData) IsZero() bool { return len(d.RawMessage) == 0 || string(d.RawMessage) == "{}" }

// lineEnds are two characters that Go's encoder escapes and canonical JSON does
// not.
var lineEnds = strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`)

// MarshalJSON writes it as the encoder would.
func (d EventData) MarshalJSON() ([]byte, error) {
	if bytes.Contains(d.RawMessage, []byte("\xe2\x80")) { // with which both begin
		return []byte(lineEnds.Replace(string(d.RawMessage))), nil
	}
	return d.RawMessage, nil
}

// Schema is that of an object of anything.
func (EventData) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[map[string]any]())
}

type timelineInput struct {
	ByRef
	From  int64 `query:"from" minimum:"0" doc:"First place in the log"`
	Limit int   `query:"limit" minimum:"1" maximum:"500" default:"200"`
}

func (a *API) timeline(ctx context.Context, in *timelineInput) (*reply[List[Event]], error) {
	rows, next, err := a.reg.Timeline(ctx, web.Actor(ctx), in.Ref, in.From, in.Limit)
	out := pageOf(rows, func(e register.Event) Event {
		return Event{e.Seq, instant(e.At), e.Verb, e.Subject, models.Text{En: e.Say(words.English), Cy: e.Say(words.Welsh)}, EventData{e.Data}}
	})
	if next > 0 {
		out.Body.Next = "/api/v1/deployments/" + in.Ref + "/timeline?from=" + itoa(next)
	}
	return out, err
}

// Version is one save.
type Version struct {
	Number int            `json:"number"`
	At     string         `json:"at" format:"date-time"`
	By     string         `json:"by,omitempty" doc:"Id of who saved it"`
	Stage  string         `json:"stage"`
	Class  string         `json:"class"`
	Late   bool           `json:"late,omitempty"`
	SHA256 string         `json:"sha256" doc:"Of the record's canonical JSON (RFC 8785)"`
	Note   string         `json:"note,omitempty"`
	Record *models.Record `json:"record,omitempty"`
}

func viewVersion(v models.Version) Version {
	return Version{Number: v.Number, At: instant(v.At), By: v.ByUserID, Stage: string(v.Stage), Class: string(v.Class), Late: v.Late, SHA256: v.SHA256, Note: v.Note}
}

type versionsInput struct {
	ByRef
	Below int `query:"below" minimum:"0" maximum:"1000000" doc:"Only saves before this one"`
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (a *API) versions(ctx context.Context, in *versionsInput) (*reply[List[Version]], error) {
	rows, err := a.reg.Versions(ctx, web.Actor(ctx), in.Ref, in.Below, in.Limit)
	out := pageOf(rows, viewVersion)
	if len(rows) == in.Limit && rows[len(rows)-1].Number > 1 {
		out.Body.Next = "/api/v1/deployments/" + in.Ref + "/versions?below=" + itoa(int64(rows[len(rows)-1].Number))
	}
	return out, err
}

// VersionInput names one save.
type VersionInput struct {
	ByRef
	Number int `path:"number" minimum:"1" maximum:"1000000" example:"1"`
}

func (a *API) version(ctx context.Context, in *VersionInput) (*reply[Version], error) {
	v, err := a.reg.Version(ctx, web.Actor(ctx), in.Ref, in.Number)
	return withRecord(v), err
}

func withRecord(v register.VersionView) *reply[Version] {
	out := viewVersion(v.Version)
	out.Record = &v.Record
	return &reply[Version]{Body: out}
}

type asAtInput struct {
	ByRef
	Date Day `path:"date" format:"date" example:"2026-09-30"`
}

func (a *API) asAt(ctx context.Context, in *asAtInput) (*reply[Version], error) {
	v, err := a.reg.AsAt(ctx, web.Actor(ctx), in.Ref, in.Date.Date)
	return withRecord(v), err
}

type diffInput struct {
	ByRef
	From int `query:"from" required:"true" minimum:"1" maximum:"1000000" example:"1"`
	To   int `query:"to" required:"true" minimum:"1" maximum:"1000000" example:"2"`
}

func (a *API) diff(ctx context.Context, in *diffInput) (*reply[List[models.FieldChange]], error) {
	rows, err := a.reg.Diff(ctx, web.Actor(ctx), in.Ref, in.From, in.To)
	return listOf(rows, func(c models.FieldChange) models.FieldChange { return c }), err
}
