package frontend

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"beforehand/frontend/words"
	"beforehand/internal/register"
)

const toolList = "Tool,Why,Department,Misc\nSort post,Faster post,Post room,x\nRead meters,,Post room,y\n"

// toolColumns are the answers that fit toolList.
func toolColumns() url.Values {
	return url.Values{"c1": {"name.en"}, "c2": {"purpose.en"}, "c3": {"area"}, "c4": {""}, "createAreas": {"yes"}, "otherwise.useFamily": {"other"}, "otherwise.decisionStatus": {"idea"}, "otherwise.owner": {"Head of post"}, "key": {"0"}, "source": {"tools"}}
}

func TestImportWizard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "cdo")
	b.get(t, "/en/imports").wants(t, 200, "Nothing has been imported yet.", "The file is kept here for 7 days")
	b.post(t, "/en/imports", url.Values{}).wants(t, 422, "CSV file or Excel workbook: Give an answer.")
	b.upload(t, "/en/imports", "plan.pdf", "%PDF-1.7\n\x00\x00\x00").wants(t, 422, "“plan.pdf” cannot be read as a table: it looks like a PDF.")
	b.upload(t, "/en/imports", "empty.csv", "Tool,Why\n").wants(t, 422, "The file has headings and no rows.")
	sent := b.upload(t, "/en/imports", "tools.csv", toolList)
	page := sent.header.Get("Location")
	if sent.status != 303 || !strings.HasPrefix(page, "/en/imports/new/") {
		t.Fatal(sent.status, page)
	}
	b.get(t, page).wants(t, 200, "Rows in the file: 2. Columns: 4.", "Inventory of United States federal agencies, 2024", "The file lacks columns that this map reads.")
	b.get(t, "/en/imports").wants(t, 200, "Files that wait", "tools.csv")
	b.get(t, strings.Replace(page, "/en/", "/cy/", 1)).wants(t, 200, "Colofnau tools.csv")
	b.post(t, page, url.Values{}).wants(t, 422, "How are the columns to be taken?: Give an answer.")
	if to := b.post(t, page+"/preview", url.Values{"onProblem": {"stop"}}).header.Get("Location"); to != "" {
		t.Errorf("a file that was not mapped is sent to %s", to)
	}
	if to, _ := b.follow(t, page, url.Values{"map": {"hand"}}); to != page+"/columns" {
		t.Error(to)
	}
	b.get(t, page+"/columns").wants(t, 200, "Column 1: Tool", "The first one says: Sort post", "was guessed from the headings alone")
	b.get(t, strings.Replace(page, "/en/", "/cy/", 1)+"/columns").wants(t, 200, "Beth sydd yng ngholofnau tools.csv")
	wrong := toolColumns()
	wrong.Set("c2", "")
	wrong.Set("c4", "record")
	wrong.Del("otherwise.owner")
	wrong.Set("source", "")
	b.post(t, page+"/columns", wrong).wants(t, 422, "Say which column holds the purpose", "Column 4: Misc: “record” is not one of", "Owner: No column feeds this.", "A name for where these rows come from: Give an answer.")
	to, shown := b.follow(t, page+"/columns", toolColumns())
	shown.wants(t, 200, "Nothing has changed yet.", "New deployments", "Problems by row and column: 1 of 1", "The answer “Purpose” is needed", "Only if every row can be taken")
	b.get(t, strings.Replace(to, "/en/", "/cy/", 1)).wants(t, 200, "Nid oes dim wedi newid eto.")
	if csv := b.get(t, page+"/problems.csv"); !strings.HasPrefix(csv.body, "Row,Column,What it says,What is wrong\n3,Why,,") {
		t.Error(csv.body)
	}
	b.post(t, to, url.Values{"onProblem": {"stop"}}).wants(t, 422, "Which rows do you want to import?: Nothing was imported. Rows that cannot be taken as they are: 1.")
	b.post(t, to, url.Values{}).wants(t, 422, "Which rows do you want to import?: Give an answer.")
	done, result := b.follow(t, to, url.Values{"onProblem": {"skip"}})
	result.wants(t, 200, "The file has been imported.", "Import of tools.csv", "Download the rows that were left out")
	if again, _ := b.follow(t, to, url.Values{"onProblem": {"skip"}}); again != done {
		t.Errorf("sent twice, it leads to %s and not %s", again, done)
	}
	if again, _ := b.follow(t, to, url.Values{"onProblem": {"update"}}); again != done {
		t.Errorf("sent again, it leads to %s", again)
	}
	if csv := b.get(t, done+"/refused.csv"); !strings.Contains(csv.body, "Read meters,,Post room,y,3,") || !strings.Contains(csv.header.Get("Content-Disposition"), "tools-left-out.csv") {
		t.Error(csv.body)
	}
	b.get(t, "/en/imports").wants(t, 200, "tools.csv", "Earlier imports").without(t, "Files that wait")
	b.get(t, "/cy/imports").wants(t, 200, "Mewnforion blaenorol")
	b.get(t, "/en/register").wants(t, 200, "Sort post").without(t, "Read meters")
	s.as(t, "auditor").get(t, done).wants(t, 200, "Import of tools.csv").without(t, "rows that were left out, as they stand")
	s.as(t, "auditor").get(t, done+"/refused.csv").wants(t, 403)
}

