package models

import (
	"encoding/json"
	"slices"
	"time"
)

// Claim is one measurable sentence about what a deployment gains, with the plan
// by which it is put to the test.
type Claim struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Ref          string // CL-2026-001
	DeploymentID string
	SentenceEn   string
	SentenceCy   string
	// PlanJSON is the plan as it is being written; what was locked is in the plan's rows.
	PlanJSON        string
	WithdrawnAt     *time.Time
	WithdrawnReason string
	ByUserID        string
	CreatedAt       time.Time
	Version         int
}

// Sentence is the claim itself in both languages.
func (c Claim) Sentence() Text { return Text{c.SentenceEn, c.SentenceCy} }

// ClaimShare says that the claim's results up to a number were shared with the
// unions: all of them, so that none is kept back.
type ClaimShare struct {
	OrgID    string `gorm:"primaryKey"`
	ClaimID  string `gorm:"primaryKey"`
	ResultNo int    `gorm:"primaryKey"`
	ByUserID string
	At       time.Time
}

// LockedPlan is a plan as it was frozen. A later one shows as a difference.
type LockedPlan struct {
	OrgID   string `gorm:"primaryKey"`
	ClaimID string `gorm:"primaryKey"`
	No      int    `gorm:"primaryKey"`
	// Body is the canonical JSON that SHA256 is of.
	Body   string
	SHA256 string `gorm:"column:sha256"`
	// Reason says why a plan was changed after it had been locked.
	Reason string
	// AfterLook says that rows had been uploaded when it was locked.
	AfterLook bool
	ByUserID  string
	At        time.Time
}

// TableName is claim_plans.
func (LockedPlan) TableName() string { return "claim_plans" }

// Dataset is a file of rows, read, re-keyed and frozen.
type Dataset struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	ClaimID  string
	No       int
	PlanNo   int
	FileName string
	Format   string
	// SHA256 is of the file as it was sent; RowsSHA256 of the rows as read.
	SHA256     string `gorm:"column:sha256"`
	RowsSHA256 string `gorm:"column:rows_sha256"`
	Rows       int
	Outside    int
	Workers    int
	// Missing is a JSON object of missing values by heading.
	Missing string
	// Secret re-keys the pseudonyms; sealed, and destroyed at purge.
	Secret   *string
	Chunks   int
	ByUserID string
	At       time.Time
	PurgeOn  Date
	PurgedAt *time.Time
}

// ClaimResult is a result as it was worked out; earlier ones stay.
type ClaimResult struct {
	OrgID     string `gorm:"primaryKey"`
	ClaimID   string `gorm:"primaryKey"`
	No        int    `gorm:"primaryKey"`
	PlanNo    int
	DatasetID string
	// ChallengeID is the challenge whose question it answers; nil is the claim's own.
	ChallengeID *string
	Body        string
	SHA256      string `gorm:"column:sha256"`
	Grade       Grade
	Verdict     ClaimVerdict
	// Unfinished says that the rows end before the window that was planned.
	Unfinished bool
	// Rails is a JSON list of [Rail]: how each guardrail came out.
	Rails    string
	ByUserID string
	At       time.Time
}

// Rail is how one guardrail came out, for the gate.
type Rail struct {
	Metric string     `json:"metric"`
	Kind   GuardKind  `json:"kind"`
	Margin float64    `json:"margin"`
	Name   Text       `json:"name"`
	State  GuardState `json:"state"`
	Better Better     `json:"better"`
	// Definition is the hash of the metric's definition: another one measures
	// something else.
	Definition string `json:"definition"`
}

// RailList reads how the guardrails came out.
func (r ClaimResult) RailList() []Rail {
	var out []Rail
	if err := json.Unmarshal([]byte(r.Rails), &out); err != nil {
		return nil // the database holds only what RailsOf wrote
	}
	return out
}

// RailsOf is what of a result the gate goes by.
func RailsOf(r Result) []Rail {
	out := []Rail{}
	for _, g := range r.Guardrails {
		out = append(out, Rail{g.Metric, g.Kind, g.Margin, g.Name, g.State, g.Better, g.Definition})
	}
	return out
}

// laxer says whether a guardrail asks less than another of the same metric, or
// something else.
func (r Rail) laxer(than Rail) bool {
	if r.Definition != than.Definition {
		return true
	}
	if r.Kind == GuardRatio || r.Kind == GuardLimit && r.Better == HigherIsBetter {
		return r.Margin < than.Margin
	}
	return r.Margin > than.Margin
}

// TableName is claim_runs.
func (Run) TableName() string { return "claim_runs" }

