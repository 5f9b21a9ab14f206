package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	pdfreader "github.com/ledongthuc/pdf"
)

// fatal is what *testing.T and *rapid.T share.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// seen is what an independent reader finds in a PDF.
type seen struct {
	text      string
	kinds     map[string]int // of elements
	scopes    map[string]int
	marks     map[[2]int64]bool // page's key and MCID, of the tree
	links     int
	artefacts int
}

var markedContent = regexp.MustCompile(`/(\w+) <</MCID (\d+)>> BDC`)

// checkPDF opens a file with a reader that is not ours and checks what every
// tagged PDF must hold: each marked piece of each page is in the tree, once, and
// the parent tree leads from it to its element.
func checkPDF(t fatal, file []byte) seen {
	t.Helper()
	r, err := pdfreader.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("not a PDF: %v", err)
	}
	s := seen{kinds: map[string]int{}, scopes: map[string]int{}, marks: map[[2]int64]bool{}}
	root := r.Trailer().Key("Root")
	if !root.Key("MarkInfo").Key("Marked").Bool() || root.Key("Lang").Text() == "" || !root.Key("ViewerPreferences").Key("DisplayDocTitle").Bool() {
		t.Fatalf("the catalogue does not say that it is tagged, in what language, with a title")
	}
	tree := root.Key("StructTreeRoot")
	s.walk(t, tree.Key("K"))
	owners := map[int64]pdfreader.Value{}
	nums := tree.Key("ParentTree").Key("Nums")
	for i := 0; i+1 < nums.Len(); i += 2 {
		owners[nums.Index(i).Int64()] = nums.Index(i + 1)
	}
	var text strings.Builder
	count := 0
	for i := 1; i <= r.NumPage(); i++ {
		p := r.Page(i)
		key := p.V.Key("StructParents").Int64()
		content, err := io.ReadAll(p.V.Key("Contents").Reader())
		if err != nil {
			t.Fatalf("page %d: %v", i, err)
		}
		s.artefacts += bytes.Count(content, []byte("/Artifact ")) //nolint:misspell // the standard's name
		for _, m := range markedContent.FindAllStringSubmatch(string(content), -1) {
			var id int64
			_, _ = fmt.Sscan(m[2], &id)
			owner := owners[key].Index(int(id))
			if !s.marks[[2]int64{key, id}] || owner.Key("S").Name() != m[1] {
				t.Fatalf("page %d: piece %d of %s belongs to %q", i, id, m[1], owner.Key("S").Name())
			}
			count++
		}
		for a := range p.V.Key("Annots").Len() {
			link := p.V.Key("Annots").Index(a)
			if owners[link.Key("StructParent").Int64()].Key("S").Name() != "Link" || link.Key("Contents").IsNull() {
				t.Fatalf("page %d: a link belongs to nothing, or says nothing", i)
			}
			s.links++
		}
		said, err := p.GetPlainText(nil)
		if err != nil {
			t.Fatalf("page %d: %v", i, err)
		}
		text.WriteString(said)
	}
	if count != len(s.marks) {
		t.Fatalf("%d pieces are marked and %d are in the tree", count, len(s.marks))
	}
	// The reader begins a line with each piece.
	s.text = strings.ReplaceAll(text.String(), "\n", "")
	return s
}

func (s *seen) walk(t fatal, v pdfreader.Value) {
	t.Helper()
	switch {
	case v.Kind() == pdfreader.Array:
		for i := range v.Len() {
			s.walk(t, v.Index(i))
		}
	case v.Key("Type").Name() == "StructElem":
		s.kinds[v.Key("S").Name()]++
		if scope := v.Key("A").Key("Scope").Name(); scope != "" {
			s.scopes[scope]++
		}
		s.walk(t, v.Key("K"))
	case v.Key("Type").Name() == "MCR":
		at := [2]int64{v.Key("Pg").Key("StructParents").Int64(), v.Key("MCID").Int64()}
		if s.marks[at] {
			t.Fatalf("piece %v is twice in the tree", at)
		}
		s.marks[at] = true
	}
}

func TestPDFIsTagged(t *testing.T) {
	t.Parallel()
	file := written(t, PDF, annual("cy"))
	s := checkPDF(t, file)
	for kind, want := range map[string]int{
		"Document": 1, "H1": 1, "H2": 1, "H3": 1, "H4": 1, "L": 1, "LI": 2, "Lbl": 2, "LBody": 2, "Table": 1, "Caption": 1, "THead": 1, "TBody": 1,
		"TR": 3, "TH": 4, "TD": 2, "BlockQuote": 1, "Link": 1,
	} {
		if s.kinds[kind] != want {
			t.Errorf("%d elements %s, want %d", s.kinds[kind], kind, want)
		}
	}
	if s.scopes["Column"] != 2 || s.scopes["Row"] != 2 || s.links != 1 || s.artefacts == 0 {
		t.Errorf("scopes %v, %d links, %d artefacts", s.scopes, s.links, s.artefacts)
	}
	for _, want := range []string{"ŵŷ “2026”", "– £1,000 & €2", "Read the register, or not this.", "See <our> letter & its annex.", "Tudalen 1 o 1", "ddydd Iau 1 Hydref 2026"} {
		if !strings.Contains(s.text, want) {
			t.Errorf("the text has no %q:\n%s", want, s.text)
		}
	}
	for _, want := range []string{"<pdfuaid:part>1</pdfuaid:part>", "2026-10-01T09:00:00Z", "/FontFile2", "/ToUnicode", "D:20261001090000Z"} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("the file has no %s", want)
		}
	}
	if len(file) > 60_000 {
		t.Errorf("%d bytes: are the fonts whole?", len(file))
	}
}

func TestPDFOfManyPages(t *testing.T) {
	t.Parallel()
	s := checkPDF(t, written(t, PDF, long()))
	if s.kinds["TH"] != 4+3+120 || s.kinds["TR"] != 3+1+120 {
		t.Errorf("%v", s.kinds)
	}
	if n := strings.Count(s.text, "a row that is taller"); n < 390 {
		t.Errorf("the tall row was cut: %d of 400, less one a page", n)
	}
}

// Signs that the fonts lack are told in the file even where they are not drawn.
func TestPDFOfForeignSigns(t *testing.T) {
	t.Parallel()
	file := written(t, PDF, Document{Title: "Signs", Blocks: []Block{Quote{Spans: Plain("soft\u00adhyphen \u202eright to left, 漢字, 👩‍⚕️ and a\u00a0space")}}})
	s := checkPDF(t, file)
	if !strings.Contains(s.text, "softhyphen right to left") {
		t.Errorf("%q", s.text)
	}
	r, err := pdfreader.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r.Page(1).V.Key("Contents").Reader())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("/ActualText <FEFF")) || !bytes.Contains(content, []byte("6F225B57")) {
		t.Error("what cannot be drawn is not told")
	}
}

func TestPDFOfAVeryLongWord(t *testing.T) {
	t.Parallel()
	word := func(n int) Document {
		return Document{Title: "Word", Blocks: []Block{Para{Plain(strings.Repeat("m", n))}}}
	}
	s := checkPDF(t, written(t, PDF, word(20_000)))
	if n := strings.Count(s.text, "m"); n != 20_000 {
		t.Errorf("%d of 20,000 signs", n)
	}
	written(t, PDF, word(1_000_000)) // and it ends
}
