package models

import (
	"reflect"
	"slices"
	"strconv"
	"time"
)

// MaterialChange is a save that changed what a notice had said, and who judged
// it material or not, and why (domain section 4).
type MaterialChange struct {
	OrgID        string `gorm:"primaryKey"`
	DeploymentID string `gorm:"primaryKey"`
	Version      int    `gorm:"primaryKey"`
	// Fields are the kinds of change found, such as purpose or worker_data.
	Fields []string `gorm:"serializer:json"`
	// Material is true unless somebody judged otherwise, with a reason.
	Material bool
	Reason   string
	JudgedBy *string
	JudgedAt *time.Time
	At       time.Time
}

// Material lists the ways in which a new record differs materially from the
// old: purpose, worker group, worker data, use for performance, discipline or
// pay, less human review, model family or supplier, staffing, hosting region.
func Material(before, after Record) []string {
	var found []string
	add := func(yes bool, code string) {
		if yes {
			found = append(found, code)
		}
	}
	add(before.Purpose != after.Purpose || before.UseFamily != after.UseFamily, "purpose")
	add(!sameSet(groupKeys(before), groupKeys(after)), "worker_group")
	add(!sameSet(categories(before), categories(after)), "worker_data")
	add(newUse(before, after) || len(missing(before.Manages, after.Manages)) > 0, "performance_discipline_pay")
	add(lessReview(before.HumanReview, after.HumanReview), "human_review")
	add(!sameSet(families(before), families(after)), "model_family")
	add(!sameSet(supplierNames(before), supplierNames(after)), "supplier")
	add(staffingWorse(before.Staffing, after.Staffing), "staffing")
	add(!sameSet(regions(before), regions(after)), "hosting_region")
	return found
}

func keys[T any](list []T, key func(T) string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		if k := key(v); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// groupKeys tells groups apart by role and by whether they are touched directly.
func groupKeys(r Record) []string {
	return keys(r.Groups, func(g Group) string { return g.JobRoleID + strconv.FormatBool(g.Indirect) })
}

func categories(r Record) []string {
	return keys(r.WorkerData, func(w WorkerData) string { return w.Category })
}

func regions(r Record) []string { return keys(r.Models, func(m AIModel) string { return m.Region }) }

func supplierNames(r Record) []string {
	return keys(r.Suppliers, func(s Supplier) string { return s.Name })
}

func families(r Record) []string {
	return keys(r.Models, func(m AIModel) string {
		if m.Family != "" {
			return m.Family
		}
		return m.Name
	})
}

func sameSet(a, b []string) bool { return slices.Equal(a, b) }

// missing gives what is in after but was not in before.
func missing[T comparable](before, after []T) []T {
	var out []T
	for _, v := range after {
		if !slices.Contains(before, v) {
			out = append(out, v)
		}
	}
	return out
}

// newUse says whether a category of data is put to a use, for performance,
// discipline or pay, that it was not put to before.
func newUse(before, after Record) bool {
	uses := func(r Record) []string {
		var out []string
		for _, w := range r.WorkerData {
			for use, yes := range map[string]bool{"performance": w.ForPerformance, "discipline": w.ForDiscipline, "pay": w.ForPay} {
				if yes {
					out = append(out, w.Category+"/"+use)
				}
			}
		}
		return out
	}
	return len(missing(uses(before), uses(after))) > 0
}

func lessReview(before, after HumanReview) bool {
	return reviewRank[after.Kind] < reviewRank[before.Kind] ||
		before.RightToOverride && !after.RightToOverride ||
		before.MinutesAllowed > after.MinutesAllowed
}

func staffingWorse(before, after Staffing) bool {
	return before != after
}

// ChangedItems are the items among those that may restart the clock which two
// records fill differently: 5 sooner dates or a firmer decision, 6 groups, 8
// effect on work, 10 outputs and logic, 12 worker data.
func ChangedItems(before, after Record) []int {
	sooner := func(was, is Date) bool { return is != 0 && (was == 0 || is < was) }
	var out []int
	for _, c := range []struct {
		no      int
		changed bool
	}{
		{5, sooner(before.Dates.PilotPlanned, after.Dates.PilotPlanned) || sooner(before.Dates.GoLivePlanned, after.Dates.GoLivePlanned)},
		{6, !slices.Equal(before.Groups, after.Groups)},
		{8, before.EffectOnWork != after.EffectOnWork || before.Staffing != after.Staffing},
		{10, before.Outputs != after.Outputs || before.Logic != after.Logic},
		{12, before.NoWorker != after.NoWorker || !reflect.DeepEqual(before.WorkerData, after.WorkerData)},
	} {
		if c.changed {
			out = append(out, c.no)
		}
	}
	return out
}

// LastMaterial is the version of the latest material change up to an instant, or 0.
func LastMaterial(changes []MaterialChange, until time.Time) int {
	last := 0
	for _, c := range changes {
		if c.At.After(until) {
			continue
		}
		if !c.Material && c.JudgedAt != nil && !c.JudgedAt.After(until) {
			continue
		}
		last = max(last, c.Version)
	}
	return last
}
