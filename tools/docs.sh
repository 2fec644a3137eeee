#!/usr/bin/env bash
# HTML pages of every module, plugin and role of the collection, from their own documentation: build/docs/html.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.venv-tools/bin:$PATH" ANSIBLE_COLLECTIONS_PATH="$PWD/.collections"

rm -rf build/docs
mkdir -p build/docs
antsibull-docs sphinx-init --use-current --squash-hierarchy --lenient --sphinx-theme alabaster \
    --dest-dir build/docs voip.hardening >/dev/null
# Links into other projects' pages would be looked up on the network.
echo 'intersphinx_mapping = {}' >>build/docs/conf.py
mkdir -p build/docs/rst
antsibull-docs --config-file build/docs/antsibull-docs.cfg collection --use-current --squash-hierarchy \
    --dest-dir build/docs/rst voip.hardening
sphinx-build -q -b html -c build/docs build/docs/rst build/docs/html
echo "pages: build/docs/html/index.html"
