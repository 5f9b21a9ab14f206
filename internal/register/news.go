package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Announce tells people and other systems of an entry of the ledger. It is
// promised in the transaction that wrote the entry, so that nothing is told that
// did not happen and nothing that did is not told.
type Announce struct {
	Org string `json:"org"`
	Seq int64  `json:"seq"`
}

// Kind is the stable name of the job.
func (Announce) Kind() string { return "news.announce" }

// MailNews mails one item to whoever wants to hear at once.
type MailNews struct {
	Org     string `json:"org"`
	User    string `json:"user"`
	Item    string `json:"item"`
	Message string `json:"message"`
}

// Kind is the stable name of the job.
func (MailNews) Kind() string { return "news.mail" }

// happened is an entry of the ledger as news of it is told.
type happened struct {
	Event
	data       models.Params
	actor      string
	deployment *string
}

func readHappened(row store.LedgerRow) (happened, error) {
	var body struct {
		Actor string          `json:"actor"`
		Data  json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal([]byte(row.Body), &body); err != nil {
		return happened{}, err
	}
	e := Event{Seq: row.Seq, At: row.At, Verb: row.Verb, Subject: row.Subject, Data: body.Data}
	data, err := e.read()
	return happened{e, data, body.Actor, row.DeploymentID}, err
}

// str is a value of an entry's data, if it is a string.
func (h happened) str(key string) string {
	s, _ := h.data[key].(string)
	return s
}

// announce writes what each person is told, and what each hook is sent.
func (r *Register) announce(ctx context.Context, j Announce, _ store.Attempt) error {
	rows, err := r.store.LedgerEntries(ctx, j.Org, j.Seq, 1)
	if err != nil || len(rows) == 0 || rows[0].Seq != j.Seq {
		return errorsOr(err, models.Missing("entry"))
	}
	h, err := readHappened(rows[0])
	if err != nil {
		return err
	}
	topic, told := models.TopicOf(h.Verb)
	if !told {
		return nil
	}
	people, err := r.listeners(ctx, j.Org, h)
	if err != nil {
		return err
	}
	hooks, err := r.store.Hooks(ctx, j.Org)
	if err != nil {
		return err
	}
	where, err := r.whereOf(ctx, j.Org, h)
	if err != nil {
		return err
	}
	choices, err := r.choices(ctx, j.Org)
	if err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		for _, a := range people {
			item := models.InboxItem{
				OrgID: j.Org, UserID: a.UserID, Topic: topic, Key: "entry/" + strconv.FormatInt(j.Seq, 10), Code: "news." + h.Verb, Params: where.params, Path: where.path,
				Mode: choices.of(a, topic),
			}
			if err := r.tell(ctx, tx, item); err != nil {
				return err
			}
		}
		for _, hook := range hooks {
			if err := r.send(ctx, tx, hook, topic, h, where); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell puts something into somebody's inbox, once, and promises a mail of it if
// they want to hear at once.
func (r *Register) tell(ctx context.Context, tx *store.Tx, item models.InboxItem) error {
	if item.Mode == models.ModeOff {
		return nil
	}
	item.ID, item.At = newID(), r.Now()
	if item.Params == nil {
		item.Params = models.Params{}
	}
	isNew, err := tx.AddInbox(ctx, &item)
	if err != nil || !isNew || item.Mode != models.ModeAtOnce {
		return err
	}
	m := models.Message{OrgID: item.OrgID, ID: newID(), Channel: "mail", UserID: &item.UserID, Topic: item.Topic, Record: item.Key, Body: "", State: "pending", At: item.At}
	if _, err := tx.AddMessage(ctx, &m); err != nil {
		return err
	}
	return tx.Promise(ctx, MailNews{Org: item.OrgID, User: item.UserID, Item: item.ID, Message: m.ID})
}

// chosen are how the people of an organisation want to hear.
type chosen map[string]map[models.Topic]models.Mode

func (r *Register) choices(ctx context.Context, org string) (chosen, error) {
	rows, err := r.store.TopicChoices(ctx, org, "")
	out := chosen{}
	for _, c := range rows {
		if out[c.UserID] == nil {
			out[c.UserID] = map[models.Topic]models.Mode{}
		}
		out[c.UserID][c.Topic] = c.Mode
	}
	return out, err
}

func (c chosen) of(a models.Actor, t models.Topic) models.Mode {
	if m, ok := c[a.UserID][t]; ok {
		return m
	}
	var roles []models.Role
	for _, g := range a.Grants {
		roles = append(roles, g.Role)
	}
	return models.UsualModeOf(t, roles)
}

// members are the people of an organisation, each with the roles they wear now.
func (r *Register) membersNow(ctx context.Context, org string) ([]models.Actor, error) {
	rows, err := r.store.Members(ctx, org)
	if err != nil {
		return nil, err
	}
	var out []models.Actor
	index := map[string]int{}
	for _, m := range rows {
		worn, err := r.worn(ctx, m)
		if err != nil {
			return nil, err
		}
		if !worn || m.UserKind == models.ServiceAccount {
			continue
		}
		i, ok := index[m.UserID]
		if !ok {
			i = len(out)
			index[m.UserID] = i
			out = append(out, models.Actor{OrgID: org, UserID: m.UserID})
		}
		out[i].Grants = append(out[i].Grants, grantOf(m))
	}
	return out, nil
}

// listeners are the people who may read of an event, but for whoever did it.
func (r *Register) listeners(ctx context.Context, org string, h happened) ([]models.Actor, error) {
	all, err := r.membersNow(ctx, org)
	if err != nil {
		return nil, err
	}
	may, err := r.mayHear(ctx, org, h)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a models.Actor) bool { return a.UserID == h.actor || !may(a) }), nil
}

// mayHear decides who may read of an event, as the timeline does: who may read
// the deployment, and is a party where something is between parties.
func (r *Register) mayHear(ctx context.Context, org string, h happened) (func(models.Actor) bool, error) {
	act, res := "deployment.read", policy.Resource{OrgID: org, Audience: models.AudienceParties}
	noun, _, _ := strings.Cut(h.Verb, ".")
	if h.deployment != nil {
		d, err := r.store.DeploymentByID(ctx, org, *h.deployment)
		if err != nil {
			return nil, err
		}
		s := subject{Deployment: d}
		if s.area, err = r.store.ServiceArea(ctx, org, d.ServiceAreaID); err != nil {
			return nil, err
		}
		if s.rec, err = readRecord(d.RecordJSON); err != nil {
			return nil, err
		}
		s.res = policy.Resource{OrgID: org, AreaPath: s.area.Path, Audience: d.Audience, OwnerID: d.CreatedBy}
		if err := r.scopeOf(ctx, r.store.Reader, &s, 0); err != nil {
			return nil, err
		}
		res = s.res
	} else if noun == "flag" {
		act = "flag.read"
	} else {
		act = "partnership.read"
	}
	list, _ := h.data["parties"].([]any)
	if betweenParties[noun] {
		act, res.Audience, res.UnionsInScope = "partnership.read", models.AudienceParties, nil
		for _, p := range list {
			if id, ok := p.(string); ok && id != models.EmployerParty {
				res.UnionsInScope = append(res.UnionsInScope, id)
			}
		}
	}
	return func(a models.Actor) bool {
		shows, err := timelineShows(a, h.Event)
		return err == nil && shows && r.check(a, act, res) == nil
	}, nil
}

// whereabouts say what an event is about: its page and the words for it.
type whereabouts struct {
	path   string
	ref    string
	record string
	params models.Params
}

// nounPages are the pages of things that have a number of their own.
var nounPages = map[string]string{
	"dispute": "disputes", "meeting": "meetings", "minutes": "meetings", "questionnaire": "questionnaires", "statement": "statements", "action": "actions",
	"barrier": "barriers", "engagement": "engagements", "flag": "flags", "notice": "notices",
}

func (r *Register) whereOf(ctx context.Context, org string, h happened) (whereabouts, error) {
	w := whereabouts{path: "/inbox", record: h.Subject, params: models.Params{"no": h.str("no"), "ref": h.str("ref")}}
	if req := h.str("request"); req != "" {
		w.params["no"] = req
	}
	if claim := h.str("claim"); claim != "" {
		w.params["no"] = claim
	}
	if to := h.str("stage"); to != "" {
		w.params["stage"] = models.Reason{Code: "stage." + to}
	} else {
		w.params["stage"] = ""
	}
	w.params["year"] = ""
	if y, ok := h.data["year"].(float64); ok {
		w.params["year"] = int(y)
	}
	union := h.str("union")
	if union == "" && h.str("party") != models.EmployerParty {
		union = h.str("party")
	}
	w.params["union"] = ""
	if union != "" {
		if u, err := r.store.Union(ctx, org, union); err == nil {
			w.params["union"] = u.Abbreviation
		} else if models.KindOf(err) != models.NotFound {
			return w, err
		} else {
			w.params["union"] = union // some entries name it by its abbreviation
		}
	}
	w.params["name"] = models.Text{}
	if h.deployment != nil {
		d, err := r.store.DeploymentByID(ctx, org, *h.deployment)
		if err != nil {
			return w, err
		}
		w.ref, w.record, w.path = d.Ref, d.Ref, "/deployments/"+d.Ref
		w.params["ref"], w.params["name"] = d.Ref, models.Text{En: d.NameEn, Cy: d.NameCy}
	}
	noun, _, _ := strings.Cut(h.Verb, ".")
	if page := nounPages[noun]; page != "" && h.str("no") != "" {
		switch page {
		case "actions", "barriers", "flags":
			w.path = "/" + page
		default:
			w.path = "/" + page + "/" + h.str("no")
		}
		if h.deployment == nil {
			w.record = h.str("no")
		}
	}
	if noun == "position" {
		w.path = "/reports"
	}
	return w, nil
}

// mailNews mails one item. Whether somebody still wants it is asked again.
func (r *Register) mailNews(ctx context.Context, j MailNews, try store.Attempt) error {
	m, err := r.store.Message(ctx, j.Org, j.Message)
	if err != nil || m.State != "pending" {
		return err
	}
	item, err := r.store.InboxItem(ctx, j.Org, j.Item)
	if err != nil {
		return err
	}
	return r.mailItems(ctx, m, j.User, []models.InboxItem{item}, false, try)
}

// mailItems mails what somebody was told, and writes down what came of it.
func (r *Register) mailItems(ctx context.Context, m models.Message, user string, items []models.InboxItem, digest bool, try store.Attempt) error {
	u, err := r.store.User(ctx, user)
	if err != nil {
		return err
	}
	org, err := r.store.Organisation(ctx, m.OrgID)
	if err != nil {
		return err
	}
	if items, err = r.stillTheirs(ctx, m.OrgID, user, items); err != nil {
		return err
	}
	at := r.Now()
	m.Attempts, m.TriedAt = try.Number, &at
	if u.DisabledAt != nil || u.EmailVerifiedAt == nil || len(items) == 0 {
		m.State, m.Problem, m.SettledAt = "cancelled", "no_address", &at
		return r.triedMail(ctx, m)
	}
	n := notice.News{
		MessageID: m.ID + "@" + r.mailDomain(), From: r.set.MailFrom, To: u.Email, Name: u.Name, Language: u.Language,
		Organisation: models.Text{En: org.NameEn, Cy: org.NameCy}, Digest: digest, Day: models.DateOf(at, org.Location()),
		SettingsURL: r.page(u.Language, "/notifications"), Zone: org.Location(), Date: at,
	}
	for _, i := range items {
		n.Items = append(n.Items, notice.NewsItem{
			Topic: words.Say(string(u.Language), "topic."+string(i.Topic), nil), Text: words.Say(string(u.Language), i.Code, i.Params), URL: r.page(u.Language, i.Path), At: i.At, Due: i.DueOn,
		})
	}
	mail, err := notice.ComposeNews(n)
	if err != nil {
		return store.Never(err)
	}
	sendErr := r.mail.Send(ctx, mail)
	switch {
	case sendErr == nil:
		m.State, m.Problem, m.SettledAt = "accepted", "", &at
	case notice.Permanent(sendErr) || try.Last:
		m.State, m.Problem, m.SettledAt = "failed", "refused", &at
	default:
		m.Problem = "later"
	}
	if err := r.triedMail(ctx, m); err != nil {
		return err
	}
	if m.State == "failed" {
		return store.Never(sendErr)
	}
	return sendErr
}

// triedMail writes down what a mail came to, unless another worker has settled it.
func (r *Register) triedMail(ctx context.Context, m models.Message) error {
	return r.store.Within(ctx, func(tx *store.Tx) error {
		_, err := tx.Tried(ctx, m)
		return err
	})
}

// stillTheirs leaves out what somebody may not read any more since they were
// told, or does not want to hear of.
func (r *Register) stillTheirs(ctx context.Context, org, user string, items []models.InboxItem) ([]models.InboxItem, error) {
	a, err := r.ActorOf(ctx, user, org)
	if models.KindOf(err) == models.NotFound || err == nil && len(a.Grants) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := r.choices(ctx, org)
	if err != nil {
		return nil, err
	}
	var out []models.InboxItem
	for _, i := range items {
		may, err := r.mayStillHear(ctx, a, i)
		if err != nil {
			return nil, err
		}
		if may && (i.Topic == models.TopicEscalation || i.Topic == models.TopicSystem || c.of(a, i.Topic) != models.ModeOff) {
			out = append(out, i)
		}
	}
	return out, nil
}

func (r *Register) mayStillHear(ctx context.Context, a models.Actor, i models.InboxItem) (bool, error) {
	seq, ok := strings.CutPrefix(i.Key, "entry/")
	if !ok {
		return true, nil // a duty of a role, or word of something of one's own
	}
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return false, err
	}
	rows, err := r.store.LedgerEntries(ctx, a.OrgID, n, 1)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	h, err := readHappened(rows[0])
	if err != nil {
		return false, err
	}
	may, err := r.mayHear(ctx, a.OrgID, h)
	return err == nil && may(a), err
}

