package auth

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// The codes that every authenticator app makes: six digits, every 30 seconds.
const (
	totpPeriod = 30
	totpDigits = otp.DigitsSix
)

// qrSize is the side of the picture, in pixels.
const qrSize = 264

// TOTP is a new shared secret, in the three forms in which a person can take it
// into an authenticator app.
type TOTP struct {
	// Secret is for typing, in base32; it is also what is kept, sealed.
	Secret string
	// URL is an otpauth address, for an app on the same device.
	URL string
	// QR is a picture of the URL, as PNG.
	QR []byte
}

// NewTOTP makes a secret of 160 random bits. Issuer and account are what the
// app shows beside the code.
func NewTOTP(issuer, account string) (TOTP, error) {
	// A colon parts the two in the address, so neither can hold one.
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer:      strings.ReplaceAll(issuer, ":", ""),
		AccountName: strings.ReplaceAll(account, ":", ""),
		Period:      totpPeriod,
		Digits:      totpDigits,
	})
	if err != nil {
		return TOTP{}, fmt.Errorf("auth: authenticator secret: %w", err)
	}
	picture, err := key.Image(qrSize, qrSize)
	if err != nil {
		return TOTP{}, fmt.Errorf("auth: QR code: %w", err)
	}
	var qr bytes.Buffer
	if err := png.Encode(&qr, picture); err != nil {
		return TOTP{}, fmt.Errorf("auth: QR code: %w", err)
	}
	return TOTP{Secret: key.Secret(), URL: key.URL(), QR: qr.Bytes()}, nil
}

// CheckTOTP says whether a code is the secret's for now, or for 30 seconds
// before or after, and which step it belongs to. The caller keeps the step and
// passes it the next time as lastStep: a step up to that one is refused, so that
// no code is taken twice. Spaces in the code do not matter.
func CheckTOTP(secret, code string, now time.Time, lastStep int64) (step int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code)
	current := now.Unix() / totpPeriod
	// Each step is tried, also after one has matched, so that the time taken
	// does not tell which.
	for s := max(current-1, 0); s <= current+1; s++ {
		counter := uint64(s)
		match, err := hotp.ValidateCustom(code, counter, secret, hotp.ValidateOpts{
			Digits: totpDigits, Algorithm: otp.AlgorithmSHA1,
		})
		if err == nil && match && s > lastStep {
			step, ok = s, true
		}
	}
	return step, ok
}
