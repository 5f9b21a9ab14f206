package pages

import "github.com/gin-gonic/gin"

// Preparation puts on addresses what is done to a deployment: its record is
// filled in, notices are drafted and served, comments and requests answered,
// and stages entered.
func (p *Pages) Preparation(get, post func(string, func(*gin.Context) error)) {
	both := func(path string, show, take func(*gin.Context) error) {
		get(path, show)
		post(path, take)
	}
	both("/deployments/new", p.RegistrationForm, p.Registration)
	get("/deployments/:ref/prepare", p.Prepare)
	both("/deployments/:ref/prepare/:topic", p.Topic, p.SaveTopic)
	both("/deployments/:ref/step/:do", p.StepForm, p.TakeStep)
	both("/deployments/:ref/outcomes/:union", p.OutcomeForm, p.TakeOutcome)
	get("/deployments/:ref/changes", p.Changes)
	both("/deployments/:ref/changes/:number", p.JudgeForm, p.Judge)
	both("/deployments/:ref/overrides/:id", p.SignOverrideForm, p.SignOverride)
	both("/deployments/:ref/holds/:id", p.LiftForm, p.Lift)
	get("/deployments/:ref/scorecards", p.Scorecards)
	both("/deployments/:ref/scorecards/:party", p.ScoreForm, p.GiveScores)
	both("/deployments/:ref/notices/new", p.NewNoticeForm, p.DraftNotice)
	get("/drafts/:id", p.Draft)
	both("/drafts/:id/change", p.DraftForm, p.ReviseDraft)
	both("/drafts/:id/discard", p.DiscardForm, p.Discard)
	post("/drafts/:id/serve", p.ServeDraft)
	get("/notices/:no/served", p.Served)
	both("/notices/:no/delivery", p.DeliveryForm, p.RecordDelivery)
	both("/deployments/:ref/comments/new", p.NewCommentForm, p.TakeComment)
	both("/comments/:id/:do", p.CommentForm, p.ActOnComment)
	both("/answers", p.Unanswered, p.AnswerSeveral)
	get("/deployments/:ref/said", p.Said)
	both("/deployments/:ref/requests/new", p.AskForm, p.Ask)
	both("/requests/:no/:do", p.RequestForm, p.StepRequest)
}
