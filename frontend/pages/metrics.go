package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// metricPage is one definition, with the names of those to be watched beside it.
type metricPage struct {
	register.MetricView
	beside  []register.MetricView
	defines bool
}

// Metrics lists the definitions in force.
func (p *Pages) Metrics(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	all, err := p.Register.Metrics(ctx, a)
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, metricsPage(all, p.allowed(ctx, a)["metric.define"]))
}

// Metric shows one definition.
func (p *Pages) Metric(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	all, err := p.Register.Metrics(ctx, a)
	if err != nil {
		return err
	}
	by := map[string]register.MetricView{}
	for _, m := range all {
		by[m.Key] = m
	}
	m, ok := by[param(c, "key")]
	if !ok {
		return models.Missing("metric")
	}
	v := metricPage{MetricView: m, defines: p.allowed(ctx, a)["metric.define"]}
	for _, key := range m.Guardrails {
		if g, ok := by[key]; ok {
			v.beside = append(v.beside, g)
		}
	}
	return p.render(c, http.StatusOK, metricDetailPage(v))
}

func metricCrumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.claims.title"), Path: "/claims"}, {Text: design.Say(ctx, "page.metrics.title"), Path: "/metrics"}}
}
