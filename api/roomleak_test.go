package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/models"
)

// The words of a room, which must come out nowhere else.
var roomWords = []string{"xyzzy-plugh", "frobnicated", "quuxify", "wibblewobble"}

// roomProbes is how many questions each of the two engines is asked: 20,000 in all.
const roomProbes = 10_000

// leaking asks everything there is as everybody who is not of UNISON, and looks
// for what is in UNISON's room.
type leaking struct {
	*world
	rnd     *rand.Rand
	secrets []string // words and ids
	pool    []string // what is put into addresses and queries
	reads   []string // addresses with holes
	asking  []http.Header
	names   []string
}

// TestNothingOfARoomLeaks asks 20,000 questions at random, half of them on each
// engine: of every address, as
// every role, with ids and words of a room in every place that takes some.
func TestNothingOfARoomLeaks(t *testing.T) {
	t.Parallel()
	onWorlds(t, func(t *testing.T, w *world) {
		l := furnish(t, w)
		statuses := map[int]int{}
		for i := range roomProbes {
			who := l.rnd.IntN(len(l.asking))
			method, path, body := l.question()
			got := l.ask(method, path, body, l.asking[who].Clone())
			statuses[got.Status]++
			l.look(t, i, l.names[who], method+" "+path, path+string(body), got)
			if i%97 == 0 {
				l.twin(t, who)
			}
			if i%2_000 == 0 {
				w.forgive()
			}
		}
		t.Logf("%d questions, answers %v", roomProbes, statuses)
		v := need(w.first.Room(t.Context(), w.first.Officer, "", ""))(t)
		if len(v.Entries) != 3 || v.Entries[len(v.Entries)-1].Body != roomWords[0]+" a cap of 22" {
			t.Errorf("the room was changed: %d entries", len(v.Entries))
		}
	})
}

// furnish fills UNISON's room and gathers what may be asked.
func furnish(t *testing.T, w *world) *leaking {
	t.Helper()
	ctx := t.Context()
	h := w.first
	d, n := h.Noticed(t)
	note := need(h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomNote, Title: roomWords[1], Body: roomWords[0] + " a cap of 22"}))(t)
	draft := need(h.WriteRoom(ctx, h.Officer, register.RoomInput{Kind: models.RoomDraft, Deployment: d.Ref, Title: "Response", Body: roomWords[2]}))(t)
	concern := need(h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomConcern, Deployment: d.Ref, Title: roomWords[3], Dimension: "LOAD"}))(t)
	must(t, h.TallyRoom(ctx, h.Rep, "", concern.ID, 7))
	file := need(h.AttachRoom(ctx, h.Rep, "", note.ID, roomWords[3]+".txt", []byte(roomWords[0]+" in a file")))(t)
	l := &leaking{world: w, rnd: rand.New(rand.NewPCG(20260907, 6)), secrets: append(slices.Clone(roomWords), note.ID, draft.ID, concern.ID, file.ID)}
	l.pool = append(slices.Clone(l.secrets), h.Unison.ID, h.GMB.ID, d.Ref, n.No, d.ID, "2026", "1", "2026-09-07", "tywi", "other", "register.csv", "history.json", h.Role.ID, h.Area.ID, h.CDO.UserID, h.Rep.UserID, "annual", "scrutiny")
	for name, a := range map[string]models.Actor{
		"admin": h.Admin, "cdo": h.CDO, "manager": h.Manager, "hr": h.HR, "assurer": h.Assurer, "approver": h.Approver, "gmb": h.OtherOfficer, "gmb rep": w.otherRep,
		"scrutiny": h.Scrutiny, "auditor": h.Auditor, "another's admin": w.second.Admin, "another's officer": w.second.Officer,
	} {
		l.names, l.asking = append(l.names, name), append(l.asking, http.Header{"Authorization": {w.as(a)}})
	}
	l.names, l.asking = append(l.names, "public"), append(l.asking, http.Header{})
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	must(t, json.Unmarshal(need(w.api.OpenAPI())(t), &doc))
	for path, methods := range doc.Paths {
		if _, ok := methods["get"]; ok {
			l.reads = append(l.reads, path)
		}
	}
	slices.Sort(l.reads)
	for _, path := range []string{"register.csv", "register.json", "history.csv", "history.json", "omb.csv", "register.atom", "windows.ics", "deployments/{ref}/atrs.json", "catalogue.jsonld"} {
		l.reads = append(l.reads, "/open/tywi/"+path)
	}
	l.reads = append(l.reads, "/.well-known/beforehand/tywi/checkpoints.atom", "/sitemap.xml", "/openapi.json", "/nowhere/{id}")
	return l
}

