"""Find the Chromium that the browser tests drive, or install one.

`python scripts/chromium.py` prints its path and installs one first where there is none: with apt
when run by root on Debian or Ubuntu, else Playwright's own build. A machine without one fails the
tests; they never skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# The one without windows starts and draws with less work, and nobody sees the others' windows.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "ATTRIBOARD_CHROMIUM"


class BrowserError(Exception):
    """There is no usable Chromium. The message is a sentence for the user."""


def find() -> Path | None:
    """The Chromium that ATTRIBOARD_CHROMIUM names, else the PATH's, else Playwright's own."""
    named = os.environ.get(VARIABLE)
    if named:
        if not runs(Path(named)):
            raise BrowserError(f"{VARIABLE}={named} is not a Chromium that runs.")
        return Path(named)
    return next((path for path in _candidates() if runs(path)), None)


def needed() -> Path:
    """The Chromium to use, or an error that says how to get one."""
    path = find()
    if path is None:
        raise BrowserError(
            "The browser tests need Chromium and found none. Run make test, which installs one, "
            f"put chromium or google-chrome on the PATH, or name it in {VARIABLE}."
        )
    return path


def runs(path: Path) -> bool:
    """Whether it starts at all: some systems put a placeholder under the browser's name."""
    try:
        answer = subprocess.run(
            [path, "--version"],
            capture_output=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and b"Chrom" in answer.stdout


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def install() -> None:
    """Install a Chromium by the first way that works here."""
    if _may_use_apt():
        _attempt(["apt-get", "update", "--quiet"])
        for package in (SHELL, "chromium"):  # older systems have the second alone
            _attempt(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package])
            if find() is not None:
                return
    # Only root may install the system's libraries that the browser needs.
    extra = ["--with-deps"] if _may_use_apt() else []
    _attempt([sys.executable, "-m", "playwright", "install", *extra, "chromium"])


def _may_use_apt() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _attempt(command: list[str]) -> None:
    print(f"Installing Chromium: {' '.join(command)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )


def main() -> int:
    try:
        if find() is None:
            install()
        print(needed())
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
