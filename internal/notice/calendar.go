package notice

import (
	"strings"

	ics "github.com/arran4/golang-ical"

	"beforehand/frontend/words"
	"beforehand/models"
)

// calendar is the response window as one all-day event. Its uid comes from the
// notice's number, so that a second copy replaces the first in a reader's
// calendar; the sender's domain keeps two employers' numbers apart.
func (n Notice) calendar(languages []models.Language) []byte {
	var summary, description []string
	for _, l := range languages {
		say := func(code string) string {
			return words.Say(string(l), code, map[string]any{"no": n.Content.No, "ref": n.Content.Ref, "name": n.Content.Name, "date": n.WindowEnd})
		}
		summary = append(summary, say("mail.calendar.summary"))
		description = append(description, say("mail.calendar.description"))
	}
	cal := ics.NewCalendar()
	cal.SetProductId("-//Beforehand//Notice//EN")
	cal.SetMethod(ics.MethodPublish)
	event := cal.AddEvent(n.Content.No + "@" + domain(n.From))
	event.SetDtStampTime(n.Content.ServedAt)
	event.SetAllDayStartAt(n.WindowStart.Time())
	// An all-day event ends on the day after its last day.
	event.SetAllDayEndAt(n.WindowEnd.AddDays(1).Time())
	event.SetSummary(strings.Join(summary, " / "))
	event.SetDescription(strings.Join(description, "\n"))
	event.SetURL(n.ReadURL)
	event.SetTimeTransparency(ics.TransparencyTransparent)
	return []byte(cal.Serialize(ics.WithNewLine("\r\n"), ics.WithLineLength(75)))
}

// domain is what stands after the @ of a mailbox.
func domain(box string) string {
	_, after, _ := strings.Cut(box, "@")
	return strings.TrimRight(after, "> ")
}
