package main

import (
	"fmt"
	"math"
)

// Installation is what is assumed of the country.
type Installation struct {
	Employers, Branches float64
	DeploymentsAYear    float64
	CommentsEach        float64 // of one deployment
	// PublicReadsADay are pages and files that people without an account ask for.
	PublicReadsADay float64
	// StaffReadsADay are requests of people who have signed in.
	StaffReadsADay float64
	// BusiestHour is the share of a day that its busiest hour has; Burst how much
	// more its busiest minutes have than the mean of that hour.
	BusiestHour, Burst float64
	WorkingDays        float64
	// WorstDay is how many times the mean day's acts come on the last day before
	// something is due everywhere.
	WorstDay float64
	// Kept, Rendered and Searched are the shares of public reads that are
	// answered from what is kept, made anew, and lists or searches.
	Kept, Rendered, Searched float64
	// Largest is the share of all acts that the largest employer has.
	Largest float64
	// Use is how busy a processor should be at most.
	Use float64
	// Replicas is how many servers stand in front of the database.
	Replicas, CoresOfReplica float64
	// BackupHours is how long a nightly backup may take.
	BackupHours float64
}

// Wales is a national installation somewhat larger than Wales.
func Wales() Installation {
	return Installation{
		Employers: 400, Branches: 2000, DeploymentsAYear: 50_000, CommentsEach: 10, PublicReadsADay: 5_000_000, StaffReadsADay: 600_000,
		BusiestHour: 0.12, Burst: 2, WorkingDays: 250, WorstDay: 40, Kept: 0.80, Rendered: 0.12, Searched: 0.08, Largest: 0.05, Use: 0.6,
		Replicas: 4, CoresOfReplica: 4, BackupHours: 6,
	}
}

func (in Installation) lines() [][2]string {
	return [][2]string{
		{"employers, union branches", short(in.Employers) + ", " + short(in.Branches)},
		{"deployments a year, comments on each", short(in.DeploymentsAYear) + ", " + short(in.CommentsEach)},
		{"public reads a day", short(in.PublicReadsADay) + fmt.Sprintf(": %.0f %% from what is kept, %.0f %% rendered, %.0f %% lists and searches", in.Kept*100, in.Rendered*100, in.Searched*100)},
		{"reads a day of people who have signed in", short(in.StaffReadsADay)},
		{"busiest hour, busiest minutes in it", fmt.Sprintf("%.0f %% of the day, %.1f x the hour's mean", in.BusiestHour*100, in.Burst)},
		{"the last day before something is due everywhere", fmt.Sprintf("%.0f x the acts and mails of a mean working day", in.WorstDay)},
		{"the largest employer", fmt.Sprintf("%.0f %% of all acts", in.Largest*100)},
		{"servers in front of the database", fmt.Sprintf("%.0f of %.0f cores", in.Replicas, in.CoresOfReplica)},
		{"a backup may take", fmt.Sprintf("%.0f hours", in.BackupHours)},
	}
}

// Line is one kind of load.
type Line struct {
	Name      string
	PerSecond float64
	CPU       float64 // seconds for 1,000
}

// Cores is how many processors it keeps busy.
func (l Line) Cores() float64 { return l.PerSecond * l.CPU / 1000 }

// Load is all that comes in the busiest minutes.
type Load struct{ Lines []Line }

// Cores is how many processors are busy.
func (l Load) Cores() float64 {
	sum := 0.0
	for _, x := range l.Lines {
		sum += x.Cores()
	}
	return sum
}

// Provide is how many processors to provide, in servers and database together.
func (l Load) Provide(in Installation) int { return int(math.Ceil(l.Cores() / in.Use)) }

// peak turns a number a day into the most a second.
func (in Installation) peak(aDay float64) float64 { return aDay * in.BusiestHour / 3600 * in.Burst }

// actsAYear are the changes of state: each is a transaction with an entry.
func (in Installation) actsAYear(m Measured) float64 {
	return in.DeploymentsAYear * (m.EntriesOfDeployment.Value + in.CommentsEach*m.EntriesOfComment.Value)
}

// worstActs are the acts a second in the busiest minutes of the worst day.
func (in Installation) worstActs(m Measured) float64 {
	return in.peak(in.actsAYear(m) / in.WorkingDays * in.WorstDay)
}

// mailsAYear are notices to branches, and a checkpoint a day to every branch.
func (in Installation) mailsAYear(m Measured) float64 {
	return in.DeploymentsAYear*m.MailsOfDeployment.Value + in.Branches*in.WorkingDays
}

// Busiest is the load of the busiest minutes of the worst day.
func Busiest(in Installation, m Measured) Load {
	public := in.peak(in.PublicReadsADay)
	return Load{[]Line{
		{"public reads from what is kept", public * in.Kept, m.PageKept.Value},
		{"public pages rendered", public * in.Rendered, m.PageRendered.Value},
		{"public lists and searches", public * in.Searched, m.Search.Value},
		{"reads of people who have signed in", in.peak(in.StaffReadsADay), m.Get.Value},
		{"acts: a change with its entry and jobs", in.worstActs(m), m.Create.Value},
		{"mails", in.peak(in.mailsAYear(m) / in.WorkingDays * in.WorstDay), m.Mail.Value},
	}}
}

// Year is the register at the end of a year.
type Year struct {
	No                             int
	Deployments, Comments, Entries float64
	Bytes, Backup, Mails           float64
}

// Years are the first n.
func Years(in Installation, m Measured, n int) []Year {
	out := make([]Year, n)
	for i := range out {
		y := float64(i + 1)
		d := in.DeploymentsAYear * y
		c := d * in.CommentsEach
		e := in.actsAYear(m) * y
		bytes := d*m.BytesOfDeployment.Value + c*m.BytesOfComment.Value + e*m.BytesOfEntry.Value
		out[i] = Year{i + 1, d, c, e, bytes, bytes * m.BackupShare.Value, in.mailsAYear(m)}
	}
	return out
}
