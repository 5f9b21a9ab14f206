package policy

import "strings"

// act is one verb of the product. There is one spelling of it: policy line,
// ledger verb, entry of a can list, OpenAPI operation id.
type act struct {
	name string
	// read is the act that reads the record which this one works on. Who may
	// not read a record is not told that it exists.
	read string
	// ownSide marks the acts in which a party speaks for itself: a union for
	// that union only, the employer never in a union's place.
	ownSide bool
	// fresh marks the acts that want whoever does them to have proved who they
	// are of late: those that bind a party, and those that open an account.
	fresh bool
	// inPerson marks the acts that no token does: one that made tokens, or
	// changed an account, would outlive and outgrow itself.
	inPerson bool
	// notLent marks the acts that nobody does with a role that was lent to them:
	// a loan must not outgrow itself.
	notLent bool
}

// acts are all there are. An act that makes a record is read by what it is
// made in, so that refusing it says "you may not" and not "there is nothing";
// so are the accounts, the imports and the ledger, which every organisation has.
var acts = []act{
	{name: "organisation.read", read: "organisation.read"},
	{name: "organisation.configure", read: "organisation.read"},
	{name: "closure_days.set", read: "organisation.read"},
	{name: "service_area.add", read: "organisation.read"},
	{name: "service_area.change", read: "organisation.read"},
	{name: "bargaining_unit.add", read: "organisation.read"},
	{name: "job_role.add", read: "organisation.read"},
	{name: "job_role.change", read: "organisation.read"},
	{name: "union.add", read: "organisation.read"},
	{name: "branch.add", read: "organisation.read"},
	{name: "officer.appoint", read: "organisation.read"},
	{name: "recognition.agree", read: "organisation.read"},
	{name: "recognition.change", read: "organisation.read"},
	{name: "service_address.agree", read: "organisation.read"},
	{name: "service_address.confirm", read: "organisation.read", ownSide: true, fresh: true, inPerson: true},
	{name: "service_address.end", read: "organisation.read", ownSide: true, fresh: true, inPerson: true},
	{name: "profile.read", read: "profile.read"},

	{name: "user.read", read: "user.read"},
	{name: "user.add", read: "organisation.read"},
	{name: "user.remove", read: "user.read", ownSide: true, fresh: true, inPerson: true, notLent: true},
	{name: "invitation.read", read: "invitation.read"},
	{name: "invitation.send", read: "organisation.read", fresh: true, inPerson: true, notLent: true},
	{name: "invitation.revoke", read: "invitation.read", inPerson: true, notLent: true},
	{name: "membership.grant", read: "organisation.read", fresh: true, inPerson: true, notLent: true},
	{name: "membership.suspend", read: "user.read", ownSide: true, fresh: true, inPerson: true, notLent: true},
	{name: "membership.resume", read: "user.read", ownSide: true, fresh: true, inPerson: true, notLent: true},
	{name: "membership.end", read: "user.read", ownSide: true, fresh: true, inPerson: true, notLent: true},
	{name: "membership.delegate", read: "membership.delegate", fresh: true, inPerson: true},
	{name: "service_account.read", read: "service_account.read"},
	{name: "service_account.add", read: "service_account.read", fresh: true, inPerson: true, notLent: true},
	{name: "service_account.end", read: "service_account.read", notLent: true},
	{name: "access.read", read: "access.read"},
	{name: "access.configure", read: "access.read", fresh: true, inPerson: true, notLent: true},
	{name: "security.read", read: "security.read"},
	{name: "retention.read", read: "retention.read"},

	{name: "account.read", read: "account.read"},
	{name: "account.prove", read: "account.read", inPerson: true},
	{name: "account.change", read: "account.read", fresh: true, inPerson: true},
	{name: "account.export", read: "account.read", fresh: true, inPerson: true},
	{name: "account.remove", read: "account.read", fresh: true, inPerson: true},
	{name: "permission.read", read: "permission.read"},
	{name: "session.read", read: "session.read"},
	{name: "session.end", read: "session.read", inPerson: true},
	{name: "token.read", read: "token.read"},
	{name: "token.issue", read: "token.read", fresh: true, inPerson: true},
	{name: "token.revoke", read: "token.read"},

	{name: "deployment.read", read: "deployment.read"},
	{name: "deployment.read_draft", read: "deployment.read_draft"},
	{name: "deployment.register", read: "organisation.read"},
	{name: "deployment.revise", read: "deployment.read"},
	{name: "deployment.move", read: "deployment.read"},
	{name: "deployment.decide", read: "deployment.read"},
	{name: "deployment.go_live", read: "deployment.read"},
	{name: "deployment.mark_late", read: "deployment.read"},
	{name: "deployment.raise_class", read: "deployment.read"},
	{name: "materiality.judge", read: "deployment.read"},
	{name: "scope.add", read: "deployment.read"},
	{name: "hold.place", read: "deployment.read"},
	{name: "hold.lift", read: "deployment.read"},
	{name: "override.request", read: "deployment.read", fresh: true},
	{name: "override.sign", read: "deployment.read", fresh: true},

	{name: "notice.read", read: "notice.read"},
	{name: "notice.draft", read: "deployment.read"},
	{name: "notice.revise", read: "notice.read"},
	{name: "notice.discard", read: "notice.read"},
	{name: "notice.serve", read: "notice.read", fresh: true},
	{name: "notice.acknowledge", read: "notice.read"},
	{name: "delivery.read", read: "delivery.read"},
	{name: "delivery.record", read: "notice.read"},

	{name: "comment.read", read: "comment.read"},
	{name: "comment.make", read: "deployment.read", ownSide: true},
	{name: "comment.respond", read: "deployment.read", ownSide: true, fresh: true},
	{name: "comment.correct", read: "comment.read"},
	{name: "comment.withdraw", read: "comment.read"},
	{name: "comment.redact", read: "comment.read"},
	{name: "comment.widen", read: "comment.read"},
	{name: "comment.dispose", read: "comment.read"},
	{name: "outcome.record", read: "deployment.read"},
	{name: "outcome.state", read: "deployment.read", ownSide: true, fresh: true},

	{name: "request.read", read: "request.read"},
	{name: "request.ask", read: "deployment.read", ownSide: true},
	{name: "request.answer", read: "request.read"},
	{name: "request.withhold", read: "request.read"},
	{name: "request.challenge", read: "request.read"},

	{name: "score.read", read: "score.read"},
	{name: "score.give", read: "deployment.read", ownSide: true},

	{name: "metric.define", read: "organisation.read"},
	{name: "claim.read", read: "claim.read"},
	{name: "claim.make", read: "deployment.read"},
	{name: "claim.revise", read: "claim.read"},
	{name: "claim.lock", read: "claim.read"},
	{name: "claim.withdraw", read: "claim.read"},
	{name: "claim.analyse", read: "claim.read"},
	{name: "claim.share", read: "claim.read"},
	{name: "claim.challenge", read: "claim.read", ownSide: true, fresh: true},
	{name: "dataset.upload", read: "claim.read"},
	{name: "run.cancel", read: "claim.read"},
	{name: "challenge.answer", read: "claim.read"},
	{name: "challenge.close", read: "claim.read", ownSide: true, fresh: true},
	{name: "reinvestment.report", read: "claim.read"},

	{name: "import.run", read: "organisation.read"},
	{name: "import.read", read: "organisation.read"},
	{name: "attachment.add", read: "organisation.read"},
	{name: "attachment.read", read: "attachment.read"},
	{name: "gate.read", read: "gate.read"},
	{name: "attachment.link", read: "attachment.read", fresh: true, inPerson: true},
	{name: "ledger.read", read: "organisation.read"},
	{name: "checkpoint.read", read: "checkpoint.read"},
	{name: "checkpoint.sign", read: "checkpoint.read"},
	{name: "checkpoint.cosign", read: "checkpoint.read"},
	{name: "checkpoint.ask", read: "checkpoint.read", ownSide: true, fresh: true, inPerson: true},
	{name: "signing_key.rotate", read: "checkpoint.read", fresh: true, inPerson: true, notLent: true},
	{name: "witness.add", read: "checkpoint.read", ownSide: true, fresh: true, inPerson: true},
	{name: "witness.end", read: "checkpoint.read", ownSide: true, fresh: true, inPerson: true},
	{name: "backup.read", read: "organisation.read"},
	{name: "partnership.read", read: "partnership.read"},
	{name: "dispute.open", read: "deployment.read", ownSide: true, fresh: true},
	{name: "dispute.advance", read: "partnership.read", ownSide: true},
	{name: "dispute.ask", read: "partnership.read", ownSide: true},
	{name: "dispute.agree", read: "partnership.read", ownSide: true, fresh: true},
	{name: "dispute.settle", read: "partnership.read", ownSide: true, fresh: true},
	{name: "meeting.offer", read: "organisation.read"},
	{name: "meeting.hold", read: "partnership.read"},
	{name: "meeting.cancel", read: "partnership.read"},
	{name: "minutes.write", read: "partnership.read"},
	{name: "minutes.agree", read: "partnership.read", fresh: true},
	{name: "engagement.record", read: "organisation.read"},
	{name: "questionnaire.send", read: "organisation.read"},
	{name: "questionnaire.answer", read: "partnership.read", ownSide: true, fresh: true},
	{name: "action.add", read: "organisation.read"},
	{name: "action.ask", read: "organisation.read"},
	{name: "action.finish", read: "partnership.read"},
	{name: "barrier.raise", read: "organisation.read"},
	{name: "barrier.settle", read: "partnership.read"},
	{name: "statement.propose", read: "organisation.read", fresh: true},
	{name: "statement.sign", read: "partnership.read", fresh: true},
	{name: "statement.refuse", read: "partnership.read", fresh: true},
	{name: "position.state", read: "organisation.read", ownSide: true, fresh: true},
	{name: "room.read", read: "room.read", ownSide: true},
	{name: "room.write", read: "room.read", ownSide: true},
	{name: "room.file", read: "room.read", ownSide: true, fresh: true},
	{name: "cost.read", read: "cost.read"},
	{name: "cost.enter", read: "deployment.read"},
	{name: "cost.reverse", read: "cost.read"},
	{name: "flag.raise", read: "flag.raise"},
	{name: "flag.read", read: "organisation.read"},
	{name: "flag.settle", read: "organisation.read"},
	{name: "inbox.read", read: "inbox.read"},
	{name: "inbox.choose", read: "inbox.read"},
	{name: "calendar.link", read: "inbox.read", fresh: true, inPerson: true},
	{name: "hook.read", read: "organisation.read"},
	{name: "hook.add", read: "organisation.read", fresh: true, inPerson: true},
	{name: "hook.end", read: "organisation.read"},
	{name: "hook.replay", read: "organisation.read"},
	{name: "message.read", read: "organisation.read"},
	{name: "notification.configure", read: "organisation.read"},
	{name: "report.read", read: "organisation.read"},
	{name: "report.export", read: "organisation.read"},
	{name: "metrics.read", read: "organisation.read"},
}

var actIndex = func() map[string]int {
	index := make(map[string]int, len(acts))
	for i, a := range acts {
		index[a.name] = i
	}
	return index
}()

// Reads says whether an act only reads.
func Reads(name string) bool {
	_, verb, _ := strings.Cut(name, ".")
	return verb == "read" || verb == "read_draft"
}

// Fresh says whether an act wants a fresh proof of who does it.
func Fresh(name string) bool {
	i, ok := actIndex[name]
	return ok && acts[i].fresh
}

// ByToken says whether a token may do an act at all.
func ByToken(name string) bool {
	i, ok := actIndex[name]
	return ok && !acts[i].inPerson
}

// Acts lists every act, noun by noun.
func Acts() []string {
	names := make([]string, len(acts))
	for i, a := range acts {
		names[i] = a.name
	}
	return names
}
