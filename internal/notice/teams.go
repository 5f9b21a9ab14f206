package notice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"beforehand/frontend/words"
	"beforehand/models"
)

// Teams posts to a channel or chat of Microsoft Teams by the address of a
// workflow, "When a Teams webhook request is received"
// (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
type Teams struct {
	// Now is the clock that a date in Retry-After is compared with.
	Now func() time.Time
	// Client is the guarded one; it is asked not to follow redirects.
	Client *http.Client
	// Refused recognises the client's own refusal to go to an address; nil
	// recognises none.
	Refused func(error) bool
}

// Card is a short message with a link. Its words are shown as they are: what
// looks like Markdown in them stays what was written.
type Card struct {
	Title, Text string
	// Facts beyond the twelfth are left out, and long ones shortened.
	Facts []Pair
	// Link is where the button goes, http or https; "" is no button. Without a
	// LinkText the button says "Open in Beforehand" in the language.
	Link, LinkText string
	// Lang is "en" or "cy", for those who have it read to them.
	Lang string
}

// Pair is a name and its value.
type Pair struct{ Name, Value string }

const (
	// teamsLimit is what a message may weigh, in bytes of JSON; Teams says 28 KB,
	// and the workflow puts some of its own around it.
	teamsLimit = 27 << 10
	// The most characters of each part but the text, and the most facts, so that
	// something is left for the text.
	longestTitle, longestName, longestValue, longestLink = 250, 80, 250, 2000
	mostFacts                                            = 12
)

// ErrTeamsLink says that the button of a card does not go to the web.
var ErrTeamsLink = errors.New("the link of a card for Teams is not a web address, or longer than 2,000 characters")

// Post posts a card. A text too long for Teams (28 KB in all) is shortened and
// ends in "…". Every status of 2xx is accepted; the workflow posts the card
// after that, and says no more. Of the failures, 400, 401, 403, 404 and 410 are
// [Permanent]: the workflow was deleted, or its address is not whole. Errors
// never contain the address: its signature is all that it takes to post.
func (t Teams) Post(ctx context.Context, url string, card Card) error {
	client, err := still(t.Client)
	if err != nil {
		return err
	}
	body, err := card.message()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, usualTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return ErrHookURL // the error of net/http holds the address
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return failed(ctx, "teams", err, t.Refused)
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return nil
	}
	f := answered("teams", resp, t.Now())
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		f.refusal = true
	}
	return f
}

// message writes the card small enough for Teams: the text gives way, a rune
// at a time, and no more than it must.
func (c Card) message() ([]byte, error) {
	if c.Link != "" && (len(c.Link) > longestLink || webAddress(c.Link) != nil) {
		return nil, ErrTeamsLink
	}
	if c.Lang != string(models.Welsh) {
		c.Lang = string(models.English)
	}
	if c.LinkText == "" {
		c.LinkText = words.Say(c.Lang, "teams.open", nil)
	}
	whole := []rune(tidy(strings.ToValidUTF8(c.Text, "\uFFFD")))
	// A character is a byte at least, so no more than these can fit; one more
	// shows that something was cut off.
	whole = whole[:min(len(whole), teamsLimit+1)]
	fits, most := 0, min(len(whole), teamsLimit)
	for fits < most { // the longest beginning that fits lies between these two
		middle := (fits + most + 1) / 2
		c.Text = shortened(string(whole), middle)
		if b, err := c.json(); err != nil {
			return nil, err
		} else if len(b) <= teamsLimit {
			fits = middle
		} else {
			most = middle - 1
		}
	}
	c.Text = shortened(string(whole), fits)
	return c.json()
}

// shortened leaves a text of at most n characters, the last of which is "…" if
// something was cut off.
func shortened(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " \t\n") + "…"
}

// An Adaptive Card, as far as it is used here
// (https://adaptivecards.io/explorer/). A RichTextBlock is the block in which
// Markdown has no meaning; in a TextBlock and a FactSet it has.
type (
	adaptiveCard struct {
		Schema  string           `json:"$schema"`
		Type    string           `json:"type"`
		Version string           `json:"version"`
		Lang    string           `json:"lang"`
		Body    []richTextBlock  `json:"body"`
		Actions []map[string]any `json:"actions,omitempty"`
	}
	richTextBlock struct {
		Type      string    `json:"type"`
		Separator bool      `json:"separator,omitempty"`
		Inlines   []textRun `json:"inlines"`
	}
	textRun struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Size   string `json:"size,omitempty"`
		Weight string `json:"weight,omitempty"`
	}
)

func (c Card) json() ([]byte, error) {
	card := adaptiveCard{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Lang: c.Lang}
	if c.Title != "" {
		card.Body = append(card.Body, richText(textRun{Text: shortened(c.Title, longestTitle), Size: "Large", Weight: "Bolder"}))
	}
	// A block a line: what a line break within one does differs between clients.
	for line := range strings.SplitSeq(c.Text, "\n") {
		if strings.TrimSpace(line) != "" {
			card.Body = append(card.Body, richText(textRun{Text: line}))
		}
	}
	for _, f := range c.Facts[:min(len(c.Facts), mostFacts)] {
		card.Body = append(card.Body, richText(
			textRun{Text: shortened(f.Name, longestName) + ": ", Weight: "Bolder"}, textRun{Text: shortened(f.Value, longestValue)},
		))
	}
	if c.Link != "" {
		card.Actions = []map[string]any{{"type": "Action.OpenUrl", "title": shortened(c.LinkText, longestName), "url": c.Link}}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // no page: each & and < would weigh six bytes
	err := e.Encode(map[string]any{
		"type":        "message",
		"attachments": []map[string]any{{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}},
	})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func richText(runs ...textRun) richTextBlock {
	for i := range runs {
		runs[i].Type = "TextRun"
		// Cards replace {{DATE(…)}}, wherever it stands, with a date.
		runs[i].Text = strings.ReplaceAll(tidy(runs[i].Text), "{{", "{\u200b{")
	}
	return richTextBlock{Type: "RichTextBlock", Inlines: runs}
}
