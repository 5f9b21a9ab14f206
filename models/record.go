package models

// Record is what a deployment says of itself: the document that is versioned,
// hashed and compared. It is stored and sent whole, so its JSON names are a
// contract. Field numbers in comments are the notice items of domain section 5.
type Record struct {
	Name    Text `json:"name" doc:"Verb-led name, at most 100 characters"`
	OneLine Text `json:"oneLine,omitzero" doc:"One line, at most 160 characters"`
	Summary Text `json:"summary,omitzero" doc:"Plain summary, at most 400 characters"`

	ServiceAreaID string     `json:"serviceArea" doc:"Id of the service area"`
	Function      string     `json:"function,omitempty" doc:"What part of the service's work this touches"`
	UseFamily     UseFamily  `json:"useFamily,omitempty" enum:"drafting,summarising,search,recruitment_screening,task_allocation,rostering,monitoring,performance_evaluation,decision_support,customer_facing,agentic,other"`
	AIClass       AIClass    `json:"aiClass,omitempty" enum:"generative,predictive,language,vision,agentic,rules"`
	Manages       []Managing `json:"managesPeople,omitempty" nullable:"false" doc:"What it does to people at work, if anything" enum:"recruit,allocate,roster,monitor,evaluate,pay,discipline"`
	Activation    Activation `json:"activation,omitempty" enum:"new_purchase,in_house,feature_switched_on,vendor_default_on,staff_initiated"`
	Light         bool       `json:"light,omitempty" doc:"A light entry for a feature inside bought software"`
	Licences      int        `json:"licences,omitempty" minimum:"0"`
	ActiveUsers   int        `json:"activeUsers,omitempty" minimum:"0"`

	Suppliers []Supplier `json:"suppliers,omitempty" nullable:"false"`
	Models    []AIModel  `json:"models,omitempty" nullable:"false"`

	Owner             string `json:"owner,omitempty" doc:"Role title of the owner"`
	SeniorResponsible string `json:"seniorResponsibleOwner,omitempty" doc:"Role title of the senior responsible owner"`
	PublicContact     string `json:"publicContact,omitempty" doc:"A mailbox, not a person"`

	Purpose         Text          `json:"purpose,omitzero"`         // 3
	Problem         Text          `json:"problem,omitzero"`         // 3
	ExpectedBenefit Text          `json:"expectedBenefit,omitzero"` // 17
	PreviousProcess Text          `json:"previousProcess,omitzero"`
	Alternatives    []Alternative `json:"alternatives,omitempty" nullable:"false"` // 3
	NatureOfChange  Text          `json:"natureOfChange,omitzero" doc:"Nature and degree of the change, at most 300 words"`
	DecisionStatus  string        `json:"decisionStatus,omitempty" enum:"idea,preferred_option,decided,already_in_use"`
	Inputs          Text          `json:"inputs,omitzero"`
	Outputs         Text          `json:"outputs,omitzero"` // 10
	Logic           Text          `json:"logic,omitzero"`   // 10

	HumanReview HumanReview  `json:"humanReview,omitzero"`                  // 11
	WorkerData  []WorkerData `json:"workerData,omitempty" nullable:"false"` // 12
	NoWorker    bool         `json:"noWorkerData,omitempty" doc:"No worker data is used, said outright"`
	PublicData  Text         `json:"publicData,omitzero"`
	Groups      []Group      `json:"groups,omitempty" nullable:"false"` // 6

	WorkerChange   Text     `json:"workerChange,omitzero" doc:"What a worker will do differently"`                      // 7
	EffectOnWork   Text     `json:"effectOnWork,omitzero" doc:"Effect on numbers, grades, pay, hours, workload, place"` // 8
	AdverseEffects Text     `json:"adverseEffects,omitzero" doc:"Foreseeable adverse effects, even if unlikely"`        // 9
	Staffing       Staffing `json:"staffing,omitzero"`

	RiskLevel    RiskLevel    `json:"riskLevel,omitempty" enum:"high,presumed_high_but_not,impactful,other"`
	RiskReason   Text         `json:"riskReason,omitzero"`
	Assessments  []Assessment `json:"assessments,omitempty" nullable:"false"`                                         // 14
	Regimes      []string     `json:"regimes,omitempty" nullable:"false" doc:"Codes of the legal regimes that apply"` // 1
	Commitments  []Commitment `json:"commitments,omitempty" nullable:"false"`                                         // 16
	Redeployment Text         `json:"redeployment,omitzero" doc:"Redeployment and no-redundancy terms"`               // 16
	Training     Training     `json:"training,omitzero"`                                                              // 15
	FailSafe     FailSafe     `json:"failSafe,omitzero"`                                                              // 19
	Costs        []Cost       `json:"costs,omitempty" nullable:"false"`
	GainUse      Text         `json:"gainUse,omitzero" doc:"Where time or money saved will go"` // 18
	Evidence     Evidence     `json:"evidence,omitzero"`                                        // 17
	StaffComms   Text         `json:"staffCommunications,omitzero"`                             // 20
	Procedure    Text         `json:"implementationProcedure,omitzero"`                         // 25
	Dates        Dates        `json:"dates,omitzero"`
	Withheld     []Withheld   `json:"withheld,omitempty" nullable:"false"` // 23
}

