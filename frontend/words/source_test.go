package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sources are the folders whose codes must have words. This package imports
// none of them, so their source is read; a folder not yet written is skipped.
var sources = []string{
	"../../models", "../../internal/register", "../../internal/notice", "../../internal/auth", "../../internal/study", "../../internal/web", "../../api", "../../policy",
	"../pages", "../design",
}

func parse(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			// Somebody is in the middle of a change; the compiler will say more.
			t.Logf("%s cannot be read: %v", name, err)
			continue
		}
		out = append(out, f)
	}
	return out
}

// callee names the function or method of a call.
func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// literals gives the whole string literals that an expression may be: itself,
// or what the function around it assigns to the variable that it names. open
// are those that something is joined to.
func literals(e ast.Expr, around ast.Node) (whole, open []string) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return []string{s}, nil
		}
	case *ast.BinaryExpr:
		w, _ := literals(e.X, nil)
		return nil, w
	case *ast.Ident:
		if around == nil {
			return nil, nil
		}
		ast.Inspect(around, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok || len(a.Lhs) != len(a.Rhs) || a.Tok == token.ADD_ASSIGN {
				return true
			}
			for i, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == e.Name {
					w, o := literals(a.Rhs[i], nil)
					whole, open = append(whole, w...), append(open, o...)
				}
			}
			return true
		})
	}
	return whole, open
}

