package register_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// useCases calls every method of the register that takes an actor, on real
// records, with input that a permitted person could send.
func useCases(h *registertest.House, f records) map[string]func(a models.Actor) error {
	ctx := f.t.Context()
	rec := h.Record()
	edit := func(r models.Record) (models.Record, error) { r.Function = "changed"; return r, nil }
	return map[string]func(a models.Actor) error{
		"Organisation": func(a models.Actor) error { return second(h.Organisation(ctx, a)) },
		"Configure": func(a models.Actor) error {
			return second(h.Configure(ctx, a, 1, register.Configuration{Name: models.Text{En: "Tywi"}, Zone: "Europe/London", Profile: "wales-partnership"}))
		},
		"Profiles":          func(a models.Actor) error { return second(h.Profiles(a)) },
		"ClosureDays":       func(a models.Actor) error { return second(h.ClosureDays(ctx, a)) },
		"SetClosureDays":    func(a models.Actor) error { return second(h.SetClosureDays(ctx, a, 1, "2026-12-29 Closed")) },
		"ServiceAreas":      func(a models.Actor) error { return second(h.ServiceAreas(ctx, a)) },
		"AddServiceArea":    func(a models.Actor) error { return second(h.AddServiceArea(ctx, a, models.Text{En: "Libraries"}, "")) },
		"BargainingUnits":   func(a models.Actor) error { return second(h.BargainingUnits(ctx, a)) },
		"AddBargainingUnit": func(a models.Actor) error { return second(h.AddBargainingUnit(ctx, a, "NJC: libraries")) },
		"JobRoles":          func(a models.Actor) error { return second(h.JobRoles(ctx, a)) },
		"JobRole":           func(a models.Actor) error { return second(h.JobRole(ctx, a, h.Role.ID)) },
		"AddJobRole": func(a models.Actor) error {
			return second(h.AddJobRole(ctx, a, models.JobRole{Title: "Librarian", ServiceAreaID: h.Area.ID}))
		},
		"ChangeJobRole": func(a models.Actor) error {
			j := h.OtherRole
			j.Headcount = 7
			return second(h.ChangeJobRole(ctx, a, 1, j))
		},
		"AddUser": func(a models.Actor) error {
			return second(h.AddUser(ctx, a, register.NewUser{Email: "new@tywi.example", Name: "New", Password: registertest.Password, Hat: register.Hat{Role: models.RoleHR}}))
		},
		"GrantRole": func(a models.Actor) error {
			return h.GrantRole(ctx, a, "hr@tywi.example", register.Hat{Role: models.RoleCDO})
		},
		"Members":   func(a models.Actor) error { return second(h.Members(ctx, a)) },
		"Unions":    func(a models.Actor) error { return second(h.Unions(ctx, a)) },
		"AddUnion":  func(a models.Actor) error { return second(h.AddUnion(ctx, a, "Unite", "Unite")) },
		"Branches":  func(a models.Actor) error { return second(h.Branches(ctx, a)) },
		"AddBranch": func(a models.Actor) error { return second(h.AddBranch(ctx, a, h.Unison.ID, "Another")) },
		"AppointOfficer": func(a models.Actor) error {
			return second(h.AppointOfficer(ctx, a, f.branch.ID, "unison@tywi.example", "officer", models.MustDate("2026-01-01"), 0))
		},
		"Recognitions": func(a models.Actor) error { return second(h.Recognitions(ctx, a)) },
		"Agree": func(a models.Actor) error {
			return second(h.Agree(ctx, a, models.Recognition{UnionID: h.Unison.ID, BranchID: f.branch.ID, BargainingUnitID: h.OtherUnit.ID, From: models.MustDate("2026-09-01")}))
		},
		"ChangeRecognition": func(a models.Actor) error {
			return second(h.ChangeRecognition(ctx, a, 1, f.recognition.ID, 0, true, "Disputed", models.MustDate("2024-01-01"), nil))
		},
		"ServiceAddresses": func(a models.Actor) error { return second(h.ServiceAddresses(ctx, a)) },
		"AgreeAddress": func(a models.Actor) error {
			return second(h.AgreeAddress(ctx, a, models.ServiceAddress{BranchID: f.branch.ID, Channel: models.ByHand, Address: "County Hall", Languages: []models.Language{"en"}, From: models.MustDate("2026-01-01")}))
		},
		"RegisterDeployment": func(a models.Actor) error {
			return second(h.RegisterDeployment(ctx, a, register.Registration{Record: rec}))
		},
		"Deployment": func(a models.Actor) error { return second(h.Register.Deployment(ctx, a, f.noticed.Ref)) },
		"Deployments": func(a models.Actor) error {
			_, _, _, err := h.Deployments(ctx, a, store.Filter{}, register.Page{Limit: 10})
			return err
		},
		"Revise": func(a models.Actor) error {
			return second(h.Revise(ctx, a, f.formative.Ref, f.formative.Version, edit, register.Judgement{}))
		},
		"JudgeMateriality": func(a models.Actor) error {
			return h.JudgeMateriality(ctx, a, f.noticed.Ref, f.material, false, "Only spelling")
		},
		"MaterialChanges": func(a models.Actor) error { return second(h.MaterialChanges(ctx, a, f.noticed.Ref)) },
		"MarkLate": func(a models.Actor) error {
			return second(h.MarkLate(ctx, a, f.formative.Ref, f.formative.Version, "Found in use"))
		},
		"RaiseClass": func(a models.Actor) error {
			return second(h.RaiseClass(ctx, a, f.formative.Ref, f.formative.Version, models.ClassC, "Feeds supervision"))
		},
		"AddToScope": func(a models.Actor) error {
			return h.AddToScope(ctx, a, f.noticed.Ref, f.third.ID, "Works beside them")
		},
		"WhoWouldBeTold": func(a models.Actor) error {
			_, _, err := h.WhoWouldBeTold(ctx, a, []string{h.Role.ID}, models.MustDate("2026-09-07"))
			return err
		},
		"Officers": func(a models.Actor) error { return second(h.Officers(ctx, a)) },
		"Scope":    func(a models.Actor) error { _, _, err := h.Scope(ctx, a, f.noticed.Ref); return err },
		"Versions": func(a models.Actor) error { return second(h.Versions(ctx, a, f.noticed.Ref, 0, 10)) },
		"Version":  func(a models.Actor) error { return second(h.Version(ctx, a, f.noticed.Ref, 1)) },
		"AsAt": func(a models.Actor) error {
			return second(h.AsAt(ctx, a, f.noticed.Ref, models.MustDate("2026-09-07")))
		},
		"Diff": func(a models.Actor) error { return second(h.Diff(ctx, a, f.noticed.Ref, 1, 2)) },
		"Gate": func(a models.Actor) error { return second(h.Gate(ctx, a, f.noticed.Ref, "", 0)) },
		"Move": func(a models.Actor) error {
			return second(h.Move(ctx, a, f.formative.Ref, f.formative.Version, models.StageWithdrawn, "Not wanted"))
		},
		"DraftNotice": func(a models.Actor) error {
			return second(h.DraftNotice(ctx, a, f.formative.Ref, registertest.Draft(models.NoticeChange)))
		},
		"ReviseNotice": func(a models.Actor) error {
			return second(h.ReviseNotice(ctx, a, f.draft.ID, 1, registertest.Draft(models.NoticeChange)))
		},
		"DiscardNotice": func(a models.Actor) error { return h.DiscardNotice(ctx, a, f.draft.ID, 1) },
		"Drafts":        func(a models.Actor) error { return second(h.Drafts(ctx, a, f.formative.Ref)) },
		"CheckNotice":   func(a models.Actor) error { return second(h.CheckNotice(ctx, a, f.draft.ID)) },
		"ServeNotice":   func(a models.Actor) error { return second(h.ServeNotice(ctx, a, f.draft.ID, 1)) },
		"Notice":        func(a models.Actor) error { return second(h.Notice(ctx, a, f.notice.No)) },
		"Notices":       func(a models.Actor) error { return second(h.Notices(ctx, a, f.noticed.Ref)) },
		"Acknowledge":   func(a models.Actor) error { return h.Acknowledge(ctx, a, f.notice.No, h.Unison.ID) },
		"RecordDelivery": func(a models.Actor) error {
			return h.RecordDelivery(ctx, a, f.notice.No, h.Unison.ID, models.Handed, f.notice.ServedAt, "", f.proof.ID)
		},
		"MakeComment": func(a models.Actor) error {
			return second(h.MakeComment(ctx, a, f.noticed.Ref, commentInput("More words")))
		},
		"CorrectComment":  func(a models.Actor) error { return second(h.CorrectComment(ctx, a, f.comment.ID, "Better words")) },
		"WithdrawComment": func(a models.Actor) error { return h.WithdrawComment(ctx, a, f.comment.ID) },
		"RedactComment": func(a models.Actor) error {
			return h.RedactComment(ctx, a, f.comment.ID, "Caseloads […]", "Names somebody")
		},
		"WidenComment": func(a models.Actor) error { return h.WidenComment(ctx, a, f.comment.ID, models.CirclePublic) },
		"Dispose": func(a models.Actor) error {
			return second(h.Dispose(ctx, a, f.comment.ID, "accepted", "It was changed", nil))
		},
		"Comments":   func(a models.Actor) error { return second(h.Comments(ctx, a, f.noticed.Ref)) },
		"Comment":    func(a models.Actor) error { return second(h.Comment(ctx, a, f.comment.ID)) },
		"Unanswered": func(a models.Actor) error { _, _, err := h.Unanswered(ctx, a, register.Page{Limit: 10}); return err },
		"RecordOutcome": func(a models.Actor) error {
			return second(h.RecordOutcome(ctx, a, f.noticed.Ref, 0, h.GMB.ID, "consensus", "", 0))
		},
		"StateOutcome": func(a models.Actor) error {
			return second(h.StateOutcome(ctx, a, f.noticed.Ref, 1, h.Unison.ID, "We differ"))
		},
		"Outcomes": func(a models.Actor) error { return second(h.Outcomes(ctx, a, f.noticed.Ref)) },
		"Ask":      func(a models.Actor) error { return second(h.Ask(ctx, a, f.noticed.Ref, "", "How many?")) },
		"Answer":   func(a models.Actor) error { return second(h.Answer(ctx, a, f.request.No, 1, "Twelve.")) },
		"Withhold": func(a models.Actor) error {
			return second(h.Withhold(ctx, a, f.request.No, 1, "Commercial confidence", models.MustDate("2027-01-01"), ""))
		},
		"Challenge": func(a models.Actor) error {
			return second(h.Challenge(ctx, a, f.withheld.No, 2, "It is not commercial"))
		},
		"Requests": func(a models.Actor) error { return second(h.Requests(ctx, a, f.noticed.Ref)) },
		"Request":  func(a models.Actor) error { return second(h.Request(ctx, a, f.request.No)) },
		"PlaceHold": func(a models.Actor) error {
			return second(h.PlaceHold(ctx, a, f.noticed.Ref, "", "Status quo", models.MustDate("2026-11-01")))
		},
		"LiftHold": func(a models.Actor) error { return second(h.LiftHold(ctx, a, f.hold.ID, 1, "Agreed")) },
		"Holds":    func(a models.Actor) error { return second(h.Holds(ctx, a, f.noticed.Ref)) },
		"RequestOverride": func(a models.Actor) error {
			return second(h.RequestOverride(ctx, a, f.noticed.Ref, models.StageDecided, "Emergency", models.MustDate("2026-10-01")))
		},
		"SignOverride": func(a models.Actor) error { return second(h.SignOverride(ctx, a, f.override.ID, 1)) },
		"Overrides":    func(a models.Actor) error { return second(h.Overrides(ctx, a, f.noticed.Ref)) },
		"GiveScores": func(a models.Actor) error {
			return second(h.GiveScores(ctx, a, f.noticed.Ref, 0, register.EmployerParty, []models.Score{{Dimension: "LOAD", Likelihood: 1, Reversibility: 1, Duration: 1, Confidence: "low"}}))
		},
		"Scores":   func(a models.Actor) error { return second(h.Scores(ctx, a, f.noticed.Ref)) },
		"Timeline": func(a models.Actor) error { _, _, err := h.Timeline(ctx, a, f.noticed.Ref, 0, 10); return err },
		"Ledger":   func(a models.Actor) error { return second(h.Ledger(ctx, a, 0, 10)) },
		"Attach": func(a models.Actor) error {
			return second(h.Attach(ctx, a, "proof.txt", []byte("received with thanks")))
		},
		"Attachment": func(a models.Actor) error {
			_, _, err := h.Attachment(ctx, a, f.proof.ID)
			return err
		},
		"OwnAttachment": func(a models.Actor) error { return second(h.OwnAttachment(ctx, a, f.proof.ID)) },
		"Import": func(a models.Actor) error {
			return second(h.Import(ctx, a, register.ImportInput{FileName: "x.csv", Map: "x.yaml", MapFile: []byte(smallMap), Data: []byte(smallFile)}))
		},
		"ImportReport": func(a models.Actor) error { return second(h.ImportReport(ctx, a, f.imported.ID)) },

		"Invite": func(a models.Actor) error {
			return second(h.Invite(ctx, a, register.NewInvitation{Email: "guest@tywi.example", Hat: register.Hat{Role: models.RoleHR}}))
		},
		"Invitations":       func(a models.Actor) error { return second(h.Invitations(ctx, a)) },
		"RevokeInvitation":  func(a models.Actor) error { return h.RevokeInvitation(ctx, a, f.invitation.ID) },
		"SuspendMembership": func(a models.Actor) error { return second(h.SuspendMembership(ctx, a, f.managers.ID, 1)) },
		"ResumeMembership":  func(a models.Actor) error { return second(h.ResumeMembership(ctx, a, f.suspended.ID, 2)) },
		"EndMembership":     func(a models.Actor) error { return second(h.EndMembership(ctx, a, f.managers.ID, 1)) },
		"Delegate": func(a models.Actor) error {
			return second(h.Delegate(ctx, a, f.approvers.ID, h.HR.Email, models.MustDate("2026-09-07"), models.MustDate("2026-09-20")))
		},
		"RemoveUser":      func(a models.Actor) error { return h.RemoveUser(ctx, a, h.Manager.UserID) },
		"ServiceAccounts": func(a models.Actor) error { return second(h.ServiceAccounts(ctx, a)) },
		"AddServiceAccount": func(a models.Actor) error {
			_, _, err := h.AddServiceAccount(ctx, a, register.NewToken{Name: "pipeline", Scopes: []string{"gate.read"}, Days: 9})
			return err
		},
		"EndServiceAccount": func(a models.Actor) error { return h.EndServiceAccount(ctx, a, f.service) },
		"AccessSettings":    func(a models.Actor) error { return second(h.AccessSettings(ctx, a)) },
		"ConfigureAccess": func(a models.Actor) error {
			return second(h.ConfigureAccess(ctx, a, 0, models.DefaultAccessSettings("")))
		},
		"RetentionPreview": func(a models.Actor) error { return second(h.RetentionPreview(ctx, a)) },
		"SecurityEvents": func(a models.Actor) error {
			_, _, err := h.SecurityEvents(ctx, a, register.SecurityQuery{}, register.Page{Limit: 10})
			return err
		},
		"ConfirmAddress": func(a models.Actor) error { return second(h.ConfirmAddress(ctx, a, f.address.ID)) },
		"EndAddress":     func(a models.Actor) error { return second(h.EndAddress(ctx, a, f.address.ID)) },

		"Metrics": func(a models.Actor) error { return second(h.Metrics(ctx, a)) },
		"DefineMetric": func(a models.Actor) error {
			m := f.metric
			m.Key = "pages_written"
			return second(h.DefineMetric(ctx, a, m))
		},
		"SampleSize": func(a models.Actor) error {
			return second(h.SampleSize(ctx, a, models.SampleQuestion{Design: models.DesignPaired, SD: 8, Effect: 4}))
		},
		"Missing":   func(a models.Actor) error { return second(h.Missing(ctx, a)) },
		"AllClaims": func(a models.Actor) error { _, _, err := h.AllClaims(ctx, a, register.Page{Limit: 10}); return err },
		"Claims":    func(a models.Actor) error { return second(h.Claims(ctx, a, f.noticed.Ref)) },
		"Claim":     func(a models.Actor) error { return second(h.Register.Claim(ctx, a, f.shared.Ref)) },
		"MakeClaim": func(a models.Actor) error { return second(h.MakeClaim(ctx, a, f.noticed.Ref, registertest.Plan())) },
		"ReviseClaim": func(a models.Actor) error {
			return second(h.ReviseClaim(ctx, a, f.made.Ref, f.made.Version, registertest.Plan()))
		},
		"LockClaim": func(a models.Actor) error { return second(h.LockClaim(ctx, a, f.made.Ref, f.made.Version, "")) },
		"WithdrawClaim": func(a models.Actor) error {
			return second(h.WithdrawClaim(ctx, a, f.made.Ref, f.made.Version, "Not wanted"))
		},
		"ShareClaim":     func(a models.Actor) error { return second(h.ShareClaim(ctx, a, f.analysed.Ref, f.analysed.Version)) },
		"LockedPlanFile": func(a models.Actor) error { return second(h.LockedPlanFile(ctx, a, f.shared.Ref, 1)) },
		"PlanDiff":       func(a models.Actor) error { return second(h.PlanDiff(ctx, a, f.shared.Ref, 1, 1)) },
		"ResultFile":     func(a models.Actor) error { return second(h.ResultFile(ctx, a, f.shared.Ref, 1)) },
		"Figures":        func(a models.Actor) error { return second(h.Figures(ctx, a, f.shared.Ref, 1, models.Welsh)) },
		"UploadDataset": func(a models.Actor) error {
			return second(h.UploadDataset(ctx, a, f.analysed.Ref, "x.csv", strings.NewReader(registertest.Rows(13, 9, 20))))
		},
		"StartRun":  func(a models.Actor) error { return second(h.StartRun(ctx, a, f.shared.Ref)) },
		"Run":       func(a models.Actor) error { return second(h.Register.Run(ctx, a, f.run.ID)) },
		"CancelRun": func(a models.Actor) error { return second(h.CancelRun(ctx, a, f.run.ID)) },
		"Analyse":   func(a models.Actor) error { return second(h.Analyse(ctx, a, f.shared.Ref)) },
		"MakeChallenge": func(a models.Actor) error {
			return second(h.MakeChallenge(ctx, a, f.shared.Ref, register.ChallengeInput{Ground: "sample", Body: "Volunteers only"}))
		},
		"ClaimChallenge":    func(a models.Actor) error { return second(h.ClaimChallenge(ctx, a, f.challenge.No)) },
		"ChallengeViews":    func(a models.Actor) error { return second(h.ChallengeViews(ctx, a, f.shared)) },
		"AnswerChallenge":   func(a models.Actor) error { return h.AnswerChallenge(ctx, a, f.challenge.No, "upheld", "It is so") },
		"CloseChallenge":    func(a models.Actor) error { return h.CloseChallenge(ctx, a, f.challenge.No) },
		"Receipt":           func(a models.Actor) error { return second(h.Receipt(ctx, a, f.notice.No)) },
		"Checkpoint":        func(a models.Actor) error { return second(h.Checkpoint(ctx, a, 0)) },
		"Checkpoints":       func(a models.Actor) error { return second(h.Checkpoints(ctx, a, 0, 10)) },
		"SignNow":           func(a models.Actor) error { return second(h.SignNow(ctx, a)) },
		"Consistency":       func(a models.Actor) error { return second(h.Consistency(ctx, a, 1, 0)) },
		"Keys":              func(a models.Actor) error { return second(h.Keys(ctx, a)) },
		"OrganisationName":  func(a models.Actor) error { return second(h.OrganisationName(ctx, a)) },
		"RotateKey":         func(a models.Actor) error { return second(h.RotateKey(ctx, a, 30)) },
		"Witnesses":         func(a models.Actor) error { return second(h.Witnesses(ctx, a)) },
		"EndWitness":        func(a models.Actor) error { return second(h.EndWitness(ctx, a, f.witness.ID)) },
		"CheckpointAddress": func(a models.Actor) error { return second(h.CheckpointAddress(ctx, a)) },
		"Backups":           func(a models.Actor) error { return second(h.Backups(ctx, a)) },
		"AddWitness": func(a models.Actor) error {
			return second(h.AddWitness(ctx, a, register.NewWitness{Label: "GMB", Kind: models.WitnessUnion, UnionID: h.GMB.ID, Public: witnessKey(f.t, "gmb.example/witness").String()}))
		},
		"Cosign": func(a models.Actor) error {
			c := need(h.Store.LastCheckpoint(ctx, h.Org.ID, -1))(f.t)
			return second(h.Cosign(ctx, a, c.Size, cosigned(f.t, c, witnessKey(f.t, "unison.example/witness"), h.Clock.Now())))
		},
		"AskForCheckpoints": func(a models.Actor) error {
			return h.AskForCheckpoints(ctx, a, h.Unison.ID, "log@unison.example", models.Welsh)
		},
		"Link": func(a models.Actor) error {
			_, _, err := h.Link(ctx, a, f.proof.ID, 24)
			return err
		},
		"Reinvest": func(a models.Actor) error {
			return second(h.Reinvest(ctx, a, f.shared.Ref, 0, map[string]int{"direct_work": 100}, ""))
		},
	}
}

