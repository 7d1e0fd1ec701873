#!/usr/bin/env bash
# Brings promtool and Chromium for the tests that need them, where Debian's packages can be had: unpacked
# into a folder, so that no service is started. Tests that lack one are skipped, with the reason printed.
# Prints the folder to put on PATH, if any.
set -uo pipefail
folder="${XDG_CACHE_HOME:-$HOME/.cache}/helixrouter-ci"

missing=()
command -v promtool >/dev/null || [[ -x $folder/bin/promtool ]] || missing+=(promtool)
command -v chromium >/dev/null || missing+=(chromium)
mkdir -p "$folder/bin"

install_promtool() {
  local work
  work=$(mktemp -d)
  (cd "$work" && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb .) >&2 &&
    cp "$work/usr/bin/promtool" "$folder/bin/"
  rm -rf "$work"
}

if ((${#missing[@]} > 0)); then
  if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
    apt-get update -qq >&2 || true
    for tool in "${missing[@]}"; do
      case $tool in
        promtool) install_promtool || echo "promtool could not be had" >&2 ;;
        # Its libraries are many: a real installation, which starts nothing.
        chromium) DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2 ||
          echo "Chromium could not be had" >&2 ;;
      esac
    done
  else
    echo "without apt and root, tests that need ${missing[*]} are skipped" >&2
  fi
fi
printf '%s\n' "$folder/bin"
