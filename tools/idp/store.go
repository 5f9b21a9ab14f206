package main

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const password = "idp-secret-phrase" //nolint:gosec // of people who do not exist

// people are who can sign in, by subject.
var people = users{
	"sub-cdo":     {Username: "cdo-idp", FirstName: "Catrin", LastName: "Digidol", Email: "cdo-idp@tywi.example"},
	"sub-manager": {Username: "manager-idp", FirstName: "Marged", LastName: "Gofal", Email: "manager-idp@tywi.example"},
	"sub-nobody":  {Username: "nobody-idp", FirstName: "Nia", LastName: "Neb", Email: "nobody-idp@tywi.example"},
}

// groups are told in the claim of that name. Who is in none has no such claim.
var groups = map[string][]string{
	"sub-cdo":     {"digital-team"},
	"sub-manager": {"social-care-managers"},
}

// users are the people as the example's storage asks for them.
type users map[string]storage.User

// GetUserByID finds somebody by subject.
func (u users) GetUserByID(id string) *storage.User {
	user, ok := u[id]
	if !ok {
		return nil
	}
	user.ID, user.Password, user.EmailVerified = id, password, true
	return &user
}

// GetUserByUsername finds somebody by the name they type.
func (u users) GetUserByUsername(name string) *storage.User {
	for _, id := range slices.Sorted(maps.Keys(u)) {
		if u[id].Username == name {
			return u.GetUserByID(id)
		}
	}
	return nil
}

// ExampleClientID is of no use to us; the interface has it.
func (users) ExampleClientID() string { return storage.ServiceUserID }

// store is the example's storage, with sessions of browsers and with groups.
type store struct {
	*storage.Storage
	postLogout string

	mu sync.Mutex
	// sessions are by the cookie's value.
	sessions map[string]session
	// authTimes are by authorization request: a session answers with the time
	// of its own sign-in, which the example's request cannot hold.
	authTimes map[string]time.Time
}

type session struct {
	userID   string
	authTime time.Time
}

func newStore(postLogout string) *store {
	return &store{
		Storage:    storage.NewStorage(people),
		postLogout: postLogout,
		sessions:   map[string]session{},
		authTimes:  map[string]time.Time{},
	}
}

// signIn answers an authorization request with a password, and begins a session.
func (s *store) signIn(ctx context.Context, username, password, id string) (string, error) {
	if err := s.CheckUsernamePassword(username, password, id); err != nil {
		return "", err
	}
	request, err := s.Storage.AuthRequestByID(ctx, id)
	if err != nil {
		return "", err
	}
	token := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[token] = session{userID: request.GetSubject(), authTime: request.GetAuthTime()}
	s.authTimes[id] = request.GetAuthTime()
	return token, nil
}

// resume answers an authorization request with a session, and says whether it
// could: the client may have asked for a sign-in that is newer.
func (s *store) resume(ctx context.Context, token, id string) bool {
	found, err := s.Storage.AuthRequestByID(ctx, id)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[token]
	request := found.(*storage.AuthRequest)
	// The protocol's code has turned prompt=login into a max_age of nothing.
	if !ok || slices.Contains(request.Prompt, oidc.PromptSelectAccount) ||
		request.MaxAuthAge != nil && time.Since(session.authTime) >= *request.MaxAuthAge {
		return false
	}
	request.UserID = session.userID
	s.authTimes[id] = session.authTime
	return s.AuthRequestDone(id) == nil
}

// authRequest knows when its person signed in.
type authRequest struct {
	*storage.AuthRequest
	authTime time.Time
}

// GetAuthTime is when the password was given.
func (r authRequest) GetAuthTime() time.Time { return r.authTime }

func (s *store) withAuthTime(r op.AuthRequest, err error) (op.AuthRequest, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return authRequest{r.(*storage.AuthRequest), s.authTimes[r.GetID()]}, nil
}

// plain is the example's own request, which it knows by its type.
func plain(r op.TokenRequest) op.TokenRequest {
	if ours, ok := r.(authRequest); ok {
		return ours.AuthRequest
	}
	return r
}

// CreateAuthRequest insists on PKCE: a client that forgets it is found out.
func (s *store) CreateAuthRequest(ctx context.Context, r *oidc.AuthRequest, userID string) (op.AuthRequest, error) {
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is needed")
	}
	return s.Storage.CreateAuthRequest(ctx, r, userID)
}

// AuthRequestByID finds a request.
func (s *store) AuthRequestByID(ctx context.Context, id string) (op.AuthRequest, error) {
	return s.withAuthTime(s.Storage.AuthRequestByID(ctx, id))
}

// AuthRequestByCode finds the request that a code answers.
func (s *store) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	return s.withAuthTime(s.Storage.AuthRequestByCode(ctx, code))
}

// CreateAccessToken makes the token with which userinfo is asked.
func (s *store) CreateAccessToken(ctx context.Context, r op.TokenRequest) (string, time.Time, error) {
	return s.Storage.CreateAccessToken(ctx, plain(r))
}

// CreateAccessAndRefreshTokens is asked for by the scope offline_access.
func (s *store) CreateAccessAndRefreshTokens(ctx context.Context, r op.TokenRequest, current string) (string, string, time.Time, error) {
	return s.Storage.CreateAccessAndRefreshTokens(ctx, plain(r), current)
}

// SetUserinfoFromRequest fills the ID token.
func (s *store) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	appendGroups(info, r.GetSubject())
	return s.Storage.SetUserinfoFromRequest(ctx, info, r, scopes)
}

// SetUserinfoFromToken fills the answer of the userinfo endpoint.
func (s *store) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	appendGroups(info, subject)
	return s.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin)
}

func appendGroups(info *oidc.UserInfo, subject string) {
	if g, ok := groups[subject]; ok {
		info.AppendClaims("groups", g)
	}
}

// TerminateSession ends what somebody has open, in all browsers. Nobody is
// named by a client that sends no id_token_hint: then nothing ends.
func (s *store) TerminateSession(ctx context.Context, userID, clientID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.sessions, func(_ string, open session) bool { return open.userID == userID })
	return s.Storage.TerminateSession(ctx, userID, clientID)
}

// GetClientByClientID finds the one client.
func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c, s.postLogout}, nil
}

// client is the example's, with what that leaves out.
type client struct {
	op.Client
	postLogout string
}

// PostLogoutRedirectURIs are where a browser may go after signing out.
func (c client) PostLogoutRedirectURIs() []string { return []string{c.postLogout} }

// IsScopeAllowed lets a client ask for groups, as many providers want it to.
// They are told in any case.
func (client) IsScopeAllowed(scope string) bool { return scope == "groups" }

// IDTokenUserinfoClaimsAssertion puts name and email into the ID token too.
func (client) IDTokenUserinfoClaimsAssertion() bool { return true }
