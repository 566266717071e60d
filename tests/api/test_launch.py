"""The launcher: addresses, ports, notebooks, and a bounded end."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from attriboard.api import launch, server
from attriboard.api.server import DEFAULT_PORT, listen
from attriboard.engine.errors import InvalidInput
from tests.api.boards import fusion_board

SOON = 20.0


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of the loopback that someone listens on."""
    with closing(listen("127.0.0.1", 0)) as sock:
        yield int(sock.getsockname()[1])


def test_a_taken_port_names_the_mend(taken: int) -> None:
    with pytest.raises(InvalidInput, match="--port") as raised:
        listen("127.0.0.1", taken)
    assert raised.value.field == "port"
    assert str(taken) in str(raised.value)


def test_the_default_port_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr(server, "DEFAULT_PORT", taken)
    with closing(listen("127.0.0.1", None)) as sock:
        assert taken < sock.getsockname()[1] < taken + server.PORTS_TRIED


def test_all_ports_taken_is_a_sentence(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setattr(server, "DEFAULT_PORT", taken)
    monkeypatch.setattr(server, "PORTS_TRIED", 1)
    with pytest.raises(InvalidInput, match="are all taken"):
        listen("127.0.0.1", None)


@pytest.mark.parametrize("port", [-1, 65536, 10**9])
def test_a_port_out_of_range_is_a_sentence(port: int) -> None:
    with pytest.raises(InvalidInput, match="between 0 and 65535"):
        listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_a_foreign_host_is_a_sentence(host: str) -> None:
    with pytest.raises(InvalidInput, match="of this machine") as raised:
        listen(host, 0)
    assert raised.value.field == "host"


def test_answers_do_not_wait_for_an_acknowledgement(tmp_path: Path) -> None:
    view = launch.show(fusion_board(), port=0, store=tmp_path)
    try:
        with httpx.Client(base_url=view.url, trust_env=False) as client:
            seconds = []
            for _ in range(20):
                started = time.perf_counter()
                client.get("healthz")
                seconds.append(time.perf_counter() - started)
        assert min(seconds) < 0.03  # with Nagle's delay none takes less than 0.04
    finally:
        view.close()


@pytest.mark.parametrize(
    ("host", "base_url", "token", "expected"),
    [
        ("127.0.0.1", "", None, "http://127.0.0.1:PORT/"),
        ("localhost", "", None, "http://localhost:PORT/"),
        ("::1", "", None, "http://[::1]:PORT/"),
        ("0.0.0.0", "", "a b", "http://127.0.0.1:PORT/?token=a+b"),
        ("127.0.0.1", "board", None, "http://127.0.0.1:PORT/board/"),
        ("0.0.0.0", "https://x.example/b", "t", "https://x.example/b/?token=t"),
    ],
)
def test_the_address_is_one_to_click(
    taken: int, host: str, base_url: str, token: str | None, expected: str
) -> None:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        found = launch.address(sock, host, base_url, token)
    assert found == expected.replace("PORT", str(port))


def test_the_address_opens_the_boards_own_view() -> None:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        found = launch.address(sock, "127.0.0.1", "", None, "view=explain&example=3")
        assert found.endswith("/?view=explain&example=3")
        found = launch.address(sock, "127.0.0.1", "", "a b", "view=explain")
        assert found.endswith("/?view=explain&token=a+b")


def test_the_store_is_the_boards_own_in_the_users_cache(tmp_path: Path) -> None:
    assert launch.store_path("Easy VQA (test)").name == "easy-vqa-test"
    assert launch.store_path("///").name == "board"
    assert launch.store_path("../../etc").name == "etc"
    assert launch.store_path("x", tmp_path / "mine") == tmp_path / "mine"


def test_a_notebook_shows_reads_and_closes(tmp_path: Path) -> None:
    view = launch.show(fusion_board(), port=0, store=tmp_path / "store", height=321)
    try:
        frame = view._repr_html_()
        assert f'src="{view.url}"' in frame
        assert 'height="321"' in frame
        assert httpx.get(view.url + "healthz", trust_env=False).status_code == 200
        policy = httpx.get(view.url, trust_env=False).headers["content-security-policy"]
        assert "http://localhost:*" in policy
        assert view.selection == []
        body = {"examples": [3, 1]}
        assert httpx.put(view.url + "api/selection", json=body, trust_env=False).status_code == 200
        assert view.selection == [3, 1]
        before = httpx.get(view.url + "api/pulse", trust_env=False).json()["selection"]
        view.selection = [5, 2, 5]
        assert httpx.get(view.url + "api/selection", trust_env=False).json() == {"examples": [5, 2]}
        assert httpx.get(view.url + "api/pulse", trust_env=False).json()["selection"] > before
        with pytest.raises(InvalidInput, match="There is no example 30"):
            view.selection = [30]
        assert view.selection == [5, 2]
    finally:
        view.close()
    view.close()
    with pytest.raises(httpx.TransportError):
        httpx.get(view.url + "healthz", trust_env=False)


def test_a_cell_that_is_run_again_shows_the_board_anew(tmp_path: Path) -> None:
    first = launch.show(fusion_board(), port=0, store=tmp_path)
    second = launch.show(fusion_board(), port=0, store=tmp_path)
    try:
        assert httpx.get(second.url + "api/examples", trust_env=False).status_code == 200
        with pytest.raises(httpx.TransportError):
            httpx.get(first.url + "healthz", trust_env=False)
    finally:
        second.close()


def test_an_open_event_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    view = launch.show(fusion_board(size=400), port=0, store=tmp_path)
    ask = {"examples": list(range(400)), "method": {"id": "FeatureAblation"}}
    with httpx.Client(base_url=view.url, trust_env=False) as client:
        job = client.post("api/attributions", json=ask).json()["job"]["id"]
        with client.stream("GET", f"api/jobs/{job}/events") as answer:
            assert answer.status_code == 200
            started = time.perf_counter()
            view.close()
            assert time.perf_counter() - started < 8
            for _ in answer.iter_raw():
                pass  # the stream ends in order


def test_off_loopback_a_token_is_made(tmp_path: Path) -> None:
    view = launch.show(fusion_board(), host="0.0.0.0", port=0, store=tmp_path)
    try:
        address, _, token = view.url.partition("?token=")
        assert len(token) >= 32
        assert httpx.get(address + "api/board", trust_env=False).status_code == 401
        with httpx.Client(trust_env=False, follow_redirects=True) as client:
            client.get(view.url)
            assert client.get(address + "api/board").status_code == 200
    finally:
        view.close()


def test_a_bad_option_frees_the_port(tmp_path: Path, taken: int) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        with pytest.raises(InvalidInput, match="too short"):
            launch.show(fusion_board(), port=port, token="x", store=tmp_path)
    assert port != taken
    assert DEFAULT_PORT == 8321


def test_a_frame_goes_by_way_of_the_notebooks_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://127.0.0.1:8321/?token=abc"
    assert launch.frame_address(url, "") == url
    assert launch.frame_address(url, "/proxy/8321") == "/proxy/8321/?token=abc"
    assert launch.frame_address("https://box.example/b/", "https://box.example/b") == (
        "https://box.example/b/"
    )
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ann/")
    assert launch.frame_address(url, "") == "/user/ann/proxy/8321/?token=abc"


def test_on_a_hub_the_board_asks_for_a_token_and_goes_by_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ann/")
    view = launch.show(fusion_board(), port=0, store=tmp_path)
    try:
        assert re.search(r'src="/user/ann/proxy/\d+/\?token=[\w-]{20,}"', view._repr_html_())
        address = view.url.partition("?")[0]
        asked = {"headers": {"Host": "hub.example"}, "trust_env": False}
        assert httpx.get(address + "api/board", **asked).status_code == 401
        assert httpx.get(view.url, follow_redirects=False, **asked).status_code == 303
    finally:
        view.close()
