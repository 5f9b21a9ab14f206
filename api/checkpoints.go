package api

import (
	"context"
	"encoding/base64"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Checkpoint is what an organisation signed of its log.
type Checkpoint struct {
	Size         int64         `json:"size" doc:"Entries in the log"`
	Root         string        `json:"root" doc:"RFC 6962 hash of the tree, in base64"`
	At           string        `json:"at" format:"date-time"`
	Cause        string        `json:"cause" enum:"daily,notice,acknowledgement,receipt,asked"`
	Note         string        `json:"note" doc:"The signed note (C2SP tlog-checkpoint), with all countersignatures"`
	Cosignatures []Cosignature `json:"cosignatures" nullable:"false"`
}

// Cosignature is the countersignature of a witness.
type Cosignature struct {
	Witness  string `json:"witness" doc:"Id of the witness"`
	SignedAt string `json:"signedAt" format:"date-time" doc:"By the witness's clock"`
	Line     string `json:"line"`
}

func viewCheckpoint(c models.Checkpoint) Checkpoint {
	v := Checkpoint{c.Size, base64.StdEncoding.EncodeToString(c.Root), instant(c.At), string(c.Cause), c.Signed(), []Cosignature{}}
	for _, s := range c.Cosignatures {
		v.Cosignatures = append(v.Cosignatures, Cosignature{s.WitnessID, instant(s.SignedAt), s.Line})
	}
	return v
}

type checkpointsInput struct {
	Below int64 `query:"below" minimum:"0" maximum:"9007199254740991" doc:"Only smaller logs than this; 0 begins with the newest"`
	Limit int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (a *API) checkpoints(ctx context.Context, in *checkpointsInput) (*reply[List[Checkpoint]], error) {
	rows, err := a.reg.Checkpoints(ctx, web.Actor(ctx), in.Below, in.Limit+1)
	more := len(rows) > in.Limit
	if more {
		rows = rows[:in.Limit]
	}
	out := pageOf(rows, viewCheckpoint)
	if more {
		out.Body.Next = "/api/v1/checkpoints?below=" + strconv.FormatInt(rows[len(rows)-1].Size, 10) + "&limit=" + strconv.Itoa(in.Limit)
	}
	return out, err
}

// BySize names a checkpoint.
type BySize struct {
	Size int64 `path:"size" minimum:"1" maximum:"9007199254740991" example:"4"`
}

func (a *API) checkpoint(ctx context.Context, in *BySize) (*reply[Checkpoint], error) {
	c, err := a.reg.Checkpoint(ctx, web.Actor(ctx), in.Size)
	return &reply[Checkpoint]{Body: viewCheckpoint(c)}, err
}

func (a *API) signCheckpoint(ctx context.Context, _ *struct{}) (*reply[Checkpoint], error) {
	c, err := a.reg.SignNow(ctx, web.Actor(ctx))
	return created(viewCheckpoint(c), 0, "/checkpoints/"+strconv.FormatInt(c.Size, 10)), err
}

// Consistency is the proof that an older log is the beginning of a newer one.
type Consistency struct {
	Old   int64    `json:"old"`
	New   int64    `json:"new"`
	Note  string   `json:"note" doc:"The signed checkpoint of the newer log"`
	Proof []string `json:"proof" nullable:"false" doc:"RFC 6962 section 2.1.2, in base64"`
}

type consistencyInput struct {
	BySize
	Old int64 `query:"old" minimum:"0" maximum:"9007199254740991" required:"true" example:"1"`
}

func (a *API) consistency(ctx context.Context, in *consistencyInput) (*reply[Consistency], error) {
	c, err := a.reg.Consistency(ctx, web.Actor(ctx), in.Old, in.Size)
	v := Consistency{c.Old, c.New.Size, c.New.Signed(), []string{}}
	for _, h := range c.Proof {
		v.Proof = append(v.Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	return &reply[Consistency]{Body: v}, err
}

type cosignInput struct {
	BySize
	Body struct {
		Lines string `json:"lines" minLength:"1" maxLength:"20000" doc:"The lines that the witness adds: — NAME BASE64" example:"— unison.example/witness P0rNpQAAAABqnn0QwWQBh8UOsC/Hdyu3rIJxwdLLwht+YgT3N48l/Lb1L52NN/EaZP1UjvhnjQbeVBjkmdzYlC5gXJ6em3ZgFvMPDg==\n"`
	}
}

func (a *API) cosign(ctx context.Context, in *cosignInput) (*reply[Checkpoint], error) {
	c, err := a.reg.Cosign(ctx, web.Actor(ctx), in.Size, in.Body.Lines)
	return &reply[Checkpoint]{Body: viewCheckpoint(c)}, err
}

// SigningKey is a public key that the log is, or was, signed with.
type SigningKey struct {
	ID         string `json:"id"`
	Key        string `json:"key" doc:"NAME+HASH+KEY, as C2SP signed-note writes it"`
	MadeAt     string `json:"madeAt" format:"date-time"`
	SignsUntil string `json:"signsUntil,omitempty" format:"date-time"`
}

func viewKey(k models.SigningKey) SigningKey {
	v := SigningKey{ID: k.ID, Key: k.Public, MadeAt: instant(k.MadeAt)}
	if k.SignsUntil != nil {
		v.SignsUntil = instant(*k.SignsUntil)
	}
	return v
}

func (a *API) signingKeys(ctx context.Context, _ *struct{}) (*reply[List[SigningKey]], error) {
	rows, err := a.reg.Keys(ctx, web.Actor(ctx))
	return listOf(rows, viewKey), err
}

type rotateInput struct {
	Body struct {
		OverlapDays int `json:"overlapDays" minimum:"0" maximum:"400" doc:"How long the old key signs beside the new one; 0 ends it at once" example:"90"`
	}
}

func (a *API) rotateKey(ctx context.Context, in *rotateInput) (*reply[SigningKey], error) {
	k, err := a.reg.RotateKey(ctx, web.Actor(ctx), in.Body.OverlapDays)
	return created(viewKey(k), 0, "/signing-keys"), err
}

// Witness is somebody who countersigns checkpoints.
type Witness struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	Kind    string `json:"kind" enum:"union,auditor,council"`
	Union   string `json:"union,omitempty" doc:"Id of the union"`
	Key     string `json:"key"`
	At      string `json:"at" format:"date-time"`
	EndedAt string `json:"endedAt,omitempty" format:"date-time"`
}

func viewWitness(w models.Witness) Witness {
	v := Witness{ID: w.ID, Label: w.Label, Kind: string(w.Kind), Key: w.Public, At: instant(w.At)}
	if w.UnionID != nil {
		v.Union = *w.UnionID
	}
	if w.EndedAt != nil {
		v.EndedAt = instant(*w.EndedAt)
	}
	return v
}

func (a *API) witnesses(ctx context.Context, _ *struct{}) (*reply[List[Witness]], error) {
	rows, err := a.reg.Witnesses(ctx, web.Actor(ctx))
	return listOf(rows, viewWitness), err
}

type witnessInput struct {
	Body struct {
		Label string `json:"label" maxLength:"200" example:"UNISON Sir Tywi"`
		Kind  string `json:"kind" enum:"union,auditor,council"`
		Union string `json:"union,omitempty" maxLength:"60" doc:"Id of the union; your own when left out"`
		Key   string `json:"key" maxLength:"500" doc:"Made by beforehand witness new" example:"unison.example/witness+3f4acda5+BEQpkwZQBKoeTEj03QFYGUwCNJvMZkzZbkAOommRio1R"`
	}
}

func (a *API) addWitness(ctx context.Context, in *witnessInput) (*reply[Witness], error) {
	w, err := a.reg.AddWitness(ctx, web.Actor(ctx), register.NewWitness{Label: in.Body.Label, Kind: models.WitnessKind(in.Body.Kind), UnionID: in.Body.Union, Public: in.Body.Key})
	return created(viewWitness(w), 0, "/witnesses"), err
}

func (a *API) endWitness(ctx context.Context, in *ByID) (*reply[Witness], error) {
	w, err := a.reg.EndWitness(ctx, web.Actor(ctx), in.ID)
	return &reply[Witness]{Body: viewWitness(w)}, err
}

// CheckpointAddress is where a union is sent each day's checkpoint.
type CheckpointAddress struct {
	Address  string `json:"address" maxLength:"500" doc:"Empty ends it" example:"log@unison.example"`
	Language string `json:"language" enum:"en,cy" example:"cy"`
	Union    string `json:"union,omitempty" maxLength:"60" doc:"Id of the union; your own when left out"`
}

func (a *API) checkpointAddress(ctx context.Context, _ *struct{}) (*reply[CheckpointAddress], error) {
	v, err := a.reg.CheckpointAddress(ctx, web.Actor(ctx))
	return &reply[CheckpointAddress]{Body: CheckpointAddress{v.Address, string(v.Language), v.UnionID}}, err
}

type checkpointAddressInput struct{ Body CheckpointAddress }

func (a *API) askForCheckpoints(ctx context.Context, in *checkpointAddressInput) (*done, error) {
	return nil, a.reg.AskForCheckpoints(ctx, web.Actor(ctx), in.Body.Union, in.Body.Address, models.Language(in.Body.Language))
}

// receiptReply is a receipt, byte for byte.
type receiptReply struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// content is what the document says of the answer.
func (*receiptReply) content() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Description: "docs/receipt-format.md"}, Example: map[string]any{
		"checkpoint": exampleNote, "document": "{\"no\":\"N-2026-014\"}", "entries": []any{map[string]any{"body": "{\"verb\":\"notice.serve\"}", "proof": []any{exampleRoot}, "seq": 3}},
		"keys": []any{exampleKey}, "type": "beforehand-receipt", "v": 1, "witnesses": []any{},
	}}}
}

