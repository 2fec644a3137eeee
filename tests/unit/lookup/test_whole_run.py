"""A run that leaves out what always has to run is refused."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.voip.hardening.plugins.lookup.whole_run import check


@pytest.mark.parametrize("skipped", [(), ("phones",), ("all",), ("untagged",), ("never",)])
def test_tags_that_leave_nothing_out_that_always_runs(skipped: tuple[str, ...]) -> None:
    check(skipped, None)


@pytest.mark.parametrize(
    ("skipped", "start", "named"),
    [
        (("always",), None, "--skip-tags always"),
        (("phones", "tagged"), None, "--skip-tags tagged"),
        ((), "Write the reports", "--start-at-task Write the reports"),
        ((), "", "--start-at-task "),
        (("always",), "x", "--skip-tags always, --start-at-task x"),
    ],
)
def test_what_leaves_something_out_is_named(skipped: tuple[str, ...], start: str | None, named: str) -> None:
    with pytest.raises(AnsibleLookupError) as error:
        check(skipped, start)
    assert str(error.value).startswith(f"{named}: not allowed here")
