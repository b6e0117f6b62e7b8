package plane

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// image is what a container's root is made of: one program, and the libraries that it is
// linked to, if any. No shell, no /etc, no /tmp.
type image struct {
	folder     string
	entrypoint string
	files      map[string]string // path in the container -> file
}

func newImage(folder, program string) (*image, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	made := &image{folder: folder, entrypoint: "/harbor-pilot", files: map[string]string{"/harbor-pilot": program}}
	// What has no libraries is no error to ldd's caller.
	libraries, _ := exec.Command("ldd", program).Output()
	for _, word := range strings.Fields(string(libraries)) {
		if filepath.IsAbs(word) {
			made.files[word] = word
		}
	}
	// Once to this file system: a Pod's root then takes links.
	for inside, file := range made.files {
		copied := filepath.Join(folder, "image", inside)
		if err := copyFile(file, copied); err != nil {
			return nil, err
		}
		made.files[inside] = copied
	}
	return made, nil
}

func (image *image) root(folder string) error {
	for inside, file := range image.files {
		path := filepath.Join(folder, inside)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.Link(file, path); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