func (l *leaking) any() string { return l.pool[l.rnd.IntN(len(l.pool))] }

// queries are the names of what addresses are asked with.
var queries = []string{"union", "deployment", "q", "cursor", "state", "hook", "language", "limit", "organisation", "sort", "text", "from", "below", "id", "kind", "version"}

// question is an address with its holes filled, or a try to change a room.
func (l *leaking) question() (method, path string, body []byte) {
	if l.rnd.IntN(8) == 0 {
		return l.change()
	}
	path = l.reads[l.rnd.IntN(len(l.reads))]
	for strings.Contains(path, "{") {
		a, b := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:a] + url.PathEscape(l.any()) + path[b+1:]
	}
	q := url.Values{}
	for range l.rnd.IntN(3) {
		q.Set(queries[l.rnd.IntN(len(queries))], l.any())
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return http.MethodGet, path, nil
}

func (l *leaking) change() (method, path string, body []byte) {
	id := url.PathEscape(l.any())
	ways := []struct{ method, path, body string }{
		{http.MethodPut, "/api/v1/room/" + id, `{"kind":"note","title":"x"}`},
		{http.MethodDelete, "/api/v1/room/" + id, ""},
		{http.MethodPost, "/api/v1/room/" + id + "/tally", `{"members":3}`},
		{http.MethodPost, "/api/v1/room/" + id + "/file", ""},
		{http.MethodPost, "/api/v1/room", `{"kind":"note","title":"x"}`},
	}
	way := ways[l.rnd.IntN(len(ways))]
	union := []string{l.first.Unison.ID, l.first.Unison.ID, "no-such", l.any()}[l.rnd.IntN(4)]
	return way.method, way.path + "?union=" + url.QueryEscape(union), []byte(way.body)
}

// look looks for what is in the room in an answer, but for what was asked with.
func (l *leaking) look(t *testing.T, i int, who, what, sent string, got answer) {
	t.Helper()
	plain, err := url.QueryUnescape(sent)
	if err != nil {
		plain = sent
	}
	head := fmt.Sprint(got.Header)
	for _, s := range l.secrets {
		if strings.Contains(plain, s) {
			continue // it knew that
		}
		if bytes.Contains(got.Body, []byte(s)) || strings.Contains(head, s) {
			t.Fatalf("question %d: %s is told %q by %s: %s", i, who, s, what, got)
		}
	}
	if got.Status >= 500 {
		t.Errorf("%s: %s: %s", who, what, got)
	}
}

// twin asks of the room and of one that is nowhere: nothing tells them apart,
// neither the answer nor how much work it was. The work is counted in
// statements to the database, which is what a clock would measure.
func (l *leaking) twin(t *testing.T, who int) {
	t.Helper()
	there, nowhere := l.secrets[len(roomWords)+l.rnd.IntN(4)], "0190a1b2-0000-7000-8000-000000000000"
	for _, path := range []string{"room/files/%s?union=" + l.first.Unison.ID, "room/%s?union=" + l.first.Unison.ID} {
		method := http.MethodGet
		if strings.HasPrefix(path, "room/%s") {
			method = http.MethodDelete
		}
		h := l.asking[who].Clone()
		h.Set("If-Match", `"1"`)
		one, work := l.counted(method, "/api/v1/"+fmt.Sprintf(path, there), nil, h.Clone())
		two, idle := l.counted(method, "/api/v1/"+fmt.Sprintf(path, nowhere), nil, h.Clone())
		if work != idle || work == 0 && len(h.Get("Authorization")) > 0 {
			t.Fatalf("%s: %d statements for what is there, %d for what is not", l.names[who], work, idle)
		}
		if one.Status != two.Status || withoutInstance(string(one.Body)) != withoutInstance(string(two.Body)) {
			t.Fatalf("%s tells them apart: %s and %s", l.names[who], one, two)
		}
	}
}

// withoutInstance leaves out the id of the request itself.
func withoutInstance(s string) string {
	before, after, ok := strings.Cut(s, `"instance":"`)
	if !ok {
		return s
	}
	_, rest, _ := strings.Cut(after, `"`)
	return before + rest
}

// TestARoomIsInNoOtherRow looks into every other table for the words of a room.
func TestARoomIsInNoOtherRow(t *testing.T) {
	t.Parallel()
	onWorlds(t, func(t *testing.T, w *world) {
		l := furnish(t, w)
		var out bytes.Buffer
		_, err := w.first.Store.TakeOut(t.Context(), w.first.Org, func(_ string, write func(io.Writer) error) error { return write(&out) })
		must(t, err)
		for _, s := range l.secrets {
			if strings.Contains(out.String(), s) {
				t.Errorf("%q is in the archive of the organisation", s)
			}
		}
	})
}
