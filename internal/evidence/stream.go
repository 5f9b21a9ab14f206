package evidence

import (
	"math/bits"
	"math/rand/v2"
)

// stream is the random source of one draw. Each draw has its own, so it does not
// matter which core makes it or when.
type stream struct{ source rand.PCG }

// reseed scatters seed and draw first: streams of neighbouring numbers would start
// from neighbouring states.
func (s *stream) reseed(seed uint64, draw int) {
	s.source.Seed(scatter(seed), scatter(seed^scatter(uint64(draw)+1))) //nolint:gosec // draws are counted from 0
}

// scatter is the finaliser of SplitMix64.
//
// Steele, Lea & Flood (2014), OOPSLA '14: 453–472.
func scatter(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number of 0…n−1. The bias of not rejecting is at most n in 2⁶⁴.
func (s *stream) below(n int) int {
	high, _ := bits.Mul64(s.source.Uint64(), uint64(n)) //nolint:gosec // a length
	return int(high)                                    //nolint:gosec // below n
}
