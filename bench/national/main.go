// Command national works out what a national installation would need: one
// register for every employer of a country's public service. It is arithmetic
// on constants that were measured on one small machine, each with where; the
// installation itself is assumed, and says so. Nothing here has been run at
// that size.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	if _, err := fmt.Print(Text(Wales(), Here())); err != nil {
		fmt.Fprintln(os.Stderr, "national:", err)
		os.Exit(1)
	}
}

// Text is the whole answer, in Markdown.
func Text(in Installation, m Measured) string {
	var b strings.Builder
	b.WriteString("| assumed | |\n|---|---|\n")
	for _, l := range in.lines() {
		fmt.Fprintf(&b, "| %s | %s |\n", l[0], l[1])
	}
	b.WriteString("\n| measured | figure | where |\n|---|---|---|\n")
	for _, c := range m.all() {
		fmt.Fprintf(&b, "| %s | %s %s | %s |\n", c.Name, short(c.Value), c.Unit, c.Where)
	}
	load := Busiest(in, m)
	b.WriteString("\n**Processors, in the busiest minutes.**\n\n| load | a second | CPU s/1,000 | cores busy |\n|---|---|---|---|\n")
	for _, l := range load.Lines {
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f |\n", l.Name, short(l.PerSecond), short(l.CPU), l.Cores())
	}
	fmt.Fprintf(&b, "| together, and to be provided at %.0f %% use | | | %.2f, so %d |\n", in.Use*100, load.Cores(), load.Provide(in))
	b.WriteString("\n**Growth.** At the end of a year:\n\n| year | deployments | comments | log entries | database GB | a backup GB | mails that year |\n|---|---|---|---|---|---|---|\n")
	for _, y := range Years(in, m, 10) {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %.0f | %.0f | %s |\n", y.No, short(y.Deployments), short(y.Comments), short(y.Entries), y.Bytes/1e9, y.Backup/1e9, short(y.Mails))
	}
	b.WriteString("\n**Where it breaks first.** Room is capacity over demand in year ten; below 1 it is broken.\n\n| what | demand | capacity | room | what then |\n|---|---|---|---|---|\n")
	for _, x := range Breaks(in, m) {
		fmt.Fprintf(&b, "| %s | %s %s | %s %s | %s | %s |\n", x.Name, short(x.Demand), x.Unit, short(x.Capacity), x.Unit, short(x.Room()), x.Then)
	}
	return b.String()
}

// short writes a number with three figures that count.
func short(v float64) string {
	switch {
	case v >= 1e9:
		return fmt.Sprintf("%.3g billion", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.3g million", v/1e6)
	case v >= 1000:
		n := int64(v + 0.5)
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}
