package pages

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// termQuestions are what may change in an agreement, but for its periods.
func termQuestions(ctx context.Context, v url.Values) []question {
	return []question{
		dated(ask(ctx, "to", "agreementend", ""), partsOf(v, "to")), dated(ask(ctx, "electronicFrom", "electronicfrom", ""), partsOf(v, "electronicFrom")),
		ask(ctx, "contested", "contested", "").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.yes")}}, v["contested"]),
		ask(ctx, "contestedNote", "contestednote", v.Get("contestedNote")).text("3"),
	}
}

func (p *Pages) rowed(c *gin.Context, f rowedForm) error {
	f.sheet = f.sheet.settle()
	status := f.sheet.status()
	if status == http.StatusOK && len(f.list()) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, rowedPage(f))
}

// NewRecognitionForm asks for an agreement.
func (p *Pages) NewRecognitionForm(c *gin.Context) error {
	return p.newRecognition(c, url.Values{}, faults{}, nil)
}

func (p *Pages) newRecognition(c *gin.Context, v url.Values, wrong faults, cells map[string]string) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "recognition.agree"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	return p.rowed(c, rowedForm{
		sheet: sheet{
			title: design.Say(ctx, "page.recognitions.add"), crumbs: recognitionCrumbs(ctx), path: "/organisation/recognitions/new", faults: wrong, at: "branch", button: design.Say(ctx, "page.recognition.add_button"),
			lead: []string{design.Say(ctx, "page.recognition.stays")},
			ask: append([]question{
				ask(ctx, "branch", "recognisedbranch", v.Get("branch")).oneOf(s.branchOptions(ctx)), ask(ctx, "bargainingUnit", "recognisedunit", v.Get("bargainingUnit")).oneOf(s.unitOptions(ctx, "page.choose")),
				ask(ctx, "subjects", "subjects", v.Get("subjects")).text("3"), dated(ask(ctx, "from", "agreementfrom", ""), partsOf(v, "from")),
			}, termQuestions(ctx, v)...),
		},
		title: design.Say(ctx, "page.recognition.periods"), lead: design.Say(ctx, "page.recognition.periods_lead"), rows: periodTable(ctx, v, cells),
	})
}

// termsTyped reads what may change in an agreement.
func termsTyped(ctx context.Context, f *models.Faults, v url.Values, cells map[string]string) (r models.Recognition, at []int) {
	r.To, r.ElectronicFrom = dayTyped(f, v, "to"), dayTyped(f, v, "electronicFrom")
	r.Contested, r.ContestedNote = v.Get("contested") == "yes", strings.TrimSpace(v.Get("contestedNote"))
	r.Periods, at = periodsTyped(ctx, v, cells)
	return r, at
}

