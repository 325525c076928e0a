"""BART's kin that differ by more than a switch: sparse encoders for long texts, prompts, experts, other tables."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.bart import BART
from specverify.architectures.bert_attention import attention_windows
from specverify.architectures.blocks.feed_forward import moe, plain, plain_weights
from specverify.architectures.blocks.tensors import extended, linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, every
from specverify.architectures.registry import family
from specverify.architectures.seq2seq import Layers, Style, Tables, attention, decoder_alone, prefix_of, sequence_to_sequence
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Role, Weight


@family("led", source="transformers LEDForConditionalGeneration; https://arxiv.org/abs/2004.05150")
def led(c: Config) -> Model:
    """LED: BART with Longformer's encoder, whose tokens see a window, save a few that see everything through projections of their own."""
    hidden = c.int("d_model")
    kinds, window_of = attention_windows(c, c.layers("encoder_layers"))
    inner = "self_attn.longformer_self_attn."
    names = (f"{inner}query", f"{inner}key", f"{inner}value", "self_attn.output")
    beside = ("query_global", "key_global", "value_global")
    everywhere = tuple(weight for name in beside for weight in linear(inner + name, hidden, hidden, Role.ATTENTION, bias=True))

    def mixer(c: Config, kind: str) -> Mixer:
        return extended(attention(c, "encoder", "", bias=True, names=names, window=window_of(kind)), *everywhere)

    style = replace(BART, body="led.", positions="max_{role}_position_embeddings", offset=0)
    return sequence_to_sequence(c, style, encoder=Layers(mixer, kinds))


@family("bigbird_pegasus", source="transformers BigBirdPegasusForConditionalGeneration; https://arxiv.org/abs/2007.14062")
def bigbird_pegasus(c: Config) -> Model:
    """BigBird-Pegasus: Pegasus with learned positions and BigBird's encoder, whose sparse attention owns no weight of its own.

    `use_bias` is for attention alone. The class of the decoder alone never ties its head.
    """
    bias = c.flag("use_bias")
    names = ("self.query", "self.key", "self.value", "output")
    style = Style(norms_embedding=True, bias=bias, ties_alone=False)
    return sequence_to_sequence(c, style, encoder=Layers(lambda c, kind: attention(c, "encoder", "self_attn.", bias=bias, names=names)))


@family("pegasus_x", source="transformers PegasusXForConditionalGeneration; https://arxiv.org/abs/2208.04347")
def pegasus_x(c: Config) -> Model:
    """PEGASUS-X: Pegasus for long texts. Tokens of the encoder see their block and learned global tokens with a norm of their own."""
    tokens = Weight("embed_global.weight", (c.int("num_global_tokens"), c.int("d_model")), Role.EMBEDDING)
    style = Style(position="sinusoidal", stores_positions=False, norms_end=True, bias=False, logits_bias=False)
    return sequence_to_sequence(c, style, encoder=Layers(more_norms=("global_self_attn_layer_norm",), outside=(tokens,)))


@family("mvp", source="transformers MvpForConditionalGeneration; https://arxiv.org/abs/2206.12131")
def mvp(c: Config) -> Model:
    """MVP: BART, with `use_prompt` prompts for every layer in front of what it attends to, made of a small table and never cached.

    The class of the decoder alone has none.
    """
    prompted = c.flag("use_prompt") and not (c.architecture or "").endswith("ForCausalLM")
    encoder, decoder = (
        Layers(outside=tuple(weight for name in names for weight in _prompt(c, name, c.layers(f"{role}_layers"))) if prompted else ())
        for role, names in (("encoder", ("self_attn_prompt",)), ("decoder", ("self_attn_prompt", "cross_attn_prompt")))
    )
    return sequence_to_sequence(c, replace(BART, labels=2), encoder=encoder, decoder=decoder)