// UseFamily is what the deployment is for.
type UseFamily string

// AIClass is the kind of technique.
type AIClass string

// Managing is a way in which a deployment manages people.
type Managing string

// Activation is how the deployment came to be switched on.
type Activation string

// RiskLevel is the employer's own judgement of risk.
type RiskLevel string

// The closed lists of domain section 3.
var (
	UseFamilies = []UseFamily{
		"drafting", "summarising", "search", "recruitment_screening", "task_allocation", "rostering",
		"monitoring", "performance_evaluation", "decision_support", "customer_facing", "agentic", "other",
	}
	AIClasses   = []AIClass{"generative", "predictive", "language", "vision", "agentic", "rules"}
	Managings   = []Managing{"recruit", "allocate", "roster", "monitor", "evaluate", "pay", "discipline"}
	Activations = []Activation{"new_purchase", "in_house", "feature_switched_on", "vendor_default_on", "staff_initiated"}
	RiskLevels  = []RiskLevel{"high", "presumed_high_but_not", "impactful", "other"}
)

// Supplier is a company with a part in the deployment.
type Supplier struct {
	Name          string   `json:"name"`
	CompanyNumber string   `json:"companyNumber,omitempty"`
	Role          string   `json:"role,omitempty"`
	Procurement   string   `json:"procurementRoute,omitempty"`
	ContractRef   string   `json:"contractRef,omitempty"`
	ContractEnd   Date     `json:"contractEnd,omitzero" format:"date"`
	DataTerms     string   `json:"dataAccessTerms,omitempty"`
	SubProcessors []string `json:"subProcessors,omitempty" nullable:"false"`
}

// AIModel is a model that does the work.
type AIModel struct {
	Name     string `json:"name"`
	Version  string `json:"version,omitempty"`
	Family   string `json:"family,omitempty"`
	Provider string `json:"provider,omitempty"`
	Region   string `json:"hostingRegion,omitempty"`
}

// Alternative is a live option beside the one preferred.
type Alternative struct {
	Text      Text `json:"text"`
	WithoutAI bool `json:"withoutAI,omitempty"`
}

// HumanReview says who looks at what the deployment puts out. Kind none needs a why.
type HumanReview struct {
	Kind             string `json:"kind,omitempty" enum:"in_the_loop,on_the_loop,over_the_loop,none"`
	Why              Text   `json:"why,omitzero"`
	Who              string `json:"who,omitempty"`
	MinutesAllowed   int    `json:"minutesAllowed,omitempty" minimum:"0" doc:"Time allowed for each review, in minutes"`
	RightToOverride  bool   `json:"rightToOverride,omitempty"`
	OverrideIsLogged bool   `json:"overrideIsLogged,omitempty"`
}

// reviewRank orders kinds of review from least to most.
var reviewRank = map[string]int{"none": 1, "over_the_loop": 2, "on_the_loop": 3, "in_the_loop": 4}

// WorkerData is a category of data about workers, and what it is used for.
type WorkerData struct {
	Category       string   `json:"category"`
	Source         string   `json:"source,omitempty"`
	Purpose        string   `json:"purpose,omitempty"`
	Recipients     []string `json:"recipients,omitempty" nullable:"false"`
	RetentionDays  int      `json:"retentionDays,omitempty" minimum:"0"`
	ForPerformance bool     `json:"usedForPerformance,omitempty"`
	ForDiscipline  bool     `json:"usedForDiscipline,omitempty"`
	ForPay         bool     `json:"usedForPay,omitempty"`
}

// Group is an affected group: a job role, how many of them, directly or not.
type Group struct {
	JobRoleID string `json:"jobRole"`
	Headcount int    `json:"headcount" minimum:"0"`
	Agency    int    `json:"agency,omitempty" minimum:"0"`
	Indirect  bool   `json:"indirect,omitempty"`
}

// Staffing is what the deployment assumes about posts.
type Staffing struct {
	SavingClaimed bool `json:"savingClaimed,omitempty"`
	PostsLost     int  `json:"postsLost,omitempty" minimum:"0"`
	GradesChange  bool `json:"gradesChange,omitempty"`
	HoursChange   bool `json:"hoursChange,omitempty"`
	PlaceChange   bool `json:"placeChange,omitempty"`
	Outsourcing   bool `json:"outsourcing,omitempty"`
	WorkloadNorms bool `json:"workloadNorms,omitempty"`
	RoutineUpdate bool `json:"routineUpdate,omitempty" doc:"A version bump with no new data, use or group"`
	// RoutineOf is what makes a routine update one: the decided deployment that it updates.
	RoutineOf string `json:"routineUpdateOf,omitempty" doc:"Ref of the decided deployment that it updates"`
}

