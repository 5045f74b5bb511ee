#!/usr/bin/env bash
# Unpacks the archives of the bundle that lie beside this file (what was unpacked before stays) and
# runs the GPU benchmark.
#
#   bash run.sh [--unpack] [STEP…]     steps: see `bash run.sh --help`; without any: all
#   bash run.sh diptych COMMAND …      the program itself, e.g. diptych doctor
#   bash run.sh exec COMMAND …         any command in the bundle's environment
#
# DIPTYCH_BUNDLE_DIR  where to unpack; default: /tmp/diptych-gpu
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${DIPTYCH_BUNDLE_DIR:-/tmp/diptych-gpu}
mkdir -p "$dir"

unxz() {
  if command -v xz >/dev/null; then xz -dc -T0 2>/dev/null || xz -dc; else
    python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer, 1 << 20)'
  fi
}

# Archives are unpacked side by side.
jobs=()
for first in "$here"/*.tar.xz.00; do
  [ -e "$first" ] || continue
  name=$(basename "$first" .tar.xz.00)
  [ -e "$here/$name.stamp" ] && cmp -s "$here/$name.stamp" "$dir/$name.stamp" && continue
  (cat "$here/$name".tar.xz.[0-9]* | unxz | tar -C "$dir" -xf - && echo "unpacked $name" >&2) &
  jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job"; done
if [ "${1:-}" = --unpack ]; then exit 0; fi

# CUDA's libraries and the driver's: folders that the loader does not search by itself.
known=$(ldconfig -p 2>/dev/null || true)
folders=()
find_library() {
  local name=$1 folder
  shift
  case $known in *"$name"*) return 0 ;; esac
  for folder in "$@"; do
    for file in "$folder/$name"*; do
      if [ -e "$file" ]; then
        case " ${folders[*]} " in *" $folder "*) ;; *) folders+=("$folder") ;; esac
        return 0
      fi
    done
  done
  echo "not found on this host: $name" >&2
}
shopt -s nullglob
driver=(/usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib/x86_64-linux-gnu /usr/lib64 /usr/lib64-nvidia /usr/lib/wsl/lib)
cuda=(/usr/local/cuda/lib64 /usr/local/cuda-1[3-9]*/lib64 /usr/local/cuda-1[3-9]*/targets/x86_64-linux/lib)
for site in $(python3 -c 'import site, sys; print(*{*site.getsitepackages(), *(p for p in sys.path if p.endswith("-packages"))})' 2>/dev/null) \
  /opt/*/.venv/lib/python3*/site-packages /usr/lib/python3/dist-packages /usr/local/lib/python3*/dist-packages; do
  cuda+=("$site"/nvidia/*/lib)
done
for name in libcuda.so.1 libnvcuvid.so.1 libnvidia-encode.so.1; do find_library "$name" "${driver[@]}"; done
for name in libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcurand.so.10 libcudnn.so.9 libnvrtc.so libnvJitLink.so.13; do
  find_library "$name" "${cuda[@]}"
done
fallback=
case $known in *libstdc++.so.6*) ;; *) fallback=:$dir/lib-fallback ;; esac

joined=$(IFS=:; echo "${folders[*]}")
export LD_LIBRARY_PATH="$dir/lib:$dir/node_modules/onnxruntime-node/bin/napi-v6/linux/x64${joined:+:$joined}$fallback"
export PATH="$dir/bin:$PATH"
export GST_PLUGIN_PATH="$dir/gst/plugins" GST_PLUGIN_SYSTEM_PATH= GST_PLUGIN_SYSTEM_PATH_1_0=
export GST_PLUGIN_SCANNER="$dir/gst/gst-plugin-scanner" GST_REGISTRY="$dir/gst/registry.bin"
export FONTCONFIG_FILE="$dir/gst/fonts.conf" XDG_CACHE_HOME="$dir/cache"
export ORT_DISABLE_TELEMETRY=1
export MEDIASOUP_WORKER_BIN="$dir/bin/mediasoup-worker"
# Libraries complain where a session has none.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
  mkdir -p -m 700 "$dir/run"
  export XDG_RUNTIME_DIR="$dir/run"
fi
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}

case ${1:-} in
  diptych) shift; exec node "$dir/dist/main.js" "$@" ;;
  exec) shift; exec "$@" ;;
  *) exec node "$dir/test/bench/gpu/bench.mjs" "$@" ;;
esac
