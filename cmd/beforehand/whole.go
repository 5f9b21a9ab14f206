package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"beforehand/frontend/words"
	"beforehand/internal/files"
	"beforehand/internal/store"
	"beforehand/models"
)

// exportCmd writes everything of one organisation: for another installation, on
// either engine, or for whoever is to look after it next.
type exportCmd struct {
	Out string `arg:"" help:"File to write, such as tywi.zip. It must not be there." type:"path"`
}

// The parts of the archive.
const (
	wholeManifest = "manifest.json"
	wholeTables   = "tables/"
	wholeFiles    = "files/"
)

// Run writes the archive.
func (x *exportCmd) Run(ctx context.Context, g *Globals, c *console) (err error) {
	p, err := g.openThere(ctx, c, mailSettings{})
	if err != nil {
		return err
	}
	defer p.close()
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(x.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(x.Out) // half an archive is worse than none
		}
	}()
	z := zip.NewWriter(f)
	w, err := p.store.TakeOut(store.MayLag(ctx), org, func(name string, write func(io.Writer) error) error {
		out, err := z.Create(wholeTables + name + ".jsonl")
		if err != nil {
			return err
		}
		return write(out)
	})
	if err != nil {
		return err
	}
	for _, sha := range w.Files {
		if err := addFile(ctx, z, p.keep, sha); err != nil {
			return err
		}
	}
	out, err := z.Create(wholeManifest)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(w); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	rows := int64(0)
	for _, t := range w.Tables {
		rows += t.Rows
	}
	return say(c, g.Language, "cli.export_done", map[string]any{
		"file": x.Out, "tables": words.Number(g.Language, len(w.Tables)), "rows": words.Number(g.Language, int(rows)), "attachments": words.Number(g.Language, len(w.Files)),
		"entries": words.Number(g.Language, int(w.Size)), "root": hex.EncodeToString(w.Root),
	}, "cli.export_left_out")
}

func addFile(ctx context.Context, z *zip.Writer, keep files.Store, sha string) error {
	b, err := keep.Get(ctx, sha)
	if err != nil {
		return fmt.Errorf("attachment %s: %w", sha, err)
	}
	out, err := z.Create(wholeFiles + sha)
	if err != nil {
		return err
	}
	_, err = out.Write(b)
	return err
}

// adoptCmd takes an exported organisation into an empty installation.
type adoptCmd struct {
	In string `arg:"" help:"Archive that beforehand export wrote." type:"existingfile"`
}

// Run takes the archive in.
func (x *adoptCmd) Run(ctx context.Context, g *Globals, c *console) (err error) {
	z, err := zip.OpenReader(x.In)
	if err != nil {
		return fmt.Errorf("%s: %w", x.In, err)
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	w, parts, err := readWhole(&z.Reader)
	if err != nil {
		return fmt.Errorf("%s: %w", x.In, err)
	}
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	// The files come first: one without a row is harmless, a row without its file is not.
	for _, sha := range w.Files {
		if err := takeFile(ctx, p.keep, parts[wholeFiles+sha], sha); err != nil {
			return err
		}
	}
	if err := p.store.TakeIn(ctx, w, func(name string) (io.ReadCloser, error) { return parts[wholeTables+name+".jsonl"].Open() }); err != nil {
		return err
	}
	org, err := p.organisation(ctx, w.Slug)
	if err != nil {
		return err
	}
	// Notices, deliveries and comments against the log, and the log against what was signed.
	seen, err := p.register.AuditLog(ctx, org)
	if err != nil {
		return err
	}
	if len(seen.Findings) > 0 {
		return models.Fail(models.Conflict, "archive_not_as_written").With("count", len(seen.Findings))
	}
	return say(c, g.Language, "cli.adopt_done", map[string]any{"organisation": w.Slug, "entries": words.Number(g.Language, int(w.Size)), "root": hex.EncodeToString(w.Root)}, "cli.adopt_next")
}

// readWhole reads what an archive says of itself. It may hold what it says and
// nothing more: no other name, no path that leads out, nothing twice.
func readWhole(z *zip.Reader) (store.Whole, map[string]*zip.File, error) {
	var w store.Whole
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		if !filepath.IsLocal(f.Name) || strings.Contains(f.Name, `\`) || parts[f.Name] != nil {
			return w, nil, fmt.Errorf("the name %q: %w", f.Name, store.ErrWhole)
		}
		parts[f.Name] = f
	}
	m := parts[wholeManifest]
	if m == nil {
		return w, nil, fmt.Errorf("there is no %s: %w", wholeManifest, store.ErrWhole)
	}
	in, err := m.Open()
	if err != nil {
		return w, nil, err
	}
	dec := json.NewDecoder(io.LimitReader(in, 64<<20))
	dec.DisallowUnknownFields()
	if err := errors.Join(dec.Decode(&w), in.Close()); err != nil {
		return w, nil, fmt.Errorf("%s: %w", wholeManifest, errors.Join(store.ErrWhole, err))
	}
	want := []string{wholeManifest}
	for _, t := range w.Tables {
		want = append(want, wholeTables+t.Name+".jsonl")
	}
	for _, sha := range w.Files {
		want = append(want, wholeFiles+sha)
	}
	for _, name := range want {
		if parts[name] == nil {
			return w, nil, fmt.Errorf("there is no %s: %w", name, store.ErrWhole)
		}
	}
	for name := range parts {
		if !slices.Contains(want, name) {
			return w, nil, fmt.Errorf("%q is in no list: %w", name, store.ErrWhole)
		}
	}
	return w, parts, nil
}

// largestWholeFile bounds one attachment of an archive, in bytes.
const largestWholeFile = 64 << 20

func takeFile(ctx context.Context, keep files.Store, part *zip.File, sha string) error {
	in, err := part.Open()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(in, largestWholeFile+1))
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != sha {
		return fmt.Errorf("attachment %s is not what its name says: %w", sha, store.ErrWhole)
	}
	return keep.Put(ctx, sha, b)
}
