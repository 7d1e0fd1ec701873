#!/usr/bin/env bash
# Brings promtool and Chromium for the tests that need them, and Firefox and WebKitGTK for the long campaign
# (HELIX_LONG=1), where Debian's packages can be had. No service is started. Tests that lack one are skipped, with the reason printed.
# Prints the folder to put on PATH, if any.
set -uo pipefail
folder="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/helixrouter-ci"

missing=()
command -v promtool >/dev/null || [[ -x $folder/bin/promtool ]] || missing+=(promtool)
command -v "${CHROMIUM:-chromium-headless-shell}" chromium chromium-browser google-chrome >/dev/null ||
  missing+=(chromium)
# Only that which could show windows keeps pages that were left.
[[ -z ${HELIX_LONG:-} || -n ${CHROMIUM:-} ]] || command -v chromium >/dev/null || missing+=(whole_chromium)
if [[ -n ${HELIX_LONG:-} ]]; then
  [[ -n ${FIREFOX:-} ]] || command -v firefox-esr >/dev/null || missing+=(firefox)
  command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null || missing+=(webkit)
fi
mkdir -p "$folder/bin"

# A machine without a network must not wait for long.
apt() {
  timeout 300 apt-get -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -qq "$@" >&2
}

# Of the package only this is wanted, so it is unpacked and not installed, which needs no root.
install_promtool() (
  work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work" &&
    apt download prometheus && dpkg-deb -x prometheus_*.deb . &&
    install usr/bin/promtool "$folder/bin/"
)

# Its libraries are many: a real installation, which starts nothing. The shell has no windows, and takes
# half of what the tests cost with the whole browser.
install_chromium() {
  DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends \
    chromium-headless-shell fonts-dejavu-core
}

install_whole_chromium() {
  DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends chromium
}

install_firefox() {
  DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends firefox-esr
}

# It has no mode without a display.
install_webkit() {
  DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends webkit2gtk-driver xvfb
}

if ((${#missing[@]} > 0)) && command -v apt-get >/dev/null; then
  [[ $(id -u) == 0 ]] && apt update
  for tool in "${missing[@]}"; do "install_$tool" || echo "$tool could not be had" >&2; done
elif ((${#missing[@]} > 0)); then
  echo "there is no apt: tests that need ${missing[*]} are skipped" >&2
fi
printf '%s\n' "$folder/bin"
