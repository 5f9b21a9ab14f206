package register

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"beforehand/internal/files"
	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// Files are where attachments are kept, what looks at them first, and a folder
// for rows on their way into the database.
type Files struct {
	Keep files.Store
	// Scan looks for malware; without an address nothing does.
	Scan files.Scanner
	// Links open one attachment for a while.
	Links files.Links
	root  *os.Root
}

// OpenFiles takes the store of the attachments, and a folder on this machine,
// which is made when it is missing. It is opened as a root, so no name can lead
// out of it.
func OpenFiles(keep files.Store, dir string, links files.Links) (*Files, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return &Files{Keep: keep, Links: links, root: root}, err
}

// AttachmentTypes are what may be attached. HTML, SVG and programs are not.
var AttachmentTypes = []string{"application/pdf", "image/png", "image/jpeg", "text/plain", "application/zip", "message/rfc822"}

// largestFile is the limit of an attachment, in bytes.
const largestFile = 20 << 20

// Attach keeps a file. Its type is found from its content, not believed; its
// name is cleaned. The file is written before the row: one without a row is
// harmless, a row without its file is not.
func (r *Register) Attach(ctx context.Context, a models.Actor, name string, b []byte) (models.Attachment, error) {
	var at models.Attachment
	if err := r.check(a, "attachment.add", own(a)); err != nil {
		return at, err
	}
	if len(b) == 0 {
		return at, models.Fail(models.Invalid, "attachment_empty")
	}
	if len(b) > largestFile {
		return at, models.Fail(models.TooLarge, "upload_too_large").With("max", fmt.Sprint(largestFile>>20))
	}
	kind, _, _ := strings.Cut(http.DetectContentType(b), ";")
	if !slices.Contains(AttachmentTypes, kind) {
		return at, models.Fail(models.Invalid, "attachment_type").With("type", kind)
	}
	at = models.Attachment{OrgID: a.OrgID, ID: newID(), Name: cleanName(name), MediaType: kind, Size: int64(len(b)), SHA256: ledger.Hash(b), ByUserID: a.UserID, FromUnion: len(a.Unions()) > 0, CreatedAt: r.Now()}
	if err := r.scan(ctx, b); err != nil {
		return at, err
	}
	if err := r.files.Keep.Put(ctx, at.SHA256, b); err != nil {
		return at, models.FilesAway(fmt.Errorf("keep the attachment: %w", err))
	}
	err := r.change(ctx, a, "attachment.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		if !at.FromUnion {
			return entry{subject: at.ID, data: map[string]any{"file": at.SHA256, "size": at.Size}}, tx.Add(ctx, &at)
		}
		n, err := tx.Uncited(ctx, a.OrgID, a.UserID)
		if err != nil {
			return entry{}, err
		}
		if n >= mostUncited {
			return entry{}, models.Fail(models.Conflict, "too_many_files").With("max", itoa(mostUncited))
		}
		// What a union holds is told when it is filed, by the hash with its answer.
		return entry{subject: at.ID}, tx.Add(ctx, &at)
	})
	return at, err
}

// mostUncited is how many files somebody of a union may have handed in that
// nothing cites yet.
const mostUncited = 100

// scan refuses what the scanner finds something in. While no scanner answers,
// nothing is taken: what nobody has looked at might go to a union.
func (r *Register) scan(ctx context.Context, b []byte) error {
	if r.files.Scan.Addr == "" {
		return nil
	}
	err := r.files.Scan.Scan(ctx, b)
	if found, ok := errors.AsType[*files.Infected](err); ok {
		return models.Fail(models.Invalid, "attachment_infected").With("name", found.Name)
	}
	if err != nil {
		return models.Fail(models.Conflict, "attachment_unscanned").Because(err)
	}
	return nil
}

func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`<>:"/|?*`, c) || c == unicode.ReplacementChar {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(shorten(name, 120), ". ")
	if name == "" {
		return "file"
	}
	return name
}

// Attachment opens a file that somebody may read: the employer's side, whoever
// handed it in, and whoever may read what it is cited in.
func (r *Register) Attachment(ctx context.Context, a models.Actor, id string) (models.Attachment, []byte, error) {
	at, err := r.readable(ctx, r.store.Reader, a, id)
	if err != nil {
		return at, nil, err
	}
	b, err := r.files.Keep.Get(ctx, at.SHA256)
	return at, b, lost(err)
}

// ownFile says whether somebody handed a file in, on the side that they are of
// now: who has changed sides took nothing along.
func ownFile(a models.Actor, at models.Attachment) bool {
	return at.ByUserID == a.UserID && at.FromUnion == (len(a.Unions()) > 0)
}

// OwnAttachment is the row of a file that the actor has handed in.
func (r *Register) OwnAttachment(ctx context.Context, a models.Actor, id string) (models.Attachment, error) {
	return handedIn(ctx, r.store.Reader, a, id)
}

