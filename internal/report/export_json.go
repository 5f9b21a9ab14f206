package report

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"

	"beforehand/models"
)

// publishedJSON is a deployment in the export. Its names are a contract.
type publishedJSON struct {
	Ref            string             `json:"ref"`
	URL            models.Text        `json:"url"`
	Stage          models.Stage       `json:"stage"`
	Class          models.ChangeClass `json:"class"`
	Late           bool               `json:"late"`
	Version        int                `json:"version"`
	FirstPublished string             `json:"firstPublished,omitempty"`
	Updated        string             `json:"updated,omitempty"`
	LiveOn         models.Date        `json:"liveOn,omitzero"`
	Earliest       models.Date        `json:"earliestDate,omitzero"`
	Unions         []string           `json:"unions"`
	Area           models.Text        `json:"area"`
	Organisation   models.Text        `json:"organisation"`
	Contact        string             `json:"contact,omitempty"`
	Withheld       []shownWithheld    `json:"withheld"`
	Record         models.Record      `json:"record"`
}

type changeJSON struct {
	Ref      string             `json:"ref"`
	Version  int                `json:"version"`
	Updated  string             `json:"updated"`
	Stage    models.Stage       `json:"stage"`
	Class    models.ChangeClass `json:"class"`
	Late     bool               `json:"late"`
	Note     string             `json:"note,omitempty"`
	Withheld []shownWithheld    `json:"withheld"`
	Record   models.Record      `json:"record"`
}

// RegisterJSON writes the published register as one object, whose deployments
// come last and are written one at a time. When the source fails midway the
// object is not closed, so that nobody takes the part for the whole.
func RegisterJSON(w io.Writer, all iter.Seq2[Published, error], meta RegisterMeta) error {
	return streamJSON(w, meta, "deployments", all, func(p Published) any {
		return publishedJSON{
			p.Ref,
			models.Text{En: p.URL, Cy: p.WelshURL},
			p.Stage, p.Class, p.Late, p.Version, instant(p.FirstPublished), instant(p.Updated), p.LiveOn, p.Earliest,
			append([]string{}, p.Unions...), p.Area, p.Organisation, p.Contact, showWithheld(p.Withheld), openRecord(p.Record),
		}
	})
}

// HistoryJSON writes every published version as [RegisterJSON] writes the last.
func HistoryJSON(w io.Writer, all iter.Seq2[Change, error], meta RegisterMeta) error {
	return streamJSON(w, meta, "changes", all, func(h Change) any {
		return changeJSON{h.Ref, h.Version, instant(h.At), h.Stage, h.Class, h.Late, h.Note, showWithheld(h.Withheld), openRecord(h.Record)}
	})
}

func streamJSON[T any](w io.Writer, meta RegisterMeta, list string, all iter.Seq2[T, error], shown func(T) any) error {
	b := bufio.NewWriter(w)
	head, err := json.Marshal(struct {
		Organisation models.Text `json:"organisation"`
		URL          string      `json:"url,omitempty"`
		Licence      string      `json:"licence"`
		GeneratedAt  string      `json:"generatedAt"`
	}{meta.Organisation, meta.URL, meta.Licence, instant(meta.GeneratedAt)})
	if err != nil {
		return err
	}
	// A bufio.Writer keeps its first error, and Flush gives it.
	_, _ = b.Write(head[:len(head)-1])
	_, _ = b.WriteString(`,"` + list + `":[`)
	comma := "\n"
	for v, err := range all {
		if err != nil {
			return err
		}
		one, err := json.Marshal(shown(v))
		if err != nil {
			return err
		}
		_, _ = b.WriteString(comma)
		if _, err := b.Write(one); err != nil {
			return err
		}
		comma = ",\n"
	}
	_, _ = b.WriteString("\n]}\n")
	return b.Flush()
}
