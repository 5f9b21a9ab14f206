package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// Profiles lists the policy profiles on offer.
func (p *Pages) Profiles(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Profiles(web.Actor(ctx))
	if err != nil {
		return err
	}
	inUse := design.Of(ctx).Org.Profile
	g := grid{caption: design.Say(ctx, "page.profiles.caption"), none: design.Say(ctx, "page.profiles.none"), heads: heads(ctx, "profile", "jurisdiction", "rulesinforce", "status")}
	for _, x := range all {
		binding := 0
		for _, r := range x.Rules {
			if r.Status == inForce {
				binding++
			}
		}
		status := plain(design.Say(ctx, "page.profiles.not_used"))
		if x.Code == inUse {
			status = design.Tag(design.Say(ctx, "page.profiles.used"), "green")
		}
		g.rows = append(g.rows, []templ.Component{pageLink("/organisation/profiles/"+x.Code, design.In(ctx, x.Name)), written(english(ctx, x.Jurisdiction)), plain(strconv.Itoa(binding)), status})
	}
	return p.showBoard(c, board{
		title: design.Say(ctx, "page.profiles.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.profiles.lead")},
		parts: []templ.Component{inset(design.Say(ctx, "page.profiles.not_advice")), gridTable(g)},
	})
}

// inForce is the one status of a rule that binds.
const inForce = "in force"

// english marks a text of a profile, which is written in English.
func english(ctx context.Context, s string) design.Line {
	return design.Written(ctx, models.English, s)
}

// Profile shows one policy profile, and what each of its rules means.
func (p *Pages) Profile(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Profiles(web.Actor(ctx))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x models.Profile) bool { return x.Code == param(c, "code") })
	if i < 0 {
		return models.Missing("profile")
	}
	x := all[i]
	b := board{
		title: design.In(ctx, x.Name).Text, caption: x.Code, crumbs: organisationCrumbs(ctx, design.Say(ctx, "page.profiles.title"), "/organisation/profiles"),
		lead: []string{design.Say(ctx, "page.profiles.lead")},
	}
	b.parts = []templ.Component{
		inset(design.Say(ctx, "page.profiles.not_advice")),
		heading2(design.Say(ctx, "page.profile.periods"), "periods"), paragraph(design.Say(ctx, "page.profile.periods_lead")), stackedList(periodLines(ctx, x.Periods, "page.profile.no_periods")),
		heading2(design.Say(ctx, "page.profile.numbers"), "numbers"), design.SummaryList(profileRows(ctx, x)), gridTable(disputeStages(ctx, x)),
	}
	var binding, others []models.Rule
	for _, r := range x.Rules {
		if r.Status == inForce {
			binding = append(binding, r)
		} else {
			others = append(others, r)
		}
	}
	for _, x := range []struct {
		which string
		all   []models.Rule
	}{{"binding", binding}, {"others", others}} {
		b.parts = append(b.parts, heading2(design.Say(ctx, "page.rules."+x.which), "rules-"+x.which), paragraph(design.Say(ctx, "page.rules."+x.which+"_lead")), gridTable(ruleGrid(ctx, x.all, x.which)))
	}
	return p.showBoard(c, b)
}

// profileRows are the numbers of a profile, each with what it is for.
func profileRows(ctx context.Context, x models.Profile) []design.Row {
	var langs []string
	for _, l := range x.Languages {
		langs = append(langs, design.Say(ctx, "language."+string(l)))
	}
	var items []string
	for _, i := range x.Items {
		text := strconv.Itoa(i.No)
		if len(i.Classes) > 0 {
			var classes []string
			for _, k := range i.Classes {
				classes = append(classes, string(k))
			}
			text = design.Say(ctx, "page.profile.item_for", "no", text, "classes", strings.Join(classes, ", "))
		}
		items = append(items, text)
	}
	pauses := "page.profile.pauses_no"
	if x.PausesOnCancelled {
		pauses = "page.profile.pauses_yes"
	}
	rows := []design.Row{
		factOf(ctx, "page.profile.cut_off", plain(models.HourMinute(x.CutOff))), factOf(ctx, "page.profile.languages", plain(orNone(ctx, strings.Join(langs, ", ")))),
		factOf(ctx, "page.profile.sufficient", plain(design.Say(ctx, "evidence."+string(x.Sufficient)))), factOf(ctx, "page.profile.items", plain(strings.Join(items, ", "))),
		factOf(ctx, "page.profile.cancelled", plain(design.Say(ctx, pauses))),
	}
	for _, n := range []struct {
		key string
		n   int
	}{
		{"inform", x.InformWithin},
		{"silent", x.SilentDays},
		{"request", x.RequestDays},
		{"response", x.ResponseDays},
		{"challenge", x.ChallengeDays},
		{"override", x.OverrideDays},
		{"withhold", x.WithholdDays},
		{"hold", x.HoldDays},
		{"review", x.ReviewMonths},
		{"people", x.LeastPeople},
		{"training", x.TrainingShare},
	} {
		rows = append(rows, factOf(ctx, "page.profile."+n.key, plain(strconv.Itoa(n.n))))
	}
	return rows
}

func disputeStages(ctx context.Context, x models.Profile) grid {
	g := grid{title: design.Say(ctx, "page.profile.disputes"), caption: design.Say(ctx, "page.profile.disputes"), none: design.Say(ctx, "page.profile.no_disputes"), heads: heads(ctx, "stage", "duedays", "statusquo", "outside")}
	for _, s := range x.Disputes {
		quo := design.Say(ctx, "page.profile.moves_on")
		if s.StatusQuo {
			quo = design.Say(ctx, "page.profile.stands_still")
		}
		g.rows = append(g.rows, []templ.Component{written(design.In(ctx, s.Name)), plain(strconv.Itoa(s.DueDays)), plain(quo), plain(orNone(ctx, s.Outside))})
	}
	return g
}

// ruleGrid says what each rule means. Only what is in force is ever called binding.
func ruleGrid(ctx context.Context, all []models.Rule, which string) grid {
	g := grid{
		caption: design.Say(ctx, "page.rules."+which+"_caption"), none: design.Say(ctx, "page.rules."+which+"_none"),
		heads: heads(ctx, "rule", "rulestatus", "trigger", "audience", "least", "source"),
	}
	for _, r := range all {
		key := strings.ReplaceAll(r.Status, " ", "_")
		status := []templ.Component{design.Tag(design.Say(ctx, "ruleStatus."+key), map[string]string{inForce: "green", "vetoed": "red", "guidance": "blue"}[r.Status])}
		if r.Status != inForce {
			status = append(status, plain(design.Say(ctx, "page.rule."+key)))
		}
		if r.AppliesFrom != 0 {
			status = append(status, plain(design.Say(ctx, "page.rule.from", "from", r.AppliesFrom)))
		}
		least := design.Say(ctx, "page.rule.no_days")
		if r.MinimumDays > 0 {
			least = design.Say(ctx, "page.rule.days", "days", r.MinimumDays)
		}
		g.rows = append(g.rows, []templ.Component{
			stack(plain(r.Code), written(english(ctx, r.Jurisdiction))), stacked(status), stack(written(english(ctx, r.Trigger)), plain(design.Say(ctx, "ruleTiming."+strings.ReplaceAll(r.Timing, " ", "_")))),
			written(english(ctx, r.Audience)), plain(least), stack(written(english(ctx, r.Source)), plain(design.Say(ctx, "page.rule.checked", "on", r.CheckedOn))),
		})
	}
	return g
}
