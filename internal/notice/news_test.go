package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"beforehand/models"
)

func someNews(t testing.TB, digest bool) News {
	t.Helper()
	at := func(hour int) time.Time { return time.Date(2026, 9, 7, hour, 12, 0, 0, time.UTC) }
	n := News{
		MessageID: "news.1@tywi.example", From: "beforehand@tywi.example", To: "ffion@unison.example", Name: "Ffion",
		Language: models.English, Organisation: models.Text{En: "Tywi County Council", Cy: "Cyngor Sir Tywi"}, Digest: digest,
		SettingsURL: "https://tywi.example/en/account/news", UnsubscribeURL: "https://tywi.example/unsubscribe?token=abc",
		Zone: london(t), Date: time.Date(2026, 9, 8, 6, 0, 0, 0, time.UTC),
		Items: []NewsItem{{Topic: "Notices", Text: "Notice N-2026-014 was served on UNISON.", URL: "https://tywi.example/en/notices/N-2026-014", At: at(9), Due: models.MustDate("2026-10-05")}},
	}
	if digest {
		n.Day = models.MustDate("2026-09-07")
		n.Items = append(n.Items,
			NewsItem{Topic: "Comments", Text: "GMB asked a question: “Who checks <b>the drafts</b>?”", URL: "https://tywi.example/en/deployments/3#c1", At: at(8)},
			NewsItem{Topic: "Notices", Text: "Notice N-2026-013 was acknowledged.", URL: "https://tywi.example/en/notices/N-2026-013", At: at(7)},
		)
	}
	return n
}

// inWelsh says the same in Welsh.
func inWelsh(n News) News {
	n.Language = models.Welsh
	said := map[string]string{
		"Notices": "Hysbysiadau", "Comments": "Sylwadau", "Notice N-2026-014 was served on UNISON.": "Cyflwynwyd hysbysiad N-2026-014 i UNISON.",
		"Notice N-2026-013 was acknowledged.": "Cydnabuwyd hysbysiad N-2026-013.", "GMB asked a question: “Who checks <b>the drafts</b>?”": "Gofynnodd GMB gwestiwn: “Pwy sy’n gwirio <b>y drafftiau</b>?”",
	}
	n.Items = append([]NewsItem{}, n.Items...)
	for i := range n.Items {
		n.Items[i].Topic, n.Items[i].Text = said[n.Items[i].Topic], said[n.Items[i].Text]
	}
	return n
}

func TestNewsGolden(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]News{
		"news.en.golden": someNews(t, false), "news.cy.golden": inWelsh(someNews(t, false)),
		"digest.en.golden": someNews(t, true), "digest.cy.golden": inWelsh(someNews(t, true)),
	} {
		m, err := ComposeNews(n)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(m.Subject+m.Text+m.HTML, "⟦⟧") || strings.Contains(m.HTML, "<b>") {
			t.Errorf("%s: words are missing, or somebody else’s markup came through:\n%s", name, m.HTML)
		}
		if m.Headers["Auto-Submitted"] != "auto-generated" || m.Headers["List-Unsubscribe"] != "<https://tywi.example/unsubscribe?token=abc>" ||
			m.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
			t.Errorf("%s: %v", name, m.Headers)
		}
		golden(t, name, written(m))
	}
}

// TestNewsOnTheWire: what mail programs look for survives our mail library.
func TestNewsOnTheWire(t *testing.T) {
	t.Parallel()
	n := someNews(t, false)
	n.UnsubscribeURL += strings.Repeat("x", 200)
	m, err := ComposeNews(n)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := message(m)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := msg.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(b.String(), "\r\n\r\n")
	head = strings.ReplaceAll(head, "\r\n ", " ") // as RFC 5322 unfolds
	for _, want := range []string{"List-Unsubscribe: <" + n.UnsubscribeURL + ">", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Auto-Submitted: auto-generated"} {
		if !strings.Contains(strings.ReplaceAll(head, ":  ", ": "), want) {
			t.Errorf("no %q in\n%s", want, head)
		}
	}
}

