package register

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// GateView is a gate that was read, with its deployment.
type GateView struct {
	models.Gate
	Ref   string
	Name  models.Text
	Stage models.Stage
	Class models.ChangeClass
	Late  bool
}

// Gate reads the gate into a stage on a day; no day is today. On a past day
// only what had happened by its end is counted.
func (r *Register) Gate(ctx context.Context, a models.Actor, ref string, to models.Stage, at models.Date) (GateView, error) {
	s, err := r.openToRead(ctx, a, ref, "gate.read")
	if err != nil {
		return GateView{}, err
	}
	if to != "" && to.Rank() < 0 {
		return GateView{}, field("to", "unknown_value", "value", string(to), "allowed", stageList())
	}
	if today := models.DateOf(r.Now(), time.UTC); at != 0 && (at < today.AddMonths(-1200) || at > today.AddMonths(120)) {
		return GateView{}, field("at", "out_of_range", "min", today.AddMonths(-1200).String(), "max", today.AddMonths(120).String())
	}
	f, err := r.gateFacts(ctx, r.store.Reader, s, at)
	if err != nil {
		return GateView{}, err
	}
	if to == "" {
		to = nextStage(s, f.Profile)
	}
	g, err := models.ReadGate(f, to)
	hideRequests(a, &g)
	if !insider(a) {
		hideUnsharedRails(f, &g)
		r.hideClaims(a, s, f, &g)
	}
	hideWithheld(audienceOf(a, s.res), s.rec, f.At, &g)
	return GateView{Gate: g, Ref: s.Ref, Name: s.rec.Name, Stage: f.Deployment.Stage, Class: f.Deployment.EffectiveClass(), Late: f.Deployment.Late}, err
}

// hideRequests takes the numbers of information requests out of a gate for
// readers who may not see them; that days were not counted stays.
func hideRequests(a models.Actor, g *models.Gate) {
	const hidden = "IR-…"
	for i, b := range g.Blockers {
		if b.Code == "request_overdue" && !seesRequest(a, b.Union.ID) {
			g.Blockers[i].Item, b.Params["request"] = "request", hidden
		}
	}
	for _, k := range g.Clocks {
		for _, step := range k.Clock.Steps {
			if _, ok := step.Params["request"]; ok && !seesRequest(a, k.Union.ID) {
				step.Params["request"] = hidden
			}
		}
	}
}

// hideClaims takes out of a gate what it says of claims that the reader may not
// read: that something blocks stays.
func (r *Register) hideClaims(a models.Actor, s subject, f models.GateFacts, g *models.Gate) {
	hidden := map[string]bool{}
	for _, c := range f.Claims {
		if r.check(a, "claim.read", claimResource(s, c, r.Now())) == nil {
			continue
		}
		hidden["claim."+c.Ref] = true
		for _, x := range c.Challenges {
			hidden["challenge."+x.No] = true
		}
	}
	for i, b := range g.Blockers {
		if !hidden[b.Item] {
			continue
		}
		g.Blockers[i].Item, g.Blockers[i].Union = "claims", nil
		for k := range b.Params {
			if k != "stage_name" {
				b.Params[k] = models.Reason{Code: "gate.hidden"}
			}
		}
	}
}

// hideUnsharedRails takes the names of guardrails out of a gate that only a
// result says anything of which has not been shared: that something blocks stays.
func hideUnsharedRails(f models.GateFacts, g *models.Gate) {
	type told struct {
		name  models.Text
		state models.GuardState
	}
	known := map[told]bool{}
	for _, rail := range f.Record.Evidence.Guardrails {
		known[told{rail.Name, models.GuardState(rail.State)}] = true
	}
	for _, c := range f.Claims {
		for _, res := range c.Results {
			if _, shared := c.SharedSince(res.No, f.Until); shared && res.ChallengeID == nil {
				for _, rail := range res.RailList() {
					known[told{rail.Name, rail.State}] = true
				}
			}
		}
	}
	hide := func(p models.Params, state models.GuardState) {
		if name, ok := p["guardrail"].(models.Text); ok && !known[told{name, state}] {
			p["guardrail"] = models.Reason{Code: "gate.hidden"}
		}
	}
	for _, b := range g.Blockers {
		switch b.Code {
		case "guardrail_failed":
			hide(b.Params, models.GuardBreached)
		case "guardrail_unreported":
			hide(b.Params, models.GuardNotReported)
		}
	}
	for _, w := range g.Warnings {
		hide(w.Params, models.GuardNotSafe)
	}
}

