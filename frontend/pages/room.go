package pages

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// ofUnion is the union whose room is asked for; who is of one union only need
// not name it.
func ofUnion(ctx context.Context) string { return design.Of(ctx).Query.Get("union") }

// inUnion is an address within a room of a union that had to be named.
func inUnion(ctx context.Context, path string) string {
	if u := ofUnion(ctx); u != "" {
		return path + "?union=" + url.QueryEscape(u)
	}
	return path
}

// roomer refuses a room to everybody who is of no union, in the words for an
// address that is not there.
func roomer(ctx context.Context) error {
	switch {
	case web.Actor(ctx).Anonymous():
		return models.Fail(models.Unauthenticated, "unauthenticated")
	case !could(ctx, "room.read"):
		return models.Missing("page")
	default:
		return nil
	}
}

// Room is a union's own room.
func (p *Pages) Room(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := roomer(ctx); err != nil {
		return err
	}
	a := web.Actor(ctx)
	if mine := a.Unions(); len(mine) > 1 && ofUnion(ctx) == "" {
		return p.chooseRoom(c, mine)
	}
	v, err := p.Register.Room(ctx, a, ofUnion(ctx), listOf(ctx))
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.room.of", "union", v.Union.Abbreviation), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.room.lead", "union", v.Union.Abbreviation)}}
	ofDeployment(ctx, &b, "/room")
	if could(ctx, "room.write") {
		for _, k := range models.RoomKinds {
			path := "/room/new?kind=" + string(k)
			if u := ofUnion(ctx); u != "" {
				path += "&union=" + url.QueryEscape(u)
			}
			if ref := listOf(ctx); ref != "" {
				path += "&deployment=" + url.QueryEscape(ref)
			}
			b.do = append(b.do, design.Crumb{Text: design.Say(ctx, "page.room.write."+string(k)), Path: path})
		}
	}
	for _, k := range models.RoomKinds {
		b.parts = append(b.parts, gridTable(roomGrid(ctx, v, k)))
	}
	b.parts = append(b.parts, wall(v.Walled))
	return p.showBoard(c, b)
}

// chooseRoom lists the rooms of somebody who is of several unions.
func (p *Pages) chooseRoom(c *gin.Context, mine []string) error {
	ctx := c.Request.Context()
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.room.title"), crumbs: partnershipCrumbs(ctx)}
	for _, u := range mine {
		b.do = append(b.do, design.Crumb{Text: names.name(ctx, u), Path: "/room?union=" + url.QueryEscape(u)})
	}
	return p.showBoard(c, b)
}

func roomGrid(ctx context.Context, v register.RoomView, k models.RoomKind) grid {
	g := grid{
		title: design.Say(ctx, "page.room.kind."+string(k)), id: string(k), caption: design.Say(ctx, "page.room.kind."+string(k)), none: design.Say(ctx, "page.room.none."+string(k)),
		heads: heads(ctx, "title", "deployment", "changed", "status"),
	}
	for _, e := range v.Entries {
		if e.Kind != k {
			continue
		}
		var status []templ.Component
		if e.FiledAt != nil {
			status = append(status, design.Tag(design.Say(ctx, "page.room.filed"), "green"), design.Time(*e.FiledAt))
		} else if k == models.RoomDraft {
			status = append(status, design.Tag(design.Say(ctx, "page.room.unfiled"), "blue"))
		}
		if k == models.RoomConcern {
			status = append(status, plain(membersOf(ctx, e)))
		}
		if len(e.Files) > 0 {
			status = append(status, plain(design.Say(ctx, "page.room.files", "count", len(e.Files))))
		}
		if status == nil {
			status = append(status, plain(design.Say(ctx, "page.room.inside")))
		}
		g.rows = append(g.rows, []templ.Component{pageLink(inUnion(ctx, "/room/"+e.ID), design.Written(ctx, e.Language, e.Title)), aboutRef(e.Ref), design.Time(e.UpdatedAt), stacked(status)})
	}
	return g
}

// membersOf says how many members raised a concern, from five up.
func membersOf(ctx context.Context, e register.RoomEntryView) string {
	if !e.Counted {
		return design.Say(ctx, "page.room.fewer", "number", models.LeastConcerned)
	}
	return design.Say(ctx, "page.room.members", "count", e.Members)
}

