package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"beforehand/frontend/words"
	"beforehand/internal/ledger"
	"beforehand/models"
)

type keysCmd struct {
	List   keysListCmd   `cmd:"" default:"1" help:"Print the public keys that the log is, and was, signed with."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new signing key; the old one signs beside it for a while, and its public half stays."`
}

type keysListCmd struct{}

func (keysListCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.openThere(ctx, c, mailSettings{})
	if err != nil {
		return err
	}
	defer p.close()
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	keys, err := p.register.Keys(ctx, models.Actor{OrgID: org.ID})
	if err != nil {
		return err
	}
	for _, k := range keys {
		code, params := "cli.key_signs", map[string]any{"from": words.DateTime(g.Language, k.MadeAt, org.Location())}
		if k.SignsUntil != nil {
			code, params["until"] = "cli.key_until", words.DateTime(g.Language, *k.SignsUntil, org.Location())
		}
		fmt.Fprintf(c.out, "# %s\n%s\n", words.Say(g.Language, code, params), k.Public)
	}
	return nil
}

type keysRotateCmd struct {
	OverlapDays int `help:"Days for which the old key signs beside the new one; 0 ends it at once, as after a theft." default:"90"`
	mailSettings
}

func (cmd *keysRotateCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.openThere(ctx, c, cmd.mailSettings)
	if err != nil {
		return err
	}
	defer p.close()
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	admin, err := p.somebody(ctx, org, "", models.RoleAdmin)
	if err != nil {
		return err
	}
	k, err := p.register.RotateKey(ctx, admin, cmd.OverlapDays)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, k.Public)
	return err
}

type witnessCmd struct {
	New  witnessNewCmd  `cmd:"" help:"Make a witness's key: the secret goes into a file, the public key is printed for the organisation."`
	Sign witnessSignCmd `cmd:"" help:"Countersign an organisation's newest checkpoint, after checking that it continues the last one countersigned."`
}

type witnessNewCmd struct {
	Name string `arg:"" help:"Name of the witness, such as unison-tywi.example/witness."`
	Out  string `help:"File for the secret key; it must not be there yet." required:"" type:"path"`
}

func (cmd *witnessNewCmd) Run(c *console) error {
	k, err := ledger.NewKey(cmd.Name, true)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(cmd.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, k.Secret())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, k.String())
	return err
}

type witnessSignCmd struct {
	Log string `arg:"" help:"Address of the organisation's log, such as https://ai.council.example/.well-known/beforehand/council."`
	keyFlags
	Secret string `help:"File of the witness's secret key." required:"" type:"existingfile"`
	State  string `help:"File that remembers the last checkpoint countersigned; made when missing." required:"" type:"path"`
}

// Run is what a witness does: it never signs two histories of one log. The
// state is written before the signature leaves.
func (cmd *witnessSignCmd) Run(ctx context.Context, g *Globals, c *console) error {
	keys, err := cmd.keys()
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return errors.New("the organisation's public key is wanted: --key")
	}
	secret, err := readSecret(cmd.Secret)
	if err != nil {
		return err
	}
	last, err := readState(cmd.State)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(cmd.Log, "/")
	text, err := getText(ctx, g, fmt.Sprintf("%s/consistency/%d", base, last.Size))
	if err != nil {
		return err
	}
	n, proof, err := readAnswer(text, keys)
	if err != nil {
		return err
	}
	if last.Size > 0 && (n.Origin != last.Origin || ledger.CheckConsistency(proof, last.Size, last.Root, n.Size, n.Root) != nil) {
		fmt.Fprintln(c.out, words.Say(g.Language, "between.rewritten", map[string]any{
			"origin": n.Origin, "old": words.Number(g.Language, int(last.Size)), "new": words.Number(g.Language, int(n.Size)),
		}))
		return exit(exitBlocked)
	}
	line, err := ledger.Cosign(n.Text(), secret, c.now())
	if err != nil {
		return err
	}
	if err := writeState(cmd.State, n.Checkpoint); err != nil {
		return err
	}
	signed, err := ask(ctx, g, "POST", fmt.Sprintf("%s/cosignature/%d", base, n.Size), line)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(c.out, signed)
	return err
}

func readSecret(path string) (ledger.SecretKey, error) {
	b, err := os.ReadFile(path) //nolint:gosec // who starts the program names the file
	if err != nil {
		return ledger.SecretKey{}, err
	}
	return ledger.ParseSecret(string(b))
}

func readState(path string) (ledger.Checkpoint, error) {
	var last ledger.Checkpoint
	b, err := os.ReadFile(path) //nolint:gosec // who starts the program names the file
	if errors.Is(err, fs.ErrNotExist) {
		return last, nil
	}
	if err != nil {
		return last, err
	}
	return last, json.Unmarshal(b, &last)
}

func writeState(path string, last ledger.Checkpoint) error {
	b, err := json.Marshal(last)
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
