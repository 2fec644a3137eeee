"""What runs behind a login: one command of an exec channel, or the menu and the shells of an interactive one.

Source: master at 6a92af1458, src/etc/rc.initial; FreeBSD sh(1) and tcsh(1); sudo(8) of the pfSense package.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace

from .accounts import Account
from .box import Box
from .operations import MARK

PHP = "/usr/local/bin/php"
SHELLS = ("/bin/sh", "sh", "/bin/tcsh", "tcsh")
MENU = """
 0) Logout / Disconnect SSH            9) pfTop
 1) Assign Interfaces                 10) Filter Logs
 2) Set interface(s) IP address       11) Restart GUI
 3) Reset admin account and password  12) PHP shell + pfSense tools
 4) Reset to factory defaults         13) Update from console
 5) Reboot system                     14) Disable Secure Shell (sshd)
 6) Halt system                       15) Restore recent configuration
 7) Ping host                         16) Restart PHP-FPM
 8) Shell

"""
ASKS = "Enter an option: "
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_REDIRECTION = re.compile(r"\d*[<>]+(&\d|/dev/null)")


@dataclass(frozen=True)
class Run:
    """What a command comes to: a program for `php` to be read from standard input, or an end with texts and a code.

    ``private``: `php` runs as a user that may not read the configuration.
    """

    program: bool = False
    private: bool = False
    out: str = ""
    error: str = ""
    code: int = 0


def command(box: Box, account: Account, text: str, shell: str = "") -> Run:
    """The run of one command line in the account's login shell, or in another one."""
    if not account.shell:
        return Run(error="This account is currently not available.\n", code=1)
    return _line(box, account, shell or account.shell, text, root=account.root)


def _line(box: Box, account: Account, shell: str, text: str, *, root: bool) -> Run:
    tcsh = shell == "tcsh"
    if tcsh and ">&" in _QUOTED.sub("", text):
        # In tcsh `2>&1` is the word 2, and a redirection of both outputs to the file 1.
        return Run(error="Ambiguous output redirect.\n", code=1)
    try:
        words = shlex.split(text)
    except ValueError:
        return Run(error="Unmatched quote.\n" if tcsh else "Syntax error: Unterminated quoted string\n", code=2)
    run = _words(box, account, shell, [word for word in words if not _REDIRECTION.fullmatch(word)], root=root)
    return replace(run, out=run.out + run.error, error="") if "2>&1" in words and not run.program else run


def _words(box: Box, account: Account, shell: str, words: list[str], *, root: bool) -> Run:
    if not words or words == ["true"]:
        return Run()
    if words == [PHP] or words == ["php"]:
        return Run(program=True, private=not root)
    if words[0] in SHELLS and words[1:2] == ["-c"] and len(words) > 2:
        return _line(box, account, words[0].rpartition("/")[2], words[2], root=root)
    if words[0] in ("sudo", "/usr/local/bin/sudo") and box.knobs.sudo != "absent":
        rest = [word for word in words[1:] if word != "-n"]
        if box.knobs.sudo == "password" and not root:
            return Run(error="sudo: a password is required\n", code=1)
        return _words(box, account, shell, rest, root=True)
    if words[0] == "cat" and all(box.files.exists(path) for path in words[1:]):
        return Run(out="".join(box.files.read(path) for path in words[1:]))
    name = words[0]
    return Run(error=f"{name}: Command not found.\n" if shell == "tcsh" else f"sh: {name}: not found\n", code=127)


def unreadable() -> bytes:
    """What a program says that may not read the configuration (config.xml is only for root)."""
    said = '{"ok":false,"error":"exception","message":"config.xml could not be read"}'
    return f"\n{MARK}\n{said}\n{MARK}\n".encode()


class Session:
    """An interactive login: ``begin`` and ``feed`` give the text to send; ``closed`` when it is over."""

    def __init__(self, box: Box, account: Account) -> None:
        self.box = box
        self.account = account
        self.closed = False
        self.shells = [] if account.menu else [account.shell]
        self._line = ""

    def begin(self) -> str:
        """The greeting."""
        if self.shells == [""]:
            self.closed = True
            return "This account is currently not available.\r\n"
        return self._prompt()

    def _prompt(self) -> str:
        config = self.box.config
        system = config.get("system", {})
        host = f"{system.get('hostname', '')}.{system.get('domain', '')}"
        if self.shells:
            home = "/root" if self.account.root else f"/home/{self.account.name}"
            return f"[{self.box.release.text}][{self.account.name}@{host}]{home}: "
        banner = f"*** Welcome to pfSense {self.box.release.text} (amd64) on {system.get('hostname', '')} ***\n"
        return (banner + MENU + ASKS).replace("\n", "\r\n")

    def feed(self, text: str) -> str:
        """The echo of what was typed and what it comes to."""
        said = ""
        for letter in text:
            if letter not in "\r\n":
                self._line += letter
                said += letter
                continue
            line, self._line = self._line.strip(), ""
            said += "\r\n" + self._entered(line)
            if self.closed:
                break
        return said

    def _entered(self, line: str) -> str:
        if self.shells:
            if line in ("exit", "logout"):
                self.shells.pop()
                if self.shells or self.account.menu:
                    return self._prompt()
                self.closed = True
                return ""
            found = command(self.box, self.account, line, self.shells[-1])
            text = "" if found.program else found.out + found.error
            return text.replace("\n", "\r\n") + self._prompt()
        if line in ("", "0"):
            self.closed = True
            return ""
        if line == "8":
            self.shells.append("tcsh")
        return self._prompt()
