package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

type seedCmd struct {
	Deployments   int           `help:"How many deployments." default:"1000"`
	Comments      int           `help:"How many comments." default:"10000"`
	Orgs          int           `help:"How many organisations; the first has half of everything." default:"1"`
	Light         int           `help:"How many per cent of the deployments are ideas of which little is said." default:"15"`
	Seed          uint64        `help:"The same seed and numbers make the same rows; another seed, other organisations." default:"1"`
	Tokens        string        `help:"File that gets a bearer token for one person in each role of the first organisation." type:"path" placeholder:"FILE"`
	Until         string        `help:"Day on which the made history ends; yesterday when left out." placeholder:"DATE"`
	ProgressEvery time.Duration `help:"How often to say how far it has come." default:"5s" hidden:""`
}

// Run makes the rows, and then the tokens, by the register's own use case.
func (cmd *seedCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	profiles, err := policy.LoadDir(g.Profiles)
	if err != nil {
		return err
	}
	until := c.now().UTC().Truncate(24 * time.Hour)
	if cmd.Until != "" {
		day, err := models.ParseDate(cmd.Until)
		if err != nil {
			return err
		}
		until = day.AddDays(1).At(0, 0, time.UTC)
	}
	if until.After(c.now()) {
		return errors.New("the made history must end before today")
	}
	size := seed.Size{Deployments: cmd.Deployments, Comments: cmd.Comments, Organisations: cmd.Orgs, Light: cmd.Light, Seed: cmd.Seed, Until: until}
	meter := &meter{out: c.err, now: c.now, began: c.now(), every: cmd.ProgressEvery, of: size}
	if err := seed.Make(ctx, p.store, profiles, size, meter.tell); err != nil {
		return err
	}
	meter.say()
	if cmd.Tokens == "" {
		return nil
	}
	return writeTokens(ctx, p, seed.Slug(cmd.Seed, 1), cmd.Tokens)
}

// meter says how far the making has come, from time to time.
type meter struct {
	out   io.Writer
	now   func() time.Time
	began time.Time
	last  time.Time
	every time.Duration
	of    seed.Size
	done  seed.Progress
}

func (m *meter) tell(done seed.Progress) {
	m.done = done
	if now := m.now(); now.Sub(m.last) >= m.every {
		m.last = now
		m.say()
	}
}

func (m *meter) say() {
	took := m.now().Sub(m.began)
	share := float64(m.done.Deployments+m.done.Comments) / float64(m.of.Deployments+m.of.Comments)
	left := "-"
	if share > 0 {
		left = (time.Duration(float64(took)/share) - took).Round(time.Second).String()
	}
	fmt.Fprintf(m.out, "%d of %d deployments, %d of %d comments, %d rows, %.0f rows a second, %s left\n",
		m.done.Deployments, m.of.Deployments, m.done.Comments, m.of.Comments, m.done.Rows, float64(m.done.Rows)/max(took.Seconds(), 1e-9), left)
}

// writeTokens makes a token for one person in each role, and writes them into
// a file that only its owner reads: the role, a space, the token, a line each.
func writeTokens(ctx context.Context, p *parts, slug, path string) error {
	org, err := p.store.OrganisationBySlug(ctx, slug)
	if err != nil {
		return err
	}
	members, err := p.store.Members(ctx, org.ID)
	if err != nil {
		return err
	}
	var nouns []string
	for _, act := range policy.Acts() {
		noun, _, _ := strings.Cut(act, ".")
		if noun += ".*"; !slices.Contains(nouns, noun) {
			nouns = append(nouns, noun)
		}
	}
	var b strings.Builder
	for _, role := range models.Roles {
		i := slices.IndexFunc(members, func(m store.Member) bool { return m.Role == role })
		if i < 0 {
			continue
		}
		a, err := p.register.ActorOf(ctx, members[i].UserID, org.ID)
		if err != nil {
			return err
		}
		secret, _, err := p.register.IssueToken(ctx, a, register.NewToken{Name: "seed", Scopes: nouns, Days: 366})
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, role, secret)
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}
