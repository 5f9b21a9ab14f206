package policy

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

// Closed lists of a profile file.
var (
	classes  = []models.ChangeClass{models.ClassA, models.ClassB, models.ClassC, models.ClassD}
	statuses = []string{"in force", "future", "proposed", "vetoed", "guidance"}
	timings  = []string{"formative", "before use", "on request", "annual"}
	sides    = []string{"union", "employer"}
	evidence = []models.Evidenced{models.EvidenceAccepted, models.EvidenceDelivered, models.EvidenceHand, models.EvidenceAcknowledged}
	nations  = []models.Nation{models.EnglandAndWales, models.Scotland, models.NorthernIreland}
)

// most is a bound on days that only a slip of the pen exceeds; the API has the same.
const most = 730

// readProfile reads one profile file.
func readProfile(file string, text []byte) (models.Profile, error) {
	r := &reader{file: file}
	var p models.Profile
	root := r.parse(text)
	if root == nil {
		return p, r.err()
	}
	r.fields(root, map[string]field{
		"code":              must(r.code(&p.Code)),
		"jurisdiction":      must(r.str(&p.Jurisdiction)),
		"name":              must(r.text(&p.Name)),
		"nation":            must(one(r, &p.Nation, "nation", nations...)),
		"cutOff":            must(r.clock(&p.CutOff)),
		"languages":         must(some(r, &p.Languages, "language", models.English, models.Welsh)),
		"periods":           must(r.periods(&p)),
		"informWithin":      must(r.number(&p.InformWithin, 0, most)),
		"sufficient":        must(one(r, &p.Sufficient, "evidence", evidence...)),
		"requestDays":       must(r.number(&p.RequestDays, 0, most)),
		"silentDays":        must(r.number(&p.SilentDays, 0, most)),
		"reviewMonths":      must(r.number(&p.ReviewMonths, 1, 120)),
		"overrideDays":      must(r.number(&p.OverrideDays, 1, 366)),
		"holdDays":          must(r.number(&p.HoldDays, 1, 366)),
		"pausesOnCancelled": must(r.flag(&p.PausesOnCancelled)),
		"reminderDays":      must(r.list(func(n *yaml.Node) { var d int; r.number(&d, 1, 60)(n); p.ReminderDays = append(p.ReminderDays, d) })),
		"withholdDays":      must(r.number(&p.WithholdDays, 1, 1826)),
		"responseDays":      must(r.number(&p.ResponseDays, 0, most)),
		"challengeDays":     must(r.number(&p.ChallengeDays, 0, most)),
		"leastPeople":       must(r.number(&p.LeastPeople, 5, 100)),
		"trainingShare":     must(r.number(&p.TrainingShare, 0, 100)),
		"skipPilot":         must(some(r, &p.SkipPilot, "class", models.ClassA, models.ClassB)),
		"items":             must(r.items(&p)),
		"disputes":          must(r.list(func(n *yaml.Node) { r.dispute(n, &p) })),
		"rules":             must(r.list(func(n *yaml.Node) { r.rule(n, &p) })),
	})
	return p, r.err()
}

// code is part of an address and of a setting: small letters, digits, hyphens.
func (r *reader) code(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Value == "" || strings.Trim(n.Value, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			r.fault(n, "%q is not a code of small letters, digits and hyphens", n.Value)
			return
		}
		*to = n.Value
	}
}

// periods reads the list and asks that every class is there before every
// trigger: silence is not nought.
func (r *reader) periods(p *models.Profile) func(*yaml.Node) {
	return func(n *yaml.Node) {
		type pair struct {
			class   models.ChangeClass
			trigger models.Trigger
		}
		said := map[pair]bool{}
		r.list(func(entry *yaml.Node) {
			var period models.Period
			r.fields(entry, map[string]field{
				"class":  may(one(r, &period.Class, "class", classes...)),
				"before": must(one(r, &period.Trigger, "trigger", models.Triggers...)),
				"days":   must(r.number(&period.Days, 0, most)),
				"kind":   must(one(r, &period.Kind, "kind of day", models.CalendarDays, models.WorkingDays)),
				"clear":  may(r.flag(&period.Clear)),
				"source": may(r.str(&period.Source)),
			})
			p.Periods = append(p.Periods, period)
			said[pair{period.Class, period.Trigger}] = true
		})(n)
		for _, class := range classes {
			for _, trigger := range models.Triggers {
				if !said[pair{class, trigger}] && !said[pair{"", trigger}] {
					r.fault(n, "class %s has no period before %s: write 0 days when none is asked", class, trigger)
				}
			}
		}
	}
}

// items reads which of the 26 items of a notice are mandatory.
func (r *reader) items(p *models.Profile) func(*yaml.Node) {
	seen := map[int]bool{}
	return r.list(func(n *yaml.Node) {
		var item models.ItemRule
		number := r.number(&item.No, 1, 26)
		if n.Kind == yaml.ScalarNode {
			number(n)
		} else {
			r.fields(n, map[string]field{"no": must(number), "classes": must(some(r, &item.Classes, "class", classes...))})
		}
		if item.No != 0 && seen[item.No] {
			r.fault(n, "item %d is said twice", item.No)
		}
		seen[item.No] = true
		p.Items = append(p.Items, item)
	})
}

func (r *reader) dispute(n *yaml.Node, p *models.Profile) {
	var s models.DisputeStage
	r.fields(n, map[string]field{
		"name":      must(r.text(&s.Name)),
		"dueDays":   must(r.number(&s.DueDays, 0, most)),
		"mayOpen":   must(some(r, &s.MayOpen, "side", sides...)),
		"statusQuo": must(r.flag(&s.StatusQuo)),
		"outside":   may(r.str(&s.Outside)),
	})
	p.Disputes = append(p.Disputes, s)
}

func (r *reader) rule(n *yaml.Node, p *models.Profile) {
	var rule models.Rule
	r.fields(n, map[string]field{
		"code":         must(r.str(&rule.Code)),
		"jurisdiction": must(r.str(&rule.Jurisdiction)),
		"status":       must(one(r, &rule.Status, "status", statuses...)),
		"appliesFrom":  may(r.date(&rule.AppliesFrom)),
		"trigger":      must(r.str(&rule.Trigger)),
		"audience":     must(r.str(&rule.Audience)),
		"minimumDays":  must(r.daysOrNone(&rule.MinimumDays)),
		"timing":       must(one(r, &rule.Timing, "timing", timings...)),
		"source":       must(r.str(&rule.Source)),
		"checkedOn":    must(r.date(&rule.CheckedOn)),
	})
	if rule.AppliesFrom == 0 && (rule.Status == "in force" || rule.Status == "future") {
		r.fault(n, "a rule that is %s says from when: \"appliesFrom\" is missing", rule.Status)
	}
	p.Rules = append(p.Rules, rule)
}

// daysOrNone reads a number of days, or "none" for a rule that sets no number.
func (r *reader) daysOrNone(to *int) func(*yaml.Node) {
	number := r.number(to, 1, most)
	return func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Value == "none" {
			*to = 0
			return
		}
		number(n)
	}
}
