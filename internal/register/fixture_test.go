package register_test

import (
	"beforehand/internal/register"
)

func commentInput(body string) register.CommentInput {
	return register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: body}
}
