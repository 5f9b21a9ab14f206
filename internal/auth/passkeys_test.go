package auth_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	va "github.com/descope/virtualwebauthn"

	"beforehand/internal/auth"
	"beforehand/models"
)

// device is a person's device with one passkey, and the server it talks to.
type device struct {
	keys *auth.Passkeys
	rp   va.RelyingParty
	auth va.Authenticator
	cred va.Credential
	user auth.PasskeyUser
}

// newCredential passes over keys with a coordinate that begins with a nought,
// one in 128: the library that plays the device leaves the nought out.
func newCredential() va.Credential {
	for {
		const whole = 77
		if c := va.NewCredential(va.KeyTypeEC2); len(c.Key.AttestationData()) == whole {
			return c
		}
	}
}

func newDevice(t *testing.T) *device {
	t.Helper()
	keys, err := auth.NewPasskeys("https://Tywi.example:443/cy/", "Beforehand")
	if err != nil || !keys.Available() {
		t.Fatal(err)
	}
	return &device{
		keys: keys,
		rp:   va.RelyingParty{ID: "tywi.example", Name: "Beforehand", Origin: "https://tywi.example"},
		auth: va.NewAuthenticatorWithOptions(va.AuthenticatorOptions{UserHandle: []byte("user-1")}),
		cred: newCredential(),
		user: auth.PasskeyUser{ID: "user-1", Name: "Siân", Email: "sian@tywi.example"},
	}
}

// create begins a registration and gives the device's answer.
func (d *device) create(t *testing.T) (state []byte, response string) {
	t.Helper()
	options, state, err := d.keys.BeginRegistration(d.user)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := va.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return state, va.CreateAttestationResponse(d.rp, d.auth, d.cred, *parsed)
}

// get begins a sign-in and gives the device's answer.
func (d *device) get(t *testing.T) (state []byte, response string) {
	t.Helper()
	options, state, err := d.keys.BeginSignIn()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := va.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return state, va.CreateAssertionResponse(d.rp, d.auth, d.cred, *parsed)
}

func (d *device) find(id string) (auth.PasskeyUser, error) {
	if id != d.user.ID {
		return auth.PasskeyUser{}, models.Missing("user")
	}
	return d.user, nil
}

// registered is a device whose passkey the account has.
func registered(t *testing.T) *device {
	t.Helper()
	d := newDevice(t)
	state, response := d.create(t)
	key, err := d.keys.FinishRegistration(d.user, state, []byte(response))
	if err != nil {
		t.Fatal(err)
	}
	d.user.Passkeys = append(d.user.Passkeys, key)
	return d
}

func code(t *testing.T, err error, kind models.Kind) string {
	t.Helper()
	if err == nil || models.KindOf(err) != kind {
		t.Errorf("%v is not %s", err, kind)
	}
	return models.CodeOf(err)
}

func TestPasskeyOptions(t *testing.T) {
	t.Parallel()
	d := registered(t)
	options, _, err := d.keys.BeginRegistration(d.user)
	if err != nil {
		t.Fatal(err)
	}
	var create struct {
		PublicKey struct {
			RP                     struct{ ID, Name string }
			User                   struct{ ID, Name, DisplayName string }
			Attestation            string
			Timeout                int
			AuthenticatorSelection struct {
				ResidentKey, UserVerification string
				RequireResidentKey            bool
			}
			ExcludeCredentials []struct{ ID string }
		}
	}
	if err := json.Unmarshal(options, &create); err != nil {
		t.Fatal(err)
	}
	p := create.PublicKey
	if p.RP.ID != "tywi.example" || p.RP.Name != "Beforehand" || p.User.ID != "dXNlci0x" || p.User.Name != "sian@tywi.example" ||
		p.User.DisplayName != "Siân" || p.AuthenticatorSelection.ResidentKey != "required" || !p.AuthenticatorSelection.RequireResidentKey ||
		p.AuthenticatorSelection.UserVerification != "required" || p.Timeout != 300_000 || p.Attestation != "" && p.Attestation != "none" {
		t.Errorf("%s", options)
	}
	if len(p.ExcludeCredentials) != 1 || p.ExcludeCredentials[0].ID != d.user.Passkeys[0].ID {
		t.Errorf("%+v does not exclude %s", p.ExcludeCredentials, d.user.Passkeys[0].ID)
	}
	options, _, err = d.keys.BeginSignIn()
	if err != nil || !strings.Contains(string(options), `"userVerification":"required"`) || strings.Contains(string(options), "allowCredentials") {
		t.Errorf("%s, %v", options, err)
	}
}

func TestPasskeySignIn(t *testing.T) {
	t.Parallel()
	d := registered(t)
	for count := uint32(1); count <= 2; count++ {
		d.cred.Counter = count
		state, response := d.get(t)
		id, used, err := d.keys.FinishSignIn(state, []byte(response), d.find)
		if err != nil || id != "user-1" || used.ID != d.user.Passkeys[0].ID {
			t.Fatalf("%q, %q, %v", id, used.ID, err)
		}
		d.user.Passkeys[0] = used
	}
	// An authenticator that does not count stays at nought.
	still := registered(t)
	for range 2 {
		state, response := still.get(t)
		_, used, err := still.keys.FinishSignIn(state, []byte(response), still.find)
		if err != nil {
			t.Error(err)
		}
		still.user.Passkeys[0] = used
	}
}

