#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# The library never prints, exits, aborts or throws.
set -euo pipefail
# Comments do not count; assert() states invariants of our own and is compiled out of release builds.
pattern='\bstd::(cout|cerr|clog)\b|\b(f|v|vf)?printf\s*\(|\bputs\s*\(|\bfmt::print|\bperror\s*\(|\b(std::)?(exit|abort|terminate|quick_exit)\s*\(|\bthrow\b'
bad=0
while read -r file; do
  if sed 's://.*$::' "$file" | grep -nE "$pattern" | sed "s|^|$file:|"; then bad=1; fi
done < <(git ls-files 'src/*.cpp' 'src/*.hpp' 'include/*.hpp')
[ $bad -eq 0 ] || echo "the library must not print, exit, abort or throw" >&2
exit $bad
