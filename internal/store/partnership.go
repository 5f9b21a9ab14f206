package store

import (
	"cmp"
	"context"
	"time"

	"beforehand/models"
)

// Disputes are an organisation's, newest first; of one deployment if it is named.
func (r Reader) Disputes(ctx context.Context, org, deploymentID string) ([]models.DisputeState, error) {
	return r.disputes(ctx, "d.org_id = ? AND (? = '' OR d.deployment_id = ?) ORDER BY d.at DESC, d.id DESC", org, deploymentID, deploymentID)
}

// Dispute finds one by its number.
func (r Reader) Dispute(ctx context.Context, org, no string) (models.DisputeState, error) {
	rows, err := r.disputes(ctx, "d.org_id = ? AND d.no = ?", org, no)
	if err == nil && len(rows) == 0 {
		err = models.Missing("dispute")
	}
	if err != nil {
		return models.DisputeState{}, err
	}
	return rows[0], nil
}

func (r Reader) disputes(ctx context.Context, where string, args ...any) ([]models.DisputeState, error) {
	rows := []models.Dispute{}
	if err := r.db.WithContext(ctx).Raw("SELECT d.* FROM disputes d WHERE "+where, args...).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	org, ids := rows[0].OrgID, idsOf(rows, func(d models.Dispute) string { return d.ID })
	events, err := many[models.DisputeEvent](ctx, r, "at, id", "org_id = ? AND dispute_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	holds, err := many[models.Hold](ctx, r, "id", "org_id = ? AND id IN (SELECT hold_id FROM disputes WHERE org_id = ? AND id IN ?)", org, org, ids)
	if err != nil {
		return nil, err
	}
	unions, err := r.Unions(ctx, org)
	if err != nil {
		return nil, err
	}
	abbrev := map[string]string{}
	for _, u := range unions {
		abbrev[u.ID] = u.Abbreviation
	}
	out := make([]models.DisputeState, len(rows))
	for i, d := range rows {
		out[i] = models.DisputeState{Dispute: d, UnionAbbrev: abbrev[d.UnionID], Events: of(events, d.ID, func(e models.DisputeEvent) string { return e.DisputeID })}
		for j := range holds {
			if d.HoldID != nil && holds[j].ID == *d.HoldID {
				out[i].Hold = &holds[j]
			}
		}
	}
	return out, nil
}

func idsOf[T any](rows []T, id func(T) string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = id(r)
	}
	return out
}

// of are the rows that belong to one id, in their order.
func of[T any](rows []T, id string, owner func(T) string) []T {
	var out []T
	for _, r := range rows {
		if owner(r) == id {
			out = append(out, r)
		}
	}
	return out
}

// SaveDispute writes a dispute back.
func (t *Tx) SaveDispute(ctx context.Context, d *models.Dispute, readAt int) error {
	return save(ctx, t, d, "dispute", d.OrgID, d.ID, readAt)
}

// Meetings are an organisation's, latest first.
func (r Reader) Meetings(ctx context.Context, org string) ([]models.MeetingState, error) {
	return r.meetings(ctx, org, "org_id = ?", org)
}

