package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"beforehand/models"
)

func TestBundledProfiles(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, p := range Profiles() {
		codes = append(codes, p.Code)
		for _, class := range classes {
			for _, trigger := range models.Triggers {
				if periods, err := p.PeriodsFor(class, trigger); err != nil || len(periods) != 1 {
					t.Errorf("%s, class %s before %s: %v, %v", p.Code, class, trigger, periods, err)
				}
			}
		}
	}
	if got := strings.Join(codes, " "); got != "england-local-government eu-ai-act-26-7 wales-partnership" {
		t.Error(got)
	}
}

// The defaults of domain section 5.
func TestWalesPartnership(t *testing.T) {
	t.Parallel()
	p, err := Bundled().Profile("wales-partnership")
	if err != nil {
		t.Fatal(err)
	}
	want := map[models.ChangeClass][3]string{
		"A": {"0 working", "0 working", "0 working"},
		"B": {"20 working", "28 calendar", "28 calendar"},
		"C": {"30 working", "60 calendar", "60 calendar"},
		"D": {"30 working", "90 calendar", "90 calendar"},
	}
	for class, row := range want {
		for i, trigger := range models.Triggers {
			periods, _ := p.PeriodsFor(class, trigger)
			if got := fmt.Sprint(periods[0].Days, " ", periods[0].Kind); got != row[i] {
				t.Errorf("class %s before %s: %s, not %s", class, trigger, got, row[i])
			}
		}
	}
	if p.CutOff != 16*60+30 || len(p.Languages) != 2 || p.InformWithin != 5 || p.Sufficient != models.EvidenceAccepted ||
		p.SilentDays != 2 || p.RequestDays != 10 || p.ReviewMonths != 12 || p.ResponseDays != 10 || p.ChallengeDays != 10 || p.LeastPeople != 10 || p.TrainingShare != 80 {
		t.Errorf("%+v", p)
	}
	mandatory := map[int]string{}
	for _, item := range p.Items {
		mandatory[item.No] = fmt.Sprint(item.Classes)
	}
	if len(mandatory) != 24 || mandatory[16] != "[D]" || mandatory[26] != "[]" || mandatory[20]+mandatory[25] != "" {
		t.Errorf("mandatory items: %v", mandatory)
	}
	if england, _ := Bundled().Profile("england-local-government"); !england.MaySkipPilot("B") || p.MaySkipPilot("B") {
		t.Error("class B skips the pilot in England and not in Wales")
	}
}

func TestOnlyRulesInForceLookBinding(t *testing.T) {
	t.Parallel()
	for _, p := range Profiles() {
		for _, rule := range p.Rules {
			if rule.Status == "in force" && rule.AppliesFrom > rule.CheckedOn {
				t.Errorf("%s: %s was not in force yet when it was checked", p.Code, rule.Code)
			}
			if rule.Status == "future" && rule.AppliesFrom <= rule.CheckedOn {
				t.Errorf("%s: %s was in force already when it was checked", p.Code, rule.Code)
			}
		}
	}
}

func TestUnknownProfile(t *testing.T) {
	t.Parallel()
	if _, err := Bundled().Profile("mars"); models.CodeOf(err) != "unknown_profile" || models.KindOf(err) != models.Invalid {
		t.Error(err)
	}
}

