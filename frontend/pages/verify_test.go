package pages

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beforehand/frontend/words"
)

// The words for the script stand in a script element, out of which nothing
// written in them may break.
func TestWordsStayInTheirScript(t *testing.T) {
	t.Parallel()
	raw := words.RawOf(words.Welsh, "receipt.", "page.verify.")
	raw.Templates["receipt.evil"] = "</script><script>alert(1)</script><!-- <script> ]]> & \u2028 ’ \" \\"
	var page strings.Builder
	if err := verifyPage(raw).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)<script id="verify-words" type="application/json">(.*?)</script>`).FindStringSubmatch(page.String())
	if m == nil {
		t.Fatal("the words are not there")
	}
	if strings.ContainsAny(m[1], "<>&\u2028") {
		t.Errorf("something in it may be read as markup: %.200s", m[1])
	}
	var got words.Raw
	if err := json.Unmarshal([]byte(m[1]), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(raw, got); diff != "" {
		t.Errorf("what the script reads (+) is not what we wrote (-):\n%s", diff)
	}
	if n := strings.Count(page.String(), "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
}
