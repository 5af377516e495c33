# Each target sets up what it needs in .venv; a machine needs python3 (3.10 or newer), make and a network.
VENV := .venv
BIN  := $(VENV)/bin
DATA := ../shared/data

.PHONY: demo test baselines audit bench figures docs export clean

demo: $(VENV)/ready
	$(BIN)/argminn demo --out demo_run --overwrite

test: $(VENV)/ready
	$(BIN)/python -m pytest -n auto --maxprocesses 4 tests

baselines: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[baselines]'

# Licences of all that is needed, and known faults in it.
audit: baselines
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit pip-licenses
	$(BIN)/python benchmarks/audit.py

bench: baselines
	$(BIN)/python benchmarks/fuzz.py
	$(BIN)/python benchmarks/speed.py --data $(DATA)
	$(BIN)/python benchmarks/scan.py --data $(DATA)
	$(BIN)/python benchmarks/kills.py
	$(BIN)/python benchmarks/routes.py
	$(BIN)/python benchmarks/look.py
	$(BIN)/python benchmarks/real.py --data $(DATA)
	$(BIN)/python benchmarks/readable.py --again
	$(BIN)/python benchmarks/rivals.py --again
	$(BIN)/python benchmarks/real_rivals.py --data $(DATA) --again
	$(BIN)/python benchmarks/chipexo.py --data $(DATA) --again
	$(BIN)/python benchmarks/robust.py --again
	$(BIN)/python benchmarks/attribution.py --again
	$(BIN)/python benchmarks/attention.py --data $(DATA)
	$(BIN)/python benchmarks/syntax.py --again
	$(BIN)/python benchmarks/real_syntax.py --data $(DATA)
	$(BIN)/python benchmarks/logic.py --again
	$(BIN)/python benchmarks/ladder.py --again
	$(BIN)/python benchmarks/design.py --again
	$(BIN)/python benchmarks/satmut.py --data $(DATA)
	$(BIN)/python benchmarks/variants.py --data $(DATA)

# Every figure anew, in _figures/, hours; it goes on where it was stopped. MAKE_FIGURES=--quick: a tenth; --draw: from the committed tables; --publish: take the tables over.
figures: baselines
	$(BIN)/python nbs/figures/make.py --data $(DATA) $(MAKE_FIGURES)

docs: $(VENV)/ready
	$(BIN)/python nbs/site.py --out _docs

export: $(VENV)/ready
	$(BIN)/nbdev_export
	$(BIN)/nbdev_clean
	$(BIN)/python nbs/readme.py

$(VENV)/ready: requirements-dev.txt constraints.txt settings.ini setup.py
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "python3 is older than 3.10; argminn needs 3.10 or newer: install it"; exit 1; }
	python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@echo "compiling memelite's TOMTOM and tangermeme's shuffle, once (a minute or two)"
	$(BIN)/python -c 'import numpy as np; from argminn.motifs import best_matches, jaspar; from argminn.sequences import dinucleotide_shuffle; best_matches(jaspar()[:1]); dinucleotide_shuffle(np.zeros((1, 9), np.uint8))'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info demo_run _docs _proc _figures
