package main

import (
	"context"
	"html/template"
	"net/http"
)

const (
	// loginPath and its parameter are where the example's clients send people.
	loginPath  = "/login/username"
	loginParam = "authRequestID"

	cookieName = "idp-session"
)

// pages are what people see: one form.
type pages struct {
	store    *store
	callback func(ctx context.Context, id string) string
}

// ask shows the form, unless the browser's session will do.
func (p pages) ask(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue(loginParam)
	if c, err := r.Cookie(cookieName); err == nil && p.store.resume(r.Context(), c.Value, id) {
		http.Redirect(w, r, p.callback(r.Context(), id), http.StatusFound)
		return
	}
	form(w, http.StatusOK, id, "")
}

func (p pages) check(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	session, err := p.store.signIn(r.Context(), r.FormValue("username"), r.FormValue("password"), id)
	if err != nil {
		form(w, http.StatusUnauthorized, id, err.Error())
		return
	}
	//nolint:gosec // not Secure: all of this is HTTP on one machine
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, p.callback(r.Context(), id), http.StatusFound)
}

func form(w http.ResponseWriter, status int, id, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = page.Execute(w, map[string]string{"Action": loginPath, "ID": id, "Message": message}) // the browser has gone
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in to the test provider</title></head>
<body>
<main>
<h1>Sign in to the test provider</h1>
{{with .Message}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="{{.Action}}">
<input type="hidden" name="id" value="{{.ID}}">
<p><label for="username">Username</label> <input id="username" name="username" autocomplete="username"></p>
<p><label for="password">Password</label> <input id="password" name="password" type="password" autocomplete="current-password"></p>
<p><button type="submit">Sign in</button></p>
</form>
</main>
</body>
</html>
`))
