package auth_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"beforehand/internal/auth"
	"beforehand/models"
)

// fieldCode gives the code of an error's only field.
func fieldCode(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Kind != models.Invalid || len(e.Fields) != 1 || e.Fields[0].Path != "password" {
		t.Fatalf("not one fault of the password: %v", err)
	}
	return e.Fields[0].Code
}

func TestPasswordsThatAreRefused(t *testing.T) {
	t.Parallel()
	about := []string{"sian.rhys-jones@tywi.example", "jo.li@tywi.example", "Siân Rhys-Jones", "jo@tywi.example", "Al Ng"}
	for password, want := range map[string]string{
		// Acceptable.
		"correct horse battery": "",
		"cawl cennin a thatws":  "",
		"beforehand-demo":       "",
		rand.Text():             "",
		"847362915508":          "", // digits, but no walk
		"al ng and jo went out": "", // parts too short to count
		"tywi.example council":  "", // the domain is everyone's
		// Lengths come first.
		"password":                      "too_short",
		"":                              "too_short",
		"sian":                          "too_short",
		strings.Repeat("password", 126): "too_long",
		// In the list, or in it but for what people put around it.
		"passwordpassword":          "common",
		"PasswordPassword":          "common",
		"password password":         "common",
		"pass-word-pass-word":       "common",
		"password1234":              "common",
		"Password1234!":             "common",
		"password20262026":          "common",
		"!!!!password!!!!":          "common",
		"1234567password":           "common",
		"  dragondragon  ":          "common",
		"qwertyuiop123":             "common",
		"letmeinletmeinletmein2026": "common",
		"123123123123":              "common",
		// One character, and walks.
		"aaaaaaaaaaaa":         "common",
		"            ":         "common",
		"............":         "common",
		"ŵŵŵŵŵŵŵŵŵŵŵŵ":         "common",
		"111111111111":         "common",
		"123456789012":         "common",
		"567890123456":         "common",
		"098765432109":         "common",
		"abcdefghijkl":         "common",
		"ABCDEFGHIJKL!":        "common",
		"zyxwvutsrqpo":         "common",
		"1234-5678-9012":       "common",
		"qwertyuiopasdf":       "common",
		"1qaz2wsx3edc":         "common",
		"mnbvcxzlkjhgfdsapoiu": "common",
		// What is known of the person.
		"sian is my name":       "personal",
		"SIÂN-2026-2026":        "personal",
		"my name is Rhys!":      "personal",
		"jones1jones2jones3":    "personal",
		"sian.rhys-jones@x.com": "personal",
		"jo.li goes out":        "personal",
	} {
		if got := fieldCode(t, second(auth.HashPassword(password, about...))); got != want {
			t.Errorf("%q: %q instead of %q", password, got, want)
		}
	}
	if _, err := auth.HashPassword("sian is my name"); err != nil {
		t.Errorf("nothing is known of the person: %v", err)
	}
	if _, err := auth.HashPassword("correct horse battery", "", "@", " ", "horse"); fieldCode(t, err) != "personal" {
		t.Error("empty parts are passed over, others are not")
	}
}

func second[A any](_ A, err error) error { return err }

func FuzzPassword(f *testing.F) {
	for _, s := range []string{"password1234", "ŵŷŵŷŵŷ", "\xff\xfe\xff\xfe", "aaaa aaaa aaaa", "İİİİİİİİİİİİ"} {
		f.Add(s, "sian@tywi.example")
	}
	f.Fuzz(func(t *testing.T, password, about string) {
		// Too short ones are asked about only for their refusal: hashing is slow.
		if utf8.RuneCountInString(password) >= 12 {
			password += strings.Repeat("password", 126)
		}
		if fieldCode(t, second(auth.HashPassword(password, about))) == "" {
			t.Errorf("%q was taken", password)
		}
	})
}
