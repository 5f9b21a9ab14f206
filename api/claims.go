package api

import (
	"context"
	"encoding/json"
	"io"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// ProductivityClaim is one measurable sentence about what a deployment gains.
type ProductivityClaim struct {
	Ref        string      `json:"ref" example:"CL-2026-001"`
	Deployment string      `json:"deployment"`
	Sentence   models.Text `json:"sentence"`
	Status     string      `json:"status" enum:"unverified,supported,supported_in_part,not_shown,contradicted,disputed,withdrawn"`
	Grade      string      `json:"grade" enum:"E0,E1,E2,E3,E4,E5" doc:"How far its figure can be relied on"`
	// Plan is the plan being written, for who may change it, and else the one locked.
	Plan          *models.Plan    `json:"plan,omitempty"`
	Plans         []PlanMark      `json:"plans" nullable:"false" doc:"Plans that were locked, oldest first"`
	Datasets      []DatasetMark   `json:"datasets" nullable:"false"`
	Results       []ResultMark    `json:"results" nullable:"false"`
	Unshared      int             `json:"unshared,omitempty" doc:"Results that were not shared with you yet"`
	SharedUpTo    int             `json:"sharedUpTo,omitempty"`
	Result        *models.Result  `json:"result,omitempty" doc:"The last result that you may read"`
	Challenges    []ChallengeView `json:"challenges" nullable:"false"`
	Reinvestments []Reinvestment  `json:"reinvestments,omitempty" nullable:"false"`
	Run           *Run            `json:"run,omitempty"`
	WithdrawnAt   string          `json:"withdrawnAt,omitempty" format:"date-time"`
	Withdrawn     string          `json:"withdrawnReason,omitempty"`
	MadeAt        string          `json:"madeAt" format:"date-time"`
	Version       int             `json:"version"`
	Can           []string        `json:"can" nullable:"false"`
}

// PlanMark is a locked plan, in short.
type PlanMark struct {
	No        int    `json:"no"`
	SHA256    string `json:"sha256"`
	Reason    string `json:"reason,omitempty" doc:"Why it was locked anew"`
	AfterLook bool   `json:"afterLook,omitempty" doc:"Rows were there to look at when it was locked"`
	At        string `json:"at" format:"date-time"`
}

// DatasetMark is a file of rows, in short.
type DatasetMark struct {
	No       int            `json:"no"`
	PlanNo   int            `json:"planNo"`
	FileName string         `json:"fileName,omitempty"`
	Format   string         `json:"format"`
	SHA256   string         `json:"sha256" doc:"Of the file as it was sent"`
	Rows256  string         `json:"rowsSha256" doc:"Of the rows as read, people numbered"`
	Rows     int            `json:"rows"`
	Outside  int            `json:"outside" doc:"Rows in neither window"`
	Missing  map[string]int `json:"missing" doc:"Missing values by heading"`
	PurgeOn  models.Date    `json:"purgeOn" format:"date"`
	PurgedAt string         `json:"purgedAt,omitempty" format:"date-time"`
	At       string         `json:"at" format:"date-time"`
}

// ResultMark is a result, in short.
type ResultMark struct {
	No         int    `json:"no"`
	PlanNo     int    `json:"planNo"`
	Grade      string `json:"grade"`
	Verdict    string `json:"verdict"`
	Unfinished bool   `json:"unfinished,omitempty" doc:"The rows end before the window that was planned"`
	Question   bool   `json:"question,omitempty" doc:"It answers a union's question"`
	SHA256     string `json:"sha256"`
	At         string `json:"at" format:"date-time"`
}

func viewClaim(v register.ClaimView) ProductivityClaim {
	c := ProductivityClaim{
		Ref: v.Ref, Deployment: v.Deployment, Sentence: v.Sentence(), Status: string(v.Status), Grade: string(v.Grade), Plan: &v.Plan,
		Plans: []PlanMark{}, Datasets: []DatasetMark{}, Results: []ResultMark{}, Challenges: []ChallengeView{}, Unshared: v.Unshared,
		SharedUpTo: v.SharedNo, Result: v.Result, Withdrawn: v.WithdrawnReason, MadeAt: instant(v.CreatedAt), Version: v.Version, Can: list(v.Can),
	}
	for _, p := range v.Plans {
		c.Plans = append(c.Plans, PlanMark{p.No, p.SHA256, p.Reason, p.AfterLook, instant(p.At)})
	}
	for _, d := range v.Datasets {
		c.Datasets = append(c.Datasets, viewDataset(d))
	}
	for _, r := range v.Results {
		c.Results = append(c.Results, ResultMark{r.No, r.PlanNo, string(r.Grade), string(r.Verdict), r.Unfinished, r.ChallengeID != nil, r.SHA256, instant(r.At)})
	}
	for _, x := range v.Challenges {
		c.Challenges = append(c.Challenges, viewChallenge(register.ChallengeView{ChallengeState: x, Claim: v.Ref}))
	}
	for _, x := range v.Reinvestments {
		c.Reinvestments = append(c.Reinvestments, viewReinvestment(x, v.Today))
	}
	if v.Run != nil {
		r := viewRun(*v.Run)
		c.Run = &r
	}
	if v.WithdrawnAt != nil {
		c.WithdrawnAt = instant(*v.WithdrawnAt)
	}
	return c
}

func viewDataset(d models.Dataset) DatasetMark {
	v := DatasetMark{
		No: d.No, PlanNo: d.PlanNo, FileName: d.FileName, Format: d.Format, SHA256: d.SHA256, Rows256: d.RowsSHA256, Rows: d.Rows, Outside: d.Outside,
		Missing: map[string]int{}, PurgeOn: d.PurgeOn, At: instant(d.At),
	}
	if err := json.Unmarshal([]byte(d.Missing), &v.Missing); err != nil {
		v.Missing = map[string]int{} // the database holds only what an upload wrote
	}
	if d.PurgedAt != nil {
		v.PurgedAt = instant(*d.PurgedAt)
	}
	return v
}

// ByClaim names a claim.
type ByClaim struct {
	Claim string `path:"claim" maxLength:"40" example:"CL-2026-001"`
}

func (a *API) claims(ctx context.Context, in *ByRef) (*reply[List[ProductivityClaim]], error) {
	rows, err := a.reg.Claims(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewClaim), err
}

func (a *API) allClaims(ctx context.Context, in *Paging) (*reply[List[ProductivityClaim]], error) {
	rows, next, err := a.reg.AllClaims(ctx, web.Actor(ctx), in.page(false))
	out := pageOf(rows, viewClaim)
	out.Body.Next = nextPage(ctx, "/claims", next)
	return out, err
}

func (a *API) claim(ctx context.Context, in *ByClaim) (*reply[ProductivityClaim], error) {
	v, err := a.reg.Claim(ctx, web.Actor(ctx), in.Claim)
	return versioned(viewClaim(v), v.Version), err
}

type makeClaimInput struct {
	ByRef
	Body models.Plan
}

func (a *API) makeClaim(ctx context.Context, in *makeClaimInput) (*reply[ProductivityClaim], error) {
	v, err := a.reg.MakeClaim(ctx, web.Actor(ctx), in.Ref, in.Body)
	return created(viewClaim(v), v.Version, "/claims/"+v.Ref), err
}

type reviseClaimInput struct {
	ByClaim
	IfMatchHeader
	Body models.Plan
}

func (a *API) reviseClaim(ctx context.Context, in *reviseClaimInput) (*reply[ProductivityClaim], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.ReviseClaim(ctx, web.Actor(ctx), in.Claim, n, in.Body)
	return versioned(viewClaim(v), v.Version), err
}

type lockInput struct {
	ByClaim
	IfMatchHeader
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Needed when a plan was locked before"`
	}
}

