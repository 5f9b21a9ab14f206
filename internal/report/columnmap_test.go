package report

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beforehand/frontend/words"
	"beforehand/models"
)

// smallMap is as little as a map can be; line 13 is free for more columns.
const smallMap = `source: county
key: [No]
area: [Area]
dates: ["2/1/2006", "January 2006"]
empty: [none]
constants:
  owner: Head of Digital
  useFamily: other
columns:
  - {column: Name, field: name.en}
  - {column: Why, field: purpose.en}
  - {column: State, field: decisionStatus, values: {Live: already_in_use, Idea: idea}}
`

func load(t *testing.T, s string) Map {
	t.Helper()
	m, err := LoadMap("county.yaml", []byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBundledMapsLoad(t *testing.T) {
	t.Parallel()
	for _, name := range BundledMaps() {
		if m, ok := BundledMap(name); !ok || m.Name != name || m.Source == "" {
			t.Errorf("%s: %v %+v", name, ok, m)
		}
	}
	if _, ok := BundledMap("../maps/us-federal-2024"); ok || !slices.Contains(BundledMaps(), "us-federal-2024") {
		t.Error("the names of the bundled maps are not what they should be")
	}
}

func TestBrokenMapsAreNamedByLine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ from, to, path, code string }{
		"an unknown key":                {"source: county", "source: county\nsauce: county", "county.yaml:2 sauce", "unknown_field"},
		"an unknown key of a column":    {"column: Why,", "column: Why, feild: x,", "county.yaml:11 feild", "unknown_field"},
		"a key twice":                   {"source: county", "source: county\nsource: county", "county.yaml:2 source", "duplicate"},
		"no source":                     {"source: county\n", "", "county.yaml:1 source", "required"},
		"a field that is not there":     {"purpose.en", "purpos.en", "county.yaml:11 field", "unknown_value"},
		"a field without a language":    {"purpose.en", "purpose", "county.yaml:11 field", "unknown_value"},
		"a list without an element":     {"purpose.en", "suppliers.name", "county.yaml:11 field", "unknown_value"},
		"a list with too many elements": {"purpose.en", "'suppliers[20].name'", "county.yaml:11 field", "unknown_value"},
		"a service area by id":          {"field: purpose.en", "field: serviceArea", "county.yaml:11 field", "unknown_value"},
		"a value not in the list":       {"already_in_use", "in_use", "county.yaml:12 values", "unknown_value"},
		"a constant not in the list":    {"useFamily: other", "useFamily: mother", "county.yaml:8 useFamily", "unknown_value"},
		"two spellings of one value":    {"Idea: idea", "LIVE : idea", "county.yaml:12 values", "duplicate"},
		"a form of dates with no year":  {"January 2006", "2 January", "county.yaml:4 dates", "malformed"},
		"a form of dates in other ways": {"January 2006", "YYYY-MM-DD", "county.yaml:4 dates", "malformed"},
		"an earliest that is no date":   {"source: county", "source: county\nearliest: 2019-02-30", "county.yaml:2 earliest", "not_a_date"},
		"longest of a date":             {"field: purpose.en", "field: dates.retired, longest: 5", "county.yaml:11 field", "wrong_type"},
		"longest that is no number":     {"field: purpose.en", "field: purpose.en, longest: ten", "county.yaml:11 longest", "out_of_range"},
		"into without longest":          {"field: purpose.en", "field: purpose.en, into: summary.en", "county.yaml:11 into", "required"},
		"keep without values":           {"field: purpose.en", "field: purpose.en, keep: true", "county.yaml:11 keep", "required"},
		"nothing for an answer":         {"  owner: Head of Digital\n", "", "county.yaml:1 owner", "required"},
		"nothing for the area":          {"area: [Area]\n", "", "county.yaml:1 area", "required"},
		"a list where a text belongs":   {"source: county", "source: [county]", "county.yaml:1 source", "wrong_type"},
		"a text where a list belongs":   {"key: [No]", "key: No", "county.yaml:2 key", "wrong_type"},
		"an alias":                      {"key: [No]", "key: &k [No]\nretired: *k", "county.yaml:3", "wrong_type"},
		"no YAML":                       {"key: [No]", "key: [No", "county.yaml:2", "bad_line"},
		"a colon too many":              {"State, field", "State: field", "county.yaml:12", "bad_line"},
		"a line out of place":           {"area: [Area]", " area: [Area]", "county.yaml:3", "bad_line"},
		"a second document":             {"key: [No]", "key: [No]\n---\na: b", "county.yaml:3", "bad_line"},
		"nothing at all":                {smallMap, "", "county.yaml:1", "required"},
		"a list at the top":             {smallMap, "- a", "county.yaml:1", "wrong_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(smallMap, tc.from, tc.to, 1)
			if text == smallMap {
				t.Fatal("nothing was changed")
			}
			_, err := LoadMap("county.yaml", []byte(text))
			var bad *models.Error
			if !errors.As(err, &bad) || bad.Kind != models.Invalid {
				t.Fatalf("got %v", err)
			}
			for _, f := range bad.Fields {
				if f.Path == tc.path && f.Code == tc.code {
					for _, lang := range words.Languages() {
						if s := words.Say(lang, "field."+f.Code, f.Params); strings.ContainsAny(s, "⟦⟧") {
							t.Errorf("%s: %s", lang, s)
						}
					}
					return
				}
			}
			t.Errorf("got %v; want %s %s", err, tc.path, tc.code)
		})
	}
}

