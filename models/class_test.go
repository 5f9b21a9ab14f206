package models

import (
	"slices"
	"testing"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		r    Record
		want ChangeClass
		why  []string
	}{
		{"nothing said", Record{}, ClassB, []string{"class.assistive"}},
		{"a drafting help", Record{UseFamily: "drafting"}, ClassB, []string{"class.assistive"}},
		{"a version bump", Record{Staffing: Staffing{RoutineUpdate: true}}, ClassA, []string{"class.routine"}},
		{"a version bump with worker data", Record{Staffing: Staffing{RoutineUpdate: true}, WorkerData: []WorkerData{{Category: "x"}}}, ClassB, []string{"class.assistive"}},
		{"a version bump of a monitoring tool", Record{UseFamily: "monitoring", Staffing: Staffing{RoutineUpdate: true}}, ClassC, []string{"class.family"}},
		{"recruitment", Record{UseFamily: "recruitment_screening"}, ClassC, []string{"class.family"}},
		{"allocation", Record{UseFamily: "task_allocation"}, ClassC, []string{"class.family"}},
		{"rostering", Record{UseFamily: "rostering"}, ClassC, []string{"class.family"}},
		{"evaluation", Record{UseFamily: "performance_evaluation"}, ClassC, []string{"class.family"}},
		{"manages people twice", Record{Manages: []Managing{"monitor", "pay"}}, ClassC, []string{"class.manages", "class.manages"}},
		{"data for discipline", Record{WorkerData: []WorkerData{{ForDiscipline: true}}}, ClassC, []string{"class.worker_data"}},
		{"data for pay", Record{WorkerData: []WorkerData{{ForPay: true}}}, ClassC, []string{"class.worker_data"}},
		{"data for performance", Record{WorkerData: []WorkerData{{}, {ForPerformance: true}}}, ClassC, []string{"class.worker_data"}},
		{"workload", Record{Staffing: Staffing{WorkloadNorms: true}}, ClassC, []string{"class.workload"}},
		{"posts, whatever else", Record{UseFamily: "monitoring", Staffing: Staffing{PostsLost: 2, RoutineUpdate: true}}, ClassD, []string{"class.posts"}},
		{"grades and hours", Record{Staffing: Staffing{GradesChange: true, HoursChange: true}}, ClassD, []string{"class.grades", "class.hours"}},
		{"place", Record{Staffing: Staffing{PlaceChange: true}}, ClassD, []string{"class.place"}},
		{"outsourcing", Record{Staffing: Staffing{Outsourcing: true}}, ClassD, []string{"class.outsourcing"}},
	} {
		class, why := Classify(c.r)
		var codes []string
		for _, r := range why {
			codes = append(codes, r.Code)
		}
		if class != c.want || !slices.Equal(codes, c.why) {
			t.Errorf("%s: %s because %v, not %s because %v", c.name, class, codes, c.want, c.why)
		}
	}
}

func TestAClassIsRaisedByHandAndNeverLowered(t *testing.T) {
	t.Parallel()
	order := []ChangeClass{"", ClassA, ClassB, ClassC, ClassD}
	for i, computed := range order[1:] {
		for j, hand := range order {
			want := order[max(i+1, j)]
			if got := (Deployment{Class: computed, RaisedTo: hand}).EffectiveClass(); got != want {
				t.Errorf("%s raised to %q is %s", computed, hand, got)
			}
		}
	}
}

func TestALightEntryBecomesAFullOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		r    Record
		want int
	}{
		{"a feature", Record{UseFamily: "drafting", WorkerData: []WorkerData{{Category: "log-ins"}}, Costs: []Cost{{Kind: "annual"}}}, 0},
		{"manages people", Record{Manages: []Managing{"roster"}}, 1},
		{"monitors", Record{UseFamily: "monitoring"}, 1},
		{"monitors by its data", Record{WorkerData: []WorkerData{{ForDiscipline: true}}}, 1},
		{"claims a saving", Record{Staffing: Staffing{SavingClaimed: true}}, 1},
		{"takes posts", Record{Staffing: Staffing{PostsLost: 1}}, 1},
		{"books a saving", Record{Costs: []Cost{{Kind: "saving_claimed"}}}, 1},
		{"all of them", Record{UseFamily: "monitoring", Manages: []Managing{"pay"}, Staffing: Staffing{SavingClaimed: true}}, 3},
	} {
		if got := MustBeFull(c.r); len(got) != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestMaterial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Record)
		want   []string
	}{
		{"nothing", func(*Record) {}, nil},
		{"a cost", func(r *Record) { r.Costs = nil }, nil},
		{"purpose", func(r *Record) { r.Purpose.Cy = "arall" }, []string{"purpose"}},
		{"use family", func(r *Record) { r.UseFamily = "search" }, []string{"purpose"}},
		{"another group", func(r *Record) { r.Groups = append(slices.Clone(r.Groups), Group{JobRoleID: "other"}) }, []string{"worker_group"}},
		{"the same groups in another order", func(r *Record) { r.Groups = append([]Group{{JobRoleID: "role"}}, r.Groups...) }, nil},
		{"a category", func(r *Record) { r.WorkerData = []WorkerData{{Category: "log-ins"}, {Category: "keystrokes"}} }, []string{"worker_data"}},
		{"counts for performance", func(r *Record) { r.WorkerData = []WorkerData{{Category: "log-ins", ForPerformance: true}} }, []string{"performance_discipline_pay"}},
		{"manages people now", func(r *Record) { r.Manages = []Managing{"evaluate"} }, []string{"performance_discipline_pay"}},
		{"less review", func(r *Record) { r.HumanReview.Kind = "over_the_loop" }, []string{"human_review"}},
		{"no right to override", func(r *Record) { r.HumanReview.RightToOverride = false }, []string{"human_review"}},
		{"less time", func(r *Record) { r.HumanReview.MinutesAllowed = 2 }, []string{"human_review"}},
		{"more time", func(r *Record) { r.HumanReview.MinutesAllowed = 20 }, nil},
		{"a model's version", func(r *Record) { r.Models = []AIModel{{Name: "M", Version: "2", Region: "UK"}} }, nil},
		{"a model", func(r *Record) { r.Models = []AIModel{{Name: "N", Region: "UK"}} }, []string{"model_family"}},
		{"a region", func(r *Record) { r.Models = []AIModel{{Name: "M", Region: "US"}} }, []string{"hosting_region"}},
		{"a supplier", func(r *Record) { r.Suppliers = nil }, []string{"supplier"}},
		{"posts", func(r *Record) { r.Staffing.PostsLost = 1 }, []string{"staffing"}},
		{"said to be routine", func(r *Record) { r.Staffing.RoutineUpdate = true }, []string{"staffing"}},
	} {
		after := fullRecord()
		c.change(&after)
		if got := Material(fullRecord(), after); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

func TestLastMaterial(t *testing.T) {
	t.Parallel()
	judged, until := when(t, "2026-09-10"), when(t, "2026-09-12")
	changes := []MaterialChange{
		{Version: 2, Material: true, At: when(t, "2026-09-01")},
		{Version: 3, Material: false, JudgedAt: &judged, At: when(t, "2026-09-02")},
		{Version: 4, Material: true, At: when(t, "2026-09-20")},
	}
	if got := LastMaterial(changes, until); got != 2 {
		t.Errorf("version %d", got)
	}
	if got := LastMaterial(changes, when(t, "2026-09-09")); got != 3 {
		t.Errorf("before it was judged not material it was material: version %d", got)
	}
	if got := LastMaterial(changes, when(t, "2026-09-30")); got != 4 {
		t.Errorf("version %d", got)
	}
}
