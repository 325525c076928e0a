"""VITS: flows, durations, voices and the HiFi-GAN at its end."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus
from tests.architectures.reading import kept, read, tensors


def test_nothing_is_kept() -> None:
    spec = read("vits")
    assert spec.value("prototype") == "encoder-only"
    assert kept(spec, 10) == (0, 0)


def test_voices_have_a_width_of_their_own() -> None:
    shapes = tensors(read("vits", num_speakers=9, speaker_embedding_size=16))
    assert shapes["embed_speaker.weight"] == (9, 16)
    assert shapes["flow.flows.0.wavenet.cond_layer.weight_v"] == (2 * 192 * 4, 16, 1)
    assert shapes["decoder.cond.weight"] == (512, 16, 1)
    assert not any("cond" in name or "speaker" in name for name in tensors(read("vits")))


def test_durations_by_a_flow_or_by_two_convolutions() -> None:
    flow = tensors(read("vits"))
    assert flow["duration_predictor.flows.4.conv_proj.weight"] == (29, 192, 1)
    assert flow["duration_predictor.post_flows.0.translate"] == (2, 1)
    plain = tensors(read("vits", use_stochastic_duration_prediction=False))
    assert plain["duration_predictor.conv_2.weight"] == (256, 256, 3)
    assert "duration_predictor.flows.1.conv_pre.weight" not in plain


def test_the_last_layer_of_a_wavenet_has_nothing_to_pass_on() -> None:
    shapes = tensors(read("vits"))
    assert shapes["flow.flows.0.wavenet.res_skip_layers.2.weight_v"] == (384, 192, 1)
    assert shapes["flow.flows.0.wavenet.res_skip_layers.3.weight_v"] == (192, 192, 1)


def test_the_generator_halves_its_channels() -> None:
    small = {"upsample_kernel_sizes": [4, 6], "upsample_rates": [2, 3], "upsample_initial_channel": 16}
    shapes = tensors(read("vits", **small, resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3]]))
    assert shapes["decoder.upsampler.1.weight"] == (8, 4, 6)
    assert shapes["decoder.resblocks.1.convs2.1.weight"] == (4, 4, 3)
    assert shapes["decoder.conv_post.weight"] == (1, 4, 7)
    assert not {"decoder.conv_post.bias", "decoder.resblocks.1.convs2.2.weight"} & shapes.keys()


def test_corpus() -> None:
    check_against_corpus("vits")
