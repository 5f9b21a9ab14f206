package frontend

import (
	"context"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beforehand/internal/notice"
	"beforehand/internal/store"
)

// post is the letters that are sent, as they are.
type post chan notice.Mail

// works works the jobs until the test ends, and hands on what is mailed.
func (s *site) works(t *testing.T) post {
	t.Helper()
	sent := make(post, 100)
	s.Outbox.Fail = func(m notice.Mail) error {
		sent <- m
		return nil
	}
	ctx := t.Context()
	stop := need(s.Store.Work(ctx, s.Workers(), store.JobSettings{Workers: 5, FirstRetry: time.Second, Log: slog.New(slog.DiscardHandler)}))(t)
	t.Cleanup(func() {
		if err := stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
	return sent
}

// code waits for a letter to an address that holds one.
func (p post) code(t *testing.T, to string) string {
	t.Helper()
	enough := time.After(20 * time.Second)
	for {
		select {
		case m := <-p:
			if found := regexp.MustCompile(`#code=([a-z2-7-]+)`).FindStringSubmatch(m.Text); m.To == to && found != nil {
				return found[1]
			}
		case <-enough:
			t.Fatalf("no letter to %s", to)
		}
	}
}

func TestAForgottenPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sent := s.works(t)
	b := s.browser()
	b.post(t, "/en/forgot-password", url.Values{}).wants(t, 422, "E-mail address: Give an answer.")
	there := b.post(t, "/en/forgot-password", url.Values{"email": {"cdo@tywi.example"}}).wants(t, 200, "If there is an account")
	if none := b.post(t, "/en/forgot-password", url.Values{"email": {"nobody@tywi.example"}}); none.text != there.text {
		t.Error("the page tells whether there is an account")
	}
	got := sent.code(t, "cdo@tywi.example")
	weak := b.post(t, "/en/reset-password", url.Values{"code": {got}, "password": {"short"}}).wants(t, 422, "New password: Use 12 characters or more.")
	if in := strings.Contains(weak.body, got); !in {
		t.Error("the code is not kept")
	}
	b.post(t, "/en/reset-password", url.Values{"code": {"x"}, "password": {"a wholly new phrase"}}).wants(t, 422, "Code from the mail: The code is wrong")
	if r := b.post(t, "/en/reset-password", url.Values{"code": {got}, "password": {"a wholly new phrase"}}); r.header.Get("Location") != "/en/sign-in" {
		t.Fatal(r.status, r.text)
	}
	b.get(t, "/en/sign-in").wants(t, 200, "Your password has been changed.")
	b.post(t, "/en/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {"a wholly new phrase"}}).wants(t, 303)
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sent := s.works(t)
	admin := s.as(t, "admin")
	admin.get(t, "/en/people").wants(t, 200, "There are no invitations.", "Invite somebody")
	form := url.Values{"do": {"invite"}, "email": {"new@tywi.example"}, "name": {"Nia Newydd"}, "language": {"cy"}, "role": {""}}
	wrong := admin.post(t, "/en/people", form).wants(t, 422, "Role: ")
	if in(t, wrong.body, "do") == "" || !strings.Contains(wrong.body, `value="new@tywi.example"`) {
		t.Error("what was typed is lost")
	}
	form.Set("role", "hr")
	admin.post(t, "/en/people", form).wants(t, 303)
	admin.get(t, "/en/people").wants(t, 200, "An invitation is on its way to new@tywi.example.", "new@tywi.example", "Open")
	got := sent.code(t, "new@tywi.example")
	b := s.browser()
	b.post(t, "/cy/invitation", url.Values{"code": {"abc"}}).wants(t, 422, "Cod o’r e-bost: Mae’r cod yn anghywir")
	b.post(t, "/cy/invitation", url.Values{"code": {got}}).wants(t, 200, "Mae Ada Admin yn eich gwahodd i gofrestr Cyngor Tywi.", "Arweinydd AD neu’r gweithlu")
	bad := b.post(t, "/en/invitation", url.Values{"do": {"accept"}, "code": {got}, "name": {"Nia"}, "password": {"password1234"}, "language": {"cy"}}).wants(t, 422, "New password: This password is among the first")
	if in(t, bad.body, "code") != got {
		t.Error("the code is lost")
	}
	b.post(t, "/en/invitation", url.Values{"do": {"accept"}, "code": {got}, "name": {"Nia"}, "password": {"a wholly new phrase"}, "language": {"cy"}}).wants(t, 303)
	b.get(t, "/en").wants(t, 200, "You have accepted the invitation.", "Signed in: Nia")
	b.post(t, "/en/invitation", url.Values{"code": {got}}).wants(t, 422)
	admin.get(t, "/en/people").wants(t, 200, "Accepted")

	// Somebody who has an account accepts as themselves.
	officer := s.as(t, "unison")
	again := url.Values{"do": {"invite"}, "email": {"rep@tywi.example"}, "language": {"en"}, "role": {"union_officer"}, "union": {s.Unison.ID}}
	officer.post(t, "/en/people", again).wants(t, 303)
	second := sent.code(t, "rep@tywi.example")
	s.browser().post(t, "/en/invitation", url.Values{"do": {"accept"}, "code": {second}, "name": {"x"}, "password": {"a wholly new phrase"}}).wants(t, 422, "Sign in to your account.")
	admin.post(t, "/en/invitation", url.Values{"do": {"as"}, "code": {second}}).wants(t, 422, "sent to another address")
	rep := s.as(t, "rep")
	rep.post(t, "/en/invitation", url.Values{"code": {second}}).wants(t, 200, "Accept as rep", "Union officer for UNISON")
	rep.post(t, "/en/invitation", url.Values{"do": {"as"}, "code": {second}}).wants(t, 303)
	rep.get(t, "/en/people").wants(t, 200)
}
