package pages

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// AnswerForm asks for the answer to a challenge.
func (p *Pages) AnswerForm(c *gin.Context) error { return p.showAnswer(c, "", "", faults{}) }

func (p *Pages) showAnswer(c *gin.Context, finding, answer string, wrong faults) error {
	ctx := c.Request.Context()
	s, err := p.challengeSheet(ctx, param(c, "no"), "challenge.answer")
	if err != nil {
		return err
	}
	s.title = design.Say(ctx, "page.answer.title", "challenge", param(c, "no"))
	s.path, s.at, s.faults = "/challenges/"+param(c, "no")+"/answer", "finding", wrong
	s.lead = append(s.lead, design.Say(ctx, "page.answer.once"))
	s.ask = []question{
		ask(ctx, "finding", "finding", finding).oneOf(options(ctx, "page.choose", "challengeFinding.", models.ChallengeFindings)),
		ask(ctx, "answer", "answer", answer).text("8"),
	}
	s.button = design.Say(ctx, "page.answer.button", "challenge", param(c, "no"))
	return p.show(c, s)
}

// GiveAnswer answers a challenge.
func (p *Pages) GiveAnswer(c *gin.Context) error {
	ctx, no := c.Request.Context(), param(c, "no")
	finding, answer := typed(c, "finding"), c.PostForm("answer")
	err := p.Register.AnswerChallenge(ctx, web.Actor(ctx), no, finding, answer)
	if models.KindOf(err) == models.Invalid {
		return p.showAnswer(c, finding, answer, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.toChallenge(c, no, "page.answer.done")
}

// RestForm asks whether a union lets a challenge rest.
func (p *Pages) RestForm(c *gin.Context) error {
	ctx := c.Request.Context()
	s, err := p.challengeSheet(ctx, param(c, "no"), "challenge.close")
	if err != nil {
		return err
	}
	s.title = design.Say(ctx, "page.rest.title", "challenge", param(c, "no"))
	s.path, s.warning = "/challenges/"+param(c, "no")+"/rest", design.Say(ctx, "page.rest.warning")
	s.button = design.Say(ctx, "page.rest.button", "challenge", param(c, "no"))
	return p.show(c, s)
}

// Rest lets a challenge rest.
func (p *Pages) Rest(c *gin.Context) error {
	ctx, no := c.Request.Context(), param(c, "no")
	if err := p.Register.CloseChallenge(ctx, web.Actor(ctx), no); err != nil {
		return err
	}
	return p.toChallenge(c, no, "page.rest.done")
}

// challengeSheet is a page with one form about a challenge, for who may do
// something to it.
func (p *Pages) challengeSheet(ctx context.Context, no, act string) (sheet, error) {
	a := web.Actor(ctx)
	if a.Anonymous() {
		return sheet{}, models.Fail(models.Unauthenticated, "unauthenticated")
	}
	x, err := p.Register.ClaimChallenge(ctx, a, no)
	if err != nil {
		return sheet{}, err
	}
	v, err := p.Register.Claim(ctx, a, x.Claim)
	if err != nil {
		return sheet{}, err
	}
	if !slices.Contains(x.Can, act) {
		return sheet{}, cannot(x, act, v.ByUserID == a.UserID)
	}
	return sheet{
		crumbs: below(ctx, v),
		lead: []string{
			design.In(ctx, v.Sentence()).Text, found(ctx, v),
			design.Say(ctx, "page.challenge.head", "challenge", x.No, "union", x.UnionAbbrev, "ground", design.Say(ctx, "ground."+x.Ground)), x.Body,
		},
	}, nil
}

// cannot says why something cannot be done to a challenge; own says that the
// claim is the reader's own.
func cannot(x register.ChallengeView, act string, own bool) error {
	switch {
	case x.ClosedAt != nil:
		return models.Fail(models.Conflict, "challenge_closed").With("challenge", x.No)
	case act == "challenge.answer" && x.AnsweredAt != nil:
		return models.Fail(models.Conflict, "challenge_answered").With("challenge", x.No)
	case act == "challenge.answer" && own:
		return models.Fail(models.Conflict, "own_claim").With("claim", x.Claim)
	default:
		return models.Fail(models.Forbidden, "forbidden").With("act", act)
	}
}

// toChallenge leads to where a challenge stands on its claim's page.
func (p *Pages) toChallenge(c *gin.Context, no, code string) error {
	ctx := c.Request.Context()
	x, err := p.Register.ClaimChallenge(ctx, web.Actor(ctx), no)
	if err != nil {
		return err
	}
	p.Sessions.Flash(ctx, design.Say(ctx, code, "challenge", no))
	return p.done(c, "/claims/"+x.Claim+"#challenge-"+no, "")
}
