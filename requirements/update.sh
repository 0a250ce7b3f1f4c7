#!/usr/bin/env bash
# Update the pinned, hashed .txt files from pyproject.toml and the .in files. Needs `make test` to have run once.
set -euo pipefail
cd "$(dirname "$0")"
python=../.venv/bin/python
"$python" -m pip install -q uv
pin() { "$python" -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade "$@"; }
pin install.in -o install.txt
pin ../pyproject.toml --extra editor -o build.txt
pin ../pyproject.toml test.in --extra editor -o test.txt
pin --no-deps data.in -o data.txt
sed -n '/^markdown-it-py==/,/[^\\]$/p' build.txt > spec.txt
sed -n 's/^anki==\([^ ]*\).*/aqt==\1/p' test.txt | pin --no-deps - -o anki/pages.txt