// ownAccount are the methods that are about whoever calls them: everybody who
// has signed in may, whatever they hold. Others test them.
var ownAccount = []string{
	"Factors", "BeginTOTP", "ConfirmTOTP", "RemoveTOTP", "NewRecoveryCodes", "BeginPasskey", "FinishPasskey", "RemovePasskey", "Prove", "ChangePassword", "ChangeEmail",
	"ConfirmEmail", "Tokens", "IssueToken", "RevokeToken", "Sessions", "EndSession", "EndOtherSessions", "Permissions", "ExportAccount", "RemoveAccount", "UnlinkIdentity",
	"Work", "SignOut", "AcceptAs", "OwnOrganisations",
	"KeepForm", "KeptForm", "DropKeptForm", "Inbox", "MarkRead", "TopicModes", "ChooseTopics", "LinkCalendar", "UnlinkCalendar", "HasCalendar", "Duties",
}

// withoutActor are the methods that ask nobody: sign-in, set-up, jobs.
var withoutActor = []string{
	"ActorOf", "ActorOfToken", "ActorOfSession", "PublicActor", "SignIn", "SecondFactor", "AskPasskey", "TakePasskey", "Providers", "AskProvider", "TakeProvider", "LeaveProvider",
	"AskReset", "Reset", "Invitation", "Accept", "Found", "Organisations", "SetPassword", "Explain", "Now", "Healthy", "Workers", "DeliverAll", "Answered", "KeepAnswer",
	"WorkRuns", "PurgeDue", "AskReinvestments", "SignDaily", "AuditLog", "Stands", "ProofHere", "Address", "Linked", "LastGoodBackup", "NoteBackup", "NoteRemoved", "NoteRestored", "SigningNow", "Restorations", "RolledBack",
	"Remind", "SendDaily", "Rewake", "Calendar", "FlagByCode", "NotifyCalledBack", "Sitemap", "LogSizes", "LogSize", "Employer",
}

