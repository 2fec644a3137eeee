"""How answers are read off a terminal: echo, pages, what is printed over, and the prompt that ends them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netmiko.channel import SSHChannel

from ansible_collections.voip.hardening.plugins.module_utils.errors import Misunderstood, Unreachable, Unsupported
from ansible_collections.voip.hardening.plugins.module_utils.platforms.draytek.driver import DrayOSSSH, Reply
from ansible_collections.voip.hardening.plugins.module_utils.secret import Secret

MARK = b"--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---"
SHORT_MARK = b"--- MORE --- ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page]"
ERASED = b"\r" + b" " * len(MARK) + b"\r"
PROMPT = b"DrayTek> "


END = b""
"""A piece that ends the connection."""


class Shell:
    """Stands where paramiko's channel does. A read with nothing left to come is a time-out."""

    def __init__(self, *scripts: Iterable[bytes]) -> None:
        self.typed = b""
        self.waits: list[float] = []
        self._scripts = [list(script) for script in scripts]
        self._pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.typed += data
        if self._scripts:
            self._pieces += self._scripts.pop(0)

    def settimeout(self, seconds: float) -> None:
        self.waits.append(seconds)

    def recv_ready(self) -> bool:
        return False

    def recv(self, count: int) -> bytes:
        if not self._pieces:
            raise TimeoutError
        return self._pieces.pop(0)

    def close(self) -> None:
        self._pieces = [END]


class NoKeys:
    kinds = ()

    def check(self, kind: str, blob: bytes) -> None:
        raise AssertionError


def connection(shell: Shell, name: bytes = b"DrayTek") -> DrayOSSSH:
    """A driver at this terminal, after the log-in."""
    made = DrayOSSSH(
        host="192.0.2.1",
        username="admin",
        password=Secret("secret-word"),
        conn_timeout=10,
        host_keys=NoKeys(),
        auto_connect=False,
    )
    made._shell = shell
    made.channel = SSHChannel(shell, "utf-8")
    made._prompt = name
    return made


def answer(*pieces: bytes, line: str = "sys version", name: bytes = b"DrayTek") -> str:
    return connection(Shell(pieces), name).run(line, 10)


def paged(*scripts: Iterable[bytes]) -> tuple[str, bytes]:
    """The answer to `show status`, whose pieces come after the line and after each key; and what was typed."""
    shell = Shell(*scripts)
    return connection(shell).run("show status", 10), shell.typed


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


WHOLE = b"sys version\r\nRouter Model: Vigor2927\r\n  Revision: 1\r\n\r\n" + PROMPT
LINES = "Router Model: Vigor2927\n  Revision: 1"


def test_an_answer_and_what_was_typed() -> None:
    shell = Shell([WHOLE])
    assert connection(shell).run("sys version", 10) == LINES
    assert shell.typed == b"sys version\r"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_in_pieces_of_any_size(size: int) -> None:
    assert answer(*in_pieces(WHOLE, size)) == LINES


@pytest.mark.parametrize(
    "came",
    [
        b"sys version\r\nx\r\nDrayTek>  ",
        b"sys version\r\nx\r\nDrayTek> \t ",
        b"sys version\r\nxDrayTek> ",
        b"sys version\r\r\nx\r\r\n\rDrayTek> ",
        b"\r\nsys version\r\nx\r\nDrayTek> ",
        b"\rDrayTek> sys version\r\nx\r\nDrayTek> ",
        b"DrayTek> DrayTek>  sys version\r\nx\r\nDrayTek> ",
        b"sys ver\r\nsion\r\nx\r\nDrayTek> ",
        b"sys versi \rion\r\nx\r\nDrayTek> "[:9] + b" \r" + b"on\r\nx\r\nDrayTek> ",
        b"sys version \r\nx\r\nDrayTek> ",
        b"sys version\r\n\0x\x07\r\nDrayTek> ",
        b"sys version\r\nold\rx  \r\nDrayTek> ",
        b"sys version\r\nxy\b \r\nDrayTek> ",
    ],
)
def test_prompts_echoes_and_what_is_printed_over(came: bytes) -> None:
    for size in (1, 1000):
        assert answer(*in_pieces(came, size)) == "x"


@pytest.mark.parametrize(
    "text",
    [
        "InternalClient >>192.168.1.10<<\n a > b",
        "Comments: DrayTek>",
        "DrayTek> in the middle",
        ">\n> ",
        "Other> ",
    ],
)
def test_a_sign_inside_of_the_answer_is_no_prompt(text: str) -> None:
    body = text.replace("\n", "\r\n").encode()
    assert answer(b"sys version\r\n" + body, b"\r\n" + PROMPT) == text.rstrip()


