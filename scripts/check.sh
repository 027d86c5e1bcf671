#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# One word a mode: style | dev | release | python | asan | tsan | fuzz | fuzz-codecs | coverage | tidy.
# Leaves one JSON file a test program in build/results for summarise_tests.py.
set -euo pipefail
cd "$(dirname "$0")/.."
word=${1:?usage: check.sh style|dev|release|python|asan|tsan|fuzz|fuzz-codecs|coverage|tidy}
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

# fuzz_codec TARGET: one program for FUZZ_SECONDS; what it printed is shown when it found something.
fuzz_codec() {
  mkdir -p "build/fuzz/corpus/$1"
  "build/fuzz/bin/$1" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 -verbosity=0 \
    -artifact_prefix=build/fuzz/ "build/fuzz/corpus/$1" >"build/fuzz/$1.log" 2>&1 || { cat "build/fuzz/$1.log" >&2; return 1; }
}

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
    build_and_test asan
    ;;
  tsan)
    # The validation layer is not instrumented; it would report races inside itself.
    export TSAN_OPTIONS=suppressions=$PWD/scripts/tsan.supp:halt_on_error=0:exitcode=66
    export FORGE3D_VALIDATION=off FORGE3D_SANITIZER=thread
    # What runs on one thread alone has nothing to show here.
    build_and_test tsan core_tests texture_tests codec_equality_tests tiles_tests gpu_tests memory_tests \
      streaming_unit_tests streaming_device_tests system_unit_tests system_tests
    ;;
  fuzz)
    step fuzz-build scripts/build.sh fuzz || exit 1
    ok=0
    for target in build/fuzz/bin/fuzz_{image_open,ktx2_open,ktx2_validate,pool_trace}; do
      name=$(basename "$target")
      parser=${name#fuzz_}
      mkdir -p "build/fuzz/corpus/$name"
      step "$name" "$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=1 -rss_limit_mb=512 -verbosity=0 \
        "build/fuzz/corpus/$name" "fuzz/corpus/${parser%%_*}" || ok=1
    done
    exit $ok
    ;;
  fuzz-codecs)
    # Every block decoder and the encoders, two programs at a time.
    targets=(fuzz_encode fuzz_decode_{bc1,bc2,bc3,bc4,bc5,bc6h,bc7,etc2,eac,astc})
    step fuzz-codecs-build scripts/build.sh fuzz "${targets[@]}" || exit 1
    for target in "${targets[@]}"; do
      [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n || true
      step "$target" fuzz_codec "$target" &
    done
    wait
    for target in "${targets[@]}"; do
      grep -q passed "$results/step-$target.json" || exit 1
    done
    ;;
  tidy)
    step tidy-configure cmake --preset asan -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
    step tidy scripts/check_names.sh
    ;;
  *)
    echo "check.sh: unknown word: $word" >&2
    exit 1
    ;;
esac