// entry is an entry of the reader's room.
func (p *Pages) entry(c *gin.Context) (register.RoomView, register.RoomEntryView, error) {
	ctx := c.Request.Context()
	if err := roomer(ctx); err != nil {
		return register.RoomView{}, register.RoomEntryView{}, err
	}
	v, err := p.Register.Room(ctx, web.Actor(ctx), ofUnion(ctx), "")
	if err != nil {
		return v, register.RoomEntryView{}, err
	}
	for _, e := range v.Entries {
		if e.ID == param(c, "id") {
			return v, e, nil
		}
	}
	return v, register.RoomEntryView{}, models.Missing("room_entry")
}

func roomCrumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.room.title"), Path: inUnion(ctx, "/room")}}
}

func belowEntry(ctx context.Context, e register.RoomEntryView) []design.Crumb {
	return append(roomCrumbs(ctx), design.Crumb{Text: cut(e.Title), Path: inUnion(ctx, "/room/"+e.ID)})
}

// RoomEntry shows one entry.
func (p *Pages) RoomEntry(c *gin.Context) error { return p.showEntry(c, url.Values{}, faults{}) }

func (p *Pages) showEntry(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	room, e, err := p.entry(c)
	if err != nil {
		return err
	}
	b := board{title: design.Written(ctx, e.Language, e.Title).Text, caption: design.Say(ctx, "roomKind."+string(e.Kind)), crumbs: roomCrumbs(ctx)}
	rows := []design.Row{factOf(ctx, "page.column.union", plain(room.Union.Abbreviation)), factOf(ctx, "page.column.deployment", aboutRef(e.Ref)), factOf(ctx, "page.column.changed", design.Time(e.UpdatedAt))}
	if e.Dimension != "" {
		rows = append(rows, factOf(ctx, "page.column.dimension", plain(design.Say(ctx, "dimension."+string(e.Dimension)))))
	}
	if e.Kind == models.RoomDraft {
		rows = append(rows, factOf(ctx, "page.room.becomes", plain(design.Say(ctx, "commentKind."+string(e.CommentKind)))))
	}
	if e.Kind == models.RoomConcern {
		rows = append(rows, factOf(ctx, "page.room.heard", plain(membersOf(ctx, e))))
	}
	if e.FiledAt != nil {
		rows = append(rows, factOf(ctx, "page.room.filed", stack(design.Time(*e.FiledAt), pageLink("/deployments/"+e.Ref+"#comment-"+*e.FiledAs, design.Line{Text: design.Say(ctx, "page.room.as_filed")}))))
	}
	b.parts = append(b.parts, design.SummaryList(rows))
	if e.Body != "" {
		b.parts = append(b.parts, sideBySide([]side{{title: design.Say(ctx, "page.room.text"), text: design.Written(ctx, e.Language, e.Body)}}))
	}
	files := grid{title: design.Say(ctx, "page.room.documents"), caption: design.Say(ctx, "page.room.documents"), none: design.Say(ctx, "page.room.no_documents"), heads: heads(ctx, "file", "size2", "added")}
	for _, f := range e.Files {
		files.rows = append(files.rows, []templ.Component{pageLink(inUnion(ctx, "/room/files/"+f.ID), design.Line{Text: f.Name}), plain(kilobytes(ctx, f.Size)), design.Time(f.At)})
	}
	b.parts = append(b.parts, gridTable(files))
	if could(ctx, "room.write") {
		b.parts = append(b.parts, heading2(design.Say(ctx, "page.partnership.next"), "next"))
		for _, do := range []string{"file", "edit", "attachments", "remove"} {
			switch {
			case do == "file" && (e.Kind != models.RoomDraft || e.FiledAs != nil || !could(ctx, "room.file")), do == "edit" && e.FiledAs != nil:
				continue
			}
			b.parts = append(b.parts, more(inUnion(ctx, "/room/"+e.ID+"/"+do), design.Say(ctx, "page.room.do."+do)))
		}
		if e.Kind == models.RoomDraft && e.FiledAs == nil && !could(ctx, "room.file") {
			b.parts = append(b.parts, paragraph(design.Say(ctx, "page.room.officer_files")))
		}
	}
	if e.Kind == models.RoomConcern && could(ctx, "room.write") {
		b.form = &sheet{
			title: design.Say(ctx, "page.room.tally"), lead: []string{design.Say(ctx, "page.room.tally_lead", "number", models.LeastConcerned)}, path: inUnion(ctx, "/room/"+e.ID+"/tally"), button: design.Say(ctx, "page.room.tally_button"),
			faults: wrong, at: "members", ask: []question{ask(ctx, "members", "members", v.Get("members")).as("text", "off", "govuk-input--width-3")},
		}
	}
	return p.showBoard(c, b)
}

