package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// algorithms are the signatures that are taken: all by a key of the provider's
// own, none by a secret that others share, and never "none".
var algorithms = []string{oidc.RS256, oidc.ES256, oidc.PS256, oidc.EdDSA}

// identify verifies the ID token and reads who it is about.
func (ps *Providers) identify(ctx context.Context, d *discovered, p Provider, f flow, token *oauth2.Token, now time.Time) (Identity, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, oidcRefused(errors.New("the answer has no ID token"))
	}
	verified, err := d.verify(ps.with(ctx), p, raw, now)
	if err != nil {
		return Identity{}, err
	}
	var c claims
	if err := verified.Claims(&c); err != nil {
		return Identity{}, oidcRefused(err)
	}
	who := Identity{Provider: p, Issuer: p.Issuer, Subject: verified.Subject, IDToken: raw}
	if who.AuthTime, err = c.time("auth_time"); err != nil {
		return Identity{}, oidcRefused(err)
	}
	if err := checkToken(verified, c, p, f, token, who.AuthTime, now); err != nil {
		return Identity{}, oidcRefused(err)
	}
	if who.SecondFactor, err = secondFactor(p, c); err != nil {
		return Identity{}, oidcRefused(err)
	}
	more, err := ps.userInfo(ctx, d, p, c, who.Subject, token)
	if err != nil {
		return Identity{}, err
	}
	if err := who.describe(c, more); err != nil {
		return Identity{}, oidcRefused(err)
	}
	return who, nil
}

// verify checks the signature, the issuer, the audience and the expiry.
func (d *discovered) verify(ctx context.Context, p Provider, raw string, now time.Time) (*oidc.IDToken, error) {
	keys := &watchedKeys{KeySet: d.keys}
	verified, err := oidc.NewVerifier(p.Issuer, keys, &oidc.Config{
		ClientID:             p.ClientID,
		SupportedSigningAlgs: algorithms,
		Now:                  func() time.Time { return now },
	}).Verify(ctx, raw)
	if err != nil && keys.err != nil {
		return nil, failed(keys.err)
	}
	if err != nil {
		return nil, oidcRefused(err)
	}
	return verified, nil
}

// watchedKeys keeps the error of fetching keys, which the verifier flattens.
type watchedKeys struct {
	oidc.KeySet
	err error
}

// VerifySignature verifies by the provider's keys.
func (w *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.KeySet.VerifySignature(ctx, jwt)
	w.err = err
	return payload, err
}

// checkToken checks what the library leaves to its user.
func checkToken(t *oidc.IDToken, c claims, p Provider, f flow, token *oauth2.Token, authTime, now time.Time) error {
	if subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(f.Nonce)) != 1 {
		return errors.New("the nonce is not this flow's")
	}
	if t.Subject == "" || len(t.Subject) > 255 {
		return errors.New("no subject, or one that is too long")
	}
	azp, err := c.text("azp")
	if err != nil {
		return err
	}
	if azp != "" && azp != p.ClientID || azp == "" && len(t.Audience) > 1 {
		return fmt.Errorf("the token was made out to %q", azp)
	}
	if t.AccessTokenHash != "" {
		if err := t.VerifyAccessToken(token.AccessToken); err != nil {
			return err
		}
	}
	if f.Fresh && (authTime.IsZero() || authTime.Before(now.Add(-freshness)) || authTime.After(now.Add(skew))) {
		return fmt.Errorf("a fresh sign-in was asked for, and this is of %v", authTime)
	}
	return nil
}

func secondFactor(p Provider, c claims) (bool, error) {
	amr, err := c.list("amr")
	if err != nil {
		return false, err
	}
	acr, err := c.text("acr")
	if err != nil || !p.TrustSecondFactor {
		return false, err
	}
	return slices.Contains(amr, "mfa") || acr != "" && slices.Contains(p.SecondFactorACR, acr), nil
}

// userInfo fetches what the ID token leaves out, from providers that have it.
func (ps *Providers) userInfo(ctx context.Context, d *discovered, p Provider, c claims, subject string, token *oauth2.Token) (claims, error) {
	complete := c.has("email") && c.has("name") && (p.RoleClaim == "" || c.has(p.RoleClaim))
	if complete || d.provider.UserInfoEndpoint() == "" {
		return nil, nil
	}
	info, err := d.provider.UserInfo(ps.with(ctx), oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, failed(err)
	}
	if info.Subject != subject {
		return nil, oidcRefused(fmt.Errorf("userinfo is about %q and not %q", info.Subject, subject))
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return nil, oidcRefused(err)
	}
	return more, nil
}

// describe takes each thing from the ID token, or else from userinfo. An address
// and whether it is verified come from the same of the two.
func (who *Identity) describe(c, more claims) error {
	var errs [4]error
	from := c.or(more, "email")
	who.Email, errs[0] = from.text("email")
	who.EmailVerified, errs[1] = from.flag("email_verified")
	who.Name, errs[2] = c.or(more, "name").text("name")
	if claim := who.Provider.RoleClaim; claim != "" {
		var values []string
		values, errs[3] = c.or(more, claim).list(claim)
		who.Roles = who.Provider.mapped(values)
	}
	return errors.Join(errs[:]...)
}