func convert(t *testing.T, mapText, csv string) Conversion {
	t.Helper()
	return Convert(read(t, []byte(csv)), load(t, mapText))
}

func TestColumnsAreFound(t *testing.T) {
	t.Parallel()
	c := convert(t, smallMap, "No,Name,Name,STATE ,Area\n1,a,b,Live,x\n")
	var got []string
	for _, p := range c.Problems {
		if p.Row != 1 {
			t.Errorf("row %d", p.Row)
		}
		got = append(got, p.Code+" "+p.Column)
		for _, lang := range words.Languages() {
			if s := words.Say(lang, p.Code, p.Params); strings.ContainsAny(s, "⟦⟧") || !strings.Contains(s, p.Column) {
				t.Errorf("%s: %s", lang, s)
			}
		}
	}
	if diff := cmp.Diff([]string{"import.column_ambiguous Name", "import.column_missing Why"}, got); diff != "" || len(c.Rows) > 0 {
		t.Errorf("%d rows; problems (-want +got):\n%s", len(c.Rows), diff)
	}
	m := strings.NewReplacer("column: Name", "column: 'Name [2]'", "column: Why", "column: '#2'").Replace(smallMap)
	c = convert(t, m, "No,Name,Name,STATE ,Area\n1,why,a name,live,x\n")
	if len(c.Problems) > 0 || len(c.Rows[0].Problems) > 0 || c.Rows[0].Record.Name.En != "a name" || c.Rows[0].Record.Purpose.En != "why" {
		t.Errorf("%+v", c)
	}
}

