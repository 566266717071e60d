"""A model behind an HTTP address, explained by the methods that only need its answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import ModelError

SECONDS = 30.0
LARGEST = 1 << 28  # bytes of an answer


class Endpoint:
    """A black box behind HTTP: called with one tensor an input, it answers scores (N, ...).

    It posts {"inputs": [nested lists, one an input]} as JSON and reads {"outputs": nested lists}.
    `encode` (tensors -> JSON) and `decode` (JSON -> nested lists) speak another server's language;
    `headers` carry what it asks for, such as a key. Every call may take `seconds`.

    Raises ModelError, in a sentence, where the server does not answer or answers something else.
    """

    def __init__(
        self,
        url: str,
        *,
        encode: Callable[..., Any] | None = None,
        decode: Callable[[Any], Any] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ModelError(f"The endpoint's address must begin with http:// or https://: {url}")
        self.url = url
        self._encode = encode
        self._decode = decode
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        self._seconds = seconds

    def __call__(self, *inputs: Tensor) -> Tensor:
        said = self._encode(*inputs) if self._encode else {"inputs": [x.tolist() for x in inputs]}
        answer = self._post(json.dumps(said).encode())
        try:
            found = self._decode(answer) if self._decode else answer["outputs"]
            scores = torch.as_tensor(found, dtype=torch.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f'{self.url} did not answer {{"outputs": numbers}} but {json.dumps(answer):.80}. '
                "Give decode= where it speaks another language."
            ) from error
        if scores.ndim == 0 or len(scores) != len(inputs[0]):
            raise ModelError(
                f"{self.url} answered shape {tuple(scores.shape)} for {len(inputs[0])} rows; it "
                "must answer one row of scores for each."
            )
        return scores

    def _post(self, body: bytes) -> Any:
        request = urllib.request.Request(self.url, body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=self._seconds) as answer:
                return json.loads(answer.read(LARGEST))
        except urllib.error.HTTPError as error:
            said = error.read(300).decode(errors="replace")
            raise ModelError(f"{self.url} answered {error.code}: {said}") from error
        except (OSError, ValueError) as error:
            raise ModelError(f"{self.url} gave no answer: {error}") from error
