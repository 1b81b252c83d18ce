"""The converted model is the model: the engine makes the same tokens of a text, and the same of the tokens."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from curta.engine import process
from curta.engine.process.state import Address
from curta.http import HTTPRequest, stream
from curta.training.export import Precision, to_gguf
from curta.training.vocabulary import CUTS
from tests.tiny.fixtures import MODEL, held

tokenizers = pytest.importorskip("tokenizers", reason="the reference for token ids")
pytest.importorskip("xllamacpp", reason="the engine")
pytest.importorskip("gguf", reason="the converter needs it")

pytestmark = pytest.mark.usefixtures("one_thread")

REFERENCE = [
    (row["ids"], {int(token): value for token, value in row["next"].items()})
    for row in json.loads((MODEL / "reference.json").read_text(encoding="utf-8"))["prompts"]
]
"""Prompts, and the likeliest next tokens with their log-probabilities, as `transformers` computed them from the same
weights in 32 bits (`tests/tiny/make.py`)."""

LEAST = -5.0
"""Log-probability; of less likely tokens, the 16 bits of the engine's cache show."""

SAMPLES = [
    *("The quick brown fox jumps over the lazy dog.", "Grüße aus Köln: „Straße“", "Ça va? L'été à Noël, œuvre"),
    *("¿Dónde está el niño?", "Příliš žluťoučký kůň úpěl ďábelské ódy", "Zażółć gęślą jaźń", "Đà Nẵng, Việt Nam"),
    *("İstanbul'da ığdır", "Привет, мир! Съешь ещё булок", "Київ їжак ґанок", "Καλημέρα κόσμε, Ξεσκεπάζω"),
    *("Բարեւ աշխարհ", "გამარჯობა მსოფლიო", "שלום עולם, מה שלומך?", "مرحبا بالعالم، كيف الحال؟", "سلام دنیا"),
    *("नमस्ते दुनिया, कैसे हो?", "হ্যালো বিশ্ব", "வணக்கம் உலகம்", "హలో ప్రపంచం", "ഹലോ വേൾഡ്", "ආයුබෝවන් ලෝකය"),
    *("สวัสดีชาวโลก", "ສະບາຍດີໂລກ", "မင်္ဂလာပါ", "សួស្តីពិភពលោក", "བཀྲ་ཤིས་བདེ་ལེགས།", "ሰላም ልዑል", "ᎣᏏᏲ", "ᠮᠣᠩᠭᠣᠯ"),
    *("你好，世界！今天天气很好。", "漢字と仮名交じり文、カタカナ", "안녕하세요 세계, 한국어", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ℵ₀"),
    *(
        "🦜🪶👩‍👩‍👧‍👦🇺🇦🏳️‍🌈",
        "e\u0301 and é",
        "\u200bzero\u200dwidth\ufeff",
        "\u202eright to left\u202c",
        "\x00\x01\x7f\x85",
    ),
    *("it's we're I'd they'll you've 'tis IT'S o'clock", "1234567890 3.14159 1,000,000", "½ ² Ⅷ ٣ ३ 0x1F 1e-9"),
    *("tabs\tand  two   three    spaces ", "\r\n\r\n \n\n\t\n", "   leading", "trailing   ", "a\u00a0b\u2003c\u3000d"),
    *(
        '{"name": "Eva", "n": [1, 2.5, null]}',
        "def f(x):\n    return x**2  # square\n",
        "SELECT * FROM t WHERE a <> 'b';",
    ),
    *(
        '<p class="x">&amp;</p>',
        "https://example.org/a?b=c&d=%20#e",
        "C:\\Users\\x\\n.txt",
        "$100 €5 ¥4 ₿1",
        "±×÷≠≤∞√∑∫",
    ),
    *(
        "« guillemets » “curly” ‘single’ —–…",
        "<|im_start|>user\nHi<|im_end|>",
        "text<|endoftext|>more",
        "<|im_ start|>",
    ),
    *("Eva lost a red kite in Oslo. Where is Eva?", "", " ", "a" * 300),
]
TEXTS = [
    made for text in SAMPLES for made in (text, f" {text}", f"{text}\n\n{text}", text.upper(), text[::-1], f"({text})")
]


class Engine:
    """The engine of one file, asked for what the chat protocol does not give."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def tokens(self, text: str) -> list[int]:
        return self._asked("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]

    def next(self, ids: list[int]) -> dict[int, float]:
        """The log-probabilities of the ten likeliest next tokens."""
        how = {"n_predict": 1, "n_probs": 10, "temperature": 0, "ignore_eos": True}  # an end has no probabilities
        said = self._asked("/completion", {"prompt": ids, "cache_prompt": False, **how})
        return {each["id"]: each["logprob"] for each in said["completion_probabilities"][0]["top_logprobs"]}

    def _asked(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url, headers = self._address.url.removesuffix("/v1") + path, {"authorization": f"Bearer {self._address.key}"}
        sent = HTTPRequest("POST", url, headers, json.dumps(body).encode(), whole=True, socket=self._address.socket)
        with stream(sent) as reply:
            answer = json.loads(b"".join(reply.chunks))
        assert reply.status == 200, answer
        return answer


@contextmanager
def engine(path: Path) -> Iterator[Engine]:
    try:
        yield Engine(process.serve(held("tiny", path)))
    finally:
        process.stop()


def converted(folder: Path, precision: Precision) -> Path:
    return to_gguf(MODEL, folder / f"{precision}.gguf", precision)


def test_the_same_tokens_in_every_script(tiny_gguf: Path) -> None:
    reference = tokenizers.Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    assert len(set(TEXTS)) > 300
    with engine(tiny_gguf) as tiny:
        wrong = [text for text in TEXTS if tiny.tokens(text) != reference.encode(text).ids]
    assert not wrong


@pytest.mark.parametrize("cut", CUTS, ids=[name for name, _ in CUTS])
def test_the_same_tokens_however_words_are_cut(tmp_path: Path, cut: tuple[str, list[dict[str, Any]]]) -> None:
    _, steps = cut
    folder = shutil.copytree(MODEL, tmp_path / "model")
    told = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    told["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [{"trim_offsets": True, **step} for step in steps]}
    (folder / "tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    with engine(to_gguf(folder, tmp_path / "tiny.gguf")) as tiny:
        wrong = [text for text in TEXTS if tiny.tokens(text) != reference.encode(text).ids]
    assert not wrong


@pytest.mark.parametrize(("precision", "tolerance"), [("f32", 0.005), ("f16", 0.02)])
def test_the_same_probabilities(tmp_path: Path, precision: Precision, tolerance: float) -> None:
    with engine(converted(tmp_path, precision)) as tiny:
        for ids, expected in REFERENCE:
            found = tiny.next(ids)
            likely = [token for token in expected if expected[token] > LEAST]
            assert max(abs(found[token] - expected[token]) for token in likely) < tolerance


def test_eight_bits_choose_the_same_token_where_the_choice_is_clear(tmp_path: Path) -> None:
    with engine(converted(tmp_path, "q8_0")) as tiny:
        for ids, expected in REFERENCE:
            found = tiny.next(ids)
            first, second, *_ = sorted(expected, key=expected.__getitem__, reverse=True)
            if expected[first] - expected[second] > 0.7:
                assert max(found, key=found.__getitem__) == first