// TestEveryUseCase holds three things of every method of the register: it is
// in the table; somebody without a role gets nowhere and leaves no trace;
// somebody permitted adds exactly one entry when it changes something, and
// none when it reads.
func TestEveryUseCase(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		f := makeRecords(t, h)
		table := useCases(h, f)
		maps.Copy(table, partnership(h, f))
		maps.Copy(table, lists(h, f))
		typ := reflect.TypeOf(h.Register)
		for i := range typ.NumMethod() {
			name := typ.Method(i).Name
			if _, ok := table[name]; !ok && !slices.Contains(withoutActor, name) && !slices.Contains(ownAccount, name) {
				t.Errorf("%s is not in the table", name)
			}
		}
		stranger := models.Actor{UserID: h.Scrutiny.UserID, OrgID: h.Org.ID}
		for name, call := range table {
			if name == "Cosign" {
				continue // whoever has a witness's key: the signature says so
			}
			before := need(s.LedgerSize(t.Context(), h.Org.ID))(t)
			counts := need(s.Counts(t.Context()))(t)
			err := call(stranger)
			if kind := models.KindOf(err); err != nil && kind != models.Forbidden && kind != models.NotFound && kind != models.Unauthenticated || err == nil && !publicReads[name] {
				t.Errorf("%s by somebody without a role: %v", name, err)
			}
			after := need(s.Counts(t.Context()))(t)
			if n := need(s.LedgerSize(t.Context(), h.Org.ID))(t); n != before || !reflect.DeepEqual(counts, after) {
				t.Errorf("%s by somebody without a role left a trace", name)
			}
		}
	})
	for name, who := range whoMay {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, "sqlite")
			h := registertest.New(t, s)
			f := makeRecords(t, h)
			before := need(s.LedgerSize(t.Context(), h.Org.ID))(t)
			table := useCases(h, f)
			maps.Copy(table, partnership(h, f))
			maps.Copy(table, lists(h, f))
			must(t, table[name](who.actor(h)))
			if n := need(s.LedgerSize(t.Context(), h.Org.ID))(t); n-before != who.entries {
				t.Errorf("%d entries", n-before)
			}
		})
	}
}

