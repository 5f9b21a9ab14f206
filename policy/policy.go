package policy

import (
	"bufio"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"

	"beforehand/models"
)

var (
	//go:embed model.conf
	modelText string
	//go:embed policy.csv
	policyText string
)

// Policy is a rulebook. It is safe for concurrent use.
type Policy struct {
	// mu guards the enforcer, which is asked once for each role and act.
	mu       sync.Mutex
	enforcer *casbin.Enforcer
	rulings  [][]atomic.Pointer[ruling] // by role, then act
}

// ruling is what the enforcer said of a role and an act. Silence is a ruling too.
type ruling struct {
	reach reach
	line  string
}

var roleIndex = func() map[models.Role]int {
	index := map[models.Role]int{}
	for _, r := range append(slices.Clone(models.Roles), models.RoleService, models.RolePerson, models.RolePublic) {
		index[r] = len(index)
	}
	return index
}()

// New makes a policy from the text of a casbin model and of policy lines. A
// line with an unknown role, act or reach is an error that names it.
func New(modelText, policyText string) (*Policy, error) {
	if err := checkLines(policyText); err != nil {
		return nil, err
	}
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("policy model: %w", err)
	}
	enforcer, err := casbin.NewEnforcer(m, stringadapter.NewAdapter(policyText))
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	// A matcher that names what the model lacks fails only when it is asked.
	if _, _, err := enforcer.EnforceEx(string(models.RolePublic), acts[0].name); err != nil {
		return nil, fmt.Errorf("policy model: %w", err)
	}
	p := &Policy{enforcer: enforcer, rulings: make([][]atomic.Pointer[ruling], len(roleIndex))}
	for i := range p.rulings {
		p.rulings[i] = make([]atomic.Pointer[ruling], len(acts))
	}
	return p, nil
}

// checkLines reads the policy as a person does, line by line: casbin itself
// passes over a line that it does not understand.
func checkLines(text string) error {
	seen := map[[2]string]int{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for no := 1; lines.Scan(); no++ {
		line := lines.Text()
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fault := func(format string, args ...any) error {
			return fmt.Errorf("policy line %d: %q: %s", no, line, fmt.Sprintf(format, args...))
		}
		f := strings.Split(line, ", ")
		if len(f) != 4 || f[0] != "p" {
			return fault("a line is p, role, act, reach")
		}
		if _, ok := roleIndex[models.Role(f[1])]; !ok {
			return fault("there is no role %q", f[1])
		}
		if _, ok := actIndex[f[2]]; !ok {
			return fault("there is no act %q", f[2])
		}
		if _, ok := reaches[f[3]]; !ok {
			return fault("there is no reach %q", f[3])
		}
		pair := [2]string{f[1], f[2]}
		if first, twice := seen[pair]; twice {
			return fault("line %d has already said it", first)
		}
		seen[pair] = no
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return nil
}

var defaultPolicy = sync.OnceValue(func() *Policy {
	p, err := New(modelText, policyText)
	if err != nil {
		panic(err) // the embedded files are tested
	}
	return p
})

// Default is the policy of the embedded files.
func Default() *Policy { return defaultPolicy() }

// Check asks the default policy; see [Policy.Check].
func Check(a models.Actor, act string, r Resource) error { return Default().Check(a, act, r) }

// Allowed asks the default policy; see [Policy.Allowed].
func Allowed(a models.Actor, acts []string, r Resource) []string {
	return Default().Allowed(a, acts, r)
}

// Explain asks the default policy; see [Policy.Explain].
func Explain(a models.Actor, act string, r Resource) Decision { return Default().Explain(a, act, r) }

// Permitted asks the default policy; see [Policy.Permitted].
func Permitted(role models.Role, act string) (reach string, ok bool) {
	return Default().Permitted(role, act)
}

// Permitted says how far an act of a role reaches, whatever the record.
func (p *Policy) Permitted(role models.Role, act string) (reach string, ok bool) {
	i, known := actIndex[act]
	if !known {
		return "", false
	}
	r := p.ruling(role, i)
	return string(r.reach), r.reach != ""
}

var nothing = &ruling{}

// ruling asks the enforcer once and remembers.
func (p *Policy) ruling(role models.Role, act int) *ruling {
	i, known := roleIndex[role]
	if !known {
		return nothing
	}
	cell := &p.rulings[i][act]
	if r := cell.Load(); r != nil {
		return r
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, line, err := p.enforcer.EnforceEx(string(role), acts[act].name)
	if err != nil || !ok || len(line) < 3 {
		// An enforcer that fails has not allowed anything.
		cell.Store(nothing)
		return nothing
	}
	r := &ruling{reach: reach(line[2]), line: "p, " + strings.Join(line[:3], ", ")}
	cell.Store(r)
	return r
}
