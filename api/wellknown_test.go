package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"beforehand/api"
	"beforehand/internal/files"
	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// known is an address of the first organisation that asks nobody to sign in.
func known(path string) string { return "/.well-known/beforehand/tywi/" + path }

// plainText asks for a text of the well-known addresses.
func (k *server) plainText(t *testing.T, path string) string {
	t.Helper()
	got := k.do(models.Actor{}, "GET", path, nil)
	if got.Status != 200 || got.Header.Get("Content-Type") != "text/plain; charset=utf-8" || got.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("%s: %s %v", path, got, got.Header)
	}
	return string(got.Body)
}

// readNote takes a signed note apart with none of our code but its words.
func readNote(t *testing.T, text string) (origin string, size uint64, root []byte) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if len(lines) < 6 || lines[3] != "" || lines[len(lines)-1] != "" {
		t.Fatalf("this is no signed note:\n%s", text)
	}
	for _, l := range lines[4 : len(lines)-1] {
		if !strings.HasPrefix(l, "— ") {
			t.Fatalf("%q is no signature", l)
		}
	}
	size = need(strconv.ParseUint(lines[1], 10, 64))(t)
	root = need(base64.StdEncoding.DecodeString(lines[2]))(t)
	return lines[0], size, root
}

func decodeAll(t *testing.T, lines []string) [][]byte {
	t.Helper()
	out := make([][]byte, len(lines))
	for i, l := range lines {
		out[i] = need(base64.StdEncoding.DecodeString(l))(t)
	}
	return out
}

func rootsOf(hashes [][]byte) []ledger.Root {
	out := make([]ledger.Root, len(hashes))
	for i, h := range hashes {
		out[i] = ledger.Root(h)
	}
	return out
}

// signedTwice is a house whose log was signed at two sizes.
func signedTwice(t *testing.T, s *store.Store) (k *server, old, newer models.Checkpoint) {
	t.Helper()
	k = serve(t, s)
	k.Noticed(t)
	old = need(k.SignNow(t.Context(), k.CDO))(t)
	for i := range 5 {
		need(k.AddBargainingUnit(t.Context(), k.HR, fmt.Sprint("Unit ", i)))(t)
	}
	return k, old, need(k.SignNow(t.Context(), k.CDO))(t)
}

