package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/api"
	"beforehand/internal/ledger"
	"beforehand/models"
)

// proofScene is a world with a signed log, a witness of UNISON's, one that has
// ended, and one of the other organisation.
type proofScene struct {
	*world
	c                  models.Checkpoint
	old                models.Checkpoint
	mine, gone, theirs countersigner
	file               models.Attachment
	theirFile          models.Attachment
	logKey             string
}

func newProofScene(t *testing.T, w *world) *proofScene {
	t.Helper()
	ctx, nobody := t.Context(), w.people["none"]
	p := &proofScene{world: w, theirs: w.witness(w.side(otherOrg, nobody)), gone: w.witness(w.side(auditors, nobody))}
	p.mine = w.witness(w.side(byOwn, nobody))
	need(w.first.EndWitness(ctx, w.first.Admin, p.gone.id))(t)
	p.old = need(w.first.SignNow(ctx, w.first.CDO))(t)
	p.file = need(w.first.Attach(ctx, w.first.CDO, "a.txt", []byte("ours")))(t)
	p.theirFile = need(w.second.Attach(ctx, w.second.CDO, "a.txt", []byte("theirs")))(t)
	p.c = need(w.first.SignNow(ctx, w.first.CDO))(t)
	p.logKey = need(w.first.Keys(ctx, models.Actor{OrgID: w.first.Org.ID}))(t)[0].Public
	return p
}

// TestBadProof throws at the routes of the proofs what is no good: each gets a
// clear refusal, and nothing is written.
func TestBadProof(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		p := newProofScene(t, w)
		for _, a := range slices.Concat(p.badReads(), p.badCosignatures(t), p.badKeys(), p.badWitnesses(t), p.badAddresses(), p.badLinks()) {
			w.forgive()
			w.refused(t, a)
		}
	})
}

// beyond is a whole number that JSON in a browser cannot hold.
const beyond = "9007199254740993"

