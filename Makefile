# Each target sets up what it needs in .venv; a machine needs python3 (3.10 or newer), make and a network.
VENV := .venv
BIN  := $(VENV)/bin
DATA := ../shared/data

.PHONY: demo test bench figures export readme clean

demo: $(VENV)/ready
	$(BIN)/argminn demo --out demo_run --overwrite

test: $(VENV)/ready
	$(BIN)/python -m pytest tests

bench: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[baselines]'
	$(BIN)/python benchmarks/real.py --data $(DATA)
	$(BIN)/python benchmarks/speed.py --data $(DATA)
	$(BIN)/python benchmarks/readable.py
	$(BIN)/python benchmarks/syntax.py
	$(BIN)/python benchmarks/real_syntax.py --data $(DATA)
	$(BIN)/python benchmarks/logic.py
	$(BIN)/python benchmarks/ladder.py
	$(BIN)/python benchmarks/design.py
	$(BIN)/python benchmarks/rivals.py
	$(BIN)/python benchmarks/satmut.py --data $(DATA)
	$(BIN)/python benchmarks/variants.py --data $(DATA)

figures: bench

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
	rm -rf $(VENV) build *.egg-info demo_run _docs _proc
