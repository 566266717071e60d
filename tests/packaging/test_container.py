"""The container's files, checked as far as no container engine is needed.

test_wheel.py runs the container's command and health check against an installed wheel.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from attriboard.cli import app
from tests.packaging import dockerfile

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DURATION = {"type": "string", "pattern": r"^(\d+(ms|s|m|h))+$"}
TEXTS = {"type": "array", "items": {"type": "string"}}
# The part of the compose specification that our file uses; any other key is a slip of the pen.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "properties": {
        "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
        "services": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "build": {
                        "type": "object",
                        "required": ["context"],
                        "additionalProperties": False,
                        "properties": {"context": {"type": "string"}, "args": {"type": "object"}},
                    },
                    "image": {"type": "string"},
                    "environment": {
                        "type": "object",
                        "additionalProperties": {"type": ["string", "number", "null"]},
                    },
                    "ports": {
                        **TEXTS,
                        "items": {
                            "type": "string",
                            "pattern": r"^(\d+\.\d+\.\d+\.\d+:)?\d+:\d+(/(tcp|udp))?$",
                        },
                    },
                    "volumes": TEXTS,
                    "tmpfs": TEXTS,
                    "cap_drop": TEXTS,
                    "security_opt": TEXTS,
                    "read_only": {"type": "boolean"},
                    "profiles": TEXTS,
                    "entrypoint": TEXTS,
                    "command": TEXTS,
                    "depends_on": TEXTS,
                    "shm_size": {"type": "string", "pattern": r"^\d+[mg]b$"},
                    "deploy": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"replicas": {"type": "integer", "minimum": 1}},
                    },
                    "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
                    "healthcheck": {
                        "type": "object",
                        "required": ["test"],
                        "additionalProperties": False,
                        "properties": {
                            "test": {**TEXTS, "minItems": 2},
                            "interval": DURATION,
                            "timeout": DURATION,
                            "start_period": DURATION,
                            "retries": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def stages() -> list[dockerfile.Stage]:
    return dockerfile.parse((ROOT / "Dockerfile").read_text())


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load(COMPOSE.read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_every_base_is_pinned_to_a_version(stages: list[dockerfile.Stage]) -> None:
    names = {stage.name for stage in stages}
    for stage in stages:
        if stage.base not in names:
            assert re.search(r":\d+\.\d+", stage.base), stage.base


def test_the_python_of_the_image_is_one_we_support(stages: list[dockerfile.Stage]) -> None:
    assert all(stage.base.startswith("python:3.11") for stage in stages)


def test_the_image_runs_as_an_ordinary_user(stages: list[dockerfile.Stage]) -> None:
    final = stages[-1]
    user = final.last("USER").rest
    assert user not in {"root", "0"}
    after = final.instructions[final.instructions.index(final.last("USER")) :]
    assert not [each for each in after if each.keyword == "RUN"]
    assert any(re.search(rf"useradd\b.*\b{user}\b", run.rest) for run in final.all("RUN"))


def test_the_health_check_and_the_command_need_no_shell(stages: list[dockerfile.Stage]) -> None:
    final = stages[-1]
    kind, _, command = final.last("HEALTHCHECK").rest.partition(" ")
    assert kind == "CMD"
    assert dockerfile.Instruction("CMD", {}, command).words()[0] == "python"
    assert final.last("ENTRYPOINT").words() == ["attriboard"]
    assert final.last("CMD").words()[0] == "demo"


def test_the_port_and_the_store_agree_everywhere(
    stages: list[dockerfile.Stage], compose: dict[str, Any]
) -> None:
    final, service = stages[-1], compose["services"]["attriboard"]
    command = final.last("CMD").words()
    port, store = command[command.index("--port") + 1], command[command.index("--store") + 1]
    assert final.last("EXPOSE").rest == port
    assert final.last("VOLUME").rest == store
    assert f"127.0.0.1:{port}/healthz" in final.last("HEALTHCHECK").rest
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert service["volumes"] == [f"store:{store}"]
    assert f"127.0.0.1:{port}/healthz" in service["healthcheck"]["test"][-1]


def test_what_is_copied_exists_and_reaches_the_builder(stages: list[dockerfile.Stage]) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    names = {stage.name for stage in stages}
    for stage in stages:
        for copy in stage.all("COPY"):
            *sources, _ = copy.rest.split()
            if (origin := copy.flags.get("from")) is not None:
                assert origin in names
            else:
                assert all(_reaches(source, ignored) for source in sources if source != "."), copy


def test_the_builder_gets_all_that_the_wheel_is_made_of() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    needed = ["pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "scripts/frontend.py"]
    needed += ["frontend/package-lock.json", "frontend/src", "backend/attriboard/py.typed"]
    assert [path for path in needed if not _reaches(path, ignored)] == []
    unwanted = [
        ".git/config",
        ".venv/bin/python",
        "frontend/node_modules/vite",
        "tests/conftest.py",
    ]
    unwanted += ["backend/attriboard/static/index.html", "backend/attriboard/__pycache__/a.pyc"]
    assert [path for path in unwanted if not _is_ignored(path, ignored)] == []


def test_the_compose_file_is_one(compose: dict[str, Any]) -> None:
    jsonschema.validate(compose, SCHEMA)
    services = compose["services"].values()
    named = {volume.split(":")[0] for each in services for volume in each.get("volumes", [])}
    assert named == set(compose["volumes"])


def test_the_compose_service_may_do_little(compose: dict[str, Any]) -> None:
    service = compose["services"]["attriboard"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "ATTRIBOARD_TOKEN" in service["environment"]


def _reaches(source: str, ignored: list[str]) -> bool:
    return (ROOT / source).exists() and not _is_ignored(source, ignored)


def _is_ignored(path: str, rules: list[str]) -> bool:
    """Docker's rule: the last line that matches the path or a folder above it decides."""
    pure = PurePosixPath(path)
    above = [str(pure), *(str(parent) for parent in pure.parents if str(parent) != ".")]
    decided = False
    for rule in (line.strip() for line in rules):
        pattern = rule.removeprefix("!")
        if not rule or rule.startswith("#"):
            continue
        if any(_matches(each, pattern) for each in above):
            decided = not rule.startswith("!")
    return decided


def _matches(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(PurePosixPath(path).name, pattern[3:])
    return fnmatch(path, pattern) and path.count("/") == pattern.count("/")


def test_the_cluster_is_asked_for_by_name_and_speaks_to_its_head(compose: dict[str, Any]) -> None:
    services = compose["services"]
    cluster = {name: each for name, each in services.items() if "profiles" in each}
    assert set(cluster) == {"ray-head", "ray-worker", "dashboard"}
    assert all(each["profiles"] == ["cluster"] for each in cluster.values())
    assert "--port=6379" in cluster["ray-head"]["entrypoint"]
    assert "--address=ray-head:6379" in cluster["ray-worker"]["entrypoint"]
    (started,) = cluster["dashboard"]["command"]
    assert "--address=ray-head:6379" in started
    assert "--executor ray --ray-address auto" in started
    flags = set(re.findall(r"--[a-z-]+", started.partition("attriboard demo")[2]))
    shown = CliRunner().invoke(app, ["demo", "--help"], env={"COLUMNS": "200"}).output
    assert all(flag in shown for flag in flags)
    published = [port for each in services.values() for port in each.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert len(set(published)) == len(published)