// Assessment is one of the assessments a deployment may need.
type Assessment struct {
	Kind         string `json:"kind" enum:"dpia,eqia,fundamental_rights,job_impact,health_and_safety,welsh_language"`
	State        string `json:"state" enum:"yes,in_progress,waived,not_applicable"`
	On           Date   `json:"on,omitzero" format:"date" doc:"When it was, or will be, done"`
	By           string `json:"by,omitempty" doc:"Role title: who did or waived it"`
	Why          string `json:"why,omitempty"`
	Link         string `json:"link,omitempty"`
	UnionComment string `json:"unionComment,omitempty"`
}

// Commitment is a promise to the staff.
type Commitment struct {
	Kind   string `json:"kind" enum:"no_redundancy,no_detriment,regrade_review,training_hours,no_discipline_use,gain_share,hours"`
	Text   Text   `json:"text,omitzero"`
	Owner  string `json:"owner,omitempty"`
	Due    Date   `json:"due,omitzero" format:"date"`
	Status string `json:"status,omitempty" enum:"offered,accepted,met,broken"`
	Proof  string `json:"proof,omitempty"`
}

// Training is who is trained, for how long, paid or not.
type Training struct {
	Who         string  `json:"who,omitempty"`
	Hours       float64 `json:"hours,omitempty" minimum:"0"`
	Paid        bool    `json:"paid,omitempty"`
	When        string  `json:"when,omitempty"`
	PercentDone int     `json:"percentDone,omitempty" minimum:"0" maximum:"100"`
}

// FailSafe is how the deployment is stopped.
type FailSafe struct {
	How           Text   `json:"how,omitzero"`
	Who           string `json:"who,omitempty"`
	WithinMinutes int    `json:"withinMinutes,omitempty" minimum:"0"`
	Instead       Text   `json:"instead,omitzero"`
}

// Cost is an amount in pence for a year, or once.
type Cost struct {
	Kind     string `json:"kind" enum:"one_off,annual,to_date,forecast,saving_claimed"`
	Year     int    `json:"year,omitempty"`
	Pence    int64  `json:"pence" doc:"Amount in pence"`
	Cashable bool   `json:"cashable,omitempty"`
	Booked   string `json:"whereBooked,omitempty"`
}

// Evidence is what the record itself says of the evidence, asserted by hand.
// Once there is a [Claim], the gates go by that.
type Evidence struct {
	Plan       Text              `json:"plan,omitzero" doc:"How the benefit will be measured, and what would stop it"`
	BaselineOn Date              `json:"baselineCapturedOn,omitzero" format:"date"`
	Claims     []Assertion       `json:"claims,omitempty" nullable:"false"`
	Guardrails []StatedGuardrail `json:"guardrails,omitempty" nullable:"false"`
}

// Assertion is a productivity claim as asserted by hand: its grade is E0.
type Assertion struct {
	Sentence   Text   `json:"sentence"`
	Result     string `json:"result,omitempty" doc:"The figure, as asserted"`
	AnalysedOn Date   `json:"analysedOn,omitzero" format:"date"`
	SharedOn   Date   `json:"sharedOn,omitzero" format:"date"`
}

// StatedGuardrail is a limit that must hold whatever the gain, its state
// asserted by hand.
type StatedGuardrail struct {
	Name   Text   `json:"name"`
	Margin string `json:"margin,omitempty"`
	State  string `json:"state,omitempty" enum:"not_reported,held,not_shown_safe,breached"`
}

// Dates are civil dates planned and met.
type Dates struct {
	Procurement   Date `json:"procurement,omitzero" format:"date"`
	PilotPlanned  Date `json:"pilotPlanned,omitzero" format:"date"`
	GoLivePlanned Date `json:"goLivePlanned,omitzero" format:"date"`
	InUseSince    Date `json:"inUseSince,omitzero" format:"date" doc:"Found already in use since this day"`
	ReviewDue     Date `json:"reviewDue,omitzero" format:"date"`
	Retired       Date `json:"retired,omitzero" format:"date"`
}

// Withheld is a field kept from an audience, on a ground, until a day. It is
// shown as withheld, never left out silently.
type Withheld struct {
	Field     string `json:"field" doc:"JSON name of the field in the record"`
	Audience  string `json:"audience" enum:"public,scrutiny,unions"`
	Ground    string `json:"ground"`
	Until     Date   `json:"until" format:"date"`
	DecidedBy string `json:"decidedBy"`
}