def _prompt(c: Config, name: str, layers: Num) -> tuple[Weight, ...]:
    """A table of `prompt_length` rows, and the two matrices that make keys and values for every layer of them."""
    hidden, middle = c.int("d_model"), c.int("prompt_mid_dim")
    return (
        Weight(f"{name}.prompt_embedding.weight", (c.int("prompt_length"), hidden), Role.EMBEDDING),
        *linear(f"{name}.prompt_trans.0", hidden, middle, Role.PROJECTOR, bias=True),
        *linear(f"{name}.prompt_trans.2", middle, layers * 2 * hidden, Role.PROJECTOR, bias=True),
    )


@family("nllb-moe", source="transformers NllbMoeForConditionalGeneration; https://arxiv.org/abs/2207.04672")
def nllb_moe(c: Config) -> Model:
    """NLLB-MoE: M2M-100 with two of many experts in every `encoder_sparse_step`-th and `decoder_sparse_step`-th layer."""
    style = Style(position="sinusoidal", stores_positions=False, norms_end=True, logits_bias=False)
    encoder, decoder = (
        Layers(
            feed_forward=_dense_or_sparse(role),
            feed_forward_kinds=_sparse_layers(c, role),
            cross="cross_attention",
            feed_forward_norm="ff_layer_norm",
        )
        for role in ("encoder", "decoder")
    )
    return sequence_to_sequence(c, style, encoder=encoder, decoder=decoder)


def _sparse_layers(c: Config, role: str) -> Kinds:
    step = c.int(f"{role}_sparse_step", least=0)
    return every(c, c.layers(f"{role}_layers"), lambda index: bool(step.value) and (index + 1) % (step.value or 1) == 0, step)


def _dense_or_sparse(role: str) -> Callable[[Config, str], FeedForward]:
    def build(c: Config, kind: str) -> FeedForward:
        hidden, width = c.int("d_model"), c.int(f"{role}_ffn_dim")
        if kind != "sparse":
            return plain(c, hidden=hidden, intermediate=width, prefix="ffn.")
        expert = plain_weights(hidden, width, Role.ROUTED_EXPERT, prefix="ffn.experts.expert_{expert}.", names=("fc1", "fc2"), bias=True)
        return moe(
            c,
            experts=c.int("num_experts"),
            per_token=num.const(2, "experts per token"),
            intermediate=width,
            prefix="ffn.",
            router="router.classifier",
            router_bias=c.flag("router_bias"),
            expert_weights=expert,
        )

    return build


@family("fsmt", source="transformers FSMTForConditionalGeneration; https://arxiv.org/abs/1907.06616")
def fsmt(c: Config) -> Model:
    """FSMT (WMT19): BART without a norm behind the embedding, a vocabulary for the source and one for the target.

    The head belongs to the decoder of every class. Sinusoidal positions are counted from behind the padding's row.
    """
    hidden, tied = c.int("d_model"), c.flag("tie_word_embeddings")
    prefix = prefix_of(c.architecture or "ForConditionalGeneration", BART)
    target = Weight(f"{prefix}decoder.embed_tokens.weight", (c.int("tgt_vocab_size"), hidden), Role.EMBEDDING)
    same_as = target.name if tied else None
    source = Weight(f"{prefix}encoder.embed_tokens.weight", (c.int("src_vocab_size"), hidden), Role.EMBEDDING, tied_to=same_as)
    head = Weight("output_projection.weight", target.shape, Role.HEAD, tied_to=same_as)
    style = Style(position="sinusoidal", offset=c.int("pad_token_id", least=0) + 1, placement="post", head="")
    return sequence_to_sequence(c, style, decoder=Layers(outside=(head,)), tables=Tables(None, source, target))


@family("trocr", source="transformers TrOCRForCausalLM; https://arxiv.org/abs/2109.10282")
def trocr(c: Config) -> Model:
    """TrOCR's decoder: BART's, which reads an encoder of another width inside a vision encoder-decoder."""
    style = replace(
        BART,
        position="learned" if c.flag("use_learned_position_embeddings") else "sinusoidal",
        stores_positions=c.flag("use_learned_position_embeddings"),
        norms_embedding=c.flag("layernorm_embedding"),
        head="output_projection",
    )
    return decoder_alone(c, style, Layers(cross_width=c.optional("cross_attention_hidden_size")))
