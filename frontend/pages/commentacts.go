package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// commentOn is what a comment is about: the address of its form says so.
type commentOn struct{ target, key string }

// said names what a comment is about, when it is not the deployment as a whole.
func (o commentOn) said(ctx context.Context) string {
	switch o.target {
	case "notice":
		no, item, one := strings.Cut(o.key, "#")
		if !one {
			return design.Say(ctx, "mail.notice.title", "no", no)
		}
		return design.Say(ctx, "page.comment.on_item", "notice", no, "item", item, "title", design.Say(ctx, "itemTitle."+item))
	case "impact":
		return design.Say(ctx, "page.comment.on_impact", "dimension", design.Say(ctx, "dimension."+o.key))
	case "claim":
		return design.Say(ctx, "page.comment.on_claim", "claim", o.key)
	default:
		return ""
	}
}

// known says whether the address names something that a comment can be about.
func (o commentOn) known() bool {
	switch o.target {
	case "":
		return true
	case "notice":
		_, item, one := strings.Cut(o.key, "#")
		n, err := strconv.Atoi(item)
		return !one || err == nil && n >= 1 && n <= 26
	case "impact":
		return slices.Contains(models.Dimensions, models.Dimension(o.key))
	case "claim":
		return o.key != ""
	default:
		return false
	}
}

// commentPath leads to the form for a comment on something.
func commentPath(ref, target, key string) string {
	return "/deployments/" + ref + "/comments/new?" + url.Values{"target": {target}, "key": {key}}.Encode()
}

// NewCommentForm asks for a comment on the deployment or one part of it.
func (p *Pages) NewCommentForm(c *gin.Context) error {
	q := design.Of(c.Request.Context()).Query
	v := url.Values{"target": {q.Get("target")}, "targetKey": {q.Get("key")}, "kind": {q.Get("kind")}}
	if q.Get("target") == "impact" {
		v.Set("dimension", q.Get("key"))
	}
	return p.showNewComment(c, v, faults{})
}

func (p *Pages) showNewComment(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	d, err := p.mayOn(ctx, param(c, "ref"), "comment.make")
	if err != nil {
		return err
	}
	on := commentOn{v.Get("target"), v.Get("targetKey")}
	if !on.known() {
		return models.Missing("page")
	}
	s := sheet{
		title: design.Say(ctx, "page.comment.title"), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/comments/new", faults: wrong, at: "body",
		lead: []string{d.Ref + ": " + design.In(ctx, d.Record.Name).Text}, button: design.Say(ctx, "page.comment.button"),
		hidden: []pair{{"target", on.target}, {"targetKey", on.key}, {"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
	}
	if about := on.said(ctx); about != "" {
		s.lead = append(s.lead, design.Say(ctx, "page.comment.about", "what", about))
	}
	s.lead = append(s.lead, design.Say(ctx, "page.comment.kept"))
	if unions := p.speaksFor(ctx); len(unions) > 1 {
		s.ask = append(s.ask, ask(ctx, "union", "commentunion", v.Get("union")).oneOf(append([]design.Option{{Text: design.Say(ctx, "page.choose")}}, unions...)))
	}
	kind := ask(ctx, "kind", "makekind", v.Get("kind")).oneOf(options(ctx, "", "commentKind.", models.CommentKinds))
	for _, k := range models.CommentKinds {
		kind.hints = append(kind.hints, hintFor(ctx, "page.comment.hint."+string(k)))
	}
	s.ask = append(s.ask, kind, ask(ctx, "dimension", "commentdimension", v.Get("dimension")).oneOf(options(ctx, "page.comment.no_dimension", "dimension.", models.Dimensions)),
		ask(ctx, "body", "commentbody", v.Get("body")).text("8"), ask(ctx, "language", "commentlanguage", otherwise(v.Get("language"), string(design.Of(ctx).Lang))).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh})),
		ask(ctx, "circle", "commentcircle", v.Get("circle")).oneOf(options(ctx, "", "circle.", []models.Circle{models.CircleParties, models.CircleScrutiny, models.CirclePublic})))
	return p.show(c, s)
}

// speaksFor are the unions that the reader may speak for.
func (p *Pages) speaksFor(ctx context.Context) []design.Option {
	names, err := p.parties(ctx)
	if err != nil {
		return nil // the form without a choice says that one is needed
	}
	var out []design.Option
	for _, id := range web.Actor(ctx).Unions() {
		out = append(out, design.Option{Value: id, Text: names.name(ctx, id)})
	}
	return out
}

// TakeComment takes a comment on the deployment or one part of it.
func (p *Pages) TakeComment(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	v := typedAnswers(c, "body")
	in := register.CommentInput{
		UnionID: v.Get("union"), Target: v.Get("target"), TargetKey: v.Get("targetKey"), Kind: models.CommentKind(v.Get("kind")), Dimension: models.Dimension(v.Get("dimension")),
		Circle: models.Circle(v.Get("circle")), Language: models.Language(v.Get("language")), Body: v.Get("body"),
	}
	_, err := p.Register.MakeComment(keyed(ctx, v.Get("key")), web.Actor(ctx), ref, in)
	if again(err) && !sentBefore(err) {
		return p.showNewComment(c, v, faultsOf(ctx, err))
	}
	if err != nil && !sentBefore(err) {
		return err
	}
	return p.done(c, "/deployments/"+ref+"#comments", "page.comment.done")
}

// commentDoing are what can be done to a comment, by the names in an address.
var commentDoing = map[string]string{
	"answer": "comment.dispose", "correct": "comment.correct", "withdraw": "comment.withdraw", "widen": "comment.widen", "redact": "comment.redact",
}