// RunState is how far an analysis has come.
type RunState string

// The states of a run.
const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunDone      RunState = "done"
	RunRefused   RunState = "refused"
	RunCancelled RunState = "cancelled"
)

// Ended says whether nothing more will come of a run.
func (s RunState) Ended() bool { return s == RunDone || s == RunRefused || s == RunCancelled }

// Run is an analysis under way, or what became of it.
type Run struct {
	OrgID       string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	ClaimID     string
	ChallengeID *string
	State       RunState
	// Percent is how much of the work is done.
	Percent int
	// ResultNo is the result that came of it; Refusal the reason why none did (JSON).
	ResultNo *int
	Refusal  string
	ByUserID string
	At       time.Time
	EndedAt  *time.Time
}

// ChallengeGrounds are those on which a union may challenge a claim (domain section 7).
var ChallengeGrounds = []string{"baseline", "sample", "metric", "exclusion", "attribution", "reinvestment"}

// Challenge is a union's doubt on a named ground. Both sides stay visible.
type Challenge struct {
	OrgID   string `gorm:"primaryKey"`
	ID      string `gorm:"primaryKey"`
	No      string // CH-2026-001
	ClaimID string
	UnionID string
	Ground  string
	Body    string
	// Question is another look at the same rows (JSON), or "".
	Question string
	// Figures is the union's own analysis in its own words, or "".
	Figures string
	DueOn   Date
	// ResultNo is the claim's result that it doubts; 0 doubts the plan.
	ResultNo int
	ByUserID string
	At       time.Time
}

// ChallengeState is a challenge with what became of it.
type ChallengeState struct {
	Challenge
	UnionAbbrev string
	// Finding is upheld, upheld_in_part or not_upheld, once it is answered.
	Finding    string
	Answer     string
	AnsweredBy *string
	AnsweredAt *time.Time
	// ClosedAt is when the union let it rest.
	ClosedAt *time.Time
	// Results are the numbers of the results that answer its question.
	Results []int
}

// ChallengeAnswer is the employer's answer to a challenge; there is one.
type ChallengeAnswer struct {
	OrgID       string `gorm:"primaryKey"`
	ChallengeID string `gorm:"primaryKey"`
	Finding     string
	Answer      string
	ByUserID    string
	At          time.Time
}

// ChallengeClosing says that the union lets a challenge rest.
type ChallengeClosing struct {
	OrgID       string `gorm:"primaryKey"`
	ChallengeID string `gorm:"primaryKey"`
	ByUserID    string
	At          time.Time
}

// ChallengeFindings are the answers that an employer can give.
var ChallengeFindings = []string{"upheld", "upheld_in_part", "not_upheld"}

// Unanswered says whether the employer still owes an answer at an instant.
func (c ChallengeState) Unanswered(until time.Time) bool {
	return !c.At.After(until) && !by(c.AnsweredAt, until) && !by(c.ClosedAt, until)
}

// Standing says whether a union still disputes at an instant.
func (c ChallengeState) Standing(until time.Time) bool {
	return !c.At.After(until) && !by(c.ClosedAt, until)
}

func by(t *time.Time, until time.Time) bool { return t != nil && !t.After(until) }

// ClaimStatus is how a claim stands.
type ClaimStatus string

// The statuses of a claim. The verdicts are statuses too.
const (
	ClaimUnverified ClaimStatus = "unverified"
	ClaimDisputed   ClaimStatus = "disputed"
	ClaimWithdrawn  ClaimStatus = "withdrawn"
)

// ClaimStatuses are all of them.
var ClaimStatuses = []ClaimStatus{
	ClaimUnverified, ClaimStatus(VerdictSupported), ClaimStatus(VerdictInPart), ClaimStatus(VerdictNotShown),
	ClaimStatus(VerdictContradicted), ClaimDisputed, ClaimWithdrawn,
}

// ClaimState is a claim with all that has happened to it.
type ClaimState struct {
	Claim
	Plans      []LockedPlan // oldest first
	Datasets   []Dataset    // oldest first
	Results    []ClaimResult
	Shares     []ClaimShare
	Challenges []ChallengeState
}

// Locked is the plan in force, or nil.
func (c ClaimState) Locked() *LockedPlan {
	if len(c.Plans) == 0 {
		return nil
	}
	return &c.Plans[len(c.Plans)-1]
}

// LockedBy says whether a plan had been locked by an instant.
func (c ClaimState) LockedBy(until time.Time) bool {
	return slices.ContainsFunc(c.Plans, func(p LockedPlan) bool { return !p.At.After(until) })
}

