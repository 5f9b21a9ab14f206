package models

import (
	"slices"
	"testing"
)

func TestEveryPairOfStages(t *testing.T) {
	t.Parallel()
	// The moves that are allowed; every other pair is not.
	always := map[Stage][]Stage{
		StageIdea:      {StageFormative, StageWithdrawn},
		StageFormative: {StageNoticed, StageWithdrawn},
		StageNoticed:   {StageDecided, StageWithdrawn},
		StageDecided:   {StagePilot, StageWithdrawn},
		StagePilot:     {StageEvaluated, StageWithdrawn},
		StageEvaluated: {StageLive, StageWithdrawn},
		StageLive:      {StagePaused, StageRetired},
		StagePaused:    {StageLive, StageRetired},
		StageRetired:   {},
		StageWithdrawn: {},
	}
	skipping := wales()
	skipping.SkipPilot = []ChangeClass{ClassA, ClassB}
	greedy := wales()
	greedy.SkipPilot = []ChangeClass{ClassA, ClassB, ClassC, ClassD} // C and D never skip, whatever a profile says
	for name, p := range map[string]Profile{"strict": wales(), "skipping": skipping, "greedy": greedy} {
		for _, class := range []ChangeClass{ClassA, ClassB, ClassC, ClassD} {
			skips := class == ClassA || class == ClassB && name != "strict"
			if p.MaySkipPilot(class) != skips {
				t.Errorf("%s: class %s may skip the pilot: %v", name, class, !skips)
			}
			for _, from := range Stages {
				for _, to := range Stages {
					want := slices.Contains(always[from], to) || skips && from == StageDecided && to == StageLive
					if got := slices.Contains(from.Next(class, p), to); got != want {
						t.Errorf("%s, class %s: %s to %s: %v", name, class, from, to, got)
					}
				}
			}
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	strict, skipping := wales(), wales()
	skipping.SkipPilot = []ChangeClass{ClassB}
	for _, c := range []struct {
		from, to Stage
		class    ChangeClass
		profile  Profile
		want     []Stage
	}{
		{StageIdea, StageFormative, ClassB, strict, []Stage{StageFormative}},
		{StageIdea, StageLive, ClassB, strict, []Stage{StageFormative, StageNoticed, StageDecided, StagePilot, StageEvaluated, StageLive}},
		{StageIdea, StageLive, ClassB, skipping, []Stage{StageFormative, StageNoticed, StageDecided, StageLive}},
		{StageIdea, StageLive, ClassA, strict, []Stage{StageFormative, StageNoticed, StageDecided, StageLive}},
		{StageIdea, StageEvaluated, ClassA, strict, []Stage{StageFormative, StageNoticed, StageDecided, StagePilot, StageEvaluated}},
		{StagePaused, StageLive, ClassC, strict, []Stage{StageLive}},
		{StageLive, StagePaused, ClassC, strict, []Stage{StagePaused}},
		{StagePilot, StageWithdrawn, ClassC, strict, []Stage{StageWithdrawn}},
		{StageLive, StageWithdrawn, ClassC, strict, nil},
		{StageIdea, StageRetired, ClassC, strict, nil},
		{StageDecided, StageNoticed, ClassC, strict, nil},
		{StageRetired, StageLive, ClassC, strict, nil},
		{StageWithdrawn, StageIdea, ClassC, strict, nil},
		{StageLive, StageLive, ClassC, strict, nil},
	} {
		if got := c.from.Path(c.to, c.class, c.profile); !slices.Equal(got, c.want) {
			t.Errorf("class %s, %s to %s: %v, not %v", c.class, c.from, c.to, got, c.want)
		}
	}
}
