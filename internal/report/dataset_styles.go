package report

import (
	"strings"
)

// cellLook is what a number format makes of a number, as far as it matters.
type cellLook int

const (
	lookNumber cellLook = iota
	lookDay
	lookTime
	lookShare // per cent
)

type stylesXML struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

func (b *book) readStyles(part string) error {
	var s stylesXML
	if err := b.decode(part, &s); err != nil {
		return datasetUnreadable(err)
	}
	own := map[int]cellLook{}
	for _, f := range s.Formats {
		own[f.ID] = lookOf(f.Code)
	}
	for _, c := range s.Cells {
		look, known := own[c.Format]
		if !known {
			look = builtIn(c.Format)
		}
		b.styles = append(b.styles, look)
	}
	return nil
}

// builtIn are the formats that have a number and no text.
func builtIn(id int) cellLook {
	switch {
	case id == 9 || id == 10:
		return lookShare
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 58:
		return lookDay
	case id >= 18 && id <= 22, id >= 32 && id <= 35, id >= 45 && id <= 47:
		return lookTime
	}
	return lookNumber
}

// lookOf reads a format's text, without what is quoted, escaped or bracketed.
func lookOf(code string) cellLook {
	var plain strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			end := strings.IndexByte(code[i+1:], map[byte]byte{'"': '"', '[': ']'}[c])
			if end < 0 {
				return lookNumber
			}
			if inside := strings.ToLower(code[i+1 : i+1+end]); c == '[' && inside != "" && strings.Trim(inside, "hms") == "" {
				plain.WriteByte('h') // [h]:mm is a span of time
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		default:
			plain.WriteByte(c | 0x20)
		}
	}
	s := plain.String()
	switch {
	case strings.HasPrefix(s, "general"):
		return lookNumber
	case strings.ContainsAny(s, "hs"):
		return lookTime
	case strings.ContainsAny(s, "yd"):
		return lookDay
	case strings.Contains(s, "%"):
		return lookShare
	}
	return lookNumber
}
