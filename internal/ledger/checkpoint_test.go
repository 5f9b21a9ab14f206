package ledger_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	tlog "github.com/transparency-dev/formats/log"
	tnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"beforehand/internal/ledger"
)

const origin = "ai.tywi.example/ledger/tywi-0a8f4f6f2a10"

func secretOf(t testing.TB, name string, witness bool, seed string) ledger.SecretKey {
	t.Helper()
	raw := sha256.Sum256([]byte(seed))
	return need(ledger.SecretFromSeed(name, witness, raw[:]))(t)
}

func signed(t testing.TB, keys ...ledger.SecretKey) string {
	t.Helper()
	f := grown(23)
	return need(ledger.Sign(ledger.Checkpoint{Origin: origin, Size: 23, Root: need(f.Root(23))(t)}, keys...))(t)
}

// TestOthersReadOurCheckpoints has a checkpoint and a countersignature of ours
// read by another implementation of the C2SP formats, and one of theirs by us.
func TestOthersReadOurCheckpoints(t *testing.T) {
	t.Parallel()
	log, witness := secretOf(t, origin, false, "log"), secretOf(t, "unison.example/witness", true, "unison")
	cp := signed(t, log)
	v := need(note.NewVerifier(log.String()))(t)
	c, rest, n, err := tlog.ParseCheckpoint([]byte(cp), origin, v)
	must(t, err)
	if c.Size != 23 || len(rest) != 0 || len(n.Sigs) != 1 {
		t.Errorf("they read size %d, rest %q, %d signatures", c.Size, rest, len(n.Sigs))
	}
	at := time.Date(2026, 9, 8, 9, 12, 0, 0, time.UTC)
	line := need(ledger.Cosign(need(ledger.ReadNote(cp))(t).Text(), witness, at))(t)
	wv := need(tnote.NewVerifierForCosignatureV1(witness.String()))(t)
	both := need(note.Open([]byte(cp+line), note.VerifierList(v, wv)))(t)
	if len(both.Sigs) != 2 {
		t.Fatalf("they know %d of two signatures", len(both.Sigs))
	}
	for _, s := range both.Sigs {
		if s.Name == witness.Name {
			if when := need(tnote.CoSigV1Timestamp(s))(t); !when.Equal(at) {
				t.Errorf("they read that it was signed at %v", when)
			}
		}
	}

	council := secretOf(t, "council.example/witness", true, "council")
	theirs := need(note.Sign(both, need(tnote.NewSignerForCosignatureV1(council.Secret()))(t)))(t)
	opened, err := ledger.OpenNote(string(theirs), []ledger.Key{log.Key, witness.Key, council.Key})
	must(t, err)
	if len(opened.Signatures) != 3 {
		t.Errorf("we read %d of three signatures", len(opened.Signatures))
	}
}

