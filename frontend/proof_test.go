package frontend

import (
	"crypto/sha256"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/models"
)

// witnessKey is the same key for the same name.
func witnessKey(t *testing.T, name string) ledger.SecretKey {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	return need(ledger.SecretFromSeed(name, true, seed[:]))(t)
}

// trusted are the keys as a page of the log shows them to everybody.
func trusted(t *testing.T, body string) []ledger.Key {
	t.Helper()
	var out []ledger.Key
	for _, m := range regexp.MustCompile(`<code class="app-hash app-key">([^<]+)</code>`).FindAllStringSubmatch(body, -1) {
		out = append(out, need(ledger.ParseKey(html.UnescapeString(m[1])))(t))
	}
	return out
}

func TestTheReceiptOfEachReader(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, n := s.Noticed(t)
	page := "/en/notices/" + n.No + "/receipt"
	unison := s.as(t, "unison")
	unison.post(t, "/en/notices/"+n.No+"/acknowledge", url.Values{"union": {s.Unison.ID}}).wants(t, 303)
	told := unison.get(t, "/en/notices/"+n.No).wants(t, 200, "is acknowledged. The receipt is on its way to you by e-mail", "Receipt of this notice")
	if linkWith(t, told.body, "/receipt") != page {
		t.Error("the receipt is not led to")
	}
	keys := trusted(t, s.browser().get(t, "/en/ledger").wants(t, 200).body)
	if len(keys) != 1 {
		t.Fatalf("%d keys", len(keys))
	}
	const acknowledged, accepted = " acknowledged it on", "The mail server of "
	for who, reads := range map[string]struct{ says, not []string }{
		"unison":  {[]string{"UNISON" + acknowledged, accepted + "UNISON", "Nothing in this receipt shows that it reached GMB."}, []string{accepted + "GMB"}},
		"gmb":     {[]string{accepted + "GMB", "reached UNISON."}, []string{"UNISON" + acknowledged, accepted + "UNISON"}},
		"cdo":     {[]string{"UNISON" + acknowledged, accepted + "GMB"}, []string{"Nothing in this receipt"}},
		"auditor": {[]string{"UNISON" + acknowledged, accepted + "GMB"}, []string{"Nothing in this receipt"}},
		"":        {[]string{"reached UNISON.", "reached GMB.", "shown only to that union"}, []string{acknowledged, accepted, "Acknowledged after sign-in", "Accepted by the mail server"}},
	} {
		t.Run("for "+who, func(t *testing.T) {
			t.Parallel()
			b := s.browser()
			if who != "" {
				b = s.as(t, who)
			}
			a := b.get(t, page).wants(t, 200, append(reads.says, "Receipt of notice "+n.No, "Tywi Council", "Draft case notes", "Valid: dated, signed and unchanged.",
				n.SHA256, keys[0].Hash(), keys[0].String(), keys[0].Name, "Nobody has countersigned this yet.", "/en/verify", "beforehand verify receipt ", "Notice recorded")...).without(t, reads.not...)
			file := b.get(t, page+".json")
			if file.status != 200 || file.header.Get("Content-Type") != "application/json" {
				t.Fatal(file.status, file.header)
			}
			if d := file.header.Get("Content-Disposition"); !regexp.MustCompile(`^attachment; filename="` + n.No + `-\d+\.receipt\.json"$`).MatchString(d) {
				t.Error(d)
			}
			r := receipt.Check([]byte(file.body), keys)
			if r.Verdict != receipt.Valid || r.No != n.No || r.Hash != n.SHA256 {
				t.Fatalf("%+v", r.Fault)
			}
			for _, line := range r.Words("en") {
				if !strings.Contains(a.text, line) {
					t.Errorf("the page does not say %q", line)
				}
			}
			if hash := receipt.CheckpointHash(r.Note.Checkpoint); !strings.Contains(a.text, hash) || !strings.Contains(a.body, "<svg ") {
				t.Error("no hash of the checkpoint, or no code")
			}
			b.get(t, strings.Replace(page, "/en/", "/cy/", 1)).wants(t, 200, "Derbynneb hysbysiad "+n.No, "Cymraeg: Draft case notes", "Dilys: wedi ei ddyddio", "Cofnodwyd yr hysbysiad", "Sut i wirio hyn")
		})
	}
	s.browser().get(t, "/en/notices/N-2026-099/receipt").wants(t, 404)
	s.browser().get(t, "/en/notices/N-2026-099/receipt.json").wants(t, 404)
}