// TestTheLogIsFoundWithoutTheProduct reads the log as a witness of somebody
// else's making would, and checks it with another library.
func TestTheLogIsFoundWithoutTheProduct(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k, old, newer := signedTwice(t, s)
		newest := k.plainText(t, known("checkpoint"))
		for path, want := range map[string]models.Checkpoint{"checkpoint": newer, "checkpoint/" + fmt.Sprint(old.Size): old, "checkpoint/" + fmt.Sprint(newer.Size): newer} {
			text := k.plainText(t, known(path))
			told := into[api.Checkpoint](t, k.do(models.Actor{}, "GET", "checkpoints/"+fmt.Sprint(want.Size)+"?organisation=tywi", nil))
			if text != want.Signed() || told.Note != text || told.Size != want.Size || told.Root != base64.StdEncoding.EncodeToString(want.Root) {
				t.Errorf("%s: %q, the API says %q", path, text, told.Note)
			}
		}
		keys := k.plainText(t, known("keys"))
		if strings.Contains(keys, "PRIVATE") || strings.Count(keys, "\n") != 1 {
			t.Fatalf("keys: %q", keys)
		}
		verifier := need(note.NewVerifier(strings.TrimSuffix(keys, "\n")))(t)
		opened := need(note.Open([]byte(newest), note.VerifierList(verifier)))(t)
		if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
			t.Errorf("%+v", opened)
		}
		origin, _, oldRoot := readNote(t, k.plainText(t, known("checkpoint/"+fmt.Sprint(old.Size))))
		if verifier.Name() != origin || !strings.HasPrefix(origin, "localhost:8080/ledger/tywi-") {
			t.Errorf("the log is %q, its key %q", origin, verifier.Name())
		}

		for _, path := range []string{fmt.Sprintf("consistency/%d/%d", old.Size, newer.Size), fmt.Sprintf("consistency/%d", old.Size)} {
			// C2SP tlog-witness: "old SIZE", the proof, an empty line, the checkpoint.
			head, after, _ := strings.Cut(k.plainText(t, known(path)), "\n\n")
			lines := strings.Split(head, "\n")
			if lines[0] != fmt.Sprintf("old %d", old.Size) || after != newest || len(lines) > 64 {
				t.Fatalf("%s: %q\n%q", path, head, after)
			}
			_, size, root := readNote(t, after)
			hashes := decodeAll(t, lines[1:])
			if len(hashes) == 0 {
				t.Error("a proof of nothing")
			}
			must(t, proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old.Size), size, hashes, oldRoot, root))
			must(t, ledger.CheckConsistency(rootsOf(hashes), old.Size, ledger.Root(oldRoot), newer.Size, ledger.Root(root)))
			hashes[0][0] ^= 1
			if proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old.Size), size, hashes, oldRoot, root) == nil {
				t.Error("any proof proves it")
			}
		}
		for _, same := range []int64{0, newer.Size} {
			if got := k.plainText(t, known("consistency/"+fmt.Sprint(same))); got != fmt.Sprintf("old %d\n\n%s", same, newest) {
				t.Errorf("from %d: %q", same, got)
			}
		}
		// From a size at which nothing was signed, and by the API.
		odd := into[api.Consistency](t, k.do(models.Actor{}, "GET", fmt.Sprintf("checkpoints/%d/consistency?old=%d&organisation=tywi", newer.Size, old.Size), nil))
		if odd.Old != old.Size || odd.New != newer.Size || odd.Note != newest {
			t.Errorf("%+v", odd)
		}
		must(t, proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old.Size), uint64(newer.Size), decodeAll(t, odd.Proof), old.Root, newer.Root))
		if got := k.do(models.Actor{}, "GET", known(fmt.Sprintf("consistency/%d/%d", old.Size+1, newer.Size)), nil); got.Status != 200 {
			t.Errorf("from %d: %s", old.Size+1, got)
		}
	})
}

// TestTheWellKnownAddressesAreNowhereElse asks for what is not there.
func TestTheWellKnownAddressesAreNowhereElse(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k, old, newer := signedTwice(t, s)
		theirs := registertest.Empty(t, s)
		theirs.Found(t, "other") // nothing signed yet
		n, later := fmt.Sprint(newer.Size), fmt.Sprint(newer.Size+1)
		for _, path := range []string{
			"/.well-known/beforehand/atlantis/checkpoint", "/.well-known/beforehand/atlantis/keys", "/.well-known/beforehand/atlantis/consistency/0", "/.well-known/beforehand/atlantis/checkpoints.atom",
			"/.well-known/beforehand/TYWI/checkpoint", "/.well-known/beforehand/tywi%20/checkpoint", "/.well-known/beforehand/" + k.Org.ID + "/checkpoint", "/.well-known/beforehand/tywi",
			"/.well-known/beforehand/other/checkpoint", "/.well-known/beforehand/other/checkpoint/" + n, "/.well-known/beforehand/other/consistency/0",
			"/.well-known/beforehand/tywi%00/checkpoint", "/.well-known/beforehand/%ff/checkpoint", "/.well-known/beforehand/'%20OR%201=1--/checkpoint",
			known("checkpoint/0"), known("checkpoint/-1"), known("checkpoint/" + later), known("checkpoint/0" + n), known("checkpoint/+" + n), known("checkpoint/" + n + ".0"), known("checkpoint/1e3"),
			known("checkpoint/9007199254740993"), known("checkpoint/99999999999999999999"), known("checkpoint/x"), known("checkpoint/%20" + n), known("checkpoint/" + strings.Repeat("9", 5000)), known("checkpoint/٤"),
			known("consistency"), known("consistency/-1"), known("consistency/x"), known("consistency/" + later), known("consistency/9007199254740993"), known("consistency/1/0"),
			known("consistency/1/" + later), known("consistency/" + n + "/" + fmt.Sprint(old.Size)), known("consistency/1/x"), known("nothing"),
		} {
			before := k.state(theirs.Org)
			got := k.do(models.Actor{}, "GET", path, nil)
			if got.Status != 404 {
				t.Errorf("%.80s: %.300s", path, got)
				continue
			}
			k.wellFormed(t, got, scenario{})
			unchanged(t, before, k.state(theirs.Org))
		}
		if got := k.do(models.Actor{}, "GET", known("consistency/"+later), nil); got.problem(t).Code != "later_log" || !strings.Contains(string(got.Body), n) {
			t.Errorf("from a later log: %s", got)
		}
		if got := k.do(models.Actor{}, "GET", known("checkpoint/x"), nil, headers{"Accept-Language": "cy"}); strings.Contains(string(got.Body), "not found") {
			t.Errorf("not in Welsh: %s", got)
		}
		// Nobody has signed the other log, and nobody is made to by asking.
		if got := k.do(models.Actor{}, "GET", "/.well-known/beforehand/other/keys", nil); got.Status != 200 || len(got.Body) > 0 {
			t.Errorf("keys of a log that nobody has signed: %s", got)
		}
		// Whoever is signed in at one organisation reads the one that the address names.
		if got := k.do(k.CDO, "GET", "/.well-known/beforehand/other/checkpoint", nil); got.Status != 404 {
			t.Errorf("the other's by somebody signed in: %s", got)
		}
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
			if got := k.do(models.Actor{}, method, known("checkpoint"), nil); got.Status != 405 {
				t.Errorf("%s: %s", method, got)
			}
		}
	})
}

