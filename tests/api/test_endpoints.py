"""Every function of the API answers in a thread that keeps no helpers."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from attriboard.api import routes
from attriboard.api.endpoints import Brief


def test_every_route_is_brief() -> None:
    modules = [
        import_module(f"{routes.__name__}.{found.name}") for found in iter_modules(routes.__path__)
    ]
    found = [route for module in modules for route in module.router.routes]
    assert len(found) > 30
    assert [route for route in found if not isinstance(route, Brief)] == []
