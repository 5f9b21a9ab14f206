package store

import (
	"context"
	"hash/crc32"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"beforehand/models"
)

// index adds the words by which a deployment is found. What is withheld from
// the public is found by nobody.
func (t *Tx) index(ctx context.Context, rows *insert, d *models.Deployment, rec models.Record) error {
	at := place(d)
	for !t.postgres {
		taken, err := raw[int64](ctx, t.Reader, "SELECT rowid FROM deployments_fts WHERE rowid = ?", at)
		if err != nil {
			return err
		}
		if len(taken) == 0 {
			break
		}
		at++
	}
	t.words(rows, d, rec, at)
	return nil
}

func (r Reader) words(rows *insert, d *models.Deployment, rec models.Record, at int64) {
	into, values := "deployments_fts (org_id, deployment_id, body, marks, ", []any{d.OrgID, d.ID, searchWords(d, rec.ForAudience("public", 0)), r.marks(d)}
	if r.postgres {
		rows.add(into+"created_at)", append(values, d.CreatedAt)...)
	} else {
		rows.add(into+"rowid)", append(values, at)...)
	}
}

// place is where SQLite puts a deployment's words in its index: in the order of
// registering, by the second, so that the newest are found without the rest.
// Within a second the order is none, and another may have the place.
func place(d *models.Deployment) int64 {
	return secondPlace(d.CreatedAt) | int64(crc32.ChecksumIEEE([]byte(d.ID))>>(32-placeBits))
}

// placeBits is how many bits the places within a second have.
const placeBits = 30

func secondPlace(t time.Time) int64 {
	const most = 1<<(62-placeBits) - 1 // the year 2106; a cursor may name any
	return max(-most, min(most, t.Unix())) << placeBits
}

// unindex takes a deployment's words out.
func (t *Tx) unindex(ctx context.Context, d *models.Deployment) error {
	if t.postgres {
		return t.exec(ctx, "DELETE FROM deployments_fts WHERE org_id = ? AND deployment_id = ?", d.OrgID, d.ID)
	}
	return t.exec(ctx, "DELETE FROM deployments_fts WHERE deployments_fts MATCH ? AND deployment_id = ?", "marks : "+t.mark("d", d.ID), d.ID)
}

// marks are words that nobody types. By those of PostgreSQL a search is narrowed
// inside the word index, to one organisation and to a day, month or year of
// registering: without them it would read every match of every organisation
// first. By that of SQLite one deployment is found: of its word index no column
// has an index, and a search is narrowed by the place of a row.
func (r Reader) marks(d *models.Deployment) string {
	at := d.CreatedAt.UTC()
	if !r.postgres {
		return r.mark("d", d.ID)
	}
	marks := []string{r.mark("o", d.OrgID)}
	for _, u := range units {
		marks = append(marks, r.mark(u.kind, at.Format(u.layout)))
	}
	return strings.Join(marks, " ")
}

// mark is one such word. It ends in a figure, so that no stemmer changes it.
func (r Reader) mark(kind, name string) string {
	plain := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
	if r.postgres {
		return "=" + kind + plain + "0" // no text of anybody's has such a word
	}
	return "zz" + kind + plain + "0"
}

func searchWords(d *models.Deployment, rec models.Record) string {
	words := []string{
		d.Ref, rec.Name.En, rec.Name.Cy, rec.OneLine.En, rec.OneLine.Cy, rec.Summary.En, rec.Summary.Cy,
		rec.Purpose.En, rec.Purpose.Cy, rec.Outputs.En, rec.Outputs.Cy, rec.Function,
	}
	for _, s := range rec.Suppliers {
		words = append(words, s.Name)
	}
	for _, m := range rec.Models {
		words = append(words, m.Name)
	}
	return folded(strings.Join(words, "\n"))
}

// folded is a text without its accents, so that "ty" finds "tŷ" on both
// engines: SQLite takes them off by itself, PostgreSQL does not.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// remark marks what was added without an instant, and perhaps without marks: by an
// older release that still ran beside this one while it was rolled out.
func (s *Store) remark(ctx context.Context) error {
	if !s.postgres {
		return nil // a file has one server
	}
	return s.writer.WithContext(ctx).Exec(`UPDATE deployments_fts f SET created_at = d.created_at, marks = '=o' || regexp_replace(lower(f.org_id), '[^a-z0-9]', '', 'g') || '0'
		|| ' =t' || to_char(d.created_at AT TIME ZONE 'UTC', 'YYYYMMDD') || '0' || ' =m' || to_char(d.created_at AT TIME ZONE 'UTC', 'YYYYMM') || '0'
		|| ' =y' || to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY') || '0'
		FROM deployments d WHERE f.created_at = '-infinity' AND d.org_id = f.org_id AND d.id = f.deployment_id`).Error
}
