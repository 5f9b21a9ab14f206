package api

import (
	"context"
	"encoding/json"
	"mime"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// Attachment is a file that was handed in.
type Attachment struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	Size      int64  `json:"size" doc:"Bytes"`
	SHA256    string `json:"sha256"`
}

func viewAttachment(f models.Attachment) Attachment {
	return Attachment{f.ID, f.Name, f.MediaType, f.Size, f.SHA256}
}

type attachInput struct {
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"200" doc:"Name of the file" example:"receipt.pdf"`
	RawBody []byte `contentType:"application/octet-stream"`
}

func (a *API) attach(ctx context.Context, in *attachInput) (*reply[Attachment], error) {
	f, err := a.reg.Attach(ctx, web.Actor(ctx), in.Name, in.RawBody)
	return created(viewAttachment(f), 0, "/attachments/"+f.ID), err
}

func (a *API) attachment(ctx context.Context, in *ByID) (*download, error) {
	f, b, err := a.reg.Attachment(ctx, web.Actor(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &download{f.MediaType, disposition(f), b}, nil
}

// download is a file as it is, never to be shown by a browser as a page.
type download struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// content is what the document says of the answer.
func (*download) content() map[string]*huma.MediaType {
	out := map[string]*huma.MediaType{}
	for _, kind := range register.AttachmentTypes {
		out[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return out
}

func disposition(f models.Attachment) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})
}

type linkInput struct {
	ByID
	Body struct {
		Hours int `json:"hours" minimum:"1" maximum:"168" doc:"How long the link opens the file" example:"24"`
	}
}

// Link opens an attachment for a while.
type Link struct {
	URL   string `json:"url" format:"uri" doc:"Whoever has it can open the file"`
	Until string `json:"until" format:"date-time"`
}

func (a *API) link(ctx context.Context, in *linkInput) (*reply[Link], error) {
	address, until, err := a.reg.Link(ctx, web.Actor(ctx), in.ID, in.Body.Hours)
	return &reply[Link]{Body: Link{address, instant(until)}}, err
}

// LedgerEntry is one entry of the log: its exact bytes and its leaf.
type LedgerEntry struct {
	Seq  int64           `json:"seq"`
	At   string          `json:"at" format:"date-time"`
	Verb string          `json:"verb"`
	Body json.RawMessage `json:"body" doc:"Canonical JSON (RFC 8785)"`
	Leaf []byte          `json:"leaf" doc:"RFC 6962 leaf hash: SHA-256 of a zero byte and the body, in base64"`
}

type ledgerInput struct {
	From  int64 `query:"from" minimum:"0"`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

func (a *API) ledger(ctx context.Context, in *ledgerInput) (*reply[List[LedgerEntry]], error) {
	rows, err := a.reg.Ledger(ctx, web.Actor(ctx), in.From, in.Limit)
	out := pageOf(rows, func(r store.LedgerRow) LedgerEntry {
		return LedgerEntry{r.Seq, instant(r.At), r.Verb, json.RawMessage(r.Body), r.Leaf}
	})
	if len(rows) == in.Limit {
		out.Body.Next = "/api/v1/ledger?from=" + itoa(rows[len(rows)-1].Seq+1)
	}
	return out, err
}