// sureID is an id that is the same whenever it is made of the same: a job that
// is done twice writes once.
func sureID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// dailyID is the one id of somebody's mail of a day. It begins as other ids of
// that hour do, so that messages sort by it.
func dailyID(org, user string, until time.Time) string {
	ms := until.UnixMilli()
	return fmt.Sprintf("%08x-%04x-7%s", ms>>16, ms&0xffff, sureID(org, user, until.Format(time.DateOnly))[:23])
}

// DailyNews mails each person what they want to hear of once a day.
type DailyNews struct{}

// Kind is the stable name of the job.
func (DailyNews) Kind() string { return "news.daily" }

// digestHour is the hour of the employer's day from which the daily mail goes out.
const digestHour = 7

// SendDaily sends the daily mails of each organisation, once a day.
func (r *Register) SendDaily(ctx context.Context) error {
	orgs, err := r.store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		local := r.Now().In(org.Location())
		if local.Hour() < digestHour {
			continue
		}
		// The days before too, in case nobody was there to send theirs.
		for back := range digestsBack {
			if err := r.daily(ctx, org, digestOf(local.AddDate(0, 0, -back)), digestOf(local.AddDate(0, 0, -back-1))); err != nil {
				return err
			}
		}
	}
	return nil
}

// digestsBack is for how many days a daily mail is still sent.
const digestsBack = 3

