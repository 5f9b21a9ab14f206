package register

import (
	"context"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// NewStatement is a text that both sides may stand by.
type NewStatement struct {
	Deployment string // its ref, or ""
	Unions     []string
	Title      string
	Text       string
	Language   models.Language
}

// ProposeStatement puts a joint statement forward. Who proposes it signs it.
func (r *Register) ProposeStatement(ctx context.Context, a models.Actor, in NewStatement) (models.StatementState, error) {
	var st models.StatementState
	var f models.Faults
	spoken(&f, "title", in.Title, 200)
	spoken(&f, "text", in.Text, longestStatement)
	if in.Language == "" {
		in.Language = models.English
	}
	among(&f, "language", string(in.Language), []string{"en", "cy"})
	if err := f.Err(); err != nil {
		return st, err
	}
	if err := r.mayWithUnions(a, "statement.propose"); err != nil {
		return st, err
	}
	err := r.change(ctx, a, "statement.propose", func(tx *store.Tx, at time.Time) (entry, error) {
		parties, err := withParties(ctx, tx.Reader, a, in.Unions)
		if err != nil {
			return entry{}, err
		}
		b, err := r.about(ctx, tx.Reader, a, in.Deployment, parties)
		if err != nil {
			return entry{}, err
		}
		if err := r.check(a, "statement.propose", b.res); err != nil {
			return entry{}, err
		}
		by, err := party(a, "", parties)
		if err != nil {
			return entry{}, err
		}
		no, _, err := r.numbered(ctx, tx, a, "statement", "JST", at)
		if err != nil {
			return entry{}, err
		}
		st.Statement = models.Statement{
			OrgID: a.OrgID, ID: newID(), No: no, DeploymentID: b.deployment, Title: in.Title, Text: in.Text, Language: in.Language, SHA256: hashWords(in.Text),
			Status: "proposed", ProposedBy: by, Version: 1, ByUserID: a.UserID, At: at,
		}
		st.Parties = parties
		if err := tx.Add(ctx, &st.Statement); err != nil {
			return entry{}, err
		}
		if err := tx.StatementBetween(ctx, a.OrgID, st.ID, parties); err != nil {
			return entry{}, err
		}
		row := models.Signature{OrgID: a.OrgID, StatementID: st.ID, Party: by, Signed: true, ByUserID: a.UserID, At: at}
		st.Signatures = []models.Signature{row}
		return b.entry(st.ID, no, map[string]any{"party": by, "text": st.SHA256}), tx.Add(ctx, &row)
	})
	return st, err
}

// SignStatement signs a joint statement for one's party.
func (r *Register) SignStatement(ctx context.Context, a models.Actor, no string, readAt int, as string) (models.StatementState, error) {
	return r.onStatement(ctx, a, no, "statement.sign", readAt, as, models.Signature{Signed: true})
}

// RefuseStatement records that one's party does not stand by a statement, with
// its own text in its place. From then on it is not agreed, and both texts stay.
func (r *Register) RefuseStatement(ctx context.Context, a models.Actor, no string, readAt int, as, text string) (models.StatementState, error) {
	var f models.Faults
	spoken(&f, "text", text, longestStatement)
	if err := f.Err(); err != nil {
		return models.StatementState{}, err
	}
	return r.onStatement(ctx, a, no, "statement.refuse", readAt, as, models.Signature{OwnText: text})
}

func (r *Register) onStatement(ctx context.Context, a models.Actor, no, act string, readAt int, as string, given models.Signature) (models.StatementState, error) {
	var st models.StatementState
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if st, err = tx.Statement(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		b, err := r.recorded(ctx, tx.Reader, a, act, "statement", st.DeploymentID, st.Parties)
		if err != nil {
			return entry{}, err
		}
		by, err := party(a, as, st.Parties)
		if err != nil {
			return entry{}, err
		}
		if _, twice := st.Of(by); twice {
			return entry{}, models.Fail(models.Conflict, "statement_given").With("statement", st.No)
		}
		if err := versionIs("statement", st.Version, readAt); err != nil {
			return entry{}, err
		}
		if st.Status == "agreed" {
			return entry{}, models.Fail(models.Conflict, "statement_settled").With("statement", st.No)
		}
		given.OrgID, given.StatementID, given.Party, given.ByUserID, given.At = a.OrgID, st.ID, by, a.UserID, at
		if err := tx.Add(ctx, &given); err != nil {
			return entry{}, err
		}
		st.Signatures = append(st.Signatures, given)
		st.Status = st.Settled()
		st.Version++
		return b.entry(st.ID, st.No, map[string]any{"party": by, "signed": given.Signed, "text": st.SHA256, "own": hashWords(given.OwnText), "status": st.Status}), tx.SaveStatement(ctx, &st.Statement, readAt)
	})
	return st, err
}

