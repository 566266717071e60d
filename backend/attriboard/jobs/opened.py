"""An export opened beside its board: its tables as columns of the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attriboard.board import Board
from attriboard.catalog import Catalog
from attriboard.catalog.importing import read_table
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.export_metrics import metric_names
from attriboard.jobs.export_plan import ExportRequest, Part, part_of
from attriboard.jobs.shards import Folder

FIGURES = ("delta",)


def open_export(board: Board, catalog: Catalog, path: Path) -> list[str]:
    """Write what the export below `path` found into the catalog; the names of its columns there.

    One that is not complete gives what it has. Raises InvalidInput where it is of other data or
    other weights, ExportError where the folder is none.
    """
    folder = Folder(path)
    manifest = folder.manifest()
    if manifest is None:
        raise InvalidInput(f"There is no export in {path}.", "results")
    _check(board, manifest, path)
    names: dict[str, None] = {}
    for part in _parts(board, manifest, path):
        files = sorted((path / part.name).glob("*.parquet"))
        if not files:
            continue
        keys = columns_of(board, part)
        indices, columns = read_table(files, list(keys))
        model, mark = part.setup.model, part.setup.fingerprint
        written = {keys[name]: values for name, values in columns.items()}
        catalog.write_computed(model, mark, indices, written)
        names |= dict.fromkeys(catalog.computed_name(model, key) for key in written)
    return list(names)


def columns_of(board: Board, part: Part) -> dict[str, str]:
    """The key of the catalog's column for each column of the part's table."""
    setup = part.setup
    several = len(board.inputs) > 1  # the share of a single input is always all
    found = {name: key for key, name in setup.columns.plain().items()} if several else {}
    first = board.inputs[0].name
    if setup.plan is None:
        return found
    end = setup.columns.net[first].removeprefix(f"net.{first}")
    own = end or f".{setup.plan.method.to_json()['id']}"
    figures = [*FIGURES, *metric_names(part.question)]
    return found | {name: f"{name}{own}" for name in figures}


def _check(board: Board, manifest: Mapping[str, Any], path: Path) -> None:
    if manifest.get("board", {}).get("data") != board.data_fingerprint:
        raise InvalidInput(
            f"{path} holds results of other data than this board's: its examples differ, or the "
            "settings of its inputs.",
            "results",
        )
    for model, mark in manifest.get("models", {}).items():
        if model not in board.models or board.model_fingerprint(model) != mark:
            raise InvalidInput(
                f"{path} holds results of a model {model!r} with other weights than this board's "
                "has. Open it beside the weights it was made with, or make it anew.",
                "results",
            )


def _parts(board: Board, manifest: Mapping[str, Any], path: Path) -> Iterator[Part]:
    asked = manifest["asked"]
    request = ExportRequest(target=asked["target"], baseline=asked["baseline"], seed=asked["seed"])
    for said in manifest["parts"]:
        method = said["method"]
        named = None if method is None else (method["id"], method["params"])
        part = part_of(board, request, said["model"], named, tuple(said["metrics"]))
        if part.name != said["folder"]:
            raise InvalidInput(f"{path} was written by another version of AttriBoard.", "results")
        yield part