// publicReads are what anybody may read of what is published.
var publicReads = map[string]bool{
	"Profiles": true, "Members": true, "Deployment": true, "Deployments": true, "Scope": true, "Versions": true, "Version": true, "AsAt": true, "Diff": true, "Gate": true, "Notice": true, "Notices": true,
	"Comments": true, "Outcomes": true, "Holds": true, "Overrides": true, "Scores": true, "Timeline": true, "MaterialChanges": true,
	"Missing": true, "AllClaims": true, "Claims": true, "Claim": true, "LockedPlanFile": true, "PlanDiff": true, "ResultFile": true, "Figures": true, "ClaimChallenge": true, "ChallengeViews": true,
	"RaiseFlag": true, "WriteOpen": true, "PublishedDeployment": true, "RegisterFeed": true, "WindowsCalendar": true, "WriteATRS": true, "Algoritmeregister": true, "Facets": true, "Template": true,
	"DeploymentsAt": true, "EachDeployment": true, "CountEach": true, "AreaNames": true,
	"Inbox": true, "Receipt": true, "Checkpoint": true, "Checkpoints": true, "Consistency": true, "Keys": true, "OrganisationName": true, "Witnesses": true,
}

// whoMay names somebody who may, for every method that changes something.
var whoMay = map[string]struct {
	actor   func(*registertest.House) models.Actor
	entries int64
}{
	"Configure": {admin, 1}, "SetClosureDays": {hr, 1}, "AddServiceArea": {admin, 1}, "AddBargainingUnit": {hr, 1}, "AddJobRole": {hr, 1}, "ChangeJobRole": {hr, 1},
	"AddUser": {admin, 1}, "GrantRole": {admin, 1}, "AddUnion": {admin, 1}, "AddBranch": {hr, 1}, "AppointOfficer": {officer, 1}, "Agree": {hr, 1},
	"ChangeRecognition": {hr, 1}, "AgreeAddress": {hr, 1}, "RegisterDeployment": {manager, 1}, "Revise": {manager, 1}, "JudgeMateriality": {cdo, 1}, "MarkLate": {cdo, 1},
	"RaiseClass": {cdo, 1}, "AddToScope": {cdo, 1}, "Move": {cdo, 1}, "DraftNotice": {manager, 1}, "ReviseNotice": {manager, 1}, "DiscardNotice": {cdo, 1}, "ServeNotice": {cdo, 1},
	"Acknowledge": {officer, 1}, "RecordDelivery": {cdo, 1}, "MakeComment": {rep, 1}, "CorrectComment": {officer, 1}, "WithdrawComment": {officer, 1}, "RedactComment": {assurer, 1},
	"WidenComment": {officer, 1}, "Dispose": {manager, 1}, "RecordOutcome": {cdo, 1}, "StateOutcome": {officer, 1}, "Ask": {rep, 1}, "Answer": {manager, 1}, "Withhold": {manager, 1},
	"Challenge": {officer, 1}, "PlaceHold": {approver, 1}, "LiftHold": {approver, 1}, "RequestOverride": {cdo, 1}, "SignOverride": {approver, 1}, "GiveScores": {manager, 1},
	"Attach": {manager, 1}, "Import": {cdo, 1}, "Members": {officer, 0}, "Ledger": {auditor, 0}, "Attachment": {auditor, 0}, "OwnAttachment": {cdo, 0}, "Unanswered": {scrutiny, 0}, "ImportReport": {cdo, 0},
	"Requests": {officer, 0}, "Request": {rep, 0}, "Comment": {rep, 0}, "Drafts": {manager, 0}, "CheckNotice": {manager, 0}, "Organisation": {admin, 0}, "JobRole": {rep, 0}, "WhoWouldBeTold": {rep, 0}, "Officers": {rep, 0},
	"Invite": {admin, 1}, "Invitations": {admin, 0}, "RevokeInvitation": {admin, 1}, "SuspendMembership": {admin, 1}, "ResumeMembership": {admin, 1}, "EndMembership": {admin, 1},
	"Delegate": {approver, 1}, "RemoveUser": {admin, 1}, "ServiceAccounts": {auditor, 0}, "AddServiceAccount": {cdo, 1}, "EndServiceAccount": {admin, 1}, "AccessSettings": {auditor, 0},
	"ConfigureAccess": {admin, 1}, "RetentionPreview": {auditor, 0}, "SecurityEvents": {auditor, 0}, "ConfirmAddress": {officer, 1}, "EndAddress": {officer, 1},
	"Metrics": {rep, 0}, "DefineMetric": {manager, 1}, "SampleSize": {rep, 0}, "MakeClaim": {manager, 1}, "ReviseClaim": {manager, 1}, "LockClaim": {manager, 1}, "WithdrawClaim": {manager, 1},
	"ShareClaim": {manager, 1}, "UploadDataset": {manager, 1}, "StartRun": {manager, 1}, "Run": {auditor, 0}, "CancelRun": {manager, 1}, "Analyse": {cdo, 2},
	"MakeChallenge": {officer, 1}, "AnswerChallenge": {cdo, 1}, "CloseChallenge": {officer, 1}, "Reinvest": {manager, 1},
	"SignNow": {officer, 0}, "RotateKey": {admin, 1}, "AddWitness": {otherOfficer, 1}, "EndWitness": {officer, 1}, "Cosign": {nobody, 1}, "CheckpointAddress": {officer, 0},
	"AskForCheckpoints": {officer, 1}, "Link": {cdo, 1}, "Backups": {admin, 0}, "Receipt": {officer, 0},
	"OpenDispute": {otherOfficer, 1}, "AdvanceDispute": {officer, 1}, "AskOfHold": {cdo, 1}, "AgreeOfHold": {officer, 1}, "SettleDispute": {officer, 1}, "Dispute": {officer, 0}, "Disputes": {scrutiny, 0},
	"OfferMeeting": {officer, 1}, "CancelMeeting": {cdo, 1}, "HoldMeeting": {hr, 1}, "WriteMinutes": {officer, 1}, "AgreeMinutes": {officer, 1}, "Meeting": {scrutiny, 0}, "Meetings": {auditor, 0},
	"RecordEngagement": {hr, 1}, "Engagement": {officer, 0}, "Engagements": {officer, 0}, "SendQuestionnaire": {hr, 1}, "AnswerQuestionnaire": {officer, 1}, "Questionnaire": {officer, 0}, "Questionnaires": {hr, 0},
	"AddAction": {scrutiny, 1}, "FinishAction": {manager, 1}, "Action": {officer, 0}, "Actions": {officer, 0}, "RaiseBarrier": {officer, 1}, "SettleBarrier": {officer, 1}, "Barriers": {otherOfficer, 0},
	"ProposeStatement": {officer, 1}, "SignStatement": {officer, 1}, "RefuseStatement": {officer, 1}, "Statement": {officer, 0}, "Statements": {scrutiny, 0}, "StatePosition": {officer, 1},
	"EnterCost": {manager, 1}, "ReverseCost": {cdo, 1}, "Costs": {scrutiny, 0},
	"WriteRoom": {rep, 0}, "ReviseRoom": {rep, 0}, "RemoveRoom": {officer, 0}, "TallyRoom": {rep, 0}, "AttachRoom": {rep, 0}, "RoomFile": {officer, 0}, "FileDraft": {officer, 1}, "Room": {rep, 0},
	"RaiseFlag": {nobody, 1}, "Flags": {auditor, 0}, "SettleFlag": {cdo, 2}, "NotificationSettings": {admin, 0}, "ConfigureNotifications": {admin, 1}, "Messages": {admin, 0},
	"UploadImport": {cdo, 0}, "ImportFiles": {cdo, 0}, "ImportFile": {cdo, 0}, "ChooseImportMap": {cdo, 0}, "ChooseImportColumns": {cdo, 0}, "ImportUploaded": {cdo, 1}, "DiscardImport": {cdo, 0}, "Imports": {auditor, 0}, "Imported": {manager, 0}, "RefusedRows": {cdo, 0},
	"DeploymentsAt": {officer, 0}, "EachDeployment": {auditor, 0}, "CountEach": {rep, 0}, "AreaNames": {rep, 0}, "SavedViews": {rep, 0}, "SaveView": {rep, 0}, "RemoveView": {cdo, 0}, "Questions": {scrutiny, 0}, "OutcomesOf": {scrutiny, 0}, "Visit": {rep, 0}, "Changes": {rep, 0}, "NewsSince": {otherOfficer, 0}, "OpenWindows": {rep, 0},
	"AddHook": {cdo, 1}, "Hooks": {auditor, 0}, "EndHook": {cdo, 1}, "ReplayHook": {cdo, 1}, "AnnualReport": {rep, 0}, "Report": {scrutiny, 0}, "ReportYears": {scrutiny, 0}, "WriteReport": {cdo, 0}, "RegisterTemplate": {manager, 1},
}

