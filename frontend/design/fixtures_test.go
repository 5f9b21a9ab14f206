package design

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

const components = "../node_modules/govuk-frontend/dist/govuk/components"

// text is a component of one text.
func text(s string) templ.Component { return Inline(Line{Text: s}) }

// around gives a component its children.
func around(c templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func cells(first string, rest ...string) templ.Component {
	out := []templ.Component{around(RowHeader(), text(first))}
	for _, s := range rest {
		out = append(out, around(Cell(""), text(s)))
	}
	return around(TableRow(), out...)
}

const (
	insurance = "National insurance number"
	onCard    = "It’s on your National Insurance card, benefit letter, payslip or P60. For example, ‘QQ 12 34 56 C’."
	wrong     = "Enter a National Insurance number in the correct format"
)

// Our components against GOV.UK Frontend's own HTML, for the same input.
func TestComponentsAreGOVUKFrontends(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(components); err != nil {
		t.Skip("GOV.UK Frontend is not there to compare with: run make assets")
	}
	for _, c := range []struct {
		component, fixture string
		ours               templ.Component
		// ignore are attributes that our component does without, or has beyond theirs.
		ignore []string
	}{
		{"generic-header", "default", GenericHeader("My cool service", "/"), nil},
		{"language-navigation", "default", LanguageNavigation("Language", []Tongue{{"en", "English", "", true}, {"cy", "Cymraeg", "#/cy", false}}), nil},
		{"phase-banner", "default", PhaseBanner("Alpha", "This is a new service - your feedback will help us to improve it."), []string{"a"}},
		{"breadcrumbs", "with one level", Breadcrumbs([]Crumb{{"Section", "/section"}}), []string{"href", "aria-label"}},
		{"back-link", "default", BackLink("Back", "#"), nil},
		{"notification-banner", "with type as success", NotificationBanner("Success", "Email sent to example@email.com", true), nil},
		{"notification-banner", "default", NotificationBanner("Important", "This publication was withdrawn on 7 March 2014.", false), nil},
		{"error-summary", "default", ErrorSummary([]Fault{{"example-error-1", "The date your passport was issued must be in the past"}, {"example-error-2", "Enter a postcode, like AA1 1AA"}}), nil},
		{"error-summary", "without links", ErrorSummary([]Fault{{"", "Invalid username or password"}}), nil},
		{"input", "default", Input(Field{ID: "test-name", Name: "test-name", Label: "National Insurance number"}), nil},
		{"input", "with hint text", Input(Field{ID: "input-with-hint-text", Name: "test-name-2", Label: insurance, Hint: onCard}), nil},
		{"input", "with error message", Input(Field{ID: "input-with-error-message", Name: "test-name-3", Label: "National Insurance number", Error: wrong}), nil},
		{"input", "with error and hint", Input(Field{ID: "with-error-hint", Name: "with-error-hint", Label: insurance, Hint: onCard, Error: wrong}), nil},
		{"input", "with width-10 class", Input(Field{ID: "input-width-10", Name: "test-width-10", Label: insurance, Hint: onCard, Class: "govuk-input--width-10"}), nil},
		{"input", "value", Input(Field{ID: "with-value", Name: "with-value", Label: "With value", Value: "QQ 12 34 56 C"}), nil},
		{"input", "custom type", Input(Field{ID: "with-custom-type", Name: "with-custom-type", Label: "With custom type", Type: "number"}), nil},
		{"input", "with autocomplete attribute", Input(Field{ID: "input-with-autocomplete-attribute", Name: "postcode", Label: "Postcode", Autocomplete: "postal-code"}), nil},
		{"textarea", "default", Textarea(Field{ID: "more-detail", Name: "more-detail", Label: "Can you provide more detail?"}), nil},
		{"textarea", "with default value", Textarea(Field{ID: "full-address", Name: "address", Label: "Full address", Value: "221B Baker Street\nLondon\nNW1 6XE\n"}), nil},
		{"textarea", "with hint and error message", Textarea(Field{ID: "with-hint-error", Name: "with-hint-error", Label: "With hint and error", Hint: "Hint", Error: "Error message"}), nil},
		{"select", "with hint text and error message", Select(Field{ID: "select-2", Name: "select-2", Label: "Label text goes here", Hint: "Hint text goes here", Error: "Error message goes here"}, []Option{{"1", "GOV.UK frontend option 1"}, {"2", "GOV.UK frontend option 2"}, {"3", "GOV.UK frontend option 3"}}), nil},
		{"checkboxes", "with hint", Checkboxes(Field{ID: "nationality", Name: "nationality", Label: "What is your nationality?", Hint: "Select all that apply"}, []Option{{"british", "British"}, {"irish", "Irish"}, {"other", "Citizen of another country"}}, nil), nil},
		{"radios", "default", Radios(Field{ID: "example-default", Name: "example-default", Label: "Have you changed your name?"}, []Option{{"yes", "Yes"}, {"no", "No"}}, nil), nil},
		{"radios", "with hints on parent and items", Radios(Field{ID: "example-multiple-hints", Name: "example-multiple-hints", Label: "Have you changed your name?", Hint: "This includes changing your last name or spelling your name differently."}, []Option{{"yes", "Yes"}, {"no", "No"}}, []string{"Hint for yes option here", "Hint for no option here"}), nil},
		{"task-list", "default", TaskList("task-list", []Task{{Title: "Company Directors", Href: "#", Status: "Completed"}, {Title: "Registered company details", Href: "#", Status: "Incomplete", Colour: "blue"}, {Title: "Business plan", Href: "#", Status: "Incomplete", Colour: "blue"}}), nil},
		{"file-upload", "with error message and hint", FileUpload(Field{ID: "file-upload-3", Name: "file-upload-3", Label: "Upload a file", Hint: "Your photo may be in your Pictures, Photos, Downloads or Desktop folder. Or in an app like iPhoto.", Error: "Error message goes here"}), nil},
		{"date-input", "with values and name prefix", DateInput(Field{ID: "with-values-name-prefix", Name: "dob", Label: "What is your date of birth?", Hint: "For example, 31 3 1980"}, DateParts{"31", "3", "1980"}), nil},
		{"details", "default", around(Folded("Help with nationality"), text("We need to know your nationality so we can work out which elections you’re entitled to vote in. If you can’t provide your nationality, you’ll have to send copies of identity documents through the post.")), []string{"id"}},
		{"button", "prevent double click", Button("Submit"), nil},
		{"button", "secondary", SecondaryButton("Secondary button"), []string{"name"}},
		{"button", "link", ButtonLink("Link button", "/"), nil},
		{"button", "warning", WarningButton("Warning button"), []string{"name", "data-prevent-double-click"}},
		{"tag", "default", Tag("Alpha", ""), nil},
		{"tag", "grey", Tag("Grey", "grey"), nil},
		{"details", "expanded", around(Details("Help with nationality"), text("We need to know your nationality so we can work out which elections you’re entitled to vote in. If you can’t provide your nationality, you’ll have to send copies of identity documents through the post.")), []string{"id"}},
		{"inset-text", "default", around(InsetText(), text("It can take up to 8 weeks to register a lasting power of attorney if there are no mistakes in the application.")), nil},
		{"warning-text", "default", WarningText("You can be fined up to £5,000 if you don’t register."), nil},
		{"panel", "default", Panel("Application complete", "Your reference number: HDJ2123F"), []string{"br", "strong", "text"}},
		{"summary-list", "default", SummaryList([]Row{{"Name", text("Firstname Lastname")}, {"Date of birth", text("13/08/1980")}}), []string{"rest"}},
		{"table", "with head and caption", around(
			Table(Columns{Caption: "Caption 1: Months and rates", Heads: []string{"Month you apply", "Rate for bicycles", "Rate for vehicles"}}),
			cells("January", "£85", "£95"), cells("February", "£75", "£55"), cells("March", "£165", "£125"),
		), []string{"--numeric", "caption--m", "caption--s"}},
		{"pagination", "with prev and next only", Pagination("/previous", "/next"), []string{"rel=prev", "aria-label", "text", "span"}},
		{"skip-link", "default", SkipLink("#test-target-element"), []string{"text"}},
	} {
		t.Run(c.component+" "+c.fixture, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := c.ours.Render(At(t.Context(), Here{}), &b); err != nil {
				t.Fatal(err)
			}
			want, got := outline(t, fixture(t, c.component, c.fixture), c.ignore), outline(t, b.String(), c.ignore)
			if slices.Contains(c.ignore, "rest") { // their example is longer
				want = want[:len(got)-1]
				got = got[:len(got)-1]
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("theirs (-) and ours (+):\n%s", diff)
			}
		})
	}
}

