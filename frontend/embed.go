package frontend

import (
	"embed"
	"encoding/json"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sync"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/pages"
	"beforehand/models"
)

//go:embed all:assets/dist
var files embed.FS

// dist holds the built files. Without a build it holds a marker only.
var dist = sub(files, "assets/dist")

// assets are the names of the built files, by the names they were built from;
// nil when nothing was built.
var assets = manifest(dist)

func sub(f fs.FS, dir string) fs.FS {
	d, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return d
}

func manifest(d fs.FS) map[string]string {
	b, err := fs.ReadFile(d, "manifest.json")
	if err != nil {
		return nil
	}
	var names map[string]string
	if err := json.Unmarshal(b, &names); err != nil {
		panic("frontend: assets/dist/manifest.json: " + err.Error())
	}
	return names
}

// pressed are the built files as gzip, by their names; made when first asked for.
var pressed = sync.OnceValue(func() map[string][]byte {
	out := map[string][]byte{}
	for _, name := range assets {
		if b, err := fs.ReadFile(dist, name); err == nil {
			out[name] = pages.Press(b)
		}
	}
	return out
})

// Built says whether the style sheet and scripts are in this binary.
func Built() bool { return assets != nil }

const notBuilt = `The pages are not in this binary: their style sheet and scripts were not built.
Run "make build" (it needs Node.js 20.19 or later), then start again. The API works.

Nid yw'r tudalennau yn y rhaglen hon: ni luniwyd eu dalen arddull a'u sgriptiau.
Rhedwch "make build" (mae angen Node.js 20.19 neu'n hwyrach), ac yna dechreuwch eto. Mae'r API yn gweithio.
`

// built refuses pages that would come without their style.
func built(names map[string]string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if names == nil {
			c.String(http.StatusServiceUnavailable, notBuilt)
			c.Abort()
		}
	}
}

// asset gives a built file. Its name holds the hash of its content, so it may
// be kept for ever.
func asset(c *gin.Context) {
	name := c.Param("name")
	for _, known := range assets {
		if known != name {
			continue
		}
		b, err := fs.ReadFile(dist, name)
		if err != nil {
			break
		}
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
		if small := pressed()[name]; small != nil && pages.TakesGzip(c) {
			c.Header("Content-Encoding", "gzip")
			b = small
		}
		c.Data(http.StatusOK, mime.TypeByExtension(path.Ext(name)), b)
		return
	}
	ErrorPage(c, models.Missing("page"))
}
