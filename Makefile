# `make` lists the targets. GNU make 3.81 or newer; no recipe needs bash.
.DEFAULT_GOAL := help
.SUFFIXES:

CASE   ?= evidence/syria-2024
AS_OF  ?=
PRIORS ?=
SEED   ?=
QUICK  ?=
OUT    ?=
FROM   ?=
TO     ?=
EVERY  ?=
TOP    ?=
WITHIN ?=
GRADE  ?=
BY     ?=
SAY    ?=
ISSUED ?=
SET    ?=
WITHOUT ?=
DIR    ?=
TRIGGER ?=
FUZZ   ?= 10000
OF     ?=
METHOD ?=
NAMED  ?=
FILE   ?=
MAP    ?=
WRITE  ?=
SIMULATIONS ?=
SCHEDULER ?=
PART   ?=

PY       := .venv/bin/python
DD       := .venv/bin/drawdown
PLACE    := $(patsubst %/,%,$(CASE))
NAME     := $(notdir $(PLACE))
OVERLAYS := $(foreach p,$(PRIORS),$(if $(or $(findstring /,$(p)),$(filter %.yaml,$(p))),$(p),model/priors/$(p).yaml))
FAST     := $(filter-out 0 no,$(QUICK))
SAID     := $(OVERLAYS:%=--priors %)
FLAGS    := $(strip $(AS_OF:%=--as-of %) $(SAID) $(SEED:%=--seed %) $(if $(FAST),--quick))

# One stamp a run, named as the report folder is. A case or an overlay from another place keeps its
# path in the name: two of one name must not pass for each other.
ELSEWHERE := $(subst /,_,$(filter-out evidence/$(NAME),$(PLACE)))
JUDGED    := $(subst /,_,$(basename $(OVERLAYS:model/priors/%=%)))
empty     :=
RUN       := $(subst $(empty) $(empty),+,$(strip $(ELSEWHERE) $(or $(AS_OF),latest) $(JUDGED) $(SEED:%=seed%) $(if $(FAST),quick)))
DONE      := reports/$(NAME)/.done/$(RUN)

# The report to issue: that of the date, or the folder by its name where a run has more to its name.
MORE   := $(basename $(notdir $(OVERLAYS))) $(filter-out seed1,$(SEED:%=seed%)) $(if $(FAST),quick)
FOLDER := $(or $(strip $(OUT)),$(if $(strip $(MORE)),$(subst $(empty) $(empty),+,$(strip $(or $(AS_OF),latest) $(MORE)))))
WHICH  := $(if $(FOLDER),--run $(FOLDER),$(AS_OF:%=--as-of %))

