package register

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// AnnualReport is the social-partnership report of a financial year, as the log
// is now: from the same log come the same numbers.
func (r *Register) AnnualReport(ctx context.Context, a models.Actor, year int) (models.YearReport, error) {
	if err := r.check(a, "report.read", own(a)); err != nil {
		return models.YearReport{}, err
	}
	y, _, err := r.annualReport(ctx, a.OrgID, year)
	return y, err
}

// annualReport reads the year, and gives the instant of the log's last entry.
func (r *Register) annualReport(ctx context.Context, orgID string, year int) (models.YearReport, time.Time, error) {
	y := models.YearReport{Year: year}
	org, err := r.store.Organisation(ctx, orgID)
	if err != nil {
		return y, time.Time{}, err
	}
	today := models.DateOf(r.Now(), org.Location())
	if year < 2000 || year > models.FinancialYear(today) {
		return y, time.Time{}, field("year", "out_of_range", "min", "2000", "max", itoa(models.FinancialYear(today)))
	}
	y.First, y.Last = models.YearBounds(year)
	var at time.Time
	if y.Size, at, err = r.store.LedgerHead(ctx, orgID); err != nil {
		return y, at, err
	}
	root, err := ledger.TreeRoot(y.Size, r.store.Nodes(ctx, orgID))
	if err != nil {
		return y, at, err
	}
	y.Root = hex.EncodeToString(root[:])
	g := &yearbook{ctx: ctx, rd: r.store.Reader, org: orgID, zone: org.Location(), in: store.Within{From: y.First.At(0, 0, org.Location()).UTC(), Until: (y.Last + 1).At(0, 0, org.Location()).UTC()}}
	for _, part := range []func() (models.YearPart, error){g.registered, g.comments, g.requests, g.meetings, g.claims, g.disagreements, g.engagement} {
		p, err := part()
		if err != nil {
			return y, at, err
		}
		y.Parts = append(y.Parts, p)
	}
	if y.Unions, err = r.store.RecognisedIn(ctx, orgID, y.First, y.Last); err != nil {
		return y, at, err
	}
	if y.Positions, err = r.store.Positions(ctx, orgID, year, at.Add(time.Microsecond)); err != nil {
		return y, at, err
	}
	if y.Empty() {
		return y, at, models.Fail(models.Conflict, "report_empty").With("year", itoa(year))
	}
	return y, at, nil
}

// yearbook gathers the figures of a year.
type yearbook struct {
	ctx  context.Context //nolint:containedctx // lives as long as its call
	rd   store.Reader
	org  string
	zone *time.Location
	in   store.Within
}

// figure counts the rows that are of a kind; none named is all.
func figure(key string, rows []store.YearRow, path func(store.YearRow) string, is func(store.YearRow) bool) models.YearFigure {
	f := models.YearFigure{Key: key}
	for _, row := range rows {
		if is == nil || is(row) {
			f.Records = append(f.Records, models.Traced{No: row.No, Path: path(row), Weight: 1})
		}
	}
	return f
}

func kind(kinds ...string) func(store.YearRow) bool {
	return func(r store.YearRow) bool { return slices.Contains(kinds, r.Kind) }
}

func ofDeployment(r store.YearRow) string { return "/deployments/" + r.Ref }

func numberedPage(page string) func(store.YearRow) string {
	return func(r store.YearRow) string { return "/" + page + "/" + r.No }
}

func listPage(page string) func(store.YearRow) string {
	if page == "" { // what is flagged has no page that everybody reads
		return func(store.YearRow) string { return "" }
	}
	return func(store.YearRow) string { return "/" + page }
}