def test_the_name_may_be_missing() -> None:
    assert answer(b"sys version\r\na > b\r\nc> ", b"d\r\n> ", name=b"") == "a > b\nc> d"


@pytest.mark.parametrize("name", [b"Vigor 2927", b"a", b"sys", b"r>1", b"caf\xc3\xa9", b"x" * 64])
def test_every_name(name: bytes) -> None:
    for size in (1, 1000):
        assert answer(*in_pieces(b"sys version\r\nx\r\n" + name + b"> ", size), name=name) == "x"


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert answer(b"sys version\r\n\xff\xfe \xe2\x82", b"\xac\r\n" + PROMPT) == "\ufffd\ufffd \u20ac"


def test_an_empty_answer() -> None:
    assert answer(b"sys commit\r\n" + PROMPT, line="sys commit") == ""


def test_quotes_and_blanks_in_the_echo() -> None:
    line = 'object ip obj 3 -n ""'
    assert answer(line.encode() + b"\r\nOK.\r\n" + PROMPT, line=line) == "OK."


def test_what_follows_at_once_belongs_to_the_answer() -> None:
    shell = Shell([WHOLE])
    more = [b"x\r\n", PROMPT]
    shell.recv_ready = lambda: bool(shell.waits and more)  # type: ignore[method-assign]
    usual = shell.recv
    shell.recv = lambda count: usual(count) if shell._pieces else more.pop(0)  # type: ignore[method-assign]
    assert connection(shell).run("sys version", 10) == f"{LINES}\n\nDrayTek> x"


def test_what_was_left_over_does_not_belong_to_the_answer() -> None:
    shell = Shell([WHOLE])
    left = [b"old text\r\n", PROMPT]
    shell.recv_ready = lambda: bool(left)  # type: ignore[method-assign]
    usual = shell.recv
    shell.recv = lambda count: left.pop(0) if left else usual(count)  # type: ignore[method-assign]
    assert connection(shell).run("sys version", 10) == LINES


@pytest.mark.parametrize("mark", [MARK, SHORT_MARK])
@pytest.mark.parametrize("size", [1, 5, 60, 1000])
@pytest.mark.parametrize("key", [ERASED, b"\r\n", b"\r", b"\b" * 75 + b" " * 75 + b"\b" * 75])
def test_pages(mark: bytes, size: int, key: bytes) -> None:
    text, typed = paged(
        in_pieces(b"show status\r\nWAN 1\r\n  up\r\n" + mark, size),
        in_pieces(key + b"WAN 2" + b" " * 80 + b"\r\n  down\r\n" + mark, size),
        in_pieces(key + b"-----\r\nend\r\nDrayTek>  ", size),
    )
    assert text == "WAN 1\n  up\nWAN 2\n  down\n-----\nend"
    assert typed == b"show status\r  "


def test_a_mark_is_answered_once() -> None:
    text, typed = paged(
        [b"show status\r\na\r\n" + SHORT_MARK],
        [b" ---", b"\r" + MARK, ERASED, b"b\r\n", PROMPT],
    )
    assert (text, typed) == ("a\nb", b"show status\r ")


def test_a_page_that_ends_with_dashes_is_another_one() -> None:
    text, typed = paged(
        [b"show status\r\na\r\n" + MARK],
        [ERASED + b"---\r\n" + MARK],
        [ERASED + b"b\r\n" + PROMPT],
    )
    assert (text, typed) == ("a\n---\nb", b"show status\r  ")


def test_more_pages_than_any_listing_has() -> None:
    with pytest.raises(Misunderstood, match="`show status`: the answer has more than 200 pages"):
        paged([b"show status\r\na\r\n" + MARK], *[[ERASED + b"a\r\n" + MARK]] * 201)


@pytest.mark.parametrize(
    ("came", "what"),
    [
        (b"~~ 0x00000000\r\nDrayTek> ", "begins with something else than the command: '~~ 0x00000000 DrayTek>...'"),
        (b"sys version now\r\nDrayTek> ", "begins with more than the command: 'sys version now DrayTek>...'"),
        (b"x" * 50, f"begins with something else than the command: '{'x' * 40}...'"),
    ],
)
def test_an_answer_to_something_else(came: bytes, what: str) -> None:
    with pytest.raises(Misunderstood) as error:
        answer(came)
    assert str(error.value) == f"`sys version`: the answer {what}"


