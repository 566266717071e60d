"""Layer-wise relevance propagation: a score shared out, call by call, down to the inputs.

Under the function mode every call is recorded with a backward pass that takes the relevance of
its output to the relevance of its inputs, so that autograd carries relevance instead of slopes:
`torch.autograd.grad` of the seeded scores is the relevance of the inputs, for one target or many.
Relevance itself is carried, not relevance over activation, because the flat, w-square and box
rules give relevance to inputs that are zero.
"""

from attriboard.engine.rules.lrp.follow import followed
from attriboard.engine.rules.lrp.ledger import Ledger
from attriboard.engine.rules.lrp.recipe import COMPOSITES, RULES, Composite, Recipe, Rule

__all__ = ["COMPOSITES", "RULES", "Composite", "Ledger", "Recipe", "Rule", "followed"]