func TestPasskeyCounterGoesBack(t *testing.T) {
	t.Parallel()
	d := newDevice(t)
	d.cred.Counter = 5
	state, response := d.create(t)
	key, err := d.keys.FinishRegistration(d.user, state, []byte(response))
	if err != nil {
		t.Fatal(err)
	}
	d.user.Passkeys = []auth.Passkey{key}
	for _, count := range []uint32{5, 4, 0} {
		d.cred.Counter = count
		state, response := d.get(t)
		_, used, err := d.keys.FinishSignIn(state, []byte(response), d.find)
		if got := code(t, err, models.Unauthenticated); got != "passkey_cloned" || used.ID != "" {
			t.Errorf("%d after 5: %v", count, err)
		}
	}
}

func TestPasskeysThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*device){
		"wrong origin":         func(d *device) { d.rp.Origin = "https://tywi.example.evil.example" },
		"origin without TLS":   func(d *device) { d.rp.Origin = "http://tywi.example" },
		"another port":         func(d *device) { d.rp.Origin = "https://tywi.example:8443" },
		"wrong relying party":  func(d *device) { d.rp.ID = "evil.example" },
		"no user verification": func(d *device) { d.auth.Options.UserNotVerified = true },
		"nobody there":         func(d *device) { d.auth.Options.UserNotPresent = true },
		"impossible backup":    func(d *device) { d.auth.Options.BackupState = true },
	} {
		fresh := newDevice(t)
		change(fresh)
		state, response := fresh.create(t)
		_, err := fresh.keys.FinishRegistration(fresh.user, state, []byte(response))
		if got := code(t, err, models.Unauthenticated); got != "passkey_refused" {
			t.Errorf("%s, registering: %v", name, err)
		}
		d := registered(t)
		change(d)
		state, response = d.get(t)
		_, _, err = d.keys.FinishSignIn(state, []byte(response), d.find)
		if got := code(t, err, models.Unauthenticated); got != "passkey_refused" {
			t.Errorf("%s, signing in: %v", name, err)
		}
	}
	for name, change := range map[string]func(*device){
		"another key":           func(d *device) { d.cred.Key = newCredential().Key },
		"another credential":    func(d *device) { d.cred = newCredential() },
		"no user handle":        func(d *device) { d.auth.Options.UserHandle = nil },
		"nobody's user handle":  func(d *device) { d.auth.Options.UserHandle = []byte("user-2") },
		"removed passkey":       func(d *device) { d.user.Passkeys = nil },
		"damaged record":        func(d *device) { d.user.Passkeys[0].Data = []byte("{") },
		"backup flag has moved": func(d *device) { d.auth.Options.BackupEligible = true },
	} {
		d := registered(t)
		change(d)
		state, response := d.get(t)
		_, _, err := d.keys.FinishSignIn(state, []byte(response), d.find)
		if got := code(t, err, models.Unauthenticated); got != "passkey_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPasskeyStates(t *testing.T) {
	t.Parallel()
	d := registered(t)
	signIn := func(state []byte, response string) error {
		_, _, err := d.keys.FinishSignIn(state, []byte(response), d.find)
		return err
	}
	register := func(state []byte, response string) error {
		_, err := d.keys.FinishRegistration(d.user, state, []byte(response))
		return err
	}
	oldGet, getResponse := d.get(t)
	newGet, _ := d.get(t)
	// The account gets a second passkey.
	second := d.cred
	d.cred = newCredential()
	oldCreate, createResponse := d.create(t)
	newCreate, _ := d.create(t)
	d.cred = second
	_, sameAgain := d.create(t)
	for name, err := range map[string]error{
		"sign-in replayed under a new challenge":      signIn(newGet, getResponse),
		"registration replayed under a new challenge": register(newCreate, createResponse),
		"sign-in with a registration's state":         signIn(oldCreate, getResponse),
		"registration with a sign-in's state":         register(oldGet, createResponse),
		"sign-in expired":                             signIn(altered(t, oldGet, "expires", "2020-01-01T00:00:00Z"), getResponse),
		"registration expired":                        register(altered(t, oldCreate, "expires", "2020-01-01T00:00:00Z"), createResponse),
		"sign-in without an expiry":                   signIn(altered(t, oldGet, "expires", nil), getResponse),
		"registration without an expiry":              register(altered(t, oldCreate, "expires", nil), createResponse),
		"no state":                                    signIn(nil, getResponse),
		"rubbish for a state":                         register([]byte("rubbish"), createResponse),
		"no answer":                                   signIn(oldGet, ""),
		"rubbish for an answer":                       register(oldCreate, `{"id":1}`),
		"an answer of the other kind":                 signIn(oldGet, createResponse),
		"and the other way round":                     register(oldCreate, getResponse),
		"a registration without a fitting challenge":  register(oldCreate, sameAgain),
		"tampered signature":                          signIn(oldGet, tampered(t, getResponse)),
		"no user verification, whatever the state":    unverified(t, d),
	} {
		if got := code(t, err, models.Unauthenticated); got != "passkey_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := signIn(oldGet, getResponse); err != nil {
		t.Errorf("the right state: %v", err)
	}
	if err := register(oldCreate, createResponse); err != nil {
		t.Errorf("the right state: %v", err)
	}
	other := d.user
	other.ID = "user-2"
	if _, err := d.keys.FinishRegistration(other, oldCreate, []byte(createResponse)); code(t, err, models.Unauthenticated) != "passkey_refused" {
		t.Errorf("somebody else's registration: %v", err)
	}
	state, response := d.create(t)
	if err := register(state, response); code(t, err, models.Unauthenticated) != "passkey_refused" {
		t.Errorf("the same passkey twice: %v", err)
	}
	failing := func(string) (auth.PasskeyUser, error) { return auth.PasskeyUser{}, errors.New("no database") }
	if _, _, err := d.keys.FinishSignIn(oldGet, []byte(getResponse), failing); code(t, err, models.Unauthenticated) != "passkey_refused" {
		t.Errorf("nobody found: %v", err)
	}
}