func admin(h *registertest.House) models.Actor    { return h.Admin }
func hr(h *registertest.House) models.Actor       { return h.HR }
func cdo(h *registertest.House) models.Actor      { return h.CDO }
func manager(h *registertest.House) models.Actor  { return h.Manager }
func assurer(h *registertest.House) models.Actor  { return h.Assurer }
func approver(h *registertest.House) models.Actor { return h.Approver }
func officer(h *registertest.House) models.Actor  { return h.Officer }
func rep(h *registertest.House) models.Actor      { return h.Rep }
func scrutiny(h *registertest.House) models.Actor { return h.Scrutiny }
func auditor(h *registertest.House) models.Actor  { return h.Auditor }

func otherOfficer(h *registertest.House) models.Actor { return h.OtherOfficer }

// nobody has no account: a witness, known by its signature alone.
func nobody(h *registertest.House) models.Actor { return models.Actor{OrgID: h.Org.ID} }

// records are what the use cases are tried on.
type records struct {
	t                  testing.TB
	formative, noticed register.DeploymentView
	draft              models.Draft
	notice             models.Notice
	comment            models.CommentState
	request, withheld  models.RequestState
	hold               models.Hold
	override           models.Override
	branch             models.Branch
	recognition        models.Recognition
	third              models.Union
	proof              models.Attachment
	imported           register.ImportReport
	file               register.ImportFile
	fromFile           register.ImportReport
	view               register.SavedView
	material           int

	invitation                     register.InvitationView
	managers, suspended, approvers models.Membership
	service                        string
	witness                        models.Witness
	address                        models.ServiceAddress

	made, analysed, shared register.ClaimView
	run                    models.Run
	challenge              models.ChallengeState
	metric                 models.Metric

	partners
}