// The code on the page is drawn square by square as it should be.
func TestTheCodeOfAReceipt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, n := s.Noticed(t)
	body := s.browser().get(t, "/en/notices/"+n.No+"/receipt").wants(t, 200).body
	r := receipt.Check([]byte(s.browser().get(t, "/en/notices/"+n.No+"/receipt.json").body), nil)
	want := need(qr.Encode(receipt.CheckpointHash(r.Note.Checkpoint), qr.M, qr.Auto))(t)
	type square struct{ x, y int }
	dark := map[square]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(body, -1) {
		x, y, width := need(strconv.Atoi(m[1]))(t), need(strconv.Atoi(m[2]))(t), need(strconv.Atoi(m[3]))(t)
		for i := range width {
			dark[square{x + i, y}] = true
		}
	}
	size := want.Bounds().Dx()
	for y := range size {
		for x := range size {
			if grey, _, _, _ := want.At(x, y).RGBA(); (grey == 0) != dark[square{x, y}] {
				t.Fatalf("the square at %d, %d is drawn wrongly", x, y)
			}
			delete(dark, square{x, y})
		}
	}
	if len(dark) > 0 || !strings.Contains(body, `viewBox="-4 -4 `+strconv.Itoa(size+8)+" "+strconv.Itoa(size+8)+`"`) {
		t.Errorf("%d squares too many, or no white around them", len(dark))
	}
}

func TestAReceiptWithWithheldWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rec := s.Record()
	rec.Withheld = []models.Withheld{{Field: "suppliers", Audience: "unions", Ground: "Commerce", Until: models.MustDate("2026-10-01"), DecidedBy: "Director"}}
	d := need(s.RegisterDeployment(t.Context(), s.CDO, register.Registration{Record: rec}))(t)
	d2 := need(s.Move(t.Context(), s.CDO, d.Ref, d.Version, models.StageFormative, ""))(t)
	draft := need(s.DraftNotice(t.Context(), s.CDO, d2.Ref, registertest.Draft(models.NoticeChange)))(t)
	n := need(s.ServeNotice(t.Context(), s.CDO, draft.ID, draft.Version))(t)
	for _, b := range []*browser{s.browser(), s.as(t, "unison")} {
		b.get(t, "/en/notices/"+n.No).wants(t, 200).without(t, "Receipt of this notice", "Nodiadau Ltd")
		b.get(t, "/en/notices/"+n.No+"/receipt").wants(t, 403, "holds words that are withheld from you").without(t, "Nodiadau Ltd")
		b.get(t, "/cy/notices/"+n.No+"/receipt.json").wants(t, 403, "geiriau a ddelir yn ôl").without(t, "Nodiadau Ltd")
	}
	s.as(t, "cdo").get(t, "/en/notices/"+n.No+"/receipt").wants(t, 200, "Valid: dated")
}

func TestTheLedger(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/en/ledger"
	s.browser().get(t, page).wants(t, 200, "The log has not been signed yet.", "There is no key yet.", "There are no witnesses yet.").without(t, "Have the log signed now", "Add a witness", "Public keys of")
	_, n := s.Noticed(t)
	offers := map[string][]string{
		"": nil, "rep": nil, "auditor": nil, "manager": nil, "councillor": nil,
		"cdo": {"Have the log signed now"}, "admin": {"Add a witness", "Make a new signing key"},
		"unison": {"Have the log signed now", "Add a witness", "Checkpoints by e-mail"},
	}
	for who, offered := range offers {
		b := s.browser()
		if who != "" {
			b = s.as(t, who)
		}
		a := b.get(t, page).wants(t, 200, "Log and checkpoints", "Nobody has countersigned this yet.", "a notice was served", "Signs now", "Atom feed")
		for _, form := range []string{"Have the log signed now", "Add a witness", "Make a new signing key", "Checkpoints by e-mail"} {
			want := false
			for _, o := range offered {
				want = want || o == form
			}
			if got := strings.Contains(a.text, form); got != want {
				t.Errorf("%q is offered %q: %v", who, form, got)
			}
		}
		for _, at := range []string{"/.well-known/beforehand/tywi/checkpoint", "/.well-known/beforehand/tywi/keys", "/.well-known/beforehand/tywi/checkpoints.atom"} {
			linkWith(t, a.body, at)
		}
		status := map[string]int{"": 303, "admin": 200}[who]
		if status == 0 {
			status = 403
		}
		b.get(t, "/en/ledger/new-key").wants(t, status)
	}
	s.browser().get(t, "/cy/ledger").wants(t, 200, "Y log a’r pwyntiau gwirio", "Nid oes neb wedi cydlofnodi hwn eto.", "cyflwynwyd hysbysiad", "Gwirio derbynneb")
	s.browser().get(t, "/en/ledger?below=1").wants(t, 200, "There are no checkpoints older than that.", "Newest checkpoints")
	s.browser().get(t, "/en/ledger?below=rubbish").wants(t, 200, "a notice was served")
	s.browser().get(t, "/en/notices/"+n.No).wants(t, 200, "Log and checkpoints", "Check a receipt")
}

