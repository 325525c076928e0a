"""The benchmarks cards report, by the names they go by, and what a score on each needs said with it.

A name is found by its first word and then by its pattern, so that a long card costs one walk over its words. Where two
names start alike the longer stands first: MMLU-Pro is not MMLU, MATH-500 not MATH, MathVista neither, MT-Bench not MTEB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from specverify.pattern import Pattern

KNOWLEDGE = "knowledge"
MATH = "math"
CODE = "code"
INSTRUCTION = "instruction"
SAFETY = "truthfulness and safety"
MULTILINGUAL = "multilingual"
LONG = "long context"
MULTIMODAL = "multimodal"
EMBEDDING = "embedding and retrieval"
SPEECH = "speech"
AGENT = "agents and tools"
UNDERSTANDING = "language understanding"
PREFERENCE = "preference"
"""Elo of votes: says which answer people liked, of no task in particular."""

NEEDLE = "needle"
OCR = "ocr"
CAPTION = "caption"
TRUTH = "truth"
"""Benchmarks that alone do not show what their group is about."""


class Benchmark(NamedTuple):
    """One benchmark: its canonical name, its group, its names as a pattern, and what must be said with a score.

    `shots`: results with and without examples differ and both are in use. `generative`: the answer is sampled text that is
    run or parsed. `small`: so few questions that one sampled run is noise. `judged`: another model grades it. `metrics`: of
    these one must be named. `family`: benchmarks of one family are easily taken for each other. `part`: what names the
    subset or version, where the name alone does not. `kind` marks the narrow ones.
    """

    name: str
    group: str
    starts: tuple[str, ...]
    pattern: Pattern
    shots: bool = False
    generative: bool = False
    small: bool = False
    judged: bool = False
    own_scale: bool = False
    metrics: tuple[str, ...] = ()
    family: str | None = None
    part: Pattern | None = None
    kind: str | None = None


class Mention(NamedTuple):
    """A benchmark named at `text[start:end]`."""

    benchmark: Benchmark
    start: int
    end: int


_PASS = ("pass@k",)
_EM_F1 = ("em", "f1")
_GPQA = r"diamond|\bmain\b|extended"
_SWE = r"verified|lite\b|\bpro\b|\bfull\b|multi-?lingual|multi-?modal|\blive\b|gym|java|rebench"
_WINDOW = (
    r"\bv ?\d|\d\d/\d|20\d\d|\b2[3-6][01]\d\b|lite|pro\b|easy|medium|hard|"
    r"\bjan|\bfeb|\bmar|\bapr|\bmay|\bjune?\b|\bjul|\baug|\bsep|\boct|\bnov|\bdec"
)
_IFEVAL = r"strict|loose|prompt|inst(?:ruction|\b|\.)|avg|average|mean"
_YEAR = r"(?:20)?(?:2[0-9]|19)\b|198\d|I{1,2}\b"
_ARC = r"challenge|easy|\b[ce]\b|[-_/ ][ce]\b|25[- ]?shot|chat"
_ALPACA = r"\b[12](?:\.0)?\b|v[12]|\bLC|length[- ]control|win ?rate"
_NEEDLE = r"needles?(?:[- ]in[- ]an?[- ]hay ?stack|[- ](?:tests?|retrieval|accuracy|evaluations?|scores?)\b)|niah|pass ?key(?= retr)"
_MMLU = r"mmlu(?![-_ ]?(?:pro|redux|prox|cf)\b)|massive multitask language understanding|hendryckstest"
_ARC_NAMES = r"(?-i:ARC|arc(?=_)|Arc(?=[-_ ][CcEe]))(?:[-_ ]?(?:challenge|easy|[ce])(?![a-z]))?(?![-_ ]?agi)|ai2 reasoning challenge"
"""An arc is also a curve: a name in lower case is one of programs, with an underscore behind it."""
_HUMANEVAL = r"(?:openai[-_ ]?)?human[-_ ]?eval(?! ?\+|[- ]?plus)"
_LONG_TABLE: tuple[tuple[object, ...], ...] = (
    # name, group, first words, pattern after them, marks
    ("RULER", LONG, "RULER", r"RULER", "case"),
    ("LongBench", LONG, "longbench long", r"long[- ]?bench(?:[- ]?v2|[- ]?chat|[- ]?e)?", ""),
    ("InfiniteBench", LONG, "infinitebench infinite ∞bench ∞", r"(?:infinite|∞)[- ]?bench", ""),
    ("HELMET", LONG, "HELMET", r"HELMET", "case"),
    ("L-Eval", LONG, "l leval", r"l-?eval", ""),
    ("NoLiMa", LONG, "nolima", r"nolima", ""),
    ("MRCR", LONG, "mrcr openai", r"(?:openai[- ])?mrcr", ""),
    ("LOFT", LONG, "LOFT", r"LOFT", "case"),
    ("SCROLLS", LONG, "zeroscrolls scrolls", r"(?:zero)?scrolls", ""),
    ("BABILong", LONG, "babilong", r"babilong", ""),
    ("LV-Eval", LONG, "lv lveval", r"lv-?eval", ""),
    ("Fiction.LiveBench", LONG, "fiction", r"fiction\.? ?live ?bench", ""),
    ("GraphWalks", LONG, "graphwalks", r"graphwalks", ""),
    ("CorpusQA", LONG, "corpusqa", r"corpusqa", ""),
    ("NarrativeQA", LONG, "narrativeqa", r"narrative ?qa", ""),
    ("Needle in a haystack", LONG, "needle needles niah passkey pass", _NEEDLE, "needle"),
)  # fmt: skip
_TABLE: tuple[tuple[object, ...], ...] = (
    ("MMLU-Pro", KNOWLEDGE, "mmlu mmlupro", r"mmlu[-_ ]?pro", "shots family=MMLU"),
    ("MMLU-Redux", KNOWLEDGE, "mmlu", r"mmlu[-_ ]?redux", "shots family=MMLU"),
    ("MMLU-ProX", MULTILINGUAL, "mmlu", r"mmlu[-_ ]?prox", "shots"),
    ("Global-MMLU", MULTILINGUAL, "global", r"global[-_ ]mmlu", "shots"),
    ("MMMLU", MULTILINGUAL, "mmmlu multilingual m", r"mmmlu|(?:multilingual|m)[-_ ]mmlu", "shots"),
    ("CMMLU", KNOWLEDGE, "cmmlu", r"cmmlu", "shots"),
    ("MMLU", KNOWLEDGE, "mmlu massive hendryckstest", _MMLU, "shots family=MMLU"),
    ("C-Eval", KNOWLEDGE, "ceval c", r"c-?eval", "shots"),
    ("AGIEval", KNOWLEDGE, "agieval agi", r"agi[- ]?eval", "shots"),
    ("BBH", KNOWLEDGE, "bbh big bigbench", r"bbh|big[- ]?bench[- ]?hard", "shots"),
    ("GPQA", KNOWLEDGE, "gpqa", r"gpqa", "shots", _GPQA),
    ("SuperGPQA", KNOWLEDGE, "supergpqa", r"supergpqa", "shots"),
    ("Humanity's Last Exam", KNOWLEDGE, "humanity hle", r"humanity'?s last exam|hle", ""),
    ("SimpleQA", KNOWLEDGE, "simpleqa simple chinese", r"(?:chinese )?simple[- ]?qa", ""),
    ("ARC", KNOWLEDGE, "arc ai2", _ARC_NAMES, "shots", _ARC),
    ("HellaSwag", KNOWLEDGE, "hellaswag hella", r"hella[- ]?swag", "shots"),
    ("WinoGrande", KNOWLEDGE, "winogrande", r"winogrande", "shots"),
    ("PIQA", KNOWLEDGE, "piqa", r"piqa", "shots"),
    ("SIQA", KNOWLEDGE, "siqa social", r"siqa|social[- ]?iqa", "shots"),
    ("BoolQ", KNOWLEDGE, "boolq", r"boolq", "shots"),
    ("OpenBookQA", KNOWLEDGE, "openbookqa obqa", r"openbookqa|obqa", "shots"),
    ("CommonsenseQA", KNOWLEDGE, "commonsenseqa csqa", r"commonsense[- ]?qa|csqa", "shots"),
    ("TriviaQA", KNOWLEDGE, "triviaqa trivia", r"trivia[- ]?qa", "shots"),
    ("Natural Questions", KNOWLEDGE, "natural naturalquestions", r"natural[- ]?questions", "shots"),
    ("DROP", KNOWLEDGE, "DROP", r"DROP", "case shots", None, _EM_F1),
    ("QuAC", KNOWLEDGE, "quac", r"quac", "shots"),
    ("SQuAD", KNOWLEDGE, "squad", r"squad(?:[- ]?v?[12](?:\.\d)?)?", "shots", None, _EM_F1),
    ("LAMBADA", KNOWLEDGE, "lambada", r"lambada(?:_openai)?", ""),
    ("SciQ", KNOWLEDGE, "sciq", r"sciq", "shots"),
    ("MedQA", KNOWLEDGE, "medqa", r"med[- ]?qa", "shots"),
    ("LiveBench", KNOWLEDGE, "livebench", r"livebench", ""),
    ("GSM8K", MATH, "gsm8k gsm gsm8kcot", r"gsm[- ]?8k(?:[-_]cot)?", "shots generative"),
    ("MATH-500", MATH, "math math500", r"math[- ]?500", "generative family=MATH"),
    ("MATH", MATH, "MATH", r"MATH(?![- ]?500)(?:[- ]?(?:Lvl|Level)[- ]?5)?", "case shots generative family=MATH"),
    ("MATH", MATH, "hendrycks minerva", r"(?:hendrycks|minerva)[-_ ]?math(?:_hard)?", "shots generative family=MATH"),
    ("CMATH", MATH, "cmath", r"cmath", "shots generative"),
    ("AIME", MATH, "aime aime24 aime25", r"aime ?'?(?:24|25|26)?", "generative small", _YEAR),
    ("HMMT", MATH, "hmmt", r"hmmt", "generative small", r"20\d\d|2[3-6]\b|feb|nov"),
    ("OlympiadBench", MATH, "olympiadbench olympiad", r"olympiad[- ]?bench", "generative"),
    ("Minerva Math", MATH, "minerva", r"minerva math", "generative"),
    ("FrontierMath", MATH, "frontiermath", r"frontier ?math", "generative"),
    ("CNMO", MATH, "CNMO", r"CNMO", "case generative small", r"20\d\d"),
    ("AMC", MATH, "AMC AMC23", r"AMC(?: ?23)?", "case generative small"),
    ("TheoremQA", MATH, "theoremqa", r"theorem ?qa", "shots generative"),
    ("HumanEval+", CODE, "humaneval human", r"human[- ]?eval ?(?:\+|[- ]plus)", "generative family=HumanEval", None, _PASS),
    ("HumanEval-X", CODE, "humaneval human", r"human[- ]?eval[- ]?(?:x|xl|mul|pack|fix\w{0,12}|explain|fim|infilling|v)\b", "generative"),
    ("HumanEval", CODE, "humaneval human openai", _HUMANEVAL, "generative family=HumanEval", None, _PASS),
    ("MBPP+", CODE, "mbpp", r"mbpp ?(?:\+|[- ]plus)", "generative family=MBPP", None, _PASS),
    ("MBPP", CODE, "mbpp", r"mbpp(?! ?\+|[- ]?plus)", "shots generative family=MBPP", None, _PASS),
    ("MultiPL-E", CODE, "multipl", r"multipl-e", "generative", None, _PASS),
    ("EvalPlus", CODE, "evalplus", r"eval ?plus", "generative"),
    ("LiveCodeBench", CODE, "livecodebench live lcb", r"live[- ]?code[- ]?bench(?:[- ]?pro)?|lcb", "generative", _WINDOW),
    ("SWE-bench", CODE, "swe swebench", r"swe[- ]?bench|swe[- ](?:verified|lite|pro|multilingual)", "generative", _SWE),
    ("BigCodeBench", CODE, "bigcodebench", r"big ?code ?bench", "generative"),
    ("Codeforces", CODE, "codeforces", r"codeforces", "generative own"),
    ("DS-1000", CODE, "ds ds1000", r"ds-?1000", "generative"),
    ("CRUXEval", CODE, "cruxeval crux", r"crux[- ]?eval(?:[-_ ]?[io])?", "generative"),
    ("Aider", CODE, "aider", r"aider(?:[- ](?:polyglot|edit))?", "generative"),
    ("APPS", CODE, "APPS", r"APPS", "case generative", None, _PASS),
    ("Spider", CODE, "SPIDER Spider", r"(?:SPIDER|Spider)", "case generative"),
    ("IFEval", INSTRUCTION, "ifeval if instruction", r"if-?eval|instruction[- ]following[- ]eval", "", _IFEVAL),
    ("IFBench", INSTRUCTION, "ifbench", r"if-?bench", ""),
    ("Multi-IF", INSTRUCTION, "multi multiif", r"multi-?if", ""),
    ("FollowBench", INSTRUCTION, "followbench", r"followbench", "judged"),
    ("InFoBench", INSTRUCTION, "infobench", r"infobench", "judged"),
    ("MT-Bench", INSTRUCTION, "mt mtbench komt", r"(?:ko)?mt[-_ ]?bench", "judged own"),
    ("AlpacaEval", INSTRUCTION, "alpacaeval alpaca", r"alpaca[-_ ]?eval", "judged", _ALPACA),
    ("Arena-Hard", INSTRUCTION, "arena arenahard", r"arena[- ]?hard", "judged"),
    ("AlignBench", INSTRUCTION, "alignbench", r"align[- ]?bench", "judged own"),
    ("WildBench", INSTRUCTION, "wildbench", r"wild[- ]?bench", "judged own"),
    ("Vicuna-Bench", INSTRUCTION, "vicuna", r"vicuna[- ]?bench", "judged own"),
    ("WritingBench", INSTRUCTION, "writingbench", r"writing[- ]?bench", "judged own"),
    ("Creative Writing", INSTRUCTION, "creative", r"creative writing v\d", "judged own"),
    ("Chatbot Arena", PREFERENCE, "chatbot lmarena lmsys arena", r"chatbot arena|lm ?arena|lmsys arena|arena elo", "own"),
    ("TruthfulQA", SAFETY, "truthfulqa truthful", r"truthful[-_ ]?qa(?:_mc[12]?|_gen)?", "truth"),
    ("ToxiGen", SAFETY, "toxigen", r"toxigen", ""),
    ("RealToxicityPrompts", SAFETY, "realtoxicityprompts real realtoxicity", r"real[- ]?toxicity[- ]?(?:prompts)?", ""),
    ("BBQ", SAFETY, "BBQ", r"BBQ", "case"),
    ("BOLD", SAFETY, "BOLD", r"BOLD(?= (?:score|bias|dataset|sentiment))", "case"),
    ("CrowS-Pairs", SAFETY, "crows", r"crows[-_ ]?pairs", ""),
    ("HarmBench", SAFETY, "harmbench", r"harmbench", ""),
    ("AdvBench", SAFETY, "advbench", r"advbench", ""),
    ("XSTest", SAFETY, "xstest", r"xstest", ""),
    ("StrongREJECT", SAFETY, "strongreject", r"strong ?reject", ""),
    ("WMDP", SAFETY, "wmdp", r"wmdp", ""),
    ("WildGuard", SAFETY, "wildguard wildguardtest wildjailbreak", r"wild(?:guard(?:test)?|jailbreak)", ""),
    ("Do-Not-Answer", SAFETY, "do donotanswer", r"do[- ]?not[- ]?answer", ""),
    ("SafetyBench", SAFETY, "safetybench", r"safety ?bench", ""),
    ("SALAD-Bench", SAFETY, "salad", r"salad[- ]?bench", ""),
    ("JailbreakBench", SAFETY, "jailbreakbench", r"jailbreak ?bench", ""),
    ("CyberSecEval", SAFETY, "cyberseceval", r"cyberseceval", ""),
    ("AILuminate", SAFETY, "ailuminate", r"ailuminate", ""),
    ("MGSM", MULTILINGUAL, "mgsm", r"mgsm", "shots generative"),
    ("MLogiQA", MULTILINGUAL, "mlogiqa", r"mlogiqa", ""),
    ("INCLUDE", MULTILINGUAL, "INCLUDE", r"INCLUDE(?=$|[ -]?(?:44|base|lite|\(|\d))", "case"),
    ("Belebele", MULTILINGUAL, "belebele", r"belebele", "shots"),
    ("XCOPA", MULTILINGUAL, "xcopa", r"xcopa", "shots"),
    ("XNLI", MULTILINGUAL, "xnli", r"xnli", ""),
    ("XQuAD", MULTILINGUAL, "xquad", r"xquad", ""),
    ("TyDi QA", MULTILINGUAL, "tydi tydiqa", r"tydi ?qa", ""),
    ("XStoryCloze", MULTILINGUAL, "xstorycloze", r"xstorycloze", "shots"),
    ("XWinograd", MULTILINGUAL, "xwinograd", r"xwinograd", "shots"),
    ("PAWS-X", MULTILINGUAL, "paws", r"paws-x", ""),
    ("FLORES", MULTILINGUAL, "flores", r"flores[- ]?(?:101|200)?", ""),
    ("WMT", MULTILINGUAL, "wmt wmt14 wmt16 wmt19 wmt22 wmt23 wmt24", r"wmt ?'?(?:14|16|19|2\d|20[12]\d)(?:\+\+)?", ""),
    ("PolyMath", MULTILINGUAL, "polymath", r"polymath", "generative"),
    ("MT-AIME", MULTILINGUAL, "mt", r"mt-aime\d*", "generative"),
    ("MMMU-Pro", MULTIMODAL, "mmmu", r"mmmu[-_ ]?pro", "family=MMMU"),
    ("MMMU", MULTIMODAL, "mmmu", r"mmmu(?![-_ ]?pro)", "family=MMMU"),
    ("MathVista", MULTIMODAL, "mathvista", r"math[- ]?vista", ""),
    ("MathVision", MULTIMODAL, "mathvision", r"math[- ]?vision", ""),
    ("MathVerse", MULTIMODAL, "mathverse", r"math ?verse", ""),
    ("MMBench", MULTIMODAL, "mmbench", r"mmbench", ""),
    ("MMStar", MULTIMODAL, "mmstar", r"mmstar", ""),
    ("MM-Vet", MULTIMODAL, "mm mmvet", r"mm-?vet", ""),
    ("MME", MULTIMODAL, "MME", r"MME", "case own"),
    ("SEED-Bench", MULTIMODAL, "seed seedbench", r"seed[- ]?bench", ""),
    ("AI2D", MULTIMODAL, "ai2d", r"ai2d", ""),
    ("ChartQA", MULTIMODAL, "chartqa", r"chart ?qa", ""),
    ("DocVQA", MULTIMODAL, "docvqa", r"doc ?vqa", ""),
    ("InfoVQA", MULTIMODAL, "infovqa infographicvqa", r"info(?:graphic)? ?vqa", ""),
    ("TextVQA", MULTIMODAL, "textvqa", r"text ?vqa", "ocr"),
    ("ST-VQA", MULTIMODAL, "st stvqa", r"st-?vqa", "ocr"),
    ("OCRBench", MULTIMODAL, "ocrbench ocr", r"ocr[- ]?bench", "ocr own"),
    ("CC-OCR", MULTIMODAL, "cc", r"cc-ocr", "ocr"),
    ("COCO captions", MULTIMODAL, "coco mscoco ms", r"(?:ms-?)?coco(?: 2014| 2017)? ?(?:cap\w{0,6}|karpathy)", "caption own"),
    ("NoCaps", MULTIMODAL, "nocaps", r"no ?caps", "caption own"),
    ("Flickr30k", MULTIMODAL, "flickr30k flickr", r"flickr ?30k?", "caption own"),
    ("TextCaps", MULTIMODAL, "textcaps", r"text ?caps", "caption own"),
    ("VQAv2", MULTIMODAL, "vqav2 vqa", r"vqa ?v2", ""),
    ("GQA", MULTIMODAL, "GQA", r"GQA(?= ?(?:$|\d|accuracy|score|test|benchmark))", "case"),
    ("OK-VQA", MULTIMODAL, "ok okvqa", r"ok-?vqa", ""),
    ("ScienceQA", MULTIMODAL, "scienceqa sqa", r"science ?qa", ""),
    ("RealWorldQA", MULTIMODAL, "realworldqa", r"real ?world ?qa", ""),
    ("HallusionBench", MULTIMODAL, "hallusionbench", r"hallusion ?bench", ""),
    ("POPE", MULTIMODAL, "POPE", r"POPE", "case"),
    ("Video-MME", MULTIMODAL, "video videomme", r"video-?mme", ""),
    ("MVBench", MULTIMODAL, "mvbench", r"mvbench", ""),
    ("EgoSchema", MULTIMODAL, "egoschema", r"egoschema", ""),
    ("ScreenSpot", MULTIMODAL, "screenspot", r"screenspot(?:[- ]?pro)?", ""),
    ("MTEB", EMBEDDING, "mteb mmteb cmteb c", r"(?:mm|c-?)?mteb", ""),
    ("BEIR", EMBEDDING, "beir", r"beir", ""),
    ("MS MARCO", EMBEDDING, "ms msmarco", r"ms[- ]?marco", ""),
    ("MIRACL", EMBEDDING, "miracl", r"miracl", ""),
    ("MKQA", EMBEDDING, "mkqa", r"mkqa", ""),
    ("MLDR", EMBEDDING, "mldr", r"mldr", ""),
    ("STS", EMBEDDING, "sts stsbenchmark stsb", r"sts(?:[- ]?b(?:enchmark)?|1[2-7]|22)(?![a-z])", ""),
    ("BRIGHT", EMBEDDING, "BRIGHT", r"BRIGHT", "case"),
    ("TREC", EMBEDDING, "TREC", r"TREC(?:[- ](?:DL|COVID)\S{0,4})", "case"),
    ("GLUE", UNDERSTANDING, "GLUE glue", r"(?:GLUE|glue)", "case"),
    ("SuperGLUE", UNDERSTANDING, "superglue", r"super ?glue", ""),
    ("MNLI", UNDERSTANDING, "mnli multinli", r"mnli|multinli", ""),
    ("SST-2", UNDERSTANDING, "sst", r"sst-?2", ""),
    ("CLUE", UNDERSTANDING, "CLUE", r"CLUE(?=$|[ -](?:benchmark|score|\d))", "case"),
    ("CoNLL", UNDERSTANDING, "conll conll2003", r"conll[- ]?(?:20)?\d\d", ""),
    ("LibriSpeech", SPEECH, "librispeech", r"librispeech", "own"),
    ("Common Voice", SPEECH, "common commonvoice", r"common ?voice", "own"),
    ("FLEURS", SPEECH, "fleurs", r"fleurs", "own"),
    ("AISHELL", SPEECH, "aishell", r"aishell[- ]?\d?", "own"),
    ("VoiceBench", SPEECH, "voicebench", r"voice ?bench", ""),
    ("MMAU", SPEECH, "MMAU", r"MMAU", "case"),
    ("BFCL", AGENT, "bfcl berkeley", r"bfcl|berkeley function[- ]calling(?: leaderboard)?", "", r"\bv ?\d|_v\d|live|multi"),
    ("tau-bench", AGENT, "tau tau2 τ τ2 τ²", r"(?:tau|τ)[²2^]{0,2}[- ]?bench", ""),
    ("Terminal-Bench", AGENT, "terminal terminalbench", r"terminal[- ]?bench", ""),
    ("BrowseComp", AGENT, "browsecomp", r"browse ?comp", ""),
    ("GAIA", AGENT, "GAIA", r"GAIA", "case"),
    ("AgentBench", AGENT, "agentbench", r"agent ?bench", ""),
    ("ACEBench", AGENT, "acebench", r"ace ?bench", ""),
    ("ZebraLogic", KNOWLEDGE, "zebralogic", r"zebra ?logic", ""),
    ("MUSR", KNOWLEDGE, "musr", r"musr", ""),
)  # fmt: skip
_COMMON = {
    "c": ("c-eval", "c-mteb"),
    "l": ("l-eval",),
    "m": ("m-mmlu", "m_mmlu"),
    "if": ("if-eval", "if-bench"),
    "do": ("do-not-answer", "do not answer", "donotanswer"),
    "ms": ("ms marco", "ms-marco", "ms-coco", "mscoco"),
    "st": ("st-vqa",),
    "cc": ("cc-ocr",),
    "mm": ("mm-vet",),
    "ds": ("ds-1000", "ds1000"),
    "ok": ("ok-vqa", "okvqa"),
    "lv": ("lv-eval",),
    "mt": ("mt-bench", "mt bench", "mt_bench", "mt-aime"),
    "big": ("big-bench", "bigbench", "big bench"),
    "pass": ("passkey", "pass key"),
    "live": ("livecodebench", "live code", "live-code"),
    "long": ("longbench", "long bench", "long-bench"),
    "simple": ("simple qa", "simple-qa"),
    "human": ("human eval", "human-eval", "human_eval"),
    "real": ("real toxicity", "real-toxicity", "real world qa"),
    "global": ("global-mmlu", "global mmlu", "global_mmlu"),
    "common": ("common voice",),
    "natural": ("natural questions", "natural-questions"),
    "instruction": ("instruction following eval", "instruction-following eval"),
    "multi": ("multi-if",),
    "multilingual": ("multilingual mmlu", "multilingual-mmlu"),
    "video": ("video-mme", "video mme"),
    "chinese": ("chinese simple",),
    "creative": ("creative writing v",),
    "openai": ("openai_humaneval", "openai-mrcr", "openai mrcr", "openai humaneval"),
    "terminal": ("terminal-bench", "terminal bench"),
    "trivia": ("trivia qa", "trivia-qa"),
    "math": ("math-500", "math 500", "math500"),
    "arena": ("arena-hard", "arena hard", "arena elo"),
    "ocr": ("ocr bench", "ocr-bench"),
    "alpaca": ("alpaca eval", "alpaca-eval", "alpaca_eval"),
    "vicuna": ("vicuna bench", "vicuna-bench"),
}
"""Words that begin a name and much else, with what a text that names the benchmark holds in lower case."""
LONG_TEXT = 600
"""Characters from which on it pays to look first which words occur at all."""
_FLAGS = frozenset(("shots", "generative", "small", "judged"))
_WORD = Pattern(r"[A-Za-z∞τ][A-Za-z0-9²∞]*")
_AFTER = r"(?![A-Za-z0-9²])(?!_[a-z](?!ot\b|hallenge\b|asy\b))"


def _entry(row: tuple[object, ...]) -> Benchmark:
    name, group, starts, pattern, marks = (str(item) for item in row[:5])
    part = row[5] if len(row) > 5 else None
    metrics = row[6] if len(row) > 6 else ()
    said = marks.split()
    flags = 0 if "case" in said else re.IGNORECASE
    return Benchmark(
        name,
        group,
        tuple(start if "case" in said else start.lower() for start in starts.split()),
        Pattern(f"(?:{pattern}){_AFTER}", flags),
        own_scale="own" in said,
        metrics=tuple(str(metric) for metric in metrics) if isinstance(metrics, tuple) else (),
        family=next((mark.removeprefix("family=") for mark in said if mark.startswith("family=")), None),
        part=Pattern(str(part), re.IGNORECASE) if part else None,
        kind=next((mark for mark in said if mark in (NEEDLE, OCR, CAPTION, TRUTH)), None),
        **{flag: flag in said for flag in _FLAGS},
    )


@cache
def catalogue() -> tuple[Benchmark, ...]:
    """Every benchmark."""
    return tuple(_entry(row) for row in (*_TABLE, *_LONG_TABLE))


@cache
def _by_start() -> dict[str, tuple[Benchmark, ...]]:
    found: dict[str, list[Benchmark]] = {}
    for benchmark in catalogue():
        for start in benchmark.starts:
            found.setdefault(start, []).append(benchmark)
    return {start: tuple(named) for start, named in found.items()}


def mentions(text: str, start: int = 0, end: int | None = None) -> Iterator[Mention]:
    """Every benchmark a stretch of text names, left to right, none inside another."""
    starts = _by_start()
    free = start
    stop = len(text) if end is None else end
    for word in _words(text, start, stop):
        if word.start() < free:
            continue
        spelled = word.group()
        candidates = starts.get(spelled.lower(), ())
        if not spelled.islower():
            candidates = (*starts.get(spelled, ()), *candidates)
        best: Mention | None = None
        for benchmark in candidates:
            found = benchmark.pattern.match(text, word.start(), stop)
            if found is not None and (best is None or found.end() > best.end):
                best = Mention(benchmark, word.start(), found.end())
        if best is not None:
            free = best.end
            yield best


def _words(text: str, start: int, stop: int) -> Iterator[re.Match[str]]:
    """The words that may begin a name; in a long text only those are walked."""
    if stop - start < LONG_TEXT:
        return _WORD.finditer(text, start, stop)
    starts = _by_start()
    present = sorted(word for word in set(_WORD.compiled.findall(text, start, stop)) if word in starts or word.lower() in starts)
    if any(word.lower() in _COMMON for word in present):
        low = text[start:stop].lower()
        present = [word for word in present if _likely(word, low)]
    if not present:
        return iter(())
    return re.compile(rf"(?<![A-Za-z0-9²∞])(?:{'|'.join(map(re.escape, present))})(?![A-Za-z0-9²∞])").finditer(text, start, stop)


def _likely(word: str, lowered: str) -> bool:
    literals = _COMMON.get(word.lower())
    return literals is None or (len(word) > 1 and word.isupper()) or any(literal in lowered for literal in literals)
