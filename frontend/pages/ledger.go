package pages

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// checkpointsPerPage is how many checkpoints a page lists.
const checkpointsPerPage = 50

// ledgerView is what the page of the log shows.
type ledgerView struct {
	slug   string
	newest *models.Checkpoint
	rows   []models.Checkpoint
	// below is the size below which the listed ones are; 0 begins with the newest.
	below, older int64
	keys         []models.SigningKey
	witnesses    []models.Witness
	now          time.Time
	// signs and rotates say what the reader is offered.
	signs, rotates bool
	actor          models.Actor
	// asked is where the union's checkpoints go; ask and add are forms, for whoever may.
	asked    *models.CheckpointAddress
	ask, add *sheet
	// general is what is wrong with no form of the page.
	general string
}

// refused is a form of the page that was sent in vain, as it was filled in.
type refused struct {
	do     string
	values map[string]string
	wrong  faults
}

// Ledger shows what was signed of the log, by whom, and who may countersign.
func (p *Pages) Ledger(c *gin.Context) error { return p.showLedger(c, refused{}) }

func (p *Pages) showLedger(c *gin.Context, f refused) error {
	ctx := c.Request.Context()
	v, err := p.ledgerView(ctx)
	if err != nil {
		return err
	}
	if len(officerOf(v.actor)) > 0 {
		if err := p.askForm(ctx, &v, f); err != nil {
			return err
		}
	}
	if err := p.addForm(ctx, &v, f); err != nil {
		return err
	}
	if f.do != "ask" && f.do != "add" {
		v.general = f.wrong.general
	}
	status := http.StatusOK
	if f.wrong.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, ledgerPage(v))
}

func (p *Pages) ledgerView(ctx context.Context) (ledgerView, error) {
	here := design.Of(ctx)
	v := ledgerView{slug: here.Org.Slug, actor: web.Actor(ctx), below: number(here.Query.Get("below")), now: p.Register.Now()}
	v.signs, v.rotates = mayLedger(v.actor, "checkpoint.sign", ""), mayLedger(v.actor, "signing_key.rotate", "")
	var err error
	if v.rows, err = p.Register.Checkpoints(ctx, v.actor, v.below, checkpointsPerPage+1); err != nil {
		return v, err
	}
	if len(v.rows) > checkpointsPerPage {
		v.rows = v.rows[:checkpointsPerPage]
		v.older = v.rows[checkpointsPerPage-1].Size
	}
	newest := v.rows
	if v.below > 0 {
		if newest, err = p.Register.Checkpoints(ctx, v.actor, 0, 1); err != nil {
			return v, err
		}
	}
	if len(newest) > 0 {
		v.newest = &newest[0]
	}
	if v.keys, err = p.Register.Keys(ctx, v.actor); err != nil {
		return v, err
	}
	v.witnesses, err = p.Register.Witnesses(ctx, v.actor)
	return v, err
}

// mayLedger says whether somebody may do an act to what is published of the
// log, for a union or for none, once they have proved who they are.
func mayLedger(a models.Actor, act, union string) bool {
	a.Lapsed = false
	return policy.Explain(a, act, policy.Resource{OrgID: a.OrgID, Audience: models.AudiencePublic, UnionID: union}).Allowed
}

// officerOf are the unions for which somebody may have checkpoints sent.
func officerOf(a models.Actor) []string {
	return slices.DeleteFunc(a.Unions(), func(union string) bool { return !mayLedger(a, "checkpoint.ask", union) })
}

// askUnion asks for which of their unions an officer of several acts. Of one
// there is nothing to ask.
func (p *Pages) askUnion(ctx context.Context, a models.Actor, id, chosen string) ([]question, error) {
	mine := officerOf(a)
	if len(mine) < 2 {
		return nil, nil
	}
	all, err := p.Register.Unions(ctx, a)
	if err != nil {
		return nil, err
	}
	q := ask(ctx, "union", "union", chosen)
	q.ID = id
	q.options = []design.Option{}
	for _, u := range all {
		if slices.Contains(mine, u.ID) {
			q.options = append(q.options, design.Option{Value: u.ID, Text: u.Name})
		}
	}
	return []question{q}, nil
}

