package register

import (
	"strconv"
	"strings"

	"beforehand/frontend/words"
	"beforehand/models"
)

func itoa(n int) string { return strconv.Itoa(n) }

func itoa64(n uint64) string { return strconv.FormatUint(n, 10) }

// say writes a reason in one language.
func say(l models.Language, r models.Reason) string { return words.Say(string(l), r.Code, r.Params) }

// Both writes a reason in both languages.
func Both(r models.Reason) models.Text {
	return models.Text{En: say(models.English, r), Cy: say(models.Welsh, r)}
}

// RenderItem writes a notice item in the languages given.
func RenderItem(it models.Item, languages []models.Language) models.NoticeItem {
	out := models.NoticeItem{No: it.No}
	for _, l := range languages {
		title := words.Say(string(l), "itemTitle."+itoa(it.No), nil)
		lines := make([]string, 0, len(it.Parts))
		for _, p := range it.Parts {
			if p.Say != nil {
				lines = append(lines, say(l, *p.Say))
				continue
			}
			own := strings.TrimSpace(p.Text.In(l))
			if len(it.Parts) == 1 {
				lines = append(lines, own)
				continue
			}
			lines = append(lines, words.Say(string(l), "label."+p.Label, nil)+": "+own)
		}
		text := strings.Join(lines, "\n")
		if l == models.Welsh {
			out.Title.Cy, out.Text.Cy = title, text
		} else {
			out.Title.En, out.Text.En = title, text
		}
	}
	return out
}
