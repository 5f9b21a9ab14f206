package policy

import (
	"fmt"
	"slices"
	"strings"

	"beforehand/models"
)

// Resource is what a decision needs to know of a record. What is left empty
// is not there: an empty organisation is nobody's, and an empty audience no one's.
type Resource struct {
	OrgID string
	// AreaPath is the path of the record's service area.
	AreaPath string
	// UnionID is the union that the record concerns: whose comment, request,
	// delivery, scorecard or officers it is.
	UnionID string
	// UnionsInScope are the unions in scope of the record's deployment.
	UnionsInScope []string
	// Audience is who may read the record. For a comment it is its circle.
	Audience models.Audience
	// OwnerID is the user whose record it is: who wrote the comment, whose token.
	OwnerID string
}

// reach says over which records an act of a role goes.
type reach string

const (
	reachOrganisation reach = "organisation"
	reachArea         reach = "area"
	reachUnion        reach = "union"
	reachScope        reach = "scope"
	reachPublished    reach = "published"
	reachScrutiny     reach = "scrutiny"
	reachOpened       reach = "opened"
	reachSelf         reach = "self"
)

// audienceScrutiny is the circle that only comments have.
const audienceScrutiny = models.Audience(models.CircleScrutiny)

// reaches try a record. The organisation has been compared before.
var reaches = map[string]func(models.Actor, models.Grant, act, Resource) bool{
	string(reachOrganisation): func(models.Actor, models.Grant, act, Resource) bool { return true },
	string(reachArea):         func(_ models.Actor, g models.Grant, _ act, r Resource) bool { return below(r.AreaPath, g.AreaPath) },
	string(reachUnion): func(_ models.Actor, g models.Grant, _ act, r Resource) bool {
		return g.UnionID != "" && r.UnionID == g.UnionID
	},
	string(reachScope): inScope,
	string(reachPublished): func(_ models.Actor, _ models.Grant, _ act, r Resource) bool {
		return r.Audience == models.AudiencePublic
	},
	string(reachScrutiny): func(_ models.Actor, _ models.Grant, _ act, r Resource) bool { return r.toParties() },
	string(reachOpened): func(_ models.Actor, _ models.Grant, _ act, r Resource) bool {
		return r.Audience == audienceScrutiny || r.Audience == models.AudiencePublic
	},
	string(reachSelf): func(a models.Actor, _ models.Grant, _ act, r Resource) bool {
		return a.UserID != "" && r.OwnerID == a.UserID
	},
}

// toParties says whether the parties may read the record.
func (r Resource) toParties() bool {
	return r.Audience == models.AudienceParties || r.Audience == audienceScrutiny || r.Audience == models.AudiencePublic
}

// below says whether an area is another or lies below it. Whole ids are
// compared: area 1 does not hold area 12.
func below(path, root string) bool {
	root = strings.TrimSuffix(root, "/")
	if root == "" {
		return true
	}
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '/')
}

// inScope holds for a union's own deployment records. A union keeps reading
// what is its own when it is in scope no longer.
func inScope(_ models.Actor, g models.Grant, do act, r Resource) bool {
	if g.UnionID == "" || !r.toParties() {
		return false
	}
	reading := do.read == do.name
	return slices.Contains(r.UnionsInScope, g.UnionID) || reading && r.UnionID == g.UnionID
}

// mayStand says whether a grant may stand where an own-side act stands: a
// union speaks for itself only, and the employer never in a union's place.
// What is somebody's own is so on either side.
func (do act) mayStand(g models.Grant, r Resource) bool {
	return !do.ownSide || r.UnionID == "" || g.Role == models.RolePerson || g.Role.ForUnion() && r.UnionID == g.UnionID
}

// Why a decision went as it did.
const (
	whyAllowed      = "allowed"
	whyNoAct        = "there is no such act"
	whySignIn       = "nobody has signed in"
	whyOrganisation = "the record is not of the actor's organisation"
	whyUnreadable   = "the actor may not read the record"
	whyNoLine       = "no policy line lets the actor's roles do this"
	whyReach        = "the policy line does not reach this record"
	whyToken        = "the token was not issued for this act"
	whyInPerson     = "no token may do this: it takes a person who has signed in"
	whyTokenArea    = "the token is limited to a service area"
	whyLapsed       = "this takes a proof of who is asking that is not ten minutes old"
)

// verdict is a decision without its words, so that a decision allocates nothing.
type verdict struct {
	why  string
	line string
}

// decide is the one decision.
func (p *Policy) decide(a models.Actor, name string, r Resource) verdict {
	i, known := actIndex[name]
	if !known {
		return verdict{why: whyNoAct}
	}
	open := p.ruling(models.RolePublic, i).reach != ""
	if a.Anonymous() && !open {
		return verdict{why: whySignIn}
	}
	// The public has no organisation and reads every one's public records.
	if r.OrgID == "" || a.OrgID != r.OrgID && !(a.Anonymous() && a.OrgID == "") {
		return verdict{why: whyOrganisation}
	}
	line, reached := p.reaching(a, i, r)
	if !p.readable(a, i, r, reached) || !inTokenArea(a, r) {
		return verdict{why: whyUnreadable, line: line}
	}
	switch {
	case line == "":
		return verdict{why: whyNoLine}
	case !reached:
		return verdict{why: whyReach, line: line}
	case !inTokenScope(a, name):
		return verdict{why: whyToken, line: line}
	case a.TokenID != "" && acts[i].inPerson:
		return verdict{why: whyInPerson, line: line}
	case a.AreaPath != "" && r.AreaPath == "" && !ofEveryArea[name]:
		return verdict{why: whyTokenArea, line: line}
	case acts[i].fresh && a.Lapsed && !slices.Contains(a.Scopes, name):
		// A token cannot prove anything anew: naming the act when it was issued,
		// which took a fresh proof, stands for it.
		return verdict{why: whyLapsed, line: line}
	}
	return verdict{why: whyAllowed, line: line}
}

