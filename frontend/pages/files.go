package pages

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Attachment gives a file that was handed in, never to be shown as a page.
func (p *Pages) Attachment(c *gin.Context) error {
	ctx := c.Request.Context()
	f, b, err := p.Register.Attachment(ctx, web.Actor(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	c.Data(http.StatusOK, f.MediaType, b)
	return nil
}

// fileLink leads to a file, by its name.
func fileLink(ctx context.Context, files map[string]models.Attachment, id string) templ.Component {
	f := files[id]
	return stack(pageLink("/attachments/"+id, design.Line{Text: f.Name}), plain(kilobytes(ctx, f.Size)))
}

// withFile adds to a form the question for a file of a name. A file that was
// taken with an earlier try stays: it is named, and can be left out again.
func withFile(ctx context.Context, questions []question, hidden []pair, v url.Values, name, key string, held map[string]models.Attachment) ([]question, []pair) {
	q := ask(ctx, name+".file", key, "")
	q.file = true
	f, there := held[name]
	if !there {
		return append(questions, q), hidden
	}
	q.Hint = design.Say(ctx, "page.file.instead")
	leave := ask(ctx, name+".leave", "leavefile", "").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.file.leave", "name", f.Name)}}, v[name+".leave"])
	leave.Label = design.Say(ctx, "page.file.held", "name", f.Name)
	return append(questions, leave, q), append(hidden, pair{name, f.ID})
}

// takeFiles hands in the files of a form, each under the name of its answer,
// and puts their ids among what was typed. Who may not do what the form is for
// hands in nothing. Of each name it says which file is held, and what is wrong
// with one that is not.
func (p *Pages) takeFiles(c *gin.Context, v url.Values, act string, names ...string) (map[string]models.Attachment, faults, error) {
	ctx := c.Request.Context()
	held, wrong := map[string]models.Attachment{}, faults{by: map[string]string{}}
	if err := mayAct(ctx, act); err != nil {
		return nil, wrong, err
	}
	if size := typedSize(v); size > web.MaxBody {
		return nil, wrong, models.Fail(models.TooLarge, "body_too_large").With("max", strconv.Itoa(web.MaxBody>>20))
	}
	for _, name := range names {
		given, err := c.FormFile(name + ".file")
		if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && given.Filename == "" {
			if err := p.heldFile(ctx, v, name, held, wrong); err != nil {
				return nil, wrong, err
			}
			continue
		}
		if err != nil {
			return nil, wrong, models.Fail(models.Invalid, "malformed_form").Because(err)
		}
		f, err := given.Open()
		if err != nil {
			return nil, wrong, err
		}
		b, err := io.ReadAll(f)
		if err != nil {
			return nil, wrong, err
		}
		file, err := p.Register.Attach(ctx, web.Actor(ctx), given.Filename, b)
		if kind := models.KindOf(err); err != nil && (again(err) || kind == models.TooLarge || models.CodeOf(err) == "files_away") {
			refused := faultsOf(ctx, err)
			wrong.by[name+".file"] = refused.general
			if wait, ok := waitOf(err); ok {
				wrong.away = true
				c.Header("Retry-After", strconv.Itoa(wait))
				_ = c.Error(err) // the line of the request tells it
			}
			if err := p.heldFile(ctx, v, name, held, wrong); err != nil {
				return nil, wrong, err
			}
			continue
		}
		if err != nil {
			return nil, wrong, err
		}
		v.Set(name, file.ID)
		v.Del(name + ".leave")
		held[name] = file
	}
	return held, wrong, nil
}

// heldFile is the file that came with an earlier try, unless it is to be left
// out. That one is not there any more is said: nothing is filed without it.
func (p *Pages) heldFile(ctx context.Context, v url.Values, name string, held map[string]models.Attachment, wrong faults) error {
	id := v.Get(name)
	if id == "" {
		return nil
	}
	if v.Get(name+".leave") != "" {
		v.Del(name)
		return nil
	}
	f, err := p.Register.OwnAttachment(ctx, web.Actor(ctx), id)
	if models.KindOf(err) == models.NotFound {
		v.Del(name)
		wrong.by[name+".file"] = design.Say(ctx, "page.file.gone")
		return nil
	}
	held[name] = f
	return err
}

// typedSize is how many bytes were typed into a form: its files may be large,
// what is typed may not.
func typedSize(v url.Values) int {
	n := 0
	for name, all := range v {
		n += len(name)
		for _, s := range all {
			n += len(s)
		}
	}
	return n
}

// keyedFiles has a form with files do its work once. Its body is another each
// time that it is sent, by the boundary between its parts, so what was typed
// and what the files hold stand for it.
func keyedFiles(c *gin.Context, v url.Values, held map[string]models.Attachment) context.Context {
	ctx := c.Request.Context()
	if v.Get("key") == "" {
		return ctx
	}
	same := maps.Clone(v)
	for name, f := range held {
		same.Set(name, f.SHA256)
	}
	hash := ledger.Hash([]byte(c.Request.URL.Path + "\n" + same.Encode()))
	return register.WithKey(ctx, register.Key{Key: "form-" + hash, Hash: hash})
}

func kilobytes(ctx context.Context, size int64) string {
	return design.Say(ctx, "page.room.kilobytes", "size", strconv.FormatInt((size+1023)/1024, 10))
}