// MeetingsOf are those about one deployment, latest first.
func (r Reader) MeetingsOf(ctx context.Context, org, deploymentID string) ([]models.MeetingState, error) {
	return r.meetings(ctx, org, "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// Meeting finds one by its number.
func (r Reader) Meeting(ctx context.Context, org, no string) (models.MeetingState, error) {
	rows, err := r.meetings(ctx, org, "org_id = ? AND no = ?", org, no)
	if err == nil && len(rows) == 0 {
		err = models.Missing("meeting")
	}
	if err != nil {
		return models.MeetingState{}, err
	}
	return rows[0], nil
}

func (r Reader) meetings(ctx context.Context, org, where string, args ...any) ([]models.MeetingState, error) {
	rows, err := few(ctx, r, func(a, b models.Meeting) int { return cmp.Or(b.StartsAt.Compare(a.StartsAt), cmp.Compare(b.ID, a.ID)) }, where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := idsOf(rows, func(m models.Meeting) string { return m.ID })
	parties, err := many[models.MeetingParty](ctx, r, "party", "org_id = ? AND meeting_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	minutes, err := many[models.Minutes](ctx, r, "number", "org_id = ? AND meeting_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	agreements, err := many[models.MinutesAgreement](ctx, r, "at", "org_id = ? AND minutes_id IN (SELECT id FROM meeting_minutes WHERE org_id = ? AND meeting_id IN ?)", org, org, ids)
	if err != nil {
		return nil, err
	}
	next, err := many[models.Meeting](ctx, r, "id", "org_id = ? AND replaces IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	out := make([]models.MeetingState, len(rows))
	for i, m := range rows {
		s := models.MeetingState{Meeting: m, Parties: of(parties, m.ID, func(p models.MeetingParty) string { return p.MeetingID }), Minutes: of(minutes, m.ID, func(x models.Minutes) string { return x.MeetingID })}
		for _, x := range s.Minutes {
			s.Agreements = append(s.Agreements, of(agreements, x.ID, func(a models.MinutesAgreement) string { return a.MinutesID })...)
		}
		for j := range next {
			if *next[j].Replaces == m.ID {
				s.ReplacedBy = &next[j]
			}
		}
		out[i] = s
	}
	return out, nil
}

// SaveMeeting writes a meeting back.
func (t *Tx) SaveMeeting(ctx context.Context, m *models.Meeting, readAt int) error {
	return save(ctx, t, m, "meeting", m.OrgID, m.ID, readAt)
}

// Attended writes down how many of a party came.
func (t *Tx) Attended(ctx context.Context, p models.MeetingParty) error {
	return t.exec(ctx, "UPDATE meeting_parties SET people = ? WHERE org_id = ? AND meeting_id = ? AND party = ?", p.People, p.OrgID, p.MeetingID, p.Party)
}

// Engagements are an organisation's, latest first; of one deployment if it is named.
func (r Reader) Engagements(ctx context.Context, org, deploymentID string) ([]models.EngagementState, error) {
	return r.engagements(ctx, org, "org_id = ? AND (? = '' OR deployment_id = ?)", org, deploymentID, deploymentID)
}

// Engagement finds one by its number.
func (r Reader) Engagement(ctx context.Context, org, no string) (models.EngagementState, error) {
	rows, err := r.engagements(ctx, org, "org_id = ? AND no = ?", org, no)
	if err == nil && len(rows) == 0 {
		err = models.Missing("engagement")
	}
	if err != nil {
		return models.EngagementState{}, err
	}
	return rows[0], nil
}

func (r Reader) engagements(ctx context.Context, org, where string, args ...any) ([]models.EngagementState, error) {
	rows, err := many[models.Engagement](ctx, r, "held_on DESC, id DESC", where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := idsOf(rows, func(e models.Engagement) string { return e.ID })
	groups, err := many[models.EngagementGroup](ctx, r, "job_family, grade", "org_id = ? AND engagement_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	themes, err := many[models.Theme](ctx, r, "number", "org_id = ? AND engagement_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	out := make([]models.EngagementState, len(rows))
	for i, e := range rows {
		out[i] = models.EngagementState{
			Engagement: e, Groups: of(groups, e.ID, func(g models.EngagementGroup) string { return g.EngagementID }),
			Themes: of(themes, e.ID, func(x models.Theme) string { return x.EngagementID }),
		}
	}
	return out, nil
}

// Questionnaires are an organisation's, newest first.
func (r Reader) Questionnaires(ctx context.Context, org string) ([]models.QuestionnaireState, error) {
	return r.questionnaires(ctx, org, "org_id = ?", org)
}

// Questionnaire finds one by its number.
func (r Reader) Questionnaire(ctx context.Context, org, no string) (models.QuestionnaireState, error) {
	rows, err := r.questionnaires(ctx, org, "org_id = ? AND no = ?", org, no)
	if err == nil && len(rows) == 0 {
		err = models.Missing("questionnaire")
	}
	if err != nil {
		return models.QuestionnaireState{}, err
	}
	return rows[0], nil
}

func (r Reader) questionnaires(ctx context.Context, org, where string, args ...any) ([]models.QuestionnaireState, error) {
	rows, err := many[models.Questionnaire](ctx, r, "at DESC, id DESC", where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := idsOf(rows, func(q models.Questionnaire) string { return q.ID })
	questions, err := many[models.Asked](ctx, r, "number", "org_id = ? AND questionnaire_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	type went struct{ QuestionnaireID, UnionID string }
	unions, err := raw[went](ctx, r, "SELECT questionnaire_id, union_id FROM questionnaire_unions WHERE org_id = ? AND questionnaire_id IN ? ORDER BY union_id", org, ids)
	if err != nil {
		return nil, err
	}
	answers, err := many[models.QuestionnaireAnswer](ctx, r, "number, union_id", "org_id = ? AND questionnaire_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	out := make([]models.QuestionnaireState, len(rows))
	for i, q := range rows {
		out[i] = models.QuestionnaireState{
			Questionnaire: q, Questions: of(questions, q.ID, func(x models.Asked) string { return x.QuestionnaireID }),
			Answers: of(answers, q.ID, func(a models.QuestionnaireAnswer) string { return a.QuestionnaireID }),
		}
		for _, u := range unions {
			if u.QuestionnaireID == q.ID {
				out[i].Unions = append(out[i].Unions, u.UnionID)
			}
		}
	}
	return out, nil
}

// SendTo writes down whom a questionnaire goes to.
func (t *Tx) SendTo(ctx context.Context, org, questionnaireID string, unions []string) error {
	for _, u := range unions {
		if err := t.exec(ctx, "INSERT INTO questionnaire_unions (org_id, questionnaire_id, union_id) VALUES (?, ?, ?)", org, questionnaireID, u); err != nil {
			return translate(err)
		}
	}
	return nil
}

// Actions are an organisation's: the open ones first, by the day they are due.
func (r Reader) Actions(ctx context.Context, org, deploymentID string) ([]models.Action, error) {
	return many[models.Action](ctx, r, "CASE WHEN done_on IS NULL THEN 0 ELSE 1 END, due_on, id", "org_id = ? AND (? = '' OR deployment_id = ?)", org, deploymentID, deploymentID)
}

// Action finds one by its number.
func (r Reader) Action(ctx context.Context, org, no string) (models.Action, error) {
	return one[models.Action](ctx, r, "action", "org_id = ? AND no = ?", org, no)
}

// SaveAction writes an action back.
func (t *Tx) SaveAction(ctx context.Context, a *models.Action, readAt int) error {
	return save(ctx, t, a, "action", a.OrgID, a.ID, readAt)
}

// Barriers are an organisation's, newest first.
func (r Reader) Barriers(ctx context.Context, org string) ([]models.Barrier, error) {
	return many[models.Barrier](ctx, r, "at DESC, id DESC", "org_id = ?", org)
}

// Barrier finds one by its number.
func (r Reader) Barrier(ctx context.Context, org, no string) (models.Barrier, error) {
	return one[models.Barrier](ctx, r, "barrier", "org_id = ? AND no = ?", org, no)
}

// SaveBarrier writes a barrier back.
func (t *Tx) SaveBarrier(ctx context.Context, b *models.Barrier, readAt int) error {
	return save(ctx, t, b, "barrier", b.OrgID, b.ID, readAt)
}

// Statements are an organisation's, newest first; of one deployment if it is named.
func (r Reader) Statements(ctx context.Context, org, deploymentID string) ([]models.StatementState, error) {
	return r.statements(ctx, org, "org_id = ? AND (? = '' OR deployment_id = ?)", org, deploymentID, deploymentID)
}

// Statement finds one by its number.
func (r Reader) Statement(ctx context.Context, org, no string) (models.StatementState, error) {
	rows, err := r.statements(ctx, org, "org_id = ? AND no = ?", org, no)
	if err == nil && len(rows) == 0 {
		err = models.Missing("statement")
	}
	if err != nil {
		return models.StatementState{}, err
	}
	return rows[0], nil
}

func (r Reader) statements(ctx context.Context, org, where string, args ...any) ([]models.StatementState, error) {
	rows, err := many[models.Statement](ctx, r, "at DESC, id DESC", where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := idsOf(rows, func(s models.Statement) string { return s.ID })
	type party struct{ StatementID, Party string }
	parties, err := raw[party](ctx, r, "SELECT statement_id, party FROM statement_parties WHERE org_id = ? AND statement_id IN ? ORDER BY party", org, ids)
	if err != nil {
		return nil, err
	}
	signatures, err := many[models.Signature](ctx, r, "at, party", "org_id = ? AND statement_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	out := make([]models.StatementState, len(rows))
	for i, s := range rows {
		out[i] = models.StatementState{Statement: s, Signatures: of(signatures, s.ID, func(x models.Signature) string { return x.StatementID })}
		for _, p := range parties {
			if p.StatementID == s.ID {
				out[i].Parties = append(out[i].Parties, p.Party)
			}
		}
	}
	return out, nil
}

// StatementBetween writes down who the parties to a statement are.
func (t *Tx) StatementBetween(ctx context.Context, org, id string, parties []string) error {
	for _, p := range parties {
		if err := t.exec(ctx, "INSERT INTO statement_parties (org_id, statement_id, party) VALUES (?, ?, ?)", org, id, p); err != nil {
			return translate(err)
		}
	}
	return nil
}

// SaveStatement writes a statement back.
func (t *Tx) SaveStatement(ctx context.Context, s *models.Statement, readAt int) error {
	return save(ctx, t, s, "statement", s.OrgID, s.ID, readAt)
}

// Positions are what each union last said of a year's report, up to an instant.
func (r Reader) Positions(ctx context.Context, org string, year int, until time.Time) (map[string]models.Position, error) {
	rows, err := many[models.Position](ctx, r, "at, id", "org_id = ? AND year = ? AND at <= ?", org, year, until)
	out := map[string]models.Position{}
	for _, p := range rows {
		out[p.UnionID] = p
	}
	return out, err
}

// Costs are the entries of a deployment, or of all, by year and instant.
func (r Reader) Costs(ctx context.Context, org, deploymentID string) ([]models.CostState, error) {
	rows, err := many[models.CostEntry](ctx, r, "year, at, id", "org_id = ? AND (? = '' OR deployment_id = ?)", org, deploymentID, deploymentID)
	if err != nil {
		return nil, err
	}
	back, err := many[models.CostReversal](ctx, r, "entry_id", "org_id = ?", org)
	if err != nil {
		return nil, err
	}
	byEntry := map[string]*models.CostReversal{}
	for i := range back {
		byEntry[back[i].EntryID] = &back[i]
	}
	out := make([]models.CostState, len(rows))
	for i, e := range rows {
		out[i] = models.CostState{CostEntry: e, Reversal: byEntry[e.ID]}
	}
	return out, nil
}

// CostEntry finds one.
func (r Reader) CostEntry(ctx context.Context, org, id string) (models.CostEntry, error) {
	return one[models.CostEntry](ctx, r, "cost", "org_id = ? AND id = ?", org, id)
}

// Flags are what the public flagged, newest first.
func (r Reader) Flags(ctx context.Context, org string) ([]models.Flag, error) {
	return many[models.Flag](ctx, r, "at DESC, id DESC", "org_id = ?", org)
}

// Flag finds one by its number.
func (r Reader) Flag(ctx context.Context, org, no string) (models.Flag, error) {
	return one[models.Flag](ctx, r, "flag", "org_id = ? AND no = ?", org, no)
}

// FlagByHash finds the flag that a follow-up link is of.
func (r Reader) FlagByHash(ctx context.Context, hash string) (models.Flag, error) {
	return one[models.Flag](ctx, r, "flag", "hash = ?", hash)
}

// SaveFlag writes a flag back.
func (t *Tx) SaveFlag(ctx context.Context, f *models.Flag, readAt int) error {
	return save(ctx, t, f, "flag", f.OrgID, f.ID, readAt)
}

// DisputeOfHold is the number of the dispute that a hold belongs to, or nothing.
func (r Reader) DisputeOfHold(ctx context.Context, org, hold string) (string, error) {
	rows, err := raw[string](ctx, r, "SELECT no FROM disputes WHERE org_id = ? AND hold_id = ?", org, hold)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// MeetingParties are the parties to one meeting.
func (r Reader) MeetingParties(ctx context.Context, org, meetingID string) ([]string, error) {
	return raw[string](ctx, r, "SELECT party FROM meeting_parties WHERE org_id = ? AND meeting_id = ? ORDER BY party", org, meetingID)
}

// RefsOf are the refs of an organisation's deployments by their ids.
func (r Reader) RefsOf(ctx context.Context, org string) (map[string]string, error) {
	type row struct{ ID, Ref string }
	rows, err := raw[row](ctx, r, "SELECT id, ref FROM deployments WHERE org_id = ?", org)
	out := make(map[string]string, len(rows))
	for _, d := range rows {
		out[d.ID] = d.Ref
	}
	return out, err
}
