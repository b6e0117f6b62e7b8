package standin_test

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// A client as nodes have one, written without this stand-in: challenge, token, manifest, config and layers.
func TestARealClientPulls(t *testing.T) {
	s := newSite(t, "2.14.3")
	s.proxy("private", "docker-registry", "https://nvcr.io", `{}`)
	s.proxy("public", "docker-registry", "https://nvcr.io", `{"public":"true"}`)
	host := strings.TrimPrefix(s.url, "https://")
	image := s.registry.Images[0]
	pull := func(reference string, as authn.Authenticator) error {
		t.Helper()
		parsed, err := name.ParseReference(host+reference, name.StrictValidation)
		must(t, err)
		found, err := remote.Image(parsed, remote.WithAuth(as), remote.WithTransport(s.client.Transport))
		if err != nil {
			return err
		}
		digest, err := found.Digest()
		must(t, err)
		if digest.String() != image.Digest {
			t.Errorf("expected %s, but found %s", image.Digest, digest)
		}
		layers, err := found.Layers()
		must(t, err)
		content, err := layers[0].Compressed()
		must(t, err)
		must(t, content.Close())
		_, err = found.ConfigFile()
		return err
	}
	admin := &authn.Basic{Username: s.user, Password: s.pass}
	wrong := &authn.Basic{Username: s.user, Password: "wrong"}
	for _, reference := range []string{"/nvidia/driver:550", "/nvidia/driver@" + image.Digest} {
		must(t, pull("/public"+reference, authn.Anonymous))
		must(t, pull("/private"+reference, admin))
		for who, as := range map[string]authn.Authenticator{"nobody": authn.Anonymous, "a wrong password": wrong} {
			if err := pull("/private"+reference, as); err == nil {
				t.Errorf("expected that %s can't pull %s", who, reference)
			}
		}
	}
}
