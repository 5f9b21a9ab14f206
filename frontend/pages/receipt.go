package pages

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// receiptSheet is a receipt as it is printed, on one sheet of paper.
type receiptSheet struct {
	receipt.Result
	file string
	// lines are what the check says, the verdict first.
	lines []string
	// name and organisation are those of the frozen notice.
	name, organisation models.Text
	// hash is that of the checkpoint, which the code holds too.
	hash string
	code code2d
	// logs and witnesses are who has signed.
	logs, witnesses []ledger.Signature
	// base is where this installation is found.
	base string
}

// Receipt shows a receipt as a page that prints on one sheet.
func (p *Pages) Receipt(c *gin.Context) error {
	ctx := c.Request.Context()
	r, err := p.Register.Receipt(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	v, err := receiptOf(ctx, r)
	if err != nil {
		return err
	}
	v.base = p.Register.Address()
	return p.render(c, http.StatusOK, receiptPage(v))
}

// ReceiptFile gives the receipt itself: the same file as the API gives.
func (p *Pages) ReceiptFile(c *gin.Context) error {
	ctx := c.Request.Context()
	r, err := p.Register.Receipt(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+r.Name+`"`)
	c.Data(http.StatusOK, "application/json", r.Bytes)
	return nil
}

func receiptOf(ctx context.Context, r register.Receipt) (receiptSheet, error) {
	v := receiptSheet{Result: r.Result, file: r.Name, lines: r.Result.Words(string(design.Of(ctx).Lang)), hash: receipt.CheckpointHash(r.Result.Note.Checkpoint)}
	v.name.En, v.name.Cy = r.Result.Name.Bilingual()
	v.organisation.En, v.organisation.Cy = r.Result.Organisation.Bilingual()
	for _, s := range r.Result.Note.Signatures {
		if s.By.Witness {
			v.witnesses = append(v.witnesses, s)
		} else {
			v.logs = append(v.logs, s)
		}
	}
	var err error
	v.code, err = codeOf(v.hash)
	return v, err
}

// crumbs lead back to the notice.
func (v receiptSheet) crumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{
		{Text: design.Say(ctx, "page.register.title"), Path: "/register"},
		{Text: design.Say(ctx, "mail.notice.title", "no", v.No), Path: "/notices/" + v.No},
	}
}

// fact is one line of the table of what happened.
type fact struct {
	who, what    string
	at, recorded time.Time
	// silent says that nothing is known to have happened.
	silent bool
}

// facts are what the receipt shows, the serving first, and of whom it shows nothing.
func (v receiptSheet) facts(ctx context.Context) []fact {
	out := []fact{{who: design.In(ctx, v.organisation).Text, what: design.Say(ctx, "page.receipt.recorded"), at: v.RecordedAt, recorded: v.RecordedAt}}
	for _, e := range v.Events {
		what := e.Event
		if code := "deliveryEvent." + e.Event; words.Has(words.English, code) {
			what = design.Say(ctx, code)
		}
		out = append(out, fact{who: e.Union, what: what, at: e.At, recorded: e.RecordedAt})
	}
	for _, union := range v.Silent {
		out = append(out, fact{who: union, what: design.Say(ctx, "page.receipt.silent"), silent: true})
	}
	return out
}

// receiptRows are what was signed, and by whom.
func receiptRows(ctx context.Context, v receiptSheet) []design.Row {
	row := func(code, text string) design.Row {
		return design.Row{Key: design.Say(ctx, code), Value: hashText(text)}
	}
	rows := []design.Row{
		row("page.receipt.notice", v.Hash),
		row("page.receipt.origin", v.Note.Origin),
		row("page.receipt.size", words.Number(string(design.Of(ctx).Lang), int(v.Note.Size))),
		row("page.receipt.root", base64.StdEncoding.EncodeToString(v.Note.Root[:])),
		row("page.receipt.hash", v.hash),
	}
	for _, s := range v.logs {
		rows = append(rows, design.Row{Key: design.Say(ctx, "page.receipt.by") + " " + s.By.Hash(), Value: hashText(s.By.String())})
	}
	witnesses := design.Row{Key: design.Say(ctx, "page.receipt.witnesses"), Value: cosigners(v.witnesses)}
	return append(rows, witnesses)
}

// verify is the whole address at which anybody checks a receipt.
func (v receiptSheet) verify(ctx context.Context) string {
	return v.base + "/" + string(design.Of(ctx).Lang) + "/verify"
}

// code2d is a QR code as a drawing: dark squares on so many rows.
type code2d struct {
	size int
	path string
}

// quiet is how many squares of white a QR code has around it.
const quiet = 4

// codeOf draws a QR code as one path, row by row: each run of dark squares is
// a rectangle of the height of one.
func codeOf(content string) (code2d, error) {
	b, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return code2d{}, err
	}
	size := b.Bounds().Dx()
	dark := func(x, y int) bool {
		if x >= size {
			return false
		}
		r, _, _, _ := b.At(x, y).RGBA()
		return r == 0
	}
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return code2d{size, path.String()}, nil
}

// box is what the drawing shows, with the white around it.
func (q code2d) box() string {
	return fmt.Sprintf("%d %d %d %d", -quiet, -quiet, q.size+2*quiet, q.size+2*quiet)
}
