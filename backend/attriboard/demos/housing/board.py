"""The demo's board: every tract, and the trained network."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.housing.data import Tracts, housing
from attriboard.demos.housing.model import trained
from attriboard.inputs import Tabular
from attriboard.outputs import Regression

ABOUT = (
    "What houses cost in 506 parts of Boston in 1970, from thirteen columns. In this part, which "
    "the network never saw, nothing lowers the price as much as b: a column made from the share of "
    "Black residents. The model prices the neighbours, and only a look at its columns tells."
)
# Figure 4 of Captum's paper (arXiv:2009.07896) for a tract that is much like their mean: what the
# units before the last layer did for its price, and what the last layer makes of them, which is the
# price's gradient there.
UNITS = "view=explain&example=503&layer=layers.relu3"
FIGURE = {
    "Figure 4 of Captum's paper: conductance of the last units": f"{UNITS}&method=LayerConductance",
    "Figure 4 of Captum's paper: their learned weights": f"{UNITS}&method=Saliency&p.abs=false",
}


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where mlxtend is not installed."""
    return Board(
        trained(),
        Tracts(),
        inputs=Tabular("tract", housing().columns()),
        output=Regression("price", unit="k$"),
        name="Boston housing",
        about=ABOUT,
        opening="view=explain&example=411",
        views=FIGURE,
    )
