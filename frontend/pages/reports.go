package pages

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// reportKinds are the reports on offer.
var reportKinds = []register.ReportKind{register.ReportAnnual, register.ReportScrutiny}

// reportForms are the forms that a report is taken away in.
var reportForms = []string{"pdf", "docx", "html"}

// Reports lists the years that there are reports of.
func (p *Pages) Reports(c *gin.Context) error {
	ctx := c.Request.Context()
	years, err := p.Register.ReportYears(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, reportsPage(years, offered(web.Actor(ctx))))
}

// offered are the reports that somebody may read: what councillors are told is
// not told to a union that is no party to it.
func offered(a models.Actor) []register.ReportKind {
	if a.EmployerSide() || a.Has(models.RoleScrutiny) || a.Has(models.RoleAuditor) {
		return reportKinds
	}
	return []register.ReportKind{register.ReportAnnual}
}

// yearReport is a report on its page.
type yearReport struct {
	kind register.ReportKind
	year int
	doc  register.ReportDocument
	// mine are the unions for which the reader may say what they make of it.
	mine  []design.Option
	may   bool
	form  sheet
	waits []string
}

// Report shows a report of a year.
func (p *Pages) Report(c *gin.Context) error { return p.report(c, faults{}, positionAnswers{}) }

// positionAnswers are what somebody said a union makes of a report.
type positionAnswers struct{ agrees, statement, union string }

func reportOf(c *gin.Context) (register.ReportKind, int, error) {
	kind := register.ReportKind(param(c, "report"))
	year, err := strconv.Atoi(param(c, "year"))
	if err != nil || !slices.Contains(reportKinds, kind) {
		return kind, 0, models.Missing("report")
	}
	return kind, year, nil
}

func (p *Pages) report(c *gin.Context, f faults, said positionAnswers) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	kind, year, err := reportOf(c)
	if err != nil {
		return err
	}
	v := yearReport{kind: kind, year: year, may: p.allowed(ctx, a)["report.export"] || holds(a, "report.export")}
	if v.doc, err = p.Register.Report(ctx, a, kind, year, design.Of(ctx).Lang); err != nil {
		return err
	}
	y, err := p.Register.AnnualReport(ctx, a, year)
	if err != nil {
		return err
	}
	for _, u := range y.Missing() {
		v.waits = append(v.waits, u.Abbreviation)
	}
	if holds(a, "position.state") {
		v.form = positionSheet(ctx, kind, year, f, said)
	}
	status := http.StatusOK
	if f.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, reportPage(v))
}

func positionSheet(ctx context.Context, kind register.ReportKind, year int, f faults, said positionAnswers) sheet {
	agrees := ask(ctx, "agrees", "agrees", said.agrees).oneOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.position.yes")}, {Value: "no", Text: design.Say(ctx, "page.position.no")}})
	agrees.hints = []string{"", ""}
	return sheet{
		path: fmt.Sprintf("/reports/%s/%d", kind, year), button: design.Say(ctx, "page.position.button"), faults: f, at: "agrees",
		ask: []question{agrees, ask(ctx, "statement", "position", said.statement).text("6")},
	}.settle()
}

// StatePosition says what the reader's union makes of a year's report.
func (p *Pages) StatePosition(c *gin.Context) error {
	ctx := c.Request.Context()
	kind, year, err := reportOf(c)
	if err != nil {
		return err
	}
	said := positionAnswers{agrees: typed(c, "agrees"), statement: clean2(c.PostForm("statement"))}
	if said.agrees != "yes" && said.agrees != "no" {
		return p.report(c, fault("agrees", design.Say(ctx, "field.required")), said)
	}
	_, err = p.Register.StatePosition(ctx, web.Actor(ctx), year, "", said.agrees == "yes", said.statement, design.Of(ctx).Lang)
	if again(err) {
		return p.report(c, faultsOf(ctx, err), said)
	}
	if err != nil {
		return err
	}
	return p.done(c, fmt.Sprintf("/reports/%s/%d", kind, year), "page.position.done")
}

// clean2 keeps the line breaks of a text of several lines.
func clean2(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n") }

// ReportFile is a report to be taken away.
func (p *Pages) ReportFile(c *gin.Context) error {
	ctx := c.Request.Context()
	kind, year, err := reportOf(c)
	if err != nil {
		return err
	}
	form, ok := strings.CutPrefix(param(c, "file"), "document.")
	media := register.ReportForms[form]
	if !ok || media == "" {
		return models.Missing("file")
	}
	var b bytes.Buffer
	l := design.Of(ctx).Lang
	if err := p.Register.WriteReport(ctx, web.Actor(ctx), kind, year, form, l, &b); err != nil {
		return err
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d-%s.%s"`, kind, year, l, form))
	c.Data(http.StatusOK, media, b.Bytes())
	return nil
}