// NewRoomForm asks for something for the room.
func (p *Pages) NewRoomForm(c *gin.Context) error {
	ctx := c.Request.Context()
	q := design.Of(ctx).Query
	return p.newInRoom(c, url.Values{"kind": {otherwise(q.Get("kind"), "note")}, "deployment": {q.Get("deployment")}, "language": {string(design.Of(ctx).Lang)}, "commentKind": {"formal_response"}}, faults{})
}

func (p *Pages) newInRoom(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := roomer(ctx); err != nil {
		return err
	}
	kind := models.RoomKind(v.Get("kind"))
	if !slices.Contains(models.RoomKinds, kind) {
		return models.Missing("page")
	}
	s := roomSheet(ctx, kind, v, wrong)
	s.title, s.path, s.button, s.crumbs = design.Say(ctx, "page.room.write."+string(kind)), inUnion(ctx, "/room/new"), design.Say(ctx, "page.room.keep"), roomCrumbs(ctx)
	return p.show(c, s)
}

// roomSheet are the questions about an entry of a kind.
func roomSheet(ctx context.Context, kind models.RoomKind, v url.Values, wrong faults) sheet {
	s := sheet{faults: wrong, at: "title", hidden: []pair{{"kind", string(kind)}}, lead: []string{design.Say(ctx, "page.room.lead."+string(kind))}}
	s.ask = []question{ask(ctx, "title", "roomtitle", v.Get("title"))}
	if kind == models.RoomDraft {
		s.ask = append(s.ask, ask(ctx, "deployment", "roomdeployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10"), ask(ctx, "commentKind", "commentkind", v.Get("commentKind")).oneOf(options(ctx, "", "commentKind.", models.CommentKinds)))
	} else {
		s.ask = append(s.ask, ask(ctx, "deployment", "deployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10"))
	}
	s.ask = append(s.ask, ask(ctx, "dimension", "dimension", v.Get("dimension")).oneOf(options(ctx, "page.comment.no_dimension", "dimension.", models.Dimensions)), ask(ctx, "body", "roombody", v.Get("body")).text("10"),
		ask(ctx, "language", "textlanguage", v.Get("language")).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh})))
	return s
}

func roomInput(ctx context.Context, v url.Values) register.RoomInput {
	return register.RoomInput{
		UnionID: ofUnion(ctx), Deployment: v.Get("deployment"), Kind: models.RoomKind(v.Get("kind")), Title: v.Get("title"), Body: v.Get("body"), Dimension: models.Dimension(v.Get("dimension")),
		CommentKind: models.CommentKind(v.Get("commentKind")), Language: models.Language(v.Get("language")),
	}
}

