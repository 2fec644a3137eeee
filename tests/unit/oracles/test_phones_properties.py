"""What the oracle works out is what the test phones end up with, for any files and changes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.phones.poly.settings import Settings as PolySettings
from tests.devices.phones.yealink.settings import Settings as YealinkSettings
from tests.oracles.phones import Fact, Layer, effective, facts, insecure, parse_cfg, parse_parameters, problem_of
from tests.oracles.phones.poly_files import first_wins
from tests.oracles.phones.scales import Choice, Number
from tests.unit.oracles.phones_samples import poly_file, poly_parameters, yealink_file

EXAMPLES = settings(max_examples=60)


def _setting(fact: Fact) -> st.SearchStrategy[tuple[str, str]]:
    name = fact.pattern.replace(".X", ".1").replace(".Y", ".2")
    if isinstance(fact.scale, Choice):
        return st.tuples(st.just(name), st.sampled_from(sorted(fact.scale.meanings)))
    assert isinstance(fact.scale, Number)
    return st.tuples(st.just(name), st.integers(fact.scale.low, fact.scale.high).map(str))


def _some(vendor: str, line: str) -> st.SearchStrategy[tuple[str, str]]:
    # `protect` decides about layers; the tests choose it.
    simple = [
        fact for fact in facts(vendor, line).table
        if isinstance(fact.scale, (Choice, Number)) and not fact.secret and "custom.protect" not in fact.pattern
    ]
    return st.sampled_from(simple).flatmap(_setting)


YEALINK = st.lists(st.one_of(_some("yealink", "v86"), _some("yealink", "v86").map(lambda pair: (pair[0], "%NULL%"))))
COMPANIONS = sorted(name for name in poly_parameters() if name.endswith(".set") and name != "device.set")
POLY = st.lists(_some("poly", "ucs6")).map(dict)


@EXAMPLES
@given(files=st.lists(YEALINK, min_size=1, max_size=3), local=YEALINK, protect=st.booleans())
def test_yealink_layers(files: list[list[tuple[str, str]]], local: list[tuple[str, str]], protect: bool) -> None:
    phone = YealinkSettings("v86")
    phone.values = {"static.auto_provision.custom.protect": str(int(protect))}
    phone.factory = {}
    phone.change(local)
    for name in list(phone.values):
        if name.startswith("static.") and "protect" not in name:
            del phone.values[name]
    phone.provision([pair for file in files for pair in file], overwrite=False)
    layers = [Layer("file", file) for file in files]
    # Without protection the user's changes are what was there before, which files come over.
    layers = [*layers, Layer("local", local)] if protect else [Layer("file", _bare(local)), *layers]
    expected = {"static.auto_provision.custom.protect": str(int(protect)), **effective("yealink", layers)}
    assert phone.values == expected


def _bare(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if not name.startswith("static.")]


@EXAMPLES
@given(files=st.lists(POLY, min_size=1, max_size=3), web=POLY, local=POLY, complete=st.booleans())
def test_poly_layers(
    files: list[dict[str, str]], web: dict[str, str], local: dict[str, str], complete: bool
) -> None:
    if complete:
        files = [{"device.set": "1", **file, **{f"{name}.set": "1" for name in file if name.startswith("device.")}}
                 for file in files]
    phone = PolySettings("ucs6")
    layers = [Layer(kind, dict(phone.layers[kind])) for kind in ("default", "device")]
    # What is in flash is changed there, whoever changes it: before provisioning, so the files come over it.
    flash = {name: value for change in (web, local) for name, value in change.items() if name.startswith("device.")}
    layers[1] = Layer("device", {**dict(layers[1].pairs()), **flash})
    phone.change("web", web)
    phone.change("local", local)
    phone.provision(first_wins(files))
    above = [Layer(kind, {name: value for name, value in change.items() if not name.startswith("device.")})
             for kind, change in (("web", web), ("local", local))]
    expected = effective("poly", [*layers, *above, *(Layer("config", file) for file in files)])
    assert phone.values() == expected


@EXAMPLES
@given(pair=_some("yealink", "v86"), value=st.sampled_from(["0", "1", "2", "3", "5", "any", "", "x y", "-1"]))
def test_a_phone_takes_what_is_no_problem(pair: tuple[str, str], value: str) -> None:
    name, right = pair
    assert problem_of("yealink", "v86", name, right) is None
    phone = YealinkSettings("v86")
    phone.change([(name, value)])
    assert (phone.values.get(name) == value) or problem_of("yealink", "v86", name, value) is not None


@EXAMPLES
@given(pair=_some("yealink", "v86"))
def test_changing_one_parameter_of_a_secure_yealink_never_hides_a_fault(pair: tuple[str, str]) -> None:
    base = [Layer("file", parse_cfg(yealink_file()))]
    found = insecure("yealink", effective("yealink", [*base, Layer("file", [pair])]))
    named = pair[0].removeprefix("static.")
    before = dict(effective("yealink", base))
    if before.get(pair[0]) == pair[1]:
        assert found == []
    # Whatever is found is about what was changed, or about the account that this made a new one of.
    assert all(
        each.startswith(named) or named.startswith(("account.", "features.action_uri", "security.user_name"))
        for each in found
    )


@EXAMPLES
@given(taken=st.sampled_from(COMPANIONS))
def test_a_missing_companion_is_as_if_the_parameter_were_missing(taken: str) -> None:
    whole = poly_parameters()
    without = {name: value for name, value in whole.items() if name != taken}
    gone = {name: value for name, value in whole.items() if name != taken.removesuffix(".set")}
    results = [effective("poly", [Layer("config", parse_parameters(poly_file(each)))]) for each in (without, gone)]
    assert results[0] == results[1]
