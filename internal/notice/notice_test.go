package notice

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"beforehand/models"
)

var update = flag.Bool("update", false, "write the golden files")

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// caseNotes is the notice of the demo story, in Welsh and English.
func caseNotes(t testing.TB) Notice {
	t.Helper()
	party := models.NoticeParty{
		UnionID: "u1", BranchID: "b1", Union: "UNISON", Branch: "Cangen Sir Tywi",
		WithoutPrejudice: true,
		Why: []models.Text{{
			En: "UNISON has been recognised since Friday 1 April 2022 for Social worker (118 people affected).",
			Cy: "Mae UNISON wedi’i gydnabod ers dydd Gwener 1 Ebrill 2022 ar gyfer Gweithiwr cymdeithasol (effeithir ar 118 person).",
		}},
	}
	return Notice{
		Content: models.NoticeContent{
			V: 1, No: "N-2026-014", Kind: models.NoticeSupplementary, Ref: "DEP-2026-003", Version: 4, Class: models.ClassB, Late: true,
			Name:         models.Text{En: "Draft case notes; with checks, by a person", Cy: "Drafftio nodiadau achos; gyda gwiriadau, gan berson"},
			Organisation: models.Text{En: "Tywi County Council", Cy: "Cyngor Sir Tywi"},
			ServedAt:     time.Date(2026, 9, 7, 9, 12, 0, 0, time.UTC),
			Supersedes:   "N-2026-011", Restarts: true,
			Correction: models.Text{En: "The number of staff was too low.", Cy: "Roedd nifer y staff yn rhy isel."},
			Languages:  []models.Language{models.Welsh, models.English},
			Items: []models.NoticeItem{
				{
					No: 1, Title: models.Text{En: "Employer & service", Cy: "Y cyflogwr a’r gwasanaeth"},
					Text: models.Text{En: "Tywi County Council, Social care\nDEP-2026-003, change class B", Cy: "Cyngor Sir Tywi, Gofal cymdeithasol\nDEP-2026-003, dosbarth newid B"},
				},
				{
					No: 2, Title: models.Text{En: "What changes, and how much", Cy: "Beth sy’n newid, ac i ba raddau"},
					Text: models.Text{En: "Notes are drafted from a recording.\r\n\r\nA <script>alert(1)</script> is words here.", Cy: "Drafftir nodiadau o recordiad.\r\n\r\nGeiriau yw <script>alert(1)</script> yma."},
				},
				{No: 20, Title: models.Text{En: "What staff will be told", Cy: "Beth a ddywedir wrth y staff"}},
			},
			Parties: []models.NoticeParty{party},
		},
		SHA256:   "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
		Dispatch: models.Dispatch{Address: "branch@unison.example", Languages: []models.Language{models.Welsh, models.English}, MessageID: "n-2026-014.d1@tywi.example"},
		Party:    party,
		From:     "notices@tywi.example", ReplyTo: "digital@tywi.example", ListID: "notices.tywi.example",
		AcknowledgeURL: "https://tywi.example/cy/notices/N-2026-014/acknowledge", ReadURL: "https://tywi.example/cy/notices/N-2026-014",
		WindowStart: models.MustDate("2026-09-07"), WindowEnd: models.MustDate("2026-10-05"),
		Zone: london(t),
	}
}

func composed(t testing.TB, n Notice) Mail {
	t.Helper()
	m, err := Compose(n)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-) and what came (+):\n%s", path, diff)
	}
}

func written(m Mail) string {
	var b strings.Builder
	b.WriteString("Message-ID: " + m.MessageID + "\nFrom: " + m.From + "\nReply-To: " + m.ReplyTo + "\nTo: " + m.To)
	b.WriteString("\nSubject: " + m.Subject + "\nDate: " + m.Date.Format(time.RFC3339))
	for _, h := range []string{"List-Id", "Auto-Submitted"} {
		if m.Headers[h] != "" {
			b.WriteString("\n" + h + ": " + m.Headers[h])
		}
	}
	b.WriteString("\n\n==== text ====\n" + m.Text + "\n==== html ====\n" + m.HTML)
	if m.Calendar != nil {
		b.WriteString("\n==== " + m.CalendarName + " ====\n" + strings.ReplaceAll(string(m.Calendar), "\r\n", "\n"))
	}
	return b.String()
}