// TestAWitnessNeedsNoAccount posts what a witness signed to the well-known address.
func TestAWitnessNeedsNoAccount(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		k, old, newer := signedTwice(t, s)
		ctx := t.Context()
		key := need(ledger.NewKey("unison.example/witness", true))(t)
		w := need(k.AddWitness(ctx, k.Officer, register.NewWitness{Label: "UNISON", Kind: models.WitnessUnion, Public: key.String()}))(t)
		line := func(c models.Checkpoint, k ledger.SecretKey, at time.Time) string {
			return need(ledger.Cosign(need(ledger.ReadNote(c.Note))(t).Text(), k, at))(t)
		}
		mine := line(newer, key, k.Clock.Now())
		to := func(c models.Checkpoint) string { return known("cosignature/" + fmt.Sprint(c.Size)) }
		plain := headers{"Content-Type": "text/plain"}

		other := need(ledger.NewKey("unison.example/witness", true))(t)
		raw := strings.Fields(mine)[2]
		for _, bad := range []struct {
			name, path, body string
			status           int
			code             string
		}{
			{"nothing", to(newer), "", 403, "witness_unknown"},
			{"words", to(newer), "I agree", 403, "witness_unknown"},
			{"another's key of the same name", to(newer), line(newer, other, k.Clock.Now()), 403, "witness_unknown"},
			{"of another checkpoint", to(old), mine, 403, "witness_unknown"},
			{"the log's own signature", to(newer), strings.SplitAfter(newer.Note, "\n\n")[1], 403, "witness_unknown"},
			{"a whole checkpoint", to(newer), newer.Note + mine, 403, "witness_unknown"},
			{"a hyphen for the dash", to(newer), "- " + strings.TrimPrefix(mine, "— "), 403, "witness_unknown"},
			{"a carriage return", to(newer), strings.TrimSuffix(mine, "\n") + "\r\n", 403, "witness_unknown"},
			{"two line feeds", to(newer), mine + "\n", 403, "witness_unknown"},
			{"a look-alike name", to(newer), strings.Replace(mine, "unison", "un\u0456son", 1), 403, "witness_unknown"},
			{"half a signature", to(newer), mine[:len(mine)-20] + "\n", 403, "witness_unknown"},
			{"unpadded", to(newer), "— unison.example/witness " + strings.TrimRight(raw, "=") + "\n", 403, "witness_unknown"},
			{"twice", to(newer), mine + mine, 403, "witness_unknown"},
			{"70 lines", to(newer), strings.Repeat(mine, 70), 403, "witness_unknown"},
			{"in an hour", to(newer), line(newer, key, k.Clock.Now().Add(time.Hour)), 422, "invalid"},
			{"bytes", to(newer), "— unison.example/witness \xff\xfe\n", 403, "witness_unknown"},
			{"NUL", to(newer), "— unison.example/witness\x00 AAAA\n", 403, "witness_unknown"},
			{"20,001 bytes", to(newer), strings.Repeat("x", 20_001), 413, "too_large"},
			{"over 1 MiB", to(newer), strings.Repeat("x", 1<<20+1), 413, "body_too_large"},
			{"a size that nobody signed", known("cosignature/" + fmt.Sprint(newer.Size+1)), mine, 404, "not_found"},
			{"no size", known("cosignature/0"), mine, 404, "not_found"},
			{"below nought", known("cosignature/-1"), mine, 404, "not_found"},
			{"no number", known("cosignature/x"), mine, 404, "not_found"},
			{"another organisation", strings.Replace(to(newer), "tywi", "atlantis", 1), mine, 404, "not_found"},
		} {
			before := k.state()
			got := k.do(models.Actor{}, "POST", bad.path, bad.body, plain)
			if got.Status != bad.status {
				t.Errorf("%s: %.300s, want %d", bad.name, got, bad.status)
				continue
			}
			k.wellFormed(t, got, scenario{code: bad.code})
			unchanged(t, before, k.state())
		}
		for name, h := range map[string]headers{"a cross-site form": {"Sec-Fetch-Site": "cross-site"}, "a page elsewhere": {"Origin": "https://evil.example"}} {
			before := k.state()
			if got := k.do(models.Actor{}, "POST", to(newer), mine, plain, h); got.Status != 403 || got.problem(t).Code != "cross_origin" {
				t.Errorf("%s: %s", name, got)
			}
			unchanged(t, before, k.state())
		}

		size := need(s.LedgerSize(ctx, k.Org.ID))(t)
		got := k.do(models.Actor{}, "POST", to(newer), mine, plain)
		if got.Status != 200 || string(got.Body) != newer.Note+mine || k.plainText(t, known("checkpoint")) != newer.Note+mine {
			t.Fatalf("%s", got)
		}
		told := into[api.Checkpoint](t, k.do(models.Actor{}, "GET", "checkpoints/"+fmt.Sprint(newer.Size)+"?organisation=tywi", nil))
		if told.Note != newer.Note+mine || len(told.Cosignatures) != 1 || told.Cosignatures[0].Witness != w.ID || told.Cosignatures[0].Line != mine {
			t.Errorf("%+v", told)
		}
		if f := k.feed(t, nil); f.Entries[0].Content.Text != newer.Note+mine {
			t.Errorf("the feed has %q", f.Entries[0].Content.Text)
		}
		if grown := need(s.LedgerSize(ctx, k.Org.ID))(t); grown != size+1 {
			t.Errorf("the log grew from %d to %d", size, grown)
		}
		// The same again, at another time: the first stays, and nothing is written.
		before := k.state()
		for _, again := range []string{mine, line(newer, key, k.Clock.Now().Add(time.Minute))} {
			if got := k.do(models.Actor{}, "POST", to(newer), again, plain); got.Status != 200 || string(got.Body) != newer.Note+mine {
				t.Errorf("again: %s", got)
			}
		}
		unchanged(t, before, k.state())
		if strings.Contains(k.log.String(), `"internal error"`) {
			t.Errorf("something was an internal error:\n%s", k.log)
		}
	})
}

