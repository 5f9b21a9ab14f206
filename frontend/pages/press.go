package pages

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"beforehand/internal/web"
)

// pressers are kept: each is most of a megabyte.
var pressers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// Press makes some bytes smaller, as gzip.
func Press(b []byte) []byte {
	var out bytes.Buffer
	w := pressers.Get().(*gzip.Writer) //nolint:forcetypeassert // nothing else is put there
	defer pressers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// TakesGzip says whether whoever asks takes gzip, and notes in the answer that
// it hangs on that.
func TakesGzip(c *gin.Context) bool {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	for part := range strings.SplitSeq(c.GetHeader("Accept-Encoding"), ",") {
		name, how, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		weight, given := strings.CutPrefix(strings.ReplaceAll(how, " ", ""), "q=")
		return !given || strings.Trim(weight, "0.") != ""
	}
	return false
}

// mayPress says whether a page may go out as gzip. The size of what is pressed
// tells a listener how much of what they had the address say stands on the page
// elsewhere too (BREACH): so not the answer to a form, and not a page of somebody
// who has signed in whose address asks for something.
func mayPress(c *gin.Context, status int) bool {
	r := c.Request
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	return read && status == http.StatusOK && (web.Actor(r.Context()).Anonymous() || r.URL.RawQuery == "")
}
