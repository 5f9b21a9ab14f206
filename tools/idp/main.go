// Command idp is a small OpenID provider to sign in against. It is for tests,
// and never built into the product: it is in the tools' module, its people and
// their password stand below, and everything is forgotten when it ends.
//
//	idp -port 9998 -client-id beforehand -client-secret … \
//	    -redirect-uri http://localhost:8080/… -post-logout-uri http://localhost:8080/…
//
// The protocol is zitadel/oidc's, and so is most of the storage: its example's.
// Ours is what tests of signing in look at: groups, a session that makes the
// second sign-in silent unless prompt=login or max_age asks for the password
// again, and that signing out ends it.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const loggedOut = "/logged-out"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "idp:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("idp", flag.ContinueOnError)
	port := flags.Int("port", 0, "port on 127.0.0.1 (0 takes a free one; the first line printed names it)")
	id := flags.String("client-id", "beforehand", "the client's id")
	secret := flags.String("client-secret", "client-secret-phrase", "the client's secret")
	redirect := flags.String("redirect-uri", "", "where the client takes codes")
	postLogout := flags.String("post-logout-uri", "", "where a browser may go after signing out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *redirect == "" {
		return errors.New("-redirect-uri is needed")
	}

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return err
	}
	issuer := fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	storage.RegisterClients(storage.WebClient(*id, *secret, *redirect))
	handler, err := newProvider(issuer, newStore(*postLogout))
	if err != nil {
		return err
	}
	// The listener takes connections from here on, even before Serve does.
	fmt.Fprintln(stdout, "ready", issuer)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

// newProvider is the protocol with our pages beside it.
func newProvider(issuer string, s *store) (http.Handler, error) {
	config := &op.Config{
		DefaultLogoutRedirectURI: loggedOut,
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		SupportedScopes:          []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, "groups"},
		SupportedClaims:          append(slices.Clone(op.DefaultSupportedClaims), "groups"),
	}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return nil, err
	}
	provider, err := op.NewProvider(config, s, op.StaticIssuer(issuer),
		op.WithAllowInsecure(), // HTTP will do on one machine
		op.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	if err != nil {
		return nil, err
	}
	pages := pages{store: s, callback: func(ctx context.Context, id string) string {
		return op.AuthCallbackURL(provider)(op.ContextWithIssuer(ctx, issuer), id)
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+loginPath, pages.ask)
	mux.HandleFunc("POST "+loginPath, pages.check)
	mux.HandleFunc("GET "+loggedOut, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "You have signed out.")
	})
	mux.Handle("/", provider)
	return mux, nil
}
