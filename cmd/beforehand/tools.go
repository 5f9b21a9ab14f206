package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"beforehand/api"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/models"
)

type gateCmd struct {
	Ref  string `arg:"" help:"Ref of the deployment, such as DEP-2026-003."`
	To   string `help:"Stage to enter." required:"" enum:"formative,noticed,decided,pilot,evaluated,live,paused,retired,withdrawn"`
	At   string `help:"Day to read the gate on, such as 2026-11-02. Today when left out." placeholder:"DATE"`
	JSON bool   `name:"json" help:"Print JSON on standard output."`
}

func (cmd *gateCmd) Run(ctx context.Context, g *Globals, c *console) error {
	var at models.Date
	if cmd.At != "" {
		var err error
		if at, err = models.ParseDate(cmd.At); err != nil {
			return err
		}
	}
	p, err := g.openThere(ctx, c, mailSettings{})
	if err != nil {
		return err
	}
	defer p.close()
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	// Whoever can open the database reads as an auditor: everything, and writes nothing.
	reader := models.Actor{OrgID: org.ID, Grants: []models.Grant{{Role: models.RoleAuditor}}}
	gate, err := p.register.Gate(ctx, reader, cmd.Ref, models.Stage(cmd.To), at)
	if err != nil {
		return err
	}
	view := api.ViewGate(gate)
	if cmd.JSON {
		err = printJSON(c.out, view)
	} else {
		err = printGate(c.out, g.Language, view)
	}
	if err == nil && !view.Open {
		return exit(exitBlocked)
	}
	return err
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// printGate writes a gate for a person at a terminal.
func printGate(w io.Writer, lang string, v api.Gate) error {
	l := models.Language(lang)
	say := func(code string, params map[string]any) string { return words.Say(lang, code, params) }
	var b strings.Builder
	stage := func(s string) string { return say("stage."+s, nil) }
	head := "cli.gate_shut"
	if v.Open {
		head = "cli.gate_open"
	}
	fmt.Fprintln(&b, say(head, map[string]any{"ref": v.Ref, "stage": stage(v.To), "from": stage(v.Stage), "at": v.At}))
	if v.Override != "" {
		fmt.Fprintln(&b, say("cli.gate_override", nil))
	}
	if v.Late {
		fmt.Fprintln(&b, say("cli.late", nil))
	}
	for _, k := range v.Blockers {
		fmt.Fprintf(&b, "\n- %s\n  → %s\n", k.What.In(l), k.Fix.In(l))
	}
	for _, t := range v.Warnings {
		fmt.Fprintf(&b, "\n! %s\n", t.In(l))
	}
	if v.Earliest != 0 {
		code := "cli.earliest"
		if v.Projected {
			code = "cli.earliest_projected"
		}
		fmt.Fprintf(&b, "\n%s\n", say(code, map[string]any{"date": v.Earliest}))
	}
	for _, k := range v.Clocks {
		fmt.Fprintf(&b, "\n%s, %s%s\n", k.Union, say("trigger."+k.Before, nil), inBrackets(k.Notice))
		for i, s := range k.Steps {
			fmt.Fprintf(&b, "  %d. %s\n", i+1, s.In(l))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func inBrackets(no string) string {
	if no == "" {
		return ""
	}
	return " (" + no + ")"
}

type importCmd struct {
	File      string `arg:"" help:"CSV or XLSX file." type:"existingfile"`
	Map       string `help:"Name of a bundled column map, such as us-federal-2024, or the path of one's own." required:""`
	DryRun    bool   `help:"List every problem and change nothing."`
	OnProblem string `help:"stop: any problem stops the run. skip: leave such rows out. update: also update rows that differ." default:"stop" enum:"stop,skip,update"`
	As        string `help:"E-mail address of the person to act as; the first digital officer when left out." placeholder:"EMAIL"`
	JSON      bool   `name:"json" help:"Print the whole report as JSON on standard output."`
}

func (cmd *importCmd) Run(ctx context.Context, g *Globals, c *console) error {
	data, err := os.ReadFile(cmd.File)
	if err != nil {
		return err
	}
	in := register.ImportInput{FileName: filepath.Base(cmd.File), Data: data, Map: cmd.Map, DryRun: cmd.DryRun, OnProblem: cmd.OnProblem}
	if b, err := os.ReadFile(cmd.Map); err == nil {
		in.Map, in.MapFile = filepath.Base(cmd.Map), b
	}
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.bootstrap(ctx, c); err != nil {
		return err
	}
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	actor, err := p.operator(ctx, org, cmd.As)
	if err != nil {
		return err
	}
	rep, err := p.register.Import(ctx, actor, in)
	if err != nil {
		return err
	}
	if cmd.JSON {
		err = printJSON(c.out, rep)
	} else {
		err = printImport(c.out, g.Language, rep)
	}
	if err == nil && rep.Stopped {
		return exit(exitBlocked)
	}
	return err
}

func printImport(w io.Writer, lang string, v register.ImportReport) error {
	var b strings.Builder
	head := "cli.import_done"
	switch {
	case v.Stopped:
		head = "cli.import_stopped"
	case v.DryRun:
		head = "cli.import_preview"
	}
	fmt.Fprintln(&b, words.Say(lang, head, nil))
	for _, n := range []struct {
		code  string
		count int
	}{{"rows", v.Rows}, {"imported", v.Imported}, {"updated", v.Updated}, {"unchanged", v.Unchanged}, {"repaired", v.Repaired}, {"refused", v.Refused}} {
		fmt.Fprintf(&b, "%8s  %s\n", words.Number(lang, n.count), words.Say(lang, "cli.import_"+n.code, nil))
	}
	for _, p := range v.Problems {
		where := fmt.Sprint(p.Row)
		if p.Column != "" {
			where += ", " + strings.Join(strings.Fields(p.Column), " ")
		}
		fmt.Fprintf(&b, "- %s: %s\n", where, p.What.In(models.Language(lang)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a person with a role."`
	Password userPasswordCmd `cmd:"" help:"Set a person's password; it is read from standard input."`
	Token    userTokenCmd    `cmd:"" help:"Make a bearer token for a person; it is printed once."`
}

type userAddCmd struct {
	Email string `arg:"" help:"E-mail address."`
	Name  string `help:"Name." required:""`
	Role  string `help:"Role: cdo, manager, hr, assurer, approver, union_officer, union_rep, scrutiny, auditor or admin." required:""`
	Union string `help:"Abbreviation of the union, for a union's roles."`
	Area  string `help:"Id of the service area that a manager is limited to."`
	Stdin bool   `help:"Read the password from standard input; else one is made and printed."`
}

func (cmd *userAddCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.bootstrap(ctx, c); err != nil {
		return err
	}
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	admin, err := p.somebody(ctx, org, "", models.RoleAdmin)
	if err != nil {
		return err
	}
	hat := register.Hat{Role: models.Role(cmd.Role), ServiceAreaID: cmd.Area}
	if cmd.Union != "" {
		u, err := p.store.Union(ctx, org.ID, cmd.Union)
		if err != nil {
			return err
		}
		hat.UnionID = u.ID
	}
	password := rand.Text()
	if cmd.Stdin {
		if password, err = readLine(c.in); err != nil {
			return err
		}
	}
	if _, err := p.register.AddUser(ctx, admin, register.NewUser{Email: cmd.Email, Name: cmd.Name, Password: password, Hat: hat}); err != nil {
		return err
	}
	if !cmd.Stdin {
		_, err = fmt.Fprintln(c.out, password)
	}
	return err
}

func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userPasswordCmd struct {
	Email string `help:"E-mail address." required:""`
}

func (cmd *userPasswordCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	password, err := readLine(c.in)
	if err != nil {
		return err
	}
	return p.register.SetPassword(ctx, cmd.Email, password)
}

type userTokenCmd struct {
	Email  string   `help:"E-mail address." required:""`
	Name   string   `help:"What the token is for." default:"command line"`
	Days   int      `help:"Days until it expires." default:"90"`
	Scopes []string `help:"Acts it may do, such as gate.read or notice.*; when left out, all that the person may read."`
}

func (cmd *userTokenCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	a, err := p.somebody(ctx, org, strings.ToLower(cmd.Email), "")
	if err != nil {
		return err
	}
	secret, _, err := p.register.IssueToken(ctx, a, register.NewToken{Name: cmd.Name, Scopes: cmd.Scopes, Days: cmd.Days})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, secret)
	return err
}
