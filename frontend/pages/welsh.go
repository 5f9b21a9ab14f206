package pages

import (
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
)

// Welsh says how much of the Welsh on these pages a person has checked, and how
// it is done. Everybody may know: a text that nobody has checked says so.
func (p *Pages) Welsh(c *gin.Context) error {
	ctx := c.Request.Context()
	groups, whole := words.Ours().Groups()
	lang := string(design.Of(ctx).Lang)
	g := grid{title: design.Say(ctx, "page.welsh.groups"), caption: design.Say(ctx, "page.welsh.caption"), heads: heads(ctx, "keygroup", "texts", "checked", "share")}
	for _, x := range groups {
		g.rows = append(g.rows, []templ.Component{mono(x.Name), plain(words.Number(lang, x.All)), plain(words.Number(lang, x.Checked)), plain(percent(x.Percent()))})
	}
	b := board{title: design.Say(ctx, "page.welsh.title"), crumbs: organisationCrumbs(ctx), lead: []string{
		design.Say(ctx, "page.welsh.share", "percent", percent(whole.Percent()), "checked", words.Number(lang, whole.Checked), "all", words.Number(lang, whole.All)),
	}}
	if whole.Checked < whole.All {
		b.lead = append(b.lead, design.Say(ctx, "page.welsh.not_all"))
	}
	b.parts = []templ.Component{
		paragraph(design.Say(ctx, "page.welsh.means")), gridTable(g), heading2(design.Say(ctx, "page.welsh.how"), "how"), paragraph(design.Say(ctx, "page.welsh.how_list")),
		command("beforehand words unchecked --prefix noun."), paragraph(design.Say(ctx, "page.welsh.how_mark")), command(`beforehand words check --tree . --by "NAME" --prefix noun.`),
		paragraph(design.Say(ctx, "page.welsh.how_ends")), paragraph(design.Say(ctx, "page.welsh.wrong")),
	}
	return p.showBoard(c, b)
}

func percent(n int) string { return strconv.Itoa(n) + "%" }
