"""Every figure of a report, by name: the folds over the spec at one target."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from specverify import num
from specverify.derive import cache
from specverify.derive.batch import sequences_per_replica
from specverify.derive.context import contexts
from specverify.derive.dtypes import BYTES, CACHE_BYTES
from specverify.derive.engines import Request, policy
from specverify.derive.late import Figures, Late
from specverify.derive.noted import noted
from specverify.derive.parameters import counts
from specverify.derive.serving import Serving, serving
from specverify.derive.sharding import held_bytes, shares, ways
from specverify.derive.speed import SPEED, speed
from specverify.derive.weights import Stored, element, inventory, resident, weight_bytes
from specverify.facts import Fact
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import Figure, ModelSpec, context_name
from specverify.target import Target

if TYPE_CHECKING:
    from specverify.derive.capacity import Load
    from specverify.derive.sizing import Shard

ASSUMED_DTYPE = "bfloat16"
"""What a model is served in where its config states no dtype: labelled as assumed wherever it is used."""
LOADING = ("vllm", "sglang")
"""Engines whose loading is modelled; for the others a GPU holds its share of the weights as they are."""


@frozen
class Setting(Struct):
    """The model and target a figure is for: lengths in tokens, dtypes as used, and what had to be assumed.

    `entries` is the whole cache plan, `own_entries` that of the fullest GPU as the engine keeps it. `stored` are the tensors to
    serve with, in the format asked for, `published` those of the checkpoint.
    """

    spec: ModelSpec
    target: Target
    serving: Serving
    context: Num
    declared: Num
    encoder_context: Num
    weight_dtype: str
    kv_dtype: str
    kv_bytes: Num
    stored: tuple[Stored, ...]
    published: tuple[Stored, ...]
    entries: tuple[cache.Entry, ...]
    own_entries: tuple[cache.Entry, ...]
    note: str | None
    plan: str | None
    kv_note: str | None
    listing: Collection[str]

    @property
    def loaded(self) -> tuple[Stored, ...]:
        """The tensors that serving takes, those that draft among them where the target drafts."""
        return tuple(resident(self.stored, drafts=self.target.draft_tokens > 0))

    @property
    def served_note(self) -> str | None:
        """What a figure of the weights as served rests on: a plan, an assumed dtype."""
        return noted(self.plan, self.note)

    @property
    def request(self) -> Request:
        """One sequence of the target, as one of the GPUs that share its cache holds it."""
        return self.shared(self.whole_request)

    def shared(self, whole: Request) -> Request:
        """A sequence as one of the GPUs that share its cache holds it."""
        ways = self.target.decode_context_parallel
        return whole if ways == 1 else whole._replace(context=num.ceil_div(whole.context, num.const(ways, "decode_context_parallel")))

    @property
    def whole_request(self) -> Request:
        """One sequence of the target, as one GPU alone would hold it."""
        target = self.target
        return Request(
            self.context,
            self.encoder_context,
            self.kv_bytes,
            self.kv_dtype,
            None if target.state_dtype == "auto" else target.state_dtype,
            self.serving.release,
            self.serving.batched_tokens,
            target.draft_tokens,
            self.spec.classes(),
        )

    def rate(self) -> Num:
        """Bytes on one GPU that the engine's log implies for a token."""
        own = policy(self.target.engine).rate(self.own_entries, self.request)
        ways = self.target.decode_context_parallel
        return own if ways == 1 else own / num.const(ways, "decode_context_parallel")


