package models

import (
	"slices"
	"strconv"
	"testing"
)

func itemFacts() ItemFacts {
	draft := Draft{
		Languages: []Language{English, Welsh}, Meetings: []Date{MustDate("2026-09-14"), MustDate("2026-09-21")},
		HowToAsk: both("write to us"), Dispute: both("joint committee"),
	}
	return ItemFacts{
		Deployment: Deployment{Ref: "DEP-2026-003", Class: ClassD}, Organisation: Organisation{NameEn: "Council", NameCy: "Cyngor"},
		Area: ServiceArea{NameEn: "Care", NameCy: "Gofal"}, Record: fullRecord(), Draft: draft, Profile: wales(),
		Roles:    map[string]JobRole{"role": {Title: "Social worker"}},
		Earliest: map[Trigger]Date{BeforePilot: MustDate("2026-12-06")}, WindowEnds: MustDate("2026-10-19"),
	}
}

func gapNumbers(f ItemFacts) []int {
	var out []int
	for _, g := range Gaps(Items(f), []Language{English, Welsh}) {
		if !slices.Contains(out, g.No) {
			out = append(out, g.No)
		}
	}
	return out
}

func TestAFullRecordHasNoGaps(t *testing.T) {
	t.Parallel()
	f := itemFacts()
	if got := Gaps(Items(f), []Language{English, Welsh}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	items := Items(f)
	if len(items) != 26 {
		t.Fatalf("%d items", len(items))
	}
	for i, it := range items {
		if it.No != i+1 || it.Mandatory != (it.No != 20 && it.No != 25) {
			t.Errorf("item %d: %+v", i+1, it)
		}
	}
	f.Deployment.Class = ClassC
	if Items(f)[15].Mandatory {
		t.Error("item 16 is mandatory for class D only")
	}
}

// Every text of a mandatory item, empty, or a stand-in in either language.
func TestATextThatSaysNothingIsNamed(t *testing.T) {
	t.Parallel()
	texts := map[string]struct {
		no int
		at func(*ItemFacts) *Text
	}{
		"name":             {1, func(f *ItemFacts) *Text { return &f.Record.Name }},
		"nature of change": {2, func(f *ItemFacts) *Text { return &f.Record.NatureOfChange }},
		"purpose":          {3, func(f *ItemFacts) *Text { return &f.Record.Purpose }},
		"alternative":      {3, func(f *ItemFacts) *Text { return &f.Record.Alternatives[1].Text }},
		"without AI":       {3, func(f *ItemFacts) *Text { return &f.Record.Alternatives[0].Text }},
		"worker change":    {7, func(f *ItemFacts) *Text { return &f.Record.WorkerChange }},
		"effect":           {8, func(f *ItemFacts) *Text { return &f.Record.EffectOnWork }},
		"adverse effects":  {9, func(f *ItemFacts) *Text { return &f.Record.AdverseEffects }},
		"outputs":          {10, func(f *ItemFacts) *Text { return &f.Record.Outputs }},
		"logic":            {10, func(f *ItemFacts) *Text { return &f.Record.Logic }},
		"redeployment":     {16, func(f *ItemFacts) *Text { return &f.Record.Redeployment }},
		"plan":             {17, func(f *ItemFacts) *Text { return &f.Record.Evidence.Plan }},
		"guardrail":        {17, func(f *ItemFacts) *Text { return &f.Record.Evidence.Guardrails[0].Name }},
		"gain":             {18, func(f *ItemFacts) *Text { return &f.Record.GainUse }},
		"how to stop":      {19, func(f *ItemFacts) *Text { return &f.Record.FailSafe.How }},
		"how to ask":       {21, func(f *ItemFacts) *Text { return &f.Draft.HowToAsk }},
		"dispute":          {24, func(f *ItemFacts) *Text { return &f.Draft.Dispute }},
	}
	for name, c := range texts {
		for what, broken := range map[string]Text{
			"empty": {}, "TBC": {"TBC", "I'w gadarnhau"},
			"English only": {"words", ""}, "Welsh only": {"", "geiriau"}, "TBC in Welsh": {"words", "i'w gadarnhau"}, "TBC in English": {"tbc", "geiriau"},
		} {
			f := itemFacts()
			*c.at(&f) = broken
			if got := gapNumbers(f); !slices.Equal(got, []int{c.no}) {
				t.Errorf("%s, %s: gaps in items %v, not %d", name, what, got, c.no)
			}
			if one := Gaps(Items(f), []Language{English}); len(one) != 0 && (what == "English only" || what == "TBC in Welsh") {
				t.Errorf("%s, %s: English alone has gaps %+v", name, what, one)
			}
		}
	}
}

func TestAFactThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		no     int
		change func(*ItemFacts)
	}{
		"no regimes":                       {1, func(f *ItemFacts) { f.Record.Regimes = nil }},
		"one alternative":                  {3, func(f *ItemFacts) { f.Record.Alternatives = f.Record.Alternatives[:1] }},
		"no alternative without AI":        {3, func(f *ItemFacts) { f.Record.Alternatives[0].WithoutAI = false }},
		"decision status":                  {4, func(f *ItemFacts) { f.Record.DecisionStatus = "" }},
		"pilot date":                       {5, func(f *ItemFacts) { f.Record.Dates.PilotPlanned = 0 }},
		"go-live date":                     {5, func(f *ItemFacts) { f.Record.Dates.GoLivePlanned = 0 }},
		"groups":                           {6, func(f *ItemFacts) { f.Record.Groups = nil }},
		"kind of review":                   {11, func(f *ItemFacts) { f.Record.HumanReview.Kind = "" }},
		"reviewer":                         {11, func(f *ItemFacts) { f.Record.HumanReview.Who = "TBC" }},
		"no review and no why":             {11, func(f *ItemFacts) { f.Record.HumanReview = HumanReview{Kind: "none"} }},
		"worker data unsaid":               {12, func(f *ItemFacts) { f.Record.WorkerData = nil }},
		"worker data without a category":   {12, func(f *ItemFacts) { f.Record.WorkerData[0].Category = "tbc" }},
		"no supplier and not in house":     {13, func(f *ItemFacts) { f.Record.Suppliers = nil }},
		"supplier TBC":                     {13, func(f *ItemFacts) { f.Record.Suppliers[0].Name = "TBC" }},
		"model without a region":           {13, func(f *ItemFacts) { f.Record.Models[0].Region = "" }},
		"no model":                         {13, func(f *ItemFacts) { f.Record.Models = nil }},
		"no assessments":                   {14, func(f *ItemFacts) { f.Record.Assessments = nil }},
		"an assessment without a date":     {14, func(f *ItemFacts) { f.Record.Assessments[0].On = 0 }},
		"an assessment waived by nobody":   {14, func(f *ItemFacts) { f.Record.Assessments[0] = Assessment{State: "waived", Why: "small"} }},
		"an assessment n/a without a why":  {14, func(f *ItemFacts) { f.Record.Assessments[0] = Assessment{State: "not_applicable"} }},
		"training for whom":                {15, func(f *ItemFacts) { f.Record.Training.Who = "" }},
		"training when":                    {15, func(f *ItemFacts) { f.Record.Training.When = "tbc" }},
		"who may stop it":                  {19, func(f *ItemFacts) { f.Record.FailSafe.Who = "" }},
		"one meeting":                      {21, func(f *ItemFacts) { f.Draft.Meetings = f.Draft.Meetings[:1] }},
		"no window":                        {21, func(f *ItemFacts) { f.WindowEnds = 0 }},
		"review date":                      {22, func(f *ItemFacts) { f.Record.Dates.ReviewDue = 0 }},
		"withheld without an end":          {23, func(f *ItemFacts) { f.Record.Withheld = []Withheld{{Field: "costs", Ground: "contract"}} }},
		"withheld without a ground":        {23, func(f *ItemFacts) { f.Record.Withheld = []Withheld{{Field: "costs", Until: MustDate("2027-01-01")}} }},
		"a language that the profile asks": {26, func(f *ItemFacts) { f.Draft.Languages = []Language{English} }},
	} {
		f := itemFacts()
		c.change(&f)
		if got := gapNumbers(f); !slices.Equal(got, []int{c.no}) {
			t.Errorf("%s: gaps in items %v, not %d", name, got, c.no)
		}
	}
}