// parsedFeed is an Atom feed as somebody else's reader would read it.
type parsedFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      []string `xml:"http://www.w3.org/2005/Atom id"`
	Title   []string `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string `xml:"http://www.w3.org/2005/Atom updated"`
	Author  []struct {
		Name []string `xml:"http://www.w3.org/2005/Atom name"`
	} `xml:"http://www.w3.org/2005/Atom author"`
	Links   []parsedLink `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      []string     `xml:"http://www.w3.org/2005/Atom id"`
		Title   []string     `xml:"http://www.w3.org/2005/Atom title"`
		Updated []string     `xml:"http://www.w3.org/2005/Atom updated"`
		Links   []parsedLink `xml:"http://www.w3.org/2005/Atom link"`
		Content struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

type parsedLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

// feed reads the feed and holds it against what RFC 4287 says a feed must have.
func (k *server) feed(t *testing.T, h headers) parsedFeed {
	t.Helper()
	got := k.do(models.Actor{}, "GET", known("checkpoints.atom"), nil, h)
	if got.Status != 200 || got.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" || got.Header.Get("Vary") != "Accept-Language" {
		t.Fatalf("%s %v", got, got.Header)
	}
	var f parsedFeed
	must(t, xml.Unmarshal(got.Body, &f))
	one := func(what string, values []string) string {
		if len(values) != 1 || strings.TrimSpace(values[0]) == "" {
			t.Errorf("%s: %q, want one", what, values)
			return ""
		}
		return values[0]
	}
	iri := func(what, s string) {
		if u, err := url.Parse(s); err != nil || !u.IsAbs() {
			t.Errorf("%s: %q is no absolute IRI", what, s)
		}
	}
	date := func(what string, values []string) time.Time {
		at, err := time.Parse(time.RFC3339, one(what, values))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return at
	}
	iri("the id", one("the id", f.ID))
	one("the title", f.Title)
	date("updated", f.Updated)
	if len(f.Author) != 1 {
		t.Fatalf("%d authors", len(f.Author))
	}
	one("the author", f.Author[0].Name)
	if len(f.Links) != 1 || f.Links[0].Rel != "self" || f.Links[0].Type != "application/atom+xml" {
		t.Errorf("links %+v", f.Links)
	}
	ids, last := map[string]bool{}, time.Time{}
	for i, e := range f.Entries {
		id := one("the id of an entry", e.ID)
		iri("the id of an entry", id)
		if ids[id] {
			t.Errorf("%s twice", id)
		}
		ids[id] = true
		one("the title of an entry", e.Title)
		at := date("updated", e.Updated)
		if i > 0 && at.After(last) {
			t.Errorf("entry %d is newer than the one before it", i)
		}
		last = at
		if len(e.Links) != 1 || e.Links[0].Rel != "alternate" || e.Content.Type != "text" || e.Content.Text == "" {
			t.Errorf("%+v", e)
		}
	}
	if len(f.Entries) > 0 && f.Updated[0] != f.Entries[0].Updated[0] {
		t.Errorf("updated %s, its newest %s", f.Updated[0], f.Entries[0].Updated[0])
	}
	return f
}

