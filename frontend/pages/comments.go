package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// commentForm is the form in which a union comments, as it was filled in.
type commentForm struct {
	union, kind, dimension, circle, language, body string
	// key makes the form recognisable when it is sent twice.
	key string
	// unions to speak for, when there are several.
	unions []design.Option
	// errors by field, and what is wrong with no field.
	errors  map[string]string
	general string
}

func newCommentForm(ctx context.Context, a models.Actor, v dossier) *commentForm {
	f := &commentForm{language: string(design.Of(ctx).Lang), circle: string(models.CircleParties), key: web.RequestID(ctx)}
	f.offer(a, v)
	return f
}

// offer lists the unions that the reader may speak for.
func (f *commentForm) offer(a models.Actor, v dossier) {
	mine := a.Unions()
	if len(mine) < 2 {
		return
	}
	for _, id := range mine {
		if name := v.unions[id]; name != "" {
			f.unions = append(f.unions, design.Option{Value: id, Text: name})
		}
	}
}

func readCommentForm(c *gin.Context) *commentForm {
	return &commentForm{
		union: typed(c, "union"), kind: typed(c, "kind"), dimension: typed(c, "dimension"), circle: typed(c, "circle"),
		language: typed(c, "language"), body: c.PostForm("body"), key: typed(c, "key"),
	}
}

func (f *commentForm) input() register.CommentInput {
	return register.CommentInput{
		UnionID: f.union, Kind: models.CommentKind(f.kind), Dimension: models.Dimension(f.dimension), Circle: models.Circle(f.circle),
		Language: models.Language(f.language), Body: f.body,
	}
}

// keyed makes a form that is sent twice count once: the same form is the same
// body, with the key that it was given when it was shown.
func (f *commentForm) keyed(ctx context.Context) context.Context { return keyed(ctx, f.key) }

func keyed(ctx context.Context, key string) context.Context {
	if key == "" {
		return ctx
	}
	hash := web.BodyHash(ctx)
	return register.WithKey(ctx, register.Key{Key: "form-" + hash, Hash: hash})
}

// sentBefore says whether an error only says that this very form was taken
// already. A comment can be a duplicate of nothing else.
func sentBefore(err error) bool {
	code := models.CodeOf(err)
	return code == "idempotency_in_progress" || code == "duplicate"
}

// refuse keeps what was wrong, field by field.
func (f *commentForm) refuse(ctx context.Context, err error) {
	f.errors = map[string]string{}
	e, _ := errors.AsType[*models.Error](err)
	for _, fault := range e.Fields {
		f.errors[fault.Path] = fieldSentence(ctx, fault)
	}
	if len(e.Fields) == 0 {
		f.general = sentence(ctx, e)
	}
}

// commentFields are the fields of the form, in its order.
var commentFields = []string{"union", "kind", "dimension", "body", "language", "circle"}

// faults lists what was wrong, for the summary.
func (f *commentForm) faults(ctx context.Context) []design.Fault {
	var out []design.Fault
	for _, name := range commentFields {
		if f.errors[name] != "" {
			out = append(out, design.Fault{ID: name, Text: design.Say(ctx, "page.comment."+name) + ": " + f.errors[name]})
		}
	}
	if f.general != "" {
		out = append(out, design.Fault{Text: f.general})
	}
	return out
}

// MakeComment takes a union's comment.
func (p *Pages) MakeComment(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	form := readCommentForm(c)
	_, err := p.Register.MakeComment(form.keyed(ctx), web.Actor(ctx), ref, form.input())
	switch kind := models.KindOf(err); {
	case err == nil, sentBefore(err):
		return p.done(c, "/deployments/"+ref+"#comments", "page.comment.done")
	case kind != models.Invalid && kind != models.Conflict:
		return err
	}
	v, shown := p.dossier(ctx, ref)
	if shown != nil {
		return shown
	}
	form.offer(web.Actor(ctx), v)
	form.refuse(ctx, err)
	v.form = form
	return p.render(c, http.StatusUnprocessableEntity, deploymentPage(v))
}
