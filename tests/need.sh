# Sourced by scripts that need programs which a machine may lack.

step() { printf '\n== %s\n' "$*"; }

need() { # need COMMAND PACKAGE: install a Debian package where its command is missing
  type -P "$1" >/dev/null && return # a program, not a word of the shell
  step "installing $2"
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  for program in apt-get "${sudo[@]}"; do
    command -v "$program" >/dev/null || { echo "\`$1\` is missing: install it, as \`$program\` is missing too" >&2; exit 2; }
  done
  "${sudo[@]}" apt-get update -q
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$2"
}
