"""What licence ids of the Hub mean to one another: families, ids that set no limit on use, and the terms of bases by publisher."""

from __future__ import annotations

from specverify.pattern import Pattern

UNSTATED = frozenset({"other", "unknown"})
UNLIMITED = frozenset(
    {
        *("afl-3.0", "agpl-3.0", "apache-2.0", "artistic-2.0", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear"),
        *("bsl-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "ecl-2.0"),
        *("epl-1.0", "epl-2.0", "eupl-1.1", "eupl-1.2", "gpl", "gpl-2.0", "gpl-3.0", "isc", "lgpl", "lgpl-2.1", "lgpl-3.0"),
        *("mit", "mpl-2.0", "ms-pl", "ncsa", "openmdw-1.0", "openmdw-1.1", "osl-3.0", "postgresql", "unlicense", "wtfpl", "zlib"),
    }
)
"""Ids of licences that let anybody use a work for anything: open source, open content without NC or ND, public domain."""
_FAMILIES = {"bsd": "bsd-", "cc": "cc", "gpl": "gpl-", "lgpl": "lgpl-"}
_RAIL = "rail"
_TERMS: tuple[tuple[str, Pattern], ...] = (
    ("llama2", Pattern(r"(?:meta-llama|nousresearch|unsloth)/llama-2-.+|(?:meta-llama|codellama)/codellama-.+|lmsys/vicuna-.+-v1\.5.*")),
    ("llama3", Pattern(r"(?:meta-llama|nousresearch|unsloth)/(?:meta-)?llama-3-.+")),
    ("llama3.1", Pattern(r"(?:meta-llama|nousresearch|unsloth)/(?:meta-)?llama-3\.1-.+|deepseek-ai/deepseek-r1-distill-llama-8b")),
    ("llama3.2", Pattern(r"(?:meta-llama|nousresearch|unsloth)/llama-3\.2-.+")),
    ("llama3.3", Pattern(r"(?:meta-llama|unsloth)/llama-3\.3-.+|deepseek-ai/deepseek-r1-distill-llama-70b")),
    ("llama4", Pattern(r"(?:meta-llama|unsloth)/llama-4-.+")),
    ("gemma", Pattern(r"(?:google|unsloth)/(?:gemma-(?:2b|7b|1\.1|2|3|3n)-|gemma-(?:2b|7b)$|codegemma-|recurrentgemma-|paligemma).*")),
    ("qwen-research", Pattern(r"(?:qwen|unsloth)/qwen2\.5-(?:coder-|vl-)?3b(?:-.+)?")),
    ("qwen", Pattern(r"(?:qwen|unsloth)/qwen2\.5-(?:math-|vl-)?72b(?:-.+)?")),
    ("tongyi-qianwen", Pattern(r"qwen/(?:qwen-(?:7b|14b|72b)|qwen1\.5-(?:7b|14b|32b|72b|110b)|qwen2-72b)(?:-.+)?")),
    ("tongyi-qianwen-research", Pattern(r"qwen/qwen1\.5-0\.5b(?:-.+)?")),
    ("mrl", Pattern(r"mistralai/(?:mistral-large-.+-24\d\d|ministral-8b-.+-2410|mistral-small-instruct-2409|pixtral-large-.+)")),
    ("mnpl", Pattern(r"mistralai/codestral-22b-v0\.1")),
    (
        "cc-by-nc-4.0",
        Pattern(r"(?:coherelabs|cohereforai)/(?:c4ai-command-.+|aya-(?:23|expanse|vision)-.+)|upstage/solar-10\.7b-instruct-v1\.0"),
    ),
    ("bigscience-bloom-rail-1.0", Pattern(r"bigscience/(?:bloom|bloomz)(?:-\d.*)?")),
    ("bigcode-openrail-m", Pattern(r"bigcode/(?:starcoder|starcoderbase|starcoder2-.+)")),
    ("deepseek", Pattern(r"deepseek-ai/(?:deepseek-llm-|deepseek-coder-|deepseek-math-|deepseek-v2|deepseek-coder-v2).*")),
)
"""Terms that limit use, by repository ids of those who published under them (in lower case), and faithful copies' names."""


def is_one_of(stated: str, found: str) -> bool:
    """Whether a stated id can stand for the licence that was found: the same, or its family (`bsd` for `bsd-3-clause`)."""
    if stated == found:
        return True
    if stated == "openrail":
        return _RAIL in found
    return stated in _FAMILIES and found.startswith(_FAMILIES[stated])


def terms_of_base(repo: str) -> str | None:
    """The licence that a base model was published under, where it limits use and the repository id tells it; else None."""
    name = repo[:200].lower()
    return next((terms for terms, pattern in _TERMS if pattern.fullmatch(name)), None)
