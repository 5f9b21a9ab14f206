package pages

import (
	"slices"
	"strings"

	"beforehand/models"
)

// answerKind is how an answer of the record is asked for and kept.
type answerKind int

const (
	// asLine is a text on one line, asLong one of several.
	asLine answerKind = iota
	asLong
	// asBoth is a line in English and in Welsh, asBothLong a longer text.
	asBoth
	asBothLong
	// asChoice is one of a closed list, asMany any of them.
	asChoice
	asMany
	// asWhole is a whole number, asNumber one with a fraction, asPounds an
	// amount that is kept in pence.
	asWhole
	asNumber
	asPounds
	// asTick is yes or no, asDay a date, asLines a list with one on each line.
	asTick
	asDay
	asLines
	// asArea and asRole name a service area and a job role of the organisation.
	asArea
	asRole
	// asList is a list of which each row has answers of its own.
	asList
)

// answer is one answer of the record: where it is kept, and how it is asked for.
type answer struct {
	// path is that of the record's JSON, within its row for those of a list.
	path string
	kind answerKind
	// prefix and values are the words and values of a closed list.
	prefix string
	values []string
	class  string
	row    []answer
	// needed says that a row which says anything says this.
	needed bool
}

// recordTopic is a part of the record that is asked for on a page of its own.
type recordTopic struct {
	id      string
	answers []answer
}

