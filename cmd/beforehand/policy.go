package main

import (
	"context"
	"fmt"
	"strings"
)

type policyCmd struct {
	Explain policyExplainCmd `cmd:"" help:"Say whether a person may do something, and by which line. Exits 0 allowed, 1 refused, 2 error."`
}

type policyExplainCmd struct {
	User string `help:"E-mail address of the person." required:""`
	Do   string `help:"What: an act, such as notice.serve." required:""`
	On   string `help:"On which deployment, such as DEP-2026-003; on the organisation when left out."`
	JSON bool   `help:"Answer as JSON."`
}

// Run explains a decision. Whoever sits at the command line may read everything.
func (cmd *policyExplainCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	org, err := p.organisation(ctx, g.Organisation)
	if err != nil {
		return err
	}
	a, err := p.somebody(ctx, org, strings.ToLower(cmd.User), "")
	if err != nil {
		return err
	}
	d, err := p.register.Explain(ctx, a, cmd.Do, cmd.On)
	if err != nil {
		return err
	}
	if cmd.JSON {
		err = printJSON(c.out, d)
	} else {
		_, err = fmt.Fprintln(c.out, d.String())
	}
	if err == nil && !d.Allowed {
		return exit(exitBlocked)
	}
	return err
}
