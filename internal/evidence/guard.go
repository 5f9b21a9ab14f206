package evidence

// Guard is the state of a guardrail.
type Guard string

// The states of a guardrail. "Not shown safe" is not a pass.
const (
	GuardHeld         Guard = "held"
	GuardBreached     Guard = "breached"
	GuardNotShownSafe Guard = "not_shown_safe"
)

// NonInferior holds an effect against a margin of harm that was set beforehand.
// The margin is in the units of the effect, and not negative. A guardrail is held
// when the bound on the side of harm lies strictly within the margin, breached when
// the interval excludes no change on the side of harm and the effect is at or
// beyond the margin, and otherwise not shown safe. For a ratio, give
// its [Estimate.Relative].
//
// Piaggio, Elbourne, Pocock, Evans & Altman (2012), JAMA 308(24): 2594–2604, fig. 1.
func NonInferior(e Estimate, margin float64, higherIsHarm bool) Guard {
	if !higherIsHarm {
		e = e.Times(-1)
	}
	switch {
	case e.High < margin:
		return GuardHeld
	case e.Low > 0 && e.Effect >= margin:
		return GuardBreached
	}
	return GuardNotShownSafe
}