// Rows is the dataset in force under a plan, or nil when none is held.
func (c ClaimState) Rows(planNo int) *Dataset {
	for i := len(c.Datasets) - 1; i >= 0; i-- {
		if d := c.Datasets[i]; d.PlanNo == planNo && d.PurgedAt == nil {
			return &c.Datasets[i]
		}
	}
	return nil
}

// Status is how the claim stands at an instant: withdrawn, disputed while a
// challenge stands, or what the last result says.
func (c ClaimState) Status(until time.Time) ClaimStatus {
	switch {
	case c.WithdrawnAt != nil && !c.WithdrawnAt.After(until):
		return ClaimWithdrawn
	case slices.ContainsFunc(c.Challenges, func(x ChallengeState) bool { return x.Standing(until) }):
		return ClaimDisputed
	}
	if r := c.ResultAt(until); r != nil {
		return ClaimStatus(r.Verdict)
	}
	return ClaimUnverified
}

// ResultAt is the claim's own last result at an instant, or nil. One that was
// worked out under an earlier plan or earlier rows is still what was found.
func (c ClaimState) ResultAt(until time.Time) *ClaimResult {
	for i := len(c.Results) - 1; i >= 0; i-- {
		if r := &c.Results[i]; r.ChallengeID == nil && !r.At.After(until) {
			return r
		}
	}
	return nil
}

// SharedUpTo is the number of the last result that had been shared at an instant.
func (c ClaimState) SharedUpTo(until time.Time) int {
	no := 0
	for _, s := range c.Shares {
		if !s.At.After(until) {
			no = max(no, s.ResultNo)
		}
	}
	return no
}

// SharedSince is when a result was first shared, and whether it has been.
func (c ClaimState) SharedSince(no int, until time.Time) (time.Time, bool) {
	for _, s := range c.Shares {
		if s.ResultNo >= no && !s.At.After(until) {
			return s.At, true
		}
	}
	return time.Time{}, false
}

// VendorStated says whether the claim rests on a supplier's word alone, and
// always has: one that rows were sent for, or that was planned otherwise once,
// does not become one.
func (c ClaimState) VendorStated() bool {
	bodies := []string{c.PlanJSON}
	if len(c.Plans) > 0 {
		bodies = bodies[:0]
	}
	for _, p := range c.Plans {
		bodies = append(bodies, p.Body)
	}
	return len(c.Datasets) == 0 && !slices.ContainsFunc(bodies, func(body string) bool {
		var p Plan
		return json.Unmarshal([]byte(body), &p) != nil || p.Design != DesignVendor
	})
}

// GradeAt is the grade printed beside the claim's figure at an instant.
func (c ClaimState) GradeAt(until time.Time) Grade {
	if r := c.ResultAt(until); r != nil {
		return r.Grade
	}
	return GradeE0
}

// Reinvestment is where the gain went, asked again at 3, 6 and 12 months.
type Reinvestment struct {
	OrgID   string `gorm:"primaryKey"`
	ClaimID string `gorm:"primaryKey"`
	// Month is 0 for what was planned, and then 3, 6 and 12.
	Month int `gorm:"primaryKey"`
	DueOn Date
	// Shares is a JSON object of per cents by use; "" is unanswered.
	Shares   string
	Note     string
	ByUserID *string
	At       *time.Time
	// AskedAt is when the owner was asked.
	AskedAt *time.Time
}

// ReinvestmentMonths are when it is asked, in months after a gain was first shared.
var ReinvestmentMonths = []int{3, 6, 12}

// ReinvestmentUses are where a gain can go (domain section 7).
var ReinvestmentUses = []string{"direct_work", "caseload", "backlog", "training", "wellbeing_or_hours", "vacancy_saving", "unknown"}

// Overdue says whether an answer is owed since before a day.
func (r Reinvestment) Overdue(today Date) bool {
	return r.Shares == "" && r.DueOn != 0 && r.DueOn < today
}

// CheckShares checks that shares are of known uses and sum to 100.
func CheckShares(shares map[string]int) error {
	var f Faults
	sum := 0
	for use, n := range shares {
		if !slices.Contains(ReinvestmentUses, use) {
			f.Add("shares."+use, "unknown_value", "value", use, "allowed", "direct_work, caseload, backlog, training, wellbeing_or_hours, vacancy_saving, unknown")
		}
		if n < 0 || n > 100 {
			f.Add("shares."+use, "out_of_range", "min", 0, "max", 100)
			continue
		}
		sum += n
	}
	if len(f) == 0 && sum != 100 {
		f.Add("shares", "shares_sum", "sum", sum)
	}
	return f.Err()
}