func TestComposeWelshAndEnglish(t *testing.T) {
	t.Parallel()
	m := composed(t, caseNotes(t))
	golden(t, "notice.cy-en.golden", written(m))
	for name, body := range map[string]string{"text": m.Text, "html": m.HTML} {
		welsh, english := strings.Index(body, "Mae Cyngor Sir Tywi yn cyflwyno"), strings.Index(body, "Tywi County Council serves")
		if welsh < 0 || english < 0 || welsh > english {
			t.Errorf("%s: Welsh at %d, English at %d; want both, Welsh first", name, welsh, english)
		}
		if strings.ContainsAny(body, "⟦⟧\r") {
			t.Errorf("%s has an unsaid word or a carriage return", name)
		}
	}
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "style=") {
		t.Error("the HTML holds a script or a style")
	}
}

func TestComposeEnglishOnly(t *testing.T) {
	t.Parallel()
	n := caseNotes(t)
	n.Dispatch.Languages = []models.Language{models.English}
	n.WindowStart, n.WindowEnd = 0, 0
	m := composed(t, n)
	if strings.Contains(m.Text, "Cyngor") || strings.Contains(m.HTML, `lang="cy"`) {
		t.Error("a notice in English only has Welsh in it")
	}
	if m.Calendar != nil || strings.Contains(m.Text, "last day") {
		t.Error("a notice without a window has one")
	}
}

func TestComposeFollowsTheNoticeWhenADispatchNamesNoLanguage(t *testing.T) {
	t.Parallel()
	n := caseNotes(t)
	want := composed(t, n)
	n.Dispatch.Languages = nil
	if diff := cmp.Diff(want, composed(t, n)); diff != "" {
		t.Error(diff)
	}
}

