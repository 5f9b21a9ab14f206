package seed

import (
	"cmp"
	"math"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// talk is how many comments a deployment has: many have none, a few have
// hundreds. What has not been said yet is spread over those still to be made.
func (e *employer) talk() int {
	if e.oneIn(2) {
		return 0
	}
	weight := min(60, 0.5*math.Pow(1-e.Float64(), -0.8)) // a Pareto spread, cut off
	n := min(e.comments, int(weight*speaking*float64(e.comments)/float64(max(1, e.able))+e.Float64()))
	e.comments -= n
	return n
}

// speaking is how much more a deployment that has comments has than the mean
// of those that are no ideas, beside its own weight: not all are noticed, and
// half of those are silent.
const speaking = 1.35

// speakers are the unions that commented.
func (l *life) speakers() []party {
	if l.notice == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.notice.parties), func(p party) bool { return l.ended[p.union.ID] == "no_response" })
}

// comment makes what the unions say, with the employer's answers.
func (l *life) comment(n int) {
	if n == 0 {
		return
	}
	speakers := l.speakers()
	for _, at := range l.times(n) {
		l.oneComment(at, pick(l.chance, speakers))
	}
	l.m.done.Comments += n
}

// times are when the comments are made: most soon after the notice.
func (l *life) times(n int) []time.Time {
	out := make([]time.Time, n)
	room := l.end.Add(-2 * time.Hour).Sub(l.notice.at)
	for i := range out {
		f := l.Float64()
		out[i] = l.notice.at.Add(time.Minute + time.Duration(f*f*float64(room))).Truncate(time.Microsecond).UTC()
	}
	slices.SortFunc(out, func(a, b time.Time) int { return cmp.Compare(a.UnixMicro(), b.UnixMicro()) })
	return out
}

func (l *life) oneComment(at time.Time, p party) {
	author := even(l.chance, l.ofUnion[p.union.ID])
	words := l.text("comment")
	for range l.rank(3) {
		more := l.text("comment")
		words.En, words.Cy = words.En+" "+more.En, words.Cy+" "+more.Cy
	}
	body, language := words.En, models.English
	if l.percent(12) {
		body, language = words.Cy, models.Welsh
	}
	c := models.Comment{
		OrgID: l.org.ID, ID: l.id(at), DeploymentID: l.d.ID, Target: "deployment", Kind: pick(l.chance, models.CommentKinds[:4]), UnionID: &p.union.ID,
		Circle: pick(l.chance, []models.Circle{models.CircleParties, models.CircleScrutiny, models.CirclePublic}), Language: language, SHA256: ledger.Hash([]byte(body)), Late: models.DateOf(at, l.zone) >= p.windowEnds, ByUserID: author.ID, At: at,
	}
	if author.ID == l.ofUnion[p.union.ID][0].ID && l.oneIn(8) {
		c.Kind = "formal_response" // its officers bind the union
		if l.ended[p.union.ID] == "not_agreed" && l.oneIn(3) {
			c.Kind = "failure_to_agree"
		}
		if !c.Circle.WiderThan(models.CircleParties) {
			c.Circle = models.CircleScrutiny
		}
	}
	if l.oneIn(3) {
		c.Dimension = pick(l.chance, models.Dimensions)
	}
	switch l.IntN(10) {
	case 0:
		c.Target, c.TargetKey = "notice", l.notice.no
	case 1:
		c.Target, c.TargetKey = "impact", string(pick(l.chance, models.Dimensions))
	}
	l.rows = append(l.rows, &c, &store.CommentWords{OrgID: c.OrgID, CommentID: c.ID, Body: body})
	l.note("comment.make", c.ID, author.ID, at, map[string]any{"ref": l.d.Ref, "kind": string(c.Kind), "words": c.SHA256, "union": p.union.ID, "circle": string(c.Circle), "late": c.Late, "corrects": ""})
	l.answer(c)
}

// answer is the employer's answer to a comment. Before the decision every
// comment has one.
func (l *life) answer(c models.Comment) {
	until, owed := l.end.Add(-time.Hour), false
	if !l.decided.IsZero() && c.At.Before(l.decided) {
		until, owed = l.decided.Add(-time.Second), true
	}
	if !owed && l.percent(55) || until.Sub(c.At) < time.Minute && !owed {
		return
	}
	room := max(0, min(until.Sub(c.At), 20*24*time.Hour))
	at := c.At.Add(time.Duration(l.Float64() * float64(room))).Truncate(time.Microsecond).Add(time.Microsecond)
	by := l.by(models.RoleManager)
	d := models.Disposition{OrgID: c.OrgID, CommentID: c.ID, Verdict: pick(l.chance, models.Verdicts), Reason: l.text("answer").In(c.Language), ByUserID: by, At: at}
	l.rows = append(l.rows, &d)
	l.note("comment.dispose", c.ID, by, at, map[string]any{"ref": l.d.Ref, "verdict": d.Verdict, "reason": ledger.Hash([]byte(d.Reason))})
}
