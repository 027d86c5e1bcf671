#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# clang-format 14, SPDX heads and plain ASCII in every source file.
set -euo pipefail
format=$(command -v clang-format-14 || command -v clang-format)
bad=0
mapfile -t sources < <(git ls-files '*.cpp' '*.hpp' '*.c')
"$format" --dry-run -Werror "${sources[@]}" || bad=1
mapfile -t headed < <(git ls-files '*.cpp' '*.hpp' '*.c' '*.glsl' '*.comp' '*.py' '*.sh' '*.cmake')
for file in "${headed[@]}"; do
  head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || { echo "$file: no SPDX head" >&2; bad=1; }
done
if LC_ALL=C grep -nP '[^\x00-\x7F]' "${headed[@]}"; then
  echo "non-ASCII characters in the lines above" >&2
  bad=1
fi
exit $bad
