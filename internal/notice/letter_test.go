package notice_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beforehand/internal/notice"
	"beforehand/models"
)

var anAddress = regexp.MustCompile(`https?://[^\s"<>)]+`)

func letter(kind notice.LetterKind, l models.Language) notice.Letter {
	out := notice.Letter{
		Kind: kind, MessageID: "1@tywi.example", From: "beforehand@tywi.example", To: "ffion@unison.example", Language: l, Name: "Ffion",
		URL: "https://beforehand.example/" + string(l) + "/page", Date: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC),
		Organisation: models.Text{En: "Tywi Council", Cy: "Cyngor Tywi"}, InvitedBy: "Ada Admin", Role: models.RoleUnionOfficer, Union: "UNISON",
		What: "passkey.add", At: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC),
	}
	if kind != notice.LetterChange && kind != notice.LetterAddress {
		out.Code, out.Until = "abcd-efgh-2345", out.Date.Add(time.Hour)
	}
	return out
}

// TestSecretsStayOutOfAddresses: what a server is sent of a link in a mail says
// nothing; the code is in what the browser keeps to itself, and in the text.
func TestSecretsStayOutOfAddresses(t *testing.T) {
	t.Parallel()
	for _, l := range []models.Language{models.English, models.Welsh} {
		for _, kind := range []notice.LetterKind{notice.LetterInvitation, notice.LetterReset, notice.LetterVerify, notice.LetterChange, notice.LetterAddress} {
			in := letter(kind, l)
			m, err := notice.ComposeLetter(in)
			if err != nil {
				t.Fatalf("%s in %s: %v", kind, l, err)
			}
			for name, body := range map[string]string{"text": m.Text, "html": m.HTML} {
				if strings.Contains(body, "⟦") || strings.Contains(m.Subject, "⟦") {
					t.Errorf("%s in %s, %s: words are missing: %s\n%s", kind, l, name, m.Subject, body)
				}
				links := anAddress.FindAllString(body, -1)
				if len(links) == 0 {
					t.Errorf("%s in %s, %s: no link", kind, l, name)
				}
				for _, link := range links {
					u, err := url.Parse(link)
					if err != nil || strings.Contains(u.Path+u.RawQuery, "abcd") {
						t.Errorf("%s in %s, %s: %s, %v", kind, l, name, link, err)
					}
				}
				if without := anAddress.ReplaceAllString(body, ""); in.Code != "" && !strings.Contains(without, in.Code) {
					t.Errorf("%s in %s, %s: nobody can read the code", kind, l, name)
				}
			}
		}
	}
}

func TestLettersThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*notice.Letter){
		"no code":                 func(l *notice.Letter) { l.Code = "" },
		"a line break in a name":  func(l *notice.Letter) { l.InvitedBy = "Ada\r\nBcc: everybody@example" },
		"a line break in a union": func(l *notice.Letter) { l.Union = "UNISON\nX: y" },
		"another scheme":          func(l *notice.Letter) { l.URL = "javascript:alert(1)" },
	} {
		l := letter(notice.LetterInvitation, models.English)
		spoil(&l)
		if _, err := notice.ComposeLetter(l); err == nil {
			t.Errorf("%s was composed", name)
		}
	}
	l := letter(notice.LetterChange, models.English)
	l.Code = "abcd-efgh-2345"
	if _, err := notice.ComposeLetter(l); err == nil {
		t.Error("a code went out with a letter that needs none")
	}
}