func TestTheFeedIsOne(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		k := serve(t, s)
		if f := k.feed(t, nil); len(f.Entries) > 0 {
			t.Errorf("nothing was signed, and it has %d entries", len(f.Entries))
		}
		o := need(k.Organisation(ctx, k.Admin))(t)
		const hostile = `Tywi & "<script>alert(1)</script>]]>`
		need(k.Configure(ctx, k.Admin, o.Version, register.Configuration{Name: models.Text{En: hostile, Cy: "Cyngor Tywi"}, Zone: "Europe/London", Profile: "wales-partnership"}))(t)
		var signed []models.Checkpoint
		for i := range 55 {
			need(k.AddBargainingUnit(ctx, k.HR, fmt.Sprint("Unit ", i)))(t)
			signed = append(signed, need(k.SignNow(ctx, k.CDO))(t))
		}
		f := k.feed(t, nil)
		if f.Lang != "en" || f.Author[0].Name[0] != hostile || !strings.Contains(f.Title[0], hostile) || len(f.Entries) != 50 {
			t.Fatalf("%q by %+v in %q, %d entries", f.Title, f.Author, f.Lang, len(f.Entries))
		}
		for i, e := range f.Entries {
			c := signed[len(signed)-1-i]
			if e.Content.Text != c.Note || !strings.HasSuffix(e.ID[0], known("checkpoint/"+fmt.Sprint(c.Size))) || e.Links[0].Href != e.ID[0] {
				t.Errorf("entry %d: %+v, want %q", i, e, c.Note)
			}
		}
		at := need(url.Parse(f.Entries[3].Links[0].Href))(t)
		if k.plainText(t, at.Path) != f.Entries[3].Content.Text {
			t.Errorf("%s is something else", at)
		}
		welsh := k.feed(t, headers{"Accept-Language": "cy"})
		if welsh.Lang != "cy" || welsh.Author[0].Name[0] != "Cyngor Tywi" || welsh.Title[0] == f.Title[0] || welsh.ID[0] != f.ID[0] || welsh.Entries[0].ID[0] != f.Entries[0].ID[0] {
			t.Errorf("%q by %+v in %q", welsh.Title, welsh.Author, welsh.Lang)
		}
	})
}

