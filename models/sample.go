package models

// SampleQuestion asks how many people a test needs to find an effect, or what
// effect so many people could find, by design.
type SampleQuestion struct {
	Design ClaimDesign `json:"design" enum:"randomised_task,randomised_staff,stepped,difference_in_differences,matched,paired,before_after,survey"`
	// Share says that each row is yes or no; effects are then percentage points.
	Share    bool    `json:"share,omitempty"`
	SD       float64 `json:"standardDeviation,omitempty" minimum:"0" doc:"Of one worker's mean (of one row when there are no workers), in the metric's unit"`
	BasePct  float64 `json:"basePercent,omitempty" minimum:"0" maximum:"100" doc:"Share without the deployment, in per cent"`
	Pairing  float64 `json:"correlation,omitempty" minimum:"-1" maximum:"1" doc:"Of a worker's two measurements, before and after; default 0.5"`
	ICC      float64 `json:"icc,omitempty" minimum:"0" maximum:"1" doc:"Correlation of two workers of one team"`
	PerTeam  float64 `json:"perTeam,omitempty" minimum:"0" doc:"Workers in a team, when whole teams are compared"`
	Effect   float64 `json:"effect,omitempty" minimum:"0" doc:"To be found, in the unit; gives how many people"`
	N        [2]int  `json:"people,omitempty" doc:"People: comparison, with the deployment; gives the smallest effect"`
	Level    float64 `json:"confidence,omitempty" minimum:"0.8" maximum:"0.99" doc:"Default 0.95"`
	PowerPct float64 `json:"powerPercent,omitempty" minimum:"50" maximum:"99" doc:"Default 80"`
}

// SampleAnswer is what was asked for.
type SampleAnswer struct {
	// PerArm is how many people each arm needs; of one group measured twice, that group.
	PerArm int `json:"peoplePerArm,omitempty"`
	// MDE is the smallest effect that would be found at that power.
	MDE  float64 `json:"minimumDetectableEffect,omitempty"`
	Note Text    `json:"note" doc:"What was assumed, in words"`
}

// Check says what of the question makes no sense.
func (q SampleQuestion) Check() error {
	var f Faults
	if q.Design == DesignSeries || q.Design == DesignVendor {
		f.Add("design", "unknown_value", "value", string(q.Design), "allowed", "randomised_task, randomised_staff, stepped, difference_in_differences, matched, paired, before_after, survey")
	}
	known(&f, "design", q.Design, ClaimDesigns)
	if !q.Share && q.SD <= 0 {
		f.Add("standardDeviation", "required")
	}
	if q.Share && (q.BasePct <= 0 || q.BasePct >= 100) {
		f.Add("basePercent", "out_of_range", "min", 0, "max", 100)
	}
	if q.Effect <= 0 && q.N == [2]int{} {
		f.Add("effect", "required")
	}
	for i, n := range q.N {
		if n < 0 || n > 1_000_000 {
			f.Add(at("people", i, ""), "out_of_range", "min", 0, "max", 1_000_000)
		}
	}
	within(&f, "correlation", q.Pairing, -0.99, 0.99)
	within(&f, "icc", q.ICC, 0, 1)
	within(&f, "perTeam", q.PerTeam, 0, 100_000)
	within(&f, "standardDeviation", q.SD, 0, 1e9)
	within(&f, "effect", q.Effect, 0, 1e9)
	if q.Level != 0 {
		within(&f, "confidence", q.Level, 0.8, 0.99)
	}
	if q.PowerPct != 0 {
		within(&f, "powerPercent", q.PowerPct, 50, 99)
	}
	return f.Err()
}