func england(t *testing.T) string {
	t.Helper()
	text, err := profileFiles.ReadFile("profiles/england-local-government.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBrokenProfilesNameTheLine(t *testing.T) {
	t.Parallel()
	good := england(t)
	lineOf := func(part string) int {
		before, _, ok := strings.Cut(good, part)
		if !ok {
			t.Fatalf("the profile has no %q", part)
		}
		return strings.Count(before, "\n") + 1
	}
	const c28 = `  - {class: C, before: decision, days: 30, kind: working}`
	for _, c := range []struct {
		name, old, new, want string
	}{
		{"unknown key", "requestDays: 10", "requestedDays: 10", `unknown key "requestedDays"`},
		{"unknown class", c28, strings.Replace(c28, "C", "E", 1), `unknown class "E"`},
		{"unknown trigger", c28, strings.Replace(c28, "decision", "lunch", 1), `unknown trigger "lunch"`},
		{"unknown kind", c28, strings.Replace(c28, "working", "lunar", 1), `unknown kind of day "lunar"`},
		{"negative days", c28, strings.Replace(c28, "30", "-1", 1), `"-1" is not a whole number`},
		{"half days", c28, strings.Replace(c28, "30", "1.5", 1), `"1.5" is not a whole number`},
		{"unknown key of a period", c28, strings.Replace(c28, "kind", "sort", 1), `unknown key "sort"`},
		{"cut-off", `cutOff: "16:30"`, `cutOff: "25:00"`, `"25:00" is not a time of day`},
		{"cut-off without minutes", `cutOff: "16:30"`, `cutOff: 16`, `"16" is not a time of day`},
		{"cut-off, one figure", `cutOff: "16:30"`, `cutOff: "9:30"`, `"9:30" is not a time of day`},
		{"item 27", "items: [1, 2,", "items: [27, 2,", `"27" is not a whole number from 1 to 26`},
		{"item twice", "items: [1, 2,", "items: [2, 2,", `item 2 is said twice`},
		{"status", "status: in force", "status: binding", `unknown status "binding"`},
		{"date", `appliesFrom: "2011-04-05"`, `appliesFrom: "2011-02-29"`, `"2011-02-29" is not a date that exists`},
		{"no Welsh name", `cy: "Lloegr: llywodraeth leol"`, `cy: ""`, `a text is expected here`},
		{"language", "languages: [en]", "languages: [fr]", `unknown language "fr"`},
		{"evidence", "sufficient: accepted", "sufficient: opened", `unknown evidence "opened"`},
		{"nation", "nation: england_and_wales", "nation: wales", `unknown nation "wales"`},
		{"share", "trainingShare: 80", "trainingShare: 101", `"101" is not a whole number from 0 to 100`},
		{"code", "code: england-local-government", "code: England", `"England" is not a code`},
		{"class D skips", "skipPilot: [A, B]", "skipPilot: [A, D]", `unknown class "D"`},
		{"said twice", "responseDays: 10", "responseDays: 10\nrequestDays: 11", `"requestDays" is said twice`},
	} {
		line := lineOf(c.old)
		if c.name == "said twice" {
			line++
		}
		text := strings.Replace(good, c.old, c.new, 1)
		_, err := Load(fstest.MapFS{"own.yaml": {Data: []byte(text)}})
		want := fmt.Sprintf("own.yaml:%d: %s", line, c.want)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not say %s", c.name, err, want)
		}
	}
}

func TestProfilesThatLackSomething(t *testing.T) {
	t.Parallel()
	good := england(t)
	for name, c := range map[string]struct{ text, want string }{
		"class D":   {strings.ReplaceAll(good, "class: D, before", "class: C, before"), "class D has no period before pilot"},
		"a key":     {strings.Replace(good, "silentDays: 2\n", "", 1), `"silentDays" is missing`},
		"all":       {"", "own.yaml:1: the file is empty"},
		"a mapping": {"- 1\n- 2\n", "own.yaml:1: keys and values are expected"},
		"YAML":      {"code: [", "own.yaml: yaml: "},
		"from when": {strings.Replace(good, "    appliesFrom: \"2011-04-05\"\n", "", 1), `"appliesFrom" is missing`},
		"a list":    {strings.Replace(good, "languages: [en]", "languages: en", 1), "a list is expected here"},
		"yes or no": {strings.Replace(good, "statusQuo: true", "statusQuo: perhaps", 1), `"perhaps" is neither true nor false`},
	} {
		if _, err := Load(fstest.MapFS{"own.yaml": {Data: []byte(c.text)}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v does not say %s", name, err, c.want)
		}
	}
}

func TestAnEmployersOwnProfilesAreAddedAndMayReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.yaml", strings.Replace(england(t), "requestDays: 10", "requestDays: 7", 1))
	write("b.yml", strings.Replace(england(t), "code: england-local-government", "code: sir-tywi", 1))
	write("readme.txt", "not a profile")
	set, err := LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Profiles()); n != 4 {
		t.Errorf("%d profiles", n)
	}
	if p, err := set.Profile("england-local-government"); err != nil || p.RequestDays != 7 {
		t.Errorf("%d, %v", p.RequestDays, err)
	}
	if p, _ := Bundled().Profile("england-local-government"); p.RequestDays != 10 {
		t.Error("the bundled profile was written over")
	}
	write("c.yaml", england(t))
	if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), `c.yaml: profile "england-local-government" is in a.yaml already`) {
		t.Error(err)
	}
	if _, err := LoadDir(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there is an error")
	}
	if set, err := LoadDir(""); err != nil || len(set.Profiles()) != 3 {
		t.Errorf("no folder: %v", err)
	}
}
