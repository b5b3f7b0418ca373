# The everyday commands of resdsl. `make` alone lists them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format coverage bench mutations fuzz proofs verify docs clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install resdsl with all that its tests need

# Made again only when what is installed changes; `clean` removes it.
$(READY): pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'resdsl needs Python 3.11 or later: make PYTHON=python3.11 ...'; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'Installing into $(VENV), once; this takes some minutes.'
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[torch,flax,onnx,graph,plot,watch,dev]'
	@touch $@

demo: $(READY) ## ResNet-50: counts, PyTorch source, a training step, and three frameworks that agree
	$(BIN)/resdsl stats specs/resnet50.res
	@mkdir -p build
	$(BIN)/resdsl compile specs/resnet50.res --backend torch -o build/resnet50.py
	PYTHONPATH=build $(BIN)/python docs/demo.py
	$(BIN)/resdsl verify resnet50 --input 3x64x64

test: $(READY) ## run every test, on all cores
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(READY) ## ruff, mypy --strict, the floors, and the layout of the specs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/resdsl fmt --check specs resdsl/std

format: $(READY) ## rewrite Python files and specs in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/resdsl fmt specs resdsl/std

coverage: $(READY) ## run every test and show the lines that none reaches
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term --cov-report=html $(ARGS)

bench: $(READY) ## measure the promised speeds; fails where one is missed
	$(BIN)/python bench/run.py $(ARGS)

mutations: $(READY) ## break each shipped spec in 500 ways; fails where under 90 % are told in place
	$(BIN)/python -m tests.mutation $(ARGS)

proofs: $(READY) ## run the tests that take minutes, which `test` leaves out
	$(BIN)/python -m pytest -n $(WORKERS) -m proof $(ARGS)

# glibc would give each large tensor back to the kernel, and half of the time would go into that.
verify proofs: export MALLOC_MMAP_THRESHOLD_ = 8589934592
verify proofs: export MALLOC_TRIM_THRESHOLD_ = 17179869184
verify: $(READY) ## compare every shipped net in all frameworks; takes two hours
	$(BIN)/python -m tests.verify $(ARGS)

fuzz: $(READY) ## N random nets counted, OUTPUTS run in every framework; fails where two disagree
	$(BIN)/python -m tests.fuzz --counts $(or $(N),1000) --outputs $(or $(OUTPUTS),50) $(ARGS)

docs: $(READY) ## bring the generated parts of the documentation up to date
	$(BIN)/python docs/generate.py

clean: ## remove what was built, the environment included
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