// askForm asks where a union's checkpoints are to go.
func (p *Pages) askForm(ctx context.Context, v *ledgerView, f refused) error {
	asked, err := p.Register.CheckpointAddress(ctx, v.actor)
	if err != nil && models.KindOf(err) != models.NotFound {
		return err
	}
	values := map[string]string{"language": string(design.Of(ctx).Lang)}
	button := "page.ledger.ask_button"
	if err == nil {
		v.asked, button = &asked, "page.ledger.ask_change"
		values = map[string]string{"address": asked.Address, "language": string(asked.Language), "union": asked.UnionID}
	}
	wrong := faults{}
	if f.do == "ask" {
		values, wrong = f.values, f.wrong
	}
	unions, err := p.askUnion(ctx, v.actor, "ask-union", values["union"])
	if err != nil {
		return err
	}
	s := sheet{
		path: "/ledger", hidden: []pair{{"do", "ask"}}, button: design.Say(ctx, button), faults: wrong, at: "address",
		ask: append(unions,
			ask(ctx, "address", "checkpointaddress", values["address"]).as("email", "email", ""),
			ask(ctx, "language", "checkpointlanguage", values["language"]).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh}))),
	}.settle()
	v.ask = &s
	return nil
}

// kinds are the kinds of witnesses that somebody may let in.
func (v ledgerView) kinds() []models.WitnessKind {
	var out []models.WitnessKind
	if slices.ContainsFunc(v.actor.Unions(), func(union string) bool { return mayLedger(v.actor, "witness.add", union) }) {
		out = append(out, models.WitnessUnion)
	}
	if mayLedger(v.actor, "witness.add", "") {
		out = append(out, models.WitnessAuditor, models.WitnessCouncil)
	}
	return out
}

// addForm lets a witness in.
func (p *Pages) addForm(ctx context.Context, v *ledgerView, f refused) error {
	kinds := v.kinds()
	if len(kinds) == 0 {
		return nil
	}
	values, wrong := map[string]string{}, faults{}
	if f.do == "add" {
		values, wrong = f.values, f.wrong
	}
	s := sheet{
		title: design.Say(ctx, "page.ledger.add"), path: "/ledger", hidden: []pair{{"do", "add"}}, button: design.Say(ctx, "page.ledger.add_button"), faults: wrong, at: "label",
	}
	if slices.Contains(kinds, models.WitnessUnion) {
		s.lead = append(s.lead, design.Say(ctx, "page.ledger.add_union"))
	}
	if slices.Contains(kinds, models.WitnessCouncil) {
		s.lead = append(s.lead, design.Say(ctx, "page.ledger.add_other"))
	}
	if len(kinds) > 1 {
		s.ask = append(s.ask, ask(ctx, "kind", "witnesskind", values["kind"]).oneOf(options(ctx, "", "witnessKind.", kinds)))
	} else {
		s.hidden = append(s.hidden, pair{"kind", string(kinds[0])})
	}
	unions, err := p.askUnion(ctx, v.actor, "witness-union", values["union"])
	if err != nil {
		return err
	}
	s.ask = append(append(s.ask, unions...), ask(ctx, "label", "witnesslabel", values["label"]), ask(ctx, "key", "witnesskey", values["key"]).text("3"))
	s = s.settle()
	v.add = &s
	return nil
}

// ends says whether the reader may end a witness: a union's is its own to end.
func (v ledgerView) ends(w models.Witness) bool {
	if w.EndedAt != nil || w.Kind == models.WitnessUnion && w.UnionID == nil {
		return false
	}
	union := ""
	if w.Kind == models.WitnessUnion {
		union = *w.UnionID
	}
	return mayLedger(v.actor, "witness.end", union)
}

func (v ledgerView) endsAny() bool { return slices.ContainsFunc(v.witnesses, v.ends) }

func (v ledgerView) failed() bool {
	return v.general != "" || v.ask != nil && v.ask.faults.any() || v.add != nil && v.add.faults.any()
}

// list is what was wrong with the form that was sent.
func (v ledgerView) list() []design.Fault {
	var out []design.Fault
	if v.general != "" {
		out = append(out, design.Fault{Text: v.general})
	}
	for _, s := range []*sheet{v.ask, v.add} {
		if s != nil {
			out = append(out, s.list()...)
		}
	}
	return out
}

