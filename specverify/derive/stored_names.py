"""What a tensor in a file stands for: itself, a weight packed by a quantization, or a scale beside one."""

from __future__ import annotations

import re
from typing import NamedTuple

_SIDE = re.compile(
    r"(?P<module>.+?)(?:\.weight)?[._](?:"
    r"weight_scale(?:_inv|_2)?|(?:input|output|activation|weight)_(?:global_)?scale(?:_inv)?|[kvq]_scale|prob_output_scale|"
    r"weight_(?:shape|zero_point|g_idx)|input_zero_point|scales|qzeros|g_idx|zeros|scale_and_zero|"
    r"(?:nested_)?(?:absmax|quant_map)|quant_state\.bitsandbytes__\w+|SCB|weight_format|pre_quant_scale"
    r")"
)
_PACKED = re.compile(r"(?P<module>.+?)(?P<how>\.qweight|\.weight_packed|_blocks)")
_LEGACY = ((re.compile(r"\.gamma$"), ".weight"), (re.compile(r"\.beta$"), ".bias"))
"""How TensorFlow named the parts of a LayerNorm; transformers renames them while it loads."""
LEFT_OVER = re.compile(
    r"(?:^|\.)(?:rotary_emb\.(?:inv_freq|cos_cached|sin_cached)|rotary_emb|inv_freq|position_ids|token_type_ids|masked_bias|"
    r"attn\.(?:attention\.)?bias|attention\.bias|num_batches_tracked)$"
)
"""Buffers that older releases wrote into checkpoints and no class reads."""


class Stored(NamedTuple):
    """`name` is the weight it stands for. `kind` is `plain`, `packed` (its shape is the packing's) or `side` (a scale or the like)."""

    name: str
    kind: str


def stored(name: str) -> Stored:
    """What a tensor of this name stands for."""
    side = _SIDE.fullmatch(name)
    if side is not None:
        return Stored(f"{side['module']}.weight", "side")
    packed = _PACKED.fullmatch(name)
    if packed is not None:
        return Stored(packed["module"] + ("" if packed["how"] == "_blocks" else ".weight"), "packed")
    for pattern, plain in _LEGACY:
        name = pattern.sub(plain, name)
    return Stored(name, "plain")