func fixture(t *testing.T, component, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(components, component, "fixtures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Fixtures []struct{ Name, HTML string }
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	for _, f := range file.Fixtures {
		if f.Name == name {
			return f.HTML
		}
	}
	t.Fatalf("%s has no fixture %q any more", component, name)
	return ""
}

// outline writes HTML one tag or text a line, with attributes sorted and space
// made plain, so that what is left is what a browser sees.
func outline(t *testing.T, source string, ignore []string) []string {
	t.Helper()
	var out []string
	words := ""
	flush := func() {
		if s := strings.Join(strings.Fields(words), " "); s != "" && !slices.Contains(ignore, "text") {
			out = append(out, s)
		}
		words = ""
	}
	z := html.NewTokenizer(strings.NewReader(source))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		tok := z.Token()
		if kind == html.TextToken {
			words += tok.Data
			continue
		}
		if slices.Contains(ignore, tok.Data) {
			continue
		}
		flush()
		if kind == html.EndTagToken {
			out = append(out, "/"+tok.Data)
			continue
		}
		var attrs []string
		for _, a := range tok.Attr {
			v := a.Val
			if a.Key == "class" {
				names := strings.Fields(v)
				names = slices.DeleteFunc(names, func(n string) bool {
					return slices.ContainsFunc(ignore, func(i string) bool { return strings.Contains(i, "--") && strings.HasSuffix(n, i) })
				})
				slices.Sort(names)
				v = strings.Join(names, " ")
			}
			if !slices.Contains(ignore, a.Key) && !slices.Contains(ignore, a.Key+"="+a.Val) {
				attrs = append(attrs, a.Key+"="+v)
			}
		}
		slices.Sort(attrs)
		out = append(out, strings.TrimSpace(tok.Data+" "+strings.Join(attrs, " ")))
	}
	flush()
	return out
}