// commentDos are the same in the order in which they are offered.
var commentDos = []string{"answer", "correct", "widen", "withdraw", "redact"}

// CommentForm asks for one thing to be done to a comment.
func (p *Pages) CommentForm(c *gin.Context) error { return p.showCommentAct(c, url.Values{}, faults{}) }

func (p *Pages) showCommentAct(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if web.Actor(ctx).Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	do := param(c, "do")
	act, known := commentDoing[do]
	if !known {
		return models.Missing("page")
	}
	x, err := p.Register.Comment(ctx, web.Actor(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	if !slices.Contains(x.Can, act) {
		return cannotComment(x, act)
	}
	s := sheet{
		title: design.Say(ctx, "page.commentact."+do), crumbs: deploymentCrumbs(ctx, x.Ref), path: "/comments/" + x.ID + "/" + do, faults: wrong, at: "reason",
		before: commentWords(x), button: design.Say(ctx, "page.commentact."+do+".button"), lead: []string{design.Say(ctx, "page.commentact."+do+".lead")},
	}
	switch do {
	case "answer":
		s.ask = answerQuestions(ctx, "", v, faults{})
		s.at = "verdict"
	case "correct":
		s.at, s.ask = "body", []question{ask(ctx, "body", "commentbody", v.Get("body")).text("8")}
	case "withdraw":
		s.danger = true
	case "widen":
		wider := slices.DeleteFunc([]models.Circle{models.CircleScrutiny, models.CirclePublic}, func(o models.Circle) bool { return !o.WiderThan(x.Reach) })
		s.at, s.ask = "circle", []question{ask(ctx, "circle", "commentcircle", v.Get("circle")).oneOf(options(ctx, "", "circle.", wider))}
	case "redact":
		s.danger = true
		body := ask(ctx, "body", "redactedbody", otherwise(v.Get("body"), x.Body)).text("8")
		body.Hint = design.Say(ctx, "page.commentact.redact.how", "mark", models.RedactionMark)
		s.at, s.ask = "body", []question{body, ask(ctx, "reason", "stepreason", v.Get("reason")).text("3")}
	}
	return p.show(c, s)
}

// cannotComment says why something cannot be done to a comment.
func cannotComment(x register.CommentView, act string) error {
	switch {
	case x.WithdrawnAt != nil:
		return models.Fail(models.Conflict, "comment_withdrawn")
	case act == "comment.dispose" && x.Disposition != nil:
		return models.Fail(models.Conflict, "disposition_exists")
	default:
		return models.Fail(models.Forbidden, "forbidden").With("act", act)
	}
}

// answerQuestions ask for a verdict with its reason; prefix tells the answers
// to one comment from those to another on the same page.
func answerQuestions(ctx context.Context, prefix string, v url.Values, wrong faults) []question {
	verdict := ask(ctx, prefix+"verdict", "verdict", v.Get(prefix+"verdict")).oneOf(options(ctx, "page.choose", "verdict.", models.Verdicts))
	reason := ask(ctx, prefix+"reason", "verdictreason", v.Get(prefix+"reason")).text("4")
	changed := ask(ctx, prefix+"changed", "changedin", v.Get(prefix+"changed")).as("text", "off", narrow)
	verdict.Error, reason.Error, changed.Error = wrong.by["verdict"], wrong.by["reason"], wrong.by["changed"]
	return []question{verdict, reason, changed}
}

// dispose answers one comment with what was typed under a prefix.
func (p *Pages) dispose(ctx context.Context, id, prefix string, v url.Values) error {
	r := planReader{v: v}
	var changed *int
	if n := r.int(prefix + "changed"); n > 0 {
		changed = &n
	}
	if r.faults.Err() != nil {
		return &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "changed", Code: "not_a_number", Params: models.Params{"value": v.Get(prefix + "changed")}}}}
	}
	_, err := p.Register.Dispose(ctx, web.Actor(ctx), id, v.Get(prefix+"verdict"), v.Get(prefix+"reason"), changed)
	if changed != nil && models.KindOf(err) == models.NotFound {
		return &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "changed", Code: "not_found", Params: models.Params{"value": *changed}}}}
	}
	return err
}

// ActOnComment does one thing to a comment.
func (p *Pages) ActOnComment(c *gin.Context) error {
	ctx := c.Request.Context()
	a, id, do := web.Actor(ctx), param(c, "id"), param(c, "do")
	v := typedAnswers(c, "reason", "body")
	x, err := p.Register.Comment(ctx, a, id)
	if err != nil {
		return err
	}
	switch do {
	case "answer":
		err = p.dispose(ctx, id, "", v)
	case "correct":
		_, err = p.Register.CorrectComment(ctx, a, id, v.Get("body"))
	case "withdraw":
		err = p.Register.WithdrawComment(ctx, a, id)
	case "widen":
		err = p.Register.WidenComment(ctx, a, id, models.Circle(v.Get("circle")))
	case "redact":
		err = p.Register.RedactComment(ctx, a, id, v.Get("body"), v.Get("reason"))
	default:
		return models.Missing("page")
	}
	if again(err) && slices.Contains(x.Can, commentDoing[do]) {
		return p.showCommentAct(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+x.Ref+"#comments", "page.commentact."+do+".done")
}

// commentLinks are what the reader may do to a comment.
func commentLinks(ctx context.Context, x register.CommentView) []templ.Component {
	var out []templ.Component
	for _, do := range commentDos {
		if slices.Contains(x.Can, commentDoing[do]) {
			out = append(out, pageLink("/comments/"+x.ID+"/"+do, design.Line{Text: design.Say(ctx, "page.commentact."+do)}))
		}
	}
	return out
}
