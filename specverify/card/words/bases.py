"""The model another one was made from, and how: finetuned, distilled, quantized, merged, adapted, trained on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import BASE_MODEL
from specverify.card.names import KNOWN, Subject, core, size_in, words
from specverify.card.words.found import Found
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = (
    "tun",
    "distill",
    "based on",
    "built",
    "merg",
    "train",
    "initiali",
    "version of",
    "derived",
    "developed",
    "lora",
    "adapter",
    "gguf",
    "quanti",
    "extension of",
)
_TOKEN = r"[A-Za-z][\w.+-]{0,60}(?:/[A-Za-z0-9][\w.+-]{0,80})?"
NAME = rf"(?P<name>{_TOKEN}(?: (?:v?\d[\w.+-]{{0,30}}|[A-Z][\w.+-]{{0,40}})){{0,4}})"
_THE = (
    r"(?i:(?:(?:the|a|an|our|its|original|base|pre-?trained|foundation|popular|powerful|strong|open-source|openly|excellent|language|latest|"
    r"official|great|full)[ -]+){0,4}(?:(?:base )?models?[, ]+)?)"
)
_VERBS: tuple[tuple[str, str], ...] = (
    ("distilled", r"distilled (?:\w+ ){0,2}?(?:from|of)"),
    (
        "quantized",
        (
            r"(?:quanti[sz]ed|(?:4|8)-?bit|int4|int8|gptq|awq|gguf|ggml|exl2|fp8|nvfp4|mxfp4)[ -](?:\w+ ){0,3}?(?:version|variant|model|"
            r"copy|weights|files?|release|"
            r"conversions?|quanti[sz]ations?|quants?|formats?|checkpoint)s? (?:file )?(?:of|for|from)"
        ),
    ),
    ("quantized", r"quanti[sz](?:ed from|ations? of)"),
    ("adapter", r"(?:lora|adapters?)(?: weights?)? (?:for|of|on top of|trained on)"),
    (
        "continued-pretraining",
        (
            r"(?:continual(?:ly)?|continue[ds]?|continuously|further|additional(?:ly)?)[ -](?:pre-?)?train(?:ed|ing)? (?:\w+ )?(?:from|"
            r"of|on(?: top of)?)"
        ),
    ),
    (
        "finetune",
        (
            r"(?:instruction[- ])?(?:fine-? ?tuned?|tuned|finetuned?) (?:(?:version|variant|model|checkpoint|derivative|edition|"
            r"release)s? )?"
            r"(?:(?:\w+ ){0,3}?(?:of|from|on top of|over)|(?:based )?(?:up)?on(?: top of)?)"
        ),
    ),
    ("finetune", r"(?:fine-?tune|finetune) (?:of|from|on top of)"),
    (
        "finetune",
        r"(?:chat|instruct(?:ion)?(?:[- ](?:tuned|following))?|dpo|rlhf|aligned|uncensored|sft)[- ](?:\w+ )?(?:version|variant) of",
    ),
    ("post-trained", r"post-?train(?:ed|ing) (?:\w+ )?(?:from|of|on(?: top of)?|version of)"),
    ("merge", r"merge (?:\w+ ){0,2}?(?:of|between)|(?:created by )?merging"),
    ("stated", r"initiali[sz]ed (?:from|with)"),
    ("stated", r"(?:derived|developed|trained|built|created|started|starting)(?: directly)? from"),
    ("stated", r"(?:based|built|developed|trained) (?:up)?on(?: top of)?"),
    ("stated", r"extension of|extended version of"),
)
_STARTS = "[abcdefgilmnpqrstu48]"
_KINDS: tuple[tuple[str, Pattern], ...] = tuple((role, Pattern(rf"(?i:{verb}) {_THE}{NAME}")) for role, verb in _VERBS)
_ANY = Pattern(rf"\b(?={_STARTS})(?:{'|'.join(verb for _, verb in _VERBS)}) ")
"""Any of the wordings, in lower case; most sentences have none."""
MERGE_INTRO = Pattern(
    r"\b(?:merge[ds]?|moe|mixture of experts(?: \(moe\))?|blend|made|combination|frankenmerge)\b[^.]{0,60}\bfollowing\b[^.]{0,40}:?\W*$|"
    r"\bfollowing models were (?:included|merged|used)[^.]{0,30}:?\W*$|\bmerge of\W*$",
    _I,
)
_STOP = frozenset(
    (
        "the", "a", "an", "this", "that", "these", "our", "its", "top", "data", "dataset", "datasets", "which", "llms", "llm",
        "transformer", "transformers", "model", "models", "scratch", "various", "several", "multiple", "custom", "synthetic", "high",
        "large", "instruction", "human", "user", "english", "chinese", "gpt", "nvidia", "pytorch", "hugging", "huggingface", "megatron",
        "gpt-neox", "alpaca", "sharegpt", "ultrachat", "ultrafeedback", "wikipedia", "github", "rlhf", "dpo", "ppo", "lora", "qlora",
        "axolotl", "deepspeed", "apache", "mit", "both", "all", "existing", "following", "chat", "it", "fp16", "bf16", "a100", "h100",
        "google", "meta", "microsoft", "mergekit", "peft", "vllm", "llama.cpp", "python", "stackoverflow", "common", "commoncrawl",
        "openai", "gradient", "slerp", "code", "math", "text", "image", "images", "video", "real", "public", "open", "internal", "more",
        "over", "about", "billions", "trillions"
    )
)  # fmt: skip
"""Words that begin no name of a model, or a data set's, a tool's or a firm's."""
_NOT_A_MODEL = Pattern(
    r"(?: ?'s?)? (?:(?!(?:with|on|using|and|in|by|for|to|via|over|at|from|as|or|which|that|is|was)\b)\w+ ){0,2}?(?:datasets?|data\b|"
    r"corpus|tokens?|prompts?|conversations?|examples?|samples?|outputs?|responses?|instructions?|gpus?|tokenizer|"
    r"architecture|framework|library|paper|method|technique|format|template|codebase|code\b|repository|evaluation|benchmarks?|"
    r"license|transformer arch|"
    r"generated|papers|feedback|leaderboard)",
    _I,
)
_NOT_SO = Pattern(
    r"\b(?:not|never|will|would|can|could|may|you|how to|if|unlike|compared|than|such as|e\.g\.|outperform\w{0,3}|similar|like|"
    r"inspired|tokenizer|prompt|template|"
    r"scores?|results?|embedding|encoder|estimat\w{1,3}|answers?|evaluat\w{1,3}|dataset|reward model|other models|both models|"
    r"license|script|demo|loss|thanks|code|rewards?)\b[^.;,]{0,60}$",
    _I,
)
_ITSELF = Pattern(
    r"\b(?:this|it|model|repo\w{0,6}) (?:\w+ ){0,2}?(?:is|are|contains?|hosts?|provides?|includes?|has|holds?)\b|^\W*(?:an? |"
    r"the )?\W*$",
    _I,
)
_LATER = Pattern(r"[ \w-]{0,30}, (?:the |our )?([A-Z][\w.]*-[\w.-]{1,60}) ")
"""The model behind its base: `Built on BASE, the NAME model ...`."""
_NEXT = Pattern(rf"(?P<joint>,? and|,|,? with|,? &|,? \+) {_THE}{NAME}")
MOST_JOINED = 6
_COMPONENTS = frozenset(("siglip", "siglip2", "clip", "vit", "whisper", "eva", "internvit", "moonvit", "openclip", "dinov2", "dino"))
"""First words of names that are a part of a model and not its base."""
_LINK = Pattern(r"[*`_]{0,3}\]\(https?://(?:www\.)?huggingface\.co/([A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96})/?[)#?]")


