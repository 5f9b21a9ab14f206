package frontend

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/models"
)

func TestSavedViews(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	b := s.as(t, "unison")
	shown := "stage=noticed&cols=area&cols=late&sort=name"
	b.get(t, "/en/register?"+shown).wants(t, 200, d.Ref, "Service area", "Keep this view").without(t, "Your views")
	b.post(t, "/en/register/views", url.Values{"query": {shown}}).wants(t, 422, "A name for this view: Give an answer.", d.Ref, "Service area")
	b.post(t, "/en/register/views", url.Values{"query": {shown}, "name": {strings.Repeat("x", 61)}}).wants(t, 422, "A name for this view: Use 60 characters or fewer.").keeps(t, strings.Repeat("x", 61))
	to, saved := b.follow(t, "/en/register/views", url.Values{"query": {shown + "&nonsense=1"}, "name": {"  Being  consulted "}})
	saved.wants(t, 200, "The view has been kept.", "Your views", "Being consulted", d.Ref)
	if to != "/en/register?cols=area&cols=late&sort=name&stage=noticed" {
		t.Error(to)
	}
	b.post(t, "/en/register/views", url.Values{"query": {"stage=live"}, "name": {"Being consulted"}}).wants(t, 422, "“Being consulted” is there more than once.")
	b.get(t, "/cy/register").wants(t, 200, "Eich golygon", "Being consulted")
	s.as(t, "rep").get(t, "/en/register").wants(t, 200).without(t, "Being consulted")
	s.browser().get(t, "/en/register").wants(t, 200, d.Ref).without(t, "Keep this view")
	s.browser().post(t, "/en/register/views", url.Values{"query": {""}, "name": {"Mine"}}).wants(t, 401)
	views := need(s.SavedViews(t.Context(), s.Officer))(t)
	s.as(t, "gmb").post(t, "/en/register/views/"+views[0].ID+"/remove", url.Values{}).wants(t, 404)
	_, removed := b.follow(t, "/en/register/views/"+views[0].ID+"/remove", url.Values{})
	removed.wants(t, 200, "The view has been removed.").without(t, "Your views")
}

func TestRegisterOfAPastDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	then := models.DateOf(s.Clock.Now(), s.Org.Location())
	s.Clock.Set(s.Clock.Now().Add(72 * time.Hour))
	b := s.as(t, "cdo")
	at := func(day models.Date) string {
		x := day.Time()
		return fmt.Sprintf("at-day=%d&at-month=%d&at-year=%d", x.Day(), int(x.Month()), x.Year())
	}
	page := b.get(t, "/en/register?"+at(then)+"&use=rostering").wants(t, 200, "The register as it was at the end of", d.Ref, "1 deployment")
	linkWith(t, page.body, "/deployments/"+d.Ref+"/as-at/"+then.String())
	b.get(t, "/cy/register?"+at(then)).wants(t, 200, "Y gofrestr fel yr oedd ar ddiwedd")
	b.get(t, "/en/register?"+at(then-1)).wants(t, 200, "There is nothing on the register that you may read yet.").without(t, d.Ref)
	b.get(t, "/en/register?"+at(then)+"&stage=live").wants(t, 200, "Nothing matches").without(t, d.Ref)
	b.get(t, "/en/register?at-day=31&at-month=2&at-year=2026").wants(t, 422, "As it was on: “31 2 2026” is not a date", d.Ref).keeps(t, "31")
	b.get(t, "/en/register?"+at(then+9)).wants(t, 422, "As it was on: Give a date that is not in the future.", d.Ref)
	csv := b.get(t, "/en/register.csv?"+at(then)+"&cols=stage")
	if want := "Reference,Name (English),Name (Welsh),Stage\n" + d.Ref + ",Draft case notes,,Notice served\n"; !strings.HasPrefix(strings.ReplaceAll(csv.body, d.NameCy, ""), want) {
		t.Errorf("%s\nwant %s", csv.body, want)
	}
}

func TestRegisterFileIsWhatIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rec := s.Record()
	for i := range 30 {
		rec.Name = models.Text{En: fmt.Sprintf("=Tool %02d", i)}
		need(s.RegisterDeployment(t.Context(), s.CDO, register.Registration{Record: rec}))(t)
	}
	rec.Name.En, rec.UseFamily = "Another", "search"
	need(s.RegisterDeployment(t.Context(), s.CDO, register.Registration{Record: rec}))(t)
	b := s.as(t, "cdo")
	page := b.get(t, "/en/register?use=drafting&sort=name&cols=use&cols=area").wants(t, 200, "30 deployments", "=Tool 24", "Drafting").without(t, "=Tool 25", "Another")
	linkWith(t, page.body, "/en/register.csv?cols=area&amp;cols=use&amp;sort=name&amp;use=drafting")
	file := b.get(t, "/en/register.csv?use=drafting&sort=name&cols=use&cols=area")
	lines := strings.Split(strings.TrimSpace(file.body), "\n")
	if len(lines) != 31 || lines[0] != "Reference,Name (English),Name (Welsh),Service area,Use" || !strings.Contains(lines[30], "'=Tool 29,,"+s.Area.NameEn+",Drafting") {
		t.Errorf("%d lines\n%s\n%s", len(lines), lines[0], lines[len(lines)-1])
	}
	if n := strings.Count(s.browser().get(t, "/en/register.csv").body, "\n"); n != 1 {
		t.Errorf("nobody reads %d lines of what is not published", n)
	}
	b.get(t, "/en/register?q=Tool&use=drafting&stage=live").wants(t, 200, "Nothing matches", "Something is found when one of these is left out:", "Leave out “Stage: Live”", "(30 deployments)").without(t, "Leave out “Use", "Leave out “Search")
	b.get(t, "/en/register?area="+s.Area.ID).wants(t, 200, "31 deployments", s.Area.NameEn)
	b.get(t, "/en/register?ai=nonsense&risk=nonsense&area=nonsense").wants(t, 200, "31 deployments")
}

func TestScrutinyPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	need(s.MakeComment(t.Context(), s.Rep, d.Ref, register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: "Caseloads must not rise."}))(t)
	need(s.RecordOutcome(t.Context(), s.CDO, d.Ref, 0, s.Unison.ID, "not_agreed", "We differ on load.", 0))(t)
	need(s.StateOutcome(t.Context(), s.Officer, d.Ref, 1, s.Unison.ID, "You have not measured it."))(t)
	b := s.as(t, "councillor")
	page := b.get(t, "/en/scrutiny").wants(t, 200, "Union comments without an answer", "Marked late", "Ask for an action")
	for _, q := range store.Questions {
		linkWith(t, page.body, "/en/register?ask="+string(q))
		b.get(t, "/en/register?ask="+string(q)).wants(t, 200, "All the questions")
		b.get(t, "/cy/register?ask="+string(q)).wants(t, 200, "Yr holl gwestiynau")
	}
	b.get(t, "/en/register?ask=comments_unanswered").wants(t, 200, d.Ref, "What the employer and the unions say", "UNISON: Not agreed", "We differ on load.", "You have not measured it.", "Ask for an action about "+d.Ref)
	b.get(t, "/en/register?ask=late").wants(t, 200, "Nothing matches").without(t, d.Ref)
	b.get(t, "/en/register?ask=nonsense").wants(t, 200, d.Ref)
	b.get(t, "/cy/scrutiny").wants(t, 200, "Adolygiad yn hwyr")
	for who, status := range map[string]int{"cdo": 200, "manager": 200, "auditor": 200, "unison": 403, "rep": 403, "gmb": 403, "admin": 403} {
		x := s.as(t, who)
		x.get(t, "/en/scrutiny").wants(t, status)
		if who == "unison" {
			x.get(t, "/en/register?ask=disputed").wants(t, 422)
		}
		if strings.Contains(x.get(t, "/en").body, `href="/en/scrutiny"`) {
			t.Errorf("%s has the questions in the menu", who)
		}
	}
	s.as(t, "cdo").get(t, "/en/register?ask=comments_unanswered").wants(t, 200, "We differ on load.").without(t, "Ask for an action about")
	s.as(t, "auditor").get(t, "/en/reports").wants(t, 200, "The questions that councillors may want to ask")
	s.as(t, "gmb").get(t, "/en/reports").wants(t, 200).without(t, "The questions that councillors")
}
