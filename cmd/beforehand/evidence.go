package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/models"
)

type evidenceCmd struct {
	Analyse analyseCmd `cmd:"" help:"Work a plan out over rows, without a server, and print the result file."`
	Metrics metricsCmd `cmd:"" help:"Print the bundled metrics."`
}

type analyseCmd struct {
	Data     string `arg:"" help:"CSV or XLSX file of rows." type:"existingfile"`
	Plan     string `help:"The plan: YAML, or the JSON of a locked plan." required:"" type:"existingfile"`
	Least    int    `help:"Fewest people that anything is said of." default:"10"`
	Locked   bool   `help:"The plan was locked before rows were there to look at."`
	Again    bool   `help:"Another claim found the same at grade E4."`
	MonthsOn int    `help:"Months between the deployment's beginning and the observation." default:"0"`
	Replaced int    `help:"Files of rows that a result had been worked out of before." default:"0"`
	Sent     string `help:"Day that the rows were sent, for a file without dates." placeholder:"DATE"`
	Words    bool   `help:"Print the result in words, and no result file."`
	Figures  string `help:"Folder to write the figures to, as SVG." type:"path" placeholder:"DIR"`
}

// Run prints the result file on standard output. It exits 2 when the file or
// the plan is refused.
func (cmd *analyseCmd) Run(ctx context.Context, g *Globals, c *console) error {
	if cmd.Least < 5 {
		return errors.New("--least: a result of fewer than 5 people is about somebody")
	}
	plan, err := os.ReadFile(cmd.Plan)
	if err != nil {
		return err
	}
	rows, err := os.Open(cmd.Data)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // nothing was written
	var sent models.Date
	if cmd.Sent != "" {
		if sent, err = models.ParseDate(cmd.Sent); err != nil {
			return err
		}
	}
	body, frozen, err := register.AnalyseFile(ctx, register.Standalone{
		Plan: plan, Rows: rows, Least: cmd.Least, LockedFirst: cmd.Locked, Again: cmd.Again, MonthsOn: cmd.MonthsOn,
		Replaced: cmd.Replaced, ReadOn: sent,
	}, nil)
	if err != nil {
		return err
	}
	if cmd.Figures != "" {
		if err := writeFigures(cmd.Figures, body, frozen.Claimed, g.Language); err != nil {
			return err
		}
	}
	if cmd.Words {
		return printResult(c, g.Language, body)
	}
	_, err = c.out.Write(body)
	return err
}

func writeFigures(dir string, body []byte, claimed models.Claimed, lang string) error {
	figures, err := register.FiguresOf(body, claimed, models.Language(lang))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for _, f := range figures {
		if err := os.WriteFile(filepath.Join(dir, f.Name+".svg"), []byte(f.SVG), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// printResult writes a result for a person at a terminal.
func printResult(c *console, lang string, body []byte) error {
	var res models.Result
	if err := json.Unmarshal(body, &res); err != nil {
		return err
	}
	for _, line := range register.ResultWords(res) {
		if _, err := fmt.Fprintln(c.out, line.In(models.Language(lang))); err != nil {
			return err
		}
	}
	return nil
}

type metricsCmd struct{}

// Run lists the bundled metrics, a line each.
func (metricsCmd) Run(g *Globals, c *console) error {
	for _, m := range register.BundledMetrics() {
		l := models.Language(g.Language)
		if _, err := fmt.Fprintf(c.out, "%-28s %s (%s), %s\n", m.Key, m.Name.In(l), m.Unit.In(l), words.Say(g.Language, "better."+string(m.Better), nil)); err != nil {
			return err
		}
	}
	return nil
}
