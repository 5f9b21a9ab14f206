package api_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"slices"
	"strings"
	"testing"

	tnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"beforehand/api"
	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// fetched is a receipt as it comes, and taken apart by the test's own types.
type fetched struct {
	bytes []byte
	// unions are whose deliveries its entries tell of.
	unions []string
	size   uint64
}

// receiptOf fetches a receipt, and checks it with our verifier and with others'.
func (k *server) receiptOf(t *testing.T, who models.Actor, no string, witnesses ...ledger.Key) fetched {
	t.Helper()
	path := "notices/" + no + "/receipt"
	if who.Anonymous() {
		path += "?organisation=tywi"
	}
	got := k.do(who, "GET", path, nil)
	if got.Status != 200 || got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%.500s %v", got, got.Header)
	}
	var f struct {
		Checkpoint, Document, Type string
		V                          int
		Entries                    []struct {
			Body  string
			Proof []string
			Seq   uint64
		}
		Keys, Witnesses []string
	}
	must(t, json.Unmarshal(got.Body, &f))

	// Ours.
	var keys []ledger.Key
	for _, key := range into[api.List[api.SigningKey]](t, k.do(models.Actor{}, "GET", "signing-keys?organisation=tywi", nil)).Items {
		keys = append(keys, need(ledger.ParseKey(key.Key))(t))
	}
	for _, r := range []receipt.Result{receipt.Check(got.Body, keys), receipt.Check(got.Body, append(keys, witnesses...))} {
		if r.Verdict != receipt.Valid || r.No != no {
			t.Fatalf("%+v %+v", r, r.Fault)
		}
	}
	if r := receipt.Check(got.Body, nil); r.Verdict != receipt.Unproven {
		t.Errorf("without a key: %+v", r)
	}

	// Others': the note, each countersignature, each entry.
	verifiers := []note.Verifier{need(note.NewVerifier(keys[0].String()))(t)}
	for _, w := range witnesses {
		verifiers = append(verifiers, need(tnote.NewVerifierForCosignatureV1(w.String()))(t))
	}
	opened := need(note.Open([]byte(f.Checkpoint), note.VerifierList(verifiers...)))(t)
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) > 0 || len(f.Witnesses) != len(witnesses) {
		t.Errorf("%+v", opened)
	}
	_, size, root := readNote(t, f.Checkpoint)
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Disposition"))
	if err != nil || params["filename"] != fmt.Sprintf("%s-%d.receipt.json", no, size) {
		t.Errorf("%v %v", params, err)
	}
	out := fetched{bytes: got.Body, size: size}
	for _, e := range f.Entries {
		leaf := rfc6962.DefaultHasher.HashLeaf([]byte(e.Body))
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, e.Seq, size, leaf, decodeAll(t, e.Proof), root); err != nil {
			t.Errorf("entry %d: %v", e.Seq, err)
		}
		if proof.VerifyInclusion(rfc6962.DefaultHasher, e.Seq, size, rfc6962.DefaultHasher.HashLeaf([]byte(e.Body+" ")), decodeAll(t, e.Proof), root) == nil {
			t.Errorf("entry %d: any words are proved", e.Seq)
		}
		var body struct {
			Data struct{ Union string }
		}
		must(t, json.Unmarshal([]byte(e.Body), &body))
		if u := body.Data.Union; u != "" && !slices.Contains(out.unions, u) {
			out.unions = append(out.unions, u)
		}
	}
	return out
}

