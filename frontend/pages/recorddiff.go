package pages

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// listIndex is the place of a row in a path such as "suppliers[0].name".
var listIndex = regexp.MustCompile(`\[(\d+)\]`)

// recordFieldName is what a person calls a path of the record: "Suppliers,
// 1: Name". A path that has no words of its own is named by the nearest above
// it that has.
func recordFieldName(ctx context.Context, path string) string {
	key := listIndex.ReplaceAllString(path, "")
	tongue := ""
	for _, l := range []string{"en", "cy"} {
		if rest, ok := strings.CutSuffix(key, "."+l); ok {
			key, tongue = rest, l
		}
	}
	name := ""
	for k := key; ; {
		if words.Has(words.English, "page.record."+k) || words.Has(words.English, "record."+k) {
			name = recordName(ctx, k)
			break
		}
		cut := strings.LastIndexByte(k, '.')
		if cut < 0 {
			return path
		}
		k = k[:cut]
	}
	if m := listIndex.FindStringSubmatchIndex(path); m != nil && strings.Contains(key, ".") {
		if list := path[:m[0]]; words.Has(words.English, "page.record."+list+".row") {
			name = design.Say(ctx, "page.record.of_row", "row", design.Say(ctx, "page.record."+list+".row", "number", int(number(path[m[2]:m[3]]))+1), "field", name)
		}
	}
	if tongue != "" {
		name = design.Say(ctx, "page.record.in_"+tongue, "label", name)
	}
	return name
}

// wordsOfValues are the words of closed lists, by the path without its rows.
var wordsOfValues = closedLists()

func closedLists() map[string]string {
	out := map[string]string{}
	for _, t := range recordTopics {
		for _, a := range t.answers {
			if a.prefix != "" {
				out[a.path] = a.prefix
			}
			for _, in := range a.row {
				if in.prefix != "" {
					out[a.path+"."+in.path] = in.prefix
				}
			}
		}
	}
	return out
}

// recordValue is a value of the record as a person reads it.
func (n namesByID) recordValue(ctx context.Context, path string, value any) string {
	key := listIndex.ReplaceAllString(path, "")
	s, text := value.(string)
	if !text {
		if pence, amount := value.(float64); amount && strings.HasSuffix(key, ".pence") {
			return pounds(string(design.Of(ctx).Lang), int64(pence))
		}
		return valueOf(ctx, value)
	}
	switch {
	case s == "":
		return design.Say(ctx, "page.none")
	case wordsOfValues[key] != "":
		return design.Say(ctx, wordsOfValues[key]+s)
	case n[s] != "":
		return n[s]
	}
	if d, err := models.ParseDate(s); err == nil {
		return design.Day(ctx, d)
	}
	return s
}

// namesByID are the names of service areas and job roles by their ids.
type namesByID map[string]string

// namesByID looks up the names that some changes of a record hold the ids of.
func (p *Pages) namesByID(ctx context.Context, changes []models.FieldChange) (namesByID, error) {
	out := namesByID{}
	about := func(is func(path string) bool) bool {
		return slices.ContainsFunc(changes, func(c models.FieldChange) bool { return is(c.Path) })
	}
	var errs [2]error
	var areas, roles []design.Option
	if about(func(path string) bool { return path == "serviceArea" }) {
		areas, errs[0] = p.areaOptions(ctx, web.Actor(ctx))
	}
	if about(func(path string) bool { return strings.HasSuffix(path, ".jobRole") }) {
		roles, errs[1] = p.roleOptions(ctx, web.Actor(ctx))
	}
	for _, o := range slices.Concat(areas, roles) {
		out[o.Value] = o.Text
	}
	return out, firstShown(errs[:])
}

func unionsServed(n register.NoticeView) string {
	names := make([]string, len(n.Parties))
	for i, x := range n.Parties {
		names[i] = x.Union
	}
	return strings.Join(names, ", ")
}