func TestOlderCheckpoints(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 52 {
		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		need(s.AddServiceArea(t.Context(), s.Admin, models.Text{En: "Area " + string(rune('A'+i)), Cy: "Ardal"}, ""))(t)
		need(s.SignNow(t.Context(), s.CDO))(t)
	}
	first := s.browser().get(t, "/en/ledger").wants(t, 200, "Older checkpoints").without(t, "Newest checkpoints")
	if rows := strings.Count(first.body, ">somebody asked<"); strings.Count(first.text, "somebody asked") != 51 || rows < 50 {
		t.Errorf("%d checkpoints", strings.Count(first.text, "somebody asked"))
	}
	next, _, _ := strings.Cut(linkWith(t, first.body, "below="), "#")
	older := s.browser().get(t, next).wants(t, 200, "Newest checkpoints").without(t, "Older checkpoints")
	if got := strings.Count(older.text, "somebody asked"); got != 3 { // two, and the newest above
		t.Errorf("%d checkpoints on the second page", got)
	}
}

func TestCheckpointsByMail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/en/ledger"
	b := s.as(t, "unison")
	form := func(address, language string) url.Values {
		return url.Values{"do": {"ask"}, "address": {address}, "language": {language}}
	}
	for _, tc := range []struct{ address, says string }{{"", "Give an answer."}, {"not an address", "not an address"}} {
		a := b.post(t, page, form(tc.address, "cy")).wants(t, 422, "There is a problem", "E-mail address of your union: ", tc.says)
		if !strings.Contains(a.body, "<title>Error: ") || !strings.Contains(a.body, `<option value="cy" selected`) {
			t.Error("what was chosen is not kept, or the title does not say Error")
		}
	}
	b.post(t, page, form("log@unison.example", "fr")).wants(t, 422, "Language of these mails: ")
	b.post(t, page, form("log@unison.example", "cy")).wants(t, 303)
	b.get(t, page).wants(t, 200, "Each day’s checkpoint will be sent to log@unison.example.", "is sent to log@unison.example, in Welsh.", "End these mails", "Change the address")
	// Nobody else reads where, and nobody else sets it.
	for who, status := range map[string]int{"gmb": 303, "rep": 403, "cdo": 403, "admin": 403} {
		o := s.as(t, who)
		o.get(t, page).wants(t, 200).without(t, "log@unison.example")
		o.post(t, page, url.Values{"do": {"ask"}, "address": {"x@gmb.example"}, "language": {"en"}}).wants(t, status)
	}
	s.browser().post(t, page, form("x@y.example", "en")).wants(t, 401)
	s.as(t, "cdo").post(t, page, url.Values{"do": {"ask"}, "union": {s.Unison.ID}, "address": {"x@y.example"}, "language": {"en"}}).wants(t, 403)
	b.post(t, page, form("two@unison.example", "en")).wants(t, 303)
	b.get(t, page).wants(t, 200, "is sent to two@unison.example, in English.")

	// Asking wants a fresh proof, and loses nothing of what was typed.
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	ask := b.post(t, page, form("three@unison.example", "en")).wants(t, 403, "Prove that it is you")
	if in(t, ask.body, "carry.address") != "three@unison.example" || in(t, ask.body, "carry.do") != "ask" {
		t.Error("the form is not carried along")
	}
	b.post(t, "/en/prove", url.Values{"next": {page}, "again": {"1"}, "password": {registertest.Password}, "carry.do": {"ask_end"}}).wants(t, 200, "Carry on")
	b.post(t, page, url.Values{"do": {"ask_end"}}).wants(t, 303)
	b.get(t, page).wants(t, 200, "The day’s checkpoint is no longer sent.", "Send each day’s checkpoint").without(t, "End these mails")
	b.post(t, page, url.Values{"do": {"nonsense"}}).wants(t, 404)
}

