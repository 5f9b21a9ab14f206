package pages

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"beforehand/frontend/design"
)

// firstOf leads back to the beginning of a list, from everywhere but there.
func firstOf(ctx context.Context, first bool, path string) templ.SafeURL {
	if first {
		return ""
	}
	return design.Link(ctx, path)
}

// nextOf leads to where a list goes on, if it does.
func nextOf(ctx context.Context, next, path string) templ.SafeURL {
	if next == "" {
		return ""
	}
	return design.Link(ctx, path+url.QueryEscape(next))
}

func nextPage(ctx context.Context, v messages) templ.SafeURL {
	if v.next == "" {
		return ""
	}
	return v.page(ctx, v.next)
}