func makeRecords(t testing.TB, h *registertest.House) records {
	t.Helper()
	ctx := t.Context()
	f := records{t: t, formative: h.Formative(t)}
	f.draft = need(h.DraftNotice(ctx, h.CDO, f.formative.Ref, registertest.Draft(models.NoticeChange)))(t)
	f.noticed, f.notice = h.Noticed(t)
	f.comment = need(h.MakeComment(ctx, h.Rep, f.noticed.Ref, commentInput("Caseloads must not rise.")))(t)
	f.request = need(h.Ask(ctx, h.Officer, f.noticed.Ref, "", "How many cases?"))(t)
	f.withheld = need(h.Ask(ctx, h.Officer, f.noticed.Ref, "", "What does it cost?"))(t)
	f.withheld = need(h.Withhold(ctx, h.CDO, f.withheld.No, 1, "Commercial confidence", models.MustDate("2027-01-01"), ""))(t)
	f.hold = need(h.PlaceHold(ctx, h.CDO, f.noticed.Ref, h.Unison.ID, "Status quo", models.MustDate("2026-11-01")))(t)
	f.override = need(h.RequestOverride(ctx, h.CDO, f.noticed.Ref, models.StageDecided, "Emergency", models.MustDate("2026-10-01")))(t)
	must(t, second(h.RecordOutcome(ctx, h.CDO, f.noticed.Ref, 0, h.Unison.ID, "not_agreed", "We differ on load", 0)))
	f.branch = need(h.Branches(ctx, h.HR))(t)[1]
	if f.branch.UnionID != h.Unison.ID {
		f.branch = need(h.Branches(ctx, h.HR))(t)[0]
	}
	f.recognition = need(h.Recognitions(ctx, h.HR))(t)[0]
	f.third = need(h.AddUnion(ctx, h.Admin, "Prospect", "Prospect"))(t)
	f.proof = need(h.Attach(ctx, h.CDO, "receipt.txt", []byte("signed for at reception")))(t)
	f.imported = need(h.Import(ctx, h.CDO, register.ImportInput{FileName: "y.csv", Map: "y.yaml", MapFile: []byte(smallMap), Data: []byte("Name,Why,Where\nSort post,Faster post,Post room\n")}))(t)
	f.files(t, h)
	h.Clock.Set(h.Clock.Now().Add(time.Hour))
	v := need(h.Revise(ctx, h.CDO, f.noticed.Ref, f.noticed.Version, func(r models.Record) (models.Record, error) {
		r.Models[0].Region = "EU West"
		return r, nil
	}, register.Judgement{}))(t)
	f.noticed, f.material = v, v.Version
	f.people(t, h)
	f.evidence(t, h)
	f.between(t, h)
	return f
}

