package report

import (
	"encoding/json"
	"io"
	"time"

	"beforehand/models"
)

// CatalogueInfo is what there is to download, for catalogues of open data.
type CatalogueInfo struct {
	URL          string // of the catalogue; the datasets' ids begin with it
	Title        models.Text
	Description  models.Text
	Publisher    models.Text
	PublisherURL string
	Contact      string // a mailbox
	Licence      string // address of the licence
	Modified     time.Time
	Datasets     []CatalogueDataset
}

// CatalogueDataset is one set of data, in several forms.
type CatalogueDataset struct {
	ID          string // within the catalogue: register, history
	Title       models.Text
	Description models.Text
	Keywords    []models.Text
	Issued      time.Time
	Modified    time.Time
	Files       []CatalogueFile
}

// CatalogueFile is one form in which a dataset is downloaded.
type CatalogueFile struct {
	Title     models.Text
	URL       string
	MediaType string // text/csv, application/json, application/atom+xml
}

// Catalogue writes the catalogue as DCAT 2 in JSON-LD (W3C Recommendation of 4
// February 2020), in English and Welsh.
func Catalogue(w io.Writer, c CatalogueInfo) error {
	datasets := make([]any, len(c.Datasets))
	for i, d := range c.Datasets {
		files := make([]any, len(d.Files))
		for j, f := range d.Files {
			files[j] = node{
				"@type": "dcat:Distribution", "dct:title": bilingual(f.Title), "dcat:downloadURL": ref(f.URL), "dcat:accessURL": ref(c.URL),
				"dcat:mediaType": ref("https://www.iana.org/assignments/media-types/" + f.MediaType), "dct:license": ref(c.Licence),
			}
		}
		keywords := []any{}
		for _, k := range d.Keywords {
			keywords = append(keywords, bilingual(k)...)
		}
		datasets[i] = node{
			"@id": c.URL + "#" + d.ID, "@type": "dcat:Dataset", "dct:identifier": d.ID, "dct:title": bilingual(d.Title), "dct:description": bilingual(d.Description),
			"dcat:keyword": keywords, "dct:issued": day(d.Issued), "dct:modified": day(d.Modified), "dct:publisher": ref(c.PublisherURL), "dct:license": ref(c.Licence),
			"dct:language": languages(), "dcat:contactPoint": node{"@type": "vcard:Kind", "vcard:fn": c.Publisher.In(models.English), "vcard:hasEmail": mailbox(c.Contact)},
			"dcat:distribution": files,
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(node{
		"@context": node{
			"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "vcard": "http://www.w3.org/2006/vcard/ns#",
			"xsd": "http://www.w3.org/2001/XMLSchema#",
		},
		"@id": c.URL, "@type": "dcat:Catalog", "dct:title": bilingual(c.Title), "dct:description": bilingual(c.Description),
		"dct:publisher": node{"@id": c.PublisherURL, "@type": "foaf:Agent", "foaf:name": bilingual(c.Publisher)},
		"dct:license":   ref(c.Licence), "dct:language": languages(), "dct:modified": day(c.Modified), "dcat:dataset": datasets,
	})
}

// node is a thing in JSON-LD; encoding/json sorts its names.
type node map[string]any

// ref points at something; nothing is null, which JSON-LD leaves out.
func ref(url string) any {
	if url == "" {
		return nil
	}
	return node{"@id": url}
}

func mailbox(address string) any {
	if address == "" {
		return nil
	}
	return ref("mailto:" + address)
}

func bilingual(t models.Text) []any {
	out := []any{}
	if t.En != "" {
		out = append(out, node{"@value": t.En, "@language": "en"})
	}
	if t.Cy != "" {
		out = append(out, node{"@value": t.Cy, "@language": "cy"})
	}
	return out
}

func languages() []any {
	const authority = "http://publications.europa.eu/resource/authority/language/"
	return []any{ref(authority + "ENG"), ref(authority + "CYM")}
}

func day(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return node{"@value": stamp(t), "@type": "xsd:dateTime"}
}
