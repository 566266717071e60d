"""Clips: in the forms and layouts people have them, seen, grouped, short, odd and broken."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import InvalidInput
from attriboard.inputs.sheets import Sheet, sheet_of

FRAMES, HEIGHT, WIDTH = 6, 12, 16
BYTES = np.random.default_rng(0).integers(0, 256, (FRAMES, HEIGHT, WIDTH, 3), dtype=np.uint8)
PICTURES = [Image.fromarray(frame) for frame in BYTES]
FIRST = torch.from_numpy(BYTES).permute(0, 3, 1, 2)  # (T, C, H, W)
SCALED = FIRST / 255


def gif(frames: list[Image.Image], milliseconds: int = 100) -> bytes:
    target = io.BytesIO()
    first, *rest = frames
    first.save(target, "GIF", save_all=True, append_images=rest, duration=milliseconds, disposal=2)
    return target.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        BYTES,
        BYTES / np.float32(255),
        BYTES.transpose(0, 3, 1, 2),
        BYTES.transpose(3, 0, 1, 2),
        FIRST,
        FIRST.permute(1, 0, 2, 3),
        SCALED,
        PICTURES,
        list(BYTES),
        tuple(FIRST),
    ],
)
def test_clips_come_in_many_forms(raw: Any) -> None:
    found = ab.Video("clip").tensor(raw)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, SCALED)


@pytest.mark.parametrize(
    ("layout", "axes"),
    [("TCHW", (0, 1, 2, 3)), ("CTHW", (1, 0, 2, 3)), ("THWC", (0, 2, 3, 1))],
)
def test_the_model_gets_its_layout(layout: Any, axes: tuple[int, ...]) -> None:
    entry = ab.Video("clip", layout=layout)
    torch.testing.assert_close(entry.tensor(BYTES), SCALED.permute(axes))
    assert entry.tensor(entry.tensor(BYTES)).equal(entry.tensor(BYTES))


def test_grey_clips_have_one_channel_or_no_axis_for_it() -> None:
    grey = BYTES[..., 0]
    assert ab.Video("clip").tensor(grey).shape == (FRAMES, 1, HEIGHT, WIDTH)
    assert ab.Video("clip", layout="CTHW").tensor(grey).shape == (1, FRAMES, HEIGHT, WIDTH)
    plain = ab.Video("clip", layout="THW")
    assert plain.tensor(grey).shape == (FRAMES, HEIGHT, WIDTH)
    assert plain.view(grey)["channels"] == 1
    assert plain.features(grey, plain.tensor(grey), "tubes").shape == (FRAMES, HEIGHT, WIDTH)
    with pytest.raises(InvalidInput, match="3 channels, but the model's layout is THW"):
        plain.tensor(BYTES)


def test_stored_says_what_the_shape_leaves_open() -> None:
    odd = torch.rand(2, FRAMES, HEIGHT, WIDTH)  # flow in two directions
    entry = ab.Video("flow", stored="CTHW")
    assert entry.tensor(odd).shape == (FRAMES, 2, HEIGHT, WIDTH)
    assert ab.Video("flow", layout="CTHW").tensor(odd).equal(odd)
    assert entry.view(odd)["channels"] == 2
    shown = Image.open(io.BytesIO(entry.fitted([odd]).media(odd).body))
    assert shown.mode == "L"
    with pytest.raises(InvalidInput, match="3 dimensions"):
        ab.Video("flow", stored="THW").tensor(odd)


def test_mean_and_std_are_applied_to_bytes_and_undone_for_viewing() -> None:
    entry = ab.Video("clip", mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.4], layout="THWC")
    expected = (torch.from_numpy(BYTES) / 255 - torch.tensor([0.5, 0.4, 0.3])) / torch.tensor(
        [0.2, 0.3, 0.4]
    )
    torch.testing.assert_close(entry.tensor(BYTES), expected)
    assert np.array_equal(unsheeted(entry.fitted([BYTES]), BYTES), BYTES)
    with pytest.raises(InvalidInput, match="2 entries"):
        ab.Video("clip", mean=[0.5, 0.5]).tensor(BYTES)


def unsheeted(entry: ab.Video, raw: Any) -> Any:
    """The frames as they are cut out of the sheet, (T, H, W, C)."""
    view = entry.view(raw)
    sheet = Sheet(**view["sheet"])
    whole = np.asarray(Image.open(io.BytesIO(entry.media(raw).body)))
    tiles = whole.reshape(sheet.rows, sheet.height, sheet.columns, sheet.width, -1)
    return tiles.transpose(0, 2, 1, 3, 4).reshape(-1, sheet.height, sheet.width, tiles.shape[-1])[
        : view["frames"]
    ]


def test_a_transform_decides_the_tensor_and_its_tone_is_measured() -> None:
    def prepared(clip: Any) -> Tensor:
        return (torch.from_numpy(clip).permute(3, 0, 1, 2).double() - 127) / 128

    entry = ab.Video("clip", prepared, layout="CTHW").fitted([BYTES])
    assert entry.tensor(BYTES).dtype == torch.float64
    assert np.array_equal(unsheeted(entry, BYTES), BYTES)
    black = entry.baseline("black", BYTES, entry.tensor(BYTES), [], 0)
    assert black.unique().tolist() == [-127 / 128]


def test_frames_are_taken_evenly() -> None:
    entry = ab.Video("clip", frames=3, rate=12)
    assert entry.tensor(BYTES).equal(SCALED[[1, 3, 5]])
    assert ab.Video("clip", frames=9).tensor(BYTES).shape[0] == 9
    assert entry.facts(BYTES) == {}
    assert ab.Video("clip").facts(BYTES) == {"clip frames": FRAMES}


def test_the_view_says_how_to_cut_the_sheet() -> None:
    view = ab.Video("clip", rate=25, layout="CTHW").view(BYTES)
    assert view == {
        "kind": "video",
        "frames": 6,
        "width": 16,
        "height": 12,
        "channels": 3,
        "rate": 25,
        "layout": "CTHW",
        "sheet": {"columns": 2, "rows": 3, "width": 16, "height": 12},
    }


@pytest.mark.parametrize("size", [(1, 1, 1), (7, 3, 500), (300, 1080, 1920), (5000, 64, 64)])
def test_sheets_stay_small_enough_for_any_page(size: tuple[int, int, int]) -> None:
    count, height, width = size
    sheet = sheet_of(count, height, width)
    assert count <= sheet.columns * sheet.rows < count + sheet.columns
    across, down = sheet.columns * sheet.width, sheet.rows * sheet.height
    assert max(across, down) <= 8192
    assert across * down <= 16_000_000
    assert sheet.width <= width
    assert sheet.height <= height


def test_thumbnails_show_four_frames_or_the_middle_one() -> None:
    entry = ab.Video("clip").fitted([BYTES])
    small = Image.open(io.BytesIO(entry.media(BYTES, 320).body))
    assert small.size == (2 * WIDTH + 1, 2 * HEIGHT + 1)
    assert np.array_equal(np.asarray(small)[:HEIGHT, :WIDTH], BYTES[0])
    assert np.array_equal(np.asarray(small)[HEIGHT + 1 :, WIDTH + 1 :], BYTES[5])
    assert Image.open(io.BytesIO(entry.media(BYTES, 20).body)).width == 20
    short = Image.open(io.BytesIO(entry.media(BYTES[:3], 320).body))
    assert np.array_equal(np.asarray(short), BYTES[1])


def test_groups_in_space_and_time() -> None:
    entry = ab.Video("clip", patch=6, slice=3, layout="CTHW")
    tensor = entry.tensor(BYTES)
    assert entry.default_features(tensor) == "tubes"
    tubes = entry.features(BYTES, tensor, "tubes")
    assert tubes.shape == tensor.shape
    assert tubes.unique().tolist() == list(range(2 * 2 * 3))
    assert tubes[:, 0, 0, 0].tolist() == [0, 0, 0]
    assert (int(tubes[2, 2, 5, 5]), int(tubes[2, 3, 5, 5]), int(tubes[2, 3, 6, 12])) == (0, 6, 11)
    patches = entry.features(BYTES, tensor, "patches")
    assert patches.unique().tolist() == list(range(6))
    assert patches[0, 0].equal(patches[2, 5])
    frames = entry.features(BYTES, tensor, "frames")
    assert frames[1, :, 3, 4].tolist() == list(range(FRAMES))
    assert frames[0, 2].unique().tolist() == [2]
    assert entry.window(tensor) == ((3, 3, 6, 6), (3, 1, 3, 3))
    assert entry.summed(torch.ones(3, FRAMES, HEIGHT, WIDTH)).eq(3).all()


def test_baselines_of_time_and_space() -> None:
    entry = ab.Video("clip").fitted([BYTES])
    tensor = entry.tensor(BYTES)
    sample = [tensor, torch.zeros(2, 3, 5, 5)]

    def made(kind: str, seed: int = 0) -> Tensor:
        found = entry.baseline(kind, BYTES, tensor, sample, seed)
        assert (found.shape, found.dtype) == (tensor.shape, tensor.dtype)
        return found

    torch.testing.assert_close(made("still")[4], tensor.mean(0))
    assert made("first").equal(tensor[:1].expand_as(tensor))
    assert made("black").eq(0).all()
    assert made("white").eq(1).all()
    pixels = FRAMES * HEIGHT * WIDTH
    mean = tensor.sum((0, 2, 3)) / (pixels + 50)
    torch.testing.assert_close(made("mean")[3, :, 2, 2], mean)
    assert made("noise", 1).equal(made("noise", 1))
    assert not made("noise", 1).equal(made("noise", 2))
    blurred = made("blur")
    assert blurred.std() < tensor.std() / 2
    torch.testing.assert_close(blurred[2], single(entry, BYTES[2:3]), atol=1e-5, rtol=0)


def single(entry: ab.Video, raw: Any) -> Tensor:
    """The blur of a clip of one frame: no frame sees another."""
    return entry.baseline("blur", raw, entry.tensor(raw), [], 0)[0]


def test_the_default_baseline_is_chosen_by_the_data() -> None:
    night = BYTES * (np.arange(WIDTH) < 3)[:, None].astype(np.uint8)
    dark, bright = ab.Video("clip").fitted([night]), ab.Video("clip").fitted([BYTES])
    assert (dark.default_baseline, bright.default_baseline) == ("black", "mean")
    assert "81% of these clips is black" in dark.baseline_reason
    assert "no colour of these clips" in bright.baseline_reason
    unknown = ab.Video("clip").fitted([torch.randn(4, 3, 8, 8)])
    assert "black" not in [choice.id for choice in unknown.baseline_kinds()]


def test_a_clip_of_one_frame() -> None:
    entry = ab.Video("clip").fitted([BYTES[:1]])
    tensor = entry.tensor(BYTES[:1])
    assert tensor.shape == (1, 3, HEIGHT, WIDTH)
    assert entry.view(BYTES[:1])["sheet"] == {"columns": 1, "rows": 1, "width": 16, "height": 12}
    assert entry.window(tensor)[0][0] == 1
    assert entry.features(BYTES[:1], tensor, "frames").eq(0).all()
    assert np.array_equal(unsheeted(entry, BYTES[:1]), BYTES[:1])


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (torch.zeros(0, 3, 8, 8), "no frames"),
        ([], "no frames"),
        (torch.zeros(2, 0, 8, 8), "no frames"),
        (torch.full((2, 3, 4, 4), float("nan")), "not finite"),
        (torch.zeros(8, 8), r"shape \(8, 8\)"),
        (torch.zeros(1, 4, 3, 8, 8), "drop the leading batch"),
        (BYTES[0], "single picture in colour"),
        (PICTURES[0], "single picture"),
        ([BYTES[0], BYTES[1][:5]], "different shapes"),
        (["a.png"], "list of str"),
        ({"frames": 3}, "a dict is no clip"),
        (np.full((2, 4, 4, 3), 300, np.int32), "run from 0 to 255"),
        ("nowhere.mp4", "no file 'nowhere.mp4'"),
        (b"no film at all", "cannot be read as a film"),
    ],
)
def test_what_is_wrong_is_said(raw: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        ab.Video("clip").tensor(raw)


def test_wrong_options_are_said() -> None:
    with pytest.raises(InvalidInput, match="TCHW, CTHW, THWC, THW"):
        ab.Video("clip", layout="HWC")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="at least 1"):
        ab.Video("clip", frames=0)
    with pytest.raises(InvalidInput, match="above 0"):
        ab.Video("clip", rate=0)
    with pytest.raises(InvalidInput, match="transform= failed on a ndarray: ValueError"):
        ab.Video("clip", lambda clip: torch.from_numpy(clip.reshape(7))).tensor(BYTES)
    with pytest.raises(InvalidInput, match=r"torch.uint8 of shape \(6, 12, 16, 3\)"):
        ab.Video("clip", torch.from_numpy).tensor(BYTES)


def test_a_gif_is_read_without_pyav(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    flat = [Image.new("RGB", (10, 6), colour) for colour in ("red", "lime", "blue", "white")]
    path = tmp_path / "colours.gif"
    path.write_bytes(gif(flat, 250))
    entry = ab.Video("clip", frames=2)
    assert entry.tensor(path)[:, :, 3, 3].tolist() == [[0, 1, 0], [1, 1, 1]]
    assert entry.view(str(path))["rate"] == 2  # every second of four frames a second
    with pytest.raises(InvalidInput, match=r'pip install "attriboard\[video\]"'):
        entry.tensor(b"\x00\x00\x00 ftypisom")


def test_a_film_is_read_by_pyav(tmp_path: Path) -> None:
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("mpeg4", rate=5, width=32, height=16, pix_fmt="yuv420p")
        for level in (0, 80, 160, 240):
            shade = np.full((16, 32, 3), level, np.uint8)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        film.mux(stream.encode(None))
    entry = ab.Video("clip", layout="CTHW")
    found = entry.tensor(path)
    assert found.shape == (3, 4, 16, 32)
    torch.testing.assert_close(
        found.mean((0, 2, 3)), torch.tensor([0, 80, 160, 240]) / 255, atol=0.03, rtol=0
    )
    assert entry.view(path)["rate"] == 5


@pytest.mark.parametrize("kind", ["bytes", "tensor", "floats", "pictures", "grey"])
def test_a_file_of_ones_own_becomes_the_datasets_kind(kind: str) -> None:
    raws = {
        "bytes": BYTES,
        "tensor": FIRST.permute(1, 0, 2, 3),
        "floats": SCALED,
        "pictures": PICTURES,
        "grey": BYTES[..., 0],
    }
    raw = raws[kind]
    entry = ab.Video("clip").fitted([raw])
    white = [Image.new("RGB", (64, 64), "white")] * 3
    found = entry.parse(gif(white))
    assert type(found) is type(raw)
    assert entry.tensor(found).shape == entry.tensor(raw).shape
    torch.testing.assert_close(entry.tensor(found), torch.ones_like(entry.tensor(raw)))


def test_a_baseline_of_another_length_and_size_is_fitted() -> None:
    entry = ab.Video("clip", layout="CTHW")
    like = torch.zeros(3, 4, 6, 8)
    assert entry.matched(torch.ones(3, 9, 12, 12), like).eq(1).all()
    with pytest.raises(InvalidInput, match="Choose a baseline of the same shape"):
        entry.matched(torch.ones(1, 4, 6, 8), like)


class Late(nn.Module):
    """Scores how bright the right half is in the second half of the clip, against the rest."""

    def forward(self, clip: Tensor) -> Tensor:  # (N, T, H, W, C), doubles
        halves = clip[:, clip.shape[1] // 2 :, :, clip.shape[3] // 2 :].mean((1, 2, 3, 4))
        return torch.stack([-halves, halves], 1)


def test_a_board_of_doubles_channels_last_and_unequal_lengths() -> None:
    flows = [np.random.default_rng(i).random((2, 4 + 2 * i, 8, 8)) for i in range(3)]
    board = ab.Board(
        Late(),
        [(flow, 1) for flow in flows],
        inputs=ab.Video("flow", layout="THWC", stored="CTHW", patch=4, slice=2),
        output=ab.Classes(["early", "late"]),
    )
    example = board.example(1)
    tensors = board.tensors([example])
    assert (tensors[0].dtype, tuple(tensors[0].shape)) == (torch.float64, (1, 6, 8, 8, 2))
    found = engine.attribute(
        board.models["model"],
        tensors,
        engine.FeatureAblation(),
        1,
        baselines=board.baseline(None, example),
        features=board.features({"flow": "tubes"}, example),
    ).attributions[0]
    elsewhere = found.clone()
    elsewhere[:, 3:, :, 4:] = 0
    assert found.abs().sum() > 0
    assert elsewhere[:, :2].eq(0).all()
    assert elsewhere[:, :, :, :4].eq(0).all()
    assert example.metadata == {"flow frames": 6}
    with pytest.raises(InvalidInput, match="Only examples of equal shape share a batch"):
        board.tensors([board.example(0), board.example(2)])
