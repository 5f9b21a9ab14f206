package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Room is a union's own room. Nobody but its people learns what is in it.
type Room struct {
	Union   string      `json:"union"`
	Name    string      `json:"unionName"`
	Walled  bool        `json:"walled" doc:"The database itself keeps the room shut"`
	Entries []RoomEntry `json:"entries" nullable:"false" doc:"Newest first"`
}

// RoomEntry is something in a room.
type RoomEntry struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind" enum:"note,draft,concern,document"`
	Deployment  string     `json:"deployment,omitempty"`
	Title       string     `json:"title"`
	Body        string     `json:"body"`
	Dimension   string     `json:"dimension,omitempty"`
	CommentKind string     `json:"commentKind,omitempty" doc:"What a draft will be when it is filed"`
	Language    string     `json:"language" enum:"en,cy"`
	Members     *int       `json:"members,omitempty" doc:"How many members raised a concern; said from five up"`
	Files       []RoomFile `json:"files" nullable:"false"`
	FiledAs     string     `json:"filedAs,omitempty" doc:"Id of the comment that a draft became"`
	FiledAt     string     `json:"filedAt,omitempty" format:"date-time"`
	CreatedAt   string     `json:"createdAt" format:"date-time"`
	UpdatedAt   string     `json:"updatedAt" format:"date-time"`
	Version     int        `json:"version"`
}

// RoomFile is a document of a room.
type RoomFile struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	Size      int64  `json:"size" doc:"Bytes"`
}

func viewRoomFile(f models.RoomFile) RoomFile { return RoomFile{f.ID, f.Name, f.MediaType, f.Size} }

func viewRoomEntry(v register.RoomEntryView) RoomEntry {
	e := RoomEntry{
		ID: v.ID, Kind: string(v.Kind), Deployment: v.Ref, Title: v.Title, Body: v.Body, Dimension: string(v.Dimension), CommentKind: string(v.CommentKind),
		Language: string(v.Language), Files: []RoomFile{}, CreatedAt: instant(v.CreatedAt), UpdatedAt: instant(v.UpdatedAt), Version: v.Version,
	}
	if v.Counted {
		e.Members = &v.Members
	}
	for _, f := range v.Files {
		e.Files = append(e.Files, viewRoomFile(f))
	}
	if v.FiledAs != nil {
		e.FiledAs = *v.FiledAs
	}
	if v.FiledAt != nil {
		e.FiledAt = instant(*v.FiledAt)
	}
	return e
}

// OfUnion says whose room it is.
type OfUnion struct {
	Union string `query:"union" maxLength:"60" doc:"Id of your union, when you are of several" example:"01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10"`
}

type roomInput struct {
	OfUnion
	About
}

func (a *API) room(ctx context.Context, in *roomInput) (*reply[Room], error) {
	v, err := a.reg.Room(ctx, web.Actor(ctx), in.Union, in.Deployment)
	room := Room{Union: v.Union.ID, Name: v.Union.Name, Walled: v.Walled, Entries: []RoomEntry{}}
	for _, e := range v.Entries {
		room.Entries = append(room.Entries, viewRoomEntry(e))
	}
	return &reply[Room]{Body: room}, err
}

type roomBody struct {
	Kind        string `json:"kind" enum:"note,draft,concern,document" example:"draft"`
	Deployment  string `json:"deployment,omitempty" maxLength:"40" doc:"What it is about; a draft needs one" example:"DEP-2026-003"`
	Title       string `json:"title" minLength:"1" maxLength:"200" example:"Our response on case notes"`
	Body        string `json:"body,omitempty" maxLength:"50000" example:"Caseloads must not rise."`
	Dimension   string `json:"dimension,omitempty" enum:"JOBS,GRADE,SKILL,LOAD,TIME,WATCH,AUTON,LIAB,SAFE,EQUAL,LANG,CARE,VOICE,GAIN"`
	CommentKind string `json:"commentKind,omitempty" enum:"question,concern,suggestion,support,formal_response,failure_to_agree" doc:"What a draft will be when it is filed"`
	Language    string `json:"language,omitempty" enum:"en,cy"`
}

func (b roomBody) of(union string) register.RoomInput {
	return register.RoomInput{
		UnionID: union, Deployment: b.Deployment, Kind: models.RoomKind(b.Kind), Title: b.Title, Body: b.Body, Dimension: models.Dimension(b.Dimension),
		CommentKind: models.CommentKind(b.CommentKind), Language: models.Language(b.Language),
	}
}

type writeRoomInput struct {
	OfUnion
	Body roomBody
}

func (a *API) writeRoom(ctx context.Context, in *writeRoomInput) (*reply[RoomEntry], error) {
	e, err := a.reg.WriteRoom(ctx, web.Actor(ctx), in.Body.of(in.Union))
	return created(viewRoomEntry(register.RoomEntryView{RoomEntry: e, Ref: in.Body.Deployment}), e.Version, "/room"), err
}

type reviseRoomInput struct {
	ByID
	OfUnion
	IfMatchHeader
	Body roomBody
}

func (a *API) reviseRoom(ctx context.Context, in *reviseRoomInput) (*reply[RoomEntry], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	e, err := a.reg.ReviseRoom(ctx, web.Actor(ctx), in.ID, n, in.Body.of(in.Union))
	return versioned(viewRoomEntry(register.RoomEntryView{RoomEntry: e, Ref: in.Body.Deployment}), e.Version), err
}

type roomEntryInput struct {
	ByID
	OfUnion
	IfMatchHeader
}

func (a *API) removeRoom(ctx context.Context, in *roomEntryInput) (*done, error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	return &done{}, a.reg.RemoveRoom(ctx, web.Actor(ctx), in.Union, in.ID, n)
}

func (a *API) fileDraft(ctx context.Context, in *roomEntryInput) (*reply[Comment], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	c, err := a.reg.FileDraft(ctx, web.Actor(ctx), in.Union, in.ID, n)
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Comment(ctx, web.Actor(ctx), c.ID)
	return created(viewComment(v), 0, "/comments/"+c.ID), err
}

type tallyInput struct {
	ByID
	OfUnion
	Body struct {
		Members int `json:"members" minimum:"1" maximum:"500" doc:"From how many members you have heard it; nobody is named" example:"3"`
	}
}

func (a *API) tallyRoom(ctx context.Context, in *tallyInput) (*done, error) {
	return &done{}, a.reg.TallyRoom(ctx, web.Actor(ctx), in.Union, in.ID, in.Body.Members)
}

type roomFileInput struct {
	ByID
	OfUnion
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"200" doc:"Name of the file" example:"survey.pdf"`
	RawBody []byte `contentType:"application/octet-stream"`
}

func (a *API) attachRoom(ctx context.Context, in *roomFileInput) (*reply[RoomFile], error) {
	f, err := a.reg.AttachRoom(ctx, web.Actor(ctx), in.Union, in.ID, in.Name, in.RawBody)
	return created(viewRoomFile(f), 0, "/room/files/"+f.ID), err
}

type readRoomFileInput struct {
	ByID
	OfUnion
}

func (a *API) roomFile(ctx context.Context, in *readRoomFileInput) (*download, error) {
	f, err := a.reg.RoomFile(ctx, web.Actor(ctx), in.Union, in.ID)
	if err != nil {
		return nil, err
	}
	return &download{f.MediaType, disposition(models.Attachment{Name: f.Name}), f.Bytes}, nil
}
