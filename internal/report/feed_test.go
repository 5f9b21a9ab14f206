package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"pgregory.net/rapid"

	"beforehand/models"
)

func aFeed() Feed {
	return Feed{
		ID: "https://register.example/cy/feed.atom", Title: "Cofrestr Ddeallusrwydd Artiffisial", Subtitle: "ŵŷ & co", Lang: "cy", Updated: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC),
		Author: "Cyngor Sir Tywi", AuthorURL: "https://tywi.example", Self: "https://register.example/cy/feed.atom", Alternate: "https://register.example/cy",
		Variants: []Variant{{"en", "https://register.example/en/feed.atom"}}, Next: "https://register.example/cy/feed.atom?before=2&x=1",
		Licence: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
	}
}

func feedEntry() FeedEntry {
	return FeedEntry{
		ID: "https://register.example/e/1", Title: "Notice served <b>", Summary: "N-2026-014 & more", Link: "https://register.example/cy/deployments/DEP-2026-003",
		Published: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC), Updated: time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC),
		Categories: []Category{{"B", "B: cynorthwyol", "https://register.example/class"}}, Variants: []Variant{{"en", "https://register.example/en/deployments/DEP-2026-003"}},
	}
}

func TestAtomIsReadByAnotherReader(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Atom(&b, aFeed(), each(feedEntry())); err != nil {
		t.Fatal(err)
	}
	golden(t, "feed.atom", b.Bytes())
	f, err := gofeed.NewParser().Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	if f.FeedType != "atom" || f.Title != aFeed().Title || f.FeedLink != aFeed().Self || f.Link != aFeed().Alternate || f.Authors[0].Name != "Cyngor Sir Tywi" || len(f.Items) != 1 {
		t.Errorf("%+v", f)
	}
	i := f.Items[0]
	if i.GUID != feedEntry().ID || i.Title != feedEntry().Title || i.Description != feedEntry().Summary || i.Link != feedEntry().Link || !i.UpdatedParsed.Equal(feedEntry().Updated) || !i.PublishedParsed.Equal(feedEntry().Published) || i.Categories[0] != "B: cynorthwyol" {
		t.Errorf("%+v", i)
	}
}

// strict is a feed as encoding/xml reads it.
type strict struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID    string `xml:"id"`
		Title string `xml:"title"`
	} `xml:"entry"`
}

func TestHostileFeeds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := func() string { return hostileText().Draw(t, "text") }
		f, e := aFeed(), feedEntry()
		f.Title, f.Author, f.Next, f.Lang = s(), s(), s(), s()
		e.ID, e.Title, e.Summary, e.Link, e.Categories[0].Term = "urn:"+s(), s(), s(), s(), s()
		var b bytes.Buffer
		if err := Atom(&b, f, each(e, e)); err != nil {
			t.Fatal(err)
		}
		var got strict
		if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if len(got.Entries) != 2 || got.Entries[0].Title != legible(e.Title) {
			t.Fatalf("%q became %q", e.Title, got.Entries[0].Title)
		}
	})
}

func TestFeedOfAHundredThousand(t *testing.T) {
	all := func(yield func(FeedEntry, error) bool) {
		e := feedEntry()
		for range 100_000 {
			if !yield(e, nil) {
				return
			}
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := Atom(io.Discard, aFeed(), all); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapInuse > before.HeapInuse+8<<20 {
		t.Errorf("the heap grew by %d bytes", after.HeapInuse-before.HeapInuse)
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := CatalogueInfo{
		URL: "https://register.example/catalogue", Title: models.Text{En: "AI register", Cy: "Cofrestr DA"}, Description: models.Text{En: "All of it", Cy: "Y cyfan"},
		Publisher: models.Text{En: "Tywi County Council", Cy: "Cyngor Sir Tywi"}, PublisherURL: "https://tywi.example", Contact: "ai@tywi.example",
		Licence: exportMeta.Licence, Modified: exportMeta.GeneratedAt,
		Datasets: []CatalogueDataset{{
			ID: "register", Title: models.Text{En: "Deployments", Cy: "Defnyddiau"}, Description: models.Text{En: "Current"}, Keywords: []models.Text{{En: "AI", Cy: "DA"}}, Modified: exportMeta.GeneratedAt,
			Files: []CatalogueFile{{models.Text{En: "CSV"}, "https://register.example/register.csv", "text/csv"}, {models.Text{En: "Atom"}, "https://register.example/feed.atom", "application/atom+xml"}},
		}},
	}
	if err := Catalogue(&b, c); err != nil {
		t.Fatal(err)
	}
	golden(t, "catalogue.jsonld", b.Bytes())
	var read map[string]any
	if err := json.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"dcat:Catalog"`, `"dcat:Dataset"`, `"dcat:downloadURL"`, `media-types/text/csv`, `"@language": "cy"`, `"mailto:ai@tywi.example"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %s", want)
		}
	}
	if err := errors.Join(Catalogue(io.Discard, CatalogueInfo{}), Catalogue(&b, c)); err != nil {
		t.Error(err)
	}
}