// wordsOf makes a closed list of a type's values one of plain strings.
func wordsOf[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

func pick(path, prefix string, values []string) answer {
	return answer{path: path, kind: asChoice, prefix: prefix, values: values}
}

func line(path, class string) answer { return answer{path: path, kind: asLine, class: class} }
func both(path string) answer        { return answer{path: path, kind: asBoth} }
func bothLong(path string) answer    { return answer{path: path, kind: asBothLong} }
func whole(path string) answer       { return answer{path: path, kind: asWhole, class: narrow} }
func tick(path string) answer        { return answer{path: path, kind: asTick} }
func day(path string) answer         { return answer{path: path, kind: asDay} }
func listOfRows(path string, row ...answer) answer {
	return answer{path: path, kind: asList, row: row}
}

var (
	decisionStatuses    = []string{"idea", "preferred_option", "decided", "already_in_use"}
	reviewKinds         = []string{"in_the_loop", "on_the_loop", "over_the_loop", "none"}
	assessmentKinds     = []string{"dpia", "eqia", "fundamental_rights", "job_impact", "health_and_safety", "welsh_language"}
	assessmentStates    = []string{"yes", "in_progress", "waived", "not_applicable"}
	commitmentKinds     = []string{"no_redundancy", "no_detriment", "regrade_review", "training_hours", "no_discipline_use", "gain_share", "hours"}
	commitmentStatuses  = []string{"offered", "accepted", "met", "broken"}
	recordCostKinds     = []string{"one_off", "annual", "to_date", "forecast", "saving_claimed"}
	statedRailStates    = []string{"not_reported", "held", "not_shown_safe", "breached"}
	withholdingCircles  = []string{"public", "scrutiny", "unions"}
	fieldsThatAreHeld   = slices.DeleteFunc(models.RecordFields(), func(f string) bool { return f == "name" || f == "serviceArea" || f == "withheld" })
	staffingAssumptions = []string{"savingClaimed", "gradesChange", "hoursChange", "placeChange", "outsourcing", "workloadNorms", "routineUpdate"}
)

// recordTopics are the pages on which a record is filled in, in the order in
// which people know the answers.
var recordTopics = []recordTopic{
	{"about", []answer{
		both("name"), both("oneLine"), bothLong("summary"),
		{path: "serviceArea", kind: asArea},
		line("function", ""),
		pick("useFamily", "useFamily.", wordsOf(models.UseFamilies)), pick("aiClass", "aiClass.", wordsOf(models.AIClasses)),
		{path: "managesPeople", kind: asMany, prefix: "manages.", values: wordsOf(models.Managings)},
		pick("activation", "activation.", wordsOf(models.Activations)), tick("light"), whole("licences"), whole("activeUsers"),
		pick("decisionStatus", "decisionStatus.", decisionStatuses), line("owner", ""), line("seniorResponsibleOwner", ""), line("publicContact", wide),
	}},
	{"purpose", []answer{
		bothLong("purpose"), bothLong("problem"), bothLong("expectedBenefit"), bothLong("previousProcess"), bothLong("natureOfChange"),
		listOfRows("alternatives", bothLong("text"), tick("withoutAI")),
	}},
	{"working", []answer{
		bothLong("inputs"), bothLong("outputs"), bothLong("logic"), bothLong("publicData"),
		pick("humanReview.kind", "humanReview.", reviewKinds), bothLong("humanReview.why"), line("humanReview.who", ""), whole("humanReview.minutesAllowed"),
		tick("humanReview.rightToOverride"), tick("humanReview.overrideIsLogged"),
	}},
	{"workers", append([]answer{
		listOfRows("groups", answer{path: "jobRole", kind: asRole}, answer{path: "headcount", kind: asWhole, class: narrow, needed: true}, whole("agency"), tick("indirect")),
		bothLong("workerChange"), bothLong("effectOnWork"), bothLong("adverseEffects"), whole("staffing.postsLost"),
	}, append(staffingTicks(), line("staffing.routineUpdateOf", middle))...)},
	{"data", []answer{
		tick("noWorkerData"),
		listOfRows("workerData", line("category", ""), line("source", ""), line("purpose", ""), answer{path: "recipients", kind: asLines}, whole("retentionDays"), tick("usedForPerformance"), tick("usedForDiscipline"), tick("usedForPay")),
	}},
	{"supply", []answer{
		listOfRows("suppliers", line("name", ""), line("companyNumber", middle), line("role", ""), line("procurementRoute", ""), line("contractRef", middle), day("contractEnd"), answer{path: "dataAccessTerms", kind: asLong}, answer{path: "subProcessors", kind: asLines}),
		listOfRows("models", line("name", ""), line("version", middle), line("family", middle), line("provider", ""), line("hostingRegion", middle)),
	}},
	{"checks", []answer{
		{path: "regimes", kind: asLines},
		pick("riskLevel", "riskLevel.", wordsOf(models.RiskLevels)), bothLong("riskReason"),
		listOfRows("assessments", pick("kind", "assessment.", assessmentKinds), pick("state", "assessmentState.", assessmentStates), day("on"), line("by", ""), answer{path: "why", kind: asLong}, line("link", ""), answer{path: "unionComment", kind: asLong}),
	}},
	{"promises", []answer{
		line("training.who", ""),
		{path: "training.hours", kind: asNumber, class: narrow},
		tick("training.paid"), line("training.when", ""), whole("training.percentDone"),
		listOfRows("commitments", pick("kind", "commitment.", commitmentKinds), bothLong("text"), line("owner", ""), day("due"), pick("status", "commitmentStatus.", commitmentStatuses), line("proof", "")),
		bothLong("redeployment"), bothLong("staffCommunications"),
	}},
	{"stopping", []answer{
		bothLong("failSafe.how"), line("failSafe.who", ""), whole("failSafe.withinMinutes"), bothLong("failSafe.instead"), bothLong("implementationProcedure"),
	}},
	{"value", []answer{
		listOfRows("costs", pick("kind", "costKind.", recordCostKinds), whole("year"), answer{path: "pence", kind: asPounds, class: middle, needed: true}, tick("cashable"), line("whereBooked", "")),
		bothLong("gainUse"), bothLong("evidence.plan"), day("evidence.baselineCapturedOn"),
		listOfRows("evidence.claims", both("sentence"), line("result", ""), day("analysedOn"), day("sharedOn")),
		listOfRows("evidence.guardrails", both("name"), line("margin", middle), pick("state", "guardrail.", statedRailStates)),
	}},
	{"dates", []answer{
		day("dates.procurement"), day("dates.pilotPlanned"), day("dates.goLivePlanned"), day("dates.inUseSince"), day("dates.reviewDue"), day("dates.retired"),
	}},
	{"withheld", []answer{
		listOfRows("withheld", pick("field", "record.", fieldsThatAreHeld), pick("audience", "audience.", withholdingCircles), line("ground", ""), day("until"), line("decidedBy", "")),
	}},
}

func staffingTicks() []answer {
	out := make([]answer, len(staffingAssumptions))
	for i, name := range staffingAssumptions {
		out[i] = tick("staffing." + name)
	}
	return out
}

// topicNamed is a part of the record by its name in an address.
func topicNamed(id string) (recordTopic, bool) {
	i := slices.IndexFunc(recordTopics, func(t recordTopic) bool { return t.id == id })
	if i < 0 {
		return recordTopic{}, false
	}
	return recordTopics[i], true
}

// after is the topic that comes next, if there is one.
func (t recordTopic) after() (recordTopic, bool) {
	i := slices.IndexFunc(recordTopics, func(o recordTopic) bool { return o.id == t.id })
	if i+1 >= len(recordTopics) {
		return recordTopic{}, false
	}
	return recordTopics[i+1], true
}

// fieldOfLabel is the field of the record that a label of a notice's item is
// about, where it does not begin with the field's own name.
var fieldOfLabel = map[string]string{
	"alternative": "alternatives", "alternativeWithoutAI": "alternatives", "group": "groups", "override": "humanReview", "use": "workerData", "commitment": "commitments",
	"guardrail": "evidence", "regime": "regimes", "inUseSince": "dates", "headcount": "groups",
}

// topicOf is the topic on whose page a path of the record, or a label of a
// notice's item, is filled in. The rest of a notice is no part of the record.
func topicOf(path string) (recordTopic, bool) {
	path = strings.TrimPrefix(path, "label.")
	if field, ok := fieldOfLabel[path]; ok {
		path = field
	}
	head := firstField(path)
	for _, t := range recordTopics {
		for _, a := range t.answers {
			if firstField(a.path) == head {
				return t, true
			}
		}
	}
	return recordTopic{}, false
}

func firstField(path string) string {
	head, _, _ := strings.Cut(path, ".")
	head, _, _ = strings.Cut(head, "[")
	return head
}

// recordPath is where a blocker of a gate, or a label of an item, is filled in.
func recordPath(label string) string {
	label = strings.TrimPrefix(label, "label.")
	if field, ok := fieldOfLabel[label]; ok {
		return field
	}
	return label
}