// StatementView is a joint statement as somebody may read it.
type StatementView struct {
	models.StatementState
	Ref string
	// Party is for whom the reader would speak, or "".
	Party string
	Can   []string
}

func (r *Register) statementView(ctx context.Context, a models.Actor, st models.StatementState) (StatementView, error) {
	b, err := r.recorded(ctx, r.store.Reader, a, "partnership.read", "statement", st.DeploymentID, st.Parties)
	if err != nil {
		return StatementView{}, err
	}
	v := StatementView{StatementState: st, Ref: b.ref, Can: []string{}}
	v.Party = speaksAs(a, st.Parties)
	if v.Party == "" {
		return v, nil
	}
	if _, given := st.Of(v.Party); !given && st.Status != "agreed" {
		v.Can = r.policy.Allowed(a, []string{"statement.sign", "statement.refuse"}, b.res)
	}
	return v, nil
}

// Statement is one by its number.
func (r *Register) Statement(ctx context.Context, a models.Actor, no string) (StatementView, error) {
	st, err := r.store.Statement(ctx, a.OrgID, no)
	if err != nil {
		return StatementView{}, err
	}
	return r.statementView(ctx, a, st)
}

// Statements are those the actor may read, newest first.
func (r *Register) Statements(ctx context.Context, a models.Actor, ref string) ([]StatementView, error) {
	id, err := r.maybeOf(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Statements(ctx, a.OrgID, id)
	if err != nil {
		return nil, err
	}
	return seen(all, func(st models.StatementState) (StatementView, error) { return r.statementView(ctx, a, st) })
}

// StatePosition says what a union makes of a year's report: that it agrees, or
// why not (Social Partnership and Public Procurement (Wales) Act 2023, s.18).
// A later one takes the place of an earlier, which stays.
func (r *Register) StatePosition(ctx context.Context, a models.Actor, year int, unionID string, agrees bool, statement string, l models.Language) (models.Position, error) {
	var p models.Position
	var f models.Faults
	if !agrees {
		spoken(&f, "statement", statement, longestStatement)
	}
	models.CheckText(&f, "statement", statement, longestStatement)
	if l == "" {
		l = models.English
	}
	among(&f, "language", string(l), []string{"en", "cy"})
	if year < 2000 || year > 2100 {
		f.Add("year", "out_of_range", "min", "2000", "max", "2100")
	}
	if err := f.Err(); err != nil {
		return p, err
	}
	err := r.change(ctx, a, "position.state", func(tx *store.Tx, at time.Time) (entry, error) {
		if len(a.Unions()) == 0 {
			return entry{}, r.speaksFor(a, "position.state", "")
		}
		by, err := party(a, unionID, a.Unions())
		if err != nil {
			return entry{}, models.Missing("union")
		}
		if err := r.speaksFor(a, "position.state", by); err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if first, _ := models.YearBounds(year); first > models.DateOf(at, org.Location()) {
			return entry{}, field("year", "year_to_come")
		}
		size, err := tx.LedgerSize(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		p = models.Position{OrgID: a.OrgID, ID: newID(), Year: year, UnionID: by, Agrees: agrees, Statement: statement, LogSize: size, Language: l, ByUserID: a.UserID, At: at}
		return entry{subject: p.ID, data: map[string]any{"year": year, "union": by, "agrees": agrees, "statement": hashWords(statement), "size": size, "parties": []string{models.EmployerParty, by}}}, tx.Add(ctx, &p)
	})
	return p, err
}

// speaksFor asks whether the actor may do something for a union.
func (r *Register) speaksFor(a models.Actor, act, union string) error {
	res := own(a)
	res.UnionID = union
	return r.check(a, act, res)
}
