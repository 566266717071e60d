"""The wheel as its users meet it: built without Node, installed alone, used offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.browser.server import free_port
from tests.packaging import dockerfile

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = Path(__file__).with_name("offline.py")
STATIC = "attriboard/static"
NAMESPACE = ["unshare", "--map-root-user", "--net"]


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine that has a shell, and no Node."""
    programs = tmp_path_factory.mktemp("bin")
    for name in ("sh", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    return {**os.environ, "PATH": str(programs), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of this tree, as a clone has it: nothing built, nothing installed."""
    copy = tmp_path_factory.mktemp("clean copy") / "attriboard"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, without_node: dict[str, str]) -> Path:
    """What `pip wheel .` makes of the clean copy with no Node on the PATH."""
    folder = source.parent / "wheels"
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation"]
    _run([*build, "--wheel-dir", str(folder)], cwd=source, env=without_node)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, without_node: dict[str, str]) -> Path:
    """The Python of an empty environment into which wheel[demo] alone was installed."""
    home = wheel.parent.parent / "environment"
    _run([sys.executable, "-m", "venv", "--without-pip", str(home)], env=without_node)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    pinned = ["--constraint", str(ROOT / "constraints.txt")]
    demo = f"attriboard[demo] @ {wheel.as_uri()}"
    _run([*install, *pinned, "--no-compile", demo], cwd=home, env=without_node)
    return python


def test_the_wheel_is_for_every_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_holds_the_built_page_and_all_it_loads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        page = packed.read(f"{STATIC}/index.html").decode()
    assets = {name.rpartition("/")[2] for name in names if name.startswith(f"{STATIC}/assets/")}
    assert {Path(name).suffix for name in assets} >= {".js", ".css"}
    loaded = [name for name in assets if name in page]
    assert {Path(name).suffix for name in loaded} >= {".js", ".css"}
    assert "attriboard/py.typed" in names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        tops = {name.split("/")[0] for name in packed.namelist()}
        size = sum(entry.file_size for entry in packed.infolist())
    assert {top.partition("-")[0] for top in tops} == {"attriboard"}
    assert size < 8_000_000, "the wheel should hold code, the page and small weights only"


def test_the_sdist_holds_the_sources_and_the_built_page(source: Path, wheel: Path) -> None:
    folder = wheel.parent.parent / "sdist"
    build = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(folder)]
    _run([*build, str(source)])
    (made,) = folder.iterdir()
    with tarfile.open(made) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert f"backend/{STATIC}/index.html" in names
    assert {"frontend/package-lock.json", "scripts/frontend.py", "hatch_build.py"} <= names
    assert not [name for name in names if "node_modules" in name or name.startswith(".venv")]


def test_the_installed_demo_works_without_a_network(
    python: Path, without_node: dict[str, str], tmp_path: Path
) -> None:
    command = [str(python.with_name("attriboard")), "demo", "--no-open"]
    command += ["--port", str(free_port()), "--store", str(tmp_path / "store")]
    seen = _use_offline(python, command, without_node, tmp_path)
    assert {status for status, _ in seen["assets"].values()} == {200}
    assert any(address.endswith(".js") for address in seen["assets"])
    assert min(size for _, size in seen["assets"].values()) > 0
    assert seen["board"]["size"] > 9000
    assert seen["result"]["example"] == 0
    assert seen["result"]["gap"] is not None


def test_the_container_command_is_healthy(
    python: Path, without_node: dict[str, str], tmp_path: Path
) -> None:
    """The image's ENTRYPOINT, CMD and HEALTHCHECK, run as they are but for port and store."""
    final = dockerfile.parse((ROOT / "Dockerfile").read_text())[-1]
    port, store = str(free_port()), str(tmp_path / "store")
    swap = {"attriboard": str(python.with_name("attriboard")), "8321": port, "/data": store}
    words = [*final.last("ENTRYPOINT").words(), *final.last("CMD").words()]
    command = [swap.get(word, word) for word in words]
    check = final.last("HEALTHCHECK").rest.removeprefix("CMD ")
    healthy = dockerfile.Instruction("CMD", {}, check.replace("8321", port)).words()
    with subprocess.Popen(command, env=without_node, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            printed = next(line for line in server.stdout if "http://" in line)
            assert "token=" in printed, "an address that others reach must ask for a token"
            _run([str(python), *healthy[1:]], env=without_node)
        finally:
            server.terminate()


def _use_offline(
    python: Path, command: list[str], environment: dict[str, str], home: Path
) -> dict[str, Any]:
    """What offline.py sees of `command`, cut off from every network the system lets us cut off."""
    unshare = shutil.which("unshare")
    cut = unshare is not None and _works([unshare, *NAMESPACE[1:], "true"])
    prefix = [str(unshare), *NAMESPACE[1:]] if cut else []
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    answer = _run(
        [*prefix, str(python), str(OFFLINE), *command],
        env={**environment, **nowhere, "HOME": str(home)},
    )
    seen: dict[str, Any] = json.loads(answer)
    if cut:
        assert seen["interfaces"] == ["lo"]
    return seen


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout
