package api

import "net/http"

const (
	get   = http.MethodGet
	post  = http.MethodPost
	put   = http.MethodPut
	patch = http.MethodPatch
	del   = http.MethodDelete
)

// routes is the whole surface: address, permission, what it does.
func (a *API) routes() {
	add(a, op{post, "/session", openToAll, "Sign in", 200, "Session", 0}, a.signIn)
	add(a, op{del, "/session", openToAll, "Sign out", 204, "Session", 0}, a.signOut)
	add(a, op{get, "/me", "profile.read", "Who I am and what I hold", 200, "Session", 0}, a.me)
	add(a, op{post, "/tokens", "token.issue", "Make a bearer token for yourself", 201, "Session", 0}, a.issueToken)

	add(a, op{get, "/organisation", "organisation.read", "The employer's settings", 200, "Organisation", 0}, a.organisation)
	add(a, op{put, "/organisation", "organisation.configure", "Change the employer's settings", 200, "Organisation", 0}, a.configure)
	add(a, op{get, "/organisation/closure-days", "organisation.read", "Closure days", 200, "Organisation", 0}, a.closureDays)
	add(a, op{put, "/organisation/closure-days", "closure_days.set", "Replace the closure days by a list, one a line", 200, "Organisation", 0}, a.setClosureDays)
	add(a, op{get, "/profiles", "profile.read", "Policy profiles on offer", 200, "Organisation", 0}, a.profiles)
	add(a, op{get, "/service-areas", "organisation.read", "Service areas, parents before children", 200, "Organisation", 0}, a.serviceAreas)
	add(a, op{post, "/service-areas", "service_area.add", "Add a service area", 201, "Organisation", 0}, a.addServiceArea)
	add(a, op{get, "/bargaining-units", "organisation.read", "Bargaining units", 200, "Organisation", 0}, a.bargainingUnits)
	add(a, op{post, "/bargaining-units", "bargaining_unit.add", "Add a bargaining unit", 201, "Organisation", 0}, a.addBargainingUnit)
	add(a, op{get, "/job-roles", "organisation.read", "Job roles and headcounts", 200, "Organisation", 0}, a.jobRoles)
	add(a, op{post, "/job-roles", "job_role.add", "Add a job role", 201, "Organisation", 0}, a.addJobRole)
	add(a, op{get, "/job-roles/{id}", "organisation.read", "One job role", 200, "Organisation", 0}, a.jobRole)
	add(a, op{put, "/job-roles/{id}", "job_role.change", "Change a job role", 200, "Organisation", 0}, a.changeJobRole)

	add(a, op{get, "/users", "user.read", "People and their roles", 200, "People", 0}, a.members)
	add(a, op{post, "/users", "user.add", "Add a person with a role", 201, "People", 0}, a.addUser)
	add(a, op{post, "/memberships", "membership.grant", "Give a person another role", 204, "People", 0}, a.grant)

	add(a, op{get, "/unions", "organisation.read", "Unions", 200, "Unions", 0}, a.unions)
	add(a, op{post, "/unions", "union.add", "Add a union", 201, "Unions", 0}, a.addUnion)
	add(a, op{get, "/branches", "organisation.read", "Branches", 200, "Unions", 0}, a.branches)
	add(a, op{post, "/branches", "branch.add", "Add a branch", 201, "Unions", 0}, a.addBranch)
	add(a, op{post, "/branches/{id}/officers", "officer.appoint", "Appoint an officer or deputy", 201, "Unions", 0}, a.appoint)
	add(a, op{get, "/service-addresses", "organisation.read", "Agreed service addresses", 200, "Unions", 0}, a.serviceAddresses)
	add(a, op{post, "/branches/{id}/service-addresses", "service_address.agree", "Record an agreed service address", 201, "Unions", 0}, a.agreeAddress)
	add(a, op{get, "/recognitions", "organisation.read", "Recognition agreements", 200, "Unions", 0}, a.recognitions)
	add(a, op{post, "/recognitions", "recognition.agree", "Record a recognition agreement", 201, "Unions", 0}, a.agree)
	add(a, op{put, "/recognitions/{id}", "recognition.change", "End or change an agreement", 200, "Unions", 0}, a.changeRecognition)

	add(a, op{get, "/deployments", "deployment.read", "The register: filter, sort, search", 200, "Deployments", 0}, a.deployments)
	add(a, op{post, "/deployments", "deployment.register", "Register a deployment", 201, "Deployments", 0}, a.registerDeployment)
	add(a, op{get, "/deployments/{ref}", "deployment.read", "One deployment", 200, "Deployments", 0}, a.deployment)
	add(a, op{put, "/deployments/{ref}", "deployment.revise", "Save a whole record", 200, "Deployments", 0}, a.replaceDeployment)
	add(a, op{patch, "/deployments/{ref}", "deployment.revise", "Save parts of a record (JSON merge patch)", 200, "Deployments", 0}, a.patchDeployment)
	add(a, op{get, "/deployments/{ref}/gate", "gate.read", "Read the gate into a stage, on a day", 200, "Deployments", 0}, a.gate)
	add(a, op{get, "/deployments/{ref}/scope", "deployment.read", "Who must be told, and why", 200, "Deployments", 0}, a.scope)
	add(a, op{post, "/deployments/{ref}/scope", "scope.add", "Add a union that was not derived", 204, "Deployments", 0}, a.addToScope)
	add(a, op{get, "/deployments/{ref}/timeline", "deployment.read", "What happened, oldest first", 200, "Deployments", 0}, a.timeline)
	add(a, op{get, "/deployments/{ref}/versions", "deployment.read", "Every save, newest first", 200, "Deployments", 0}, a.versions)
	add(a, op{get, "/deployments/{ref}/versions/{number}", "deployment.read", "One save", 200, "Deployments", 0}, a.version)
	add(a, op{get, "/deployments/{ref}/as-at/{date}", "deployment.read", "The record as it was at the end of a day", 200, "Deployments", 0}, a.asAt)
	add(a, op{get, "/deployments/{ref}/diff", "deployment.read", "What changed between two saves", 200, "Deployments", 0}, a.diff)
	add(a, op{post, "/deployments/{ref}/move", "deployment.move", "Enter the next stage", 200, "Deployments", 0}, a.move)
	add(a, op{post, "/deployments/{ref}/decide", "deployment.decide", "Decide, or decide again after a material change", 200, "Deployments", 0}, a.decide)
	add(a, op{post, "/deployments/{ref}/go-live", "deployment.go_live", "Go live", 200, "Deployments", 0}, a.goLive)
	add(a, op{post, "/deployments/{ref}/late", "deployment.mark_late", "Mark as found in use before its notice had run", 200, "Deployments", 0}, a.markLate)
	add(a, op{post, "/deployments/{ref}/class", "deployment.raise_class", "Raise the change class", 200, "Deployments", 0}, a.raiseClass)
	add(a, op{get, "/deployments/{ref}/material-changes", "deployment.read", "Material changes, and who judged them", 200, "Deployments", 0}, a.materialChanges)
	add(a, op{post, "/deployments/{ref}/material-changes/{number}", "materiality.judge", "Judge a change material or not, with a reason", 204, "Deployments", 0}, a.judgeMateriality)
	add(a, op{get, "/deployments/{ref}/holds", "deployment.read", "Holds", 200, "Deployments", 0}, a.holds)
	add(a, op{post, "/deployments/{ref}/holds", "hold.place", "Lay a status quo over a deployment", 201, "Deployments", 0}, a.placeHold)
	add(a, op{post, "/holds/{id}/lift", "hold.lift", "Lift a hold", 200, "Deployments", 0}, a.liftHold)
	add(a, op{get, "/deployments/{ref}/overrides", "deployment.read", "Overrides", 200, "Deployments", 0}, a.overrides)
	add(a, op{post, "/deployments/{ref}/overrides", "override.request", "Sign an override first", 201, "Deployments", 0}, a.requestOverride)
	add(a, op{post, "/overrides/{id}/sign", "override.sign", "Sign an override second: it takes effect and the unions are served", 200, "Deployments", 0}, a.signOverride)
	add(a, op{get, "/deployments/{ref}/scorecards", "score.read", "Impact scorecards, side by side", 200, "Deployments", 0}, a.scores)
	add(a, op{put, "/deployments/{ref}/scorecards/{party}", "score.give", "Replace one party's scorecard", 200, "Deployments", 0}, a.giveScores)

	add(a, op{get, "/deployments/{ref}/drafts", "notice.draft", "Notices still to be served", 200, "Notices", 0}, a.drafts)
	add(a, op{post, "/deployments/{ref}/drafts", "notice.draft", "Begin a notice", 201, "Notices", 0}, a.draftNotice)
	add(a, op{get, "/drafts/{id}", "notice.draft", "What a draft would say, and what it lacks", 200, "Notices", 0}, a.checkNotice)
	add(a, op{put, "/drafts/{id}", "notice.revise", "Change a draft", 200, "Notices", 0}, a.reviseNotice)
	add(a, op{del, "/drafts/{id}", "notice.discard", "Discard a draft", 204, "Notices", 0}, a.discardNotice)
	add(a, op{post, "/drafts/{id}/serve", "notice.serve", "Serve: freeze, number, hash and send", 201, "Notices", 0}, a.serveNotice)
	add(a, op{get, "/deployments/{ref}/notices", "notice.read", "Served notices", 200, "Notices", 0}, a.notices)
	add(a, op{get, "/notices/{no}", "notice.read", "One served notice and its deliveries", 200, "Notices", 0}, a.notice)
	add(a, op{post, "/notices/{no}/acknowledge", "notice.acknowledge", "Acknowledge a notice for your union", 204, "Notices", 0}, a.acknowledge)
	add(a, op{post, "/notices/{no}/deliveries", "delivery.record", "Record service by hand or post, with proof", 204, "Notices", 0}, a.recordDelivery)

	add(a, op{get, "/comments", "organisation.read", "Comments without an answer, oldest first", 200, "Comments", 0}, a.unanswered)
	add(a, op{get, "/deployments/{ref}/comments", "comment.read", "Comments, oldest first", 200, "Comments", 0}, a.comments)
	add(a, op{post, "/deployments/{ref}/comments", "comment.make", "Comment for your union", 201, "Comments", 0}, a.makeComment)
	add(a, op{get, "/comments/{id}", "comment.read", "One comment", 200, "Comments", 0}, a.comment)
	add(a, op{post, "/comments/{id}/correct", "comment.correct", "Add a correction", 201, "Comments", 0}, a.correctComment)
	add(a, op{post, "/comments/{id}/withdraw", "comment.withdraw", "Withdraw; the words stay, marked", 204, "Comments", 0}, a.withdrawComment)
	add(a, op{post, "/comments/{id}/redact", "comment.redact", "Take personal data out, visibly", 204, "Comments", 0}, a.redactComment)
	add(a, op{post, "/comments/{id}/widen", "comment.widen", "Let more people read it", 204, "Comments", 0}, a.widenComment)
	add(a, op{post, "/comments/{id}/disposition", "comment.dispose", "Answer, with a reason", 201, "Comments", 0}, a.dispose)
	add(a, op{get, "/deployments/{ref}/outcomes", "deployment.read", "How consultation ended, union by union", 200, "Comments", 0}, a.outcomes)
	add(a, op{put, "/deployments/{ref}/outcomes/{union}", "outcome.record", "Record the outcome with one union", 200, "Comments", 0}, a.recordOutcome)
	add(a, op{put, "/deployments/{ref}/outcomes/{union}/statement", "outcome.state", "Your union's own statement", 200, "Comments", 0}, a.stateOutcome)

	add(a, op{get, "/deployments/{ref}/requests", "request.read", "Information requests", 200, "Requests", 0}, a.requests)
	add(a, op{post, "/deployments/{ref}/requests", "request.ask", "Ask for information", 201, "Requests", 0}, a.ask)
	add(a, op{get, "/requests/{no}", "request.read", "One information request", 200, "Requests", 0}, a.request)
	add(a, op{post, "/requests/{no}/answer", "request.answer", "Answer", 200, "Requests", 0}, a.answer)
	add(a, op{post, "/requests/{no}/withhold", "request.withhold", "Withhold on a ground, until a day", 200, "Requests", 0}, a.withhold)
	add(a, op{post, "/requests/{no}/challenge", "request.challenge", "Challenge a withheld answer", 200, "Requests", 0}, a.challenge)

	add(a, op{post, "/imports", "import.run", "Import a CSV or XLSX file, or preview it", 200, "Imports", 50 << 20}, a.runImport)
	add(a, op{get, "/imports/{id}", "import.read", "What an import did", 200, "Imports", 0}, a.importReport)
	add(a, op{post, "/attachments", "attachment.add", "Hand in a file", 201, "Attachments", 50 << 20}, a.attach)
	add(a, op{get, "/attachments/{id}", "attachment.read", "Download a file", 200, "Attachments", 0}, a.attachment)
	add(a, op{get, "/ledger", "ledger.read", "The log, entry by entry", 200, "Ledger", 0}, a.ledger)
}
