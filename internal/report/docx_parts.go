package report

import (
	"fmt"
	"strings"
	"time"

	"beforehand/frontend/words"
)

// The parts of a Word file (ECMA-376) that are the same, or nearly, in each.
const (
	docxHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	docxSpaces = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	officeRels = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	docxMain   = `application/vnd.openxmlformats-officedocument.wordprocessingml.`

	// docxWidth is the width of the text on A4 with margins of 20 mm, in
	// twentieths of a point.
	docxWidth = 9638

	docxTypes = docxHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="` + docxMain + `document.main+xml"/>` +
		`<Override PartName="/word/footer1.xml" ContentType="` + docxMain + `footer+xml"/>` +
		`<Override PartName="/word/numbering.xml" ContentType="` + docxMain + `numbering+xml"/>` +
		`<Override PartName="/word/settings.xml" ContentType="` + docxMain + `settings+xml"/>` +
		`<Override PartName="/word/styles.xml" ContentType="` + docxMain + `styles+xml"/></Types>`

	docxRels = docxHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="document" Type="` + officeRels + `officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="core" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`

	docxSection = `<w:sectPr><w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="11906" w:h="16838"/>` +
		`<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`

	docxNumbering = docxHead + `<w:numbering ` + docxSpaces + `><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>` +
		`<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="454" w:hanging="284"/></w:pPr></w:lvl>` +
		`</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`
)

func docxCore(d Document) string {
	at := ""
	if !d.At.IsZero() {
		s := d.At.UTC().Format(time.RFC3339)
		at = `<dcterms:created xsi:type="dcterms:W3CDTF">` + s + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + s + `</dcterms:modified>`
	}
	return docxHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + xmlText(d.Title) + `</dc:title><dc:creator>` + xmlText(d.Organisation) + `</dc:creator><dc:language>` + docxLang(d.language()) + `</dc:language>` + at +
		`</cp:coreProperties>`
}

func docxSettings(lang string) string {
	return docxHead + `<w:settings ` + docxSpaces + `><w:themeFontLang w:val="` + docxLang(lang) + `"/></w:settings>`
}

// docxFooter is the number of the page, which Word works out.
func docxFooter(lang string) string {
	field := func(code string) string {
		return `</w:t></w:r><w:fldSimple w:instr=" ` + code + ` "><w:r><w:t>1</w:t></w:r></w:fldSimple><w:r><w:t xml:space="preserve">`
	}
	// The blanks are marks that no catalogue holds, put back as fields.
	said := words.Say(lang, "report.page", map[string]any{"page": "\x01", "pages": "\x02"})
	said = strings.NewReplacer("\x01", field("PAGE"), "\x02", field("NUMPAGES"), "&", "&amp;", "<", "&lt;").Replace(said)
	return docxHead + `<w:ftr ` + docxSpaces + `><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r><w:t xml:space="preserve">` + said + `</w:t></w:r></w:p></w:ftr>`
}

func (b *docx) relations() string {
	var s strings.Builder
	s.WriteString(docxHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, part := range []string{"footer", "numbering", "settings", "styles"} {
		file := part
		if part == "footer" {
			file = "footer1"
		}
		fmt.Fprintf(&s, `<Relationship Id="%s" Type="%s%s" Target="%s.xml"/>`, part, officeRels, part, file)
	}
	for i, href := range b.order {
		fmt.Fprintf(&s, `<Relationship Id="link%d" Type="%shyperlink" Target="%s" TargetMode="External"/>`, i+1, officeRels, xmlText(href))
	}
	s.WriteString(`</Relationships>`)
	return s.String()
}

//nolint:misspell // as the standard spells
func docxStyles(lang string) string {
	style := func(id, name, based, paragraph, run string) string {
		return `<w:style w:type="paragraph" w:styleId="` + id + `"><w:name w:val="` + name + `"/><w:basedOn w:val="` + based + `"/><w:qFormat/><w:pPr>` + paragraph + `</w:pPr><w:rPr>` + run + `</w:rPr></w:style>`
	}
	head := func(n, size int) string {
		return style(fmt.Sprintf("Heading%d", n), fmt.Sprintf("heading %d", n), "Normal",
			fmt.Sprintf(`<w:keepNext/><w:spacing w:before="%d" w:after="80"/><w:outlineLvl w:val="%d"/>`, 420-60*n, n-1), fmt.Sprintf(`<w:b/><w:sz w:val="%d"/>`, size))
	}
	return docxHead + `<w:styles ` + docxSpaces + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="22"/><w:lang w:val="` + docxLang(lang) + `"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		head(1, 40) + head(2, 30) + head(3, 25) + head(4, 22) +
		style("Subtitle", "Subtitle", "Normal", "", `<w:sz w:val="26"/>`) +
		style("Caption", "caption", "Normal", "<w:keepNext/>", "<w:b/>") +
		style("Quote", "Quote", "Normal", `<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="555555"/></w:pBdr><w:ind w:left="400" w:right="400"/>`, "") +
		style("QuoteBy", "Quote by", "Normal", `<w:ind w:left="400"/>`, "") +
		style("ListBullet", "List Bullet", "Normal", `<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="60"/>`, "") +
		style("TableText", "Table text", "Normal", `<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>`, `<w:sz w:val="20"/>`) +
		style("Footer", "footer", "Normal", `<w:jc w:val="right"/>`, `<w:sz w:val="18"/>`) +
		`<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="003A7D"/><w:u w:val="single"/></w:rPr></w:style>` +
		`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblCellMar><w:left w:w="108" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
		`<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>` + docxBorders() + `</w:tblBorders></w:tblPr></w:style></w:styles>`
}

//nolint:misspell // as the standard spells
func docxBorders() string {
	var s strings.Builder
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		s.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="767676"/>`)
	}
	return s.String()
}
