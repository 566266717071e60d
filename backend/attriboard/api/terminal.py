"""What the terminal shows while a board is served: the address, then the predictions' progress."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from attriboard.jobs.job import Job

POLL_SECONDS = 0.2


def announce(console: Console, name: str, url: str) -> None:
    """Prints the one address to click."""
    line = Text.assemble((name, "bold"), " is at ", (url, f"underline link {url}"))
    # Never wrapped: a broken line cannot be clicked.
    console.print(line, soft_wrap=True)
    note(console, "Press Ctrl-C to stop.")


def note(console: Console, sentence: str) -> None:
    """Prints a sentence that does not ask for attention."""
    console.print(sentence, style="dim", highlight=False, markup=False)


def follow(console: Console, job: Job) -> None:
    """Shows the job's progress until it ends, and why it failed. Blocks."""
    if console.is_terminal:
        _bar(console, job)
    job.wait()
    if job.state == "failed":
        console.print(f"The predictions stopped: {job.error}", style="red", markup=False)


def _bar(console: Console, job: Job) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("Predicting every example", total=None)
        while not job.wait(POLL_SECONDS):
            progress.update(task, completed=job.done, total=job.total or None)


def open_browser(url: str, wanted: bool | None) -> None:
    """Opens the page in the browser where wanted; None asks whether there is a screen."""
    if wanted or (wanted is None and has_screen()):
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def has_screen() -> bool:
    """Whether a browser opened here would be seen by the person at the terminal."""
    if "SSH_CONNECTION" in os.environ or not sys.stdout.isatty():
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
