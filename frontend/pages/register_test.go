package pages

import (
	"net/url"
	"strings"
	"testing"

	"beforehand/frontend/design"
	"beforehand/internal/store"
	"beforehand/models"
)

// A search that ended before it had filled its page says so, also where it has
// found nothing, and leads on: it is not the end of the list.
func TestASearchThatLookedFarEnough(t *testing.T) {
	t.Parallel()
	found := []models.Deployment{{Ref: "DEP-2026-001", NameEn: "Notes", NameCy: "Nodiadau"}}
	for _, lang := range []models.Language{models.English, models.Welsh} {
		ctx := design.At(t.Context(), design.Here{Lang: lang})
		further := design.Say(ctx, "page.register.further")
		for name, l := range map[string]list{
			"nothing yet": {next: "c", total: store.Total{More: true}},
			"some":        {next: "c", rows: found, total: store.Total{Count: 12, More: true}},
		} {
			l.answers = url.Values{"q": {"notes"}, "sort": {"name"}}
			l.first = true
			var b strings.Builder
			if err := registerFound(l).Render(ctx, &b); err != nil {
				t.Fatal(err)
			}
			page := b.String()
			if !strings.Contains(page, further) || !strings.Contains(page, "after=c") || strings.Contains(page, design.Say(ctx, "page.register.nothing")) {
				t.Errorf("%s, %s: %s", lang, name, page)
			}
			if least := design.Say(ctx, "page.register.least", "count", 12); len(l.rows) > 0 && !strings.Contains(page, least) {
				t.Errorf("%s, %s: no %q", lang, name, least)
			}
		}
		whole := list{rows: found, total: store.Total{Count: 1}, first: true}
		var b strings.Builder
		if err := registerFound(whole).Render(ctx, &b); err != nil || strings.Contains(b.String(), further) {
			t.Errorf("all that there is: %v %s", err, b.String())
		}
	}
}
