"""Small models with a known rule, trained in a second, and their data."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

WORDS = ["<pad>", "not", "a", "cat", "dog", "here", "there"]
TAGS = ["O", "PET", "WILD"]
"""An animal is a PET, after "not" it is WILD; all else is O."""
KINDS = ["round", "long", "flat"]


class Tagger(nn.Module):
    """Token ids (N, L) to (N, L, 3): each position sees its own word and the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), 8)
        self.mix = nn.Conv1d(8, 16, 2)
        self.tags = nn.Linear(16, len(TAGS))

    def forward(self, ids: Tensor) -> Tensor:
        rows = nn.functional.pad(self.words(ids).mT, (1, 0))
        scores: Tensor = self.tags(self.mix(rows).relu().mT)
        return scores


def sentences(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Sentences of three to six words, with a tag for each."""
    draw = torch.Generator().manual_seed(seed)
    found = []
    for index in range(count):
        ids = torch.randint(1, len(WORDS), (3 + index % 4,), generator=draw).tolist()
        text = " ".join(WORDS[i] for i in ids)
        found.append({"text": text, "label": _tags(ids), "length": len(ids)})
    return found


def encoded(text: str) -> list[int]:
    return [WORDS.index(word) for word in text.split()]


def _tags(ids: list[int]) -> list[str]:
    before = [0, *ids[:-1]]
    animals = {WORDS.index("cat"), WORDS.index("dog")}
    wild = WORDS.index("not")
    return [
        ("WILD" if last == wild else "PET") if now in animals else "O"
        for last, now in zip(before, ids, strict=True)
    ]


def trained_tagger(steps: int = 120) -> Tagger:
    """A tagger that has learned the rule."""
    torch.manual_seed(0)
    model = Tagger()
    data = [row for row in sentences(600, seed=1) if row["length"] == 6]
    ids = torch.tensor([encoded(row["text"]) for row in data])
    truth = torch.tensor([[TAGS.index(tag) for tag in row["label"]] for row in data])
    adam = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(ids).flatten(0, 1), truth.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
    return model.eval()


class TwoHeads(nn.Module):
    """Rows (N, 4) to what they are and how much they weigh; `more` adds a third head."""

    def __init__(self, more: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Linear(4, 12)
        self.kind = nn.Linear(12, 3)
        self.weight = nn.Linear(12, 1)
        self.more = nn.Linear(12, 2) if more else None

    def forward(self, rows: Tensor) -> dict[str, Tensor]:
        seen = self.body(rows).tanh()
        found = {"kind": self.kind(seen), "weight": self.weight(seen)[:, 0]}
        return found if self.more is None else {"colour": self.more(seen), **found}


def things(count: int) -> list[dict[str, Any]]:
    """Rows of four columns, each with a kind and a weight."""
    draw = torch.Generator().manual_seed(0)
    rows = torch.randn(count, 4, generator=draw)
    return [
        {
            **{f"x{place}": round(float(value), 4) for place, value in enumerate(row)},
            "label": {
                "kind": int(row[:3].argmax()),
                "weight": round(float(row[0] + 2 * row[3]), 3),
            },
        }
        for row in rows
    ]


def trained_heads(steps: int = 150) -> TwoHeads:
    """A model that has learned both."""
    model, data = TwoHeads(), things(400)
    rows = torch.tensor([[one[f"x{place}"] for place in range(4)] for one in data])
    kinds = torch.tensor([one["label"]["kind"] for one in data])
    weights = torch.tensor([one["label"]["weight"] for one in data])
    adam = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(steps):
        said = model(rows)
        loss = nn.functional.cross_entropy(said["kind"], kinds)
        loss = loss + nn.functional.mse_loss(said["weight"], weights)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return model.eval()


SIDE = 16
SQUARES = ["nothing", "red", "blue"]


class Segmenter(nn.Module):
    """Pictures (N, 3, 16, 16) to (N, 3, 16, 16): each pixel sees 3 x 3."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(3, 8, 3, padding=1)
        self.tell = nn.Conv2d(8, len(SQUARES), 1)

    def forward(self, picture: Tensor) -> Tensor:
        scores: Tensor = self.tell(self.see(picture).relu())
        return scores


def squares(count: int, seed: int = 0) -> list[tuple[Tensor, Tensor]]:
    """Pictures of a red or a blue square, or both, on grey noise, with the class of each pixel."""
    draw = torch.Generator().manual_seed(seed)
    found = []
    for index in range(count):
        picture = 0.4 + 0.1 * torch.rand(3, SIDE, SIDE, generator=draw)
        label = torch.zeros(SIDE, SIDE, dtype=torch.int64)
        for kind in (1, 2) if index % 3 == 2 else (1 + index % 3,):
            y, x = torch.randint(0, SIDE - 5, (2,), generator=draw).tolist()
            picture[:, y : y + 5, x : x + 5] = 0.1
            picture[0 if kind == 1 else 2, y : y + 5, x : x + 5] = 0.9
            label[y : y + 5, x : x + 5] = kind
        found.append((picture, label))
    return found


def trained_segmenter(steps: int = 50) -> Segmenter:
    """A segmenter that has learned the colours."""
    torch.manual_seed(0)
    model, data = Segmenter(), squares(24, seed=1)
    pictures, labels = (torch.stack(part) for part in zip(*data, strict=True))
    adam = torch.optim.Adam(model.parameters(), 0.03)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(pictures), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return model.eval()


class SquaresAndKind(nn.Module):
    """The class of each pixel, and which squares there are at all, of one trained segmenter."""

    def __init__(self) -> None:
        super().__init__()
        self.segmenter = trained_segmenter()

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        mask = self.segmenter(picture)
        red, blue = mask.softmax(1)[:, 1:].mean((2, 3)).sub(0.03).mul(50).tanh().unbind(1)
        kind = torch.stack([red - blue, blue - red, red + blue - 1], 1)
        return {"mask": mask, "kind": kind}


def squares_and_kind(count: int) -> list[dict[str, Any]]:
    """The pictures of `squares`, with the class of each pixel and which squares there are."""
    return [
        {"picture": picture, "label": {"mask": label, "kind": index % 3}}
        for index, (picture, label) in enumerate(squares(count))
    ]


class Alone(nn.Module):
    """One head of another model."""

    def __init__(self, model: nn.Module, head: str) -> None:
        super().__init__()
        self.model, self.head = model, head

    def forward(self, rows: Tensor) -> Tensor:
        found: Tensor = self.model(rows)[self.head]
        return found
