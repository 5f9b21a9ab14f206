// Package frontend is the pages that people read, in English and Welsh,
// rendered on the server and whole without JavaScript. All their addresses are
// in Mount.
package frontend

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/pages"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Options are what the pages are made of.
type Options struct {
	Register *register.Register
	Sessions *web.Sessions
	Version  string
	// Live tells pages that are open of what is new.
	Live *web.Live
}

// Mount puts every page on an engine. Each stands under /en and under /cy.
func Mount(e *gin.Engine, o Options) {
	mount(e, pages.Pages{Site: pages.Site{Assets: assets, Version: o.Version}, Register: o.Register, Sessions: o.Sessions, Updates: o.Live})
}

func mount(e *gin.Engine, p pages.Pages) {
	e.GET("/assets/:name", asset)
	e.GET("/brand/:name", brand)
	e.GET("/", built(p.Assets), root)
	// Providers know one address of ours, whatever language somebody reads.
	e.GET("/auth/start/:organisation/:provider", built(p.Assets), p.Between(p.StartProvider))
	e.GET("/auth/return", built(p.Assets), p.Between(p.ReturnProvider))
	for _, l := range []models.Language{models.English, models.Welsh} {
		g := e.Group("/"+string(l), built(p.Assets), p.Arrive(l))
		get := func(path string, h func(*gin.Context) error) {
			g.GET(path, p.Answer(h))
			g.HEAD(path, p.Answer(h))
		}
		post := func(path string, h func(*gin.Context) error) { g.POST(path, p.Answer(h)) }

		get("", p.Home)
		g.GET("/live", p.Answer(p.Live))
		both := func(path string, show, take func(*gin.Context) error) {
			get(path, show)
			post(path, take)
		}
		both("/sign-in", p.SignInForm, p.SignIn)
		both("/sign-in/code", p.CodeForm, p.GiveCode)
		post("/sign-out", p.SignOut)
		get("/signed-out", p.SignedOut)
		both("/forgot-password", p.ForgotForm, p.Forgot)
		both("/reset-password", p.ResetForm, p.Reset)
		both("/invitation", p.InvitationForm, p.Invitation)
		both("/prove", p.ProveForm, p.Prove)
		get("/prove/carry-on", p.CarryOn)
		both("/account", p.Account, p.ChangeAccount)
		both("/account/password", p.PasswordForm, p.ChangePassword)
		both("/account/email", p.EmailForm, p.ChangeEmail)
		both("/account/codes", p.CodesForm, p.ChangeCodes)
		both("/account/passkeys", p.PasskeysForm, p.RemovePasskey)
		both("/account/sessions", p.SessionsForm, p.ChangeSessions)
		both("/account/tokens", p.TokensForm, p.ChangeTokens)
		get("/account/permissions", p.Permissions)
		both("/account/data", p.DataForm, p.Data)
		both("/people", p.People, p.ChangePeople)
		both("/people/:id/lend", p.LendForm, p.Lend)
		both("/people/:id/remove", p.RemoveForm, p.Remove)
		both("/service-accounts", p.ServiceAccounts, p.ChangeServiceAccounts)
		both("/addresses", p.Addresses, p.ChangeAddress)
		both("/access", p.Access, p.ConfigureAccess)
		get("/security-log", p.SecurityLog)
		get("/register", p.Deployments)
		both("/keep", p.Kept, p.Keep)
		p.Preparation(get, post)
		get("/register.csv", p.RegisterFile)
		post("/register/views", p.SaveView)
		post("/register/views/:id/remove", p.RemoveView)
		get("/deployments/:ref", p.Deployment)
		post("/deployments/:ref/comments", p.MakeComment)
		get("/claims", p.Claims)
		get("/claims/:ref", p.Claim)
		both("/deployments/:ref/claims/new", p.NewClaimForm, p.MakeClaim)
		both("/claims/:ref/plan", p.PlanForm, p.RevisePlan)
		both("/claims/:ref/lock", p.LockForm, p.Lock)
		both("/claims/:ref/rows", p.Rows, p.UploadRows)
		post("/claims/:ref/runs", p.Analyse)
		both("/claims/:ref/runs/:id", p.Run, p.CancelRun)
		both("/claims/:ref/share", p.ShareForm, p.Share)
		both("/claims/:ref/withdraw", p.WithdrawForm, p.Withdraw)
		both("/claims/:ref/challenge", p.ChallengeForm, p.Challenge)
		both("/claims/:ref/reinvestment/:month", p.ReinvestForm, p.Reinvest)
		both("/challenges/:no/answer", p.AnswerForm, p.GiveAnswer)
		both("/challenges/:no/rest", p.RestForm, p.Rest)
		get("/metrics", p.Metrics)
		get("/metrics/:key", p.Metric)
		both("/define-metric", p.DefineForm, p.DefineMetric)
		both("/sample-size", p.SampleForm, p.SampleSize)
		get("/missing", p.Missing)
		get("/open-data", p.OpenData)
		both("/flag", p.RaiseFlagForm, p.RaiseFlag)
		both("/flagged", p.FlaggedForm, p.Flagged)
		get("/reports", p.Reports)
		both("/reports/:report/:year", p.Report, p.StatePosition)
		get("/reports/:report/:year/:file", p.ReportFile)
		get("/deployments/:ref/history", p.History)
		get("/deployments/:ref/versions/:number", p.Version)
		get("/deployments/:ref/as-at/:date", p.AsAt)
		get("/scrutiny", p.Scrutiny)
		both("/imports", p.Imports, p.UploadImport)
		both("/imports/new/:id", p.ImportMapForm, p.ChooseImportMap)
		both("/imports/new/:id/columns", p.ImportColumnsForm, p.ChooseImportColumns)
		both("/imports/new/:id/preview", p.ImportPreview, p.RunImport)
		get("/imports/new/:id/problems.csv", p.PreviewProblems)
		post("/imports/new/:id/discard", p.DiscardImport)
		get("/imports/:id", p.Imported)
		get("/imports/:id/problems.csv", p.ImportedProblems)
		get("/imports/:id/refused.csv", p.RefusedRows)
		get("/verify", p.Verify)
		both("/ledger", p.Ledger, p.ChangeLedger)
		both("/ledger/new-key", p.NewKeyForm, p.NewKey)
		get("/backups", p.Backups)
		get("/notices/:no", p.Notice)
		get("/notices/:no/receipt", p.Receipt)
		get("/notices/:no/receipt.json", p.ReceiptFile)
		get("/notices/:no/acknowledge", p.AcknowledgeForm)
		post("/notices/:no/acknowledge", p.Acknowledge)
		p.Partners(get, post)
		p.Structure(get, post)
	}
}

// root sends the reader to the pages in the language their browser asks for.
func root(c *gin.Context) {
	c.Header("Vary", "Accept-Language")
	to := "/" + string(web.Language(c.Request.Context()))
	if c.Request.URL.RawQuery != "" {
		to += "?" + c.Request.URL.RawQuery
	}
	c.Redirect(http.StatusFound, to)
}

// ErrorPage answers with a page that says what went wrong, for whoever reads
// pages; a program is answered with problem+json by the API.
func ErrorPage(c *gin.Context, err error) {
	pages.Site{Assets: assets}.Problem(c, err)
}