// digestOf is when the daily mail of a day is made up, by the employer's clock.
func digestOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), digestHour, 0, 0, 0, day.Location())
}

// daily sends what was told between two instants. A person's mail of a day has
// one id, so that it is sent once.
func (r *Register) daily(ctx context.Context, org models.Organisation, until, after time.Time) error {
	items, err := r.store.Daily(ctx, org.ID, after.UTC(), until.UTC())
	if err != nil {
		return err
	}
	for len(items) > 0 {
		user := items[0].UserID
		n := slices.IndexFunc(items, func(i models.InboxItem) bool { return i.UserID != user })
		if n < 0 {
			n = len(items)
		}
		mine := items[:n]
		items = items[n:]
		day := until.Format(time.DateOnly)
		m := models.Message{OrgID: org.ID, ID: dailyID(org.ID, user, until), Channel: "mail", UserID: &user, Topic: mine[0].Topic, Record: "daily/" + day, State: "pending", At: r.Now()}
		err := r.store.Within(ctx, func(tx *store.Tx) error {
			isNew, err := tx.AddMessage(ctx, &m)
			if err != nil || !isNew {
				return err
			}
			return tx.Promise(ctx, MailDigest{Org: org.ID, User: user, Message: m.ID, After: after.UTC(), Until: until.UTC()})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// MailDigest mails somebody's day.
type MailDigest struct {
	Org     string    `json:"org"`
	User    string    `json:"user"`
	Message string    `json:"message"`
	After   time.Time `json:"after"`
	Until   time.Time `json:"until"`
}

// Kind is the stable name of the job.
func (MailDigest) Kind() string { return "news.digest" }

func (r *Register) mailDigest(ctx context.Context, j MailDigest, try store.Attempt) error {
	m, err := r.store.Message(ctx, j.Org, j.Message)
	if err != nil || m.State != "pending" {
		return err
	}
	items, err := r.store.Daily(ctx, j.Org, j.After, j.Until)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(i models.InboxItem) bool { return i.UserID != j.User })
	if len(items) == 0 {
		return nil
	}
	return r.mailItems(ctx, m, j.User, items, true, try)
}
