package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"beforehand/frontend/words"
	"beforehand/internal/fetch"
	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
	"beforehand/internal/register"
	"beforehand/models"
)

// exitUnproven is for a receipt in which everything agrees, checked without a
// key that its reader had from elsewhere.
const exitUnproven = 3

// exitLater is for a receipt from a later log than the one it was held against.
const exitLater = 4

type verifyCmd struct {
	Receipt verifyReceiptCmd `cmd:"" help:"Check a receipt, offline. Exits 0 valid, 1 not valid, 3 valid but for whose key it is, 4 from a later log than this one, 2 error."`
	Log     verifyLogCmd     `cmd:"" help:"Check this register's whole log: entries, tree, checkpoints, and the notices, deliveries and comments that it speaks of. Exits 0 good, 1 altered, 2 error."`
	Between verifyBetweenCmd `cmd:"" help:"Check that of two checkpoints the older log is the beginning of the newer. Exits 0 so, 1 not so, 3 so but for whose keys they are, 2 error."`
	Backup  verifyBackupCmd  `cmd:"" help:"Restore a backup into a scratch place and compare the heads of its logs. Exits 0 good, 1 bad, 2 error."`
}

// keyFlags are the keys that somebody has from elsewhere.
type keyFlags struct {
	Key []string `help:"Public key that the union was given, or a file of keys, one a line. May be given several times." placeholder:"KEY|FILE" sep:"none"`
}