def figures(spec: ModelSpec, target: Target, lengths: Mapping[str, Num] | None = None, *, listing: Collection[str] = ()) -> Figures:
    """Every figure that the spec and the target allow, known or unknown with its reasons; none for what is no language model.

    `lengths` are context lengths by name that do not follow from the spec, `listing` the files beside the config.
    """
    if not spec.parts:
        return Figures({})
    windows = contexts(spec) | dict(lengths or {})
    found = {name: Figure(name, number, "tokens") for name, number in windows.items()}
    setting = setting_of(spec, target, windows, listing)

    def said(made: Iterable[Figure]) -> Iterator[Figure]:
        return (_none_of(figure, spec) for figure in made)

    for figure in (*_parameters(spec), *_weights(setting), *_cache(setting)):
        found[figure.name] = figure
    late = [Late(SPEED, lambda: said(speed(setting)))]
    if target.gpu is not None:
        from specverify.derive.capacity import capacity
        from specverify.derive.sizing import SMALLEST, smallest_sets

        load = _load(setting, found, windows)
        for figure in capacity(load):
            found[figure.name] = figure
        late.append(Late(SMALLEST, lambda: said(smallest_sets(spec, target, lambda other: _shard(setting, load, other)))))
    return Figures({figure.name: figure for figure in said(found.values())}, late)


def _none_of(figure: Figure, spec: ModelSpec) -> Figure:
    """A figure that is 0 for want of anything to count says so, and rests on the class whose plan has none."""
    number = figure.number
    if number.op != "const" or number.value != 0 or number.label is not None or spec.exactness == "claimed":
        return figure
    kept = "next-token-prediction layers" if figure.name == "parameters.mtp" else "layers that keep it"
    return replace(figure, number=num.counted(0, kept, num.of(spec.fact("model_type"))))


def setting_of(spec: ModelSpec, target: Target, windows: Mapping[str, Num], listing: Collection[str] = ()) -> Setting:
    """The setting of a spec that has parts, at a target; `windows` are its context lengths by name (`contexts`)."""
    name = context_name(target.engine)
    context = num.const(target.context, "context") if target.context is not None else windows[name].named(name)
    if target.encoder_context is not None:
        encoder = num.const(target.encoder_context, "encoder_context")
    else:
        source = spec.facts.get("encoder_tokens") or spec.facts.get("max_source_positions")
        encoder = (
            num.of(source) if source is not None and source.value is not None else windows["context.declared"].named("context.declared")
        )
    fact = spec.fact("dtype")
    stated = fact.value if fact.value in BYTES else None
    weight_dtype = stated or ASSUMED_DTYPE
    why = fact.reason or f"dtype {fact.value!r} is not one weights are kept in"
    assumed = None if stated else f"{ASSUMED_DTYPE} assumed: {why}"
    kv_dtype, kv_bytes = _kv_dtype(spec, target, fact if stated else None)
    entries = cache.plan(spec)
    published, stored, plan = _stored(spec, target, weight_dtype)
    alone = (target.tensor_parallel, target.pipeline_parallel, target.draft_tokens, target.mla) == (1, 1, 0, "latent")
    return Setting(
        spec,
        target,
        serving(target),
        context=context,
        declared=windows["context.declared"],
        encoder_context=encoder,
        weight_dtype=weight_dtype,
        kv_dtype=kv_dtype,
        kv_bytes=kv_bytes,
        stored=stored,
        published=published,
        entries=entries,
        own_entries=entries if alone else _entries(spec, target),
        note=assumed,
        plan=plan,
        kv_note=assumed if kv_bytes.op == "const" and target.kv_dtype == "auto" else None,
        listing=listing,
    )


def _stored(spec: ModelSpec, target: Target, dtype: str) -> tuple[tuple[Stored, ...], tuple[Stored, ...], str | None]:
    """The tensors as published and as served, and what the second rests on where they are not the same."""
    published = inventory(spec, dtype)
    if target.quantize is None:
        return published, published, None
    from specverify.derive.planned import RECIPES, planned

    return published, planned(spec, published, target.quantize), f"planned: {target.quantize}, {RECIPES[target.quantize].said}"


def _entries(spec: ModelSpec, target: Target) -> tuple[cache.Entry, ...]:
    """The cache plan of the fullest GPU."""
    return cache.plan(
        spec,
        tensor_parallel=target.tensor_parallel,
        pipeline_parallel=target.pipeline_parallel,
        drafted=target.draft_tokens > 0,
        mla=target.mla,
    )