NEEDED := $(PLACE)/case.yaml $(OVERLAYS)
# learned.yaml is an input and nothing here makes it: after a clone every file is of one age, and an
# assessment must never start the minutes of learning.
INPUTS := $(wildcard $(PLACE)/*.yaml $(PLACE)/*.csv model/priors/defaults.yaml model/priors/learned.yaml $(OVERLAYS)) \
          $(shell find model/drawdown -type f \( -name '*.py' -o -name '*.j2' -o -name '*.css' -o -name '*.yaml' \) 2>/dev/null)
# A file that is named and missing: run, so that the command says so, and never print an old answer.
MISSING := $(filter-out $(wildcard $(NEEDED)),$(NEEDED))

.PHONY: help setup new check import priors indicators assess replay whatif watch compare pool next issue learn score \
        calibrate test long fuzz lint docs robustness bench FORCE

help:  ## list the targets and show where the case stands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@printf '\n  CASE=evidence/syria-2024 is the default; PRIORS="sceptic other" stacks overlays in that order.\n\n'
	@cat $(DONE) 2>/dev/null || printf '  No assessment of %s yet: make assess\n' '$(NAME)'

setup: .venv/ready  ## make .venv with every package at its pinned version
	@printf 'Ready: %s\n' '$(DD)'

new: .venv/ready  ## make a case folder from templates      DIR=evidence/mali-2022 TRIGGER=2022-02-17
	@$(DD) new $(DIR) $(TRIGGER:%=--trigger %)

check: .venv/ready  ## check every file of the case and read its newest reports back
	@$(DD) check $(CASE) $(SAID)

import: .venv/ready  ## rows from a list of flights or port calls      FILE=flights.csv MAP=adsb.yaml WRITE=1
	@$(DD) import $(CASE) $(FILE) $(MAP:%=--mapping %) $(SAID) $(if $(filter-out 0 no,$(WRITE)),--write)

priors: .venv/ready  ## what was judged, and what it expects to see
	@$(DD) priors $(CASE) $(SAID)

indicators: .venv/ready  ## the indicators, and what one look at each would tell      NAMED=combat_aircraft PRIORS=mine
	@$(DD) indicators $(CASE) $(SAID) $(NAMED:%=--name %)

assess:  ## fit the case, write its report      AS_OF=2024-12-15 PRIORS=sceptic SEED=7 QUICK=1 OUT=folder
ifneq ($(strip $(OUT)),)
assess: .venv/ready
	@$(DD) assess $(CASE) $(FLAGS) --out $(OUT)
else
assess: $(DONE)
	@cat $(DONE)
endif

replay: .venv/ready  ## the case as of each date, scored where resolved  FROM=2024-12-08 TO=2025-12-08 EVERY=7
	@$(DD) replay $(CASE) $(FROM:%=--from %) $(TO:%=--to %) $(EVERY:%=--every %) $(SAID) \
	  $(SEED:%=--seed %) $(if $(FAST),--quick) $(OUT:%=--out %)

# One value, which may hold spaces; a quotation mark inside it needs the command itself.
whatif: .venv/ready  ## before and after a change   SET='clock.lasts.*=x1.5' WITHOUT=origin PRIORS=sceptic AS_OF=2024-12-31
	@$(DD) whatif $(CASE) $(strip $(AS_OF:%=--as-of %) $(SAID) $(SEED:%=--seed %) $(WITHOUT:%=--without %) $(if $(FAST),--quick)) $(if $(strip $(SET)),--set '$(SET)')

compare: .venv/ready  ## forecasters side by side, and the prior that matters most   PRIORS="sceptic alarmed" AS_OF=2024-12-31
	@$(DD) compare $(CASE) $(FLAGS)

pool: .venv/ready  ## combine finished forecasts: those issued of CASE, or OF="folder issued.csv:3" METHOD=median
	@$(DD) pool $(or $(strip $(OF)),$(CASE)) $(METHOD:%=--method %)

watch: .venv/ready  ## the answer anew whenever a file of the case or the priors is saved
	@$(DD) watch $(CASE) $(strip $(AS_OF:%=--as-of %) $(SAID) $(SEED:%=--seed %))

next: $(DONE)  ## what to look for next, by chance times expected information      TOP=20 WITHIN=14 GRADE=C3
	@$(DD) next $(CASE) $(FLAGS) $(TOP:%=--top %) $(WITHIN:%=--within %) $(GRADE:%=--grade %)

issue: .venv/ready  ## put the answer on record, or your own: BY=desk SAY=full=20%,partial=55%,retained=25%
	@$(DD) issue $(CASE) $(WHICH) $(if $(strip $(BY)),--by '$(BY)') $(if $(strip $(SAY)),--say '$(SAY)')

learn: .venv/ready  ## learn chances and pace from evidence/reference-class; writes model/priors/learned.yaml
	@$(DD) learn

score: .venv/ready  ## score what is learned on past episodes left out (some minutes); ISSUED=1: what was issued of CASE
	@$(DD) score $(if $(filter-out 0 no,$(ISSUED)),$(CASE),--out reports/reference-class/score.json)

test: .venv/ready  ## the tests that every change must pass
	@$(PY) -m pytest -q -n 2 --dist loadfile

fuzz: .venv/ready  ## ten thousand broken files, other ones each time (some minutes)   FUZZ=10000
	@FUZZ=$(FUZZ) $(PY) -m pytest -q -n 2 --dist worksteal tests/test_fuzz.py

lint: .venv/ready  ## style and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

docs: .venv/ready  ## write what the pages take from the code: CONTRIBUTING.md and model/schemas
	@$(PY) tests/pages.py

# Every shipped case, unless one is named: the default of CASE is not meant.
calibrate: .venv/ready  ## is it calibrated? on simulated episodes, all cores, resumable   SIMULATIONS=300 SCHEDULER=tcp://host:8786
	@$(DD) calibrate $(strip $(if $(filter-out file,$(origin CASE)),$(CASE)) $(SIMULATIONS:%=--simulations %) \
	  $(SCHEDULER:%=--scheduler %) $(SEED:%=--seed %) $(OUT:%=--out %))

robustness: .venv/ready  ## what deceit, error and silence do to the answer; writes the table of docs/robustness.md
	@$(PY) tests/robustness.py

long: .venv/ready  ## the long tests: an independent marginal likelihood, broken models, known answers (many minutes)
	@$(PY) -m pytest -q -m long

bench: .venv/ready  ## measure, and write the tables of docs/performance.md (an hour)      PART=c
	@$(PY) tests/bench $(PART)

# The stamp is the headline. It takes the time of the start: a row added while the fit runs is newer.
$(DONE): $(INPUTS) .venv/ready $(if $(MISSING),FORCE)
	@mkdir -p $(@D)
	@new=$@.new$$$$; start=$@.start$$$$; touch $$start; $(DD) assess $(CASE) $(FLAGS) > $$new; rc=$$?; \
	if [ $$rc -eq 0 ]; then touch -r $$start $$new && mv $$new $@ || rc=1; else cat $$new; fi; \
	rm -f $$new $$start; exit $$rc

# A candidate is run, not looked up: a name on the PATH may be a shim that starts nothing.
.venv/ready: pyproject.toml requirements.lock
	@good='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))'; \
	if .venv/bin/python -c "$$good; import pip" 2>/dev/null; then \
	  echo 'Using the .venv that is here.' >&2; \
	else \
	  found=; \
	  if [ -n "$$PYTHON" ]; then \
	    "$$PYTHON" -c "$$good" 2>/dev/null && found=$$PYTHON || \
	      { echo "PYTHON=$$PYTHON is not a Python 3.12 or newer that can make environments." >&2; exit 1; }; \
	  else \
	    for p in python3.14 python3.13 python3.12 python3 "$$HOME"/.pyenv/versions/3.1[2-9]*/bin/python \
	      "$$HOME"/.local/share/uv/python/cpython-3.1[2-9]*/bin/python3; do \
	      "$$p" -c "$$good" 2>/dev/null && found=$$p && break; \
	    done; \
	  fi; \
	  [ -n "$$found" ] || { \
	    echo 'No Python 3.12 or newer found. Install one (Debian: apt install python3 python3-venv;' >&2; \
	    echo 'macOS: brew install python@3.12), or name one: make setup PYTHON=/path/to/python3.12' >&2; exit 1; }; \
	  [ ! -d .venv ] || echo 'The .venv that is here does not work, or is older than Python 3.12: making it anew.' >&2; \
	  echo "Making .venv with $$found ..." >&2; \
	  "$$found" -m venv --clear .venv || exit 1; \
	fi; \
	echo 'Installing the pinned packages (about 1 GB on disk; some minutes the first time) ...' >&2; \
	$(PY) -m pip install -qq --disable-pip-version-check -r requirements.lock && \
	$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . && \
	touch $@

FORCE:
