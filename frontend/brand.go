package frontend

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/models"
)

// brand gives the style of a header in an employer's colour, which is the name
// of the file: a page says the colour without inline style, and a browser may
// keep it for ever. Nothing else has an address here, a colour that white text
// does not stand out from neither.
func brand(c *gin.Context) {
	digits, css := strings.CutSuffix(c.Param("name"), ".css")
	colour := "#" + digits
	if !css || models.ContrastWithWhite(colour) < models.LeastContrast {
		ErrorPage(c, models.Missing("page"))
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, "text/css; charset=utf-8", []byte("@media screen{.govuk-generic-header{background:"+colour+"}}\n"))
}
