package files

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3 asks for it
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// ErrNoBucket says that the object store answers and has no such bucket.
var ErrNoBucket = errors.New("there is no such bucket")

// tries is how often the object store is asked before an answer is given up.
const tries = 3

// BucketSettings say where a bucket is and who asks.
type BucketSettings struct {
	Endpoint  string // host or host:port
	Region    string // asked of the endpoint when it is empty
	Bucket    string
	Prefix    string // a folder in the bucket; may be empty
	AccessKey string
	SecretKey string
	// Insecure asks over plain http, for a store on the same machine.
	Insecure bool
	// Transport carries the requests; nil is the usual one.
	Transport http.RoundTripper
}

// Bucket keeps files in a bucket of an object store that speaks S3.
type Bucket struct {
	client minio.Core
	name   string
	prefix string // empty, or ends with a slash
}

// OpenBucket takes the settings. It asks the object store nothing yet: see
// [Bucket.Check].
func OpenBucket(s BucketSettings) (*Bucket, error) {
	if s.Bucket == "" {
		return nil, errors.New("the bucket has no name")
	}
	c, err := minio.New(s.Endpoint, &minio.Options{
		Creds:      credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""),
		Secure:     !s.Insecure,
		Region:     s.Region,
		Transport:  s.Transport,
		MaxRetries: tries,
	})
	if err != nil {
		return nil, fmt.Errorf("open the bucket: %w", err)
	}
	prefix := strings.Trim(s.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &Bucket{minio.Core{Client: c}, s.Bucket, prefix}, nil
}

// Check says whether the object store answers and has the bucket.
func (b *Bucket) Check(ctx context.Context) error {
	found, err := b.client.BucketExists(ctx, b.name)
	if err != nil {
		return b.told("ask for the bucket", err)
	}
	if !found {
		return fmt.Errorf("ask for the bucket: %w", ErrNoBucket)
	}
	return nil
}

// Put writes the file in one request: an object store shows all of it or none.
func (b *Bucket) Put(ctx context.Context, hash string, body []byte) error {
	at, err := placeOf(hash, body)
	if err != nil {
		return err
	}
	// The hash is part of what is signed, so the object store checks it as well.
	// A bucket whose objects are locked demands an MD5 besides.
	sum := md5.Sum(body) //nolint:gosec // the protocol's, and not what is relied on
	_, err = b.client.PutObject(ctx, b.name, b.prefix+at, bytes.NewReader(body), int64(len(body)), base64.StdEncoding.EncodeToString(sum[:]), hash,
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true /* not in pieces */})
	return b.told("write the file to the bucket", err)
}

// Get reads a file and checks it against its hash.
func (b *Bucket) Get(ctx context.Context, hash string) ([]byte, error) {
	at, err := place(hash)
	if err != nil {
		return nil, err
	}
	r, _, _, err := b.client.GetObject(ctx, b.name, b.prefix+at, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.told("read file "+hash+" from the bucket", err)
	}
	defer r.Close()
	return checked(hash, r)
}

// Each names every file. Objects of others are passed over.
func (b *Bucket) Each(ctx context.Context, do func(hash string, size int64) error) error {
	// Leaving the loop early would otherwise leave the listing asking for more.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if o.Err != nil {
			return b.told("list the bucket", o.Err)
		}
		hash, ok := hashAt(strings.TrimPrefix(o.Key, b.prefix))
		if !ok {
			continue
		}
		if err := do(hash, o.Size); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// told adds what was being done, and the kind of what the object store answered.
func (b *Bucket) told(doing string, err error) error {
	if err == nil {
		return nil
	}
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey:
		return fmt.Errorf("%s: %w", doing, ErrMissing)
	case minio.NoSuchBucket:
		return fmt.Errorf("%s: %w", doing, ErrNoBucket)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
