"""BART and its kin: an encoder, a decoder that reads it, biases everywhere, and switches for positions and norms."""

from __future__ import annotations

from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.seq2seq import Style, sequence_to_sequence
from specverify.frozen import replace

BART = Style(offset=2, norms_embedding=True, placement="post", labels=3)


@family("bart", source="transformers BartForConditionalGeneration; https://arxiv.org/abs/1910.13461")
def bart(c: Config) -> Model:
    """BART: post-norm, a norm behind the embedding, learned positions of which the first two rows are never used."""
    return sequence_to_sequence(c, BART)


@family("plbart", source="transformers PLBartForConditionalGeneration; https://arxiv.org/abs/2103.06333")
def plbart(c: Config) -> Model:
    """PLBART: BART trained on programs."""
    return sequence_to_sequence(c, replace(BART, labels=2))


@family("mbart", source="transformers MBartForConditionalGeneration; https://arxiv.org/abs/2001.08210")
def mbart(c: Config) -> Model:
    """mBART: pre-norm BART, with a norm at the end of both stacks."""
    return sequence_to_sequence(c, Style(offset=2, norms_embedding=True, norms_end=True))


@family("pegasus", source="transformers PegasusForConditionalGeneration; https://arxiv.org/abs/1912.08777")
def pegasus(c: Config) -> Model:
    """Pegasus: pre-norm, sinusoidal positions that the class keeps as a table and most checkpoints leave out."""
    return sequence_to_sequence(c, Style(position="sinusoidal", norms_end=True))


@family("marian", source="transformers MarianMTModel; Marian NMT, OPUS-MT")
def marian(c: Config) -> Model:
    """Marian: post-norm, sinusoidal positions; unless `share_encoder_decoder_embeddings`, source and target have tables of their own."""
    return sequence_to_sequence(c, Style(position="sinusoidal", placement="post"))


@family("m2m_100", source="transformers M2M100ForConditionalGeneration; https://arxiv.org/abs/2010.11125; NLLB-200")
def m2m_100(c: Config) -> Model:
    """M2M-100 and NLLB-200: pre-norm, sinusoidal positions that are computed and never stored."""
    return sequence_to_sequence(c, Style(position="sinusoidal", stores_positions=False, norms_end=True, logits_bias=False))


@family("blenderbot", source="transformers BlenderbotForConditionalGeneration; https://arxiv.org/abs/2004.13637")
def blenderbot(c: Config) -> Model:
    """Blenderbot 1: pre-norm, a shallow encoder and a deep decoder."""
    return sequence_to_sequence(c, Style(norms_end=True))


@family("blenderbot-small", source="transformers BlenderbotSmallForConditionalGeneration; https://arxiv.org/abs/2004.13637")
def blenderbot_small(c: Config) -> Model:
    """The 90M Blenderbot: post-norm, a norm behind the embedding."""
    return sequence_to_sequence(c, Style(norms_embedding=True, placement="post"))
