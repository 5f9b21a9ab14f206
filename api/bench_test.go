package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"beforehand/models"
)

// BenchmarkFailedSignIn compares, over HTTP, how long a wrong password takes for
// an account that exists and for one that does not. It asserts nothing: a
// machine that does other things besides would make it fail. Each attempt is
// from another account, and an hour later than the last, so that none has to
// wait for its turn.
func BenchmarkFailedSignIn(b *testing.B) {
	const each = 200
	refuseAfter = 250 * time.Millisecond // as cmd/beforehand has it
	defer func() { refuseAfter = 0 }()
	for b.Loop() {
		w := newWorld(b)
		var emails [2][each]string
		for i := range each {
			emails[0][i] = w.somebody(fmt.Sprint("known", i), models.Membership{Role: models.RoleHR}).Email
			emails[1][i] = fmt.Sprintf("unkno%d@tywi.example", i)
		}
		var took [2][]time.Duration
		for i := range each {
			for j := range 2 {
				j = (j + i) % 2 // neither comes always first
				w.later(time.Hour)
				began := time.Now() //nolint:forbidigo // how long an answer takes is what is measured
				got := w.askAs(w.people["none"], "POST", "session", object{"email": emails[j][i], "password": "wrong password"})
				took[j] = append(took[j], time.Since(began))
				if got.Status != 401 {
					b.Fatalf("%s: %s", emails[j][i], got)
				}
			}
		}
		for j := range took {
			slices.Sort(took[j])
		}
		known, unknown := took[0][each/2], took[1][each/2]
		percent := 100 * float64(known-unknown) / float64(unknown)
		b.ReportMetric(float64(known.Microseconds()), "µs/known")
		b.ReportMetric(float64(unknown.Microseconds()), "µs/unknown")
		b.ReportMetric(percent, "%difference")
		b.Logf("%d wrong passwords each: median %v with an account, %v without one: %+.1f %%", each, known, unknown, percent)
	}
}
