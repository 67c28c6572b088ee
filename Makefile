# Everything a person does here; `make help` lists it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
KRAKEN := .cache/kraken
AUDIT := .cache/audit
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test longtest lint install tesseract chromium postgresql kraken samples sweep compare exchange figures finetune transcribe log store ui audit clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

run: install tesseract ## install what is missing, rebuild the dataset, show its scores
	dvc repro
	@python -m stages.evaluate.summary

test: install tesseract chromium postgresql ## run all tests but those of longtest
	HF_HUB_OFFLINE=1 python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

longtest: install tesseract chromium ## run the tests that take minutes: every command of the guide, killed sweeps and searches
	HF_HUB_OFFLINE=1 python -m pytest -q -m long -n 2

lint: install ## check style and types
	ruff check .
	ruff format --check .
	mypy

install: $(INSTALLED) ## make .venv with the pinned dependencies

$(INSTALLED): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11, or name it with PYTHON=..."; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: sudo apt-get install python3.11-venv"; rm -rf $(VENV); exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

tesseract:
	@sh setup/tesseract.sh

chromium:
	@sh setup/chromium.sh

postgresql:
	@sh setup/postgresql.sh

kraken: $(KRAKEN)/installed ## install kraken for segment=kraken, in .cache/kraken (6 GB)

$(KRAKEN)/installed: requirements-kraken.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11, or name it with PYTHON=..."; exit 1; }
	@test -x $(KRAKEN)/bin/pip || $(PYTHON) -m venv $(KRAKEN) || { echo "the venv module is missing: sudo apt-get install python3.11-venv"; rm -rf $(KRAKEN); exit 1; }
	$(KRAKEN)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-kraken.lock
	@touch $@

samples: install ## make the sample pages again
	python -m samples

sweep: install tesseract ## try a grid of settings as DVC experiments, then compare: ARGS="correctors --jobs 2"
	python -m sweep $(ARGS)

compare: install ## is B better than A? two revisions, experiments or runs: A=main B=workspace
	@test -n "$(A)" -a -n "$(B)" || { echo "name both: make compare A=main B=workspace"; exit 1; }
	@python -m compare "$(A)" "$(B)"

exchange: install ## pages to and from other tools: ARGS="export page --out FOLDER" (docs/exchange.md)
	@python -m exchange $(ARGS)

figures: install ## write the figures in the READMEs and the guide from metrics/ and bench/results/
	@python -m figures

transcribe: install tesseract ## type what stands on your pages, in the browser: ARGS="--no-browser"
	dvc repro recognize
	@python -m transcribe $(ARGS)

finetune: install tesseract ## train a checkpoint on your transcribed pages: ARGS="--out models/NAME ..."
	dvc repro
	python -m training.finetune $(ARGS)

log: install ## log the scores in metrics/ to MLflow: runs that its server or DVC's run cache left out
	@python -m stages.evaluate.tracking

store: install ## size of the store of results; prune it: ARGS="--max-gb 2" or "--older-than 30d"
	@python -m stages.store $(ARGS)

ui: install ## browse the runs in MLflow (those in mlflow.db)
	MLFLOW_DISABLE_TELEMETRY=true mlflow ui --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1 --allowed-hosts 'localhost:*,127.0.0.1:*'

audit: install $(AUDIT)/installed ## check the pinned packages against published advisories
	@python -m audit

$(AUDIT)/installed: requirements-audit.lock
	@test -x $(AUDIT)/bin/pip || $(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.lock
	@touch $@

clean: ## remove what the pipeline made (the DVC cache stays)
	rm -rf data/regions data/lines data/raw data/corrected data/dataset metrics/plots/overlays metrics/plots/lines.csv metrics/details.json metrics/report.html
