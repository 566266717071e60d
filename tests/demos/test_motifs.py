"""The demo `motifs`: the nodes of the motif decide, so attributions must rank them above others.

A node's number is its own attribution and half of that of each of its edges, towards the right
class, over 120 test graphs with a motif that the trained network knows. Untrained networks must
fail the same bound: they look at nodes of many edges, some of which are the motif's.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.motifs.data import MOTIF, NODES, SEEDS, SIZES, Motifs, Tensors, made
from attriboard.demos.motifs.model import WEIGHTS, GraphNet, trained, untrained
from attriboard.demos.motifs.train import SEED, correct, train
from attriboard.inputs import Edges

EXAMPLES = 120
BOUND = 0.9


@pytest.fixture(scope="module")
def data() -> Tensors:
    return made(SIZES["test"], SEEDS["test"])


@pytest.fixture(scope="module")
def rows(data: Tensors) -> Tensor:
    """Graphs with a motif that the trained network knows."""
    return (correct(trained(), data) & (data.labels > 0)).nonzero()[:EXAMPLES, 0]


def _auc(model: GraphNet, data: Tensors, rows: Tensor, method: engine.Method) -> float:
    """How often a node of the motif ranks above another node, over all graphs."""
    found = [_ranked(model, data, int(row), method) for row in rows]
    return sum(found) / len(found)


def _ranked(model: GraphNet, data: Tensors, row: int, method: engine.Method) -> float:
    nodes, edges = data.nodes[row : row + 1], data.edges[row : row + 1]
    groups = None
    if method.uses_features:
        ids = torch.arange(NODES)[:, None].expand(NODES, 2)
        pairs = Edges("edges", of="nodes").features(edges[0], edges[0], "edges")
        groups = engine.distinct((ids[None], pairs[None]))
    baselines = (torch.zeros_like(nodes), torch.zeros_like(edges))
    label = int(data.labels[row])
    result = engine.attribute(
        model, (nodes, edges), method, label, baselines=baselines, features=groups
    )
    own, between = result.attributions
    of_edges = between[0] * edges[0]
    own = own[0].mean(1) if groups is not None else own[0].sum(1)
    both = of_edges if groups is not None else of_edges + of_edges.T
    value = own + both.sum(1) / 2
    inside, outside = value[data.motif[row]], value[~data.motif[row]]
    above = inside[:, None] - outside[None]
    return float(((above > 0).float() + 0.5 * (above == 0).float()).mean())


@pytest.mark.parametrize(
    "method", [engine.FeatureAblation(), engine.IntegratedGradients(n_steps=32)], ids=repr
)
def test_the_motif_ranks_above_the_tree(data: Tensors, rows: Tensor, method: engine.Method) -> None:
    assert len(rows) == EXAMPLES
    known = _auc(trained(), data, rows, method)
    beginners = [_auc(untrained(seed), data, rows[:40], method) for seed in range(SEED, SEED + 4)]
    listed = ", ".join(f"{each:.3f}" for each in beginners)
    print(f"\n{type(method).__name__}: trained {known:.3f}, untrained {listed}")
    assert known >= BOUND
    assert max(beginners) < BOUND


def test_accuracy_on_graphs_never_seen(data: Tensors) -> None:
    assert correct(trained(), data).float().mean() >= 0.98
    assert correct(untrained(SEED), data).float().mean() < 0.5


def test_graphs_are_what_they_are_said_to_be(data: Tensors) -> None:
    assert torch.equal(data.edges, data.edges.transpose(1, 2))
    assert (data.motif.sum(1) == MOTIF).all()
    inside = data.motif[:, :, None] & data.motif[:, None, :]
    edges = (data.edges * inside).sum((1, 2)) / 2
    assert [int(edges[data.labels == label].unique()) for label in range(3)] == [4, 6, 5]
    # One edge leads from the tree to the motif, whatever the class.
    crossing = (data.edges * (data.motif[:, :, None] & ~data.motif[:, None, :])).sum((1, 2))
    assert (crossing == 1).all()


def test_the_board_shows_the_motif_by_name() -> None:
    board: Board = DEMOS["motifs"].load()
    assert board.warnings == ()
    assert len(board) == len(Motifs("test"))
    raw = board.example(1).raw["nodes"]
    names = board.inputs[0].view(raw)["names"]
    assert sorted(name for name in names if name[0] == "m") == [f"m{i}" for i in range(MOTIF)]
    assert WEIGHTS.stat().st_size < 100_000


def test_the_same_seed_trains_the_same_network() -> None:
    few = made(60, 5)
    first, second = (train(few, rounds=1, seed=3).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
