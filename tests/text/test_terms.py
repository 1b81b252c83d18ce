"""Terms: what counts as the same word, in several languages and scripts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.text.terms import fold, is_unspaced, language, length, terms, words

SAME = [
    ("en", "stopped", "stops"),
    ("en", "carried", "carry"),
    ("en", "built", "builds"),
    ("en", "leaves", "left"),
    ("en", "controlled", "controls"),
    ("en", "passes", "pass"),
    ("en", "died", "death"),
    ("en", "The mills'", "mill"),
    ("de", "Glasbläsern", "Glasbläser"),
    ("de", "STRASSE", "Straße"),
    ("fr", "l'école", "écoles"),
    ("fr", "construction", "constructions"),
    ("es", "habitaciones", "habitación"),
    ("it", "costruzioni", "costruzione"),
    ("pt", "estações", "estação"),
    ("nl", "boeken", "boek"),
    ("ru", "дома", "домами"),
    ("ar", "المدينة", "مدينة"),
    (None, "ﬁne", "fine"),
    (None, "Ｗｉｄｅ", "wide"),
    (None, "cafe\u0301", "café"),
]

OTHER = [
    ("en", "miller", "mill"),
    ("en", "1794", "1749"),
    (None, "stopped", "stops"),
]


@pytest.mark.parametrize(("code", "one", "other"), SAME)
def test_forms_of_a_word_are_one_term(code: str | None, one: str, other: str) -> None:
    assert terms(one, code) == terms(other, code) != []


@pytest.mark.parametrize(("code", "one", "other"), OTHER)
def test_different_words_stay_different(code: str | None, one: str, other: str) -> None:
    assert terms(one, code) != terms(other, code)


def test_words_without_a_topic_are_left_out() -> None:
    assert terms("Who said that it was the wheel?", "en") == ["wheel"]
    assert terms("Wer hat das gesagt, und warum?", "de") == ["sag"]


def test_an_unknown_language_keeps_every_word() -> None:
    assert terms("the mill at noon") == ["the", "mill", "at", "noon"]


def test_scripts_without_spaces_are_compared_by_bigrams() -> None:
    assert terms("北京大学", "zh") == ["北京", "京大", "大学"]
    assert terms("北京A1大", "zh") == ["北京", "a1", "大"]
    assert is_unspaced("北京")
    assert not is_unspaced("dom")


def test_function_characters_make_no_bigrams() -> None:
    assert terms("红色的门", "zh") == ["红色"]


def test_vowel_signs_do_not_part_words() -> None:
    assert words("हिन्दी में") == ["हिन्दी", "में"]


def test_underscores_part_words_and_case_does_not_matter() -> None:
    assert terms("Page_Index") == ["page", "index"]
    assert fold("ÉCOLE") == "école"


def test_length_counts_two_characters_of_an_unspaced_script_as_a_word() -> None:
    assert length("three short words") == 3
    assert length("北京大学在北京") == 4


TEXTS = {
    "en": "The mill was built in the year of the flood, and it has stood there since.",
    "de": "Die Mühle wurde im Jahr der Flut gebaut und steht seitdem dort.",
    "fr": "Le moulin a été construit dans la vallée et il est toujours là.",
    "es": "El molino fue construido en el valle y está todavía en pie.",
    "it": "Il mulino è stato costruito nella valle ed è ancora in piedi.",
    "pt": "O moinho foi construído no vale e ainda está de pé, como sempre.",
    "nl": "De molen werd in het dal gebouwd en staat er nog steeds.",
    "ru": "Мельница была построена в долине и стоит до сих пор.",
    "zh": "磨坊建在山谷里，至今仍然存在。",
    "ja": "水車小屋は谷に建てられました。",
    "ko": "방앗간은 계곡에 지어졌습니다.",
    "ar": "بنيت المطحنة في الوادي ولا تزال قائمة.",
    "he": "הטחנה נבנתה בעמק.",
    "hi": "चक्की घाटी में बनाई गई थी।",
    "th": "โรงสีถูกสร้างขึ้นในหุบเขา",
    "el": "Ο μύλος χτίστηκε στην κοιλάδα.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_languages_are_told_apart(code: str) -> None:
    assert language(TEXTS[code]) == code


def test_a_foreign_name_said_often_is_no_language() -> None:
    teams = "Los Angeles Rams, Los Angeles Lakers, Los Angeles Clippers, Los Angeles Kings and Los Angeles Galaxy"
    assert language(f"The teams of the region include the {teams}.") == "en"


@pytest.mark.parametrize("text", ["", "1234 5678", "xyzzy plugh", "🎉🎉", "\x00\x01"])
def test_nothing_tells_the_language_of_nothing(text: str) -> None:
    assert language(text) is None


@settings(max_examples=100)
@given(st.text(max_size=200), st.sampled_from([*TEXTS, None]))
def test_terms_are_whole_and_already_folded(text: str, code: str | None) -> None:
    found = terms(text, code)
    assert all(found)
    assert found == terms(text, code)
    assert sum(map(len, found)) <= 6 * len(text) + 6
