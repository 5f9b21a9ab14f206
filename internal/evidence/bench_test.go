package evidence

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// manyRows is n rows of workers in two arms and two windows, with dates.
func manyRows(n, workers int) Rows {
	r := rand.New(rand.NewPCG(1, 2))
	means := make([]float64, workers)
	for w := range means {
		means[w] = rate(r)
	}
	var t table
	for i := range n {
		w, period := i%workers, (i/workers)%2
		mean := means[w]
		if w%2 == 1 && period == 1 {
			mean *= 0.8
		}
		t.row(w, w%2, period, 150*period+r.IntN(140), mean*task(r))
		t.Pair = append(t.Pair, int32(w/2))
	}
	return t.Rows
}

func BenchmarkClusterBootstrap(b *testing.B) {
	const n = 100_000
	rows := manyRows(n, 500)
	spec := Spec{Design: DifferenceInDifferences, Draws: 10_000, Seed: 1}
	b.SetBytes(int64(n * (4*5 + 2 + 8)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Analyse(context.Background(), rows, spec, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkAnalyse(b *testing.B) {
	rows := manyRows(20_000, 200)
	crossing := manyRows(20_000, 200)
	for i := range crossing.Arm {
		crossing.Arm[i] = 0
		if float64(crossing.Day[i]) > 40+float64(crossing.Worker[i]%4)*60 {
			crossing.Arm[i] = 1
		}
	}
	mixed := manyRows(20_000, 200)
	for i := range mixed.Arm {
		mixed.Arm[i] = int8(i / 400 % 2)
	}
	for _, d := range designs {
		b.Run(string(d), func(b *testing.B) {
			spec, use := Spec{Design: d, Seed: 1, StartDay: 150}, rows
			switch d {
			case Stepped:
				use = crossing
			case RandomisedTask:
				use = mixed
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Analyse(context.Background(), use, spec, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTwoWay is the largest rollout that is promised: 500 workers in 60 steps.
func BenchmarkTwoWay(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 3))
	var all []Observation
	for w := range 500 {
		level := rate(r)
		for step := range 60 {
			treated := step > 10+10*(w%4)
			all = append(all, Observation{Unit: w, Step: step, Treated: treated, Value: level + math.Sqrt(level)*r.NormFloat64()})
		}
	}
	for b.Loop() {
		if _, err := TwoWay(context.Background(), all, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}
