#!/bin/sh
# The laws of bytes (marked `bytes`) under the thread counts and kernels that processors differ by.
set -eu
cd "$(dirname "$0")/.."
laws() {
    echo "== $*"
    env "$@" "${PYTHON:-python}" -m pytest --numprocesses 2 --dist worksteal -m bytes $files $more
}
files=$(grep -rl "mark\.bytes" tests --include "*.py")
more="$*"
laws OMP_NUM_THREADS=1
laws OMP_NUM_THREADS=2
laws OMP_NUM_THREADS=4
laws OMP_NUM_THREADS=2 ATEN_CPU_CAPABILITY=default
laws OMP_NUM_THREADS=2 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
