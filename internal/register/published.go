package register

import (
	"context"
	"io"
	"iter"
	"net/url"
	"time"

	"beforehand/internal/notice"
	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// publicOf is the public of the actor's organisation, whoever asks: an export
// of what is published is the same for everybody.
func publicOf(a models.Actor) models.Actor { return models.Actor{OrgID: a.OrgID} }

// perExport is how many deployments are read at a time.
const perExport = 200

// publishing is what every export of one organisation needs.
type publishing struct {
	*Register
	org   models.Organisation
	areas map[string]models.ServiceArea
	today models.Date
	on    time.Time
}

func (r *Register) publishing(ctx context.Context, a models.Actor) (publishing, error) {
	p := publishing{Register: r, areas: map[string]models.ServiceArea{}, on: r.Now()}
	var err error
	if p.org, err = r.store.Organisation(ctx, a.OrgID); err != nil {
		return p, err
	}
	p.today = models.DateOf(p.on, p.org.Location())
	areas, err := r.store.ServiceAreas(ctx, a.OrgID)
	for _, x := range areas {
		p.areas[x.ID] = x
	}
	return p, err
}

func (p publishing) name() models.Text { return models.Text{En: p.org.NameEn, Cy: p.org.NameCy} }

// at is the address of a page for everybody, which names the organisation.
func (p publishing) at(l models.Language, path string) string {
	return p.page(l, path) + "?organisation=" + url.QueryEscape(p.org.Slug)
}

// open is the address of a file of open data.
func (p publishing) open(file string) string {
	return p.set.BaseURL + "/open/" + p.org.Slug + "/" + file
}

// published is what everybody may read of some deployments.
func (p publishing) published(ctx context.Context, rows []models.Deployment) ([]report.Published, error) {
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.ID
	}
	ways, err := p.store.Publications(ctx, p.org.ID, ids)
	if err != nil {
		return nil, err
	}
	unions, err := p.store.ServedUnions(ctx, p.org.ID, ids)
	if err != nil {
		return nil, err
	}
	out := make([]report.Published, len(rows))
	for i, d := range rows {
		rec, err := readRecord(d.RecordJSON)
		if err != nil {
			return nil, err
		}
		masked, withheld := publicRecord(rec, nil, p.today)
		area := p.areas[d.ServiceAreaID]
		v := report.Published{
			Ref: d.Ref, URL: p.at(models.English, "/deployments/"+d.Ref), WelshURL: p.at(models.Welsh, "/deployments/"+d.Ref), Stage: d.Stage, Class: d.EffectiveClass(), Late: d.Late,
			Record: masked, Withheld: withheld, Area: models.Text{En: area.NameEn, Cy: area.NameCy}, Organisation: p.name(), OrganisationURL: p.set.BaseURL, Contact: p.org.Contact,
			Updated: d.UpdatedAt, Version: d.Version, Unions: unions[d.ID], FirstPublished: d.UpdatedAt,
		}
		if masked.PublicContact != "" {
			v.Contact = masked.PublicContact
		}
		way := ways[d.ID]
		if way.At != nil {
			v.FirstPublished = *way.At
		}
		if way.Live != nil {
			v.LiveOn = models.DateOf(*way.Live, p.org.Location())
		}
		out[i] = v
	}
	return out, nil
}

// publicRecord is a record as everybody may read it, and what is withheld from
// them; also what is withheld since counts.
func publicRecord(rec models.Record, since []models.Withheld, on models.Date) (models.Record, []models.Withheld) {
	rec.Withheld = append(append([]models.Withheld{}, rec.Withheld...), since...)
	masked := rec.ForAudience("public", on)
	var shown []models.Withheld
	for _, w := range masked.Withheld {
		if w.Until >= on {
			shown = append(shown, w)
		}
	}
	masked.Withheld = nil
	return masked, shown
}

// everything walks the published register in order of ref, in pages.
func (p publishing) everything(ctx context.Context) iter.Seq2[models.Deployment, error] {
	return func(yield func(models.Deployment, error) bool) {
		after := store.Cursor{}
		for {
			rows, next, err := p.store.Deployments(ctx, p.org.ID, store.Filter{Sort: store.SortCreated, Sees: store.Sees{On: p.today}}, after, perExport)
			if err != nil {
				yield(models.Deployment{}, err)
				return
			}
			for _, d := range rows {
				if !yield(d, nil) {
					return
				}
			}
			if next.ID == "" {
				return
			}
			after = next
		}
	}
}