// evidence is the claims that use cases are tried on.
func (f *records) evidence(t testing.TB, h *registertest.House) {
	t.Helper()
	ctx := t.Context()
	f.shared = h.Shared(t, f.noticed.Ref, 11, 20)
	f.challenge = need(h.MakeChallenge(ctx, h.Officer, f.shared.Ref, register.ChallengeInput{Ground: "baseline", Body: "It was a busy spring"}))(t)
	f.made = need(h.MakeClaim(ctx, h.Manager, f.noticed.Ref, registertest.Plan()))(t)
	f.analysed = h.Analysed(t, f.noticed.Ref, 6, 20)
	f.run = need(h.StartRun(ctx, h.Manager, f.analysed.Ref))(t)
	f.metric = need(h.Metrics(ctx, h.Rep))(t)[0].Metric
}

// people are the accounts that use cases are tried on.
func (f *records) people(t testing.TB, h *registertest.House) {
	t.Helper()
	ctx := t.Context()
	f.invitation = need(h.Invite(ctx, h.Admin, register.NewInvitation{Email: "invited@tywi.example", Hat: register.Hat{Role: models.RoleCDO}}))(t)
	for _, m := range need(h.Members(ctx, h.Auditor))(t) {
		switch m.UserID {
		case h.Manager.UserID:
			f.managers = m.Membership
		case h.Assurer.UserID:
			f.suspended = need(h.SuspendMembership(ctx, h.Admin, m.ID, 1))(t)
		case h.Approver.UserID:
			f.approvers = m.Membership
		}
	}
	_, token, err := h.AddServiceAccount(ctx, h.CDO, register.NewToken{Name: "gate reader", Scopes: []string{"gate.read"}, Days: 9})
	must(t, err)
	f.service = token.UserID
	f.witness = need(h.AddWitness(t.Context(), h.Officer, register.NewWitness{Label: "UNISON Sir Tywi", Kind: models.WitnessUnion, Public: witnessKey(t, "unison.example/witness").String()}))(t)
	must(t, h.AskForCheckpoints(t.Context(), h.Officer, "", "checkpoints@unison.example", models.English))
	for _, a := range need(h.ServiceAddresses(ctx, h.Officer))(t) {
		if a.BranchID == f.branch.ID {
			f.address = a
		}
	}
}
