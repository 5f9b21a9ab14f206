package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
)

// Verify is where anybody checks a receipt, in their own browser: the page
// brings all the words that may have to be said, and is asked for nothing more.
func (p *Pages) Verify(c *gin.Context) error {
	here := design.Of(c.Request.Context())
	return p.render(c, http.StatusOK, verifyPage(words.RawOf(string(here.Lang), "receipt.", "page.verify.")))
}