// ofEveryArea are the acts on what belongs to no service area that a token
// limited to one may do: it needs to know the areas' names.
var ofEveryArea = map[string]bool{"organisation.read": true, "profile.read": true}

// inTokenArea says whether a token that is limited to a service area reaches a
// record as far as areas go.
func inTokenArea(a models.Actor, r Resource) bool {
	return a.AreaPath == "" || r.AreaPath == "" || below(r.AreaPath, a.AreaPath)
}

// readable says whether the actor may read the record that an act works on. An
// idea, which is the employer's own, takes a permission of its own.
func (p *Policy) readable(a models.Actor, i int, r Resource, reached bool) bool {
	read := acts[i].read
	if read != acts[i].name {
		_, reached = p.reaching(a, actIndex[read], r)
	}
	if reached && read == "deployment.read" && r.Audience == models.AudienceEmployer {
		_, reached = p.reaching(a, actIndex["deployment.read_draft"], r)
	}
	return reached
}

// reaching finds a line that allows the act on the record; failing that, one
// that allows it on others.
func (p *Policy) reaching(a models.Actor, i int, r Resource) (line string, reached bool) {
	try := func(g models.Grant) bool {
		ruling := p.ruling(g.Role, i)
		if ruling.reach == "" || acts[i].notLent && g.For != "" {
			return false
		}
		reached = reaches[string(ruling.reach)](a, g, acts[i], r) && acts[i].mayStand(g, r)
		if reached || line == "" {
			line = ruling.line
		}
		return reached
	}
	if !a.Anonymous() {
		for _, g := range a.Grants {
			if try(g) {
				return line, true
			}
		}
		if try(models.Grant{Role: models.RolePerson}) {
			return line, true
		}
	}
	try(models.Grant{Role: models.RolePublic})
	return line, reached
}

func inTokenScope(a models.Actor, name string) bool {
	if a.Scopes == nil {
		return true
	}
	for _, s := range a.Scopes {
		prefix, all := strings.CutSuffix(s, "*")
		if s == name || all && strings.HasSuffix(prefix, ".") && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Check decides whether an actor may do an act on a record. It denies by
// default. What the actor may not read, and what another organisation holds,
// is not found; what may be read but not done is forbidden.
func (p *Policy) Check(a models.Actor, act string, r Resource) error {
	return p.decide(a, act, r).err(act)
}

func (v verdict) err(act string) error {
	switch v.why {
	case whyAllowed:
		return nil
	case whyNoAct:
		return fmt.Errorf("policy: there is no act %q", act)
	case whySignIn:
		return models.Fail(models.Unauthenticated, "unauthenticated")
	case whyOrganisation, whyUnreadable:
		return models.Missing(nounOf(act))
	case whyLapsed:
		return models.Fail(models.Unauthenticated, "step_up_required").With("act", act)
	default:
		return models.Fail(models.Forbidden, "forbidden").With("act", act)
	}
}

// nounOf is what an act is done to, as the store names it when there is none:
// a record that may not be read is missing in the same words.
func nounOf(name string) string {
	i, ok := actIndex[name]
	if !ok {
		return "record"
	}
	noun, _, _ := strings.Cut(acts[i].read, ".")
	switch noun {
	case "gate", "score":
		return "deployment"
	}
	if strings.HasPrefix(name, "membership.") {
		return "membership"
	}
	return noun
}

// Allowed gives those of the acts that the actor may do on the record: the
// can list of a view. It is never nil. What a person may do once they have
// proved again who they are is in it: asking is how they find out.
func (p *Policy) Allowed(a models.Actor, acts []string, r Resource) []string {
	if a.TokenID == "" {
		a.Lapsed = false
	}
	can := make([]string, 0, len(acts))
	for _, act := range acts {
		if p.decide(a, act, r).why == whyAllowed {
			can = append(can, act)
		}
	}
	return can
}

// Decision is a decision told: for an administrator, not for whom it refused.
type Decision struct {
	Act     string `json:"act"`
	Allowed bool   `json:"allowed"`
	// Line is the policy line that allowed it, or the nearest one.
	Line string `json:"line,omitempty"`
	Why  string `json:"why"`
}

// Explain decides as [Policy.Check] does and says by which line, or why not.
func (p *Policy) Explain(a models.Actor, act string, r Resource) Decision {
	v := p.decide(a, act, r)
	return Decision{Act: act, Allowed: v.why == whyAllowed, Line: v.line, Why: v.why}
}

// String is one line for a terminal.
func (d Decision) String() string {
	s := d.Act + ": " + d.Why
	if !d.Allowed {
		s = d.Act + ": refused: " + d.Why
	}
	if d.Line != "" {
		s += " (" + d.Line + ")"
	}
	return s
}
