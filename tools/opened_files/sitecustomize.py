"""Notes every file that a Python process opens in the file named by OPENED_FILES, one path a line.

Python imports this at its start where the folder is on PYTHONPATH; forked processes write to the same file.
"""

from __future__ import annotations

import os
import sys

_RECORD = os.open(os.environ["OPENED_FILES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        os.write(_RECORD, os.fsencode(os.path.abspath(arguments[0])) + b"\n")


sys.addaudithook(_note)
