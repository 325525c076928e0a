"""How a score was had, as a card says it: examples shown, reasoning, decoding, samples, metric, judge, tested length.

Each kind has words that must be there at all, which is what keeps a long card cheap, and a pattern for the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from specverify.card.pattern import Pattern

SHOTS = "shots"
REASONING = "reasoning"
"""Chain of thought, thinking mode or effort."""
DECODING = "decoding"
SAMPLES = "samples"
METRIC = "metric"
JUDGE = "judge"
LENGTH = "length"
TESTED = "tested length"
"""In running text, where a length by itself may be the model's context."""
HARNESS = "harness"
"""A named evaluation program: its defaults are the settings, for who looks them up."""
LEADERBOARD = "leaderboard"
"""A public leaderboard, which runs every model the same way."""
REPORT = "report"
"""A paper or report the card points to."""

CELL = "cell"
ROW = "row"
HEADER = "header"
CAPTION = "caption"
SECTION = "section"
ELSEWHERE = "evaluation section"


@dataclass(frozen=True, slots=True)
class Setting:
    """One statement: its kind, its words, and where it stands relative to the score (`row`, `header`, `caption`, ...)."""

    kind: str
    text: str
    where: str
    line: int


_MODEL = (
    r"(?:gpt|o[134]|claude|gemini|qwen|deepseek|llama|mistral|mixtral|prometheus|skywork|gemma|glm|kimi|command|sonnet|haiku|opus)"
    r"[-\w.]{0,40}"
)
_JUDGING = r"judg\w{0,6}|grad(?:er|ed|ing)|evaluator|rater|scor(?:ed|er|ing)|annotator|evaluated (?:by|with|using)|评判|裁判|打分|评分"
_KINDS: tuple[tuple[str, tuple[str, ...], Pattern], ...] = tuple(
    (kind, words, Pattern(pattern, re.IGNORECASE))
    for kind, words, pattern in (
        (
            SHOTS,
            ("shot", "样本", "few_shot", "examples"),
            r"(?:\d{1,3}|zero|one|two|three|four|five|few|no|n)[- _]?shots?\b|few_?shot[ =:]{1,3}\d{1,3}|"
            r"in-context examples|(?:零|少|\d{1,2} ?)样本|shots?[ =:]{1,3}\d{1,3}\b",
        ),
        (
            REASONING,
            ("cot", "direct", "chain", "thinking", "reasoning", "思维链", "思考"),
            r"\bcot\b|\bdirect\b(?! preference)|chain[- ]of[- ]thoughts?|\b(?:non[- ]?)?thinking\b|reasoning (?:effort|mode|budget)|with(?:out)? reasoning|思维链|思考",
        ),
        (
            DECODING,
            ("temperature", "greedy", "top", "sampling", "temp", "beam", "温度", "贪心", "贪婪", "deterministic"),
            r"temperatures?\b|\bgreed(?:y|ily)|\btop[-_ ]?[pk]\b|sampling (?:param|setting|config|temp)|\btemp\.? ?[=:] ?\d|\bt ?= ?[01]\.?\d?\b|"
            r"beam[- ]search|温度|贪心|贪婪|deterministic (?:decoding|generation)|do_sample",
        ),
        (
            SAMPLES,
            ("@", "sample", "run", "trial", "seed", "average", "majority", "vot", "n=", "n =", "times", "generation", "rollout", "次"),
            r"(?:\b|_)(?:avg|mean|cons|maj\d{0,3}|best|majority|average|mv)[@-]\d{1,5}|pass@[1-9]\d{0,3}\b|"
            r"\b\d{1,5} (?:[a-z-]{1,20} ){0,2}?(?:samples|runs|trials|seeds|repetitions|generations|rollouts|times|responses|solutions|completions)\b|"
            r"\bn ?= ?\d{1,5}\b|averag\w{0,3} (?:over|across|of) (?:\w{1,12} ){0,2}(?:runs|samples|trials|seeds)|"
            r"majority[- ]vot\w{0,3}|self-consistency|\d{1,4} ?次|(?:single|one|two|three|four|five|eight|ten) (?:runs?|samples?|trials?|times|attempts?)\b",
        ),
        (
            METRIC,
            ("pass@", "maj@", "cons@", "exact", "em", "f1", "acc", "bleu", "chrf", "rouge", "wer", "ndcg", "win", "avg@", "pass rate"),
            r"\b(?:pass|maj|cons|avg)@\w{1,4}|exact[-_ ]match|\bem\b|\bf1\b|\bacc(?:uracy|_norm|_char)?\b|\bbleu\b|chrf|rouge|\bwer\b|ndcg|"
            r"win[- ]?rate|pass[- ]rate",
        ),
        (
            JUDGE,
            ("judg", "grad", "evaluator", "rater", "scor", "annotator", "evaluated", "评判", "裁判", "打分", "评分"),
            rf"\b{_MODEL}.{{0,60}}?(?:{_JUDGING})|(?:{_JUDGING}).{{0,60}}?\b{_MODEL}",
        ),
        (LENGTH, ("k", "m", "tokens"), r"\b\d{1,4} ?[km](?:i|ib)?\b|\b\d{4,7}(?: tokens)?\b|\b\d{1,3},\d{3}\b"),
        (
            TESTED,
            ("evaluat", "test", "measur", "report", "scor", "at ", "length"),
            r"(?:evaluat|test|measur|report|scor)\w{0,5} [^.]{0,60}?\b\d{1,4} ?k\b|"
            r"\bat (?:an? |the )?(?:context |input |sequence )?(?:lengths? (?:of )?)?\d{1,4} ?k\b|\b\d{1,4} ?k,? (?:\w{1,4},? ){0,2}\d{1,4} ?k\b",
        ),
        (
            HARNESS,
            ("harness", "lm_eval", "lm-eval", "lighteval", "opencompass", "simple-evals", "evalplus", "bigcode", "vlmeval", "lmms-eval",
             "llm-foundry", "nemo", "inspect", "evalscope", "openai/evals", "olmes", "helm"),
            r"evaluation[- ]harness|\blm[-_ ]eval\w{0,12}|lighteval|opencompass|simple-evals|evalplus|bigcode|vlmeval\w{0,3}|lmms-eval|llm-foundry|"
            r"nemo[- ](?:evaluator|skills)|inspect[-_ ](?:ai|evals)|evalscope|openai/evals|\bolmes\b|\bhelm\b",
        ),
        (LEADERBOARD, ("leaderboard", "lm-arena"), r"(?:open[- _]?(?:llm|ko|medical|portuguese|asr|vlm)[-\w ]{0,30}|mteb |evalplus |bigcode )leaderboard\w{0,3}|leaderboard"),
        (
            REPORT,
            ("report", "paper", "arxiv", "blog", "报告", "论文"),
            r"tech(?:nical|\.)? report|\b(?:our|the|this|original|accompanying|see|in) (?:[a-z-]{1,20} ){0,2}?(?:paper|report|blog)|"
            r"arxiv|技术报告|论文",
        ),
    )
)  # fmt: skip
_BY_KIND = {kind: (words, pattern) for kind, words, pattern in _KINDS}
MISSABLE = (SHOTS, REASONING, DECODING, SAMPLES, METRIC, JUDGE, TESTED, HARNESS, LEADERBOARD, REPORT)
"""The kinds looked for in running text; a length says something only beside a score."""
MOST_TEXT = 60_000
"""Characters of one stretch that are searched."""
_NAMED_MODEL = Pattern(rf"\b{_MODEL}", re.IGNORECASE)