func (g *yearbook) registered() (models.YearPart, error) {
	p := models.YearPart{Key: "registered"}
	made, err := g.rd.YearRegistered(g.ctx, g.org, g.in)
	if err != nil {
		return p, err
	}
	notices, err := g.rd.YearNotices(g.ctx, g.org, g.in)
	if err != nil {
		return p, err
	}
	firsts, err := g.rd.YearFirstNotices(g.ctx, g.org, g.in)
	if err != nil {
		return p, err
	}
	used, err := g.rd.YearFirstUse(g.ctx, g.org, g.in)
	if err != nil {
		return p, err
	}
	inTime := func(r store.YearRow) bool {
		return !r.Late && r.Kind != string(models.NoticeLate) && r.Kind != string(models.NoticeEmergency) && (r.Before == nil || r.At.Before(*r.Before))
	}
	lead := models.YearFigure{Key: "lead_median", Median: true}
	for _, u := range used {
		if u.Before != nil {
			days := int(models.DateOf(u.At, g.zone) - models.DateOf(*u.Before, g.zone))
			lead.Records = append(lead.Records, models.Traced{No: u.No, Path: ofDeployment(u), Weight: days})
		}
	}
	p.Figures = []models.YearFigure{
		figure("registered", made, ofDeployment, nil),
		figure("registered_late", made, ofDeployment, func(r store.YearRow) bool { return r.Late }),
		figure("notices_served", notices, numberedPage("notices"), nil),
		figure("noticed_in_time", firsts, ofDeployment, inTime),
		figure("noticed_late", firsts, ofDeployment, func(r store.YearRow) bool { return !inTime(r) }),
		lead,
	}
	overrides, err := g.rd.YearOverrides(g.ctx, g.org, g.in)
	p.Figures = append(p.Figures, figure("overrides", overrides, ofDeployment, nil))
	return p, err
}

func (g *yearbook) comments() (models.YearPart, error) {
	p := models.YearPart{Key: "comments"}
	rows, err := g.rd.YearComments(g.ctx, g.org, g.in)
	if err != nil {
		return p, err
	}
	p.Figures = []models.YearFigure{figure("comments", rows, ofDeployment, nil), figure("comments_late", rows, ofDeployment, func(r store.YearRow) bool { return r.Late })}
	for _, v := range models.Verdicts {
		p.Figures = append(p.Figures, figure("comments_"+v, rows, ofDeployment, kind(v)))
	}
	p.Figures = append(p.Figures, figure("comments_withdrawn", rows, ofDeployment, kind("withdrawn")), figure("comments_unanswered", rows, ofDeployment, kind("")))
	outcomes, err := g.rd.YearOutcomes(g.ctx, g.org, g.in)
	for _, o := range models.Outcomes {
		p.Figures = append(p.Figures, figure("outcomes_"+o, outcomes, ofDeployment, kind(o)))
	}
	return p, err
}

func (g *yearbook) requests() (models.YearPart, error) {
	rows, err := g.rd.YearRequests(g.ctx, g.org, g.in)
	if err != nil {
		return models.YearPart{}, err
	}
	refs, err := g.rd.RefsOf(g.ctx, g.org)
	asked, inTime, late, open, withheld := models.YearFigure{Key: "requests"}, models.YearFigure{Key: "requests_in_time"}, models.YearFigure{Key: "requests_late"}, models.YearFigure{Key: "requests_open"}, models.YearFigure{Key: "requests_withheld"}
	for _, q := range rows {
		t := models.Traced{No: q.No, Path: "/deployments/" + refs[q.DeploymentID], Weight: 1}
		asked.Records = append(asked.Records, t)
		var on models.Date
		held := false
		for _, e := range q.Events {
			switch {
			case e.Kind == "answered" && on == 0:
				on = models.DateOf(e.At, g.zone)
			case e.Kind == "withheld":
				held = true
			}
		}
		if held {
			withheld.Records = append(withheld.Records, t)
		}
		switch {
		case on == 0:
			open.Records = append(open.Records, t)
		case on <= q.DueOn:
			inTime.Records = append(inTime.Records, t)
		default:
			late.Records = append(late.Records, t)
		}
	}
	return models.YearPart{Key: "requests", Figures: []models.YearFigure{asked, inTime, late, open, withheld}}, err
}