func TestNewsSubjects(t *testing.T) {
	t.Parallel()
	n := someNews(t, false)
	n.Items[0].Text = strings.Repeat("ŵ", 120)
	if m, err := ComposeNews(n); err != nil || m.Subject != n.Items[0].Text {
		t.Errorf("%q, %v", m.Subject, err)
	}
	n.Items[0].Text = strings.Repeat("ŵ ", 61) + "end"
	m, err := ComposeNews(n)
	if err != nil || utf8.RuneCountInString(m.Subject) > 120 || !strings.HasSuffix(m.Subject, "ŵ…") || !strings.Contains(m.Text, n.Items[0].Text) {
		t.Errorf("%q, %v\n%s", m.Subject, err, m.Text)
	}
	want := map[models.Language]map[int]string{
		models.English: {1: "1 thing in Tywi County Council on Monday 7 September 2026", 2: "2 things in Tywi County Council on Monday 7 September 2026"},
		models.Welsh: {
			1: "Cyngor Sir Tywi: 1 peth ar ddydd Llun 7 Medi 2026", 2: "Cyngor Sir Tywi: 2 beth ar ddydd Llun 7 Medi 2026", 3: "Cyngor Sir Tywi: 3 pheth ar ddydd Llun 7 Medi 2026",
			4: "Cyngor Sir Tywi: 4 peth ar ddydd Llun 7 Medi 2026", 6: "Cyngor Sir Tywi: 6 pheth ar ddydd Llun 7 Medi 2026", 12: "Cyngor Sir Tywi: 12 peth ar ddydd Llun 7 Medi 2026",
		},
	}
	for l, counts := range want {
		for count, subject := range counts {
			n := someNews(t, true)
			n.Language, n.Items = l, nil
			for i := range count {
				n.Items = append(n.Items, NewsItem{Text: fmt.Sprintf("%d", i), URL: "https://tywi.example/", At: n.Date})
			}
			if m, err := ComposeNews(n); err != nil || m.Subject != subject {
				t.Errorf("%s %d: %q, %v", l, count, m.Subject, err)
			}
		}
	}
}

func TestNewsWithLittleInIt(t *testing.T) {
	t.Parallel()
	n := News{
		MessageID: "<a@b.example>", From: "a@b.example", To: "c@d.example", Date: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC),
		Items: []NewsItem{{Text: "It happened.", URL: "http://localhost:8080/en/", At: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)}},
	}
	m, err := ComposeNews(n)
	if err != nil || len(m.Headers) != 1 || m.MessageID != "a@b.example" || strings.ContainsAny(m.Text, "⟦") || strings.Contains(m.Text, "of ,") {
		t.Errorf("%v %v\n%s", err, m.Headers, m.Text)
	}
}

func TestNewsThatIsRefused(t *testing.T) {
	t.Parallel()
	forged := "x\r\nBcc: everybody@example"
	for name, spoil := range map[string]func(*News){
		"nothing": func(n *News) { n.Items = nil }, "two at once": func(n *News) { n.Digest = false }, "no day": func(n *News) { n.Day = 0 },
		"a forged text": func(n *News) { n.Items[1].Text = forged }, "a forged topic": func(n *News) { n.Items[0].Topic = forged }, "a forged name": func(n *News) { n.Name = forged },
		"a forged organisation": func(n *News) { n.Organisation.Cy = forged }, "a forged recipient": func(n *News) { n.To = forged }, "a forged sender": func(n *News) { n.From = forged },
		"a forged id": func(n *News) { n.MessageID = forged }, "a forged unsubscription": func(n *News) { n.UnsubscribeURL += "\r\nBcc: x" },
		"an unsubscription that ends early": func(n *News) { n.UnsubscribeURL += ">,<mailto:x@y.example" }, "a mail as unsubscription": func(n *News) { n.UnsubscribeURL = "mailto:x@y.example" },
		"another scheme": func(n *News) { n.Items[2].URL = "javascript:alert(1)" }, "no address": func(n *News) { n.Items[0].URL = "" }, "other settings": func(n *News) { n.SettingsURL = "data:x" },
		"no text": func(n *News) { n.Items[0].Text = " " }, "no time": func(n *News) { n.Items[0].At = time.Time{} }, "no date": func(n *News) { n.Date = time.Time{} },
		"a line separator": func(n *News) { n.Items[0].Text = "a\u2028b" },
	} {
		n := someNews(t, true)
		spoil(&n)
		if m, err := ComposeNews(n); err == nil {
			t.Errorf("%s was composed: %q", name, m.Subject)
		}
	}
}