// known is the address at which programs find something of this log.
func (v ledgerView) known(what string) templ.SafeURL {
	return templ.SafeURL("/.well-known/beforehand/" + v.slug + "/" + what)
}

// textOf is where a checkpoint stands as text.
func (v ledgerView) textOf(c models.Checkpoint) templ.SafeURL {
	return v.known("checkpoint/" + strconv.FormatInt(c.Size, 10))
}

// cosigners says who has countersigned a checkpoint, one line each.
func (v ledgerView) cosigners(ctx context.Context, c models.Checkpoint) []string {
	out := make([]string, len(c.Cosignatures))
	for i, s := range c.Cosignatures {
		who, kind := dash(""), ""
		for _, w := range v.witnesses {
			if w.ID == s.WitnessID {
				who, kind = w.Label, design.Say(ctx, "witnessKind."+string(w.Kind))
			}
		}
		out[i] = design.Say(ctx, "page.ledger.cosigned", "who", who, "kind", kind, "time", design.Instant(ctx, s.SignedAt))
	}
	return out
}

// newestRows say what is known of the newest checkpoint.
func newestRows(ctx context.Context, v ledgerView, c models.Checkpoint) []design.Row {
	return []design.Row{
		{Key: column(ctx, "entries"), Value: checkpointLink(v, c)},
		{Key: column(ctx, "signedon"), Value: design.Time(c.At)},
		{Key: column(ctx, "why"), Value: plainText(design.Say(ctx, "checkpointCause."+string(c.Cause)))},
		{Key: column(ctx, "cosigned"), Value: cosignedBy(v, c, true)},
		{Key: column(ctx, "checkpointhash"), Value: hashText(hashOf(c))},
	}
}

// witnessHeads are the headings of the columns there are.
func (v ledgerView) witnessHeads(ctx context.Context) []string {
	out := heads(ctx, "witness", "key", "added", "status")
	if v.endsAny() {
		out = append(out, column(ctx, "action"))
	}
	return out
}

// hashOf is the SHA-256 of a checkpoint's text, which receipts hold as a code.
func hashOf(c models.Checkpoint) string {
	n, err := ledger.ReadNote(c.Note)
	if err != nil {
		return ""
	}
	return receipt.CheckpointHash(n.Checkpoint)
}

// shortOf is the short name of a key, by which people call it.
func shortOf(public string) string {
	k, err := ledger.ParseKey(public)
	if err != nil {
		return ""
	}
	return k.Hash()
}

// stateOf is what a key does now, in a word, with its colour.
func (v ledgerView) stateOf(ctx context.Context, k models.SigningKey) (text, colour string) {
	switch {
	case k.SignsUntil == nil:
		return design.Say(ctx, "page.ledger.signs"), "green"
	case v.now.Before(*k.SignsUntil):
		return design.Say(ctx, "page.ledger.signs_until", "time", design.Instant(ctx, *k.SignsUntil)), "turquoise"
	default:
		return design.Say(ctx, "page.ledger.signed_until", "time", design.Instant(ctx, *k.SignsUntil)), "grey"
	}
}

// ChangeLedger takes the forms of the page: it has the log signed, sets where a
// union's checkpoints go, lets a witness in, and ends one after a warning.
func (p *Pages) ChangeLedger(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	f := refused{do: c.PostForm("do"), values: map[string]string{}}
	for _, name := range []string{"address", "language", "union", "kind", "label", "key"} {
		f.values[name] = typed(c, name)
	}
	var done string
	var pairs []any
	var err error
	switch f.do {
	case "sign":
		var made models.Checkpoint
		made, err = p.Register.SignNow(ctx, a)
		done, pairs = "page.ledger.done.sign", []any{"size", count(ctx, int(made.Size))}
	case "ask":
		done, pairs = "page.ledger.done.ask", []any{"address", f.values["address"]}
		err = p.askFor(ctx, a, f.values)
	case "ask_end":
		done = "page.ledger.done.ask_end"
		err = p.Register.AskForCheckpoints(ctx, a, f.values["union"], "", design.Of(ctx).Lang)
	case "add":
		done = "page.ledger.done.add"
		err = p.addWitness(ctx, a, f.values)
	case "end":
		return p.warnOfEndedWitness(c, c.PostForm("id"))
	case "end_now":
		done = "page.ledger.done.end"
		_, err = p.Register.EndWitness(ctx, a, c.PostForm("id"))
	default:
		return models.Missing("page")
	}
	if again(err) {
		f.wrong = faultsOf(ctx, err)
		return p.showLedger(c, f)
	}
	if err != nil {
		return err
	}
	return p.done(c, "/ledger", done, pairs...)
}

