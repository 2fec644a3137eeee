"""Site policies for these tests: the sample of the policy tests, with changes."""

from __future__ import annotations

from typing import Any

from ansible_collections.voip.hardening.plugins.module_utils.policy.model import SitePolicy
from ansible_collections.voip.hardening.plugins.module_utils.policy.validation import validate
from tests.unit.policy.samples import TODAY, acknowledged, policy, profile


def site(provider: dict[str, Any] | None = None, **changes: Any) -> SitePolicy:
    """The sample site with changes; `__` in a keyword stands for the dot of a path, `provider` holds the profile's."""
    published = profile(**(provider or {}))
    published["acknowledge"] = acknowledged(*published["signalling"], *published["media"])
    return validate(published, policy(**changes), concerns=None, today=TODAY).policy
