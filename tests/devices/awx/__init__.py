"""The API of an AWX as a test device: what it stores, what it refuses, and what it shows of secrets. It runs no jobs.

Facts are from AWX 24.6.1 (github.com/ansible/awx, tag 24.6.1), and were read off a running one, texts included.
Stricter than AWX in one thing: a field that it does not have is refused, where AWX ignores it in silence.
"""

from __future__ import annotations
