#!/usr/bin/env bash
# Installs what lamella needs and is not there yet; run it as often as you like.
#
# It writes .toolchain/env, which names the tools it chose. The npm scripts read that file; to
# call CMake by hand:  . .toolchain/env && cmake --preset simd && cmake --build --preset simd
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
tools=$root/.toolchain
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lamella

say() { echo "setup: $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null; }
first_of() {
  local program
  for program; do command -v "$program" && return; done
}

# -- Programs of the system ---------------------------------------------------------------------

apt_packages=(
  cmake ninja-build python3 # Emscripten is written in Python
  clang-19 lld-19 llvm-19   # for WebAssembly, and for the native build
  g++ libclang-rt-19-dev    # the native build's C++ library and sanitizers
  googletest nlohmann-json3-dev libbenchmark-dev clang-format-14
  chromium firefox-esr webkit2gtk-driver # browser tests and screenshots
  xvfb xauth fonts-liberation            # a screen and a font for them
  dataset-fashion-mnist     # for the page
  python3-numpy             # reads the .npz files of the tests
  python3-onnx              # checks the ONNX files of the tests
)

install_debian_packages() {
  local missing=() name
  for name in "${apt_packages[@]}"; do
    [[ $(dpkg-query -Wf '${Status}' "$name" 2>/dev/null) == *'ok installed' ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  local command="apt-get install -y --no-install-recommends ${missing[*]}"
  ((EUID == 0)) || fail "missing packages. Run: sudo $command"
  say "installing ${missing[*]}"
  apt-get -qq update || say 'apt-get update failed; trying with the package lists at hand'
  DEBIAN_FRONTEND=noninteractive $command >/dev/null ||
    fail "could not install the packages. Tried: apt-get update && $command"
}

check_other_system() {
  local name missing=()
  for name in cmake ninja python3 clang-format; do
    have "$name" || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  fail "missing: ${missing[*]}. On macOS: brew install cmake ninja python clang-format nlohmann-json"
}

# -- Emscripten ---------------------------------------------------------------------------------

# 3.1.69 is the first with LLVM 19; older ones write outdated relaxed-SIMD opcodes.
emscripten_wanted=3.1.69
debian13_packages=(emscripten binaryen libc6 libstdc++6 libgcc-s1 libhwy-dev)
# We never link these: other libraries, code that moves, other kinds of threads, checks of their own.
emscripten_unused=('*/lto/*-mt*' '*/lto/*debug*' '*/lto-pic' '*/pic' '*-emu*' '*-ofb*' '*/libwasmfs*' '*-ww*.a' '*asan*.a'
  '*/libwebgpu*' '*-tracing.a' '*/share/doc' '*/share/man' '*/docs' '*/media' '*/ChangeLog*')

emcc_on_path_is_recent() {
  have emcc || return 1
  local version
  version=$(emcc -dumpversion)
  [[ $(printf '%s\n' "$emscripten_wanted" "${version%%-*}" | sort -V | head -1) == "$emscripten_wanted" ]]
}

# The machine's own package sources, as one-line entries for Debian 13 ("trixie").
debian13_sources() {
  { cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | awk '
    function flush() {
      if (types ~ /(^| )deb( |$)/ && suites ~ /(^| )bookworm( |$)/) {
        count = split(uris, uri, " ")
        for (i = 1; i <= count; i++)
          print "deb " (key ~ /^\// ? "[signed-by=" key "] " : "") uri[i] " trixie main"
      }
      types = suites = uris = key = ""
    }
    /^[ \t]*$/ { flush() }
    /^#/ { next }
    { value = $0; sub(/^[^:]*:[ \t]*/, "", value) }
    /^Types:/ { flush(); types = value }
    /^Suites:/ { suites = value }
    /^URIs:/ { uris = value }
    /^Signed-By:/ { key = value }
    END { flush() }'
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
    sed -nE 's/^(deb +(\[[^]]*\] +)?[^ ]+) +bookworm +main.*/\1 trixie main/p'
}

# Into the user's cache folder: a second clone does not download again.
download_debian13_packages() {
  [[ -e $cache/debian13/complete ]] && return
  say "downloading ${debian13_packages[*]} of Debian 13 (250 MB, kept in $cache)"
  local state
  mkdir -p "$cache"
  state=$(mktemp -d "$cache/download.XXXXXX")
  mkdir -p "$state"/{lists/partial,archives/partial,packages}
  debian13_sources >"$state/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$state/lists" -o Dir::State::status=/dev/null -o "Dir::Cache=$state"
    -o APT::Sandbox::User=root)
  (cd "$state/packages" && "${apt[@]}" update && "${apt[@]}" download "${debian13_packages[@]}") || {
    rm -rf "$state"
    fail 'could not download Emscripten of Debian 13 from the sources in /etc/apt.' \
      "Put an emcc >= $emscripten_wanted on PATH instead (on Debian 13: apt-get install emscripten)."
  }
  touch "$state/packages/complete"
  rm -rf "$cache/debian13"
  mv "$state/packages" "$cache/debian13"
  rm -rf "$state"
}

# Emscripten, Binaryen with the C library it was linked with, and Highway's headers.
unpack_debian13_packages() {
  say 'unpacking Emscripten into .toolchain'
  local unpacked=$tools/debian13 package program name
  rm -rf "$unpacked" "$tools/binaryen"
  mkdir -p "$unpacked" "$tools/binaryen/bin"
  for package in "$cache"/debian13/*.deb; do
    dpkg-deb --fsys-tarfile "$package" |
      tar -x -C "$unpacked" --no-same-owner "${emscripten_unused[@]/#/--exclude=}"
  done
  for program in "$unpacked"/usr/bin/wasm*; do
    name=$tools/binaryen/bin/${program##*/}
    cat >"$name" <<WRAPPER
#!/bin/sh
exec '$(echo "$unpacked"/usr/lib*/ld-linux-*.so.*)' --library-path '$(echo "$unpacked"/usr/lib/*-linux-gnu)' '$program' "\$@"
WRAPPER
    chmod +x "$name"
  done
  # Emscripten's .js files are CommonJS; ours, above them, are modules.
  echo '{ "type": "commonjs" }' >"$unpacked/package.json"
  cat >"$tools/em_config" <<CONFIG
LLVM_ROOT = '/usr/lib/llvm-19/bin'
LLVM_ADD_VERSION = ''
CLANG_ADD_VERSION = ''
BINARYEN_ROOT = '$tools/binaryen'
NODE_JS = '$(command -v node)'
FROZEN_CACHE = True
CONFIG
}

# Chooses Emscripten and Highway, and writes down which.
choose_toolchain() {
  local key emscripten include=/usr/include highway
  key="$root $(command -v emcc) $current_node $(cksum <scripts/setup.sh)"
  [[ -e $tools/env && $(cat "$tools/key") == "$key" ]] && return
  rm -rf "$tools/env" "$tools/include"
  mkdir -p "$tools/include"
  if have brew; then include=$(brew --prefix)/include; fi
  if emcc_on_path_is_recent; then
    emscripten=$(em-config EMSCRIPTEN_ROOT)
    say "using the emcc on PATH, $(emcc -dumpversion) in $emscripten (tried whole: $emscripten_wanted)"
    highway=$include/hwy
    [[ -d $highway ]] ||
      fail 'no headers of Google Highway. Run: apt-get install libhwy-dev (macOS: brew install highway)'
  elif [[ $VERSION_CODENAME == bookworm ]]; then
    download_debian13_packages
    unpack_debian13_packages
    emscripten=$tools/debian13/usr/share/emscripten
    highway=$tools/debian13/usr/include/hwy
  else
    fail "no emcc >= $emscripten_wanted on PATH. Run: apt-get install emscripten (Debian 13)," \
      'brew install emscripten (macOS), or install the emsdk'
  fi
  # A folder of its own: /usr/include must not reach a WebAssembly compile.
  ln -s "$highway" "$include/nlohmann" "$tools/include"
  echo "$key" >"$tools/key"
  {
    echo "export EMSCRIPTEN_ROOT='$emscripten'"
    [[ $emscripten != "$tools"/* ]] ||
      printf "export %s='%s'\n" EM_CONFIG "$tools/em_config" EMSDK_PYTHON /usr/bin/python3
    ! have clang++-19 || printf 'export %s\n' CC=clang-19 CXX=clang++-19
    echo "export LAMELLA_NODE='$current_node'" # has relaxed SIMD
    echo "export CLANG_FORMAT=$(first_of clang-format-14 clang-format)"
    echo "export CHROMIUM='$(first_of chromium google-chrome '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome')'"
    echo "export FIREFOX='$(first_of firefox-esr firefox /Applications/Firefox.app/Contents/MacOS/firefox)'"
    echo "export WEBKIT_DRIVER='$(first_of WebKitWebDriver)'"
  } >"$tools/env"
}

# -- npm packages and data ----------------------------------------------------------------------

install_npm_packages() {
  cmp -s package-lock.json node_modules/.package-lock.installed && return
  say 'installing npm packages'
  npm ci --no-fund --no-audit || fail 'could not install the npm packages. Tried: npm ci'
  cp package-lock.json node_modules/.package-lock.installed
}

# Relaxed SIMD needs Node 22 or later; beside an older one a current binary is kept, which npm checks
# against the hash in scripts/node/package-lock.json.
install_current_node() {
  local package
  current_node=$(command -v node)
  [[ $(node -p 'parseInt(process.versions.node) >= 22') == false ]] || return 0
  package=node-$(node -p 'process.platform + "-" + process.arch')
  grep -q "node_modules/$package\"" scripts/node/package-lock.json ||
    fail "no current Node is known for this machine ($package); install Node 22 or later instead"
  current_node=$tools/node/node_modules/$package/bin/node
  if [[ -x $current_node ]] && cmp -s scripts/node/package-lock.json "$tools/node/package-lock.json"; then
    return 0
  fi
  say "installing $package beside Node $(node --version), for relaxed SIMD"
  rm -rf "$tools/node"
  mkdir -p "$tools/node"
  cp scripts/node/package.json scripts/node/package-lock.json "$tools/node"
  npm ci --prefix "$tools/node" --ignore-scripts --no-fund --no-audit >/dev/null || true
  # npm goes on without a package that it need not have, also when its hash is wrong.
  [[ ! -x $current_node ]] || return 0
  rm -rf "$tools/node"
  fail "could not install the npm package $package, or its hash is wrong;" \
    'install Node 22 or later instead'
}

# One set-up of a clone at a time.
mkdir -p "$tools"
exec 9>"$tools/lock"
if have flock; then flock 9; fi

VERSION_CODENAME=
if [[ -e /etc/os-release ]]; then . /etc/os-release; fi

if ! have node || ! have npm; then fail 'missing: Node.js and npm, 20.19 or later (nodejs.org)'; fi
if have dpkg-query; then install_debian_packages; else check_other_system; fi
install_npm_packages
install_current_node
choose_toolchain
node scripts/data.mjs
say 'ready'
