package models

import "slices"

// Stage is where a deployment stands.
type Stage string

// The stages of domain section 4.
const (
	StageIdea      Stage = "idea"
	StageFormative Stage = "formative"
	StageNoticed   Stage = "noticed"
	StageDecided   Stage = "decided"
	StagePilot     Stage = "pilot"
	StageEvaluated Stage = "evaluated"
	StageLive      Stage = "live"
	StagePaused    Stage = "paused"
	StageRetired   Stage = "retired"
	StageWithdrawn Stage = "withdrawn"
)

// Stages in order; withdrawn stands beside them.
var Stages = []Stage{
	StageIdea, StageFormative, StageNoticed, StageDecided, StagePilot,
	StageEvaluated, StageLive, StagePaused, StageRetired, StageWithdrawn,
}

// Rank orders the stages from idea to live.
func (s Stage) Rank() int {
	switch s {
	case StagePaused:
		return StageLive.Rank()
	case StageRetired, StageWithdrawn:
		return len(Stages)
	default:
		return slices.Index(Stages, s)
	}
}

// Next lists the stages that may follow one, given the class and the profile.
func (s Stage) Next(class ChangeClass, p Profile) []Stage {
	switch s {
	case StageIdea:
		return []Stage{StageFormative, StageWithdrawn}
	case StageFormative:
		return []Stage{StageNoticed, StageWithdrawn}
	case StageNoticed:
		return []Stage{StageDecided, StageWithdrawn}
	case StageDecided:
		if p.MaySkipPilot(class) {
			return []Stage{StagePilot, StageLive, StageWithdrawn}
		}
		return []Stage{StagePilot, StageWithdrawn}
	case StagePilot:
		return []Stage{StageEvaluated, StageWithdrawn}
	case StageEvaluated:
		return []Stage{StageLive, StageWithdrawn}
	case StageLive:
		return []Stage{StagePaused, StageRetired}
	case StagePaused:
		return []Stage{StageLive, StageRetired}
	default:
		return nil
	}
}

// MaySkipPilot says whether a class may go live without a pilot: class A
// always, class B where the profile allows.
func (p Profile) MaySkipPilot(class ChangeClass) bool {
	return class == ClassA || class == ClassB && slices.Contains(p.SkipPilot, ClassB)
}

// Path lists the stages still to be entered to reach one, that one included.
// A stage that cannot be reached forwards gives nil.
func (s Stage) Path(to Stage, class ChangeClass, p Profile) []Stage {
	if slices.Contains(s.Next(class, p), to) {
		return []Stage{to}
	}
	if to == StageWithdrawn || to == StageRetired || to == StagePaused || to.Rank() <= s.Rank() {
		return nil
	}
	for _, next := range s.Next(class, p) {
		if next == StageWithdrawn || next.Rank() <= s.Rank() {
			continue
		}
		if rest := next.Path(to, class, p); rest != nil {
			return append([]Stage{next}, rest...)
		}
	}
	return nil
}
