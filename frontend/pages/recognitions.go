package pages

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// Recognitions lists the agreements by which unions are recognised.
func (p *Pages) Recognitions(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	all, err := p.Register.Recognitions(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	today := models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location())
	g := grid{caption: design.Say(ctx, "page.recognitions.caption"), none: design.Say(ctx, "page.recognitions.none"), heads: heads(ctx, "union", "bargainingunit", "inforce", "subjects", "periods", "electronic", "status")}
	for _, r := range all {
		name := written(design.Line{Text: s.union(r.UnionID) + ": " + s.branchOf(r.BranchID).Name})
		if could(ctx, "recognition.change") {
			name = stack(name, shortLink("/organisation/recognitions/"+r.ID, design.Say(ctx, "page.recognition.change"), s.union(r.UnionID)+", "+s.unit(r.BargainingUnitID)))
		}
		text, colour := spell(ctx, r.From, r.To, today)
		status := []templ.Component{design.Tag(text, colour)}
		if r.Contested {
			status = append(status, design.Tag(design.Say(ctx, "page.recognition.contested"), "orange"), plain(r.ContestedNote))
		}
		g.rows = append(g.rows, []templ.Component{
			name, plain(s.unit(r.BargainingUnitID)), stack(dayCell(r.From), plain(design.Say(ctx, "page.recognition.until", "to", lastDay(ctx, r.To)))), plain(subjects(ctx, r.Subjects)),
			stacked(periodLines(ctx, r.Periods, "page.recognition.no_periods")), electronic(ctx, r.ElectronicFrom), stacked(status),
		})
	}
	b := board{
		title: design.Say(ctx, "page.recognitions.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.recognitions.lead")},
		do: offer(ctx, "recognition.agree", "page.recognitions.add", "/organisation/recognitions/new"), parts: []templ.Component{gridTable(g)},
	}
	b.do = append(b.do, offer(ctx, "organisation.read", "page.told.title", "/organisation/recognitions/who-would-be-told")...)
	return p.showBoard(c, b)
}

func recognitionCrumbs(ctx context.Context) []design.Crumb {
	return organisationCrumbs(ctx, design.Say(ctx, "page.recognitions.title"), "/organisation/recognitions")
}

func lastDay(ctx context.Context, d models.Date) string {
	if d == 0 {
		return design.Say(ctx, "page.recognition.open_ended")
	}
	return design.ShortDay(ctx, d)
}

func electronic(ctx context.Context, d models.Date) templ.Component {
	if d == 0 {
		return plain(design.Say(ctx, "page.recognition.not_electronic"))
	}
	return dayCell(d)
}

// subjects are what a recognition is for.
func subjects(ctx context.Context, all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		if out[i] = s; s == models.AllSubjects {
			out[i] = design.Say(ctx, "page.recognition.all_subjects")
		}
	}
	return strings.Join(out, ", ")
}

// periodLines are minimum periods in words.
func periodLines(ctx context.Context, all []models.Period, none string) []templ.Component {
	if len(all) == 0 {
		return []templ.Component{plain(design.Say(ctx, none))}
	}
	out := make([]templ.Component, len(all))
	for i, x := range all {
		out[i] = plain(periodWords(ctx, x))
	}
	return out
}

func periodWords(ctx context.Context, x models.Period) string {
	class := design.Say(ctx, "page.period.every_class")
	if x.Class != "" {
		class = design.Say(ctx, "changeClass."+string(x.Class))
	}
	text := design.Say(ctx, "page.period."+string(x.Kind), "class", class, "before", design.Say(ctx, "trigger."+string(x.Trigger)), "days", x.Days)
	if x.Clear {
		text += ", " + design.Say(ctx, "page.period.clear")
	}
	return text
}
