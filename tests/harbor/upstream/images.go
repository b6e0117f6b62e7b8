package upstream

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// An Image that the registry holds.
type Image struct {
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	Digest     string `json:"digest"`
}

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
)

type descriptor struct {
	MediaType string `json:"mediaType"`
	Size      int    `json:"size"`
	Digest    string `json:"digest"`
}

func describe(kind string, content []byte) descriptor {
	return descriptor{kind, len(content), fmt.Sprintf("sha256:%x", sha256.Sum256(content))}
}

// push makes an image for each name and pushes it, over the network as everyone would.
func (r *Registry) push(names ...string) ([]Image, error) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.trusted.Pool()}}}
	defer client.CloseIdleConnections()
	var images []Image
	for _, name := range names {
		repository, tag, _ := strings.Cut(name, ":")
		layer := make([]byte, 1024) // an empty tar file
		config := fmt.Appendf(nil, `{"architecture":"amd64","os":"linux","config":{"Labels":{"name":%q}},`+
			`"rootfs":{"type":"layers","diff_ids":[%q]}}`, name, describe(layerType, layer).Digest)
		manifest, err := json.Marshal(map[string]any{
			"schemaVersion": 2, "mediaType": manifestType,
			"config": describe(configType, config), "layers": []descriptor{describe(layerType, layer)},
		})
		if err != nil {
			return nil, err
		}
		base := "https://" + r.Address + "/v2/" + repository
		for _, blob := range [][]byte{layer, config} {
			if err := r.pushBlob(client, base, blob); err != nil {
				return nil, err
			}
		}
		if _, err := r.send(client, http.MethodPut, base+"/manifests/"+tag, manifestType, manifest); err != nil {
			return nil, err
		}
		images = append(images, Image{repository, tag, describe(manifestType, manifest).Digest})
	}
	return images, nil
}

func (r *Registry) pushBlob(client *http.Client, base string, blob []byte) error {
	started, err := r.send(client, http.MethodPost, base+"/blobs/uploads/", "", nil)
	if err != nil {
		return err
	}
	location := started.Header.Get("Location") + "&digest=" + describe("", blob).Digest
	_, err = r.send(client, http.MethodPut, location, "application/octet-stream", blob)
	return err
}

func (r *Registry) send(client *http.Client, method, address, kind string, body []byte) (*http.Response, error) {
	request, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(r.Username, r.Password)
	request.Header.Set("Content-Type", kind)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return nil, fmt.Errorf("%s %s: %s: %s", method, address, response.Status, text)
	}
	return response, nil
}
