# The environment's own node comes first for jsii and the CDK command line. Bytecode is kept even where the environment
# says not to: without it every local AWS compiles for seconds as it starts.
PYTHON := PYTHONDONTWRITEBYTECODE= PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/python

.PHONY: setup demo test check bench docs sbom audit clean

setup:
	@python3 scripts/setup.py

# KEEP=1 leaves the local AWS and the endpoints running.
demo: setup
	@$(PYTHON) -m demo

test: setup
	@$(PYTHON) -m pytest

check: setup
	@$(PYTHON) -m ruff check --quiet
	@$(PYTHON) -m ruff format --check --quiet
	@$(PYTHON) -m mypy
	@$(PYTHON) -m pytest

# CHECK=1 measures what is compared with a peer, and fails if that got worse by more than 20 %.
bench: setup
	@$(PYTHON) -m benchmarks $(if $(CHECK),--check)

docs: setup
	@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

# What the library needs and what it is developed with, as CycloneDX in dist/sbom.
sbom: setup
	@$(PYTHON) -m scripts.sbom

# Known vulnerabilities of all pins, and the checks of checkov over the templates of all examples. Needs the network.
audit: setup
	@$(PYTHON) -m scripts.audit

clean:
	@rm -rf .venv node_modules cdk.out .audit .bench .demo dist site .setup.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@rm -f containers/*/*.tar.gz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
