"""DeepLift by dual recording: Shrikumar et al. 2017, https://arxiv.org/abs/1704.02685.

The baseline goes through the model first, and each call that is not linear is taped. Then the
input goes through it, looks its calls up in order, and gives each a backward pass that sends back
what the output changed by, neither more nor less. No batch dimension is assumed, and no module:
what is called twice, in place or functionally is one call like any other.
"""

from attriboard.engine.rules.deep_lift.rules import DeepLiftRules

__all__ = ["DeepLiftRules"]