// realFile is outside the repository: it is large and not ours.
const realFile = "../../shared/data/us-federal-ai-inventory-2024.csv"

func TestTheRealInventoryThroughThePages(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(realFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the federal inventory of 2024 is not beside the repository; a sample of it is imported by the browser tests")
	}
	if err != nil {
		t.Fatal(err)
	}
	done := throughThePages(t, whole, 2133)
	if done.Refused > 20 {
		t.Errorf("%d rows are refused", done.Refused)
	}
}

func TestTheSampleThroughThePages(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("../internal/report/testdata/sample.csv")
	if err != nil {
		t.Fatal(err)
	}
	if done := throughThePages(t, whole, 8); done.Refused != 3 {
		t.Errorf("%d rows are refused", done.Refused)
	}
}

// throughThePages imports a file of the federal inventory, by its own map.
func throughThePages(t *testing.T, whole []byte, rows int) register.ImportView {
	t.Helper()
	s := newSite(t)
	b := s.as(t, "cdo")
	page := b.upload(t, "/en/imports", "inventory.csv", string(whole)).header.Get("Location")
	b.get(t, page).wants(t, 200, "Rows in the file: "+strconv.Itoa(rows)+".", "The file has every column that this map reads.")
	to, shown := b.follow(t, page, url.Values{"map": {"us-federal-2024"}})
	shown.wants(t, 200, words.Number(words.English, rows), "Stage of Development", "Problems by row and column: ")
	_, done := b.follow(t, to, url.Values{"onProblem": {"skip"}})
	done.wants(t, 200, "The file has been imported.", "Download the rows that were left out")
	imports, _, err := s.Imports(t.Context(), s.CDO, register.Page{Limit: 5})
	if err != nil || len(imports) != 1 || imports[0].Imported+imports[0].Refused != rows {
		t.Fatalf("%+v %v", imports, err)
	}
	return imports[0]
}

func TestImportPagesByRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := need(s.UploadImport(t.Context(), s.CDO, "tools.csv", []byte(toolList)))(t)
	for _, who := range everybody {
		b := s.as(t, who)
		reads := map[string]int{"cdo": 200, "manager": 200, "auditor": 200}[who]
		if reads == 0 {
			reads = 403
		}
		list := b.get(t, "/en/imports").wants(t, reads)
		if offered := strings.Contains(list.body, `type="file"`); offered != (who == "cdo") {
			t.Errorf("%s is offered to import: %v", who, offered)
		}
		if who == "cdo" {
			continue
		}
		for _, path := range []string{"", "/columns", "/preview", "/problems.csv"} {
			b.get(t, "/en/imports/new/"+f.ID+path).wants(t, 403)
		}
		b.upload(t, "/en/imports", "tools.csv", toolList).wants(t, 403)
		b.post(t, "/en/imports/new/"+f.ID+"/discard", url.Values{}).wants(t, 403)
	}
	b := s.as(t, "cdo")
	b.get(t, "/en/imports/new/"+f.ID+"0").wants(t, 404)
	b.get(t, "/en/imports/"+f.ID).wants(t, 404)
	b.follow(t, "/en/imports/new/"+f.ID+"/discard", url.Values{})
	b.get(t, "/en/imports/new/"+f.ID).wants(t, 404)
	if _, _, err := s.Imports(t.Context(), s.CDO, register.Page{Limit: 5}); err != nil {
		t.Error(err)
	}
}