// hideWithheld takes what is withheld from a reader out of a gate: that
// something blocks stays, and what is said of the field goes.
func hideWithheld(audience string, rec models.Record, on models.Date, g *models.Gate) {
	hidden := models.Reason{Code: "gate.hidden"}
	hide := func(p models.Params) {
		for k := range p {
			if k != "stage_name" && k != "union" {
				p[k] = hidden
			}
		}
	}
	masked := rec.ForAudience(audience, on)
	gone := map[string]bool{
		"evidence":    len(rec.Evidence.Guardrails)+len(rec.Evidence.Claims) > 0 && len(masked.Evidence.Guardrails)+len(masked.Evidence.Claims) == 0,
		"training":    rec.Training != masked.Training,
		"commitments": len(rec.Commitments) != len(masked.Commitments),
		"dates":       rec.Dates != masked.Dates,
		"assessments": len(rec.Assessments) != len(masked.Assessments),
	}
	for i, b := range g.Blockers {
		field, _, _ := strings.Cut(strings.ReplaceAll(b.Item, "[", "."), ".")
		if gone[field] {
			g.Blockers[i].Item = field
			hide(b.Params)
		}
	}
	for _, w := range g.Warnings {
		if _, ok := w.Params["guardrail"]; ok && gone["evidence"] {
			hide(w.Params)
		}
	}
}