// TestHeadIsGetWithoutItsBody asks for the headers alone.
func TestHeadIsGetWithoutItsBody(t *testing.T) {
	t.Parallel()
	k, old, _ := signedTwice(t, storetest.Open(t, "sqlite"))
	file := need(k.Attach(t.Context(), k.CDO, "a.txt", []byte("text")))(t)
	address, _, err := k.Link(t.Context(), k.CDO, file.ID, 1)
	must(t, err)
	size := fmt.Sprint(old.Size)
	for _, path := range []string{
		known("checkpoint"), known("checkpoint/" + size), known("keys"), known("consistency/" + size), known("consistency/1/" + size), known("checkpoints.atom"),
		strings.TrimPrefix(address, registertest.BaseURL), known("checkpoint/x"), "/.well-known/beforehand/atlantis/keys",
	} {
		get, head := k.do(models.Actor{}, "GET", path, nil), k.do(models.Actor{}, "HEAD", path, nil)
		if head.Status != get.Status || len(head.Body) > 0 || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: %s, and by GET %.200s", path, head, get)
		}
	}
}

// TestALinkOpensOneFileForAWhile follows a link that was made for somebody
// without an account.
func TestALinkOpensOneFileForAWhile(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := newWorldOn(t, s)
		ctx := t.Context()
		words := []byte("Received, 7 September 2026.\n")
		file := need(w.first.Attach(ctx, w.first.CDO, "receipt.txt", words))(t)
		theirs := need(w.second.Attach(ctx, w.second.CDO, "theirs.txt", []byte("theirs")))(t)
		made := w.allowed(t, w.people["hr"], "POST", "attachments/"+file.ID+"/links", object{"hours": 1}, headers{"Idempotency-Key": "link"})
		link := into[api.Link](t, made)
		token, ok := strings.CutPrefix(link.URL, registertest.BaseURL+"/shared/")
		if made.Status != 201 || !ok || strings.ContainsAny(token, "/?#&") {
			t.Fatalf("%s", made)
		}
		if _, err := s.Idempotency(ctx, w.Org.ID, w.HR.UserID, "link"); models.KindOf(err) != models.NotFound {
			t.Errorf("the answer with the link in it was kept: %v", err)
		}
		until := need(time.Parse(time.RFC3339, link.Until))(t)
		if left := until.Sub(w.first.Clock.Now()); left > time.Hour || left < time.Hour-time.Minute {
			t.Errorf("it opens until %s", link.Until)
		}
		open := func(token string) answer { return w.do(models.Actor{}, "GET", "/shared/"+token, nil) }
		got := open(token)
		if got.Status != 200 || !bytes.Equal(got.Body, words) {
			t.Fatalf("%s", got)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Disposition": `attachment; filename=receipt.txt`, "X-Content-Type-Options": "nosniff", "Content-Type": "text/plain"} {
			if got.Header.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
			}
		}
		if got.Header.Get("Set-Cookie") != "" || strings.Contains(got.Header.Get("Content-Security-Policy"), "script-src *") {
			t.Errorf("%v", got.Header)
		}

		// The tests' installation has a key of sevens: what only it could make, and did not.
		links := need(files.NewLinks(bytes.Repeat([]byte{7}, 32)))(t)
		soon := w.first.Clock.Now().Add(time.Hour)
		flipped := []byte(token)
		flipped[len(flipped)/2] ^= 1
		forged := map[string]string{
			"changed": string(flipped), "cut": token[:len(token)-4], "longer": token + "AAAA", "padded": token + "==", "nothing known": "AAAA", "dots": "..", "very long": strings.Repeat("A", 8000),
			"of another key":                        need(files.NewLinks(bytes.Repeat([]byte{8}, 32)))(t).Make(w.Org.ID+"/"+file.ID, soon),
			"another organisation's file as ours":   links.Make(w.Org.ID+"/"+theirs.ID, soon),
			"our file as another organisation's":    links.Make(w.second.Org.ID+"/"+file.ID, soon),
			"no organisation":                       links.Make(file.ID, soon),
			"a file that there is not":              links.Make(w.Org.ID+"/01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10", soon),
			"a path":                                links.Make(w.Org.ID+"/../../etc/passwd", soon),
			"the id of a file":                      file.ID,
			"the id and the organisation, unsigned": base64.RawURLEncoding.EncodeToString([]byte(w.Org.ID + "/" + file.ID)),
		}
		before := w.state(w.second.Org)
		for name, token := range forged {
			got := open(token)
			if got.Status != 404 {
				t.Errorf("%s: %.300s", name, got)
				continue
			}
			w.wellFormed(t, got, scenario{code: "not_found"})
		}
		if got := w.do(models.Actor{}, "POST", "/shared/"+token, nil); got.Status != 405 {
			t.Errorf("POST: %s", got)
		}
		w.later(time.Hour)
		if got := open(token); got.Status != 410 || got.problem(t).Code != "link_expired" {
			t.Errorf("expired: %s", got)
		}
		unchanged(t, before, w.state(w.second.Org))

		// Whoever reads the server's log, or the organisation's, opens nothing with it.
		if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), token[10:40]) {
			t.Error("the link stands in the server's log")
		}
		if !strings.Contains(w.log.String(), "/shared/:token") {
			t.Error("that a link was opened does not stand in the server's log")
		}
		rows := need(w.first.Ledger(ctx, w.first.Auditor, 0, 1000))(t)
		noted := false
		for _, row := range rows {
			noted = noted || row.Verb == "attachment.link" && row.Subject == file.ID
			if strings.Contains(row.Body, token) {
				t.Errorf("the link stands in the organisation's log: %s", row.Body)
			}
		}
		if !noted {
			t.Error("that it was made does not stand in the organisation's log")
		}
	})
}

