#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# One word a mode: style | dev | release | python | asan | tsan | fuzz | fuzz-codecs | fuzz-ktx2 | coverage | tidy.
# Leaves one JSON file a test program in build/results for summarise_tests.py.
set -euo pipefail
cd "$(dirname "$0")/.."
word=${1:?usage: check.sh style|dev|release|python|asan|tsan|fuzz|fuzz-codecs|fuzz-ktx2|coverage|tidy}
results=$PWD/build/results
mkdir -p "$results"

# step NAME COMMAND...: one check that counts as one test.
step() {
  local name=$1 outcome=passed
  shift
  "$@" || outcome=failed
  printf '{"step": "%s", "outcome": "%s"}\n' "$name" "$outcome" >"$results/step-$name.json"
  [ $outcome = passed ] || { echo "FAILED: $name" >&2; return 1; }
}

# run_tests PRESET [PROGRAM...]: these test programs or every one, two at a time.
run_tests() {
  local preset=$1 which=()
  shift
  [ $# -eq 0 ] || which=(-R "^($(IFS='|' && echo "$*"))$")
  mkdir -p "$results/$preset"
  GTEST_OUTPUT="json:$results/$preset/" ctest --test-dir "build/$preset" --output-on-failure -j 2 --timeout 900 \
    --no-tests=error "${which[@]}" | grep -vE '^ *Start +[0-9]+:'
}

# build_and_test PRESET [PROGRAM...]
build_and_test() {
  step "$1-build" scripts/build.sh "$@" || return 1
  step "$1-ctest" run_tests "$@"
}

# fuzz_one TARGET [SEEDS]: replays the seeds and fuzzes for FUZZ_SECONDS; what it printed is shown when it found
# something. Inputs that reach new code stay in build/fuzz/corpus for the next run.
fuzz_one() {
  local target=$1 seconds=10 megabytes=1024
  shift
  [ $# -eq 0 ] || { seconds=1 && megabytes=512; }  # what any file may take; the encoders' images take longer
  mkdir -p "build/fuzz/corpus/$target"
  "build/fuzz/bin/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout="$seconds" -rss_limit_mb="$megabytes" -verbosity=0 \
    -artifact_prefix=build/fuzz/ "build/fuzz/corpus/$target" "$@" >"build/fuzz/$target.log" 2>&1 ||
    { cat "build/fuzz/$target.log" >&2; return 1; }
}

# seeds_of TARGET: the folder of its seeds; the codecs have none, every bit pattern is an image.
seeds_of() {
  case $1 in
    fuzz_ktx2_round_trip) ;;
    fuzz_ktx2_*) echo fuzz/corpus/ktx2 ;;
    fuzz_image_open) echo fuzz/corpus/image ;;
    fuzz_tile_source) echo fuzz/corpus/tiles ;;
    fuzz_pool_trace) echo fuzz/corpus/pool ;;
  esac
}

# fuzz_all TARGET...: builds these programs and runs them, two at a time.
fuzz_all() {
  local target seeds
  step "$word-build" scripts/build.sh fuzz "$@" || return 1
  for target in "$@"; do
    [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n || true
    seeds=$(seeds_of "$target")
    step "$target" fuzz_one "$target" ${seeds:+"$seeds"} &
  done
  wait
  for target in "$@"; do
    grep -q passed "$results/step-$target.json" || return 1
  done
}

# The test programs that call the library itself, and those of them where more than one thread runs.
threaded_tests=(core_tests texture_tests codec_equality_tests tiles_tests gpu_tests memory_tests
  streaming_unit_tests streaming_device_tests system_unit_tests system_tests)
library_tests=("${threaded_tests[@]}" codec_tests view_tests block_sampling_tests)

driver() { find /usr/lib -name libvulkan_lvp.so 2>/dev/null | head -n 1; }

case $word in
  style)
    ok=0
    step format scripts/check_format.sh || ok=1
    step includes python3 scripts/check_includes.py || ok=1
    step functions python3 scripts/check_functions.py || ok=1
    step library-is-silent scripts/check_silence.sh || ok=1
    exit $ok
    ;;
  dev)
    build_and_test dev || exit 1
    ok=0
    step package scripts/check_package.sh build/dev || ok=1
    step docs-checker python3 tests/docs/check_docs_test.py || ok=1
    step codec-table python3 tests/docs/codec_table_test.py || ok=1
    # FORGE3D_PYTHON: an interpreter that has the Python package.
    step docs python3 scripts/check_docs.py run build/dev --python "${FORGE3D_PYTHON:-}" || ok=1
    exit $ok
    ;;
  release | coverage) build_and_test "$word" ;;
  python) step python-package scripts/test-python.sh "$results" ;;
  asan)
    # The driver is preloaded: unloaded before the leak check, its allocations would count as leaks of nobody. The
    # layer cannot be preloaded, and leaks in modules that are gone cannot be suppressed: this leg does without it.
    export FORGE3D_VALIDATION=off ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$PWD/scripts/lsan.supp:print_suppressions=0
    export FORGE3D_TEST_PRELOAD=$(driver) FORGE3D_SANITIZER=address
    # The tool and the examples call what these call, and would take half of the time.
    build_and_test asan "${library_tests[@]}"
    ;;
  tsan)
    # The validation layer is not instrumented; it would report races inside itself.
    export TSAN_OPTIONS=suppressions=$PWD/scripts/tsan.supp:halt_on_error=0:exitcode=66
    export FORGE3D_VALIDATION=off FORGE3D_SANITIZER=thread
    # What runs on one thread alone has nothing to show here.
    build_and_test tsan "${threaded_tests[@]}"
    ;;
  fuzz-codecs) fuzz_all fuzz_encode fuzz_uastc fuzz_decode_{bc1,bc2,bc3,bc4,bc5,bc6h,bc7,etc2,eac,astc} ;;
  fuzz-ktx2) fuzz_all fuzz_ktx2_{header,load,transcode,validate,round_trip} ;;
  fuzz) fuzz_all fuzz_ktx2_{header,load,transcode,validate,round_trip} fuzz_image_open fuzz_tile_source fuzz_pool_trace ;;
  tidy)
    step tidy-configure cmake --preset asan -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
    step tidy scripts/check_names.sh
    ;;
  *)
    echo "check.sh: unknown word: $word" >&2
    exit 1
    ;;
esac