func TestConvertFields(t *testing.T) {
	t.Parallel()
	const head, row = "No,Name,Why,State,Area,X,Y\n", "1,n,w,Live,Area,"
	for name, tc := range map[string]struct {
		entry, x, y     string
		want            func(r *models.Record)
		repair, problem string
	}{
		"a number":                   {entry: "{column: X, field: licences}", x: `"1,250"`, want: func(r *models.Record) { r.Licences = 1250 }},
		"not a number":               {entry: "{column: X, field: licences}", x: "many", problem: "not_a_number X: many"},
		"a number below nought":      {entry: "{column: X, field: 'workerData[0].retentionDays'}\n  - {column: Y, field: 'workerData[0].category'}", x: "-1", y: "c", want: func(r *models.Record) { r.WorkerData = []models.WorkerData{{Category: "c", RetentionDays: -1}} }, problem: "answer X: -1"},
		"a decimal":                  {entry: "{column: X, field: training.hours}", x: "1.5", want: func(r *models.Record) { r.Training.Hours = 1.5 }},
		"not a finite number":        {entry: "{column: X, field: training.hours}", x: "NaN", problem: "not_a_number X: NaN"},
		"yes":                        {entry: "{column: X, field: light}", x: "Yes", want: func(r *models.Record) { r.Light = true }},
		"perhaps":                    {entry: "{column: X, field: light}", x: "perhaps", problem: "not_yes_or_no X: perhaps"},
		"yes in Welsh, by the map":   {entry: "{column: X, field: light, values: {Ydy: yes, Nac ydy: no}}", x: "ydy", want: func(r *models.Record) { r.Light = true }},
		"a date in the map's form":   {entry: "{column: X, field: dates.procurement}", x: "7/9/2026", want: func(r *models.Record) { r.Dates.Procurement = models.MustDate("2026-09-07") }},
		"a month":                    {entry: "{column: X, field: dates.procurement}", x: "September 2026", want: func(r *models.Record) { r.Dates.Procurement = models.MustDate("2026-09-01") }, repair: "month X: September 2026 → 2026-09-01"},
		"a date that does not exist": {entry: "{column: X, field: dates.procurement}", x: "30/2/2026", problem: "not_a_date X: 30/2/2026"},
		"a date in the wrong order": {entry: "{column: X, field: dates.pilotPlanned}\n  - {column: Y, field: dates.goLivePlanned}", x: "2/9/2026", y: "1/9/2026", want: func(r *models.Record) {
			r.Dates.PilotPlanned, r.Dates.GoLivePlanned = models.MustDate("2026-09-02"), models.MustDate("2026-09-01")
		}, problem: "date_order X: 2/9/2026"},
		"no date, left out":               {entry: "{column: X, field: dates.procurement, otherwise: ''}", x: "soon", repair: "otherwise X: soon → "},
		"empty by the map":                {entry: "{column: X, field: function}", x: "NONE", repair: "emptied X: NONE → "},
		"the second when the first is ''": {entry: "{column: X, field: function}\n  - {column: Y, field: function}", y: "b", want: func(r *models.Record) { r.Function = "b" }},
		"the first of two":                {entry: "{column: X, field: function}\n  - {column: Y, field: function}", x: "a", y: "b", want: func(r *models.Record) { r.Function = "a" }},
		"two joined":                      {entry: "{column: X, field: inputs.en}\n  - {column: Y, field: inputs.en, join: \"\\n\", prefix: 'And '}", x: "a", y: "b", want: func(r *models.Record) { r.Inputs.En = "a\nAnd b" }},
		"joined to nothing":               {entry: "{column: X, field: inputs.en}\n  - {column: Y, field: inputs.en, join: \"\\n\"}", y: "b", want: func(r *models.Record) { r.Inputs.En = "b" }},
		"an unknown value":                {entry: "{column: X, field: aiClass, values: {LLM: generative}}", x: "magic", problem: "unknown_value X: magic"},
		"an unknown value, kept":          {entry: "{column: X, field: aiClass, values: {LLM: generative}, keep: true}", x: "magic", want: func(r *models.Record) { r.AIClass = "magic" }, problem: "not_allowed X: magic"},
		"a known value, spelt otherwise":  {entry: "{column: X, field: aiClass, values: {Large  Model: generative}}", x: "large model", want: func(r *models.Record) { r.AIClass = "generative" }},
		"a second supplier alone":         {entry: "{column: X, field: 'suppliers[0].name'}\n  - {column: Y, field: 'suppliers[1].name'}", y: "Acme", want: func(r *models.Record) { r.Suppliers = []models.Supplier{{Name: "Acme"}} }},
		"a contract without a supplier":   {entry: "{column: X, field: 'suppliers[0].name'}\n  - {column: Y, field: 'suppliers[0].contractRef'}", y: "C1", want: func(r *models.Record) { r.Suppliers = []models.Supplier{{ContractRef: "C1"}} }, problem: "required X: "},
		"an entry of a list of texts":     {entry: "{column: X, field: 'managesPeople[0]', values: {Rotas: roster}}", x: "Rotas", want: func(r *models.Record) { r.Manages = []models.Managing{"roster"} }},
		"a condition that does not hold":  {entry: "{column: X, field: function, when: {column: State, is: [Idea]}}", x: "a"},
		"a condition that holds":          {entry: "{column: X, field: function, when: {column: State, is: [' live']}}", x: "a", want: func(r *models.Record) { r.Function = "a" }},
		"too long":                        {entry: "{column: X, field: oneLine.cy}", x: strings.Repeat("x", 161), want: func(r *models.Record) { r.OneLine.Cy = strings.Repeat("x", 161) }, problem: "too_long X: " + strings.Repeat("x", 161)},
		"a control character":             {entry: "{column: X, field: function}", x: "a\x00b", want: func(r *models.Record) { r.Function = "a\x00b" }, problem: "control_characters X: a\x00b"},
		"not a mailbox":                   {entry: "{column: X, field: publicContact}", x: "ask me", want: func(r *models.Record) { r.PublicContact = "ask me" }, problem: "not_an_address X: ask me"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := convert(t, smallMap+"  - "+tc.entry+"\n", head+row+tc.x+","+tc.y+"\n")
			if len(c.Rows) != 1 {
				t.Fatalf("%+v", c)
			}
			want := models.Record{
				Name: models.Text{En: "n"}, Purpose: models.Text{En: "w"}, DecisionStatus: "already_in_use",
				Owner: "Head of Digital", UseFamily: "other",
			}
			if tc.want != nil {
				tc.want(&want)
			}
			if diff := cmp.Diff(want, c.Rows[0].Record); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
			repairs, problems := brief(c.Rows[0])
			if strings.Join(repairs, "; ") != tc.repair || strings.Join(problems, "; ") != tc.problem {
				t.Errorf("repairs %q, problems %q", repairs, problems)
			}
			sayable(t, c.Rows[0])
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ŵ", 500)
	c := convert(t, smallMap, "No,Name,Why,State,Area\nA,n,w,Live,x\nA #2,n,w,Live,x\nA,n,w,Live,x\n a ,n,w,Live,x\nA,n,w,Live,x\n,n,w,Live,x\n"+long+"1,n,w,Live,x\n"+long+"2,n,w,Live,x\n"+long+"2,n,w,Live,x\n")
	var keys []string
	seen := map[string]bool{}
	for _, r := range c.Rows {
		if len([]rune(r.Key)) > longestKey || seen[r.Key] {
			t.Errorf("row %d: key %q is not new, or too long", r.Number, r.Key)
		}
		seen[r.Key] = true
		keys = append(keys, r.Key)
	}
	if diff := cmp.Diff([]string{"A", "A #2", "A #3", "a", "A #4", "–"}, keys[:6]); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if _, problems := brief(c.Rows[5]); !slices.Equal(problems, []string{"key_empty No: "}) {
		t.Errorf("a row without a key: %q", problems)
	}
}

func TestRowsOfTheWrongShapeHaveTheProblem(t *testing.T) {
	t.Parallel()
	c := convert(t, smallMap, "No,Name,Why,State,Area\n1,n,w,Live,x,more\n2,n,w,Live,x\n3,n,w,Live,\"x\n4,n,w,Live,x\n")
	var got []string
	for _, r := range c.Rows {
		_, problems := brief(r)
		got = append(got, strings.Join(problems, "; "))
		sayable(t, r)
	}
	if diff := cmp.Diff([]string{"ragged : ", "", "quote_unclosed : "}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzLoadMap(f *testing.F) {
	f.Add([]byte(smallMap))
	f.Add([]byte("columns: [{column: a, field: 'suppliers[3].name', values: {a: b}}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := LoadMap("fuzz.yaml", b)
		if err != nil {
			if models.KindOf(err) == "" {
				t.Fatalf("an internal error: %v", err)
			}
			return
		}
		Convert(Table{Header: []string{"No", "Name", "Why", "State", "Area"}, Rows: [][]string{{"1", "n", "w", "Live", "x"}}, First: 2}, m)
	})
}
