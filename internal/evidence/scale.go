package evidence

import "math"

// Scale turns an effect per unit of work into hours: effect × minutes × volume ÷ 60,
// the interval carried through. Minutes is how many minutes one unit of the effect
// is (1 where the values are minutes), volume the units of work. It is linear, so it
// means nothing for a ratio.
func Scale(e Estimate, volume, minutes float64) Estimate {
	return e.Times(volume * minutes / 60)
}

// Relative turns a ratio into the change it stands for: 0.8 into −0.2.
func (e Estimate) Relative() Estimate {
	e.Effect--
	e.Low--
	e.High--
	return e
}

// Times multiplies an effect and its interval by a factor, such as a rate of pay.
// Under a negative factor the bounds change places.
func (e Estimate) Times(factor float64) Estimate {
	e.Effect *= factor
	e.Low *= factor
	e.High *= factor
	e.SE *= math.Abs(factor)
	if factor < 0 {
		e.Low, e.High = e.High, e.Low
	}
	return e
}
