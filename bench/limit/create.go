package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"beforehand/models"
)

// register is row (d): a record is checked and written with its version, its
// groups and its words, in one transaction; without an entry in a log or a job.
func (l *limit) register(w http.ResponseWriter, r *http.Request, a asker) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return err
	}
	var rec models.Record
	if err := json.Unmarshal(body, &rec); err != nil {
		return err
	}
	if err := rec.Validate(); err != nil {
		return err
	}
	if class, _ := models.Classify(rec); class != models.ClassB {
		return errors.New("only class B is taken here")
	}
	record, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	at := l.now().UTC().Truncate(time.Microsecond)
	x := line{
		id: uuid.Must(uuid.NewV7()).String(), nameEn: rec.Name.En, nameCy: rec.Name.Cy, stage: "idea", class: "B", area: rec.ServiceAreaID,
		family: string(rec.UseFamily), ai: string(rec.AIClass), risk: string(rec.RiskLevel), review: rec.Dates.ReviewDue, version: 1, created: at, updated: at,
	}
	if err := l.write(r, a, &x, rec, string(record)); err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/deployments/"+x.ref)
	return send(w, http.StatusCreated, l.whole([]byte{'{'}, &x, "employer", string(record), "", 0))
}

func (l *limit) write(r *http.Request, a asker, x *line, rec models.Record, record string) error {
	sum := sha256.Sum256([]byte(record))
	return l.db.within(r.Context(), func(query func(string, ...any) row, exec func(string, ...any) error) error {
		var area string
		if err := query("SELECT id FROM service_areas WHERE org_id = ? AND id = ?", a.org, x.area).Scan(&area); err != nil {
			return err
		}
		var n int
		if err := query("INSERT INTO counters (org_id, series, year, last) VALUES (?, 'deployment', ?, 1) ON CONFLICT (org_id, series, year) DO UPDATE SET last = counters.last + 1 RETURNING last", a.org, x.created.Year()).Scan(&n); err != nil {
			return err
		}
		x.ref = fmt.Sprintf("DEP-%d-%03d", x.created.Year(), n)
		if err := exec("INSERT INTO deployments (org_id, id, ref, stage, audience, class, name_en, name_cy, service_area_id, use_family, ai_class, risk_level, review_due, record, version, created_by, created_at, updated_at) VALUES (?, ?, ?, 'idea', 'employer', 'B', ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
			a.org, x.id, x.ref, x.nameEn, x.nameCy, x.area, x.family, x.ai, x.risk, x.review, record, a.user, x.created, x.updated); err != nil {
			return err
		}
		if err := exec("INSERT INTO deployment_versions (org_id, deployment_id, number, record, sha256, class, stage, late, by_user_id, at) VALUES (?, ?, 1, ?, ?, 'B', 'idea', FALSE, ?, ?)",
			a.org, x.id, record, hex.EncodeToString(sum[:]), a.user, x.created); err != nil {
			return err
		}
		for _, g := range rec.Groups {
			if err := exec("INSERT INTO affected_groups (org_id, deployment_id, job_role_id, headcount, agency, indirect) VALUES (?, ?, ?, ?, ?, ?)", a.org, x.id, g.JobRoleID, g.Headcount, g.Agency, g.Indirect); err != nil {
				return err
			}
		}
		words := strings.Join([]string{x.ref, rec.Name.En, rec.Name.Cy, rec.OneLine.En, rec.OneLine.Cy, rec.Summary.En, rec.Summary.Cy, rec.Purpose.En, rec.Purpose.Cy, rec.Outputs.En, rec.Outputs.Cy, rec.Function}, "\n")
		return exec("INSERT INTO deployments_fts (org_id, deployment_id, body, marks) VALUES (?, ?, ?, ?)", a.org, x.id, words, l.marks(a.org, x))
	})
}

// marks are the words by which the server narrows its searches: what is made
// here must be found there.
func (l *limit) marks(org string, x *line) string {
	prefix := "zz"
	if l.db.postgres() {
		prefix = "="
	}
	plain := func(id string) string { return strings.ReplaceAll(strings.ToLower(id), "-", "") }
	marks := []string{"o" + plain(org), "t" + x.created.Format("20060102"), "m" + x.created.Format("200601"), "y" + x.created.Format("2006")}
	if !l.db.postgres() {
		marks = append(marks, "d"+plain(x.id))
	}
	for i, m := range marks {
		marks[i] = prefix + m + "0"
	}
	return strings.Join(marks, " ")
}
