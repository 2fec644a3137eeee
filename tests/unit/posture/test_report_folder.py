"""Reports on disk: whole or not at all, for the group to read; and a history that several runs write at once."""

from __future__ import annotations

import errno
import multiprocessing
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voip.hardening.plugins.module_utils.posture.history import Line
from ansible_collections.voip.hardening.plugins.module_utils.posture.record import TIME
from ansible_collections.voip.hardening.plugins.module_utils.posture.score import Score
from ansible_collections.voip.hardening.plugins.plugin_utils.report_folder import FolderError, ReportFolder
from tests.support.fleets import LAST

NOW = LAST.strftime(TIME)
DAYS = 90


def line(host: str = "north-fw1", back: int = 0, **since: str) -> Line:
    return Line((LAST - timedelta(days=back)).strftime(TIME), host, "north", "drift", Score(1, 2), since, NOW)


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o000])
def test_files_are_for_owner_and_group_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = ReportFolder(tmp_path / "a" / "reports")
        written = folder.write("posture.json", "{}")
        kept = folder.keep([line()], NOW, DAYS)
    finally:
        os.umask(before)
    assert (mode(written), mode(kept)) == (0o640, 0o640)
    assert not mode(folder.path) & 0o027
    assert names(folder.path) == ["history.jsonl", "posture.json"]


def test_a_file_is_replaced_in_one_step_and_what_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ReportFolder(tmp_path)
    folder.write("posture.json", "old")
    opened = (tmp_path / "posture.json").open()
    folder.write("posture.json", "new")
    assert opened.read() == "old"
    opened.close()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FolderError, match=r"posture\.json: cannot be written: No space left on device"):
        folder.write("posture.json", "newer")
    assert (tmp_path / "posture.json").read_text() == "new"
    assert names(tmp_path) == ["posture.json"]


def test_a_link_in_the_place_of_a_report_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "posture.json").symlink_to(tmp_path / "elsewhere")
    ReportFolder(tmp_path).write("posture.json", "{}")
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_nothing_is_made_before_something_is_written(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path / "reports")
    assert folder.history(NOW, DAYS).lines == []
    assert names(tmp_path) == []


def test_lines_are_added_and_read_again(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    folder.keep([line("a", 1), line("b", 1)], NOW, DAYS)
    folder.keep([line("a")], NOW, DAYS)
    history = folder.history(NOW, DAYS)
    assert [one.host for one in history.lines] == ["a", "b", "a"]
    assert history.last["a"] == line("a")


def test_what_a_run_left_half_written_costs_one_line_and_no_other(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    folder.keep([line("a")], NOW, DAYS)
    with (tmp_path / "history.jsonl").open("ab") as stream:
        stream.write(line("b").text().encode()[:30])
    assert folder.history(NOW, DAYS).broken == []
    folder.keep([line("c")], NOW, DAYS)
    history = folder.history(NOW, DAYS)
    assert ([one.host for one in history.lines], history.broken) == (["a", "c"], [2])


def test_a_full_disk_leaves_the_history_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ReportFolder(tmp_path)
    folder.keep([line("a")], NOW, DAYS)
    before = (tmp_path / "history.jsonl").read_bytes()
    real, calls = os.write, []

    def full(handle: int, data: Any) -> int:
        calls.append(len(data))
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, bytes(data)[:50])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(FolderError, match=r"history\.jsonl: cannot be written: No space left on device"):
        folder.keep([line("b"), line("c")], NOW, DAYS)
    assert len(calls) == 2
    assert (tmp_path / "history.jsonl").read_bytes() == before


def test_what_is_older_than_asked_for_is_taken_out(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    for back in (91, 89, 1):
        folder.keep([line("a", back)], (LAST - timedelta(days=back)).strftime(TIME), DAYS)
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 3
    folder.keep([line("a")], NOW, DAYS)
    assert [one.time for one in folder.history(NOW, 3660).lines] == [line("a", back).time for back in (89, 1, 0)]
    assert mode(tmp_path / "history.jsonl") == 0o640


def _add(path: Path, host: str, times: int, old: int) -> None:
    for number in range(times):
        ReportFolder(path).keep([line(f"{host}-{number}-{one}", old) for one in range(20)], NOW, DAYS)


@pytest.mark.parametrize("old", [0, 91], ids=["appending", "and-taking-out"])
def test_runs_at_the_same_time_lose_and_mix_nothing(tmp_path: Path, old: int) -> None:
    """With old lines every run puts a file in the place of the one before, while others append."""
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_add, args=(tmp_path, f"h{one}", 15, 0)) for one in range(4)]
    writers += [context.Process(target=_add, args=(tmp_path, "old", 15, old))]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert [one.exitcode for one in writers] == [0] * 5
    history = ReportFolder(tmp_path).history(NOW, DAYS)
    assert history.broken == []
    kept = [one.host for one in history.lines]
    assert len(kept) == len(set(kept)) == (4 if old else 5) * 15 * 20


@pytest.mark.parametrize("name", ["history.jsonl", "posture.json"])
def test_a_folder_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    folder = ReportFolder(tmp_path / "file")
    with pytest.raises(FolderError, match=rf"{name}: cannot be written: (Not a directory|File exists)"):
        folder.keep([line()], NOW, DAYS) if name == "history.jsonl" else folder.write(name, "")


def test_a_history_that_cannot_be_read_is_an_error_and_no_empty_history(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    with pytest.raises(FolderError, match=r"history\.jsonl: cannot be read: Is a directory"):
        ReportFolder(tmp_path).history(NOW, DAYS)