func (p *proofScene) badReads() []attempt {
	size := fmt.Sprint(p.c.Size)
	at := "?organisation=tywi"
	var all []attempt
	get := func(name, path string, status int, code string, fields ...string) {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		all = append(all, attempt{name: name, method: "GET", path: path + sep + at[1:], status: status, code: code, fields: fields})
	}
	for field, values := range map[string][]string{
		"below": {"-1", beyond, "x", "1.5", "99999999999999999999", "%00"}, "limit": {"0", "-1", "201", "x", beyond},
	} {
		for _, v := range values {
			get(field+" "+v, "checkpoints?"+field+"="+v, 422, "invalid", field)
		}
	}
	for _, v := range []string{"0", "-1", beyond, "x", "1e3", "1.0", "0x10", "99999999999999999999", "%20" + size, "٤", strings.Repeat("9", 5000)} {
		get("a size of "+v, "checkpoints/"+v, 422, "invalid", "size")
		get("a proof to a size of "+v, "checkpoints/"+v+"/consistency?old=1", 422, "invalid", "size")
	}
	for _, v := range []string{"-1", beyond, "x", "1.5", "", "%20"} {
		get("a proof from "+v, "checkpoints/"+size+"/consistency?old="+v, 422, "invalid", "old")
	}
	get("a proof from nothing said", "checkpoints/"+size+"/consistency", 422, "invalid", "old")
	get("a proof from a later log", "checkpoints/"+size+"/consistency?old="+fmt.Sprint(p.c.Size+1), 404, "later_log")
	get("a proof to a size that nobody signed", "checkpoints/"+fmt.Sprint(p.c.Size+1)+"/consistency?old=1", 404, "not_found")
	get("a size that nobody signed", "checkpoints/9007199254740991", 404, "not_found")
	get("bytes for a size", "checkpoints/%ff", 404, "not_found")
	get("NUL for a size", "checkpoints/%00", 404, "not_found")
	get("a receipt of nothing", "notices/N-2026-999/receipt", 404, "not_found")
	get("a receipt of dots", "notices/..%2f..%2fetc/receipt", 404, "not_found")
	get("a receipt of NUL", "notices/%00/receipt", 404, "not_found")
	get("a receipt of a name too long", "notices/"+strings.Repeat("N", 41)+"/receipt", 422, "invalid", "no")
	all = append(all, attempt{name: "no organisation of two", method: "GET", path: "checkpoints", status: 422, code: "organisation_required"},
		attempt{name: "an organisation that there is not", method: "GET", path: "checkpoints?organisation=atlantis", status: 404, code: "not_found"},
		attempt{name: "a body of 1 MiB and more", by: p.people["cdo"], method: "POST", path: "checkpoints", body: `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413, code: "body_too_large"})
	return all
}

func (p *proofScene) badCosignatures(t *testing.T) []attempt {
	t.Helper()
	line := func(c models.Checkpoint, k ledger.SecretKey) string { return p.line(c, k) }
	good := line(p.c, p.mine.key)
	note := need(ledger.ReadNote(p.c.Note))(t)
	var all []attempt
	post := func(name string, body any, status int, code string, fields ...string) {
		all = append(all, attempt{name: "cosign: " + name, method: "POST", path: "checkpoints/" + fmt.Sprint(p.c.Size) + "/cosignatures?organisation=tywi", body: body, status: status, code: code, fields: fields})
	}
	lines := func(name, s string, status int, code string, fields ...string) {
		post(name, object{"lines": s}, status, code, fields...)
	}
	post("nothing", object{}, 422, "invalid", "lines")
	post("no body", "", 400, "malformed_json")
	post("half a body", `{"lines": "`, 400, "malformed_json")
	post("null", `null`, 422, "invalid")
	post("a number", object{"lines": 5}, 422, "invalid", "lines")
	post("a list", object{"lines": []string{good}}, 422, "invalid", "lines")
	post("an unknown field", object{"lines": good, "witness": p.mine.id}, 422, "invalid", "witness")
	post("not UTF-8", "{\"lines\":\"\xff\xfe\"}", 422, "not_utf8")
	post("over 1 MiB", object{"lines": strings.Repeat("x", 1<<20)}, 413, "body_too_large")
	lines("empty", "", 422, "invalid", "lines")
	lines("20,001 characters", strings.Repeat("x", 20_001), 422, "invalid", "lines")
	lines("NUL", "— x\x00 AAAA\n", 422, "invalid", "lines")
	lines("an escape character", "— \x1b[31m AAAA\n", 422, "invalid", "lines")
	unsigned := "— " + p.mine.key.Name + " "
	for name, s := range map[string]string{
		"a line feed": "\n", "a dash": "— ", "no signature": unsigned, "no base64": unsigned + "!!!!\n", "too short": unsigned + "AAAA\n", "all zeros": unsigned + base64.StdEncoding.EncodeToString(make([]byte, 76)) + "\n",
		"two blanks": strings.Replace(good, p.mine.key.Name+" ", p.mine.key.Name+"  ", 1), "a blank after it": strings.TrimSuffix(good, "\n") + " \n", "before it": "\n" + good,
		"a comment after it": good + "# thanks\n", "carriage returns": strings.ReplaceAll(good, "\n", "\r\n"), "an en dash": strings.Replace(good, "—", "–", 1), "70 of them": strings.Repeat(good, 70),
		"70 short ones": strings.Repeat("— x AAAA\n", 70), "a line feed within": good[:40] + "\n" + good[40:], "of another size": line(p.old, p.mine.key), "of a witness that has ended": line(p.c, p.gone.key),
		"of another organisation's": line(p.c, p.theirs.key), "the log's own": strings.SplitAfter(p.c.Note, "\n\n")[1], "a whole note": p.c.Note + good, "look-alike letters": strings.Replace(good, "witness", "w\u0456tness", 1),
		"the name of the log": strings.Replace(good, p.mine.key.Name, note.Origin, 1), "10 kB for a name": "— " + strings.Repeat("x", 10_000) + " AAAA\n",
	} {
		lines(name, s, 403, "witness_unknown")
	}
	text := note.Text()
	late := need(ledger.Cosign(text, p.mine.key, p.first.Clock.Now().Add(time.Hour)))(t)
	lines("in an hour's time", late, 422, "invalid", "time")
	lines("in the year 30000", need(ledger.Cosign(text, p.mine.key, time.Date(29_000, 1, 1, 0, 0, 0, 0, time.UTC)))(t), 422, "invalid", "time")
	all = append(all,
		attempt{name: "cosign: as text", method: "POST", path: "checkpoints/" + fmt.Sprint(p.c.Size) + "/cosignatures?organisation=tywi", body: good, headers: headers{"Content-Type": "text/plain"}, status: 415, code: "not_acceptable"},
		attempt{name: "cosign: no size", method: "POST", path: "checkpoints/0/cosignatures?organisation=tywi", body: object{"lines": good}, status: 422, code: "invalid", fields: []string{"size"}},
		attempt{name: "cosign: a size that nobody signed", method: "POST", path: "checkpoints/" + fmt.Sprint(p.c.Size+1) + "/cosignatures?organisation=tywi", body: object{"lines": good}, status: 404, code: "not_found"},
		attempt{name: "cosign: at another organisation", method: "POST", path: "checkpoints/" + fmt.Sprint(p.c.Size) + "/cosignatures?organisation=other", body: object{"lines": good}, status: 404, code: "not_found"},
		attempt{name: "cosign: from a page elsewhere", method: "POST", path: "checkpoints/" + fmt.Sprint(p.c.Size) + "/cosignatures?organisation=tywi", body: object{"lines": good}, headers: headers{"Origin": "https://evil.example"}, status: 403, code: "cross_origin"},
	)
	return all
}

func (p *proofScene) badKeys() []attempt {
	var all []attempt
	post := func(name string, body any, status int, code string, fields ...string) {
		all = append(all, attempt{name: "rotate: " + name, by: p.people["admin"], method: "POST", path: "signing-keys", body: body, status: status, code: code, fields: fields})
	}
	for name, v := range map[string]any{"-1": -1, "401": 401, "text": "90", "a fraction": 1.5, "yes": true, "a list": []int{90}, "2^53+1": int64(1<<53 + 1), "an object": object{}} {
		post(name, object{"overlapDays": v}, 422, "invalid", "overlapDays")
	}
	post("beyond the machine's", `{"overlapDays":123456789012345678901234567890}`, 422, "invalid")
	post("beyond any", `{"overlapDays":1e400}`, 400, "malformed_json")
	post("nothing said", object{}, 422, "invalid", "overlapDays")
	post("null", `{"overlapDays":null}`, 422, "invalid", "overlapDays")
	post("no body", "", 400, "malformed_json")
	post("an unknown field", object{"overlapDays": 90, "key": p.logKey}, 422, "invalid", "key")
	post("over 1 MiB", `{"overlapDays":`+strings.Repeat(" ", 1<<20)+`90}`, 413, "body_too_large")
	for _, who := range []string{"cdo", "union_officer", "auditor", "other_officer", "delegate"} {
		all = append(all, attempt{name: "rotate: by " + who, by: p.people[who], method: "POST", path: "signing-keys", body: object{"overlapDays": 0}, status: 403, code: "forbidden"})
	}
	return all
}

func (p *proofScene) badWitnesses(t *testing.T) []attempt {
	t.Helper()
	officer, admin := p.people["union_officer"], p.people["admin"]
	key := p.newWitnessKey()
	good := object{"label": "UNISON", "kind": "union", "key": key.String()}
	var all []attempt
	post := func(name string, more object, status int, code string, fields ...string) {
		all = append(all, attempt{name: "witness: " + name, by: officer, method: "POST", path: "witnesses", body: good.with(more), status: status, code: code, fields: fields})
	}
	unhashed := strings.Split(key.String(), "+")
	small := append([]byte{4, 1}, make([]byte, 31)...) // the neutral element, of order one
	another := need(ledger.NewKey("log.example", false))(t)
	for name, k := range map[string]string{
		"the key of this log": p.logKey, "the key of another log": another.String(), "a secret": key.Secret(), "nothing": "", "a blank": " ", "a name alone": "unison.example",
		"look-alike letters": strings.Replace(key.String(), "witness", "w\u0456tness", 1), "full-width letters": strings.Replace(key.String(), "witness", "\uff57itness", 1), "a zero-width sign": strings.Replace(key.String(), "witness", "wit\u200bness", 1),
		"a sign that turns the direction": strings.Replace(key.String(), "witness", "\u202ewitness", 1), "a line feed within": key.String()[:20] + "\n" + key.String()[20:], "two keys": key.String() + "\n" + key.String(), "a tab": strings.Replace(key.String(), "witness", "wit\tness", 1),
		"a blank in the name": strings.Replace(key.String(), "witness", "wit ness", 1), "another hash": unhashed[0] + "+00000000+" + strings.Join(unhashed[2:], "+"), "capitals in the hash": unhashed[0] + "+" + strings.ToUpper(unhashed[1]+"A") + "+" + strings.Join(unhashed[2:], "+"),
		"half of it": key.String()[:len(key.String())-10], "too long by one": key.String() + "A", "no padding": strings.TrimRight(key.String(), "=") + "!", "a point of small order": "unison.example+00000000+" + base64.StdEncoding.EncodeToString(small),
	} {
		post(name, object{"key": k}, 422, "invalid", "key")
	}
	post("10 kB of key", object{"key": strings.Repeat("x", 10_000)}, 422, "invalid", "key")
	post("10 kB of name", object{"key": strings.Repeat("x", 10_000) + key.String()}, 422, "invalid", "key")
	post("NUL in the key", object{"key": key.String() + "\x00"}, 422, "invalid", "key")
	post("a number for a key", object{"key": 5}, 422, "invalid", "key")
	for _, name := range []string{"key", "label", "kind"} {
		post("no "+name, object{name: nil}, 422, "invalid", name)
	}
	for name, label := range map[string]any{"no words": "", "blanks": " \n ", "201 signs": strings.Repeat("é", 201), "NUL": "a\x00", "an escape character": "\x1b[31m", "a number": 5} {
		post("a label of "+name, object{"label": label}, 422, "invalid", "label")
	}
	post("a kind that there is not", object{"kind": "press"}, 422, "invalid", "kind")
	post("capitals", object{"kind": "Union"}, 422, "invalid", "kind")
	post("a number for a kind", object{"kind": 1}, 422, "invalid", "kind")
	post("a name for a union", object{"union": strings.Repeat("u", 61)}, 422, "invalid", "union")
	post("an unknown field", object{"endedAt": "2026-09-07T09:00:00Z"}, 422, "invalid", "endedAt")
	post("another union's", object{"union": p.GMB.ID}, 403, "forbidden")
	post("a union that there is not", object{"union": "none"}, 403, "forbidden")
	post("another organisation's union", object{"union": p.second.Unison.ID}, 403, "forbidden")
	post("an auditor, by a union", object{"kind": "auditor"}, 403, "forbidden")
	post("a key that is there", object{"key": p.mine.key.String()}, 409, "witness_there")
	post("a key that is there, with a line feed", object{"key": p.mine.key.String() + "\n"}, 409, "witness_there")
	for _, a := range []attempt{
		{name: "witness: a union's, by the administrator", body: good.with(object{"union": p.Unison.ID}), status: 403, code: "forbidden"},
		{name: "witness: nobody's union, by the administrator", body: good, status: 403, code: "forbidden"},
		{name: "witness: a list", body: []object{good}, status: 422, code: "invalid"},
		{name: "witness: no body", body: "", status: 400, code: "malformed_json"},
		{name: "witness: over 1 MiB", body: good.with(object{"label": strings.Repeat("x", 1<<20)}), status: 413, code: "body_too_large"},
		{name: "witness: not UTF-8", body: "{\"label\":\"\xff\"}", status: 422, code: "not_utf8"},
	} {
		a.by, a.method, a.path = admin, "POST", "witnesses"
		all = append(all, a)
	}
	for _, a := range []attempt{
		{name: "end: what has ended", by: admin, path: p.gone.id, status: 409, code: "witness_ended"},
		{name: "end: a union's, by the administrator", by: admin, path: p.mine.id, status: 403, code: "forbidden"},
		{name: "end: another union's", by: p.people["other_officer"], path: p.mine.id, status: 403, code: "forbidden"},
		{name: "end: another organisation's", by: officer, path: p.theirs.id, status: 404, code: "not_found"},
		{name: "end: nothing", by: officer, path: "none", status: 404, code: "not_found"},
		{name: "end: NUL", by: officer, path: "%00", status: 404, code: "not_found"},
		{name: "end: a name too long", by: officer, path: strings.Repeat("x", 61), status: 422, code: "invalid", fields: []string{"id"}},
	} {
		a.method, a.path = "POST", "witnesses/"+a.path+"/end"
		all = append(all, a)
	}
	return all
}

func (p *proofScene) badAddresses() []attempt {
	good := object{"address": "log@unison.example", "language": "cy"}
	var all []attempt
	put := func(name string, more object, status int, code string, fields ...string) {
		all = append(all, attempt{name: "address: " + name, by: p.people["union_officer"], method: "PUT", path: "checkpoint-address", body: good.with(more), status: status, code: code, fields: fields})
	}
	for name, v := range map[string]any{
		"a name": "unison", "a host alone": "@unison.example", "two": "a@unison.example, b@unison.example", "a name before it": "UNISON <log@unison.example>", "in brackets": "<log@unison.example>",
		"a header after it": "log@unison.example\r\nBcc: x@evil.example", "a line feed within": "log@\nunison.example", "an address on the web": "https://unison.example/log", "mailto": "mailto:log@unison.example",
		"501 signs": strings.Repeat("x", 488) + "@unison.example", "NUL": "log\x00@unison.example", "a number": 5, "a list": []string{"log@unison.example"}, "a blank in it": "log @unison example",
	} {
		put(name, object{"address": v}, 422, "invalid", "address")
	}
	for name, v := range map[string]any{"French": "fr", "none": "", "a number": 1, "capitals": "CY", "a region": "cy-GB"} {
		put("language: "+name, object{"language": v}, 422, "invalid", "language")
	}
	put("nothing said", object{"address": nil}, 422, "invalid", "address")
	put("no language", object{"language": nil}, 422, "invalid", "language")
	put("an unknown field", object{"cc": "x@unison.example"}, 422, "invalid", "cc")
	put("another union's", object{"union": p.GMB.ID}, 403, "forbidden")
	put("a union that there is not", object{"union": "none"}, 403, "forbidden")
	put("another organisation's union", object{"union": p.second.Unison.ID}, 403, "forbidden")
	put("a union of 61 signs", object{"union": strings.Repeat("u", 61)}, 422, "invalid", "union")
	for _, who := range []string{"admin", "cdo", "union_rep", "auditor"} {
		all = append(all, attempt{name: "address: by " + who, by: p.people[who], method: "PUT", path: "checkpoint-address", body: good.with(object{"union": p.Unison.ID}), status: 403, code: "forbidden"})
	}
	return append(all,
		attempt{name: "address: none was given", by: p.people["union_officer"], method: "GET", path: "checkpoint-address", status: 404, code: "not_found"},
		attempt{name: "address: no body", by: p.people["union_officer"], method: "PUT", path: "checkpoint-address", body: "", status: 400, code: "malformed_json"},
		attempt{name: "address: over 1 MiB", by: p.people["union_officer"], method: "PUT", path: "checkpoint-address", body: good.with(object{"address": strings.Repeat("x", 1<<20)}), status: 413, code: "body_too_large"},
	)
}

func (p *proofScene) badLinks() []attempt {
	var all []attempt
	post := func(name, id string, body any, status int, code string, fields ...string) {
		all = append(all, attempt{name: "link: " + name, by: p.people["hr"], method: "POST", path: "attachments/" + id + "/links", body: body, status: status, code: code, fields: fields})
	}
	for name, v := range map[string]any{"0": 0, "169": 169, "-1": -1, "text": "24", "a fraction": 1.5, "2^53+1": int64(1<<53 + 1), "yes": true, "a list": []int{24}} {
		post(name, p.file.ID, object{"hours": v}, 422, "invalid", "hours")
	}
	post("nothing said", p.file.ID, object{}, 422, "invalid", "hours")
	post("null", p.file.ID, `{"hours":null}`, 422, "invalid", "hours")
	post("no body", p.file.ID, "", 400, "malformed_json")
	post("an unknown field", p.file.ID, object{"hours": 24, "until": "2030-01-01"}, 422, "invalid", "until")
	post("another organisation's file", p.theirFile.ID, object{"hours": 24}, 404, "not_found")
	post("no file", "none", object{"hours": 24}, 404, "not_found")
	post("NUL", "%00", object{"hours": 24}, 404, "not_found")
	post("a name too long", strings.Repeat("x", 61), object{"hours": 24}, 422, "invalid", "id")
	post("a path", "..%2f..%2fetc", object{"hours": 24}, 404, "not_found")
	for _, who := range []string{"manager", "admin", "auditor", "union_officer", "cdo_token"} {
		all = append(all, attempt{name: "link: by " + who, by: p.people[who], method: "POST", path: "attachments/" + p.file.ID + "/links", body: object{"hours": 24}, status: 403, code: "forbidden"})
	}
	return all
}

// TestProofsAreMadeOnce repeats what was asked, with and without a key.
func TestProofsAreMadeOnce(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		p := newProofScene(t, w)
		officer, admin, cdo := w.people["union_officer"], w.people["admin"], w.people["cdo"]
		entries := func() int64 { return need(w.first.Store.LedgerSize(t.Context(), w.first.Org.ID))(t) }
		same := func(name string, want int64, by *principal, path string, body any, key string) answer {
			t.Helper()
			w.askAs(by, "GET", "profiles", nil)
			was := entries()
			first := w.allowed(t, by, "POST", path, body, headers{"Idempotency-Key": key})
			if grown := entries() - was; grown != want {
				t.Errorf("%s: %d entries, want %d", name, grown, want)
			}
			before := w.state()
			again := w.allowed(t, by, "POST", path, body, headers{"Idempotency-Key": key})
			if again.Status != first.Status || string(again.Body) != string(first.Body) {
				t.Errorf("%s: %s, and again %s", name, first, again)
			}
			unchanged(t, before, w.state())
			return first
		}
		witness := object{"label": "UNISON", "kind": "union", "key": w.newWitnessKey().String()}
		same("a witness", 1, officer, "witnesses", witness, "w1")
		w.refused(t, attempt{name: "another witness with the same key", by: officer, method: "POST", path: "witnesses", body: witness.with(object{"key": w.newWitnessKey().String()}), headers: headers{"Idempotency-Key": "w1"}, status: 422, code: "idempotency_reused"})
		w.refused(t, attempt{name: "a key of 201 signs", by: officer, method: "POST", path: "witnesses", body: witness, headers: headers{"Idempotency-Key": strings.Repeat("k", 201)}, status: 422, code: "invalid", fields: []string{"Idempotency-Key"}})
		same("the end of a witness", 1, officer, "witnesses/"+p.mine.id+"/end", nil, "w2")
		w.refused(t, attempt{name: "the end of it once more", by: officer, method: "POST", path: "witnesses/" + p.mine.id + "/end", status: 409, code: "witness_ended"})

		made := into[api.SigningKey](t, same("a key", 1, admin, "signing-keys", object{"overlapDays": 90}, "k1"))
		keys := into[api.List[api.SigningKey]](t, w.allowed(t, admin, "GET", "signing-keys", nil))
		if len(keys.Items) != 2 || keys.Items[1] != made || keys.Items[0].SignsUntil == "" || made.SignsUntil != "" {
			t.Errorf("%+v after %+v", keys, made)
		}
		if strings.Contains(string(need(w.keptAnswer(t, admin, "k1"))(t)), "PRIVATE") {
			t.Error("the secret was kept with the answer")
		}

		// To sign what is signed is nothing, with whatever key.
		c := into[api.Checkpoint](t, same("a checkpoint", 0, cdo, "checkpoints", nil, "c1"))
		if other := into[api.Checkpoint](t, same("a checkpoint", 0, cdo, "checkpoints", nil, "c2")); other.Note != c.Note {
			t.Errorf("%+v and %+v", c, other)
		}
		if strings.Count(c.Note, "\n— ") != 2 {
			t.Errorf("in the overlap both keys sign: %s", c.Note)
		}
		w.kept = map[string]any{}
		k := w.witness(w.side(byOwn, w.people["none"])).key
		now := need(w.first.SignNow(t.Context(), w.first.CDO))(t)
		path := "checkpoints/" + fmt.Sprint(now.Size) + "/cosignatures"
		same("a countersignature", 1, cdo, path, object{"lines": w.line(now, k)}, "s1")
		same("another by the same witness", 0, cdo, path, object{"lines": w.line(now, k)}, "s1")
		w.forgive()
	})
}

// keptAnswer is what was kept of an answer.
func (w *world) keptAnswer(t *testing.T, p *principal, key string) ([]byte, error) {
	t.Helper()
	row, err := w.first.Store.Idempotency(t.Context(), p.actor.OrgID, p.actor.UserID, key)
	return row.Body, err
}

// TestAnAddressIsTheUnionsOwn has checkpoints sent, changes where, and ends it.
func TestAnAddressIsTheUnionsOwn(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		officer, other := w.people["union_officer"], w.people["other_officer"]
		read := func() api.CheckpointAddress {
			return into[api.CheckpointAddress](t, w.allowed(t, officer, "GET", "checkpoint-address", nil))
		}
		for _, want := range []api.CheckpointAddress{
			{Address: "log@unison.example", Language: "cy", Union: w.Unison.ID}, {Address: "o'log+1@unison.example", Language: "en", Union: w.Unison.ID}, {Address: "log@unison.example", Language: "cy", Union: w.Unison.ID},
		} {
			w.allowed(t, officer, "PUT", "checkpoint-address", object{"address": "  " + want.Address + " ", "language": want.Language})
			if got := read(); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		w.refused(t, attempt{name: "another union's", by: other, method: "GET", path: "checkpoint-address", status: 404, code: "not_found"})
		must(t, w.first.SignDaily(t.Context()))
		w.allowed(t, officer, "PUT", "checkpoint-address", object{"address": "", "language": "cy"})
		w.refused(t, attempt{name: "ended", by: officer, method: "GET", path: "checkpoint-address", status: 404, code: "not_found"})
		// The address stands in no entry of the log.
		for _, row := range need(w.first.Ledger(t.Context(), w.first.Auditor, 0, 1000))(t) {
			if strings.Contains(row.Body, "log@unison.example") {
				t.Errorf("the address stands in the log: %s", row.Body)
			}
		}
	})
}