func (a *API) receipt(ctx context.Context, in *ByNo) (*receiptReply, error) {
	r, err := a.reg.Receipt(ctx, web.Actor(ctx), in.No)
	if err != nil {
		return nil, err
	}
	return &receiptReply{"application/json", `attachment; filename="` + r.Name + `"`, r.Bytes}, nil
}

// Backup is a backup of the installation that was made, or failed.
type Backup struct {
	ID        string `json:"id"`
	At        string `json:"at" format:"date-time"`
	Name      string `json:"name,omitempty"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256,omitempty" doc:"Of the file, in hexadecimal"`
	Entries   int64  `json:"entries" doc:"Of all logs together"`
	Encrypted bool   `json:"encrypted"`
	Failed    string `json:"failed,omitempty" doc:"Code of why there is none"`
	RemovedAt string `json:"removedAt,omitempty" format:"date-time"`
}

func viewBackup(b models.Backup) Backup {
	v := Backup{ID: b.ID, At: instant(b.At), Name: b.Name, Bytes: b.Bytes, SHA256: b.SHA256, Entries: b.Entries, Encrypted: b.Encrypted, Failed: b.Failed}
	if b.RemovedAt != nil {
		v.RemovedAt = instant(*b.RemovedAt)
	}
	return v
}

func (a *API) backups(ctx context.Context, _ *struct{}) (*reply[List[Backup]], error) {
	rows, err := a.reg.Backups(ctx, web.Actor(ctx))
	return pageOf(rows, viewBackup), err
}