// TestAReceiptHolds fetches the receipts of one notice as everybody, and has
// them checked by libraries that are not ours.
func TestAReceiptHolds(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		k := serve(t, s)
		_, n := k.Noticed(t)
		must(t, k.Acknowledge(ctx, k.Officer, n.No, ""))
		both := []string{k.Unison.ID, k.GMB.ID}
		for name, c := range map[string]struct {
			who  models.Actor
			want []string
		}{
			"the chief digital officer": {k.CDO, both}, "audit": {k.Auditor, both}, "UNISON's officer": {k.Officer, both[:1]}, "UNISON's representative": {k.Rep, both[:1]},
			"GMB's officer": {k.OtherOfficer, both[1:]}, "a councillor": {k.Scrutiny, nil}, "nobody": {models.Actor{}, nil},
		} {
			got := k.receiptOf(t, c.who, n.No)
			slices.Sort(got.unions)
			want := slices.Clone(c.want)
			slices.Sort(want)
			if !slices.Equal(got.unions, want) {
				t.Errorf("%s reads of the deliveries of %q, want %q", name, got.unions, want)
			}
		}
		// The same again is the same, byte for byte, until somebody has countersigned.
		first := k.receiptOf(t, k.Officer, n.No)
		if again := k.receiptOf(t, k.Officer, n.No); string(first.bytes) != string(again.bytes) {
			t.Error("the receipt is another each time")
		}
		w := need(ledger.NewKey("unison.example/witness", true))(t)
		need(k.AddWitness(ctx, k.Officer, register.NewWitness{Label: "UNISON", Kind: models.WitnessUnion, Public: w.String()}))(t)
		c := need(k.SignNow(ctx, k.CDO))(t)
		line := need(ledger.Cosign(need(ledger.ReadNote(c.Note))(t).Text(), w, k.Clock.Now()))(t)
		if got := k.do(models.Actor{}, "POST", known("cosignature/"+fmt.Sprint(c.Size)), line); got.Status != 200 {
			t.Fatal(got)
		}
		if got := k.receiptOf(t, k.Officer, n.No, w.Key); got.size != uint64(c.Size) || string(got.bytes) == string(first.bytes) {
			t.Errorf("it leads to the checkpoint of %d entries, and %d are countersigned", got.size, c.Size)
		}
		// One sign changed, and it is none.
		keys := []ledger.Key{need(ledger.ParseKey(need(k.Keys(ctx, models.Actor{OrgID: k.Org.ID}))(t)[0].Public))(t)}
		if r := receipt.Check([]byte(strings.Replace(string(first.bytes), n.No, "N-2026-998", 1)), keys); r.Verdict != receipt.Invalid {
			t.Errorf("%+v", r)
		}
		if strings.Contains(k.log.String(), `"internal error"`) {
			t.Errorf("something was an internal error:\n%s", k.log)
		}
	})
}

// TestAReceiptShowsNothingWithheld withholds a part of a notice from the public.
func TestAReceiptShowsNothingWithheld(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		k := serve(t, s)
		const secret = "Cyfrinach Cyf"
		rec := k.Record()
		rec.Suppliers[0].Name = secret
		rec.Withheld = []models.Withheld{{Field: "suppliers", Audience: "public", Ground: "Commercial confidence", Until: models.MustDate("2026-12-01"), DecidedBy: "Monitoring officer"}}
		d := need(k.RegisterDeployment(ctx, k.CDO, register.Registration{Record: rec}))(t)
		v := need(k.Move(ctx, k.CDO, d.Ref, d.Version, models.StageFormative, ""))(t)
		draft := need(k.DraftNotice(ctx, k.CDO, v.Ref, registertest.Draft(models.NoticeChange)))(t)
		n := need(k.ServeNotice(ctx, k.CDO, draft.ID, draft.Version))(t)
		must(t, k.DeliverAll(ctx, n))
		for name, who := range map[string]models.Actor{"nobody": {}, "a councillor": k.Scrutiny, "the administrator": k.Admin} {
			k.as(who)
			before := k.state()
			got := k.do(who, "GET", "notices/"+n.No+"/receipt?organisation=tywi", nil)
			if name == "a councillor" && got.Status == 200 { // withheld from the public only
				continue
			}
			if got.Status != 403 || got.problem(t).Code != "receipt_withheld" || strings.Contains(string(got.Body), secret) || got.Header.Get("Content-Disposition") != "" {
				t.Errorf("%s: %.500s", name, got)
				continue
			}
			k.wellFormed(t, got, scenario{code: "receipt_withheld"})
			unchanged(t, before, k.state())
		}
		if got := k.do(models.Actor{}, "GET", "notices/"+n.No+"/receipt?organisation=tywi", nil, headers{"Accept-Language": "cy"}); got.Status != 403 || strings.Contains(string(got.Body), "withheld from you") {
			t.Errorf("in Welsh: %s", got)
		}
		if got := k.receiptOf(t, k.Officer, n.No); !strings.Contains(string(got.bytes), secret) {
			t.Error("a party does not read it")
		}
		k.Clock.SetTo("2026-12-02 09:00") // it is withheld no longer
		if got := k.receiptOf(t, models.Actor{}, n.No); !strings.Contains(string(got.bytes), secret) {
			t.Error("the public does not read it afterwards")
		}
	})
}