func (k keyFlags) keys() ([]ledger.Key, error) {
	var out []ledger.Key
	for _, given := range k.Key {
		text := given
		if b, err := os.ReadFile(given); err == nil { //nolint:gosec // who starts the program names the file
			text = string(b)
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			key, err := ledger.ParseKey(line)
			if err != nil {
				return nil, models.Fail(models.Invalid, "not_a_key").With("key", shortened(line)).Because(err)
			}
			out = append(out, key)
		}
	}
	return out, nil
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

type verifyReceiptCmd struct {
	File string `arg:"" help:"The receipt; - is standard input."`
	keyFlags
	Here bool `help:"Also hold it against the register in the data folder, or --database."`
}

func (cmd *verifyReceiptCmd) Run(ctx context.Context, g *Globals, c *console) error {
	keys, err := cmd.keys()
	if err != nil {
		return err
	}
	b, err := cmd.read(c)
	if err != nil {
		return err
	}
	r := receipt.Check(b, keys)
	lines := r.Words(g.Language)
	code := map[receipt.Verdict]exit{receipt.Valid: exitOK, receipt.Invalid: exitBlocked, receipt.Unproven: exitUnproven}[r.Verdict]
	if cmd.Here && r.Verdict != receipt.Invalid {
		standing, size, err := cmd.standing(ctx, g, c, r)
		if err != nil {
			return err
		}
		lines = append(lines, words.Say(g.Language, "receipt.standing."+string(standing), map[string]any{"size": words.Number(g.Language, int(size))}))
		switch standing {
		case register.StandingLater:
			code = exitLater
		case register.StandingOther, register.StandingForeign:
			code = exitBlocked
		case register.StandingSame:
		}
	}
	if _, err := fmt.Fprintln(c.out, strings.Join(lines, "\n")); err != nil || code == exitOK {
		return err
	}
	return code
}

// mostRead is more than any receipt has: what is longer, the check refuses.
const mostRead = 8 << 20

func (cmd *verifyReceiptCmd) read(c *console) ([]byte, error) {
	if cmd.File == "-" {
		return io.ReadAll(io.LimitReader(c.in, mostRead))
	}
	f, err := os.Open(cmd.File)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return io.ReadAll(io.LimitReader(f, mostRead))
}

func (cmd *verifyReceiptCmd) standing(ctx context.Context, g *Globals, c *console, r receipt.Result) (register.Standing, int64, error) {
	p, err := g.openThere(ctx, c, mailSettings{})
	if err != nil {
		return "", 0, err
	}
	defer p.close()
	return p.register.Stands(ctx, r.Note.Checkpoint, r.First)
}

type verifyLogCmd struct {
	JSON bool `name:"json" help:"Print JSON on standard output."`
}

func (cmd *verifyLogCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.openThere(ctx, c, mailSettings{})
	if err != nil {
		return err
	}
	defer p.close()
	audits, err := p.auditLogs(ctx, g.Organisation)
	if err != nil {
		return err
	}
	bad := false
	for _, a := range audits {
		bad = bad || len(a.Findings) > 0
		if !cmd.JSON {
			for _, line := range auditWords(g.Language, a) {
				fmt.Fprintln(c.out, line)
			}
		}
	}
	if cmd.JSON {
		if err := printJSON(c.out, audits); err != nil {
			return err
		}
	}
	if bad {
		return exit(exitBlocked)
	}
	return nil
}

// auditLogs checks the log of one organisation, or of all.
func (p *parts) auditLogs(ctx context.Context, slug string) ([]register.LogAudit, error) {
	all, err := p.register.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	if slug != "" {
		org, err := p.organisation(ctx, slug)
		if err != nil {
			return nil, err
		}
		all = []models.Organisation{org}
	}
	var out []register.LogAudit
	for _, org := range all {
		a, err := p.register.AuditLog(ctx, org)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func auditWords(lang string, a register.LogAudit) []string {
	params := map[string]any{
		"organisation": a.Organisation, "size": words.Number(lang, int(a.Size)), "checkpoints": words.Number(lang, a.Checkpoints),
		"root": base64.StdEncoding.EncodeToString(a.Root[:]),
	}
	if len(a.Findings) == 0 {
		return []string{words.Say(lang, "log.good", params)}
	}
	out := []string{words.Say(lang, "log.bad", params)}
	for _, f := range a.Findings {
		out = append(out, "- "+words.Say(lang, f.Code, f.Params))
	}
	return out
}

type verifyBetweenCmd struct {
	Old string `arg:"" help:"File of the older checkpoint." type:"existingfile"`
	New string `arg:"" help:"File of the newer checkpoint, or of the organisation's answer with its proof." type:"existingfile"`
	keyFlags
	From string `help:"Address of the organisation's log, such as https://ai.council.example/.well-known/beforehand/council; the proof is asked for there." placeholder:"URL"`
	Here bool   `help:"Take the proof from the register in the data folder, or --database."`
}

func (cmd *verifyBetweenCmd) Run(ctx context.Context, g *Globals, c *console) error {
	keys, err := cmd.keys()
	if err != nil {
		return err
	}
	older, err := readNoteFile(cmd.Old, keys)
	if err != nil {
		return err
	}
	newer, proof, err := readProofFile(cmd.New, keys)
	if err != nil {
		return err
	}
	say := func(code exit, key string) error {
		fmt.Fprintln(c.out, words.Say(g.Language, "between."+key, map[string]any{
			"origin": older.Origin, "old": words.Number(g.Language, int(older.Size)), "new": words.Number(g.Language, int(newer.Size)), "other": newer.Origin,
		}))
		if len(keys) == 0 {
			fmt.Fprintln(c.out, words.Say(g.Language, "between.no_keys", nil))
		}
		switch {
		case code != exitOK:
			return code
		case len(keys) == 0:
			return exit(exitUnproven)
		}
		return nil
	}
	if older.Origin != newer.Origin {
		return say(exitBlocked, "origins")
	}
	if older.Size > newer.Size {
		return say(exitBlocked, "order")
	}
	if older.Size == newer.Size {
		if older.Root == newer.Root {
			return say(exitOK, "same")
		}
		return say(exitBlocked, "forked")
	}
	if proof == nil {
		if proof, err = cmd.proof(ctx, g, c, older.Checkpoint, newer.Checkpoint); err != nil {
			return err
		}
	}
	if ledger.CheckConsistency(proof, older.Size, older.Root, newer.Size, newer.Root) != nil {
		return say(exitBlocked, "rewritten")
	}
	return say(exitOK, "continued")
}

// readNoteFile reads a checkpoint; with keys, one of them must have signed it.
func readNoteFile(path string, keys []ledger.Key) (ledger.Note, error) {
	b, err := os.ReadFile(path) //nolint:gosec // who starts the program names the file
	if err != nil {
		return ledger.Note{}, err
	}
	return openKnown(string(b), keys)
}

// openKnown opens a checkpoint with those of the keys that have signed it.
func openKnown(text string, keys []ledger.Key) (ledger.Note, error) {
	n, err := ledger.ReadNote(text)
	if err != nil || len(keys) == 0 {
		return n, noteError(err)
	}
	known := ledger.Known(n, keys)
	n, err = ledger.OpenNote(known.Text, known.Keys)
	return n, noteError(err)
}

func noteError(err error) error {
	if err == nil {
		return nil
	}
	f := receipt.FaultOf(err)
	return &models.Error{Kind: models.Invalid, Code: "receipt", Params: models.Params{"fault": models.Reason{Code: "receipt.fault." + f.Code, Params: f.Params}}}
}

// readProofFile reads a checkpoint, or the answer of an organisation's log:
// the old size, the proof, an empty line, the checkpoint.
func readProofFile(path string, keys []ledger.Key) (ledger.Note, []ledger.Root, error) {
	b, err := os.ReadFile(path) //nolint:gosec // who starts the program names the file
	if err != nil {
		return ledger.Note{}, nil, err
	}
	return readAnswer(string(b), keys)
}

func readAnswer(text string, keys []ledger.Key) (ledger.Note, []ledger.Root, error) {
	rest, ok := strings.CutPrefix(text, "old ")
	if !ok {
		n, err := openKnown(text, keys)
		return n, nil, err
	}
	head, note, ok := strings.Cut(rest, "\n\n")
	if !ok {
		return ledger.Note{}, nil, noteError(ledger.ErrMalformed)
	}
	proof := []ledger.Root{}
	for _, line := range strings.Split(head, "\n")[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != ledger.HashBytes || len(proof) >= 64 {
			return ledger.Note{}, nil, noteError(ledger.ErrMalformed)
		}
		proof = append(proof, ledger.Root(h))
	}
	n, err := openKnown(note, keys)
	return n, proof, err
}

// proof asks for the proof where it can be had.
func (cmd *verifyBetweenCmd) proof(ctx context.Context, g *Globals, c *console, older, newer ledger.Checkpoint) ([]ledger.Root, error) {
	switch {
	case cmd.From != "":
		return askProof(ctx, g, cmd.From, older.Size, newer)
	case cmd.Here:
		p, err := g.openThere(ctx, c, mailSettings{})
		if err != nil {
			return nil, err
		}
		defer p.close()
		return p.register.ProofHere(ctx, older, newer)
	}
	return nil, errors.New("a proof is wanted: name the organisation's log with --from, or the register with --here")
}

// askProof asks an organisation's log for the proof between two sizes.
func askProof(ctx context.Context, g *Globals, address string, older int64, newer ledger.Checkpoint) ([]ledger.Root, error) {
	text, err := getText(ctx, g, fmt.Sprintf("%s/consistency/%d/%d", strings.TrimSuffix(address, "/"), older, newer.Size))
	if err != nil {
		return nil, err
	}
	_, proof, err := readAnswer(text, nil)
	return proof, err
}

// mostAnswer is more than any answer of a log has.
const mostAnswer = 1 << 20

func getText(ctx context.Context, g *Globals, address string) (string, error) {
	return ask(ctx, g, http.MethodGet, address, "")
}

// ask asks an organisation's log. Private addresses take --allow-private.
func ask(ctx context.Context, g *Globals, method, address, body string) (string, error) {
	allow, err := prefixes(g.AllowPrivate)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	res, err := fetch.NewClient(allow).Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered %s: %s", address, res.Status, shortened(string(b)))
	}
	return string(b), nil
}