// all walks what everybody may read of the register.
func (p publishing) all(ctx context.Context) iter.Seq2[report.Published, error] {
	return func(yield func(report.Published, error) bool) {
		var page []models.Deployment
		flush := func() bool {
			rows, err := p.published(ctx, page)
			page = page[:0]
			if err != nil {
				yield(report.Published{}, err)
				return false
			}
			for _, v := range rows {
				if !yield(v, nil) {
					return false
				}
			}
			return true
		}
		for d, err := range p.everything(ctx) {
			if err != nil {
				yield(report.Published{}, err)
				return
			}
			if page = append(page, d); len(page) == perExport && !flush() {
				return
			}
		}
		if len(page) > 0 {
			flush()
		}
	}
}

// history walks every published version of every published deployment.
func (p publishing) history(ctx context.Context) iter.Seq2[report.Change, error] {
	return func(yield func(report.Change, error) bool) {
		for d, err := range p.everything(ctx) {
			if err != nil {
				yield(report.Change{}, err)
				return
			}
			if !p.versionsOf(ctx, d, yield) {
				return
			}
		}
	}
}

func (p publishing) versionsOf(ctx context.Context, d models.Deployment, yield func(report.Change, error) bool) bool {
	now, err := readRecord(d.RecordJSON)
	if err != nil {
		return yield(report.Change{}, err)
	}
	for number := 1; ; number += perExport {
		rows, err := p.store.VersionsFrom(ctx, p.org.ID, d.ID, number, perExport)
		if err != nil {
			yield(report.Change{}, err)
			return false
		}
		for _, v := range rows {
			if draftOnly(v) || partiesOnly(v) {
				continue
			}
			rec, err := readRecord(v.RecordJSON)
			if err != nil {
				yield(report.Change{}, err)
				return false
			}
			masked, withheld := publicRecord(rec, now.Withheld, p.today)
			if !yield(report.Change{Ref: d.Ref, Version: v.Number, At: v.At, Stage: v.Stage, Class: v.Class, Late: v.Late, Note: "", Record: masked, Withheld: withheld}, nil) {
				return false
			}
		}
		if len(rows) < perExport {
			return true
		}
	}
}

// OpenFile names a file of open data.
type OpenFile string

// The files of open data.
const (
	OpenRegisterCSV  OpenFile = "register.csv"
	OpenRegisterJSON OpenFile = "register.json"
	OpenHistoryCSV   OpenFile = "history.csv"
	OpenHistoryJSON  OpenFile = "history.json"
	OpenOMB          OpenFile = "omb.csv"
	OpenCatalogue    OpenFile = "catalogue.jsonld"
)

// OpenFileTypes are all the files there are, with the type of each.
var OpenFileTypes = map[OpenFile]string{
	OpenRegisterCSV: "text/csv; charset=utf-8", OpenRegisterJSON: "application/json", OpenHistoryCSV: "text/csv; charset=utf-8", OpenHistoryJSON: "application/json",
	OpenOMB: "text/csv; charset=utf-8", OpenCatalogue: "application/ld+json",
}

// WriteOpen writes a file of open data: what everybody may read, whoever asks.
// It is written as it is read, so that its length is of no matter.
func (r *Register) WriteOpen(ctx context.Context, a models.Actor, file OpenFile, w io.Writer) error {
	if err := r.check(publicOf(a), "deployment.read", published(a)); err != nil {
		return err
	}
	p, err := r.publishing(ctx, a)
	if err != nil {
		return err
	}
	set, err := r.store.NotificationSettings(ctx, a.OrgID)
	if err != nil {
		return err
	}
	meta := report.RegisterMeta{Organisation: p.name(), URL: p.at(models.English, "/register"), Licence: licenceOf(set), GeneratedAt: p.on}
	switch file {
	case OpenRegisterCSV:
		return report.RegisterCSV(w, p.all(ctx))
	case OpenRegisterJSON:
		return report.RegisterJSON(w, p.all(ctx), meta)
	case OpenHistoryCSV:
		return report.HistoryCSV(w, p.history(ctx))
	case OpenHistoryJSON:
		return report.HistoryJSON(w, p.history(ctx), meta)
	case OpenOMB:
		return report.OMB(w, p.all(ctx))
	case OpenCatalogue:
		return p.catalogue(ctx, w, meta)
	}
	return models.Missing("file")
}

// usualLicence is the Open Government Licence 3.0, under which public bodies in
// the United Kingdom publish unless they say otherwise.
const usualLicence = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

func licenceOf(s models.NotificationSettings) string {
	if u, err := url.Parse(s.Licence); err == nil && u.Scheme == "https" {
		return s.Licence
	}
	return usualLicence
}

