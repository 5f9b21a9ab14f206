package notice

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"beforehand/frontend/words"
	"beforehand/models"
)

const (
	// notifyPlaces is how many files a message may bring: file1 to file3.
	notifyPlaces = 3
	// notifyFileSize is the most that one may weigh, in bytes.
	notifyFileSize = 2 << 20
	// notifyFileName is the most that its name may have, in characters.
	notifyFileName = 100
)

// notifyTypes are the files that Notify takes, by the end of their name. A
// calendar is not among them.
var notifyTypes = []string{".pdf", ".csv", ".jpeg", ".jpg", ".png", ".txt", ".rtf", ".odt", ".xlsx", ".doc", ".docx", ".json"}

// notifyFile is a file as Notify takes it: it becomes a link in its place.
type notifyFile struct {
	File    []byte `json:"file"` // base64 in JSON
	Name    string `json:"filename"`
	Confirm bool   `json:"confirm_email_before_download"`
	Kept    string `json:"retention_period"`
}

// personalisation fills the places of the template. Files that do not fit are
// left out, and the body says so: what is left out is on the page that it links
// to.
func personalisation(m Mail) map[string]any {
	out := map[string]any{"subject": m.Subject}
	var gone, sent []string
	if m.Calendar != nil {
		gone = append(gone, m.CalendarName)
	}
	for _, f := range m.Files {
		if len(sent) == notifyPlaces || len(f.Bytes) == 0 || len(f.Bytes) > notifyFileSize ||
			len([]rune(f.Name)) > notifyFileName || !slices.Contains(notifyTypes, strings.ToLower(path.Ext(f.Name))) {
			gone = append(gone, f.Name)
			continue
		}
		sent = append(sent, f.Name)
		// Whoever has the link has the mail; asking for the address again would
		// keep a shared mailbox of a branch from its own notice.
		out[fmt.Sprintf("file%d", len(sent))] = notifyFile{File: f.Bytes, Name: f.Name, Kept: "26 weeks"}
	}
	for i := len(sent); i < notifyPlaces; i++ {
		out[fmt.Sprintf("file%d", i+1)] = ""
	}
	body := strings.TrimRight(m.Text, "\n")
	for _, l := range spoken(m) {
		if len(sent) > 0 {
			body += "\n\n" + words.Say(l, "mail.notify.files", map[string]any{"files": sent})
		}
		if len(gone) > 0 {
			body += "\n\n" + words.Say(l, "mail.notify.left_out", map[string]any{"files": gone})
		}
	}
	out["body"] = unlinked.Replace(body)
	return out
}

// unlinked takes from what people wrote the power to hide an address behind
// words: Notify reads the body as Markdown.
var unlinked = strings.NewReplacer("](", "] (", "][", "] [", "]:", "] :")

var partLanguage = regexp.MustCompile(`(?m)^<div lang="([a-z]{2})">$`)

// spoken are the languages that a message is in, in its order: those of the
// parts of its HTML. What people wrote cannot look like one, as it is escaped.
func spoken(m Mail) []string {
	var out []string
	for _, found := range partLanguage.FindAllStringSubmatch(m.HTML, -1) {
		if slices.Contains(words.Languages(), found[1]) && !slices.Contains(out, found[1]) {
			out = append(out, found[1])
		}
	}
	if out == nil {
		out = []string{string(models.English)}
	}
	return out
}
