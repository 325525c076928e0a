"""Fun-ASR-Nano: SenseVoice's encoder, whose attention remembers neighbouring frames, adaptor layers, and any text model."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.sound import ONE, convolution
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import of_tower, towered
from specverify.architectures.keys import Config
from specverify.architectures.llava import PROJECTOR
from specverify.architectures.model import Kinds, Model, crossed, depth_of, every, layer_groups
from specverify.architectures.registry import family
from specverify.architectures.speech import in_one_body, projection, two_matrices
from specverify.architectures.whisper_encoder import AUDIO_TOWER
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Modality, Part, Role, Weight


@family("fun_asr_nano", source="transformers FunAsrNanoForConditionalGeneration; https://arxiv.org/abs/2509.12508")
def fun_asr_nano(c: Config) -> Model:
    """Fun-ASR-Nano: two matrices and `adaptor_config`'s layers, which are as wide as the text model, between tower and text."""
    audio, adaptor = c.sub("audio_config"), c.sub("adaptor_config")
    between = adaptor.int("projector_hidden_size")
    matrices = two_matrices(audio.int("hidden_size"), adaptor.int("hidden_size"), between=between, bias=True)
    return in_one_body(c, sense_voice(audio), projection(matrices), adapting(adaptor))


def sense_voice(c: Config) -> Part:
    """SAN-M (arXiv:2006.01713): frames put side by side as they are, without a convolution before the layers."""
    inputs = c.int("num_mel_bins") * c.int("num_stacked_frames")
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: remembering(c, inputs if kind.startswith("first") else c.int("hidden_size")),
        feed_forward=feed_forward,
        mixer_kinds=told_apart(c),
        norms=lambda c, kind: norms(c, inputs if kind.startswith("first") else c.int("hidden_size"), ends=kind.endswith("end")),
    )
    return Part("audio tower", "tower", Modality.AUDIO, (), groups, layer_prefix=f"{AUDIO_TOWER}layers.{{layer}}.")


def told_apart(c: Config) -> Kinds:
    """The first layer, which reads frames, and the two that end with a norm: the last, and the last before those that tell time."""
    count, timing = c.layers(), c.int("num_timestamp_prediction_layers", least=0)
    ends = (depth_of(count) - int(timing.value or 0) - 1, depth_of(count) - 1)
    return crossed(
        every(c, count, lambda index: index == 0, names=("inner", "first")),
        every(c, count, lambda index: index in ends, timing, names=("middle", "end")),
    )


def adapting(c: Config) -> Part:
    """Layers of the same make without the memory."""
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: attention(c, c.int("hidden_size")),
        feed_forward=feed_forward,
        norms=lambda c, kind: norms(c, c.int("hidden_size")),
    )
    return Part("adaptor", "projector", Modality.AUDIO, (), groups, layer_prefix=f"{PROJECTOR}layers.{{layer}}.")


def remembering(c: Config, inputs: Num) -> Attention:
    """Attention with a memory: a filter a channel of the values, over `fsmn_kernel_size` frames, added to its output."""
    return attention(c, inputs, convolution("self_attn.fsmn.conv", ONE, c.int("hidden_size"), c.int("fsmn_kernel_size"), bias=False))


def attention(c: Config, inputs: Num, more: tuple[Weight, ...] = ()) -> Attention:
    """Multi-head attention, biases everywhere, over `inputs` that need not be as wide as the model."""
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    weights = linear("self_attn.o_proj", hidden, hidden, Role.ATTENTION, bias=True)
    for name in ("q_proj", "k_proj", "v_proj"):
        weights += linear(f"self_attn.{name}", inputs, hidden, Role.ATTENTION, bias=True)
    dim = hidden // heads
    return towered(Attention(heads, heads, dim, dim, (*weights, *more), causal=False, cached=False, rotary=False))


def feed_forward(c: Config, kind: str) -> FeedForward:
    """The plain one."""
    return towered(plain(c))


def norms(c: Config, inputs: Num, *, ends: bool = False) -> tuple[Weight, ...]:
    """The norms of a layer, the first as wide as its input."""
    hidden = c.int("hidden_size")
    before = (*norm("input_layernorm", inputs, bias=True), *norm("post_attention_layernorm", hidden, bias=True))
    return of_tower((*before, *norm("final_layernorm", hidden, bias=True)) if ends else before)
