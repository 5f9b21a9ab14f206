package web

import (
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"beforehand/models"
)

// takenAway are the routes of files that people take away: the open data, the
// register as a table. A report is its maker's own last word: who has signed in
// has it from the primary.
var takenAway = regexp.MustCompile(`^/open/|^/sitemap\.xml$|^/(en|cy)/register\.csv$`)

// published are the routes of what the public reads. What is not here is read
// from the primary, such as a flag that somebody has just raised.
var published = regexp.MustCompile(`^/(en|cy)(/(register|deployments|claims|metrics|missing|open-data|reports|notices|scrutiny|verify)(/|$)|$)|` +
	`^/api/v1/(organisation|deployments|notices|claims|challenges|metrics|missing|comments|checkpoints|service-areas|unions|meetings|disputes|statements|actions|engagements|questionnaires|reports)(/|$)`)

// mayLag says whether a request may be answered from a standby of the database,
// a few seconds late: what nobody signed in reads, and what is taken away.
func mayLag(c *gin.Context, a models.Actor) bool {
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return false
	}
	route := c.FullPath()
	return takenAway.MatchString(route) || a.Anonymous() && published.MatchString(route)
}
