"""Files as users write them."""

from __future__ import annotations

GOOD = """
import torch
from torch import nn
import attriboard as ab

torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
data = [(torch.rand(3, 4, 4), i % 2) for i in range(6)]
board = ab.Board(model, data, ab.Image("photo"), ab.Classes(["no", "yes"]), name="Mine")

def make():
    return board

def needs(argument):
    return board

def fails():
    return compute(0)

def compute(x):
    return 1 / x

number = 3
"""

WRONG_BOARD = """
import torch
import attriboard as ab

board = ab.Board(torch.nn.Linear(2, 2), [], ab.Image("photo"), ab.Classes(["no", "yes"]))
"""
