# Every target sets up what it needs inside the checkout first (quick when nothing changed).
# The work is in tools/; this file only names it.

.DEFAULT_GOAL := help
.PHONY: help setup demo devices test test-core221 lint docs promises breaks bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## make the virtual environments and the collection link
	@tools/setup.sh test

demo:  ## harden a live demo site, run it again, change rules behind its back, find exactly that, report and heal it
	@tools/setup.sh run
	@.venv/bin/python -m tools.demo

devices:  ## start the demo's test devices and print their inventory (stop with Ctrl-C)
	@tools/setup.sh run
	@.venv/bin/python -m tools.demo_devices

test: setup  ## every gate: linters, delivery, pytest, molecule, ansible-test sanity (ansible-core 2.19, Python 3.11)
	@.venv/bin/python tools/gates.py test

test-core221: setup  ## pytest and sanity on ansible-core 2.21, where a Python 3.12 is found
	@.venv/bin/python tools/gates.py core221

promises: setup  ## the suites of tests/promises alone; VOIP_FULL=1 for the full counts, VOIP_EXAMPLES and VOIP_SEED to choose
	@.venv/bin/pytest -n 2 -q tests/promises

breaks: setup  ## break the product on purpose, one thing at a time, and see those suites fail
	@.venv/bin/python -m tools.breaks

lint: setup  ## the linters alone
	@.venv/bin/python tools/gates.py lint

docs: setup  ## HTML pages of all modules, plugins and roles in build/docs/html
	@.venv-tools/bin/python -m tools.docs_html

bench:  ## speed beside the vendor's modules and beside an empty action; BENCH="one_site fleet" runs some of it
	@tools/setup.sh run
	@.venv/bin/python -m tools.bench $(BENCH)

clean:  ## remove what the gates, the demo and the docs made (the virtual environments stay)
	rm -rf build tests/output .mypy_cache .pytest_cache .ruff_cache .hypothesis .ansible voip-hardening-*.tar.gz
