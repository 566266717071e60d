"""Graphs: nodes and edges in the forms people have them, their groups, baselines and places."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import networkx
import numpy as np
import pytest
import torch
from scipy import sparse
from torch import Tensor, nn

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import InvalidInput
from attriboard.inputs.layout import places

PATH = torch.tensor([[0.0, 1, 0], [1, 0, 2], [0, 2, 0]])


def _listed() -> dict[str, Any]:
    return {"edge_index": [[0, 1], [1, 2]], "edge_weight": [1.0, 2.0], "num_nodes": 3}


@pytest.mark.parametrize(
    "raw",
    [
        PATH,
        PATH.tolist(),
        PATH.double().numpy(),
        sparse.csr_matrix(PATH.numpy()),
        networkx.from_numpy_array(PATH.numpy()),
        _listed(),
        SimpleNamespace(**_listed()),
    ],
)
def test_edges_come_in_many_forms(raw: Any) -> None:
    found = ab.Edges("ties", of="people").tensor(raw)
    assert found.dtype == torch.float32
    assert torch.equal(found, PATH)


def test_directed_edges_are_not_mirrored() -> None:
    edges = ab.Edges("ties", of="people", directed=True, dtype=torch.float64)
    assert torch.equal(edges.tensor(_listed()), PATH.triu().double())
    assert edges.view(_listed())["directed"]


def test_a_view_holds_each_edge_once_and_where_the_nodes_lie() -> None:
    view = ab.Edges("ties", of="people").view(PATH)
    assert view["edges"] == [[0, 1, 1.0], [1, 2, 2.0]]
    assert (view["of"], view["nodes"], view["directed"]) == ("people", 3, False)
    (a, b, c) = (torch.tensor(place) for place in view["places"])
    assert (a - c).norm() > 1.5 * (a - b).norm()  # two steps are longer than one


def test_nodes_are_rows_of_features() -> None:
    graph = ab.Graph("people", columns=["age", "height"])
    raw = {"x": [[1, 2], [3, 4], [5, 6]], "names": ["Ann", "Ben", "Cy"]}
    assert torch.equal(graph.tensor(raw), torch.tensor([[1.0, 2], [3, 4], [5, 6]]))
    view = graph.view(raw)
    assert view["names"] == ["Ann", "Ben", "Cy"]
    assert view["columns"] == ["age", "height"]
    assert ab.Graph("n").tensor(np.ones(4)).shape == (4, 1)
    assert ab.Graph("n").tensor(np.ones((4, 2))).dtype == torch.float64


def test_groups_of_nodes_and_edges() -> None:
    graph, edges = ab.Graph("n"), ab.Edges("e", of="n")
    nodes = torch.ones(3, 2)
    assert graph.default_features(nodes) == "nodes"
    assert graph.features(nodes, nodes, "nodes").tolist() == [[0, 0], [1, 1], [2, 2]]
    assert graph.features(nodes, nodes, "columns").tolist() == [[0, 1]] * 3
    assert edges.features(PATH, PATH, "edges").tolist() == [[2, 0, 2], [0, 2, 1], [2, 1, 2]]
    assert edges.features(PATH, PATH, "nodes")[0].tolist() == [0, 1, 2]
    one_way = ab.Edges("e", of="n", directed=True)
    assert one_way.features(PATH, PATH, "edges").max() == 4  # four edges, then what is not joined


def test_baselines() -> None:
    graph, edges = ab.Graph("n"), ab.Edges("e", of="n")
    nodes = torch.tensor([[1.0, 4], [3, 8]])
    sample = [torch.zeros(2, 2), torch.ones(6, 2)]
    assert graph.baseline("zero", nodes, nodes, sample, 0).eq(0).all()
    assert graph.baseline("own", nodes, nodes, sample, 0).tolist() == [[2, 6]] * 2
    assert graph.baseline("mean", nodes, nodes, sample, 0).tolist() == [[0.75, 0.75]] * 2
    assert edges.baseline("none", PATH, PATH, [], 0).eq(0).all()
    assert torch.equal(edges.baseline("kept", PATH, PATH, [], 0), PATH)


def test_size_fills_up_so_that_graphs_share_a_batch() -> None:
    assert ab.Graph("n", size=5).tensor(torch.ones(3, 2)).sum(1).tolist() == [2, 2, 2, 0, 0]
    filled = ab.Edges("e", of="n", size=5).tensor(PATH)
    assert filled.shape == (5, 5)
    assert torch.equal(filled[:3, :3], PATH)
    with pytest.raises(InvalidInput, match="3 nodes, more than size=2"):
        ab.Graph("n", size=2).tensor(torch.ones(3, 2))


def test_a_graph_without_edges_is_shown_and_grouped() -> None:
    empty, edges = torch.zeros(3, 3), ab.Edges("e", of="n")
    assert edges.view(empty)["edges"] == []
    assert edges.features(empty, empty, "edges").eq(0).all()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: ab.Graph("n").tensor(torch.ones(0, 2)), "a graph has no nodes"),
        (lambda: ab.Graph("n").tensor(torch.ones(2, 2, 2)), r"shape \(2, 2, 2\)"),
        (lambda: ab.Graph("n").tensor("ring"), "are a str"),
        (lambda: ab.Graph("n").tensor([[float("nan")]]), "not a finite number"),
        (lambda: ab.Graph("n", columns=["a"]).tensor([[1, 2]]), "2 features, columns= names 1"),
        (lambda: ab.Graph("n").view({"x": [[1]], "names": []}), "0 names for 1 nodes"),
        (lambda: ab.Edges("e", of="n").tensor(torch.ones(2, 3)), r"shape \(2, 3\)"),
        (lambda: ab.Edges("e", of="n").tensor(torch.ones(0, 0)), "no nodes"),
        (lambda: ab.Edges("e", of="n").tensor({"edge_index": [[0], [1]]}), '"num_nodes"'),
        (
            lambda: ab.Edges("e", of="n").tensor({"edge_index": [[0], [7]], "num_nodes": 3}),
            "nodes 0 to 2",
        ),
        (lambda: ab.Edges("e", of="n").from_file(b""), "not read from a file"),
    ],
)
def test_what_is_wrong_is_said(call: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        call()


def test_places_keep_neighbours_close_and_stay_on_the_page() -> None:
    graph = networkx.to_numpy_array(networkx.karate_club_graph())
    found = places(graph)
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.array_equal(found, places(graph))
    length = np.linalg.norm(found[:, None] - found[None], axis=2)
    joined = graph > 0
    assert length[joined].mean() < 0.6 * length[~joined].mean()
    assert len(np.unique(found.round(3), axis=0)) == len(found)


def test_parts_that_nothing_joins_lie_apart() -> None:
    found = places(np.zeros((4, 4)))
    apart = np.linalg.norm(found[:, None] - found[None], axis=2)[np.triu_indices(4, 1)]
    assert apart.min() > 0.3
    assert places(np.zeros((1, 1))).tolist() == [[0.5, 0.5]]


class Sum(nn.Module):
    """Two scores of a graph: sums along the edges, as PyTorch Geometric's layers make them."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2, dtype=torch.float64)

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor, batch: Tensor) -> Tensor:
        sent = self.linear(x).tanh()[edge_index[0]] * edge_weight[:, None]
        near = torch.zeros(len(x), 2, dtype=x.dtype).index_add(0, edge_index[1], sent)
        graphs = int(batch.max()) + 1
        return torch.zeros(graphs, 2, dtype=x.dtype).index_add(0, batch, near.tanh())


