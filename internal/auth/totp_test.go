package auth_test

import (
	"bytes"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"beforehand/internal/auth"
)

var noon = time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestNewTOTP(t *testing.T) {
	t.Parallel()
	one, err := auth.NewTOTP("Beforehand: Tywi", "sian@tywi.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(one.URL)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Beforehand Tywi:sian@tywi.example" ||
		u.Query().Get("secret") != one.Secret || u.Query().Get("issuer") != "Beforehand Tywi" || len(one.Secret) != 32 {
		t.Errorf("%+v, %v", u, err)
	}
	if picture, err := png.Decode(bytes.NewReader(one.QR)); err != nil || picture.Bounds().Dx() < 200 {
		t.Errorf("not a picture: %v", err)
	}
	other, err := auth.NewTOTP("Beforehand", "sian@tywi.example")
	if err != nil || other.Secret == one.Secret {
		t.Errorf("two secrets are the same, or %v", err)
	}
	for _, bad := range [][2]string{{"", "a"}, {"a", ""}, {":", "a"}, {"a", strings.Repeat("x", 5000)}} {
		if _, err := auth.NewTOTP(bad[0], bad[1]); err == nil {
			t.Errorf("%.20q is taken", bad)
		}
	}
}

func TestCheckTOTP(t *testing.T) {
	t.Parallel()
	one, err := auth.NewTOTP("Beforehand", "sian@tywi.example")
	if err != nil {
		t.Fatal(err)
	}
	step := noon.Unix() / 30
	code := codeAt(t, one.Secret, noon)
	for name, c := range map[string]struct {
		code string
		last int64
		want int64
	}{
		"now":                  {code, 0, step},
		"the step before":      {codeAt(t, one.Secret, noon.Add(-30*time.Second)), 0, step - 1},
		"the step after":       {codeAt(t, one.Secret, noon.Add(30*time.Second)), 0, step + 1},
		"with spaces":          {" " + code[:3] + "\u00a0" + code[3:] + "\n", 0, step},
		"after an earlier one": {code, step - 1, step},
		"two steps before":     {codeAt(t, one.Secret, noon.Add(-time.Minute)), 0, 0},
		"two steps after":      {codeAt(t, one.Secret, noon.Add(time.Minute)), 0, 0},
		"taken twice":          {code, step, 0},
		"older than the last":  {codeAt(t, one.Secret, noon.Add(-30*time.Second)), step, 0},
		"empty":                {"", 0, 0},
		"too long":             {code + "0", 0, 0},
		"letters":              {"abcdef", 0, 0},
		"other digits":         {strings.Map(func(r rune) rune { return r - '0' + '٠' }, code), 0, 0},
	} {
		got, ok := auth.CheckTOTP(one.Secret, c.code, noon, c.last)
		if ok != (c.want != 0) || got != c.want {
			t.Errorf("%s: %d, %v instead of %d", name, got, ok, c.want)
		}
	}
	for _, secret := range []string{"not base32!", "1"} {
		if _, ok := auth.CheckTOTP(secret, code, noon, 0); ok {
			t.Errorf("%q is taken for a secret", secret)
		}
	}
	if _, ok := auth.CheckTOTP(one.Secret, code, time.Unix(-1000, 0), 0); ok {
		t.Error("a clock before 1970")
	}
}

func FuzzCheckTOTP(f *testing.F) {
	f.Add("JBSWY3DPEHPK3PXP", "123456", int64(1_800_000_000), int64(0))
	f.Add("", "", int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, secret, code string, at, last int64) {
		at %= 1 << 40
		step, ok := auth.CheckTOTP(secret, code, time.Unix(at, 0), last)
		if ok && (step <= last || step < at/30-1 || step > at/30+1) || !ok && step != 0 {
			t.Errorf("step %d, %v", step, ok)
		}
	})
}
