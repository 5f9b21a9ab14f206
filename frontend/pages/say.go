package pages

import (
	"context"
	"errors"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/models"
)

// column is the heading of a column.
func column(ctx context.Context, name string) string { return design.Say(ctx, "page.column."+name) }

func heads(ctx context.Context, names ...string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = column(ctx, n)
	}
	return out
}

// earliest is a gate's earliest date for a table.
func earliest(ctx context.Context, g register.GateView) string {
	switch {
	case g.Earliest == 0:
		return design.Say(ctx, "page.none")
	case g.Projected:
		return design.Say(ctx, "page.gate.projected_short", "date", design.ShortDay(ctx, g.Earliest))
	default:
		return design.ShortDay(ctx, g.Earliest)
	}
}

// options are the choices of a closed list, after one that chooses nothing.
func options[T ~string](ctx context.Context, none, prefix string, values []T) []design.Option {
	out := []design.Option{}
	if none != "" {
		out = append(out, design.Option{Value: "", Text: design.Say(ctx, none)})
	}
	for _, v := range values {
		out = append(out, design.Option{Value: string(v), Text: design.Say(ctx, prefix+string(v))})
	}
	return out
}

// stageColour is the colour of a stage's tag; the word says the same.
func stageColour(s models.Stage) string {
	switch s {
	case models.StageLive:
		return "green"
	case models.StagePilot, models.StageEvaluated:
		return "turquoise"
	case models.StageNoticed, models.StageDecided:
		return "blue"
	case models.StagePaused:
		return "orange"
	default:
		return "grey"
	}
}

// orNone says that there is nothing where nothing stands.
func orNone(ctx context.Context, s string) string {
	if s == "" {
		return design.Say(ctx, "page.none")
	}
	return s
}

// sentenceOf says an error, whatever it is about.
func sentenceOf(ctx context.Context, err error) string {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return design.Say(ctx, "error.internal")
	}
	return sentence(ctx, e)
}
