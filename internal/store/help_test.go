package store_test

import (
	"log/slog"

	"beforehand/internal/register"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func commentInput() register.CommentInput {
	return register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: "Ffion Hughes has too many cases"}
}
