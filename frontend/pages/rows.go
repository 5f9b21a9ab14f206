package pages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// rowsPage is where rows are uploaded, with what was wrong with a file.
type rowsPage struct {
	register.ClaimView
	plan     models.FrozenPlan
	problems []problemRow
	count    int
	wrong    faults
}

// problemRow is one thing that is wrong with a file.
type problemRow struct{ row, column, what string }

// mostProblems is how many problems of a file a page lists.
const mostProblems = 100

// Rows asks for a file of rows, and says which are held.
func (p *Pages) Rows(c *gin.Context) error { return p.showRows(c, nil) }

func (p *Pages) showRows(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	v, err := p.mayDo(ctx, param(c, "ref"), "dataset.upload")
	if err != nil {
		return err
	}
	page := rowsPage{ClaimView: v}
	if err := json.Unmarshal([]byte(v.Locked().Body), &page.plan); err != nil {
		return err
	}
	status := http.StatusOK
	if failed != nil {
		status = http.StatusUnprocessableEntity
		page.refused(ctx, failed)
	}
	return p.render(c, status, rowsDetailPage(page))
}

// refused keeps what was wrong with a file.
func (v *rowsPage) refused(ctx context.Context, err error) {
	e, _ := errors.AsType[*models.Error](err)
	v.wrong = fault("file", sentence(ctx, e))
	if e.Code != "dataset_refused" {
		v.wrong = faultsOf(ctx, err)
		if v.wrong.general != "" {
			v.wrong = fault("file", v.wrong.general)
		}
		return
	}
	v.count = len(e.Fields)
	for _, f := range e.Fields[:min(len(e.Fields), mostProblems)] {
		v.problems = append(v.problems, problemRow{textOf(f.Params["row"]), textOf(f.Params["column"]), words.Say(string(design.Of(ctx).Lang), f.Code, f.Params)})
	}
}

// UploadRows takes a file of rows, as it comes.
func (p *Pages) UploadRows(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	part, err := filePart(c.Request)
	if err != nil {
		return p.rowsAgain(c, err)
	}
	if _, err := p.Register.UploadDataset(ctx, web.Actor(ctx), ref, part.FileName(), part); err != nil {
		return p.rowsAgain(c, err)
	}
	return p.done(c, "/claims/"+ref+"/rows", "page.rows.done")
}

// rowsAgain shows the form again when the file is at fault.
func (p *Pages) rowsAgain(c *gin.Context, err error) error {
	if kind := models.KindOf(err); again(err) || kind == models.TooLarge {
		return p.showRows(c, err)
	}
	return err
}

// filePart is the file of a form that is read as it comes. No file is one
// without a name.
func filePart(r *http.Request) (*multipart.Part, error) {
	none := (&models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "file", Code: "required"}}})
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, none.Because(err)
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, none
		}
		if err != nil {
			return nil, none.Because(err)
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return nil, none
		}
		return part, nil
	}
}

// mayDo is a claim to which the reader may do something now.
func (p *Pages) mayDo(ctx context.Context, ref, act string) (register.ClaimView, error) {
	a := web.Actor(ctx)
	v, err := p.Register.Claim(ctx, a, ref)
	if err != nil {
		return v, err
	}
	if (claimPage{ClaimView: v}).may(act) {
		return v, nil
	}
	switch {
	case a.Anonymous():
		return v, models.Fail(models.Unauthenticated, "unauthenticated")
	case v.WithdrawnAt != nil:
		return v, models.Fail(models.Conflict, "claim_withdrawn").With("claim", v.Ref)
	case v.Locked() == nil:
		return v, models.Fail(models.Conflict, "plan_not_locked").With("claim", v.Ref)
	default:
		return v, models.Fail(models.Forbidden, "forbidden").With("act", act)
	}
}

// form is the form that sends a file.
func (v rowsPage) form(ctx context.Context) sheet {
	q := ask(ctx, "file", "rowsfile", "")
	q.file = true
	return sheet{path: "/claims/" + v.Ref + "/rows", upload: true, ask: []question{q}, button: design.Say(ctx, "page.rows.button"), faults: v.wrong, at: "file"}.settle()
}

// list is what was wrong, for the summary.
func (v rowsPage) list(ctx context.Context) []design.Fault { return v.form(ctx).list() }

// textOf is a value of a refusal as it is printed.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
