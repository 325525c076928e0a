"""Published speeds beside the floors of specverify: none may be faster than what is called a lower bound.

    python benchmarks/measured_speeds.py [--all]

A line of `measured_speeds.jsonl` is one measurement, with where it was published. `model` is a folder with the model's config, from
here; `quantization_config` is that of the checkpoint measured, where another one than the folder's was. `target` holds `Target`'s
arguments, of which `concurrency` is how many sequences were answered together. Each had `prompt` tokens read while the clock ran and
`output` tokens generated; `tokens_per_second` of all sequences counts the `output`, the `prompt`, or `both`. `context` is how long a
sequence was before its first new token, where its prompt was not timed. Hardware that is not in the catalogue has its bandwidth in
`memory_gb_per_s`. Speculative decoding, and what cannot be held against a floor, stands apart with the reason in `not_checked`.
Exits with 1 if a measurement is below its floor.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specverify.derive.figures import figures
from specverify.normalize.config import normalize_bytes
from specverify.spec import ModelSpec
from specverify.target import Target

HERE = Path(__file__).resolve().parent
SPEEDS = HERE / "measured_speeds.jsonl"


@dataclass(frozen=True, slots=True)
class Speed:
    """One line of the file."""

    raw: Mapping[str, Any]

    @property
    def what(self) -> str:
        """Model, format and program, as the source has them."""
        what: str = self.raw["what"]
        return what

    @property
    def not_checked(self) -> str | None:
        """Why no floor is held against it; None where one is."""
        return self.raw.get("not_checked")

    def seconds(self) -> float:
        """How long it took to answer the sequences of one batch."""
        counted = {"output": self.raw["output"], "prompt": self.raw["prompt"], "both": self.raw["prompt"] + self.raw["output"]}
        return float(self.raw["target"].get("concurrency", 1) * counted[self.raw["counted"]] / self.raw["tokens_per_second"])

    def floor(self) -> float:
        """The least that it can have taken: one prompt, which gives the first token, and the steps that give the others.

        Steps get longer from first to last. Their mean is no less than the mean of those two, since windows only flatten the rise.
        """
        spec = self.spec()
        prompt: int = self.raw["prompt"]
        output: int = self.raw["output"]
        least = value(figures(spec, self.at(prompt)), "prefill.floor_seconds") if prompt else 0.0
        steps = output - 1 if prompt else output
        if steps < 1:
            return least
        first: int = self.raw.get("context", prompt) + 1
        return least + steps * (self.step(spec, first) + self.step(spec, first + steps - 1)) / 2

    def step(self, spec: ModelSpec, context: int) -> float:
        """The floor of one decode step in seconds."""
        found = figures(spec, self.at(context))
        bandwidth: float | None = self.raw.get("memory_gb_per_s")
        if bandwidth is None:
            return value(found, "decode.floor_seconds")
        return (value(found, "decode.weight_bytes_read") + value(found, "decode.cache_bytes_read")) / (bandwidth * 1e9)

    def at(self, context: int) -> Target:
        """The target at sequences of that length."""
        return Target(**self.raw["target"], context=context)

    def spec(self) -> ModelSpec:
        """The spec of the checkpoint that was measured."""
        config = json.loads((HERE / self.raw["model"] / "config.json").read_text("utf-8"))
        if "quantization_config" in self.raw:
            config |= {"quantization_config": self.raw["quantization_config"]}
        return normalize_bytes(json.dumps(config).encode())


def value(found: Mapping[str, Any], name: str) -> float:
    """A figure's value. Raises ValueError with the reasons where it is unknown."""
    number = found[name].number
    if number.value is None:
        raise ValueError(f"{name} is unknown: {'; '.join(number.reasons())}")
    return float(number.value)


def speeds() -> Iterator[Speed]:
    """Every measurement, in the order of the file."""
    return (Speed(json.loads(line)) for line in SPEEDS.read_text("utf-8").splitlines())


def main(arguments: list[str] | None = None) -> int:
    """Print the measurements nearest to their floors, or all, and how many are below."""
    options = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    options.add_argument("--all", action="store_true", help="every measurement, not the ten nearest alone")
    every = options.parse_args(arguments).all
    shares = [(speed.floor() / speed.seconds(), speed) for speed in speeds() if speed.not_checked is None]
    shares.sort(key=lambda pair: -pair[0])
    print("floor / measured")
    for share, speed in shares if every else shares[:10]:
        target = speed.raw["target"]
        print(f"{share:16.1%}  {speed.what}, {target.get('gpus', 1)} x {target.get('gpu', 'hardware of its own')}")
    beaten = sum(share > 1 for share, _ in shares)
    apart = Counter(speed.not_checked for speed in speeds() if speed.not_checked is not None)
    print(f"{len(shares)} measurements, {beaten} below their floors; {apart.total()} not checked:")
    for reason, count in apart.items():
        print(f"{count:5}  {reason}")
    return 1 if beaten else 0


if __name__ == "__main__":
    sys.exit(main())