// WriteRoom puts something into the room.
func (p *Pages) WriteRoom(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := roomer(ctx); err != nil {
		return err
	}
	v := typedAnswers(c, "body")
	e, err := p.Register.WriteRoom(ctx, web.Actor(ctx), roomInput(ctx, v))
	if again(err) {
		return p.newInRoom(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, inUnion(ctx, "/room/"+e.ID), "page.room.kept")
}

// RoomForm asks for one step with an entry.
func (p *Pages) RoomForm(c *gin.Context) error { return p.roomStep(c, nil, faults{}) }

func (p *Pages) roomStep(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	_, e, err := p.entry(c)
	if err != nil {
		return err
	}
	do := param(c, "do")
	s := sheet{}
	version := strconv.Itoa(e.Version)
	if v != nil {
		version = otherwise(v.Get("version"), version)
	}
	switch do {
	case "edit":
		if e.FiledAs != nil {
			return models.Fail(models.Conflict, "already_filed")
		}
		if v == nil {
			v = url.Values{
				"title": {e.Title}, "body": {e.Body}, "dimension": {string(e.Dimension)}, "commentKind": {string(e.CommentKind)}, "language": {string(e.Language)}, "deployment": {e.Ref},
			}
		}
		s = roomSheet(ctx, e.Kind, v, wrong)
		s.button = design.Say(ctx, "page.room.keep")
	case "remove":
		s.lead, s.warning, s.danger, s.button = []string{cut(e.Title)}, design.Say(ctx, "page.room.remove_warning"), true, design.Say(ctx, "page.room.remove_button")
		s.after = more(inUnion(ctx, "/room/"+e.ID), design.Say(ctx, "page.room.leave"))
		if e.FiledAs != nil {
			s.lead = append(s.lead, design.Say(ctx, "page.room.stays_filed"))
		}
	case "attachments":
		q := ask(ctx, "file", "roomfile", "")
		q.file = true
		s.ask, s.upload, s.at, s.button, s.lead = []question{q}, true, "file", design.Say(ctx, "page.room.attach_button"), []string{cut(e.Title)}
	case "file":
		switch {
		case !could(ctx, "room.file"):
			return models.Fail(models.Forbidden, "forbidden").With("act", "room.file")
		case e.FiledAs != nil:
			return models.Fail(models.Conflict, "already_filed")
		case e.Kind != models.RoomDraft:
			return models.Fail(models.Conflict, "not_a_draft")
		}
		s.lead, s.warning, s.button = []string{design.Say(ctx, "page.room.file_lead", "kind", design.Say(ctx, "commentKind."+string(e.CommentKind)), "ref", e.Ref)}, design.Say(ctx, "page.room.file_warning"), design.Say(ctx, "page.room.file_button", "ref", e.Ref)
		s.before = sideBySide([]side{{title: design.Say(ctx, "page.room.will_read"), text: design.Written(ctx, e.Language, e.Body)}})
		s.after = more(inUnion(ctx, "/room/"+e.ID), design.Say(ctx, "page.room.leave"))
	default:
		return models.Missing("page")
	}
	s.title, s.crumbs, s.path, s.faults = design.Say(ctx, "page.room.do."+do), belowEntry(ctx, e), inUnion(ctx, "/room/"+e.ID+"/"+do), wrong
	s.hidden = append(s.hidden, pair{"version", version})
	return p.show(c, s)
}

// StepRoom takes one step with an entry.
func (p *Pages) StepRoom(c *gin.Context) error {
	ctx, id, do := c.Request.Context(), param(c, "id"), param(c, "do")
	if err := roomer(ctx); err != nil {
		return err
	}
	a, union := web.Actor(ctx), ofUnion(ctx)
	if do == "attachments" {
		return p.attachRoom(c)
	}
	v := typedAnswers(c, "body")
	var err error
	back := inUnion(ctx, "/room/"+id)
	switch do {
	case "edit":
		_, err = p.Register.ReviseRoom(ctx, a, id, readVersion(v), roomInput(ctx, v))
	case "remove":
		err, back = p.Register.RemoveRoom(ctx, a, union, id, readVersion(v)), inUnion(ctx, "/room")
	case "file":
		_, err = p.Register.FileDraft(ctx, a, union, id, readVersion(v))
	case "tally":
		n, bad := strconv.Atoi(v.Get("members"))
		if bad != nil {
			return p.showEntry(c, v, fault("members", design.Say(ctx, "field.not_a_number", "value", v.Get("members"))))
		}
		if err = p.Register.TallyRoom(ctx, a, union, id, n); again(err) {
			return p.showEntry(c, v, faultsOf(ctx, err))
		}
	default:
		return models.Missing("page")
	}
	if again(err) {
		return p.roomStep(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, back, "page.room.done."+do)
}

// attachRoom puts a document beside an entry.
func (p *Pages) attachRoom(c *gin.Context) error {
	ctx, id := c.Request.Context(), param(c, "id")
	part, err := filePart(c.Request)
	if err == nil {
		var b []byte
		if b, err = io.ReadAll(part); err == nil {
			_, err = p.Register.AttachRoom(ctx, web.Actor(ctx), ofUnion(ctx), id, part.FileName(), b)
		}
	}
	if e, ok := errors.AsType[*models.Error](err); ok && (again(err) || e.Kind == models.TooLarge) {
		f := faultsOf(ctx, err)
		if f.general != "" {
			f = fault("file", f.general)
		}
		return p.roomStep(c, nil, f)
	}
	if err != nil {
		return err
	}
	return p.done(c, inUnion(ctx, "/room/"+id), "page.room.done.attachments")
}

// RoomFile gives a document of the room.
func (p *Pages) RoomFile(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := roomer(ctx); err != nil {
		return err
	}
	f, err := p.Register.RoomFile(ctx, web.Actor(ctx), ofUnion(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	c.Data(http.StatusOK, f.MediaType, f.Bytes)
	return nil
}