func (p publishing) catalogue(ctx context.Context, w io.Writer, meta report.RegisterMeta) error {
	rows, _, err := p.store.Deployments(ctx, p.org.ID, store.Filter{Sort: store.SortUpdated, Desc: true, Sees: store.Sees{On: p.today}}, store.Cursor{}, 1)
	if err != nil {
		return err
	}
	modified := p.org.CreatedAt
	if len(rows) > 0 {
		modified = rows[0].UpdatedAt
	}
	text := func(code string) models.Text {
		return Both(models.Reason{Code: code, Params: models.Params{"organisation": p.name()}})
	}
	file := func(name OpenFile, media string) report.CatalogueFile {
		return report.CatalogueFile{Title: text("open." + string(name)), URL: p.open(string(name)), MediaType: media}
	}
	info := report.CatalogueInfo{
		URL: p.open(string(OpenCatalogue)), Title: text("open.title"), Description: text("open.description"), Publisher: p.name(), PublisherURL: p.set.BaseURL,
		Contact: p.org.Contact, Licence: meta.Licence, Modified: modified,
		Datasets: []report.CatalogueDataset{
			{
				ID: "register", Title: text("open.register"), Description: text("open.register.about"), Keywords: []models.Text{text("open.keyword")}, Issued: p.org.CreatedAt, Modified: modified,
				Files: []report.CatalogueFile{file(OpenRegisterCSV, "text/csv"), file(OpenRegisterJSON, "application/json"), file(OpenOMB, "text/csv")},
			},
			{
				ID: "history", Title: text("open.history"), Description: text("open.history.about"), Keywords: []models.Text{text("open.keyword")}, Issued: p.org.CreatedAt, Modified: modified,
				Files: []report.CatalogueFile{file(OpenHistoryCSV, "text/csv"), file(OpenHistoryJSON, "application/json")},
			},
		},
	}
	return report.Catalogue(w, info)
}

// PublishedDeployment is what everybody may read of one deployment, for an
// export in the form of another register.
func (r *Register) PublishedDeployment(ctx context.Context, a models.Actor, ref string) (report.Published, error) {
	s, err := r.open(ctx, r.store.Reader, publicOf(a), ref, "deployment.read")
	if err != nil {
		return report.Published{}, err
	}
	p, err := r.publishing(ctx, a)
	if err != nil {
		return report.Published{}, err
	}
	rows, err := p.published(ctx, []models.Deployment{s.Deployment})
	if err != nil {
		return report.Published{}, err
	}
	return rows[0], nil
}

// inRegisterFeed is how many entries a page of the feed holds.
const inRegisterFeed = 50

// RegisterFeed writes a page of the Atom feed of the register, what changed
// last first: after a cursor, in a language.
func (r *Register) RegisterFeed(ctx context.Context, a models.Actor, l models.Language, after string, w io.Writer) error {
	if err := r.check(publicOf(a), "deployment.read", published(a)); err != nil {
		return err
	}
	p, err := r.publishing(ctx, a)
	if err != nil {
		return err
	}
	set, err := r.store.NotificationSettings(ctx, a.OrgID)
	if err != nil {
		return err
	}
	cursor, err := store.ParseCursor(after)
	if err != nil {
		return err
	}
	rows, next, err := r.store.Deployments(ctx, a.OrgID, store.Filter{Sort: store.SortUpdated, Desc: true, Sees: store.Sees{On: p.today}}, cursor, inRegisterFeed)
	if err != nil {
		return err
	}
	list, err := p.published(ctx, rows)
	if err != nil {
		return err
	}
	other := models.Welsh
	if l == models.Welsh {
		other = models.English
	}
	address := func(l models.Language, after string) string {
		s := p.open("register.atom") + "?language=" + string(l)
		if after != "" {
			s += "&after=" + url.QueryEscape(after)
		}
		return s
	}
	f := report.Feed{
		ID: p.open("register.atom"), Title: say(l, models.Reason{Code: "feed.register", Params: models.Params{"organisation": p.name()}}), Lang: string(l), Updated: p.org.CreatedAt,
		Author: p.name().In(l), AuthorURL: p.set.BaseURL, Self: address(l, after), Alternate: p.at(l, "/register"),
		Variants: []report.Variant{{Lang: string(other), URL: address(other, after)}}, First: address(l, ""), Licence: licenceOf(set),
	}
	if next.ID != "" {
		f.Next = address(l, next.String())
	}
	if len(list) > 0 {
		f.Updated = list[0].Updated
	}
	return report.Atom(w, f, func(yield func(report.FeedEntry, error) bool) {
		for _, v := range list {
			if !yield(entryOf(v, l, other), nil) {
				return
			}
		}
	})
}