def _kv_dtype(spec: ModelSpec, target: Target, dtype: Fact | None) -> tuple[str, Num]:
    """The dtype of keys and values: asked for, else calibrated in the checkpoint, else the model's own."""
    if "/" in target.kv_dtype:
        return target.kv_dtype, num.unknown("keys and values have a dtype each: what the engine keeps is cache.reserved_bytes")
    if target.kv_dtype != "auto":
        return target.kv_dtype, num.const(CACHE_BYTES[target.kv_dtype], unit="B")
    if spec.exactness == "claimed":
        return ASSUMED_DTYPE, num.unknown("the dtype of the cache is not stated: ask for one, as `--kv-dtype bf16`")
    calibrated = spec.quantization.kv_cache if spec.quantization is not None else None
    if calibrated is not None and calibrated.value in BYTES:
        return calibrated.value, Num(BYTES[calibrated.value], "fact", fact=calibrated, unit="B")
    if dtype is not None:
        return dtype.value, Num(BYTES[dtype.value], "fact", fact=dtype, unit="B")
    return ASSUMED_DTYPE, num.const(BYTES[ASSUMED_DTYPE], f"{ASSUMED_DTYPE} (assumed)", unit="B")


def _parameters(spec: ModelSpec) -> Iterator[Figure]:
    found = counts(spec)
    if found is None:
        return
    yield Figure("parameters.total", found.total, "parameters", "tied tensors once; no buffers, no next-token-prediction layers")
    yield Figure("parameters.activated", found.activated, "parameters", "embeddings, router, shared experts and towers in full")
    yield Figure("parameters.activated_text_only", found.activated_text_only, "parameters", "towers and projectors left out")
    yield Figure(
        "parameters.activated_no_input_embedding",
        found.activated_no_input_embedding,
        "parameters",
        "a table tied to the head stays, and a second stack's own",
    )
    yield Figure(
        "parameters.activated_no_embeddings",
        found.activated_no_embeddings,
        "parameters",
        "neither input embedding nor the class's own head",
    )
    yield Figure("parameters.mtp", found.mtp, "parameters", "next-token-prediction layers, beside the total")


def _weights(setting: Setting) -> Iterator[Figure]:
    whole = weight_bytes(setting.published)
    as_published = setting.stored is setting.published and len(setting.loaded) == len(setting.published)
    yield Figure("weights.bytes", whole if as_published else weight_bytes(setting.loaded), "bytes", setting.served_note)
    yield Figure(
        "weights.checkpoint_bytes",
        whole,
        "bytes",
        setting.note or "with the next-token-prediction layers the config declares",
    )
    per_gpu, note = _weights_per_gpu(setting)
    yield Figure("weights.bytes_per_gpu", per_gpu, "bytes", note)


def _weights_per_gpu(setting: Setting) -> tuple[Num, str | None]:
    """Bytes of the weights on the fullest GPU, as the engine loads them, and what that rests on."""
    spec, target, note = setting.spec, setting.target, setting.served_note
    cut, stages = ways(target.tensor_parallel, target.expert_parallel), target.pipeline_parallel
    if target.engine in LOADING:
        from specverify.derive.buffers import Loading
        from specverify.derive.loading import POOLING, loaded, served_dtype

        dtype = served_dtype(target.engine, setting.weight_dtype)
        served = setting if dtype == setting.weight_dtype else replace(setting, stored=_stored(spec, target, dtype)[1])
        loading = Loading(
            target.engine,
            dtype,
            cut,
            setting.declared,
            setting.serving.batched_tokens,
            drafts=target.draft_tokens > 0,
            pools=POOLING in setting.listing,
        )
        held, said = loaded(spec, served.loaded, target, loading)
        note = noted(said, note)
    elif cut.whole and stages == 1:
        return weight_bytes(setting.loaded), note
    else:
        held = shares(spec, setting.loaded, cut, setting.weight_dtype)
    if stages > 1:
        from specverify.derive.stages import fullest

        return fullest(spec, held, stages, target.engine), note
    return held_bytes(held), note