// handedIn is a file that the actor has handed in; another's is not there, so
// that nobody opens somebody's file to others by citing it.
func handedIn(ctx context.Context, rd store.Reader, a models.Actor, id string) (models.Attachment, error) {
	at, err := rd.Attachment(ctx, a.OrgID, id)
	if err == nil && !ownFile(a, at) {
		err = models.Missing("attachment")
	}
	return at, err
}

// lost says in words that an attachment is not what it was, not there, or cannot
// be asked for.
func lost(err error) error {
	switch {
	case errors.Is(err, files.ErrMissing):
		return models.Fail(models.Gone, "attachment_missing").Because(err)
	case errors.Is(err, files.ErrAltered):
		return models.Fail(models.Gone, "attachment_altered").Because(err)
	}
	return models.FilesAway(err)
}

func (r *Register) readable(ctx context.Context, rd store.Reader, a models.Actor, id string) (models.Attachment, error) {
	at, err := rd.Attachment(ctx, a.OrgID, id)
	if err != nil {
		return at, err
	}
	// Who may not read a file of their own, a token that was not issued for it,
	// say, reads none.
	mine := own(a)
	mine.OwnerID = a.UserID
	if err := r.check(a, "attachment.read", mine); err != nil {
		return at, err
	}
	res := own(a)
	if ownFile(a, at) {
		res = mine
	}
	refused := r.check(a, "attachment.read", res)
	if refused == nil && (!at.FromUnion || ownFile(a, at)) {
		return at, nil
	}
	cited, err := r.cited(ctx, rd, a, id, refused == nil)
	if err != nil || cited {
		return at, err
	}
	if refused == nil {
		refused = models.Missing("attachment")
	}
	return at, refused
}

// cited says whether a file is cited in something that the actor may read: a
// proof of service on their union, an amount, or an answer.
func (r *Register) cited(ctx context.Context, rd store.Reader, a models.Actor, id string, employer bool) (bool, error) {
	in, err := rd.Citations(ctx, a.OrgID, id)
	if err != nil {
		return false, err
	}
	if in.Proof && employer {
		return true, nil
	}
	if in.Proof {
		if proof, err := rd.ProofFor(ctx, a.OrgID, id, a.Unions()); err != nil || proof {
			return proof, err
		}
	}
	for _, deployment := range in.Costs {
		if _, err := r.costsOf(ctx, rd, a, deployment); err == nil || !refusal(err) {
			return err == nil, err
		}
	}
	for _, no := range in.Questionnaires {
		v, err := r.questionnaireIn(ctx, rd, a, no)
		if err != nil && !refusal(err) {
			return false, err
		}
		if slices.ContainsFunc(v.Answers, func(x models.QuestionnaireAnswer) bool { return deref(x.AttachmentID) == id }) {
			return true, nil
		}
	}
	return false, nil
}

// refusal says whether an error only keeps something from the actor.
func refusal(err error) bool {
	return slices.Contains([]models.Kind{models.NotFound, models.Forbidden, models.Unauthenticated}, models.KindOf(err))
}

// longestLink is how many hours a link to an attachment may open it.
const longestLink = 168

// Link makes an address that opens an attachment for some hours, to anybody
// who has it: for a lawyer, say, who has no account. That it was made is in the log.
func (r *Register) Link(ctx context.Context, a models.Actor, id string, hours int) (address string, until time.Time, err error) {
	if hours < 1 || hours > longestLink {
		return "", until, field("hours", "out_of_range", "min", "1", "max", itoa(longestLink))
	}
	err = r.change(ctx, a, "attachment.link", func(_ *store.Tx, now time.Time) (entry, error) {
		at, err := r.readable(ctx, r.store.Reader, a, id)
		if err != nil {
			return entry{}, err
		}
		if at.FromUnion {
			return entry{}, models.Fail(models.Conflict, "file_of_a_union")
		}
		if err := r.check(a, "attachment.link", own(a)); err != nil {
			return entry{}, err
		}
		until = now.Add(time.Duration(hours) * time.Hour).Truncate(time.Second)
		address = r.set.BaseURL + "/shared/" + r.files.Links.Make(at.OrgID+"/"+at.ID, until)
		return entry{subject: at.ID, data: map[string]any{"file": at.SHA256, "until": until}}, nil
	})
	return address, until, err
}

// Linked opens the attachment of a link.
func (r *Register) Linked(ctx context.Context, token string) (models.Attachment, []byte, error) {
	id, err := r.files.Links.Read(token, r.Now())
	if errors.Is(err, files.ErrLinkExpired) {
		return models.Attachment{}, nil, models.Fail(models.Gone, "link_expired")
	}
	org, id, ok := strings.Cut(id, "/")
	if err != nil || !ok {
		return models.Attachment{}, nil, models.Missing("attachment")
	}
	at, err := r.store.Attachment(ctx, org, id)
	if err != nil {
		return at, nil, err
	}
	b, err := r.files.Keep.Get(ctx, at.SHA256)
	return at, b, lost(err)
}