func entryOf(v report.Published, l, other models.Language) report.FeedEntry {
	link, variant := v.URL, v.WelshURL
	if l == models.Welsh {
		link, variant = variant, link
	}
	return report.FeedEntry{
		ID: v.URL, Title: v.Record.Name.In(l), Summary: v.Record.OneLine.In(l), Link: link, Published: v.FirstPublished, Updated: v.Updated,
		Categories: []report.Category{{Term: string(v.Stage), Label: say(l, stageName(v.Stage))}, {Term: "class-" + string(v.Class), Label: say(l, models.Reason{Code: "changeClass." + string(v.Class)})}},
		Variants:   []report.Variant{{Lang: string(other), URL: variant}},
	}
}

// WindowsCalendar is the public calendar of the windows in which unions may
// respond to a notice, in a language.
func (r *Register) WindowsCalendar(ctx context.Context, a models.Actor, l models.Language) ([]byte, error) {
	if err := r.check(publicOf(a), "notice.read", published(a)); err != nil {
		return nil, err
	}
	p, err := r.publishing(ctx, a)
	if err != nil {
		return nil, err
	}
	rows, err := r.store.NoticesSince(ctx, a.OrgID, p.on.AddDate(-1, 0, 0), 1000)
	if err != nil {
		return nil, err
	}
	served, err := withService(ctx, r.store.Reader, a.OrgID, rows)
	if err != nil {
		return nil, err
	}
	var events []notice.CalendarEvent
	for _, n := range served {
		var from, until models.Date
		for _, party := range n.Content.Parties {
			start, end := window(n.Content, party)
			from = start
			until = max(until, end)
		}
		if until == 0 {
			continue
		}
		text := models.Params{"no": n.Notice.No, "ref": n.Content.Ref, "name": n.Content.Name, "date": until}
		events = append(events, notice.CalendarEvent{
			UID: sureID(p.org.ID, n.Notice.ID), Summary: say(l, models.Reason{Code: "mail.calendar.summary", Params: text}), URL: p.at(l, "/notices/"+n.Notice.No),
			Day: from, EndDay: until, Updated: n.Notice.ServedAt,
		})
	}
	return notice.Calendar(say(l, models.Reason{Code: "calendar.windows", Params: models.Params{"organisation": p.name()}}), string(l), r.mailDomain(), events), nil
}

// Sitemap writes the addresses of every page for everybody of all organisations.
func (r *Register) Sitemap(ctx context.Context, yield func(address string, changed time.Time) error) error {
	orgs, err := r.store.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		p, err := r.publishing(ctx, models.Actor{OrgID: org.ID})
		if err != nil {
			return err
		}
		for _, l := range []models.Language{models.English, models.Welsh} {
			for _, path := range []string{"/register", "/missing", "/open-data", "/flag"} {
				if err := yield(p.at(l, path), p.org.CreatedAt); err != nil {
					return err
				}
			}
		}
		for d, err := range p.everything(ctx) {
			if err != nil {
				return err
			}
			for _, l := range []models.Language{models.English, models.Welsh} {
				if err := yield(p.at(l, "/deployments/"+d.Ref), d.UpdatedAt); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Facets count what a filter chooses of the register, as the actor may see it,
// by stage, class, use and late mark.
func (r *Register) Facets(ctx context.Context, a models.Actor, f store.Filter) (store.Figures, error) {
	f, err := r.asked(ctx, a, f)
	if err != nil {
		return store.Figures{}, err
	}
	return r.store.Facets(ctx, a.OrgID, f)
}

// WriteATRS writes a deployment as a record of the UK's Algorithmic
// Transparency Recording Standard, of a version, as json, csv or html.
func (r *Register) WriteATRS(ctx context.Context, a models.Actor, ref, version, form string, l models.Language, w io.Writer) error {
	p, err := r.PublishedDeployment(ctx, a, ref)
	if err != nil {
		return err
	}
	switch form {
	case "csv":
		return report.ATRSCSV(w, version, p)
	case "html":
		d, err := report.ATRSDocument(version, p, string(l))
		if err != nil {
			return err
		}
		d.At = p.Updated
		return report.HTML(w, d)
	default:
		return report.ATRS(w, version, p)
	}
}

// Algoritmeregister is a deployment as the Dutch publication standard for
// algorithms, 1.0, writes it.
func (r *Register) Algoritmeregister(ctx context.Context, a models.Actor, ref string) ([]byte, error) {
	p, err := r.PublishedDeployment(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	return report.Algoritmeregister(p)
}