def _cache(setting: Setting) -> Iterator[Figure]:
    target, request, note = setting.target, setting.request, setting.kv_note
    entries = setting.entries
    attention = cache.attention_bytes(entries, setting.context, setting.kv_bytes)
    states = cache.state_bytes(entries, setting.kv_dtype, request.state_dtype)
    crossed = cache.cross_attention_bytes(entries, setting.encoder_context, setting.kv_bytes)
    sequence = attention.named("cache.attention_bytes") + states.named("cache.state_bytes") + crossed.named("cache.cross_attention_bytes")
    bound = cache.binding(entries, setting.context, setting.declared)
    yield Figure("cache.bytes_per_token", cache.bytes_per_token(bound, setting.kv_bytes), "bytes", note)
    yield Figure("cache.fixed_bytes", cache.window_bytes(bound, setting.kv_bytes) + states, "bytes", note)
    yield Figure("cache.attention_bytes", attention, "bytes", note)
    yield Figure("cache.state_bytes", states, "bytes", note)
    yield Figure("cache.cross_attention_bytes", crossed, "bytes", note)
    yield Figure("cache.sequence_bytes", sequence, "bytes", note)
    yield Figure("cache.layer_bytes", cache.layer_bytes(entries, setting.context, setting.kv_bytes), "bytes", note)
    together = num.const(target.concurrency, "concurrency") * sequence.named("cache.sequence_bytes")
    yield Figure("cache.total_bytes", together, "bytes", note)
    engine = policy(target.engine)
    whole = setting.whole_request
    yield Figure("cache.reserved_bytes", engine.reserved_bytes(entries, whole), "bytes", note)
    yield Figure("cache.sequence_bytes_per_gpu", engine.reserved_bytes(setting.own_entries, request), "bytes", note)
    yield Figure("cache.engine_bytes_per_token_per_gpu", setting.rate(), "bytes/token", note)
    scores = setting.context * setting.context * element(setting.spec, setting.weight_dtype)
    yield Figure("attention.score_matrix_bytes", scores, "bytes", "one head, if it were materialized; engines do not")


def _shard(own: Setting, load: Load, target: Target) -> Shard:
    """What one GPU of a target holds that differs from `own` in parallelism alone, if at all."""
    from specverify.derive.sizing import Shard

    if target == own.target:
        return Shard(target, load.weights, sequences_per_replica(target) * load.sequence)
    setting = replace(own, target=target, own_entries=_entries(own.spec, target))
    weights = _weights_per_gpu(setting)[0].named("weights.bytes_per_gpu")
    each = policy(setting.target.engine).reserved_bytes(setting.own_entries, setting.request).named("cache.sequence_bytes_per_gpu")
    return Shard(setting.target, weights, sequences_per_replica(setting.target) * each)


def _load(setting: Setting, found: dict[str, Figure], windows: dict[str, Num]) -> Load:
    from specverify.derive.capacity import Load
    from specverify.derive.pool import pool_figures

    target, whole = setting.target, setting.whole_request

    def per_gpu(context: Num) -> Num:
        return policy(target.engine).reserved_bytes(setting.own_entries, setting.shared(whole._replace(context=context)))

    name = context_name(target.engine)
    return Load(
        target,
        setting.serving,
        partial(pool_figures, setting.own_entries, setting.request, setting.target.decode_context_parallel),
        setting.spec,
        found["weights.bytes_per_gpu"].number.named("weights.bytes_per_gpu"),
        found["cache.sequence_bytes_per_gpu"].number.named("cache.sequence_bytes_per_gpu"),
        per_gpu,
        windows[name].named(name),
        setting.served_note,
    )
