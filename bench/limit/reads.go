package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"beforehand/models"
)

// line is a deployment as a list shows it.
type line struct {
	id, ref, nameEn, nameCy, stage, class, area, family, ai, risk string
	late                                                          bool
	review                                                        models.Date
	version                                                       int
	created, updated                                              time.Time
}

const lineColumns = "d.id, d.ref, d.name_en, d.name_cy, d.stage, d.class, d.service_area_id, d.use_family, d.ai_class, d.risk_level, d.late, d.review_due, d.version, d.created_at, d.updated_at"

func (x *line) into() []any {
	return []any{&x.id, &x.ref, &x.nameEn, &x.nameCy, &x.stage, &x.class, &x.area, &x.family, &x.ai, &x.risk, &x.late, &x.review, &x.version, &x.created, &x.updated}
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// text appends a member whose value is a text.
func text(b []byte, name, value string) []byte {
	b = append(append(append(b, '"'), name...), `":`...)
	return quoted(b, value)
}

func quoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			j, err := json.Marshal(s)
			if err != nil {
				panic(err) // texts always marshal
			}
			return append(b, j...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func optional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return text(append(b, ','), name, value)
}

// members appends what a line says, without its braces.
func (x *line) members(b []byte) []byte {
	b = text(b, "ref", x.ref)
	b = append(b, `,"name":{`...)
	if x.nameEn != "" {
		b = text(b, "en", x.nameEn)
	}
	if x.nameCy != "" {
		if x.nameEn != "" {
			b = append(b, ',')
		}
		b = text(b, "cy", x.nameCy)
	}
	b = append(b, '}')
	b = optional(b, "stage", x.stage)
	b = optional(b, "class", x.class)
	b = optional(b, "serviceArea", x.area)
	b = optional(b, "useFamily", x.family)
	b = optional(b, "aiClass", x.ai)
	b = optional(b, "riskLevel", x.risk)
	if x.late {
		b = append(b, `,"late":true`...)
	}
	b = optional(b, "reviewDue", x.review.String())
	b = strconv.AppendInt(append(b, `,"version":`...), int64(x.version), 10)
	b = append(x.created.UTC().AppendFormat(append(b, `,"createdAt":"`...), time.RFC3339Nano), '"')
	return append(x.updated.UTC().AppendFormat(append(b, `,"updatedAt":"`...), time.RFC3339Nano), '"')
}

func send(w http.ResponseWriter, status int, b []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err := w.Write(b)
	return err
}

// deployment is row (a): one record with its children, which are in it.
func (l *limit) deployment(w http.ResponseWriter, r *http.Request, a asker) error {
	if a.role != "cdo" {
		return errors.New("only the digital officer is answered here")
	}
	var x line
	var audience, record, lateReason string
	var lateOn models.Date
	err := l.db.each(r.Context(), "SELECT "+lineColumns+", d.audience, d.record, d.late_reason, d.late_on FROM deployments d WHERE d.org_id = ? AND d.ref = ?", []any{a.org, r.PathValue("ref")}, func(row row) error {
		return row.Scan(append(x.into(), &audience, &record, &lateReason, &lateOn)...)
	})
	if err != nil || x.class != "B" {
		return errors.Join(err, errNone)
	}
	buf := buffers.Get().(*[]byte)
	b := l.whole(append((*buf)[:0], '{'), &x, audience, record, lateReason, lateOn)
	err = send(w, http.StatusOK, b)
	*buf = b
	buffers.Put(buf)
	return err
}

func (l *limit) whole(b []byte, x *line, audience, record, lateReason string, lateOn models.Date) []byte {
	b = x.members(b)
	b = optional(b, "audience", audience)
	b = optional(b, "lateReason", lateReason)
	b = optional(b, "lateOn", lateOn.String())
	b = append(append(b, `,"classReasons":`...), l.why...)
	b = append(append(b, `,"record":`...), record...)
	b = append(append(b, `,"can":`...), l.can...)
	self := "/api/v1/deployments/" + x.ref
	b = text(append(b, `,"links":{`...), "self", self)
	b = optional(b, "gate", self+"/gate")
	b = optional(b, "timeline", self+"/timeline")
	b = optional(b, "page", "/en/deployments/"+x.ref)
	return append(b, '}', '}')
}

const countCap = 1000

// deployments is rows (b), (c) and (e): a page with its total.
func (l *limit) deployments(w http.ResponseWriter, r *http.Request, a asker) error {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > 200 {
		return errors.New("how many?")
	}
	p := l.plan(a, q, limit+1)
	rows, total := make([]line, 0, limit+1), 0
	if err := l.db.each(r.Context(), p.page, p.pageArgs, func(row row) error {
		rows = append(rows, line{})
		into := rows[len(rows)-1].into()
		if p.count == "" {
			into = append(into, &total)
		}
		return row.Scan(into...)
	}); err != nil {
		return err
	}
	if p.count != "" {
		if err := l.db.each(r.Context(), p.count, p.countArgs, func(row row) error { return row.Scan(&total) }); err != nil {
			return err
		}
	}
	next := ""
	if len(rows) > limit {
		last := rows[limit-1]
		rows, next = rows[:limit], nextPage(q, last)
	}
	buf := buffers.Get().(*[]byte)
	b := append((*buf)[:0], `{"items":[`...)
	for i := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(rows[i].members(append(b, '{')), '}')
	}
	b = append(b, `],"total":`...)
	capped := q.Get("total") != "exact" && total > countCap
	if capped {
		total = countCap
	}
	b = strconv.AppendInt(b, int64(total), 10)
	if capped {
		b = append(b, `,"totalCapped":true`...)
	}
	b = append(optional(b, "next", next), '}')
	err = send(w, http.StatusOK, b)
	*buf = b
	buffers.Put(buf)
	return err
}

func nextPage(asked url.Values, last line) string {
	c, err := json.Marshal(struct {
		K string `json:"k"`
		I string `json:"i"`
	}{last.created.UTC().Format(time.RFC3339Nano), last.id})
	if err != nil {
		panic(err) // two texts always marshal
	}
	asked.Set("cursor", base64.RawURLEncoding.EncodeToString(c))
	return "/api/v1/deployments?" + asked.Encode()
}

// cursor reads where a page begins.
func cursor(q url.Values) (at time.Time, id string) {
	var c struct{ K, I string }
	b, err := base64.RawURLEncoding.DecodeString(q.Get("cursor"))
	if err != nil || json.Unmarshal(b, &c) != nil {
		return at, ""
	}
	at, err = time.Parse(time.RFC3339Nano, c.K)
	if err != nil {
		return at, ""
	}
	return at, c.I
}

// words are those of a search.
func searched(q url.Values) string { return strings.TrimSpace(q.Get("q")) }