func stageList() string {
	names := make([]string, len(models.Stages))
	for i, s := range models.Stages {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// nextStage is the stage after the present one, as most people would ask for.
func nextStage(s subject, p models.Profile) models.Stage {
	if next := s.Stage.Next(s.EffectiveClass(), p); len(next) > 0 {
		return next[0]
	}
	return s.Stage
}

// gateFacts gathers everything a gate is a function of, as it stood on a day.
func (r *Register) gateFacts(ctx context.Context, rd store.Reader, s subject, at models.Date) (models.GateFacts, error) {
	f := models.GateFacts{Deployment: s.Deployment, Record: s.rec}
	around, err := rd.Around(ctx, s.OrgID, s.ID)
	if err != nil {
		return f, err
	}
	org := around.Organisation
	if f.Profile, err = r.profile(org); err != nil {
		return f, err
	}
	var closures []models.ClosureDay
	if around.Closures {
		if closures, err = rd.ClosureDays(ctx, s.OrgID); err != nil {
			return f, err
		}
	}
	f.Calendar, f.Zone = models.NewCalendar(org.Nation, closures), org.Location()
	f.At, f.Until = at, r.Now()
	today := models.DateOf(f.Until, f.Zone)
	if at == 0 {
		f.At = today
	}
	if f.At < today {
		f.Until = endOf(f.At, f.Zone)
	}
	if f.Moves, err = rd.Moves(ctx, s.OrgID, s.ID); err != nil {
		return f, err
	}
	if f.At < today {
		if err := asItWas(ctx, rd, &f); err != nil {
			return f, err
		}
	}
	if err := consultation(ctx, rd, around, &f); err != nil {
		return f, err
	}
	facts, err := factsOf(ctx, rd, s.OrgID, f.Record.Groups, f.At)
	if err != nil {
		return f, err
	}
	if err := some(ctx, around.Additions, &facts.Additions, s.Deployment, rd.ScopeAdditions); err != nil {
		return f, err
	}
	f.Scope = models.DeriveScope(facts)
	f.Scope.KeepParties(f.Notices, facts.Unions, f.Until)
	return f, r.itemGaps(ctx, rd, org, &f, facts.Roles)
}

// asItWas takes the deployment back to what it was at the end of a past day.
func asItWas(ctx context.Context, rd store.Reader, f *models.GateFacts) error {
	v, err := rd.VersionAt(ctx, f.Deployment.OrgID, f.Deployment.ID, f.Until)
	if err != nil {
		return err
	}
	if f.Record, err = readRecord(v.RecordJSON); err != nil {
		return err
	}
	f.Deployment.Version, f.Deployment.Class, f.Deployment.RaisedTo, f.Deployment.Late = v.Number, v.Class, "", v.Late
	f.Deployment.Stage = models.StageIdea
	for _, m := range f.Moves {
		if !m.At.After(f.Until) {
			f.Deployment.Stage = m.ToStage
		}
	}
	return nil
}

// some reads rows of a deployment, where there are any.
func some[T any](ctx context.Context, there bool, into *[]T, d models.Deployment, read func(ctx context.Context, org, deploymentID string) ([]T, error)) error {
	if !there {
		return nil
	}
	var err error
	*into, err = read(ctx, d.OrgID, d.ID)
	return err
}

// consultation loads notices, comments, requests, outcomes and what else happened.
func consultation(ctx context.Context, rd store.Reader, there store.Around, f *models.GateFacts) error {
	d, err := f.Deployment, error(nil)
	if f.Notices, err = servedNotices(ctx, rd, d.OrgID, d.ID); err != nil {
		return err
	}
	if f.Comments, err = rd.UnionComments(ctx, d.OrgID, d.ID); err != nil {
		return err
	}
	if err := some(ctx, there.Requests, &f.Requests, d, rd.Requests); err != nil {
		return err
	}
	if err := some(ctx, there.Meetings, &f.Meetings, d, rd.MeetingsOf); err != nil {
		return err
	}
	if err := some(ctx, there.Outcomes, &f.Outcomes, d, rd.Outcomes); err != nil {
		return err
	}
	if err := some(ctx, there.Claims, &f.Claims, d, rd.Claims); err != nil {
		return err
	}
	if err := some(ctx, there.Holds, &f.Holds, d, rd.Holds); err != nil {
		return err
	}
	if err := some(ctx, there.Overrides, &f.Overrides, d, rd.Overrides); err != nil {
		return err
	}
	if err := some(ctx, there.Material, &f.Material, d, rd.MaterialChanges); err != nil || len(f.Material) == 0 {
		return err
	}
	// As it was judged by then, not as it has been judged since.
	judgements, err := rd.Judgements(ctx, d.OrgID, d.ID)
	for i, m := range f.Material {
		f.Material[i].Material, f.Material[i].JudgedAt = true, nil
		for _, j := range judgements {
			if j.Version == m.Version && !j.At.After(f.Until) {
				f.Material[i].Material, f.Material[i].JudgedAt = j.Material, &j.At
			}
		}
	}
	return err
}

// servedNotices loads a deployment's notices with what happened to each recipient.
func servedNotices(ctx context.Context, rd store.Reader, org, deploymentID string) ([]models.ServedNotice, error) {
	notices, err := rd.Notices(ctx, org, deploymentID)
	if err != nil || len(notices) == 0 {
		return nil, err
	}
	return withService(ctx, rd, org, notices)
}

func withService(ctx context.Context, rd store.Reader, org string, notices []models.Notice) ([]models.ServedNotice, error) {
	ids := noticeIDs(notices)
	recipients, err := rd.Recipients(ctx, org, ids)
	if err != nil {
		return nil, err
	}
	events, err := rd.Deliveries(ctx, org, ids)
	if err != nil {
		return nil, err
	}
	byID := map[string]models.Recipient{}
	out := make([]models.ServedNotice, len(notices))
	index := map[string]int{}
	for i, n := range notices {
		out[i] = models.ServedNotice{Notice: n, Events: map[string][]models.Delivery{}, Recipients: map[string]models.Recipient{}}
		if err := json.Unmarshal([]byte(n.Content), &out[i].Content); err != nil {
			return nil, err
		}
		index[n.ID] = i
	}
	for _, p := range recipients {
		byID[p.ID] = p
		out[index[p.NoticeID]].Recipients[p.UnionID] = p
	}
	for _, e := range events {
		union := byID[e.RecipientID].UnionID
		n := out[index[e.NoticeID]]
		n.Events[union] = append(n.Events[union], e)
	}
	return out, nil
}

// itemGaps finds what a notice of this deployment would lack today: in the
// draft that is there, or in none.
func (r *Register) itemGaps(ctx context.Context, rd store.Reader, org models.Organisation, f *models.GateFacts, roles map[string]models.JobRole) error {
	if f.Deployment.Stage.Rank() >= models.StageNoticed.Rank() {
		return nil
	}
	drafts, err := rd.Drafts(ctx, org.ID, f.Deployment.ID)
	if err != nil {
		return err
	}
	draft := models.Draft{Kind: models.NoticeChange}
	if len(drafts) > 0 {
		draft = drafts[len(drafts)-1]
	}
	area, err := rd.ServiceArea(ctx, org.ID, f.Record.ServiceAreaID)
	if err != nil {
		return err
	}
	items, languages, err := r.items(ctx, rd, org, area, *f, draft, roles)
	f.Gaps = models.Gaps(items, languages)
	return err
}

// Move takes a deployment into its next stage, if the gate is open or an
// override is in force. The gate is read inside the transaction.
func (r *Register) Move(ctx context.Context, a models.Actor, ref string, readAt int, to models.Stage, reason string) (DeploymentView, error) {
	if to.Rank() < 0 {
		return DeploymentView{}, field("to", "unknown_value", "value", string(to), "allowed", stageList())
	}
	act := "deployment.move"
	switch to {
	case models.StageDecided:
		act = "deployment.decide"
	case models.StageLive:
		act = "deployment.go_live"
	default:
	}
	if (to == models.StageDecided || to == models.StageWithdrawn || to == models.StageRetired || to == models.StagePaused) && strings.TrimSpace(reason) == "" {
		return DeploymentView{}, field("reason", "required")
	}
	return r.alter(ctx, a, ref, act, readAt, reason, func(tx *store.Tx, s *subject, at time.Time) error {
		return r.move(ctx, tx, a, s, to, reason, at)
	})
}

func (r *Register) move(ctx context.Context, tx *store.Tx, a models.Actor, s *subject, to models.Stage, reason string, at time.Time) error {
	f, err := r.gateFacts(ctx, tx.Reader, *s, 0)
	if err != nil {
		return err
	}
	// A decision may be given again, to a record that has changed materially since.
	renewed := to == models.StageDecided && s.Stage.Rank() >= models.StageDecided.Rank() && s.Stage.Rank() < models.StageRetired.Rank()
	if renewed {
		f.Deployment.Stage = models.StageNoticed
	}
	if len(f.Deployment.Stage.Path(to, s.EffectiveClass(), f.Profile)) != 1 {
		return models.Fail(models.Conflict, "stage_order").With("from", stageName(s.Stage), "to", stageName(to))
	}
	g, err := models.ReadGate(f, to)
	if err != nil {
		return err
	}
	if !g.Open {
		return blocked(g)
	}
	if g.Override != nil && to.Rank() >= models.StagePilot.Rank() && !s.Late {
		// Emergency use exists, and is on the record as late.
		s.Late, s.LateReason, s.LateOn = true, "override", f.At
	}
	move := models.StageMove{OrgID: s.OrgID, ID: newID(), DeploymentID: s.ID, FromStage: s.Stage, ToStage: to, Reason: reason, Version: s.Version + 1, ByUserID: a.UserID, At: at}
	if g.Override != nil {
		move.OverrideID = &g.Override.ID
	}
	if err := tx.Add(ctx, &move); err != nil {
		return err
	}
	if !renewed {
		s.Stage = to
		return nil
	}
	// The decision is renewed; the deployment stays where it is.
	back := move
	back.ID, back.FromStage, back.ToStage, back.At = newID(), models.StageDecided, s.Stage, at.Add(time.Microsecond)
	if s.Stage == models.StageDecided {
		return nil
	}
	return tx.Add(ctx, &back)
}

func stageName(s models.Stage) models.Reason { return models.Reason{Code: "stage." + string(s)} }

// blocked is the error of a gate that is shut: one entry a blocker.
func blocked(g models.Gate) error {
	e := models.Fail(models.Conflict, "gate_blocked").With("stage", stageName(g.To), "count", len(g.Blockers))
	for _, b := range g.Blockers {
		e.Fields = append(e.Fields, models.Field{Path: b.Item, Code: "gate." + b.Code, Params: b.Params})
	}
	return e
}
