"""Captum's helpers for token ids."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class TokenReferenceBase:
    """Makes baselines of one token, such as padding."""

    def __init__(self, reference_token_idx: int = 0) -> None:
        self.reference_token_idx = reference_token_idx

    def generate_reference(
        self, sequence_length: int, device: torch.device | str | None = None
    ) -> Tensor:
        """`sequence_length` ids of the reference token, (L,)."""
        return torch.full((sequence_length,), self.reference_token_idx, device=device)


class TextTokenInput:
    """A text whose tokens are the features: which of them are there, as a row of ones and zeros.

    tokenizer: an object with encode(text, return_tensors="pt"), convert_ids_to_tokens and
    convert_tokens_to_ids, as those of transformers have. baselines: the id or token that stands
    for an absent one. skip_tokens: ids or tokens that are always there and no features.

    inp_tensor: all ids, (1, L); itp_tensor: those that are features, (1, F); itp_mask: which ones
    they are, (1, L), or None where all are; values: the features as text; n_itp_features: F.
    """

    def __init__(
        self,
        text: str,
        tokenizer: Any,
        baselines: int | str = 0,
        skip_tokens: list[int] | list[str] | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.skip_tokens = skip_tokens
        self.inp_tensor: Tensor = tokenizer.encode(text, return_tensors="pt")
        self.itp_mask = self._features()
        chosen = self.inp_tensor if self.itp_mask is None else self.inp_tensor[self.itp_mask][None]
        self.itp_tensor: Tensor = chosen
        self.values: list[str] = tokenizer.convert_ids_to_tokens(chosen[0].tolist())
        self.n_itp_features = len(self.values)
        self.baselines: int = self._ids([baselines])[0]

    def to_tensor(self) -> Tensor:
        """Every feature there, (1, F)."""
        return torch.ones_like(self.itp_tensor)

    def to_model_input(self, perturbed_tensor: Tensor | None = None) -> Tensor:
        """The ids the model takes, (N, L), for rows (N, F) of ones and zeros; all there if None."""
        if perturbed_tensor is None:
            return self.inp_tensor
        device, rows = perturbed_tensor.device, len(perturbed_tensor)
        there = self.itp_tensor.to(device).expand(rows, -1)
        features = torch.where(perturbed_tensor == 1, there, self.baselines)
        if self.itp_mask is None:
            return features
        ids = self.inp_tensor.to(device).expand(rows, -1).clone()
        ids[self.itp_mask.to(device).expand(rows, -1)] = features.flatten()
        return ids

    def format_attr(self, itp_attr: Tensor) -> Tensor:
        """Attributions of the features as they are."""
        return itp_attr

    def _features(self) -> Tensor | None:
        if not self.skip_tokens:
            return None
        skipped = torch.tensor(self._ids(list(self.skip_tokens)))
        return ~torch.isin(self.inp_tensor, skipped)

    def _ids(self, tokens: list[Any]) -> list[int]:
        if isinstance(tokens[0], str):
            ids: list[int] = self.tokenizer.convert_tokens_to_ids(tokens)
            return ids
        return [int(token) for token in tokens]
