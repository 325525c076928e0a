"""What a model is to do: the output a task needs, the prototypes made for that, and what usually bounds serving it."""

from __future__ import annotations

from typing import NamedTuple

TEXT = "open text"
MAPPED = "a text mapped from a text"
SCORE = "one score for a pair of texts"
LABELS = "labels or tags"
VECTOR = "one vector for a text"
SPEECH = "speech, or a transcript of it"


class Task(NamedTuple):
    """One task. `output` is its shape, `prototypes` those made for it, the simplest first.

    `bound` is what usually bounds its service, `context` the lengths that matter to it, `groups` those of benchmarks that
    speak for it, and `reads` the inputs beside text that it cannot do without.
    """

    name: str
    output: str
    prototypes: tuple[str, ...]
    bound: str
    context: str
    groups: tuple[str, ...]
    reads: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether text or speech has to be generated for it."""
        return self.output in (TEXT, MAPPED)


_PREFILL = "prefill compute: every token is read once and little or nothing is decoded"
_DECODE = "decode bandwidth: each token written reads the weights once"
_ENCODERS = ("encoder-only",)
_MAPPERS = ("encoder-decoder", "decoder-only", "prefix-lm")
_RETRIEVAL = ("embedding and retrieval",)
_READING = ("language understanding",)
_WRITERS = ("decoder-only", "prefix-lm")

TASKS = {
    task.name: task
    for task in (
        Task(
            "chat",
            TEXT,
            _WRITERS,
            f"{_DECODE}, and the cache of all conversations held at once",
            "the whole conversation, turn after turn",
            ("knowledge", "instruction", "truthfulness and safety"),
        ),
        Task("rerank", SCORE, _ENCODERS, _PREFILL, "a query with one passage, times the passages of a query", _RETRIEVAL),
        Task("classify", LABELS, _ENCODERS, _PREFILL, "one input", _READING),
        Task("embed", VECTOR, _ENCODERS, _PREFILL, "one chunk", _RETRIEVAL),
        Task("retrieve", VECTOR, _ENCODERS, f"{_PREFILL}; the index is another system", "one chunk, or one query", _RETRIEVAL),
        Task("translate", MAPPED, _MAPPERS, _DECODE, "one segment or document, and as much again written", ("multilingual",)),
        Task(
            "summarize",
            MAPPED,
            _MAPPERS,
            "prefill compute for the input, decode bandwidth for the summary",
            "the whole input",
            ("instruction", "long context"),
        ),
        Task("extract", LABELS, ("encoder-only", "encoder-decoder", "decoder-only", "prefix-lm"), _PREFILL, "one document", _READING),
        Task("code", TEXT, _WRITERS, _DECODE, "the files a change touches", ("code",)),
        Task(
            "agent",
            TEXT,
            _WRITERS,
            "memory for the cache, and prefill compute wherever a step reads the history anew",
            "the history of all steps and tool results",
            ("agents and tools", "instruction", "code"),
        ),
        Task(
            "long-document-qa",
            TEXT,
            _WRITERS,
            "memory for the cache and prefill compute",
            "the longest document, and the question",
            ("long context", "knowledge"),
        ),
        Task(
            "document-understanding",
            TEXT,
            _WRITERS,
            "prefill compute: pages become thousands of tokens",
            "all pages as image tokens, and the answer",
            ("multimodal",),
            ("vision",),
        ),
        Task(
            "voice",
            SPEECH,
            ("encoder-decoder", "decoder-only"),
            "latency of the first output, then decode bandwidth",
            "seconds of audio",
            ("speech",),
            ("audio",),
        ),
    )
}
"""Every task, by the name that `--task` takes."""