func TestOpenNote(t *testing.T) {
	t.Parallel()
	log, next, witness := secretOf(t, origin, false, "log"), secretOf(t, origin, false, "next"), secretOf(t, "unison.example/witness", true, "unison")
	other := secretOf(t, "other.example/ledger/x-ffffffffffff", false, "other")
	cp := signed(t, log)
	head, sigs, _ := strings.Cut(cp, "\n\n")
	line := need(ledger.Cosign(need(ledger.ReadNote(cp))(t).Text(), witness, time.Unix(1_800_000_000, 0)))(t)
	root := strings.Split(head, "\n")[2]
	for name, c := range map[string]struct {
		note string
		keys []ledger.Key
		want error
	}{
		"good":                          {cp, []ledger.Key{log.Key}, nil},
		"two keys":                      {signed(t, log, next), []ledger.Key{log.Key, next.Key}, nil},
		"countersigned":                 {cp + line, []ledger.Key{log.Key, witness.Key}, nil},
		"empty":                         {"", nil, ledger.ErrMalformed},
		"no empty line":                 {head, nil, ledger.ErrMalformed},
		"no signature":                  {head + "\n\n", nil, ledger.ErrMalformed},
		"an extension line":             {head + "\nx\n\n" + sigs, []ledger.Key{log.Key}, ledger.ErrMalformed},
		"a size with a nought":          {strings.Replace(cp, "\n23\n", "\n023\n", 1), nil, ledger.ErrMalformed},
		"a size with a sign":            {strings.Replace(cp, "\n23\n", "\n+23\n", 1), nil, ledger.ErrMalformed},
		"a size beyond counting":        {strings.Replace(cp, "\n23\n", "\n99999999999999999999\n", 1), nil, ledger.ErrMalformed},
		"a size below nothing":          {strings.Replace(cp, "\n23\n", "\n-1\n", 1), nil, ledger.ErrMalformed},
		"a root too short":              {strings.Replace(cp, root, root[:40], 1), nil, ledger.ErrMalformed},
		"line breaks of another kind":   {strings.ReplaceAll(cp, "\n", "\r\n"), nil, ledger.ErrMalformed},
		"a hyphen for the dash":         {strings.Replace(cp, "— ", "- ", 1), nil, ledger.ErrMalformed},
		"no last line feed":             {strings.TrimSuffix(cp, "\n"), nil, ledger.ErrMalformed},
		"a signature of nothing":        {head + "\n\n— " + origin + " AAAA\n", nil, ledger.ErrMalformed},
		"too many signatures":           {cp + strings.Repeat(line, 70), nil, ledger.ErrMalformed},
		"far too long":                  {cp + strings.Repeat("x", 70_000), nil, ledger.ErrMalformed},
		"a Cyrillic signer":             {strings.Replace(cp, "— ai.", "— аi.", 1), nil, ledger.ErrLookAlike},
		"a Cyrillic origin":             {strings.Replace(cp, "tywi", "tуwi", 1), nil, ledger.ErrLookAlike},
		"a blank in the origin":         {strings.Replace(cp, "/ledger/", "/led ger/", 1), nil, ledger.ErrLookAlike},
		"another log's key":             {cp, []ledger.Key{other.Key}, ledger.ErrOrigin},
		"an unknown key":                {cp, []ledger.Key{next.Key}, ledger.ErrUnknownKey},
		"no key at all":                 {cp, nil, ledger.ErrUnknownKey},
		"an unknown witness":            {cp + line, []ledger.Key{log.Key}, ledger.ErrUnknownWitness},
		"another size":                  {strings.Replace(cp, "\n23\n", "\n24\n", 1), []ledger.Key{log.Key}, ledger.ErrSignature},
		"a witness of another size":     {signed(t, log) + need(ledger.Cosign("x\n", witness, time.Unix(1_800_000_000, 0)))(t), []ledger.Key{log.Key, witness.Key}, ledger.ErrCosignature},
		"a witness before all time":     {cp + need(ledger.Cosign(head+"\n", witness, time.Unix(0, 0)))(t), []ledger.Key{log.Key, witness.Key}, ledger.ErrCosignature},
		"only a witness":                {head + "\n\n" + line, []ledger.Key{log.Key, witness.Key}, ledger.ErrUnsigned},
		"signed twice":                  {cp + sigs, []ledger.Key{log.Key}, ledger.ErrSignedTwice},
		"a key that has signed nothing": {cp, []ledger.Key{log.Key, next.Key}, ledger.ErrWithoutSignings},
	} {
		_, err := ledger.OpenNote(c.note, c.keys)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := ledger.Sign(ledger.Checkpoint{Origin: origin}, other); !errors.Is(err, ledger.ErrOrigin) {
		t.Errorf("another log's key signs: %v", err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	k := need(ledger.NewKey("council.example/witness", true))(t)
	if got := need(ledger.ParseKey(k.String()))(t); !got.Equal(k.Key) {
		t.Error("a key is not what it was written as")
	}
	if got := need(ledger.ParseSecret(k.Secret() + "\n"))(t); got.Secret() != k.Secret() {
		t.Error("a secret key is not what it was written as")
	}
	for name, s := range map[string]string{
		"nothing": "", "a name": "x", "no key": "x+00000000", "a wrong hash": strings.Replace(k.String(), k.Hash(), "00000000", 1), "a blank after it": k.String() + " ",
		"a line feed within": k.String()[:60] + "\n" + k.String()[60:], "cut short": k.String()[:len(k.String())-4], "no name": k.String()[len(k.Name):],
		"another name": "x" + k.String(), "capitals in the hash": strings.Replace(k.String(), k.Hash(), strings.ToUpper(k.Hash())+"A", 1),
	} {
		if _, err := ledger.ParseKey(s); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range map[string]string{"nothing": "", "a public key": k.String(), "another hash": strings.Replace(k.Secret(), k.Hash(), "00000000", 1), "cut short": k.Secret()[:40]} {
		if _, err := ledger.ParseSecret(s); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("secret, %s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "cоuncil.example", strings.Repeat("x", 201), "a\nb"} {
		if _, err := ledger.NewKey(name, false); !errors.Is(err, ledger.ErrLookAlike) {
			t.Errorf("the name %q: %v", name, err)
		}
	}
}

func TestReadCosignature(t *testing.T) {
	t.Parallel()
	log, witness, other := secretOf(t, origin, false, "log"), secretOf(t, "unison.example/witness", true, "unison"), secretOf(t, "unison.example/witness", true, "other")
	n := need(ledger.ReadNote(signed(t, log)))(t)
	at := time.Date(2026, 9, 8, 9, 12, 0, 0, time.UTC)
	line := need(ledger.Cosign(n.Text(), witness, at))(t)
	if s := need(ledger.ReadCosignature(line, n.Checkpoint, witness.Key))(t); !s.At.Equal(at) || s.Line() != line {
		t.Errorf("read %v %q", s.At, s.Line())
	}
	for name, c := range map[string]struct {
		line string
		key  ledger.Key
		want error
	}{
		"another's":  {line, other.Key, ledger.ErrUnknownWitness},
		"the log's":  {strings.SplitAfter(signed(t, log), "\n\n")[1], log.Key, ledger.ErrUnknownWitness},
		"of another": {need(ledger.Cosign("x\n1\nAAAA\n", witness, at))(t), witness.Key, ledger.ErrCosignature},
		"rubbish":    {"— x", witness.Key, ledger.ErrMalformed},
	} {
		if _, err := ledger.ReadCosignature(c.line, n.Checkpoint, c.key); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := ledger.Cosign(n.Text(), log, at); !errors.Is(err, ledger.ErrKey) {
		t.Errorf("the log countersigns itself: %v", err)
	}
}

func FuzzReadNote(f *testing.F) {
	log := secretOf(f, origin, false, "log")
	cp := signed(f, log)
	f.Add(cp)
	f.Add(strings.Replace(cp, "\n23\n", "\n0\n", 1))
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ledger.ReadNote(s)
		if err != nil {
			return
		}
		again := n.Text() + "\n"
		for _, sig := range n.Signatures {
			again += sig.Line()
		}
		if again != s {
			t.Fatalf("%q was read as %q", s, again)
		}
		if _, err := ledger.OpenNote(s, []ledger.Key{log.Key}); err == nil && s != cp {
			t.Fatalf("%q is signed, and was never", s)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(secretOf(f, origin, false, "log").String())
	f.Add(secretOf(f, "w", true, "w").String())
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := ledger.ParseKey(s); err == nil && k.String() != s {
			t.Fatalf("%q was read as %q", s, k.String())
		}
	})
}
