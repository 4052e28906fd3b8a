#!/usr/bin/env bash
# Prepares what the container and manifest tests need, and builds slipway's images for real:
# podman, base images made from what the machine has, helm, kubeconform, the API's schemas.
#
# Runs again in seconds. A tool that cannot be had is said on standard error and its tests are then
# counted as skipped; an image that does not build is a failure. Needs `npm ci` to have run.
#   SLIPWAY_CI_CACHE   where tools and schemas are kept (default: ~/.cache/slipway-ci)
set -euo pipefail
cd "$(dirname "$0")/.."
exec < /dev/null

cache=${SLIPWAY_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/slipway-ci}
mkdir -p "$cache/bin"
export PATH="$cache/bin:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Behind a proxy that opens TLS, Node's own list of authorities is not enough: add the machine's.
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

helm_version=v3.21.4
kubeconform_version=v0.8.0
client_version=2.0.1

say() { printf '%s\n' "containers: $*" >&2; }

install_podman() {
  if command -v podman > /dev/null && command -v busybox > /dev/null; then return 0; fi
  command -v apt-get > /dev/null && [ "$(id -u)" = 0 ] || return 1
  say 'installing podman'
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -qq && apt-get install -y -qq --no-install-recommends podman runc conmon \
      catatonit containernetworking-plugins iptables busybox-static
  } > "$cache/apt.log" 2>&1
}

# Where podman as it is cannot run a container, it gets settings that need neither systemd nor the
# right to raise limits.
configure_podman() {
  rm -f "$cache/containers.conf"
  podman run --rm --pull=never "$base" true > /dev/null 2>&1 && return 0
  cat > "$cache/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
  export CONTAINERS_CONF="$cache/containers.conf"
  podman run --rm --pull=never "$base" true
}

# copy_node ROOT BIN: the machine's Node 24 and the libraries it is linked with.
copy_node() {
  local root=$1 bin=$2 library
  mkdir -p "$root"/{etc/ssl/certs,usr/lib,usr/lib64,tmp,root,proc,sys,dev,"$bin"}
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  chmod 1777 "$root/tmp"
  cp "$node" "$root/$bin/node"
  ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  printf 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532::/tmp:/sbin/nologin\n' > "$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' > "$root/etc/group"
}

import_base() { tar -C "$1" -c . | podman import --quiet - "$2" > /dev/null; }

# Images cannot be pulled everywhere, so the bases are made here, once for each Node version.
make_bases() {
  local root applet npm
  if ! podman image exists "$base"; then
    say "making $base"
    root=$scratch/base
    copy_node "$root" usr/local/bin
    mkdir -p "$root/usr/bin" "$root/usr/local/lib/node_modules"
    ln -s usr/bin "$root/bin"
    cp "$(command -v busybox)" "$root/usr/bin/busybox"
    for applet in $(busybox --list); do
      [ -e "$root/usr/bin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
    done
    npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
    cp -R "$npm" "$root/usr/local/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
    import_base "$root" "$base"
  fi
  if ! podman image exists "$distroless_base"; then
    say "making $distroless_base"
    root=$scratch/distroless
    copy_node "$root" nodejs/bin
    import_base "$root" "$distroless_base"
  fi
}

# build STAGE IMAGE: the npm settings and the CA file of this machine reach the build as secrets.
build() {
  local stage=$1 image=$2 userconfig secrets=()
  userconfig=$(npm config get userconfig 2> /dev/null)
  if [ -f "$userconfig" ]; then secrets+=(--secret "id=npmrc,src=$userconfig"); fi
  if [ -f "${NODE_EXTRA_CA_CERTS:-}" ]; then secrets+=(--secret "id=ca,src=$NODE_EXTRA_CA_CERTS"); fi
  say "building $image"
  timeout 600 podman build --quiet --pull=never --network host --target "$stage" --tag "$image" \
    --build-arg BUILD_BASE="$base" --build-arg RUNTIME_BASE="$base" \
    --build-arg DISTROLESS_BASE="$distroless_base" --build-arg INSTALL="$install" \
    --build-arg VERSION="$(node -p 'require("./package.json").version')" \
    ${secrets[@]+"${secrets[@]}"} . > "$scratch/build.log" 2>&1 || {
    cat "$scratch/build.log" >&2
    say "$image could not be built"
    return 1
  }
}

# go_tool NAME MODULE VERSION
go_tool() {
  local stamp="$cache/bin/.$1-$3"
  [ -x "$cache/bin/$1" ] && [ -f "$stamp" ] && return 0
  if ! command -v go > /dev/null; then
    command -v "$1" > /dev/null
    return
  fi
  say "installing $1 $3"
  GOBIN="$cache/bin" GOFLAGS=-mod=mod go install "$2@$3" > "$scratch/go.log" 2>&1 || {
    tail -n 5 "$scratch/go.log" >&2
    return 1
  }
  touch "$stamp"
}

# The official client's models carry the API as the project publishes it: the schemas come from them.
make_schemas() {
  local folder="$cache/schemas" stamp
  stamp="$client_version $(cksum < .ci/kubernetes-schemas.mjs)"
  [ "$(cat "$folder/stamp" 2> /dev/null)" = "$stamp" ] && return 0
  say "making the API's schemas from @kubernetes/client-node $client_version"
  timeout 180 npm install --prefix "$scratch/client" --ignore-scripts --no-audit --no-fund --silent \
    "@kubernetes/client-node@$client_version" > /dev/null 2>&1 || return 1
  node .ci/kubernetes-schemas.mjs "$scratch/client/node_modules/@kubernetes/client-node" \
    "$scratch/schemas" || return 1
  printf '%s' "$stamp" > "$scratch/schemas/stamp"
  rm -rf "$folder"
  mv "$scratch/schemas" "$folder"
}

go_tool helm helm.sh/helm/v3/cmd/helm "$helm_version" || say 'MISSING: helm (Go is needed to install it)'
go_tool kubeconform github.com/yannh/kubeconform/cmd/kubeconform "$kubeconform_version" ||
  say 'MISSING: kubeconform (Go is needed to install it)'
make_schemas || say 'MISSING: the schemas of the Kubernetes API'
command -v kubectl > /dev/null || say 'MISSING: kubectl (renders k8s/)'

if ! install_podman; then
  say 'MISSING: podman (apt-get and root are needed to install it)'
  exit 0
fi
node=$(readlink -f node_modules/node/bin/node)
[ -x "$node" ] || { say 'node_modules/node is missing: run npm ci first'; exit 1; }
base=localhost/slipway-base:$("$node" --version)
distroless_base=localhost/slipway-base-distroless:$("$node" --version)
make_bases
configure_podman
# Some registries lack packages that are for other platforms, which `npm ci` does not forgive.
install=ci
if ! timeout 120 npm ci --dry-run --ignore-scripts --no-audit --no-fund > /dev/null 2>&1; then install=install; fi
build files localhost/slipway-test:files
build shell localhost/slipway-test:shell
build distroless localhost/slipway-test:distroless
build example localhost/slipway-test:example
podman tag "$base" localhost/slipway-base:current
say 'ready'