// altered is a state with one key changed, or removed.
func altered(t *testing.T, state []byte, key string, value any) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(state, &m); err != nil {
		t.Fatal(err)
	}
	if m[key] = value; value == nil {
		delete(m, key)
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tampered is an answer with one bit of its signature changed.
func tampered(t *testing.T, response string) string {
	t.Helper()
	const key = `"signature":"`
	at := strings.Index(response, key) + len(key) + 20
	if at < len(key)+20 {
		t.Fatal("no signature")
	}
	other := byte('A')
	if response[at] == other {
		other = 'B'
	}
	return response[:at] + string(other) + response[at+1:]
}

func unverified(t *testing.T, d *device) error {
	t.Helper()
	careless := *d
	careless.auth.Options.UserNotVerified = true
	state, response := careless.get(t)
	_, _, err := d.keys.FinishSignIn(altered(t, state, "userVerification", "discouraged"), []byte(response), d.find)
	return err
}

func TestPasskeyAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://tywi.example":        true,
		"https://tywi.example:8443/x": true,
		"http://localhost:8080":       true,
		"http://127.0.0.1:8080":       false,
		"https://[::1]:8080":          false,
		"https://192.0.2.1":           false,
		"https://intranet":            false,
	} {
		keys, err := auth.NewPasskeys(address, "Beforehand")
		if err != nil || keys.Available() != want {
			t.Errorf("%s: %v, %v", address, keys, err)
		}
		if err != nil || want {
			continue
		}
		_, _, begin := keys.BeginRegistration(auth.PasskeyUser{})
		_, finish := keys.FinishRegistration(auth.PasskeyUser{}, nil, nil)
		_, _, beginSignIn := keys.BeginSignIn()
		_, _, finishSignIn := keys.FinishSignIn(nil, nil, nil)
		for _, err := range []error{begin, finish, beginSignIn, finishSignIn} {
			if got := code(t, err, models.Conflict); got != "passkeys_unavailable" {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
	for _, bad := range []string{"", "tywi.example", "ftp://tywi.example", "https://", "https://a b/", ":"} {
		if _, err := auth.NewPasskeys(bad, "Beforehand"); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzPasskeyAnswers(f *testing.F) {
	keys, err := auth.NewPasskeys("https://tywi.example", "Beforehand")
	if err != nil {
		f.Fatal(err)
	}
	user := auth.PasskeyUser{ID: "user-1", Name: "Siân", Email: "sian@tywi.example"}
	_, create, err := keys.BeginRegistration(user)
	if err != nil {
		f.Fatal(err)
	}
	_, get, err := keys.BeginSignIn()
	if err != nil {
		f.Fatal(err)
	}
	rp := va.RelyingParty{ID: "tywi.example", Origin: "https://tywi.example"}
	cred := newCredential()
	f.Add(create, []byte(va.CreateAttestationResponse(rp, va.NewAuthenticator(), cred, va.AttestationOptions{})))
	f.Add(get, []byte(va.CreateAssertionResponse(rp, va.NewAuthenticator(), cred, va.AssertionOptions{})))
	f.Add([]byte("{}"), []byte("{}"))
	f.Fuzz(func(t *testing.T, state, response []byte) {
		if _, err := keys.FinishRegistration(user, state, response); err == nil {
			t.Errorf("%s is a registration", response)
		}
		find := func(string) (auth.PasskeyUser, error) { return user, nil }
		if _, _, err := keys.FinishSignIn(state, response, find); err == nil {
			t.Errorf("%s is a sign-in", response)
		}
	})
}
