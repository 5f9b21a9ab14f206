package pages

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// DeliveryForm asks how a notice was served by hand or by post, with proof.
func (p *Pages) DeliveryForm(c *gin.Context) error {
	return p.showDelivery(c, url.Values{"union": {c.Query("union")}}, faults{}, nil)
}

func (p *Pages) showDelivery(c *gin.Context, v url.Values, wrong faults, held map[string]models.Attachment) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "delivery.record"); err != nil {
		return err
	}
	n, err := p.Register.Notice(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	unions := []design.Option{{Text: design.Say(ctx, "page.choose")}}
	for _, s := range n.Parties {
		unions = append(unions, design.Option{Value: s.UnionID, Text: s.Union + ", " + s.Branch})
	}
	s := sheet{
		title: design.Say(ctx, "page.delivery.title", "no", n.No), crumbs: append(noticeCrumbs(ctx, n), design.Crumb{Text: n.No, Path: "/notices/" + n.No}), path: "/notices/" + n.No + "/delivery",
		lead: []string{design.Say(ctx, "page.delivery.lead")}, faults: wrong, at: "union", button: design.Say(ctx, "page.delivery.button"), upload: true,
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
		ask: []question{
			ask(ctx, "union", "deliveryunion", v.Get("union")).oneOf(unions),
			ask(ctx, "event", "deliveryevent", v.Get("event")).oneOf(options(ctx, "page.choose", "deliveryEvent.", []models.DeliveryEvent{models.Handed, models.Posted})),
			dated(ask(ctx, "at", "deliveryday", ""), partsOf(v, "at")), ask(ctx, "time", "deliverytime", v.Get("time")).as("text", "off", narrow),
			ask(ctx, "detail", "deliverydetail", v.Get("detail")).text("3"),
		},
	}
	s.ask, s.hidden = withFile(ctx, s.ask, s.hidden, v, "proof", "deliveryproof", held)
	return p.show(c, s)
}

// RecordDelivery records service by hand or post.
func (p *Pages) RecordDelivery(c *gin.Context) error {
	ctx, no := c.Request.Context(), param(c, "no")
	v := typedAnswers(c, "detail")
	held, wrong, err := p.takeFiles(c, v, "delivery.record", "proof")
	if err != nil {
		return err
	}
	var f models.Faults
	if v.Get("union") == "" {
		f.Add("union", "required")
	}
	day := dayTyped(&f, v, "at")
	hour, minute := timeTyped(&f, "time", v.Get("time"))
	if day == 0 {
		f.Add("at", "required")
	}
	if err = f.Err(); err == nil && !wrong.any() {
		y, m, d := day.Time().Date()
		at := time.Date(y, m, d, hour, minute, 0, 0, design.Of(ctx).Org.Location())
		err = p.Register.RecordDelivery(keyedFiles(c, v, held), web.Actor(ctx), no, v.Get("union"), models.DeliveryEvent(v.Get("event")), at, v.Get("detail"), v.Get("proof"))
	}
	if wrong.any() || again(err) && !sentBefore(err) {
		return p.showDelivery(c, v, wrong.and(wrongIn(ctx, err, "proof", "proof.file")), held)
	}
	if err != nil && !sentBefore(err) {
		return err
	}
	return p.done(c, "/notices/"+no+"#service", "page.delivery.done")
}

// nextOfService is what somebody is to do next about the service on a party.
func nextOfService(ctx context.Context, n register.NoticeView, s register.PartyService) string {
	refused := slices.ContainsFunc(s.Events, func(e models.Delivery) bool { return e.Event == models.Bounced || e.Event == models.Abandoned })
	switch {
	case !s.AcknowledgedAt.IsZero():
		return design.Say(ctx, "page.service.next.nothing")
	case !s.ServedAt.IsZero():
		return design.Say(ctx, "page.service.next.acknowledge", "union", s.Union)
	case refused:
		return design.Say(ctx, "page.service.next.refused", "union", s.Union)
	default:
		return design.Say(ctx, "page.service.next.wait", "days", n.Body.Rules.ProofDays)
	}
}