// askFor sets where a union's checkpoints go. Nothing typed is no way to end
// them: that is a button of its own.
func (p *Pages) askFor(ctx context.Context, a models.Actor, values map[string]string) error {
	address := values["address"]
	if address == "" && len(officerOf(a)) > 0 {
		var f models.Faults
		f.Add("address", "required")
		return f.Err()
	}
	return p.Register.AskForCheckpoints(ctx, a, values["union"], address, models.Language(values["language"]))
}

// addWitness lets somebody countersign.
func (p *Pages) addWitness(ctx context.Context, a models.Actor, values map[string]string) error {
	in := register.NewWitness{Label: values["label"], Kind: models.WitnessKind(values["kind"]), Public: values["key"]}
	if in.Kind == models.WitnessUnion {
		in.UnionID = values["union"]
	}
	_, err := p.Register.AddWitness(ctx, a, in)
	return err
}

// warnOfEndedWitness says what it means that a witness ends.
func (p *Pages) warnOfEndedWitness(c *gin.Context, id string) error {
	ctx := c.Request.Context()
	v, err := p.ledgerView(ctx)
	if err != nil {
		return err
	}
	for _, w := range v.witnesses {
		if w.ID == id {
			return p.show(c, sheet{
				title: design.Say(ctx, "page.ledger.end_title"), lead: []string{design.Say(ctx, "page.ledger.end_lead", "who", w.Label)}, crumbs: ledgerCrumbs(ctx),
				warning: design.Say(ctx, "page.ledger.end_warning"), path: "/ledger", hidden: []pair{{"do", "end_now"}, {"id", id}},
				button: design.Say(ctx, "page.ledger.end_button"), danger: true, after: more("/ledger", design.Say(ctx, "page.ledger.keep")),
			})
		}
	}
	return models.Missing("witness")
}

func ledgerCrumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.home.link")}, {Text: design.Say(ctx, "page.ledger.title"), Path: "/ledger"}}
}

// usualOverlap is how many days an old and a new key sign together when
// nothing else is wanted.
const usualOverlap = "90"

// NewKeyForm asks for how long the old key is to sign beside a new one.
func (p *Pages) NewKeyForm(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	if !mayLedger(a, "signing_key.rotate", "") {
		return models.Fail(models.Forbidden, "forbidden").With("act", "signing_key.rotate")
	}
	return p.show(c, newKeySheet(ctx, usualOverlap, faults{}))
}

func newKeySheet(ctx context.Context, days string, wrong faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.newkey.title"), lead: []string{design.Say(ctx, "page.newkey.lead")}, warning: design.Say(ctx, "page.newkey.warning"), crumbs: ledgerCrumbs(ctx),
		path: "/ledger/new-key", button: design.Say(ctx, "page.newkey.button"), danger: true, faults: wrong, at: "overlapDays",
		ask:   []question{ask(ctx, "overlapDays", "overlapdays", days).as("text", "off", "govuk-input--width-4")},
		after: more("/ledger", design.Say(ctx, "page.newkey.keep")),
	}
}

// NewKey makes a new signing key.
func (p *Pages) NewKey(c *gin.Context) error {
	ctx := c.Request.Context()
	given := typed(c, "overlapDays")
	days, err := strconv.Atoi(given)
	if err != nil {
		days = -1 // which is refused like any other number that is none
	}
	k, err := p.Register.RotateKey(ctx, web.Actor(ctx), days)
	if again(err) {
		return p.show(c, newKeySheet(ctx, given, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/ledger", "page.newkey.done", "hash", shortOf(k.Public))
}
