"""BERT's kin: what each adds to BERT's tensors, worked out apart, the heads of the tasks, and who keeps what of a sequence."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive.figures import figures
from specverify.derive.manifest import unlistable
from specverify.derive.roofline import prefill_flops
from specverify.target import Target
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import encoder_attention, read, tensors, total

V, H, I, N, P = 50, 24, 40, 3, 16  # noqa: E741 - the usual letters: vocabulary, width, inner width, layers, positions
SMALL: dict[str, Any] = {
    "vocab_size": V,
    "hidden_size": H,
    "intermediate_size": I,
    "num_hidden_layers": N,
    "num_attention_heads": 4,
    "max_position_embeddings": P,
    "type_vocab_size": 2,
}
NORM, DENSE = 2 * H, H * (H + 1)
LAYER = 4 * DENSE + I * (H + 1) + H * (I + 1) + 2 * NORM
TABLES = (V + P + 2) * H
HEAD = DENSE + NORM + V
BERT = TABLES + NORM + N * LAYER + HEAD
"""The masked language model of BERT at these sizes, its head tied."""

KIN: list[tuple[str, str, dict[str, Any], int]] = [
    ("ernie", "ErnieForMaskedLM", {"use_task_id": True, "task_type_vocab_size": 3}, BERT + 3 * H),
    ("layoutlm", "LayoutLMForMaskedLM", {"max_2d_position_embeddings": 10}, BERT + 4 * 10 * H + DENSE),
    ("tapas", "TapasForMaskedLM", {"type_vocab_sizes": [3, 5]}, BERT + 6 * H),
    ("roc_bert", "RoCBertForMaskedLM", {"concat_input": False}, BERT + 910 * 768 + 24_858 * 512),
    ("big_bird", "BigBirdForMaskedLM", {"use_bias": False}, BERT + DENSE - N * 3 * H),
    ("bert-generation", "BertGenerationDecoder", {}, BERT - HEAD + V - 2 * H),
    ("megatron-bert", "MegatronBertForMaskedLM", {}, BERT),
    ("data2vec-text", "Data2VecTextForMaskedLM", {}, BERT),
    ("roberta-prelayernorm", "RobertaPreLayerNormForMaskedLM", {}, BERT + NORM),
    ("xlm-roberta-xl", "XLMRobertaXLForMaskedLM", {}, BERT),
    ("xmod", "XmodForMaskedLM", {"languages": ["a", "b"]}, BERT + N * 2 * (12 * (H + 1) + H * 13)),
    ("longformer", "LongformerForMaskedLM", {"attention_window": [4, 8, 4]}, BERT + N * 3 * DENSE),
    ("nystromformer", "NystromformerForMaskedLM", {"conv_kernel_size": 5}, BERT + 2 * H + N * 4 * 5),
    ("yoso", "YosoForMaskedLM", {}, BERT + 2 * H),
    ("mra", "MraForMaskedLM", {}, BERT + 2 * H),
    ("fnet", "FNetForMaskedLM", {}, BERT + 2 * DENSE - N * 4 * DENSE),
    ("mpnet", "MPNetForMaskedLM", {}, BERT - 2 * H + 32 * 4),
    ("squeezebert", "SqueezeBertForMaskedLM", {"embedding_size": H}, BERT + DENSE - N * (3 * H * H * 3 // 4 + 2 * H * I * 3 // 4)),
    ("ibert", "IBertForMaskedLM", {}, BERT),
    ("esm", "EsmForMaskedLM", {}, BERT - 2 * H + N * 4 + 1),
    ("nomic_bert", "NomicBertForMaskedLM", {}, BERT - P * H - N * (5 * H + I - H * I)),
    ("jina_embeddings_v3", "JinaEmbeddingsV3ForMaskedLM", {}, BERT - P * H),
    ("gte", "GteForMaskedLM", {}, BERT - P * H + N * (H * I - I)),
]


@pytest.mark.parametrize(("model_type", "architecture", "config", "expected"), KIN, ids=[case[0] for case in KIN])
def test_parameters_of_a_small_one(model_type: str, architecture: str, config: dict[str, Any], expected: int) -> None:
    assert total(read(model_type, architecture, **{**SMALL, **config})) == expected
    assert encoder_attention(read(model_type, architecture, **{**SMALL, **config})) <= {(False, False)}


def test_electra_widens_a_narrow_embedding_and_tells_what_was_replaced() -> None:
    body = (V + P + 2) * 8 + 2 * 8 + H * 9 + N * LAYER
    generator, discriminator = H * 8 + 8 + 2 * 8 + V, DENSE + H + 1
    assert total(read("electra", "ElectraForMaskedLM", **SMALL, embedding_size=8)) == body + generator
    assert total(read("electra", "ElectraForPreTraining", **SMALL, embedding_size=8)) == body + discriminator
    assert "electra.embeddings_project.weight" not in tensors(read("electra", "ElectraForMaskedLM", **SMALL, embedding_size=H))


def test_rembert_never_ties_its_wide_head() -> None:
    body = (V + P + 2) * 8 + 2 * 8 + H * 9 + N * LAYER
    config = {**SMALL, "input_embedding_size": 8, "output_embedding_size": 20, "tie_word_embeddings": True}
    assert total(read("rembert", "RemBertForMaskedLM", **config)) == body + 20 * (H + 1) + 2 * 20 + V * 21


def test_roformer_keeps_the_sines_of_its_positions() -> None:
    assert total(read("roformer", "RoFormerForMaskedLM", **SMALL, embedding_size=H)) == BERT - P * H + P * 6


def test_albert_stores_a_shared_layer_once_and_runs_it_often() -> None:
    base = {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3_072}
    spec = read("albert", "AlbertModel", **base)
    assert total(spec) == 11_683_584
    assert spec.value("num_hidden_layers") == 12
    assert total(read("albert", "AlbertModel", **base, num_hidden_layers=24)) == 11_683_584
    tokens = num.const(8)
    once, twice = (prefill_flops(read("albert", "AlbertModel", **base, num_hidden_layers=n), tokens, tokens).value for n in (6, 12))
    pooler = 2 * 768 * 768
    assert once is not None
    assert twice == 2 * (once - pooler) + pooler


def test_albert_spreads_its_layers_over_its_sets() -> None:
    spec = read("albert", "AlbertModel", num_hidden_layers=7, num_hidden_groups=3, inner_group_num=2)
    names = [name for name in tensors(spec) if name.endswith("ffn.weight")]
    assert sorted(names) == [f"encoder.albert_layer_groups.{g}.albert_layers.{i}.ffn.weight" for g in range(3) for i in range(2)]
    encoder = spec.encoder()
    assert encoder is not None
    assert {group.indices: group.runs and group.runs.value for group in encoder.layers} == {(0,): 3, (1, 2): 2}


def test_deberta_v3_has_distances_in_buckets_and_a_norm_over_them() -> None:
    config = {"relative_attention": True, "pos_att_type": "p2c|c2p", "share_att_key": True, "position_biased_input": False}
    more = {"type_vocab_size": 0, "position_buckets": 5, "norm_rel_ebd": "layer_norm"}
    names = tensors(read("deberta-v2", "DebertaV2ForMaskedLM", **{**SMALL, **config, **more}))
    assert names["deberta.encoder.rel_embeddings.weight"] == (10, H)
    assert "deberta.encoder.LayerNorm.weight" in names
    assert not [name for name in names if "pos_key_proj" in name or "position_embeddings" in name or "token_type" in name]
    apart = tensors(read("deberta-v2", "DebertaV2ForMaskedLM", **{**SMALL, **config, **more, "share_att_key": False}))
    assert "deberta.encoder.layer.0.attention.self.pos_query_proj.bias" in apart


def test_luke_reads_entities_with_queries_of_their_own() -> None:
    config = {**SMALL, "entity_vocab_size": 30, "entity_emb_size": 8}
    entities = 30 * 8 + 8 * H + (P + 2) * H + NORM + 8 * (H + 1) + 2 * 8 + 30
    assert total(read("luke", "LukeForMaskedLM", **config)) == BERT + DENSE + N * 3 * DENSE + V * H + entities


def test_mobilebert_narrows_widens_and_runs_several_feed_forwards() -> None:
    base = {"num_feedforward_networks": 3, "intra_bottleneck_size": 12, "embedding_size": 10}
    names = tensors(read("mobilebert", "MobileBertForMaskedLM", **{**SMALL, **base}))
    assert names["mobilebert.encoder.layer.0.ffn.1.intermediate.dense.weight"] == (I, 12)
    assert "mobilebert.encoder.layer.0.ffn.2.intermediate.dense.weight" not in names
    assert names["mobilebert.encoder.layer.0.attention.self.value.weight"] == (12, H)
    assert names["cls.predictions.dense.weight"] == (H - 10, V)


def test_ibert_stores_integers_that_are_no_parameters() -> None:
    spec = read("ibert", "IBertForMaskedLM", **SMALL)
    assert total(spec) == BERT
    assert tensors(spec)["ibert.encoder.layer.2.output.dense.weight_integer"] == (H, I)


def test_xlm_has_the_layer_in_the_middle_of_its_names() -> None:
    small = {"vocab_size": V, "emb_dim": H, "n_layers": N, "n_heads": 4, "max_position_embeddings": P, "n_langs": 3}
    spec = read("xlm", "XLMWithLMHeadModel", **small)
    layer = 4 * DENSE + 4 * H * (H + 1) + H * (4 * H + 1) + 2 * NORM
    assert total(spec) == (V + P + 3) * H + NORM + N * layer + V
    assert tensors(spec)["transformer.attentions.2.q_lin.weight"] == (H, H)


def test_an_adaptive_softmax_makes_the_total_unknown() -> None:
    assert total(read("flaubert", "FlaubertWithLMHeadModel", asm=True)) is None


def test_convbert_gives_half_of_a_layer_to_convolutions() -> None:
    names = tensors(read("convbert", "ConvBertForMaskedLM", **SMALL, embedding_size=H, head_ratio=2, conv_kernel_size=5, num_groups=2))
    assert names["convbert.encoder.layer.0.attention.self.query.weight"] == (12, H)
    assert names["convbert.encoder.layer.0.attention.self.conv_kernel_layer.weight"] == (2 * 5, 12)
    assert names["convbert.encoder.layer.0.intermediate.dense.weight"] == (2, H // 2, I // 2)


def test_xlnet_keeps_the_inputs_of_its_layers_up_to_its_memory() -> None:
    def kept(tokens: int) -> Any:
        spec = read("xlnet", "XLNetLMHeadModel", d_model=H, n_layer=N, n_head=4, mem_len=32)
        return figures(spec, Target(engine="transformers", context=tokens, kv_dtype="bfloat16"))["cache.reserved_bytes"].value

    assert (kept(10), kept(100)) == (N * H * 10 * 2, N * H * 32 * 2)


def test_reformer_as_a_decoder_keeps_the_inputs_of_its_layers() -> None:
    config = {"is_decoder": True, "hidden_size": 256, "attn_layers": ["local", "lsh"], "lsh_attn_chunk_length": 64}
    spec = read("reformer", "ReformerModelWithLMHead", **config)

    def kept(tokens: int) -> Any:
        return figures(spec, Target(engine="transformers", context=tokens, kv_dtype="bfloat16"))["cache.reserved_bytes"].value

    assert kept(64) == 2 * 256 * 64 * 2
    assert kept(65) is None


def test_funnel_blocks_hold_as_many_layers_as_they_say() -> None:
    names = tensors(read("funnel", "FunnelForMaskedLM", block_sizes=[1, 3], num_decoder_layers=1))
    places = {tuple(name.split(".")[3:5]) for name in names if name.startswith("funnel.encoder.blocks")}
    assert places == {("0", "0"), ("1", "0"), ("1", "1"), ("1", "2")}
    base = tensors(read("funnel", "FunnelForSequenceClassification", block_sizes=[1, 3]))
    assert not [name for name in base if ".decoder." in name]


def test_perceiver_runs_one_stack_for_all_blocks() -> None:
    one, two = (read("perceiver", "PerceiverForMaskedLM", num_blocks=n) for n in (1, 2))
    assert total(one) == total(two) == 269_319_430
    assert (one.value("num_hidden_layers"), two.value("num_hidden_layers")) == (26, 52)


@pytest.mark.parametrize(
    ("model_type", "architecture"),
    [
        ("esm", "EsmForProteinFolding"),
        ("luke", "LukeForEntityClassification"),
        ("xlm", "XLMForQuestionAnswering"),
        ("perceiver", "PerceiverForOpticalFlow"),
    ],
)
def test_a_class_nobody_described_makes_the_total_unknown(model_type: str, architecture: str) -> None:
    spec = read(model_type, architecture, **({"vocab_size": 33} if model_type == "esm" else {}))
    assert total(spec) is None
    assert unlistable(spec) is not None


@pytest.mark.parametrize("wrong", [{"type_vocab_sizes": [3, "x"]}, {"type_vocab_sizes": None}, {"type_vocab_sizes": [-1]}])
def test_a_list_of_sizes_that_is_none_is_unknown(wrong: dict[str, Any]) -> None:
    assert total(read("tapas", "TapasForMaskedLM", **SMALL, **wrong)) is None


def test_every_size_of_the_corpus() -> None:
    check_against_corpus(
        *("albert", "big_bird", "bert-generation", "convbert", "data2vec-text", "deberta", "deberta-v2", "electra", "ernie", "esm"),
        *("esmc", "eurobert", "flaubert", "fnet", "funnel", "gte", "ibert", "jina_embeddings_v3", "layoutlm", "longformer", "luke"),
        *("megatron-bert", "mobilebert", "mpnet", "mra", "neomme", "nomic_bert", "nystromformer", "perceiver", "reformer", "rembert"),
        *("roberta-prelayernorm", "roc_bert", "roformer", "squeezebert", "tapas", "ultrabert", "xlm", "xlm-roberta-xl", "xlnet"),
        *("xmod", "yoso"),
    )


def test_every_cache_of_the_corpus() -> None:
    check_cache_against_corpus(
        *("bert-generation", "big_bird", "data2vec-text", "electra", "ernie", "megatron-bert", "reformer", "rembert"),
        *("roberta-prelayernorm", "roc_bert", "roformer", "xlm-roberta-xl", "xlnet"),
    )


@pytest.mark.parametrize(
    ("model_type", "wrong"),
    [
        ("albert", {"inner_group_num": 10_000, "num_hidden_groups": 10_000}),
        ("mobilebert", {"num_feedforward_networks": 10_000}),
        ("funnel", {"block_sizes": [1] * 10_000, "block_repeats": list(range(10_000))}),
        ("xmod", {"languages": [str(index) for index in range(10_000)]}),
        ("longformer", {"num_hidden_layers": 9_000, "attention_window": list(range(2, 18_002, 2))}),
        ("reformer", {"axial_pos_shape": [2] * 10_000, "axial_pos_embds_dim": [2] * 10_000}),
    ],
)
def test_more_modules_than_exist_cost_no_time(model_type: str, wrong: dict[str, Any]) -> None:
    spec = read(model_type, **wrong)
    assert unlistable(spec) is not None
    assert sum(1 for part in spec.parts for group in part.layers for _ in group.weights()) < 20_000