def test_a_model_of_edge_lists_has_a_board_of_graphs_of_unequal_size() -> None:
    generator = torch.Generator().manual_seed(0)
    items = []
    for count in (4, 6, 5, 6):
        adjacency = (torch.rand(count, count, generator=generator) > 0.5).double()
        nodes = torch.randn(count, 3, generator=generator, dtype=torch.float64)
        items.append(((nodes, adjacency), count % 2))
    board = ab.Board(
        ab.EdgeList(Sum()),
        items,
        inputs=[ab.Graph("n"), ab.Edges("e", of="n", directed=True, dtype=torch.float64)],
        output=ab.Classes(["even", "odd"]),
    )
    example = board.example(1)
    nodes, edges = board.tensors([example])
    baseline = board.baseline(None, example)
    method = engine.IntegratedGradients(n_steps=200)
    result = engine.attribute(board.models["model"], (nodes, edges), method, 0, baselines=baseline)
    assert result.delta.abs().item() < 1e-4  # the attributions add up to the score
    assert result.attributions[1].abs().sum() > 0
    with pytest.raises(InvalidInput, match="Only examples of equal shape share a batch"):
        board.tensors([board.example(0), example])


def test_graphs_of_a_batch_do_not_mix() -> None:
    model, nodes = ab.EdgeList(Sum()), torch.randn(2, 4, 3, dtype=torch.float64)
    edges = (torch.rand(2, 4, 4) > 0.4).double()
    alone = torch.cat([model(nodes[i : i + 1], edges[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(model(nodes, edges), alone)
