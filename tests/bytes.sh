#!/bin/sh
# The laws of bytes (marked `bytes`) under the thread counts and kernels that processors differ by. One thread and
# the machine's own kernels is what `make test` runs them under; what is slow of them stands in `make test-slow`.
# ROWS=1 runs the first alone.
set -eu
cd "$(dirname "$0")/.."
export OMP_WAIT_POLICY=passive  # threads of several workers would spin for the cores of each other
laws() {
    echo "== $*"
    env "$@" "${PYTHON:-python}" -m pytest --numprocesses 2 --dist worksteal -m "bytes and not slow" $files $more
}
files=$(grep -rl "mark\.bytes" tests --include "*.py")
more="$*"
laws OMP_NUM_THREADS=2 ATEN_CPU_CAPABILITY=default
[ "${ROWS:-3}" != 1 ] || exit 0
laws OMP_NUM_THREADS=2
laws OMP_NUM_THREADS=4 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