def is_name(name: str) -> bool:
    """Whether a text is a model's name: a repo id, or one that starts with a known word or joins words with digits."""
    found = words(name)
    if "lora" in found or "qlora" in found or (found and found[0] in _COMPONENTS):
        return False
    if not found or name.lower() in _STOP or found[0] in _STOP - {"gpt", "code", "open", "alpaca"}:
        return False
    first = name.split(" ")[0]
    if " " in name and first.islower() and first.isalpha() and first not in KNOWN:
        return False
    if "/" in name:
        return bool(re.fullmatch(r"[A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96}", name)) and not name.lower().endswith((".py", ".md", "and/or"))
    known = found[0] in KNOWN and name[0].isupper() | any(c.isdigit() for c in name)
    return bool(known or ("-" in name and any(re.fullmatch(r"\d+(?:\.\d+)?[bm]", word) for word in found)))


def trimmed(name: str) -> str:
    """A name without the words behind it that are none of it."""
    short = name.rstrip(".-+")
    parts = short.split(" ")
    while len(parts) > 1 and (parts[-1].lower() in _TAIL or parts[-1].lower() in _STOP):
        parts.pop()
    return " ".join(parts).rstrip(".-+,")


_TAIL = frozenset(
    (
        "model",
        "models",
        "base",
        "with",
        "using",
        "on",
        "for",
        "and",
        "by",
        "weights",
        "language",
        "architecture",
        "series",
        "family",
        "llm",
        "dataset",
    )
)


