package store

import (
	"context"
	"strings"

	"beforehand/models"
)

// Question is something that is asked of the whole register: a filter that no
// field of a record answers.
type Question string

// The questions of scrutiny.
const (
	AskLiveUnevidenced Question = "live_without_evidence"
	AskDisputed        Question = "disputed"
	AskLate            Question = "late"
	AskUnanswered      Question = "comments_unanswered"
	AskReviewOverdue   Question = "review_overdue"
	AskOverridden      Question = "override_in_force"
	AskGuardrail       Question = "guardrail_failed"
)

// Questions are all of them, in the order in which they are put.
var Questions = []Question{AskLiveUnevidenced, AskDisputed, AskLate, AskUnanswered, AskReviewOverdue, AskOverridden, AskGuardrail}

// question is what holds of a deployment d to which the answer is yes.
func (c *conditions) question(q Question, on models.Date) {
	switch q {
	case AskLiveUnevidenced:
		c.and(inUse + ` AND NOT EXISTS (SELECT 1 FROM claims k JOIN claim_shares s ON s.org_id = k.org_id AND s.claim_id = k.id
			WHERE k.org_id = d.org_id AND k.deployment_id = d.id)`)
	case AskDisputed:
		c.and(`(EXISTS (SELECT 1 FROM disputes x WHERE x.org_id = d.org_id AND x.deployment_id = d.id AND x.closed_on IS NULL)
			OR EXISTS (SELECT 1 FROM claims k JOIN challenges h ON h.org_id = k.org_id AND h.claim_id = k.id WHERE k.org_id = d.org_id AND k.deployment_id = d.id
			AND NOT EXISTS (SELECT 1 FROM challenge_answers a WHERE a.org_id = h.org_id AND a.challenge_id = h.id)
			AND NOT EXISTS (SELECT 1 FROM challenge_closings z WHERE z.org_id = h.org_id AND z.challenge_id = h.id)))`)
	case AskLate:
		c.and("d.late = ?", true)
	case AskUnanswered:
		c.and(`EXISTS (SELECT 1 FROM comments m WHERE m.org_id = d.org_id AND m.deployment_id = d.id AND m.union_id IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM dispositions x WHERE x.org_id = m.org_id AND x.comment_id = m.id)
			AND NOT EXISTS (SELECT 1 FROM comment_withdrawals x WHERE x.org_id = m.org_id AND x.comment_id = m.id)
			AND NOT EXISTS (SELECT 1 FROM comments k WHERE k.org_id = m.org_id AND k.corrects = m.id))`)
	case AskReviewOverdue:
		c.and("d.stage IN ('pilot', 'evaluated', 'live', 'paused') AND d.review_due < ?", on)
	case AskOverridden:
		c.and("EXISTS (SELECT 1 FROM overrides o WHERE o.org_id = d.org_id AND o.deployment_id = d.id AND o.second_by IS NOT NULL AND o.expires_on >= ?)", on)
	case AskGuardrail:
		// What is not shared is the employer's: only results that were.
		c.and(`EXISTS (SELECT 1 FROM claims k JOIN claim_results r ON r.org_id = k.org_id AND r.claim_id = k.id WHERE k.org_id = d.org_id AND k.deployment_id = d.id
			AND r.rails LIKE '%"breached"%' AND r.no <= (SELECT MAX(s.result_no) FROM claim_shares s WHERE s.org_id = k.org_id AND s.claim_id = k.id))`)
	case "":
	default:
		c.and("1 = 0") // a question that nobody put
	}
}

// CountQuestions counts the answers to each question, up to CountCap+1, in one
// statement. Whose review is overdue is not told of what keeps its dates from
// the reader.
func (r Reader) CountQuestions(ctx context.Context, org string, sees Sees) (map[Question]int, error) {
	parts, args := []string{}, []any{}
	for _, q := range Questions {
		c := r.where(org, Filter{Sees: sees, Ask: q})
		parts = append(parts, "SELECT '"+string(q)+"' AS question, (SELECT COUNT(*) FROM (SELECT 1 FROM deployments d WHERE "+c.sql()+" LIMIT ?) n) AS count")
		args = append(append(args, c.args...), CountCap+1)
	}
	type row struct {
		Question Question
		Count    int
	}
	rows, err := raw[row](ctx, r, strings.Join(parts, " UNION ALL "), args...)
	out := map[Question]int{}
	for _, x := range rows {
		out[x.Question] = x.Count
	}
	return out, err
}
