# Go for the tests that need it. Sourced, in a folder with a go.mod, by scripts that set `me`: what they are
# called in messages. find_go sets `go`; run_go runs it.

say() { printf '%s\n' "$*" >&2; }
fail() { say "$me: $*"; exit 2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_package() { # install_package COMMAND PACKAGE
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || fail "\`$1\` is missing: install it"
  say "installing $2"
  {
    as_root apt-get update -q &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$2"
  } >&2 || fail "\`$1\` is missing, and $2 could not be installed: install it"
}

new_enough() { # new_enough GO: is that Go the one that go.mod asks for, or newer?
  local have
  have=$("$1" version 2>/dev/null | sed -nE 's/^go version go([0-9.]+).*/\1/p')
  [ -n "$have" ] && [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

# A Go that is too old, or Debian's, is good enough to fetch the wanted one as a module: checked
# against the checksum database as any module is, and kept in the module cache.
find_go() {
  wanted=$(sed -nE 's/^go ([0-9.]+)$/\1/p' go.mod)
  export GOTOOLCHAIN=local # what Go 1.21 and newer fetch by themselves may be another one
  go=$(command -v go || true)
  if [ -z "$go" ]; then
    install_package go golang-go
    go=$(command -v go)
  fi
  new_enough "$go" && return
  local version folder
  version=v0.0.1-go$wanted.$(cd / && "$go" env GOOS)-$(cd / && "$go" env GOARCH) # away from a go.mod that is too new for it
  say "Go $wanted is fetched as a module, because $("$go" version) is too old"
  folder=$(cd / && GOFLAGS=-mod=mod "$go" mod download -json "golang.org/toolchain@$version" |
    sed -nE 's/^\t"Dir": "(.*)",$/\1/p') || fail "Go $wanted could not be fetched; install it from https://go.dev/dl"
  # Modules have no executable files.
  chmod -R u+w "$folder/bin" "$folder/pkg/tool"
  chmod +x "$folder"/bin/* "$folder"/pkg/tool/*/*
  unset GOROOT
  go=$folder/bin/go
  new_enough "$go" || fail "the Go in $folder does not run"
}

# Git may be missing, or refuse to look at a clone of another user.
run_go() { GOFLAGS=-buildvcs=false CGO_ENABLED=0 "$go" "$@" >&2; }

# fetch MODFILE PACKAGE [FLAG]: the modules that it is made of. That they can't be had is nobody's
# mistake here; what the compiler says of them later is.
fetch() { run_go list -modfile="$1" -deps ${3:-} -f '{{""}}' "$2" || fail "what $2 is made of can't be fetched"; }
