package main

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b)) }

// small is an installation whose sums can be done by hand.
var small = Installation{
	Employers: 2, Branches: 10, DeploymentsAYear: 100, CommentsEach: 2, PublicReadsADay: 36_000, StaffReadsADay: 3600, BusiestHour: 0.1, Burst: 2,
	WorkingDays: 200, WorstDay: 3, Kept: 0.5, Rendered: 0.25, Searched: 0.25, Largest: 0.5, Use: 0.5, Replicas: 2, CoresOfReplica: 2, BackupHours: 1,
}

func ones() Measured {
	m := Here()
	for _, c := range []*Constant{&m.Get, &m.Search, &m.PageRendered, &m.PageKept, &m.Create, &m.Mail} {
		c.Value = 1000 // a second of processor time each
	}
	m.BytesOfDeployment.Value, m.BytesOfComment.Value, m.BytesOfEntry.Value, m.BackupShare.Value = 1000, 100, 10, 0.1
	m.EntriesOfDeployment.Value, m.EntriesOfComment.Value, m.MailsOfDeployment.Value = 6, 2, 3
	return m
}

func TestTheBusiestMinutes(t *testing.T) {
	t.Parallel()
	l := Busiest(small, ones())
	// 36,000 reads a day, a tenth in one hour, twice that in its busiest minutes: 2 a second.
	for i, want := range []float64{1, 0.5, 0.5, 0.2} {
		if got := l.Lines[i]; !near(got.PerSecond, want) || !near(got.Cores(), want) {
			t.Errorf("%s: %v a second and %v cores, not %v", got.Name, got.PerSecond, got.Cores(), want)
		}
	}
	// 100 deployments with 6 entries and 2 comments of 2 entries are 1,000 acts a
	// year: 5 a working day, and 15 on the worst.
	if got := l.Lines[4].PerSecond; !near(got, 15*0.1/3600*2) {
		t.Errorf("%v acts a second", got)
	}
	if l.Provide(small) != int(math.Ceil(l.Cores()/0.5)) || l.Provide(small) < 4 {
		t.Errorf("%d cores are provided for %v busy ones", l.Provide(small), l.Cores())
	}
}

func TestGrowthIsWhatComesIn(t *testing.T) {
	t.Parallel()
	years := Years(small, ones(), 10)
	// 100 deployments, 200 comments, 1,000 entries a year.
	if y := years[0]; y.Deployments != 100 || y.Comments != 200 || !near(y.Entries, 1000) || !near(y.Bytes, 100*1000+200*100+1000*10) || !near(y.Backup, y.Bytes/10) {
		t.Errorf("the first year is %+v", y)
	}
	if y := years[0]; !near(y.Mails, 100*3+10*200) {
		t.Errorf("%v mails", y.Mails)
	}
	if !near(years[9].Bytes, 10*years[0].Bytes) || years[9].No != 10 {
		t.Errorf("the tenth year is %+v", years[9])
	}
}

func TestWhatBreaksFirstComesFirst(t *testing.T) {
	t.Parallel()
	all := Breaks(Wales(), Here())
	if !slices.IsSortedFunc(all, func(a, b Break) int {
		if a.Room() < b.Room() {
			return -1
		}
		return 1
	}) || len(all) < 6 {
		t.Errorf("they come as %v", all)
	}
	more := Wales()
	more.PublicReadsADay *= 10
	room := func(list []Break, name string) float64 {
		i := slices.IndexFunc(list, func(b Break) bool { return b.Name == name })
		if i < 0 {
			t.Fatalf("nothing is said of %s", name)
		}
		return list[i].Room()
	}
	name := "processors in one machine"
	if before, after := room(all, name), room(Breaks(more, Here()), name); after >= before || after < before/10 {
		t.Errorf("ten times the reads leave %v of %v of the room", after, before)
	}
	if name = "write-ahead log to an archive or standby"; !near(room(all, name), room(Breaks(more, Here()), name)) {
		t.Error("reads write")
	}
}

// TestEveryConstantSaysWhere holds that no figure stands there without its source.
func TestEveryConstantSaysWhere(t *testing.T) {
	t.Parallel()
	text := Text(Wales(), Here())
	for _, c := range Here().all() {
		if c.Name == "" || c.Where == "" || !(c.Value > 0) || !strings.Contains(text, c.Where) {
			t.Errorf("%+v", c)
		}
	}
	shares := Wales()
	if !near(shares.Kept+shares.Rendered+shares.Searched, 1) {
		t.Error("the public reads do not add up")
	}
}
