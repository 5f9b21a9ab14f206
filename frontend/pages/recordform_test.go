package pages

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"beforehand/frontend/words"
	"beforehand/models"
)

// full is a record in which every field says something, some of it as no form
// would send it.
func full(t *testing.T) models.Record {
	t.Helper()
	var r models.Record
	fillAll(t, "", reflect.ValueOf(&r).Elem())
	r.Purpose.En = " A purpose with space around it\r\nand lines \n"
	r.Costs[0].Pence = 1
	r.Training.Hours = 3.25
	return r
}

// fillAll sets every field of a value to something that tells it from others.
func fillAll(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillAll(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillAll(t, path, v.Index(i))
		}
	case reflect.String:
		v.SetString("x" + strings.ToLower(filepath.Ext(path)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Int, reflect.Int32, reflect.Int64:
		if v.Type() == reflect.TypeFor[models.Date]() {
			v.SetInt(int64(models.MustDate("2027-03-14")))
		} else {
			v.SetInt(7)
		}
	default:
		t.Fatalf("%s is a %s, which this does not fill", path, v.Kind())
	}
}

// Every field of the record has its answer on one page: none is forgotten when
// the record grows, and none is asked for twice.
func TestEveryFieldOfTheRecordIsAsked(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(full(t))
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, topic := range recordTopics {
		for _, a := range topic.answers {
			if within(tree, a.path) == nil {
				t.Errorf("%s asks for %q, which no record has", topic.id, a.path)
			}
			if a.kind != asList {
				asked[a.path] = true
				continue
			}
			for _, in := range a.row {
				asked[a.path+"[]."+in.path] = true
			}
		}
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if asked[path] {
			return
		}
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				next := k
				if path != "" {
					next = path + "." + k
				}
				walk(next, inner)
			}
		case []any:
			walk(path+"[]", v[0])
		default:
			t.Errorf("no page asks for %q", path)
		}
	}
	walk("", tree)
}

// A page that is opened and saved changes nothing, whatever a record holds.
func TestASavedTopicIsAsItWas(t *testing.T) {
	t.Parallel()
	for _, rec := range []models.Record{full(t), {}} {
		for _, topic := range recordTopics {
			was, err := recordValues(rec, topic)
			if err != nil {
				t.Fatal(err)
			}
			typed := url.Values{}
			for name, all := range was {
				for _, s := range all {
					typed.Add(name, asTyped(s))
				}
			}
			closeRows(typed, topic)
			patch, err := recordPatch(typed, was, topic)
			if err != nil {
				t.Errorf("%s: %v", topic.id, err)
				continue
			}
			if string(patch) != "{}" {
				t.Errorf("%s: saving what was opened changes the record: %s", topic.id, patch)
			}
			// And the form holds all of it: emptied and typed anew, it is the same.
			whole, err := recordPatch(typed, url.Values{}, topic)
			if err != nil {
				t.Fatal(err)
			}
			again, err := models.Merge(rec, whole)
			if err != nil {
				t.Fatal(err)
			}
			again.Purpose.En, again.Purpose.Cy = rec.Purpose.En, rec.Purpose.Cy // typed without the space around it
			if changes, err := models.Diff(rec, again); err != nil || len(changes) > 0 {
				t.Errorf("%s: the form loses %v (%v)", topic.id, changes, err)
			}
		}
	}
}

// What one of two people changed is put together; what both did is not.
func TestTakeGivesOneAnswer(t *testing.T) {
	t.Parallel()
	topic, _ := topicNamed("supply")
	mine := url.Values{"count.suppliers": {"1"}, "suppliers[0].name": {"Mine"}, "count.models": {"0"}}
	theirs := url.Values{"count.suppliers": {"2"}, "suppliers[0].name": {"A"}, "suppliers[1].name": {"B"}, "count.models": {"1"}, "models[0].name": {"M"}}
	topic.answers[1].take(mine, theirs)
	if mine.Get("suppliers[0].name") != "Mine" || mine.Get("models[0].name") != "M" || mine.Get("count.models") != "1" || mine.Get("count.suppliers") != "1" {
		t.Errorf("taken: %v", mine)
	}
}

// Every answer of the record has a name in both languages, its rows have a
// legend, and its lists a button.
func TestEveryAnswerOfTheRecordHasWords(t *testing.T) {
	t.Parallel()
	has := func(code string) {
		for _, l := range []string{words.English, words.Welsh} {
			if !words.Has(l, code) {
				t.Errorf("%s has no words in %s", code, l)
			}
		}
	}
	for _, topic := range recordTopics {
		has("page.prepare." + topic.id)
		for _, a := range topic.answers {
			if !words.Has(words.English, "record."+a.path) {
				has("page.record." + a.path)
			}
			for _, v := range a.values {
				has(a.prefix + v)
			}
			if a.kind != asList {
				continue
			}
			has("page.record." + a.path + ".row")
			has("page.record." + a.path + ".add")
			for _, in := range a.row {
				has("page.record." + a.path + "." + in.path)
				for _, v := range in.values {
					has(in.prefix + v)
				}
			}
		}
	}
	for _, s := range stepNames {
		for _, part := range []string{"", ".lead", ".button", ".done"} {
			has("page.step." + s + part)
		}
	}
	for _, do := range commentDos {
		for _, part := range []string{"", ".lead", ".button", ".done"} {
			has("page.commentact." + do + part)
		}
	}
	for _, do := range requestDos {
		for _, part := range []string{"", ".lead", ".button", ".done"} {
			has("page.request." + do + part)
		}
		has("page.ask.request" + do)
	}
	for _, k := range draftableKinds {
		has("page.draft.kind." + string(k))
	}
}
