package report

import (
	"archive/zip"
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// The limits of a packed workbook. XML of spreadsheets shrinks about tenfold;
// what shrinks two hundredfold was made to do harm.
const (
	largestUnzipped = 256 << 20
	harmlessSize    = 8 << 20 // below this no ratio is asked about
	highestRatio    = 200
	mostParts       = 5_000
	lastSheetRow    = 1_048_576 // the format's own limit
)

// readXLSX reads the first sheet, row by row. A formula gives the text that was
// stored with it and is never worked out. A cell gives what a person sees;
// only dates in the reader's own short format are written 2026-09-07, for how
// they look depends on whose machine opens them.
func readXLSX(b []byte) (t Table, err error) {
	// A workbook comes from outside, and excelize is a large reader of a large
	// format: where it panics, the file is at fault and not the server.
	defer func() {
		if p := recover(); p != nil {
			t, err = Table{}, unreadable(fmt.Errorf("excelize: %v", p))
		}
	}()
	if err := checkZip(b); err != nil {
		return Table{}, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{
		UnzipSizeLimit: largestUnzipped,
		// The same limit, so that nothing is unpacked into a temporary folder,
		// which a container may not have.
		UnzipXMLSizeLimit: largestUnzipped,
		ShortDatePattern:  "yyyy-mm-dd",
	})
	if err != nil {
		return Table{}, unreadable(err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return Table{}, unreadable(err)
	}
	defer rows.Close() //nolint:errcheck // nothing was written
	c := collector{t: Table{Format: XLSX, Encoding: "UTF-8"}}
	for n := 0; rows.Next(); n++ {
		if n >= lastSheetRow {
			return Table{}, unreadable(fmt.Errorf("row %d is beyond the last of the format", n+1))
		}
		cells, err := rows.Columns()
		if err != nil {
			return Table{}, unreadable(err)
		}
		if err := c.add(cells, false); err != nil {
			return Table{}, err
		}
	}
	if err := rows.Error(); err != nil {
		return Table{}, unreadable(err)
	}
	return c.table()
}

// checkZip refuses an archive that would fill the memory, by what its directory
// says; the unpacking then fails when the directory lied.
func checkZip(b []byte) error {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return unreadable(err)
	}
	if len(z.File) > mostParts {
		return tooLarge("parts", len(z.File))
	}
	var sum uint64
	for _, f := range z.File {
		if f.UncompressedSize64 > largestUnzipped {
			return tooLarge("max", "256 MiB")
		}
		sum += f.UncompressedSize64
	}
	if sum > largestUnzipped || sum > harmlessSize && sum/uint64(len(b)) > highestRatio {
		return tooLarge("max", "256 MiB")
	}
	return nil
}