def states(text: str, kind: str, lowered: str | None = None) -> re.Match[str] | None:
    """Where a text makes a statement of a kind; `lowered` is the same text in lower case, where it is at hand."""
    words, pattern = _BY_KIND[kind]
    low = text.lower() if lowered is None else lowered
    return pattern.search(text, 0, MOST_TEXT) if any(word in low for word in words) else None


def sayable(lowered: str) -> tuple[str, ...]:
    """The kinds of statement that a text in lower case may make at all, by its words."""
    return tuple(kind for kind, words, _ in _KINDS if any(word in lowered for word in words))


def settings_in(text: str, where: str, line: int, kinds: tuple[str, ...] = MISSABLE) -> Iterator[Setting]:
    """Every kind of statement a text makes, the first of each."""
    low = text.lower()
    for kind in kinds:
        found = states(text, kind, low)
        if found is not None:
            yield Setting(kind, found.group()[:60], where, line)


def shots_in(text: str) -> str | None:
    """The one number of examples a text states, as `5-shot`; None for none or several."""
    found = {f"{_NUMBER.get(n.lower(), n)}-shot" for n in _SHOTS.findall(text)} if "shot" in text.lower() else set()
    return found.pop() if len(found) == 1 else None


def names_a_model(text: str) -> bool:
    """Whether a text names a model of somebody's, as a judge is named beside a score."""
    return _NAMED_MODEL.search(text) is not None


_NUMBER = {"zero": "0", "one": "1", "no": "0"}
_SHOTS = re.compile(r"\b(\d{1,3}|zero|one|no|few)[- ]?shot", re.IGNORECASE)