var fieldCode = regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)*$`)

func TestEveryCodeInTheSourceHasWords(t *testing.T) {
	t.Parallel()
	// Which argument of a call is a code, and the prefixes of its keys.
	calls := map[string]struct {
		arg      int
		prefixes []string
	}{
		"reason":  {0, []string{""}},
		"Fail":    {1, []string{"error."}},
		"Add":     {1, []string{"field."}},
		"block":   {1, []string{"gate.", "fix."}},
		"Say":     {1, []string{""}},
		"say":     {0, []string{""}},
		"line":    {0, []string{""}},
		"Missing": {0, []string{"noun."}},
		"ask":     {2, []string{"page.ask."}},
		"column":  {1, []string{"page.column."}},
		"done":    {2, []string{""}},
	}
	seen := 0
	for _, dir := range sources {
		for _, file := range parse(t, dir) {
			for _, decl := range file.Decls {
				ast.Inspect(decl, func(n ast.Node) bool {
					if code, ok := codeOf(n); ok {
						wantWords(t, dir, code)
					}
					call, ok := n.(*ast.CallExpr)
					if !ok {
						return true
					}
					rule, ok := calls[callee(call)]
					if !ok || len(call.Args) <= rule.arg || ours(dir, callee(call)) {
						return true
					}
					whole, open := literals(call.Args[rule.arg], decl)
					for _, prefix := range rule.prefixes {
						for _, code := range whole {
							// Headers and query values are added too; they do not look like codes.
							if callee(call) == "Add" && !fieldCode.MatchString(code) || prefix+code == "" {
								continue
							}
							seen++
							wantWords(t, dir, prefix+code)
						}
						for _, start := range open {
							wantStart(t, dir, prefix+start)
						}
					}
					return true
				})
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d codes were found: has the way of saying them changed?", seen)
	}
}

// codeOf gives the code of a literal models.Reason{Code: "…"}.
func codeOf(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	name := ""
	switch typ := lit.Type.(type) {
	case *ast.Ident:
		name = typ.Name
	case *ast.SelectorExpr:
		name = typ.Sel.Name
	}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok || name != "Reason" {
			continue
		}
		if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
			if whole, _ := literals(kv.Value, nil); len(whole) == 1 {
				return whole[0], true
			}
		}
	}
	return "", false
}

// ours says whether a name means something else in a folder: the fillers of
// notice items have a say of their own, tested below.
func ours(dir, name string) bool {
	return (name == "say" || name == "line") && dir != "../../internal/notice"
}

func wantWords(t *testing.T, where, key string) {
	t.Helper()
	for _, lang := range Languages() {
		if !Has(lang, key) {
			t.Errorf("%s says %q, which has no words in %s", where, key, lang)
		}
	}
}

func wantStart(t *testing.T, where, start string) {
	t.Helper()
	for _, key := range Keys(English) {
		if strings.HasPrefix(key, start) {
			return
		}
	}
	t.Errorf("%s joins something to %q, with which no key begins", where, start)
}

// A code may also stand in a table; whatever looks like one must be one.
var looksLikeCode = regexp.MustCompile(`^(clock|class|item|scope|warn|day|trigger|light)\.[a-z_]+[a-z]$`)

func TestEveryCodeInATableHasWords(t *testing.T) {
	t.Parallel()
	for _, file := range parse(t, "../../models") {
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && looksLikeCode.MatchString(s) {
					wantWords(t, "models", s)
				}
			}
			return true
		})
	}
}

// labelled are the fillers of notice items and which argument is the label.
var labelled = map[string]int{"text": 0, "maybe": 0, "say": 1}

func TestEveryLabelHasWords(t *testing.T) {
	t.Parallel()
	found := 0
	for _, file := range parse(t, "../../models") {
		for _, decl := range file.Decls {
			ast.Inspect(decl, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				var args []ast.Expr
				if arg, ok := labelled[callee(call)]; ok && len(call.Args) > arg {
					args = call.Args[arg : arg+1]
				}
				if callee(call) == "append" && len(call.Args) == 2 {
					if s, ok := call.Args[0].(*ast.SelectorExpr); ok && s.Sel.Name == "Missing" {
						args = call.Args[1:]
					}
				}
				for _, a := range args {
					whole, open := literals(a, decl)
					for _, l := range whole {
						found++
						wantWords(t, "a notice item", "label."+l)
					}
					for _, start := range open {
						wantStart(t, "a notice item", "label."+start)
					}
				}
				return true
			})
		}
	}
	if found < 40 {
		t.Errorf("only %d labels were found", found)
	}
	for no := 1; no <= 26; no++ {
		wantWords(t, "a notice", "itemTitle."+strconv.Itoa(no))
	}
}

// enums are the prefixes of the closed lists of the record, by Go type and field.
var enums = map[string]string{
	"Record.UseFamily": "useFamily", "Record.AIClass": "aiClass", "Record.Manages": "manages", "Record.Activation": "activation",
	"Record.RiskLevel": "riskLevel", "Record.DecisionStatus": "decisionStatus", "HumanReview.Kind": "humanReview",
	"Assessment.Kind": "assessment", "Assessment.State": "assessmentState", "Commitment.Kind": "commitment",
	"Commitment.Status": "commitmentStatus", "Cost.Kind": "costKind", "StatedGuardrail.State": "guardrail", "Withheld.Audience": "audience",
	"Score.Dimension": "dimension", "Score.Confidence": "confidence", "Period.Trigger": "trigger", "Period.Kind": "dayKind", "Period.Class": "changeClass",
	"Plan.Design": "design", "Plan.Unit": "unitOf", "Plan.Measurement": "measurement", "Plan.Checking": "checkingTime", "Plan.Estimator": "estimator",
	"Plan.Interval": "interval", "PlanGuardrail.Kind": "guardKind", "Metric.Kind": "metricKind", "Metric.Better": "better", "Column.Role": "column",
	"GuardrailFinding.State": "guardrail", "ArmSummary.Arm": "arm", "ArmSummary.Period": "period",
}

func TestEveryFieldAndListOfTheRecordHasWords(t *testing.T) {
	t.Parallel()
	unseen := map[string]bool{}
	for name := range enums {
		unseen[name] = true
	}
	for _, file := range parse(t, "../../models") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, f := range s.Fields.List {
				if f.Tag == nil || len(f.Names) != 1 {
					continue
				}
				raw, err := strconv.Unquote(f.Tag.Value)
				if err != nil {
					t.Fatal(err)
				}
				tag := reflect.StructTag(raw)
				name := spec.Name.Name + "." + f.Names[0].Name
				if json, _, _ := strings.Cut(tag.Get("json"), ","); spec.Name.Name == "Record" {
					wantWords(t, "Record", "record."+json)
				}
				if prefix, ok := enums[name]; ok && tag.Get("enum") != "" {
					delete(unseen, name)
					for value := range strings.SplitSeq(tag.Get("enum"), ",") {
						if value != "" {
							wantWords(t, name, prefix+"."+value)
						}
					}
				}
			}
			return true
		})
	}
	for name := range unseen {
		t.Errorf("%s has no closed list any more", name)
	}
}

// constants are the prefixes of the typed constants of models.
var constants = map[string]string{
	"Stage": "stage", "ChangeClass": "changeClass", "Audience": "audience", "NoticeKind": "noticeKind", "Evidenced": "evidence",
	"DeliveryEvent": "deliveryEvent", "Circle": "circle", "Role": "role", "Language": "language", "Nation": "nation",
	"RunState": "runState", "ClaimStatus": "claimStatus", "ClaimVerdict": "claimStatus", "Grade": "grade",
	"Channel": "channel", "Trigger": "trigger", "DayKind": "dayKind", "Kind": "error",
}

// Every kind of event of the security log has a sentence.
func TestEverySecurityKindHasWords(t *testing.T) {
	t.Parallel()
	found := 0
	for _, file := range parse(t, "../../models") {
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			list, ok := lit.Type.(*ast.ArrayType)
			if !ok {
				return true
			}
			if of, ok := list.Elt.(*ast.Ident); !ok || of.Name != "SecurityKind" {
				return true
			}
			for _, e := range lit.Elts {
				whole, _ := literals(e, nil)
				for _, kind := range whole {
					found++
					wantWords(t, "SecurityKinds", "securityKind."+kind)
				}
			}
			return true
		})
	}
	if found < 30 {
		t.Errorf("only %d kinds were found", found)
	}
}

// Every letter has its parts; what was changed leads the letter of a change.
func TestEveryLetterHasWords(t *testing.T) {
	t.Parallel()
	for _, file := range parse(t, "../../internal/notice") {
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "LetterKind" {
				whole, _ := literals(v.Values[0], nil)
				for _, kind := range whole {
					for _, part := range []string{"subject", "lead", "link", "not_you"} {
						if kind == "change" && part == "lead" {
							part = "when"
						}
						wantWords(t, "a letter", "mail.letter."+kind+"."+part)
					}
				}
			}
			return true
		})
	}
}

func TestEveryConstantHasWords(t *testing.T) {
	t.Parallel()
	for _, file := range parse(t, "../../models") {
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			if typ, ok := v.Type.(*ast.Ident); ok && constants[typ.Name] != "" {
				whole, _ := literals(v.Values[0], nil)
				for _, value := range whole {
					wantWords(t, typ.Name, constants[typ.Name]+"."+value)
				}
			}
			return true
		})
	}
}

// Every act that leaves an entry in the ledger has a phrase for the timeline.
func TestEveryActHasWords(t *testing.T) {
	t.Parallel()
	for _, file := range parse(t, "../../policy") {
		ast.Inspect(file, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "name" {
				whole, _ := literals(kv.Value, nil)
				for _, act := range whole {
					wantWords(t, "policy", "act."+act)
					if _, verb, ok := strings.Cut(act, "."); ok && !strings.HasPrefix(verb, "read") {
						wantWords(t, "policy", "verb."+act)
					}
				}
			}
			return true
		})
	}
}

// What the reader of rows and the statistics say in codes, people read in words.
func TestEveryCodeOfTheEvidenceHasWords(t *testing.T) {
	t.Parallel()
	for _, look := range []struct{ files, says, key string }{
		{"../../internal/report/dataset*.go", `"(dataset\.[a-z_]+)"`, ""},
		{"../../internal/report/dataset*.go", `Fail\(models\.\w+, "([a-z_]+)"`, "error."},
		{"../../internal/evidence/*.go", `refuse\("([a-z_]+)"`, "refusal."},
		{"../../internal/evidence/*.go", `note\("([a-z_]+)"`, "limit."},
		{"../../internal/evidence/*.go", `Note\{Code: "([a-z_]+)"`, "limit."},
		{"../../internal/study/*.go", `Refusal\{Code: "([a-z_]+)"`, "refusal."},
		{"../../internal/study/*.go", `say\([^"+]*"([a-z][a-z_]+)"`, "limit."},
	} {
		names, err := filepath.Glob(look.files)
		if err != nil {
			t.Fatal(err)
		}
		says, found := regexp.MustCompile(look.says), 0
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range says.FindAllStringSubmatch(string(text), -1) {
				found++
				wantWords(t, name, look.key+m[1])
			}
		}
		if found == 0 {
			t.Errorf("%s says nothing like %s any more", look.files, look.says)
		}
	}
}
