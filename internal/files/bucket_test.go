package files_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"beforehand/internal/files"
)

// s3Env names the variable with a bucket to try as well, such as
// http://key:secret@127.0.0.1:9000/bucket?region=eu-west-2.
const s3Env = "BEFOREHAND_TEST_S3"

func bucket(t *testing.T) place {
	t.Helper()
	mem := s3mem.New()
	if err := mem.CreateBucket("attachments"); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(gofakes3.New(mem).Server())
	t.Cleanup(srv.Close)
	return openBucket(t, files.BucketSettings{
		Endpoint: strings.TrimPrefix(srv.URL, "http://"), Region: "eu-west-2", Bucket: "attachments", Prefix: "/town/",
		AccessKey: "key", SecretKey: "secret", Insecure: true,
	})
}

func realBucket(t *testing.T) place {
	t.Helper()
	raw := os.Getenv(s3Env)
	if raw == "" {
		t.Skip(s3Env + " names no bucket, so none but gofakes3 is tried")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(s3Env + " is not a URL") // the cause would show the secret
	}
	secret, _ := u.User.Password()
	return openBucket(t, files.BucketSettings{
		Endpoint: u.Host, Region: u.Query().Get("region"), Bucket: strings.Trim(u.Path, "/"), Prefix: "test-" + rand.Text(),
		AccessKey: u.User.Username(), SecretKey: secret, Insecure: u.Scheme == "http",
	})
}

func openBucket(t *testing.T, s files.BucketSettings) place {
	t.Helper()
	b, err := files.OpenBucket(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := minio.New(s.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Secure: !s.Insecure, Region: s.Region})
	if err != nil {
		t.Fatal(err)
	}
	return place{b, func(t *testing.T, at string, body []byte) {
		t.Helper()
		key := strings.Trim(s.Prefix, "/") + "/" + at
		if _, err := c.PutObject(t.Context(), s.Bucket, key, bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{DisableContentSha256: true}); err != nil {
			t.Fatal(err)
		}
	}}
}

// ask does everything that can be done with a bucket.
func ask(ctx context.Context, b *files.Bucket) map[string]error {
	body := []byte("a file")
	_, got := b.Get(ctx, files.Hash(body))
	return map[string]error{
		"check": b.Check(ctx), "put": b.Put(ctx, files.Hash(body), body), "get": got,
		"each": b.Each(ctx, func(string, int64) error { return nil }),
	}
}

func TestABucketThatIsNotThere(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	defer srv.Close()
	for doing, err := range ask(t.Context(), open(t, srv.Listener.Addr().String())) {
		if !errors.Is(err, files.ErrNoBucket) {
			t.Errorf("%s: %v", doing, err)
		}
	}
}

func TestABucketThatCannotBeReached(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for doing, err := range ask(t.Context(), open(t, l.Addr().String())) {
		if err == nil || errors.Is(err, files.ErrMissing) || errors.Is(err, files.ErrNoBucket) {
			t.Errorf("%s: %v", doing, err)
		}
		if _, ok := errors.AsType[*net.OpError](err); !ok {
			t.Errorf("%s does not tell why: %v", doing, err)
		}
	}
}

func TestABucketThatNeverAnswersIsLeftWhenTheCallerIsGone(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}))
	defer srv.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	for doing, err := range ask(ctx, open(t, srv.Listener.Addr().String())) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", doing, err)
		}
	}
}

func TestABucketThatRefuses(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"forbids":           func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"fails":             func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) },
		"answers with HTML": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(answer)
			defer srv.Close()
			for doing, err := range ask(t.Context(), open(t, srv.Listener.Addr().String())) {
				believed := name == "answers with HTML" && doing != "get" // a 200 is all that S3 says there
				if err == nil && !believed || errors.Is(err, files.ErrMissing) {
					t.Errorf("%s: %v", doing, err)
				}
			}
		})
	}
}

func TestSettingsOfABucketThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]files.BucketSettings{
		"no bucket":   {Endpoint: "127.0.0.1:9000"},
		"no endpoint": {Bucket: "attachments"},
		"a path":      {Endpoint: "127.0.0.1:9000/path", Bucket: "attachments"},
	} {
		if _, err := files.OpenBucket(s); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func open(t *testing.T, endpoint string) *files.Bucket {
	t.Helper()
	b, err := files.OpenBucket(files.BucketSettings{
		Endpoint: endpoint, Region: "eu-west-2", Bucket: "attachments", AccessKey: "key", SecretKey: "secret", Insecure: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
