package api

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/words"
)

// pages are the document itself, a page to browse it, and what the problems mean.
func (a *API) pages(e *gin.Engine) {
	e.GET("/openapi.json", func(c *gin.Context) {
		b, err := a.OpenAPI()
		if err != nil {
			WriteProblem(a.log)(c, err)
			return
		}
		c.Data(http.StatusOK, "application/json", b)
	})
	e.GET("/docs", a.docs)
	e.GET("/docs/problems", a.problems)
}

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Beforehand API</title></head>
<body><main><h1>Beforehand API</h1>
<p>The whole document: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). What problems mean: <a href="/docs/problems">problems</a>.</p>
{{range .}}<section><h2>{{.Tag}}</h2>{{range .Operations}}<article id="{{.ID}}"><h3><code>{{.Method}} {{.Path}}</code></h3><p>{{.Summary}}. Permission: <code>{{.Act}}</code>.</p>
{{if .Params}}<table><caption>Parameters of {{.Method}} {{.Path}}</caption><thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">What it is</th></tr></thead><tbody>{{range .Params}}<tr><td><code>{{.Name}}</code></td><td>{{.In}}</td><td>{{.Description}}</td></tr>{{end}}</tbody></table>{{end}}
<p>Answers: {{range .Answers}}<code>{{.}}</code> {{end}}</p></article>{{end}}</section>{{end}}
</main></body></html>`))

type docsTag struct {
	Tag        string
	Operations []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Act string
	Params                         []*huma.Param
	Answers                        []string
}

// docs is the document as a page that needs no script.
func (a *API) docs(c *gin.Context) {
	var tags []docsTag
	paths := a.huma.OpenAPI().Paths
	for _, path := range sortedKeys(paths) {
		item := paths[path]
		for _, m := range []struct {
			name string
			op   *huma.Operation
		}{{"GET", item.Get}, {"POST", item.Post}, {"PUT", item.Put}, {"PATCH", item.Patch}, {"DELETE", item.Delete}} {
			if m.op == nil {
				continue
			}
			act, _ := m.op.Metadata[actKey].(string)
			d := docsOperation{m.op.OperationID, m.name, path, m.op.Summary, act, m.op.Parameters, sortedKeys(m.op.Responses)}
			i := slices.IndexFunc(tags, func(t docsTag) bool { return t.Tag == m.op.Tags[0] })
			if i < 0 {
				tags = append(tags, docsTag{Tag: m.op.Tags[0]})
				i = len(tags) - 1
			}
			tags[i].Operations = append(tags[i].Operations, d)
		}
	}
	a.page(c, docsPage, tags)
}

var problemsPage = template.Must(template.New("problems").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Problems – Beforehand API</title></head>
<body><main><h1>Problems</h1><p>Every error is a problem document (RFC 9457) with one of these codes.</p>
<dl>{{range .}}<dt id="{{.Code}}"><code>{{.Code}}</code></dt><dd>{{.Text}}</dd>{{end}}</dl></main></body></html>`))

// problems lists the codes with their sentences.
func (a *API) problems(c *gin.Context) {
	type line struct{ Code, Text string }
	var lines []line
	for _, key := range words.Keys(words.English) {
		if code, ok := strings.CutPrefix(key, "error."); ok && !strings.Contains(code, ".") {
			lines = append(lines, line{code, words.Say(words.English, key, nil)})
		}
	}
	a.page(c, problemsPage, lines)
}

func (a *API) page(c *gin.Context, t *template.Template, v any) {
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Status(http.StatusOK)
	if err := t.Execute(c.Writer, v); err != nil {
		a.log.WarnContext(c, "a page was not written", "error", err.Error())
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y string) int {
		if n, errN := strconv.Atoi(x); errN == nil {
			if k, errK := strconv.Atoi(y); errK == nil {
				return n - k
			}
		}
		return strings.Compare(x, y)
	})
	return keys
}