func TestWitnesses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, n := s.Noticed(t)
	const page = "/en/ledger"
	k, other := witnessKey(t, "unison.example/witness"), witnessKey(t, "audit.example/witness")
	unison, admin := s.as(t, "unison"), s.as(t, "admin")
	add := func(kind, label, key string) url.Values {
		return url.Values{"do": {"add"}, "kind": {kind}, "label": {label}, "key": {key}}
	}
	wrong := unison.post(t, page, add("union", "", "rubbish")).wants(t, 422, "Name of the witness: Give an answer.", "Public key of the witness: This is not the key of a witness.", "Checkpoints by e-mail")
	if !strings.Contains(wrong.body, "\nrubbish</textarea>") {
		t.Error("the key is not kept")
	}
	unison.post(t, page, add("union", "UNISON Sir Tywi", k.String())).wants(t, 303)
	unison.get(t, page).wants(t, 200, "The witness is added.", "UNISON Sir Tywi", k.String(), "Countersigns", "End UNISON Sir Tywi")
	unison.post(t, page, add("union", "Again", k.String())).wants(t, 422, "This key is a witness already.")
	for who, kind := range map[string]string{"cdo": "auditor", "rep": "union", "admin": "union", "unison": "auditor"} {
		a := s.as(t, who).post(t, page, add(kind, "Not allowed", other.String()))
		if a.status != 403 && a.status != 404 {
			t.Errorf("%s adds a witness of the kind %s: %d", who, kind, a.status)
		}
	}
	a := admin.get(t, page).wants(t, 200, "Kind of witness").without(t, "End UNISON Sir Tywi")
	if strings.Contains(a.body, `<option value="union"`) || !strings.Contains(a.body, `<option value="council"`) {
		t.Error("an administrator is offered a union’s witness")
	}
	admin.post(t, page, add("", "Auditor", other.String())).wants(t, 422, "Kind of witness: Give an answer.")
	admin.post(t, page, add("auditor", "Archwilio", other.String())).wants(t, 303)

	// It countersigns, and everybody reads it, on the receipt too.
	public := models.Actor{OrgID: s.Org.ID}
	c := need(s.Checkpoint(t.Context(), public, 0))(t)
	note := need(ledger.ReadNote(c.Note))(t)
	need(s.Cosign(t.Context(), public, c.Size, need(ledger.Cosign(note.Text(), k, s.Clock.Now()))(t)))(t)
	s.browser().get(t, page).wants(t, 200, "UNISON Sir Tywi (union), on 7 September 2026").without(t, "Nobody has countersigned this yet.", "End UNISON")
	s.browser().get(t, "/cy/ledger").wants(t, 200, "UNISON Sir Tywi (undeb), ar 7 Medi 2026", "Archwilio", "archwilydd")
	s.browser().get(t, "/en/notices/"+n.No+"/receipt").wants(t, 200, "unison.example/witness "+k.Hash()+", on 7 September 2026", k.String()).without(t, "Nobody has countersigned")

	id := ""
	for _, w := range need(s.Register.Witnesses(t.Context(), public))(t) {
		if w.Label == "UNISON Sir Tywi" {
			id = w.ID
		}
	}
	unison.post(t, page, url.Values{"do": {"end"}, "id": {id}}).wants(t, 200, "You are about to end this witness: UNISON Sir Tywi.", "Keep it")
	unison.post(t, page, url.Values{"do": {"end"}, "id": {"nobody"}}).wants(t, 404)
	for _, who := range []string{"admin", "gmb", "cdo"} {
		s.as(t, who).post(t, page, url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 403)
	}
	unison.post(t, page, url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 303)
	unison.get(t, page).wants(t, 200, "The witness has ended.", "Ended on 7 September 2026", "UNISON Sir Tywi (union)").without(t, "End UNISON Sir Tywi")
	unison.post(t, page, url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 422, "This witness has ended already.")
}

func TestANewSigningKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	need(s.SignNow(t.Context(), s.CDO))(t)
	const page = "/en/ledger/new-key"
	b := s.as(t, "admin")
	a := b.get(t, page).wants(t, 200, "Make a new signing key", "With 0 days the old key ends at once", "Keep the present key")
	if !strings.Contains(a.body, `name="overlapDays"`) || !strings.Contains(a.body, `value="90"`) {
		t.Error("90 days are not offered")
	}
	for _, days := range []string{"", "-1", "401", "ninety", "99999999999999999999"} {
		r := b.post(t, page, url.Values{"overlapDays": {days}}).wants(t, 422, "Days for which the old key signs too: Give a value from 0 to 400.")
		if days != "" && !strings.Contains(r.body, `value="`+days+`"`) {
			t.Errorf("%q is not kept", days)
		}
	}
	b.post(t, page, url.Values{"overlapDays": {"90"}}).wants(t, 303)
	list := b.get(t, "/en/ledger").wants(t, 200, "The new key is ", "Signs now", "Signs until 6 December 2026")
	if keys := trusted(t, list.body); len(keys) != 2 || keys[0].Name != keys[1].Name {
		t.Errorf("%d keys", len(keys))
	}
	b.post(t, page, url.Values{"overlapDays": {"0"}}).wants(t, 303)
	s.Clock.Set(s.Clock.Now().Add(time.Second))
	s.browser().get(t, "/en/ledger").wants(t, 200, "Signed until 7 September 2026", "Signs now").without(t, "Signs until")
	s.browser().get(t, "/cy/ledger").wants(t, 200, "Bu’n llofnodi tan 7 Medi 2026", "Yn llofnodi nawr")

	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	if ask := b.post(t, page, url.Values{"overlapDays": {"30"}}).wants(t, 403, "Prove that it is you"); in(t, ask.body, "carry.overlapDays") != "30" {
		t.Error("the form is not carried along")
	}
	for _, who := range []string{"cdo", "unison", "auditor"} {
		s.as(t, who).post(t, page, url.Values{"overlapDays": {"0"}}).wants(t, 403)
	}
	s.browser().post(t, page, url.Values{"overlapDays": {"0"}}).wants(t, 401)
}

func TestTheLogIsSignedNow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/en/ledger"
	for _, who := range []string{"cdo", "unison"} {
		b := s.as(t, who)
		b.post(t, page, url.Values{"do": {"sign"}}).wants(t, 303)
		b.get(t, page).wants(t, 200, "The log is signed at ", "somebody asked")
	}
	for who, status := range map[string]int{"manager": 403, "rep": 403} {
		s.as(t, who).post(t, page, url.Values{"do": {"sign"}}).wants(t, status)
	}
	s.browser().post(t, page, url.Values{"do": {"sign"}}).wants(t, 401)
}

func TestBackupsAreRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/en/backups"
	for who, status := range map[string]int{"admin": 200, "auditor": 200, "cdo": 403, "unison": 403} {
		b := s.as(t, who)
		a := b.get(t, page)
		if a.status != status && (status == 200 || a.status != 404) {
			t.Errorf("%s: %d", who, a.status)
		}
		if menu := strings.Contains(b.get(t, "/en/organisation").text, "Backups"); menu != (status == 200) {
			t.Errorf("%s has the entry on the contents page: %v", who, menu)
		}
	}
	s.browser().get(t, page).wants(t, 303)
	b := s.as(t, "auditor")
	b.get(t, page).wants(t, 200, "No backup has been made.", "--backup-dir")
	b.get(t, "/cy/backups").wants(t, 200, "Nid oes copi wrth gefn wedi’i wneud.", "--backup-dir")
	note := func(m models.Backup) {
		t.Helper()
		m.At = s.Clock.Now()
		if err := s.NoteBackup(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	note(models.Backup{Failed: "backup_altered"})
	b.get(t, page).wants(t, 200, "No backup has been good yet.", "Failed The backup was altered or damaged").without(t, "--backup-dir")
	note(models.Backup{Name: "beforehand-1.backup", Bytes: 12_345_678, Entries: 1234, Encrypted: true})
	b.get(t, page).wants(t, 200, "was made on 7 September 2026 at 09:00, less than a day ago.", "beforehand-1.backup", "12.3 MB", "1,234", "Made and tried").without(t, "older than two days")
	s.Clock.Set(s.Clock.Now().Add(49 * time.Hour))
	note(models.Backup{Failed: "backup_altered"})
	b = s.as(t, "auditor")
	b.get(t, page).wants(t, 200, "2 days ago", "The last good backup is older than two days.")
	b.get(t, "/cy/backups").wants(t, 200, "2 ddiwrnod yn ôl", "yn hŷn na deuddydd", "Wedi methu")
}
