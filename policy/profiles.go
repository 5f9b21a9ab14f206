package policy

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"beforehand/models"
)

//go:embed profiles/*.yaml
var profileFiles embed.FS

// Set is a set of policy profiles, in the order of their codes.
type Set struct{ profiles []models.Profile }

// Profiles gives the profiles, in the order of their codes.
func (s Set) Profiles() []models.Profile { return slices.Clone(s.profiles) }

// Profile finds a profile by its code.
func (s Set) Profile(code string) (models.Profile, error) {
	i, found := slices.BinarySearchFunc(s.profiles, code, byCode)
	if !found {
		return models.Profile{}, models.Fail(models.Invalid, "unknown_profile").With("profile", code)
	}
	return s.profiles[i], nil
}

func byCode(p models.Profile, code string) int { return strings.Compare(p.Code, code) }

// with adds profiles, which take the place of those with the same code.
func (s Set) with(more Set) Set {
	out := Set{s.Profiles()}
	for _, p := range more.profiles {
		i, found := slices.BinarySearchFunc(out.profiles, p.Code, byCode)
		if found {
			out.profiles[i] = p
		} else {
			out.profiles = slices.Insert(out.profiles, i, p)
		}
	}
	return out
}

// Load reads every .yaml and .yml file of a folder. The error names file and
// line of everything that is wrong.
func Load(fsys fs.FS) (Set, error) {
	var set Set
	var faults []error
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return Set{}, fmt.Errorf("profiles: %w", err)
	}
	from := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if ext := path.Ext(name); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return Set{}, fmt.Errorf("profiles: %w", err)
		}
		p, err := readProfile(name, text)
		if err == nil && from[p.Code] != "" {
			err = fmt.Errorf("%s: profile %q is in %s already", name, p.Code, from[p.Code])
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		from[p.Code] = name
		set = set.with(Set{[]models.Profile{p}})
	}
	if err := errors.Join(faults...); err != nil {
		return Set{}, err
	}
	return set, nil
}

var bundled = sync.OnceValue(func() Set {
	dir, err := fs.Sub(profileFiles, "profiles")
	if err != nil {
		panic(err) // the name is a literal
	}
	set, err := Load(dir)
	if err != nil {
		panic(err) // the embedded files are tested
	}
	return set
})

// Bundled are the profiles that come with the product.
func Bundled() Set { return bundled() }

// Profiles lists the profiles that come with the product.
func Profiles() []models.Profile { return Bundled().Profiles() }

// LoadDir adds an employer's own profiles to the bundled ones. One with the
// code of a bundled profile takes its place. No folder adds none.
func LoadDir(dir string) (Set, error) {
	if dir == "" {
		return Bundled(), nil
	}
	own, err := Load(os.DirFS(dir))
	if err != nil {
		return Set{}, err
	}
	return Bundled().with(own), nil
}