// TestBackupsAreListed shows what the operator's backups are listed as.
func TestBackupsAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.first.NoteBackup(t.Context(), models.Backup{Name: "beforehand-1.backup", Bytes: 4096, Entries: 90, Encrypted: true}))
	must(t, w.first.NoteBackup(t.Context(), models.Backup{Failed: "no space left on device"}))
	got := into[api.List[api.Backup]](t, w.allowed(t, w.people["auditor"], "GET", "backups", nil))
	if len(got.Items) != 2 || got.Items[0].Failed == "" || got.Items[1].Bytes != 4096 || !got.Items[1].Encrypted || got.Items[1].Name == "" {
		t.Errorf("%+v", got)
	}
}

// atOnce does something several times at the same time, and gives the answers.
func atOnce(n int, do func() answer) []answer {
	out := make([]answer, n)
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() { out[i] = do() })
	}
	wg.Wait()
	return out
}

// TestManyAskAtOnce has one checkpoint signed, and countersigned by one
// witness, many times at the same moment: each is done once.
func TestManyAskAtOnce(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		clear(w.kept)
		size := need(w.first.Store.LedgerSize(ctx, w.first.Org.ID))(t)
		cdo := http.Header{"Authorization": {w.as(w.first.CDO)}}
		signing := func() answer { return w.ask("POST", "checkpoints", nil, cdo.Clone()) }
		for _, got := range atOnce(8, signing) { // the first of all makes the log's key, which is an entry
			if got.Status != 201 {
				t.Errorf("signing: %s", got)
			}
		}
		if keys := need(w.first.Keys(ctx, models.Actor{OrgID: w.first.Org.ID}))(t); len(keys) != 1 {
			t.Errorf("%d keys were made", len(keys))
		}
		c := need(w.first.Checkpoint(ctx, w.first.CDO, 0))(t)
		if c.Size <= size {
			t.Errorf("a log of %d is signed at %d", size, c.Size)
		}

		witness := w.witness(w.side(byOwn, w.people["none"]))
		w.witness(w.side(byOther, w.people["none"])) // so that two lines may be sent
		line := w.line(c, witness.key)
		before := need(w.first.Store.LedgerSize(ctx, w.first.Org.ID))(t)
		path := known("cosignature/" + fmt.Sprint(c.Size))
		for _, got := range append(atOnce(8, func() answer { return w.ask("POST", path, []byte(line), http.Header{}) }), w.ask("POST", path, []byte(line+line), http.Header{})) {
			if got.Status != 200 || string(got.Body) != c.Note+line {
				t.Errorf("countersigning: %s", got)
			}
		}
		next := need(w.first.SignNow(ctx, w.first.CDO))(t)
		line = w.line(next, witness.key)
		if got := w.ask("POST", known("cosignature/"+fmt.Sprint(next.Size)), []byte(line+line), http.Header{}); got.Status != 200 || string(got.Body) != next.Note+line {
			t.Errorf("one witness twice: %s", got)
		}
		if after := need(w.first.Store.LedgerSize(ctx, w.first.Org.ID))(t); after != before+2 {
			t.Errorf("the log grew from %d to %d", before, after)
		}
	})
}
