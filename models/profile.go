package models

// Profile is a policy profile: every period, duty and mandatory item is data
// in it (domain section 5). Defaults are starting points to be bargained.
type Profile struct {
	Code         string
	Jurisdiction string
	Name         Text
	Nation       Nation
	// CutOff is minutes after midnight in the employer's zone.
	CutOff int
	// Languages every notice must be written in, whoever receives it.
	Languages []Language
	Periods   []Period
	// InformWithin is working days within which a routine change is told.
	InformWithin int
	// Sufficient is the weakest evidence of service that completes it.
	Sufficient Evidenced
	// RequestDays is working days to answer an information request.
	RequestDays int
	// SilentDays is working days without sufficient evidence before the owner is told.
	SilentDays int
	// ReviewMonths is how far ahead the review date of a live deployment may lie.
	ReviewMonths int
	// OverrideDays is the longest that an override may last, in calendar days.
	OverrideDays int
	// HoldDays is the longest that a hold may lie without both sides agreeing to
	// more, in calendar days.
	HoldDays int
	// PausesOnCancelled says that a meeting which the employer cancelled stops
	// the clock until the one in its place.
	PausesOnCancelled bool
	// ReminderDays are how many days before something is due people are reminded.
	ReminderDays []int
	// WithholdDays is the longest that an answer, or a field of the record, may
	// be withheld at a time, in calendar days.
	WithholdDays int
	// ResponseDays is working days for unions to respond to shared results.
	ResponseDays int
	// ChallengeDays is working days to answer a union's challenge of a claim.
	ChallengeDays int
	// LeastPeople is the fewest people that a result may be said of; 5 at least.
	LeastPeople int
	// TrainingShare is the percentage trained before a pilot.
	TrainingShare int
	// SkipPilot are the classes that may go from decided to live.
	SkipPilot []ChangeClass
	Items     []ItemRule
	Disputes  []DisputeStage
	Rules     []Rule
}

// ItemRule says when a notice item is mandatory. No classes means every class.
type ItemRule struct {
	No      int
	Classes []ChangeClass
}

// DisputeStage is one stage of the dispute route.
type DisputeStage struct {
	Name      Text
	DueDays   int
	MayOpen   []string
	StatusQuo bool
	Outside   string
}

// Rule is a rule of law or guidance that the profile was written from.
type Rule struct {
	Code         string
	Jurisdiction string
	Status       string // in force, future, proposed, vetoed, guidance
	AppliesFrom  Date
	Trigger      string
	Audience     string
	MinimumDays  int
	Timing       string
	Source       string
	CheckedOn    Date
}

// PeriodsFor gives the profile's periods of a class before a trigger. A
// profile that says nothing of the class is an error: silence is not nought.
func (p Profile) PeriodsFor(class ChangeClass, trigger Trigger) ([]Period, error) {
	known := false
	var out []Period
	for _, r := range p.Periods {
		if r.Class != class && r.Class != "" {
			continue
		}
		known = true
		if r.Trigger == trigger {
			out = append(out, r)
		}
	}
	if !known {
		return nil, Fail(Invalid, "profile_lacks_class").With("profile", p.Code, "class", string(class))
	}
	return out, nil
}