def linked(text: str, end: int, name: str) -> str:
    """The repo id that the link on a name leads to, where the name itself is none."""
    if "/" in name:
        return name
    link = _LINK.match(text, end)
    return link.group(1) if link is not None else name


def value(role: str, text: str) -> Iterator[Found]:
    """The base beside a label: a name, or a link to one."""
    lead = re.match(rf"\W{{0,4}}{_THE}{NAME}", text[:160])
    if lead is None:
        return
    name = trimmed(lead.group("name"))
    start = lead.start("name")
    following = text[start + len(name) : start + len(name) + 40]
    if (is_name(name) or _looks_like_a_name(name, text)) and not _NOT_A_MODEL.match(following):
        yield Found(BASE_MODEL, start, start + len(name), (name,), role=role, own=True)


def _joined(text: str, at: int) -> Iterator[tuple[str, re.Match[str], str, int]]:
    """Each name behind the wording at a place, with its role: the first, and those of a list that ends in `and`."""
    for role, pattern in _KINDS:
        match = pattern.match(text, at)
        if match is None:
            continue
        name, start = trimmed(match.group("name")), match.start("name")
        chain = [(name, start)]
        complete = 1
        while len(chain) <= MOST_JOINED and is_name(name) and (following := _NEXT.match(text, start + len(name))) is not None:
            name, start = trimmed(following.group("name")), following.start("name")
            chain.append((name, start))
            if following.group("joint") != ",":
                complete = len(chain)
        for name, start in chain[:complete]:
            yield role, match, name, start


def _looks_like_a_name(name: str, text: str) -> bool:
    """Beside a label, a short value with a digit in it is a name of whatever kind."""
    return len(text) <= len(name) + 40 and any(c.isdigit() for c in name) and name.lower() not in _STOP


def sentence(text: str, subject: Subject) -> Iterator[Found]:
    """The bases a sentence says the model was made from."""
    taken: list[tuple[int, int]] = []
    lower = text.lower() if len(text.lower()) == len(text) else text
    for place in _ANY.finditer(lower):
        for role, match, name, start in _joined(text, place.start()):
            end = start + len(name)
            if not is_name(name) or any(start < stop and begin < end for begin, stop in taken):
                continue
            taken.append((start, end))
            before, after = text[max(0, match.start() - 130) : match.start()], text[end : end + 60]
            own = subject.relation(name)
            if _NOT_A_MODEL.match(after):
                yield Found(BASE_MODEL, start, end, refused="no model but data, software or an architecture")
            elif _NOT_SO.search(before):
                yield Found(BASE_MODEL, start, end, refused="the sentence does not say that the model was made from it")
            elif own == "self" or (own == "family" and size_in(name) is None and "/" not in name):
                yield Found(BASE_MODEL, start, end, refused="the model itself, as another was made from it")
            elif role == "stated" and len(core(name)) < 2 and "/" not in name:
                yield Found(BASE_MODEL, start, end, refused="a family and no model")
            elif role == "quantized" and not _ITSELF.search(before):
                yield Found(BASE_MODEL, start, end, refused="a quantized version of the model, which is another repo")
            elif not before.strip() and (later := _LATER.match(after)) is not None:
                yield Found(
                    BASE_MODEL, start, end, (name,), role=role, subject=later.group(1), relation=subject.relation(later.group(1)), own=True
                )
            else:
                yield Found(BASE_MODEL, start, end, (name,), role=role, subject_end=match.start())