func (g *yearbook) meetings() (models.YearPart, error) {
	rows, err := g.rd.YearMeetings(g.ctx, g.org, g.in)
	at := numberedPage("meetings")
	return models.YearPart{Key: "meetings", Figures: []models.YearFigure{
		figure("meetings_held", rows, at, kind("held")), figure("meetings_by_employer", rows, at, kind("by_employer")),
		figure("meetings_not_replaced", rows, at, func(r store.YearRow) bool { return r.Kind == "by_employer" && r.Weight == 1 }), figure("meetings_by_union", rows, at, kind("by_union")),
	}}, err
}

func (g *yearbook) claims() (models.YearPart, error) {
	rows, err := g.rd.YearResults(g.ctx, g.org, g.in)
	p := models.YearPart{Key: "claims"}
	for _, grade := range []string{"E0", "E1", "E2", "E3", "E4", "E5"} {
		p.Figures = append(p.Figures, figure("claims_"+grade, rows, numberedPage("claims"), kind(grade)))
	}
	return p, err
}

func (g *yearbook) disagreements() (models.YearPart, error) {
	p := models.YearPart{Key: "disagreements"}
	disputes, err := g.rd.YearNumbered(g.ctx, g.org, "disputes", g.in)
	if err != nil {
		return p, err
	}
	at := numberedPage("disputes")
	p.Figures = []models.YearFigure{figure("disputes", disputes, at, nil), figure("disputes_open", disputes, at, kind(""))}
	for _, o := range models.DisputeOutcomes {
		p.Figures = append(p.Figures, figure("disputes_"+o, disputes, at, kind(o)))
	}
	statements, err := g.rd.YearNumbered(g.ctx, g.org, "statements", g.in)
	if err != nil {
		return p, err
	}
	at = numberedPage("statements")
	p.Figures = append(p.Figures, figure("statements_agreed", statements, at, kind("agreed")), figure("statements_not_agreed", statements, at, kind("not_agreed")))
	barriers, err := g.rd.YearNumbered(g.ctx, g.org, "barriers", g.in)
	p.Figures = append(p.Figures, figure("barriers", barriers, listPage("barriers"), nil), figure("barriers_settled", barriers, listPage("barriers"), kind("settled")))
	return p, err
}

func (g *yearbook) engagement() (models.YearPart, error) {
	p := models.YearPart{Key: "engagement"}
	for _, f := range []struct{ key, what string }{{"invited", "invited"}, {"attended", "attended"}} {
		rows, err := g.rd.YearNumbered(g.ctx, g.org, f.what, g.in)
		if err != nil {
			return p, err
		}
		if f.key == "invited" {
			p.Figures = append(p.Figures, figure("engagements", rows, numberedPage("engagements"), nil))
		}
		people := models.YearFigure{Key: f.key}
		for _, row := range rows {
			people.Records = append(people.Records, models.Traced{No: row.No, Path: "/engagements/" + row.No, Weight: row.Weight})
		}
		p.Figures = append(p.Figures, people)
	}
	actions, err := g.rd.YearNumbered(g.ctx, g.org, "actions", g.in)
	if err != nil {
		return p, err
	}
	p.Figures = append(p.Figures, figure("actions", actions, listPage("actions"), nil), figure("actions_in_time", actions, listPage("actions"), kind("in_time")), figure("actions_late", actions, listPage("actions"), kind("late")))
	questions, err := g.rd.YearNumbered(g.ctx, g.org, "questionnaires", g.in)
	if err != nil {
		return p, err
	}
	p.Figures = append(p.Figures, figure("questionnaires", questions, numberedPage("questionnaires"), nil))
	flags, err := g.rd.YearNumbered(g.ctx, g.org, "flags", g.in)
	p.Figures = append(p.Figures, figure("flags", flags, listPage(""), nil))
	return p, err
}
