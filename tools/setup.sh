#!/usr/bin/env bash
# Makes what the checkout needs, inside the checkout:
#   .venv           the collection's environment: ansible-core 2.19 on Python 3.11, with pytest, ruff and mypy
#                   (ansible-core 2.21 where only a newer Python is found)
#   .venv-core221   the same with ansible-core 2.21 on Python 3.12, where that is found
#   .venv-tools     ansible-lint, molecule and the other tools, apart so that their dependencies never shape the first two
#   .venv-importer  Galaxy's importer, apart because it holds its own dependencies to old releases
#   .collections    a link under which the checkout resolves as the collection voip.hardening
# Running it again is quick: an environment is only touched when one of its requirement files has changed.
# Usage: tools/setup.sh [test|run|python]
#   test (default) = everything; run = .venv and .collections; python = only print the interpreter that .venv is made with
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

what=${1:-test}

say() { printf 'set-up: %s\n' "$*"; }

# find_python VERSION...: prints the path of the first interpreter of these minor versions that can make environments.
find_python() {
    local version candidate
    for version in "$@"; do
        for candidate in "$(command -v "python$version" || true)" "$HOME"/.pyenv/versions/"$version".*/bin/"python$version"; do
            if [[ -x $candidate ]] && "$candidate" -c 'import ensurepip, ssl, venv' 2>/dev/null; then
                printf '%s\n' "$candidate"
                return 0
            fi
        done
    done
    return 1
}

# retry COMMAND...: package indexes fail for a moment now and then.
retry() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return 0
        [[ $attempt == 3 ]] || { say "attempt $attempt failed, once more in $((attempt * 5)) s"; sleep $((attempt * 5)); }
    done
    say "gave up: $*"
    return 1
}

# environment FOLDER PYTHON FILE...: makes or brings up to date one virtual environment. Only a complete one has a stamp.
# requirements-vendor.txt is installed without dependencies: the `ansible` package pins an ansible-core of its own.
environment() {
    local folder=$1 python=$2
    shift 2
    local stamp file started=$SECONDS
    stamp=$("$python" -c 'import sys; print(sys.version)' | cat - tools/setup.sh "$@" | sha256sum | cut -d' ' -f1)
    if [[ $(cat "$folder/.stamp" 2>/dev/null) == "$stamp" ]]; then
        return 0
    fi
    if ! [[ -x $folder/bin/python ]] || ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
        say "$folder: making it with $python"
        "$python" -m venv --clear "$folder" || return 1
    fi
    rm -f "$folder/.stamp"
    local -a files=()
    for file in "$@"; do
        [[ $file == requirements-vendor.txt ]] || files+=(-r "$file")
    done
    retry "$folder/bin/python" -m pip install -qq --disable-pip-version-check --retries 5 "${files[@]}" || return 1
    for file in "$@"; do
        [[ $file != requirements-vendor.txt ]] \
            || retry "$folder/bin/python" -m pip install -qq --disable-pip-version-check --retries 5 --no-deps -r "$file" \
            || return 1
    done
    printf '%s\n' "$stamp" >"$folder/.stamp"
    say "$folder: ready ($("$folder/bin/python" --version), $((SECONDS - started)) s)"
}

python=$(find_python 3.11 3.12 3.13) || {
    say "no usable Python 3.11, 3.12 or 3.13 found (on Debian 12: apt-get install python3 python3-venv)" >&2
    exit 1
}
if [[ $what == python ]]; then
    printf '%s\n' "$python"
    exit 0
fi

link=.collections/ansible_collections/voip/hardening
if [[ ! $link -ef . ]]; then
    mkdir -p "$(dirname "$link")"
    ln -sfn ../../.. "$link"
fi

environment .venv "$python" requirements.txt requirements-test.txt requirements-vendor.txt
[[ $what == run ]] && exit 0

environment .venv-tools "$python" requirements-tools.txt
environment .venv-importer "$python" requirements-importer.txt \
    || say "SKIPPED .venv-importer: its packages could not be installed"
if python312=$(find_python 3.12); then
    environment .venv-core221 "$python312" \
        requirements.txt requirements-core221.txt requirements-test.txt requirements-vendor.txt
else
    say "SKIPPED .venv-core221: no usable Python 3.12 found, ansible-core 2.21 needs one"
fi
