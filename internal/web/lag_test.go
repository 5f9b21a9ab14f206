package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"beforehand/models"
)

// TestWhatMayLag is what a standby may answer: the public's reading, and files
// that are taken away.
func TestWhatMayLag(t *testing.T) {
	t.Parallel()
	somebody := models.Actor{UserID: "u"}
	for _, x := range []struct {
		method, route    string
		public, signedIn bool
	}{
		{"GET", "/en", true, false},
		{"GET", "/cy/register", true, false},
		{"HEAD", "/en/deployments/:ref", true, false},
		{"GET", "/api/v1/deployments/:ref", true, false},
		{"GET", "/api/v1/notices/:no", true, false},
		{"GET", "/open/:organisation/register.csv", true, true},
		{"GET", "/sitemap.xml", true, true},
		{"GET", "/en/register.csv", true, true},
		{"GET", "/en/reports/:report/:year/:file", true, false},
		{"GET", "/api/v1/reports/:year/:report", true, false},
		{"GET", "/en/reports/:report/:year", true, false},
		{"POST", "/api/v1/deployments", false, false},
		{"GET", "/en/sign-in", false, false},
		{"GET", "/en/flagged", false, false},
		{"GET", "/en/invitation", false, false},
		{"GET", "/en/registers-of-others", false, false},
		{"GET", "/api/v1/account/export", false, false},
		{"GET", "/auth/return", false, false},
		{"GET", "/readyz", false, false},
		{"GET", "", false, false}, // no route
	} {
		var got [2]bool
		for i, a := range []models.Actor{{}, somebody} {
			e := gin.New()
			look := func(c *gin.Context) { got[i] = mayLag(c, a) }
			if x.route == "" {
				e.NoRoute(look)
			} else {
				e.Handle(x.method, x.route, look)
			}
			path := x.route
			if path == "" {
				path = "/nowhere"
			}
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), x.method, path, http.NoBody))
		}
		if got != [2]bool{x.public, x.signedIn} {
			t.Errorf("%s %s: the public %v, somebody %v", x.method, x.route, got[0], got[1])
		}
	}
}
