package pages

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// onward is a form that waits in the session while somebody is at a provider.
type onward struct {
	Path   string   `json:"path"`
	Names  []string `json:"names"`
	Values []string `json:"values"`
}

// CarryOn shows the button that sends a form again, after a proof at a provider.
func (p *Pages) CarryOn(c *gin.Context) error {
	ctx := c.Request.Context()
	o, ok := kept[onward](ctx, p, keptForm)
	p.Sessions.Keep(ctx, keptForm, "")
	if !ok || local(o.Path) == "" || len(o.Names) != len(o.Values) {
		return p.done(c, "/account", "")
	}
	var all []pair
	for i, name := range o.Names {
		all = append(all, pair{name, o.Values[i]})
	}
	return p.render(c, http.StatusOK, onwardPage(o.Path, all))
}

// errLossy says that a form cannot be sent again as it was.
var errLossy = errors.New("a form holds what no page carries along")

// sendAgain answers a form that came after its session had ended: it is kept on
// the page itself, to be sent again once its sender has signed in elsewhere.
// Nothing of it is stored, for nobody knows whose it is.
func (p *Pages) sendAgain(c *gin.Context) error {
	_ = c.PostForm("") // the form is read
	path := local(c.Request.URL.RequestURI())
	answers, lossy := carried(c.Request.PostForm)
	if lossy || path == "" || len(answers) == 0 || c.ContentType() == "multipart/form-data" {
		return errLossy
	}
	return p.render(c, http.StatusUnauthorized, sendAgainPage(path, answers))
}

func names(all []pair) []string {
	out := make([]string, len(all))
	for i, k := range all {
		out[i] = k.name
	}
	return out
}

func values(all []pair) []string {
	out := make([]string, len(all))
	for i, k := range all {
		out[i] = k.value
	}
	return out
}

// fragile are the answers that no page carries along: passwords and codes.
func fragile(name string) bool {
	return strings.HasPrefix(name, "_") || strings.Contains(name, "password") || name == "old" || name == "code"
}

// carried are the answers of a form that may be asked again.
func carried(form url.Values) (kept []pair, lossy bool) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if fragile(name) {
			lossy = true
			continue
		}
		for _, v := range form[name] {
			kept = append(kept, pair{name, v})
		}
	}
	return kept, lossy
}
