package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Deployment shows one deployment.
func (p *Pages) Deployment(c *gin.Context) error {
	v, err := p.dossier(c.Request.Context(), param(c, "ref"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.gate.faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, deploymentPage(v))
}