@pytest.mark.parametrize("came", [[], [b"sys ver"], [WHOLE[:-2]], [WHOLE[:-1]], [b"sys version\r\n> "], [b"DrayTek> "]])
def test_no_complete_answer_in_time(came: list[bytes]) -> None:
    with pytest.raises(Unreachable) as error:
        answer(*came)
    assert str(error.value) == "192.0.2.1:22: no complete answer to `sys version` within 10 s (timeout)"


def test_a_unit_that_never_stops() -> None:
    shell = Shell()
    shell.recv = lambda count: b"sys version\r\n" if not shell.waits[1:] else b"x\r\n"  # type: ignore[method-assign]
    with pytest.raises(Unreachable, match=r"no complete answer to `sys version` within 0\.05 s"):
        connection(shell).run("sys version", 0.05)
    with pytest.raises(Misunderstood, match="`sys version`: the answer has more than 1048576 bytes: 'sys version x"):
        answer(b"sys version\r\n", *[b"x" * 65536] * 17)


@pytest.mark.parametrize("came", [[END], [b"sys ver", END], [WHOLE[:-2], END]])
def test_a_connection_that_breaks(came: list[bytes]) -> None:
    with pytest.raises(Unreachable) as error:
        answer(*came)
    assert str(error.value) == "192.0.2.1:22: the connection broke while waiting for the answer to `sys version`"


def test_it_waits_for_what_is_left_of_the_time() -> None:
    shell = Shell(in_pieces(WHOLE, 10))
    connection(shell).run("sys version", 3)
    assert len(shell.waits) == len(WHOLE) // 10 + 1
    assert shell.waits == sorted(shell.waits, reverse=True)
    assert 2 < shell.waits[-1] <= shell.waits[0] <= 3


def greeted(*pieces: bytes) -> DrayOSSSH:
    made = connection(Shell(pieces))
    made._prompt = b""
    made._shell.sendall(b"")
    made.session_preparation()
    return made


@pytest.mark.parametrize(
    ("greeting", "name"),
    [
        (b"\r\n\r\nType ? for command help\r\n\r\nDrayTek> ", b"DrayTek"),
        (b"DrayTek>  ", b"DrayTek"),
        (b"\r\n> ", b""),
        (b"\r\n Branch office 7> ", b"Branch office 7"),
        (b"*** >>> private <<< ***\r\nr1> ", b"r1"),
    ],
)
def test_the_first_prompt_names_the_unit(greeting: bytes, name: bytes) -> None:
    for size in (9, 1000):
        assert greeted(*in_pieces(greeting, size))._prompt == name


@pytest.mark.parametrize(
    ("greeting", "why"),
    [
        (b"\r\nUsername: ", "DrayOS 5"),
        (b"\r\nlogin: ", "Linux"),
        (b"Vigor2960 login: ", "Linux"),
        (b"\r\nVigor3900> ", "Linux"),
        (b"\r\nVigor300B>", "Linux"),
        (b"\r\nAccount:", "its log-in is not the one of DrayOS"),
    ],
)
def test_units_with_another_command_line(greeting: bytes, why: str) -> None:
    with pytest.raises(Unsupported, match=f"^192.0.2.1:22: .*{why}"):
        greeted(greeting)


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([b"Welcome\r\n"], "192.0.2.1:22: no prompt within 10 s"),
        (
            [b"Welcome\r\n", END],
            "192.0.2.1:22: the unit hung up before its first prompt; all of its sessions may be in use",
        ),
    ],
)
def test_no_prompt(pieces: list[bytes], message: str) -> None:
    with pytest.raises(Unreachable) as error:
        greeted(*pieces)
    assert str(error.value) == message


def test_it_logs_out_only_where_a_command_is_expected() -> None:
    made = greeted(b"\r\nDrayTek> ")
    shell = made._shell
    made.close()
    made.close()
    assert shell.typed == b"exit\r"
    hanging = connection(Shell([b"sys ver"]))
    with pytest.raises(Unreachable):
        hanging.run("sys version", 10)
    hanging.close()
    assert hanging._shell.typed == b"sys version\r"


def test_it_shows_no_password() -> None:
    made = connection(Shell())
    assert "secret-word" not in repr(vars(made))


@given(st.binary(max_size=200), st.integers(1, 20))
def test_whatever_comes(garbage: bytes, size: int) -> None:
    for came in (garbage, b"sys version\r\n" + garbage, b"sys version\r\n" + garbage + b"\r\n" + PROMPT):
        reply = Reply("sys version", b"DrayTek")
        try:
            for piece in in_pieces(came, size):
                reply.feed(piece)
        except Misunderstood:
            continue
        if reply.complete:
            assert all(
                character.isprintable() or character in "\n\t" or ord(character) > 126 for character in reply.text()
            )
        else:
            assert not came.endswith(b"\n" + PROMPT)