func TestComposeMarksANameInTheOtherLanguage(t *testing.T) {
	t.Parallel()
	n := caseNotes(t)
	n.Content.Name.Cy = ""
	if m := composed(t, n); !strings.Contains(m.HTML, `<dd lang="en">Draft case notes`) {
		t.Error("an English name in the Welsh part is not marked as English")
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	inject := map[string]func(n *Notice, s string){
		"message id":        func(n *Notice, s string) { n.Dispatch.MessageID += s },
		"address":           func(n *Notice, s string) { n.Dispatch.Address += s },
		"from":              func(n *Notice, s string) { n.From += s },
		"reply-to":          func(n *Notice, s string) { n.ReplyTo += s },
		"list id":           func(n *Notice, s string) { n.ListID += s },
		"number":            func(n *Notice, s string) { n.Content.No += s },
		"reference":         func(n *Notice, s string) { n.Content.Ref += s },
		"superseded":        func(n *Notice, s string) { n.Content.Supersedes += s },
		"English name":      func(n *Notice, s string) { n.Content.Name.En += s },
		"Welsh name":        func(n *Notice, s string) { n.Content.Name.Cy += s },
		"organisation":      func(n *Notice, s string) { n.Content.Organisation.Cy += s },
		"union":             func(n *Notice, s string) { n.Party.Union += s },
		"branch":            func(n *Notice, s string) { n.Party.Branch += s },
		"item title":        func(n *Notice, s string) { n.Content.Items[0].Title.En += s },
		"acknowledge link":  func(n *Notice, s string) { n.AcknowledgeURL += s },
		"read link":         func(n *Notice, s string) { n.ReadURL += s },
		"hash":              func(n *Notice, s string) { n.SHA256 += s },
		"name of a mailbox": func(n *Notice, s string) { n.From = "Cyngor" + s + " <notices@tywi.example>" },
	}
	for name, change := range inject {
		for _, s := range []string{"\r\nBcc: all@unison.example", "\nBcc: x@y.example", "\r", "\n", "\x00", "\u2028"} {
			n := caseNotes(t)
			change(&n, s)
			if _, err := Compose(n); err == nil {
				t.Errorf("%s takes %q", name, s)
			}
		}
	}
	for name, change := range map[string]func(n *Notice){
		"an item in one language only":  func(n *Notice) { n.Content.Items[1].Text.Cy = " " },
		"a language without words":      func(n *Notice) { n.Dispatch.Languages = []models.Language{"fr"} },
		"no language at all":            func(n *Notice) { n.Dispatch.Languages, n.Content.Languages = nil, nil },
		"a link that is a script":       func(n *Notice) { n.ReadURL = "javascript:alert(1)" },
		"a window that ends too soon":   func(n *Notice) { n.WindowEnd = n.WindowStart - 1 },
		"a window without a start":      func(n *Notice) { n.WindowStart = 0 },
		"two recipients in one address": func(n *Notice) { n.Dispatch.Address = "a@b.example, c@d.example" },
		"no message id":                 func(n *Notice) { n.Dispatch.MessageID = "" },
		"no hash":                       func(n *Notice) { n.SHA256 = "" },
	} {
		n := caseNotes(t)
		change(&n)
		if _, err := Compose(n); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestCalendarReadsBack(t *testing.T) {
	t.Parallel()
	m := composed(t, caseNotes(t))
	if bytes.Count(m.Calendar, []byte("\n")) != bytes.Count(m.Calendar, []byte("\r\n")) {
		t.Error("a line does not end in CRLF")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(m.Calendar), "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || !utf8.ValidString(line) {
			t.Errorf("a line of %d octets, empty, or cut within a character: %q", len(line), line)
		}
	}
	// What the library reads is checked against lines read by hand.
	unfolded := strings.ReplaceAll(string(m.Calendar), "\r\n ", "")
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\n", "VERSION:2.0\r\n", "METHOD:PUBLISH\r\n", "UID:N-2026-014@tywi.example\r\n", "DTSTAMP:20260907T091200Z\r\n",
		"DTSTART;VALUE=DATE:20260907\r\n", "DTEND;VALUE=DATE:20261006\r\n", `Draft case notes\; with checks\, by a person`, "END:VCALENDAR\r\n",
	} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("the calendar lacks %q", want)
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(m.Calendar))
	if err != nil {
		t.Fatal(err)
	}
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	event := cal.Events()[0]
	start, err := event.GetAllDayStartAt()
	if err != nil {
		t.Fatal(err)
	}
	end, err := event.GetAllDayEndAt()
	if err != nil {
		t.Fatal(err)
	}
	if got := start.Format(time.DateOnly) + " to " + end.Format(time.DateOnly); got != "2026-09-07 to 2026-10-06" {
		t.Error(got)
	}
	if got, want := event.GetProperty(ics.ComponentPropertySummary).Value, "Ymateb i hysbysiad N-2026-014 (DEP-2026-003) / Respond to notice N-2026-014 (DEP-2026-003)"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
}

func TestAlert(t *testing.T) {
	t.Parallel()
	alert := Alert{
		MessageID: "silent.1@tywi.example", From: "notices@tywi.example", To: "cdo@tywi.example", Language: models.Welsh,
		No: "N-2026-014", Ref: "DEP-2026-003", Name: models.Text{En: "Draft case notes", Cy: "Drafftio nodiadau achos"}, Days: 2,
		ServedAt: time.Date(2026, 9, 7, 9, 12, 0, 0, time.UTC), Date: time.Date(2026, 9, 9, 16, 30, 0, 0, time.UTC), Zone: london(t),
		Silent: []Silent{
			{Union: "GMB", Branch: "Tywi", Address: "gmb@gmb.example", Last: models.Bounced},
			{Union: "Unite", Branch: "Tywi", Address: "tywi@unite.example"},
		},
		URL: "https://tywi.example/cy/notices/N-2026-014/deliveries",
	}
	m, err := ComposeAlert(alert)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "alert.cy.golden", written(m))
	alert.Language = models.English
	if m, err = ComposeAlert(alert); err != nil {
		t.Fatal(err)
	}
	golden(t, "alert.en.golden", written(m))
	for name, change := range map[string]func(a *Alert){
		"number":    func(a *Alert) { a.No += "\r\nBcc: x@y.example" },
		"address":   func(a *Alert) { a.Silent = []Silent{{Address: "a\nb"}} },
		"recipient": func(a *Alert) { a.To += "\n" },
		"nobody":    func(a *Alert) { a.Silent = nil },
		"date":      func(a *Alert) { a.Date = time.Time{} },
	} {
		bad := alert
		change(&bad)
		if _, err := ComposeAlert(bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
