package report

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"beforehand/models"
)

// The limits of what a workbook of evidence holds once unpacked.
const (
	largestPart    = 1 << 30  // bytes of the sheet, which is streamed
	largestSupport = 32 << 20 // bytes of shared texts or of styles, which are held
	mostShared     = 500_000  // shared texts
	lastColumn     = 16_384
)

// readWorkbook reads the first sheet of an XLSX. An archive is read from its
// end, so the bytes go to a file. It has no name, and is gone with the process.
//
// excelize, which the import uses, holds a workbook in memory and shows a number
// as its format rounds it. Here the sheet is streamed, numbers are as they are
// stored, and only what a format makes of them (a day, a time, per cent) is
// taken from the format.
func (d *dataset) readWorkbook(r io.Reader, src *source) (err error) {
	src.most = largestWorkbook
	f, err := os.CreateTemp("", "beforehand-*.xlsx")
	if err != nil {
		return models.FilesAway(err)
	}
	defer func() {
		if left := f.Close(); err == nil {
			err = left
		}
	}()
	if err := os.Remove(f.Name()); err != nil {
		return models.FilesAway(err)
	}
	size, err := io.Copy(f, r)
	if _, ours := errors.AsType[*fs.PathError](err); ours {
		return models.FilesAway(err)
	}
	if err != nil {
		return err
	}
	z, zipErr := zip.NewReader(f, size)
	if zipErr != nil {
		return datasetUnreadable(zipErr)
	}
	if err := checkArchive(z, size); err != nil {
		return err
	}
	d.report.Format, d.report.Encoding = XLSX, "UTF-8"
	b, err := openWorkbook(z)
	if err != nil {
		return err
	}
	if err := b.onlyOneSheet(); err != nil {
		return err
	}
	err = b.rows(b.sheets[0], d.rules.reading, func(number int, cells [][]byte) error { return d.row(number, cells, false) })
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// checkArchive refuses by what the directory says; partReader then holds the
// directory to it.
func checkArchive(z *zip.Reader, size int64) error {
	if len(z.File) > mostParts {
		return datasetUnreadable(fmt.Errorf("%d parts", len(z.File)))
	}
	var sum uint64
	for _, f := range z.File {
		sum += min(f.UncompressedSize64, 1<<40)
	}
	if sum > largestPart || sum > harmlessSize && sum/uint64(max(size, 1)) > highestRatio {
		return datasetTooLarge("1 GiB")
	}
	return nil
}

// book is what is held of a workbook.
type book struct {
	parts  map[string]*zip.File
	sheets []string // their parts, in the order of the tabs
	shared []string
	styles []cellLook
	from04 bool // days count from 1904
}

type bookXML struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Relation string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		Strict   string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
	} `xml:"sheets>sheet"`
}

type relationsXML struct {
	All []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

func openWorkbook(z *zip.Reader) (*book, error) {
	b := &book{parts: map[string]*zip.File{}}
	for _, f := range z.File {
		b.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
	}
	var w bookXML
	var relations relationsXML
	if err := errors.Join(b.decode("xl/workbook.xml", &w), b.decode("xl/_rels/workbook.xml.rels", &relations)); err != nil {
		return nil, datasetUnreadable(err)
	}
	b.from04 = w.Properties.Date1904 == "1" || w.Properties.Date1904 == "true"
	byID := map[string]string{}
	for _, r := range relations.All {
		target := strings.TrimPrefix(r.Target, "/")
		if !strings.HasPrefix(r.Target, "/") {
			target = path.Join("xl", r.Target)
		}
		byID[r.ID] = target
		var err error
		switch path.Base(r.Type) {
		case "sharedStrings":
			err = b.readShared(target)
		case "styles":
			err = b.readStyles(target)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, s := range w.Sheets {
		b.sheets = append(b.sheets, byID[s.Relation+s.Strict])
	}
	if len(b.sheets) == 0 || len(b.sheets) > 1000 {
		return nil, datasetUnreadable(fmt.Errorf("%d sheets", len(b.sheets)))
	}
	return b, nil
}

// onlyOneSheet refuses a workbook that holds anything in a second sheet, hidden
// or not: that is where people keep the key from pseudonyms to names.
func (b *book) onlyOneSheet() error {
	for _, part := range b.sheets[1:] {
		if f := b.parts[strings.ToLower(part)]; f == nil || !strings.Contains(part, "worksheets/") {
			return models.Fail(models.Invalid, "dataset_sheets").With("sheets", len(b.sheets))
		}
		err := b.rows(part, models.Reading{}.Words(), func(_ int, cells [][]byte) error {
			for _, c := range cells {
				if len(c) > 0 {
					return errStop
				}
			}
			return nil
		})
		if errors.Is(err, errStop) {
			return models.Fail(models.Invalid, "dataset_sheets").With("sheets", len(b.sheets))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
