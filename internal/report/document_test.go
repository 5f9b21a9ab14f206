package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	flags "flag"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

var update = flags.Bool("update", false, "write the golden files anew")

// golden compares with a file in testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed; look at it, and run with -update when it is right", name)
	}
}

// annual is a small report with each kind of block.
func annual(lang string) Document {
	return Document{
		Lang: lang, Title: "Adroddiad partneriaeth ŵŷ “2026”", Subtitle: "Cyngor Sir Tywi – £1,000 & €2",
		Organisation: "Cyngor Sir Tywi", At: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC),
		Meta: []Pair{{"Period", "1 April 2025 to 31 March 2026"}},
		Blocks: []Block{
			Heading{2, "Notices", "notices"},
			Para{[]Span{{Text: "Read "}, {Text: "the register", Href: "https://register.example/cy?a=1&b=2"}, {Text: ", or not "}, {Text: "this", Href: "javascript:alert(1)"}, {Text: ".", Strong: true}}},
			Heading{3, "In time", ""},
			List{[][]Span{Plain("one"), {{Text: "dau", Lang: "cy"}}}},
			Grid{"Notices by class", []string{"Class", "Notices"}, [][]Cell{{{Spans: Plain("B"), Header: true}, {Spans: Plain("12"), Numeric: true}}, {{Spans: Plain("C"), Header: true}}}},
			Quote{Plain("We do not agree.\nSee <our> letter & its annex."), "UNISON"},
			Heading{9, "Deep", "not an id!"},
		},
	}
}

// long is a table over several pages, with a row taller than a page.
func long() Document {
	d := annual("en")
	g := Grid{Caption: "Long", Headings: []string{"Ref", "What", "Hours"}}
	for i := range 120 {
		text := strings.Repeat("words that wrap over lines ", i%7+1)
		if i == 60 {
			text = strings.Repeat("a row that is taller than a page ", 400)
		}
		g.Rows = append(g.Rows, []Cell{{Spans: Plain("DEP-2026-" + strings.Repeat("x", i%9)), Header: true}, TextCell(text), {Spans: Plain("1,234"), Numeric: true}})
	}
	d.Blocks = append(d.Blocks, g, Para{Plain(strings.Repeat("unbroken", 60))})
	return d
}

var writers = map[string]func(io.Writer, Document) error{"html": HTML, "docx": DOCX, "pdf": PDF}

func written(t testing.TB, write func(io.Writer, Document) error, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEqualDocumentsGiveEqualBytes(t *testing.T) {
	t.Parallel()
	for name, write := range writers {
		if !bytes.Equal(written(t, write, long()), written(t, write, long())) {
			t.Errorf("%s differs from one writing to the next", name)
		}
		if err := write(broken0{}, long()); err == nil {
			t.Errorf("%s does not say that it could not be written", name)
		}
		written(t, write, Document{}) // nothing at all is a document too
	}
}

// broken0 takes nothing.
type broken0 struct{}

func (broken0) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestHTMLPage(t *testing.T) {
	t.Parallel()
	golden(t, "document.html", written(t, HTML, annual("cy")))
}

// hostileText draws what strangers write: mark-up, controls, broken UTF-8,
// right-to-left marks, emoji and very long words.
func hostileText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"</title><script>alert(1)</script>", "]]>", "a\x00b\x0bc", "\xff\xfe", "=cmd|' /C calc'!A0", "\"',;\r\n\t", "&amp;&lt;",
		"\u202eRTL", "👩‍⚕️ ŵŷ", strings.Repeat("W", 3000), "\ufffe\uffff", "%s%d)", "(\\)", "\u2028", "",
	}))
}

func hostileDocument(t *rapid.T) Document {
	s := func() string { return hostileText().Draw(t, "text") }
	spans := func() []Span {
		return []Span{{Text: s(), Href: s(), Lang: s()}, {Text: s(), Strong: true}}
	}
	return Document{
		Lang: s(), Title: s(), Subtitle: s(), Organisation: s(), Meta: []Pair{{s(), s()}}, At: time.Unix(1_700_000_000, 0).UTC(),
		Blocks: []Block{
			Heading{rapid.Int().Draw(t, "level"), s(), s()},
			Para{spans()},
			List{[][]Span{spans(), nil}},
			Quote{spans(), s()},
			Grid{},
			Grid{s(), []string{s(), s()}, [][]Cell{{{Spans: spans(), Header: true}, {Spans: spans(), Numeric: true}, {}}, nil}},
		},
	}
}

func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := hostileDocument(t)
		var page, word, pdf bytes.Buffer
		if err := errors.Join(HTML(&page, d), DOCX(&word, d), PDF(&pdf, d)); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(&page)
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Data == "script" || n.Data == "title" && n.FirstChild != nil && n.FirstChild.NextSibling != nil {
				t.Fatalf("a text became mark-up: %s", n.Data)
			}
			for _, a := range n.Attr {
				if u, err := url.Parse(a.Val); a.Key == "href" && (err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
					t.Fatalf("a link to %q", a.Val)
				}
			}
		}
		if err := wellFormed(word.Bytes()); err != nil {
			t.Fatal(err)
		}
		checkPDF(t, pdf.Bytes())
	})
}

// wellFormed reads every part of a Word file.
func wellFormed(file []byte) error {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		for d := xml.NewDecoder(r); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
	return nil
}

func TestWordFile(t *testing.T) {
	t.Parallel()
	file := written(t, DOCX, annual("cy"))
	if err := wellFormed(file); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][]string{
		"word/document.xml": {
			`<w:pStyle w:val="Heading1"/>`, `<w:pStyle w:val="Heading2"/>`, `<w:tblHeader/>`, `r:id="link1"`, "ŵŷ “2026”", "– £1,000 &amp; €2", "We do not agree.</w:t><w:br/>",
			`<w:tblCaption w:val="Notices by class"/>`, `<w:lang w:val="cy-GB"/>`,
		},
		"word/_rels/document.xml.rels": {`Target="https://register.example/cy?a=1&amp;b=2" TargetMode="External"`},
		"docProps/core.xml":            {"<dc:title>Adroddiad partneriaeth ŵŷ", "<dc:language>cy-GB<", "2026-10-01T09:00:00Z"},
		"word/footer1.xml":             {"Tudalen ", `w:instr=" PAGE "`, `w:instr=" NUMPAGES "`},
		"word/styles.xml":              {`<w:lang w:val="cy-GB"/>`, `<w:outlineLvl w:val="0"/>`},
	} {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(b), want) {
				t.Errorf("%s has no %s", name, want)
			}
		}
		if strings.Contains(string(b), "javascript") {
			t.Errorf("%s links to a script", name)
		}
	}
}
