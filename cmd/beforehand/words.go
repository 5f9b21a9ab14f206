package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"beforehand/frontend/words"
)

type wordsCmd struct {
	Check     wordsCheckCmd     `cmd:"" help:"Note that somebody has checked Welsh texts against their English."`
	Unchecked wordsUncheckedCmd `cmd:"" help:"List the Welsh texts that nobody has checked as they are now: key, English, Welsh, with tabs between."`
}

type wordsCheckCmd struct {
	Keys   []string `arg:"" optional:"" help:"Keys of the texts, such as page.register.title."`
	Prefix string   `help:"All texts whose key begins so, such as noun." placeholder:"PREFIX"`
	By     string   `help:"Who has checked them: a name, or a role." required:"" placeholder:"NAME"`
	Tree   string   `help:"Source tree whose frontend/words/checked.toml is written; without one, the lines for that file are printed." type:"existingdir" placeholder:"DIR"`
}

// Run marks texts of a source tree, or of this program.
func (cmd *wordsCheckCmd) Run(c *console) error {
	if cmd.Tree == "" {
		r, done, err := words.Ours().Mark(cmd.By, c.now(), cmd.Keys, cmd.Prefix)
		if err != nil {
			return err
		}
		var b strings.Builder
		for _, p := range done {
			b.WriteString(r.Line(p.Key))
		}
		_, err = fmt.Fprint(c.out, b.String())
		return err
	}
	dir := filepath.Join(cmd.Tree, "frontend", "words")
	r, err := words.ReviewOf(os.DirFS(dir))
	if err != nil {
		return err
	}
	r, done, err := r.Mark(cmd.By, c.now(), cmd.Keys, cmd.Prefix)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, words.CheckedFile)
	was, err := os.ReadFile(file) //nolint:gosec // who starts the program names the folder
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(r.File(words.Head(string(was)))), 0o644); err != nil { //nolint:gosec // a source file
		return err
	}
	_, whole := r.Groups()
	_, err = fmt.Fprintf(c.err, "%d texts marked in %s; %d of %d are checked now.\n", len(done), file, whole.Checked, whole.All)
	return err
}

type wordsUncheckedCmd struct {
	Prefix string `help:"Only texts whose key begins so." placeholder:"PREFIX"`
}

// Run lists what is left to check.
func (cmd *wordsUncheckedCmd) Run(c *console) error {
	var b strings.Builder
	for _, p := range words.Ours().Unchecked(cmd.Prefix) {
		b.WriteString(p.Key + "\t" + p.English + "\t" + p.Welsh + "\n")
	}
	_, err := fmt.Fprint(c.out, b.String())
	return err
}
