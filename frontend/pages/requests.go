package pages

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// AskForm asks what a union wants to know.
func (p *Pages) AskForm(c *gin.Context) error { return p.showAsk(c, url.Values{}, faults{}) }

func (p *Pages) showAsk(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	d, err := p.mayOn(ctx, param(c, "ref"), "request.ask")
	if err != nil {
		return err
	}
	profile, err := p.profile(ctx)
	if err != nil {
		return err
	}
	s := sheet{
		title: design.Say(ctx, "page.request.ask"), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/requests/new", faults: wrong, at: "question",
		lead:   []string{d.Ref + ": " + design.In(ctx, d.Record.Name).Text, design.Say(ctx, "page.request.ask_lead", "days", profile.RequestDays)},
		button: design.Say(ctx, "page.request.ask_button"), hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
	}
	if unions := p.speaksFor(ctx); len(unions) > 1 {
		s.ask = append(s.ask, ask(ctx, "union", "commentunion", v.Get("union")).oneOf(append([]design.Option{{Text: design.Say(ctx, "page.choose")}}, unions...)))
	}
	s.ask = append(s.ask, ask(ctx, "question", "requestquestion", v.Get("question")).text("6"))
	return p.show(c, s)
}

// Ask takes a union's information request; its clock begins.
func (p *Pages) Ask(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	v := typedAnswers(c, "question")
	q, err := p.Register.Ask(keyed(ctx, v.Get("key")), web.Actor(ctx), ref, v.Get("union"), v.Get("question"))
	switch {
	case sentBefore(err):
		return p.done(c, "/deployments/"+ref+"#requests", "page.request.sent_before")
	case again(err):
		return p.showAsk(c, v, faultsOf(ctx, err))
	case err != nil:
		return err
	}
	return p.done(c, "/deployments/"+ref+"#requests", "page.request.asked_done", "request", q.No, "due", q.DueOn)
}

// requestDoing are what can be done to an information request.
var requestDoing = map[string]string{"answer": "request.answer", "withhold": "request.withhold", "challenge": "request.challenge"}

// requestDos are the same in the order in which they are offered.
var requestDos = []string{"answer", "withhold", "challenge"}

// RequestForm asks for one thing to be done to an information request.
func (p *Pages) RequestForm(c *gin.Context) error { return p.showRequest(c, url.Values{}, faults{}) }

func (p *Pages) showRequest(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	do := param(c, "do")
	act, known := requestDoing[do]
	if !known {
		return models.Missing("page")
	}
	q, err := p.Register.Request(ctx, a, param(c, "no"))
	if err != nil {
		return err
	}
	if !slices.Contains(q.Can, act) {
		return models.Fail(models.Forbidden, "forbidden").With("act", act)
	}
	if wrong.stale { // the page shows how things stand now
		v.Set("version", strconv.Itoa(q.Version))
	}
	s := sheet{
		title: design.Say(ctx, "page.request."+do, "request", q.No), crumbs: deploymentCrumbs(ctx, q.Ref), path: "/requests/" + q.No + "/" + do, faults: wrong, at: "text", stale: wrong.stale,
		lead:   []string{design.Say(ctx, "page.requests.asked", "time", design.Instant(ctx, q.AskedAt), "due", q.DueOn), design.Say(ctx, "page.request."+do+".lead")},
		before: requestWords(q), button: design.Say(ctx, "page.request."+do+".button", "union", q.UnionAbbrev), hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(q.Version))}},
	}
	if do == "withhold" {
		s.at = "ground"
		s.ask = append(s.ask, ask(ctx, "ground", "withholdground", v.Get("ground")).text("3"), dated(ask(ctx, "expiresOn", "withholduntil", ""), partsOf(v, "expiresOn")))
	}
	s.ask = append(s.ask, ask(ctx, "text", "request"+do, v.Get("text")).text("6"))
	return p.show(c, s)
}

// StepRequest does one thing to an information request.
func (p *Pages) StepRequest(c *gin.Context) error {
	ctx := c.Request.Context()
	a, no, do := web.Actor(ctx), param(c, "no"), param(c, "do")
	v := typedAnswers(c, "text", "ground")
	q, err := p.Register.Request(ctx, a, no)
	if err != nil {
		return err
	}
	switch do {
	case "answer":
		_, err = p.Register.Answer(ctx, a, no, readVersion(v), v.Get("text"))
	case "withhold":
		var f models.Faults
		until := dayTyped(&f, v, "expiresOn")
		if err = f.Err(); err == nil {
			_, err = p.Register.Withhold(ctx, a, no, readVersion(v), v.Get("ground"), until, v.Get("text"))
		}
	case "challenge":
		_, err = p.Register.Challenge(ctx, a, no, readVersion(v), v.Get("text"))
	default:
		return models.Missing("page")
	}
	if again(err) && slices.Contains(q.Can, requestDoing[do]) {
		return p.showRequest(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+q.Ref+"#request-"+q.ID, "page.request."+do+".done", "request", no)
}

// requestLinks are what the reader may do to a request.
func requestLinks(q register.RequestView) []string {
	var out []string
	for _, do := range requestDos {
		if slices.Contains(q.Can, requestDoing[do]) {
			out = append(out, do)
		}
	}
	return out
}
