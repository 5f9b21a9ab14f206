package evidence

import "slices"

// The bounds and defaults of a plan.
const (
	leastPeople     = 5
	usualPeople     = 10
	usualConfidence = 0.95
	usualDraws      = 2000
	leastDraws      = 200
	mostDraws       = 100_000
	usualStep       = 7
)

var designs = []Design{
	RandomisedTask, RandomisedStaff, Stepped, DifferenceInDifferences, InterruptedSeries,
	Matched, Paired, BeforeAfter, Survey,
}

var estimators = []Estimator{
	EstimateMean, EstimateMedian, EstimateTrimmedMean, EstimateHodgesLehmann,
	EstimateLogRatio, EstimateShare, EstimateSelectionRatio,
}

var intervals = []Interval{
	"", IntervalT, IntervalBCa, IntervalBootstrapT, IntervalNewcombe, IntervalRank,
	IntervalPercentile, IntervalKatz,
}

// complete puts in the defaults and refuses what makes no sense, naming the field.
func (s Spec) complete() (Spec, error) {
	s.Confidence = instead(s.Confidence, usualConfidence)
	s.Draws = instead(s.Draws, usualDraws)
	s.MinPeople = instead(s.MinPeople, usualPeople)
	s.StepDays = instead(s.StepDays, usualStep)
	s.Estimator = instead(s.Estimator, EstimateMean)
	if s.Allocation == 0 && (s.Design == RandomisedTask || s.Design == RandomisedStaff) {
		s.Allocation = 0.5
	}
	checks := []struct {
		field string
		good  bool
	}{
		{"design", slices.Contains(designs, s.Design)},
		{"estimator", slices.Contains(estimators, s.Estimator) && s.estimable()},
		{"interval", slices.Contains(intervals, s.Interval)},
		{"confidence", s.Confidence > 0.5 && s.Confidence < 1},
		{"draws", s.Draws >= leastDraws && s.Draws <= mostDraws},
		{"min_people", s.MinPeople >= leastPeople},
		{"step_days", s.StepDays > 0},
		{"lags", s.Lags >= 0},
		{"allocation", s.Allocation >= 0 && s.Allocation < 1},
		{"invited", min(s.Invited[0], s.Invited[1]) >= 0},
		{"covariate", !s.Covariate || s.adjustable()},
		{"by_row", !s.ByRow || !s.ByTeam && s.rowsMayStand()},
		{"by_team", !s.ByTeam || s.teamsMayStand()},
	}
	for _, c := range checks {
		if !c.good {
			return s, refuse("bad_spec", "field", c.field)
		}
	}
	return s, nil
}

// instead is the value, or the usual one where it was left at nought.
func instead[T comparable](value, usual T) T {
	var none T
	if value == none {
		return usual
	}
	return value
}

// isMean: logarithms and shares are averaged like any other value.
func (e Estimator) isMean() bool {
	return e == EstimateMean || e == EstimateLogRatio || e == EstimateShare
}

// estimable says which estimators a design has. Means alone come from regressions,
// and workers seen in both windows or one have no rank test.
func (s Spec) estimable() bool {
	switch s.Design {
	case Stepped, InterruptedSeries:
		return s.Estimator.isMean()
	case BeforeAfter:
		return s.Estimator.isMean() || s.Estimator == EstimateMedian || s.Estimator == EstimateSelectionRatio || s.ByRow
	default:
		return true
	}
}

// rowsMayStand: a change needs the same unit twice, which a row cannot give.
func (s Spec) rowsMayStand() bool {
	switch s.Design {
	case DifferenceInDifferences, Paired, Matched, RandomisedTask, Stepped:
		return s.Estimator == EstimateSelectionRatio
	default:
		return true
	}
}

// adjustable: only randomised staff have a baseline to adjust for, and only their means.
func (s Spec) adjustable() bool {
	return s.Design == RandomisedStaff && s.Estimator.isMean() && !s.ByRow
}

func (s Spec) teamsMayStand() bool {
	switch s.Design {
	case DifferenceInDifferences, RandomisedStaff, Stepped, Paired:
		return s.Estimator != EstimateSelectionRatio
	default:
		return false
	}
}

func (s Spec) bootstrap() Bootstrap {
	return Bootstrap{Draws: s.Draws, Seed: s.Seed, Confidence: s.Confidence}
}

// lighter is the bootstrap of what stands beside the primary figure.
func (s Spec) lighter() Bootstrap {
	b := s.bootstrap()
	b.Draws = min(b.Draws, usualDraws)
	return b
}