// Agree records an agreement, or offers another row.
func (p *Pages) Agree(c *gin.Context) error {
	ctx := c.Request.Context()
	v, cells := typedAnswers(c, "contestedNote", "subjects"), map[string]string{}
	if v.Get("do") == "add.periods" {
		v.Set("count.periods", strconv.Itoa(periodCount(v)+1))
		return p.newRecognition(c, v, faults{}, cells)
	}
	var f models.Faults
	r, at := termsTyped(ctx, &f, v, cells)
	r.BranchID, r.BargainingUnitID, r.From = v.Get("branch"), v.Get("bargainingUnit"), dayTyped(&f, v, "from")
	for line := range strings.Lines(v.Get("subjects")) {
		if line = strings.TrimSpace(line); line != "" {
			r.Subjects = append(r.Subjects, line)
		}
	}
	// Whose branch it is says which union agrees.
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	r.UnionID = s.branchOf(r.BranchID).UnionID
	if err = f.Err(); err == nil && len(cells) == 0 {
		_, err = p.Register.Agree(ctx, web.Actor(ctx), r)
	}
	if again(err) || len(cells) > 0 {
		wrong := periodFaults(ctx, err, at, cells)
		if wrong.by["branch"] != "" {
			delete(wrong.by, "union") // the branch says it
		}
		return p.newRecognition(c, v, wrong, cells)
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/recognitions", "page.recognition.added")
}

// recognition finds one agreement.
func (p *Pages) recognition(c *gin.Context) (models.Recognition, structure, error) {
	ctx := c.Request.Context()
	all, err := p.Register.Recognitions(ctx, web.Actor(ctx))
	if err != nil {
		return models.Recognition{}, structure{}, err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return models.Recognition{}, s, err
	}
	for _, r := range all {
		if r.ID == param(c, "id") {
			return r, s, nil
		}
	}
	return models.Recognition{}, s, models.Missing("recognition")
}

// RecognitionForm asks what has changed in an agreement, or that it ends.
func (p *Pages) RecognitionForm(c *gin.Context) error {
	r, s, err := p.recognition(c)
	if err != nil {
		return err
	}
	return p.changeRecognition(c, r, s, recognitionValues(r), faults{}, nil, nil)
}

func recognitionValues(r models.Recognition) url.Values {
	v := url.Values{"version": {strconv.Itoa(r.Version)}, "contestedNote": {r.ContestedNote}, "count.periods": {strconv.Itoa(len(r.Periods))}}
	if r.Contested {
		v.Set("contested", "yes")
	}
	setDay(v, "to", r.To)
	setDay(v, "electronicFrom", r.ElectronicFrom)
	for i, x := range r.Periods {
		at := rowName("periods", i)
		clear := ""
		if x.Clear {
			clear = "yes"
		}
		for j, text := range []string{string(x.Class), string(x.Trigger), strconv.Itoa(x.Days), string(x.Kind), clear, x.Source} {
			v.Set(at+periodCells[j], text)
		}
	}
	return v
}

// setDay fills a question for a date.
func setDay(v url.Values, name string, d models.Date) {
	if d == 0 {
		return
	}
	y, m, day := d.Time().Date()
	v.Set(name+"-day", strconv.Itoa(day))
	v.Set(name+"-month", strconv.Itoa(int(m)))
	v.Set(name+"-year", strconv.Itoa(y))
}

func (p *Pages) changeRecognition(c *gin.Context, r models.Recognition, s structure, v url.Values, wrong faults, cells map[string]string, before templ.Component) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "recognition.change"); err != nil {
		return err
	}
	return p.rowed(c, rowedForm{
		sheet: sheet{
			title:  design.Say(ctx, "page.recognition.change_one", "union", s.union(r.UnionID), "unit", s.unit(r.BargainingUnitID)),
			crumbs: recognitionCrumbs(ctx), path: "/organisation/recognitions/" + r.ID, faults: wrong, at: "contestedNote", button: design.Say(ctx, "page.recognition.button"),
			lead:   []string{design.Say(ctx, "page.recognition.began", "branch", s.branchOf(r.BranchID).Name, "from", r.From, "subjects", subjects(ctx, r.Subjects)), design.Say(ctx, "page.recognition.stays")},
			hidden: []pair{{"version", v.Get("version")}}, ask: termQuestions(ctx, v),
		}.beside(before),
		title: design.Say(ctx, "page.recognition.periods"), lead: design.Say(ctx, "page.recognition.periods_lead"), rows: periodTable(ctx, v, cells),
	})
}

// ChangeRecognition changes an agreement, or offers another row.
func (p *Pages) ChangeRecognition(c *gin.Context) error {
	ctx := c.Request.Context()
	now, s, err := p.recognition(c)
	if err != nil {
		return err
	}
	v, cells := typedAnswers(c, "contestedNote"), map[string]string{}
	if v.Get("do") == "add.periods" {
		v.Set("count.periods", strconv.Itoa(periodCount(v)+1))
		return p.changeRecognition(c, now, s, v, faults{}, cells, nil)
	}
	var f models.Faults
	in, at := termsTyped(ctx, &f, v, cells)
	if err = f.Err(); err == nil && len(cells) == 0 {
		_, err = p.Register.ChangeRecognition(ctx, web.Actor(ctx), readVersion(v), now.ID, in.To, in.Contested, in.ContestedNote, in.ElectronicFrom, in.Periods)
	}
	if err == nil && len(cells) == 0 {
		return p.done(c, "/organisation/recognitions", "page.recognition.changed")
	}
	if err != nil && !again(err) {
		return err
	}
	wrong := periodFaults(ctx, err, at, cells)
	if models.KindOf(err) != models.Stale {
		return p.changeRecognition(c, now, s, v, wrong, cells, nil)
	}
	v.Set("version", strconv.Itoa(now.Version))
	return p.changeRecognition(c, now, s, v, wrong, cells, collision(ctx, termDifferences(ctx, now, in)))
}

func termDifferences(ctx context.Context, now, yours models.Recognition) []difference {
	words := func(r models.Recognition) []string {
		contested := ""
		if r.Contested {
			contested = design.Say(ctx, "page.yes")
		}
		var periods []string
		for _, x := range r.Periods {
			periods = append(periods, periodWords(ctx, x))
		}
		return []string{design.ShortDay(ctx, r.To), design.ShortDay(ctx, r.ElectronicFrom), contested, r.ContestedNote, strings.Join(periods, "; ")}
	}
	var out []difference
	a, b := words(now), words(yours)
	for i, key := range []string{"page.ask.agreementend", "page.ask.electronicfrom", "page.ask.contested", "page.ask.contestednote", "page.recognition.periods"} {
		out = append(out, difference{design.Say(ctx, key), a[i], b[i]})
	}
	return out
}