func (a *API) lockClaim(ctx context.Context, in *lockInput) (*reply[ProductivityClaim], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.LockClaim(ctx, web.Actor(ctx), in.Claim, n, in.Body.Reason)
	return versioned(viewClaim(v), v.Version), err
}

type withdrawClaimInput struct {
	ByClaim
	IfMatchHeader
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"The pilot ended early"`
	}
}

func (a *API) withdrawClaim(ctx context.Context, in *withdrawClaimInput) (*reply[ProductivityClaim], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.WithdrawClaim(ctx, web.Actor(ctx), in.Claim, n, in.Body.Reason)
	return versioned(viewClaim(v), v.Version), err
}

type shareInput struct {
	ByClaim
	IfMatchHeader
}

func (a *API) shareClaim(ctx context.Context, in *shareInput) (*reply[ProductivityClaim], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.ShareClaim(ctx, web.Actor(ctx), in.Claim, n)
	return versioned(viewClaim(v), v.Version), err
}

// ClaimNumber names a part of a claim that is counted.
type ClaimNumber struct {
	ByClaim
	Number int `path:"number" minimum:"1" maximum:"1000000"`
}

func (a *API) lockedPlan(ctx context.Context, in *ClaimNumber) (*file, error) {
	p, err := a.reg.LockedPlanFile(ctx, web.Actor(ctx), in.Claim, in.Number)
	return jsonFile([]byte(p.Body)), err
}

func (a *API) resultFile(ctx context.Context, in *ClaimNumber) (*file, error) {
	r, err := a.reg.ResultFile(ctx, web.Actor(ctx), in.Claim, in.Number)
	return jsonFile([]byte(r.Body)), err
}

// file is an answer in JSON whose bytes matter.
type file struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func jsonFile(b []byte) *file { return &file{"application/json", b} }

// content is what the document says of the answer.
func (*file) content() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}}
}

type planDiffInput struct {
	ByClaim
	From int `query:"from" required:"true" minimum:"1" maximum:"1000000" example:"1"`
	To   int `query:"to" required:"true" minimum:"1" maximum:"1000000" example:"1"`
}

func (a *API) planDiff(ctx context.Context, in *planDiffInput) (*reply[List[models.FieldChange]], error) {
	rows, err := a.reg.PlanDiff(ctx, web.Actor(ctx), in.Claim, in.From, in.To)
	return listOf(rows, func(c models.FieldChange) models.FieldChange { return c }), err
}

type uploadInput struct {
	ByClaim
	Name string `query:"name" maxLength:"200" doc:"Name of the file" example:"notes.csv"`
	rows io.Reader
}

func (*uploadInput) streamed() {}

// Resolve keeps the body for the handler, who reads it as it comes.
func (in *uploadInput) Resolve(c huma.Context) []error {
	in.rows = c.BodyReader()
	return nil
}

// DatasetReport is what was read.
type DatasetReport struct {
	DatasetMark
	Encoding string `json:"encoding"`
	// MissingRows are the first rows with a missing value.
	MissingRows []MissingValue `json:"missingRows" nullable:"false"`
}

// MissingValue is a cell with nothing in it.
type MissingValue struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
}

func (a *API) uploadDataset(ctx context.Context, in *uploadInput) (*reply[DatasetReport], error) {
	d, err := a.reg.UploadDataset(ctx, web.Actor(ctx), in.Claim, in.Name, in.rows)
	v := DatasetReport{DatasetMark: viewDataset(d.Dataset), Encoding: d.Encoding, MissingRows: []MissingValue{}}
	for _, p := range d.MissingRows {
		v.MissingRows = append(v.MissingRows, MissingValue{p.Row, p.Column})
	}
	return created(v, 0, "/claims/"+in.Claim), err
}

// Run is an analysis under way, or what became of it.
type Run struct {
	ID      string `json:"id"`
	State   string `json:"state" enum:"queued,running,done,refused,cancelled"`
	Percent int    `json:"percent"`
	Result  int    `json:"result,omitempty" doc:"Number of the result that came of it"`
	// Refusal says in both languages why there is no result.
	Refusal *models.Text `json:"refusal,omitempty"`
	At      string       `json:"at" format:"date-time"`
	EndedAt string       `json:"endedAt,omitempty" format:"date-time"`
}

func viewRun(r models.Run) Run {
	v := Run{ID: r.ID, State: string(r.State), Percent: r.Percent, At: instant(r.At)}
	if r.ResultNo != nil {
		v.Result = *r.ResultNo
	}
	if why, ok := register.RefusalOf(r); ok {
		t := register.Both(why)
		v.Refusal = &t
	}
	if r.EndedAt != nil {
		v.EndedAt = instant(*r.EndedAt)
	}
	return v
}

func (a *API) startRun(ctx context.Context, in *ByClaim) (*reply[Run], error) {
	r, err := a.reg.StartRun(ctx, web.Actor(ctx), in.Claim)
	return created(viewRun(r), 0, "/runs/"+r.ID), err
}

func (a *API) run(ctx context.Context, in *ByID) (*reply[Run], error) {
	r, err := a.reg.Run(ctx, web.Actor(ctx), in.ID)
	return &reply[Run]{Body: viewRun(r)}, err
}

func (a *API) cancelRun(ctx context.Context, in *ByID) (*reply[Run], error) {
	r, err := a.reg.CancelRun(ctx, web.Actor(ctx), in.ID)
	return &reply[Run]{Body: viewRun(r)}, err
}