// TestTheNameOfAFileIsOnlyAName hands in files whose names would be something
// else, and opens them by a link and by the API.
func TestTheNameOfAFileIsOnlyAName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{
		"a\r\nSet-Cookie: x=y\r\n\r\n<script>", `a"; filename="evil.html`, "a;filename*=utf-8''evil.exe", "../../../etc/passwd", `..\..\win.ini`, "\x00.txt", "Derbynneb Siân.txt", "收据.txt",
		strings.Repeat("x", 190) + ".txt", "\u202etxt.exe", " ", "...", "\\", "a\tb", "=?utf-8?q?x?=",
	} {
		got := w.do(w.CDO, "POST", "attachments?name="+url.QueryEscape(name), []byte("text"), headers{"Content-Type": "application/octet-stream"})
		if got.Status == 422 { // what nobody types is refused at the door
			continue
		}
		file := into[api.Attachment](t, got)
		link := into[api.Link](t, w.allowed(t, w.people["hr"], "POST", "attachments/"+file.ID+"/links", object{"hours": 1}))
		for _, got := range []answer{
			w.do(models.Actor{}, "GET", strings.TrimPrefix(link.URL, registertest.BaseURL), nil), w.do(w.CDO, "GET", "attachments/"+file.ID, nil),
		} {
			d := got.Header.Get("Content-Disposition")
			kind, params, err := mime.ParseMediaType(d)
			if got.Status != http.StatusOK || err != nil || kind != "attachment" || len(params) != 1 || params["filename"] != file.Name {
				t.Errorf("%q: %d, %q: %v %v", name, got.Status, d, params, err)
			}
			if got.Header.Get("Set-Cookie") != "" || strings.ContainsAny(d, "\r\n\x00") || strings.ContainsAny(params["filename"], "/\\\r\n\"") {
				t.Errorf("%q: %v", name, got.Header)
			}
		}
	}
}