func TestWhatIsSaidOutrightIsNoGap(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*ItemFacts){
		"no worker data": func(f *ItemFacts) { f.Record.WorkerData, f.Record.NoWorker = nil, true },
		"made in house":  func(f *ItemFacts) { f.Record.Suppliers, f.Record.Activation = nil, "in_house" },
		"found in use, nothing dated": func(f *ItemFacts) {
			f.Record.Dates = Dates{InUseSince: MustDate("2026-04-01"), ReviewDue: MustDate("2027-01-01")}
		},
		"no communications yet": func(f *ItemFacts) { f.Record.StaffComms, f.Record.Procedure = Text{}, Text{} },
		"no pilot where it may be skipped": func(f *ItemFacts) {
			f.Deployment.Class, f.Record.Dates.PilotPlanned = ClassA, 0
		},
	} {
		f := itemFacts()
		change(&f)
		if got := gapNumbers(f); len(got) != 0 {
			t.Errorf("%s: gaps in items %v", name, got)
		}
	}
}

func TestADateThatIsNotThereIsNotSaid(t *testing.T) {
	t.Parallel()
	f := itemFacts()
	f.Record.Dates = Dates{InUseSince: MustDate("2026-04-01")}
	for _, p := range Items(f)[4].Parts {
		if p.Say != nil && p.Say.Params["date"] == Date(0) {
			t.Errorf("%s is said with no date", p.Say.Code)
		}
	}
}

func TestAnOptionalItemIsStillServedInBothLanguages(t *testing.T) {
	t.Parallel()
	f := itemFacts()
	f.Record.StaffComms = Text{En: "Dear all"}
	want := []Gap{{No: 20, Label: "staffCommunications", Language: Welsh}}
	if got := Gaps(Items(f), []Language{English, Welsh}); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestEveryMandatoryItemCanFail(t *testing.T) {
	t.Parallel()
	f := itemFacts()
	f.Record, f.Draft, f.WindowEnds = Record{Withheld: []Withheld{{}}}, Draft{}, 0
	empty := gapNumbers(f)
	for no := 1; no <= 26; no++ {
		if want := no != 20 && no != 25; slices.Contains(empty, no) != want {
			t.Errorf("an empty record has a gap in item %s: %v", strconv.Itoa(no), !want)
		}
	}
}
