"""Quotations that look right and are not: the edges at which a checker by plain search is deceived."""

import pytest

from curta.messages import Document, Span
from curta.quotes import Quote, Report, Sources, check


def thread(*said: tuple[str | None, str], uri: str = "thread.json") -> Document:
    """A document of stretches by authors, one on a line."""
    text, spans = "", []
    for author, words in said:
        if author:
            spans.append(Span(len(text), len(text) + len(words), author))
        text += words + "\n"
    return Document(text, uri=uri, spans=tuple(spans))


def quoted(words: str, *documents: Document, author: str = "") -> Quote:
    """The verdict on one quotation."""
    (quote,) = check(f"So: “{words}”" + (f" — {author}" if author else ""), documents).quotes
    return quote


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("500 dollars for the old wheel", "It cost 3,500 dollars for the old wheel."),
        ("500 euros pour la roue", "Il a coûté 3 500 euros pour la roue."),
        ("5 million for the land", "They paid 1.5 million for the land."),
        ("5 million for the land", "They paid .5 million for the land."),
        ("they paid 1.5 in the end", "They paid 1.5 million in the end."),
        ("they paid exactly 3", "They paid exactly 3 million."),
        ("million dollars for the land", "They paid 2 million dollars for the land."),
        ("I think we can", "I think we can't."),
        ("t like this at all", "I don't like this at all."),
        ("-5 degrees in the night", "It had 5 degrees in the night."),
        ("5 degrees in the night", "It had -5 degrees in the night."),
        ("20 people came to help", "About 10-20 people came to help."),
        ("20 people came to help", "About 10 to 20 people came to help."),
        ("there were about 10", "There were about 10-20 people."),
        ("toxic paint for the yard", "We bought non-toxic paint for the yard."),
        ("one of them stayed there", "Twenty-one of them stayed there."),
        ("it is full of sugar", "It is full of sugar-free sweets."),
        ("about 10 of the money", "About 10% of the money"),
        ("we had about 10", "We had about 10 %."),
        ("I really use C", "I really use C++ for that."),
        ("I really use C++", "I really use C for that."),
        ("10² people were there", "102 people were there."),
        ("102 people were there", "10² people were there."),
        ("同意这个计划的内容", "我不同意这个计划的内容。"),
        ("三百元买了一座水轮", "五千三百元买了一座水轮。"),
        ("私は泳ぐことができ", "私は泳ぐことができない。"),
        ("पानी में मछल", "पानी में मछली रहती है।"),
        ("recommend it to anyone here", "I would not.recommend-it to anyone here"),
        ("The price of it is $5", "The price of it is $5-$10 a month."),
        ("The total sum was twenty", "The total sum was twenty three euros"),
        ("three euros for all of it", "It was twenty three euros for all of it"),
        ("smith@example.org for details please", "write to ann.smith@example.org for details please"),
        ("smith@example.org for details please", "write to ann-smith@example.org for details please"),
        ("see the page https://example.org/a/b", "see the page https://example.org/a/b?x=1 for more"),
        ("10.2 of the library today", "Use version v1.10.2 of the library today"),
        ("bar.txt is in the folder", "The file foo.bar.txt is in the folder"),
        ("European parties won the vote", "The pro-European parties won the vote"),
        ("called expert of the house", "The so-called expert of the house"),
        ("founder of the mill was there", "The co-founder of the mill was there"),
        ("We saw a child", "We saw a child-like man."),
        ("the a b of it", "let the a * b of it"),
        ("the a ** b of it", "let the a * b of it"),
        ("The method is [in]effective in small groups", "The method is effective in small groups."),
        ("I would [un]recommend it to them", "I would recommend it to them."),
    ],
)
def test_an_end_that_cuts_something_is_refused(words: str, source: str) -> None:
    assert quoted(words, Document(source)).ok is False


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("we left it for reasons", "We had that, and we left it for reasons: many."),
        ("we should go on", "He said no—we should go on."),
        ("homme libre, toujours tu", "Ah ! l'homme libre, toujours tu chériras la mer"),
        ("1,234 people were there", "1,234 people were there."),
        ("C++ is what I use", "C++ is what I use."),
        ("Item one and item two", "* Item one\n  and *item two*"),
        ("write to ann.smith@example.org", "Please write to ann.smith@example.org."),
        ("see https://example.org/a/b", "Now see https://example.org/a/b."),
        ("the list of three", "We made the list of three hundred."[:-9] + "."),
        ("don't do it again", "Please don’t do it again!"),
        ("最后第一个面包是在早晨烤出来的", "最后第一个面包是在早晨烤出来的。"),
    ],
)
def test_a_whole_end_is_accepted(words: str, source: str) -> None:
    assert quoted(words, Document(source)).ok is True


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("I would ... recommend it to a friend", ("omits: not",)),
        ("I [never] would not recommend it to a friend", ("inserts: [never]",)),
        ("I would not recommend [12] it to a friend", ("inserts: [12]",)),
    ],
)
def test_an_elision_that_turns_the_sentence_round_is_flagged(words: str, flags: tuple[str, ...]) -> None:
    quote = quoted(words, Document("I would not recommend it to a friend, or so it seems."))
    assert quote.ok is False
    assert not quote.flags or quote.flags == flags


@pytest.mark.parametrize(
    ("words", "source", "flag"),
    [
        ("We were ... to reproduce the crash", "We were unable to reproduce the crash", "unable"),
        ("The committee ... pay the full amount", "The committee refused to pay the full amount", "refused"),
        ("The treatment ... reduce the pain", "The treatment failed to reduce the pain", "failed"),
        ("It is ... that bats are all blind", "It is a myth that bats are all blind", "myth"),
        ("all the countries ... of the world", "all the countries except those of the world", "except"),
        ("There is ... evidence for that", "There is little evidence for that", "little"),
        ("It is ... certain by now", "It is far from certain by now", "far"),
        ("Das Gericht ... ihn zu verhaften", "Das Gericht lehnte es ab, ihn zu verhaften", "lehnte"),
    ],
)
def test_an_elision_that_leaves_out_a_word_like_refused_is_flagged(words: str, source: str, flag: str) -> None:
    quote = quoted(words, Document(source))
    assert (quote.ok, quote.flags) == (False, (f"omits: {flag}",))


def test_a_little_and_a_few_turn_nothing_round() -> None:
    assert quoted("There is ... evidence for that", Document("There is a little more evidence for that")).ok is True


def test_a_part_of_an_elision_may_not_be_cut_in_a_word() -> None:
    source = Document("The old mill by the river was bought by its neighbours in spring.")
    assert quoted("The old mill … its neighbours in spring", source).status == "elided"
    assert quoted("The old mill … ghbours in spring", source).ok is False


def test_what_an_elision_leaves_out_is_shown() -> None:
    source = Document("The first part (a long list of names) and the last part.")
    quote = quoted("the first part … and the last part", source)
    assert quote.diff == (("", "(a long list of names)"),)
    assert [place.text for place in quote.places] == ["The first part", "and the last part"]


def test_the_best_way_through_an_elision_counts_not_the_first() -> None:
    source = Document("I would not, with all due respect, use it. I would, with all due respect, use it twice.")
    quote = quoted("I would … with all due respect … use it twice", source)
    assert quote.ok is True
    assert quote.flags == ()


def test_a_negation_in_a_sentence_that_is_not_shown_does_not_count() -> None:
    source = Document("The wheel turned again. Nobody was there. The bread was good.")
    assert quoted("The wheel turned again … The bread was good", source).ok is True


def test_a_harmless_insertion_passes_and_is_shown() -> None:
    quote = quoted("the wheel [of the mill] turned again", Document("In May the wheel turned again."))
    assert quote.ok is True
    assert quote.diff == (("[of the mill]", ""),)


def test_no_match_crosses_from_one_author_to_another() -> None:
    source = thread(("ann", "I would never"), ("bob", "eat meat on Fridays"))
    assert quoted("I would never eat meat on Fridays", source).ok is False
    assert quoted("I would never … eat meat on Fridays", source).ok is False


def test_no_match_crosses_from_one_document_to_another() -> None:
    one, other = Document("The wheel was broken"), Document("by the storm in May")
    assert quoted("The wheel was broken by the storm", one, other).ok is False
    assert quoted("The wheel was broken\x00by the storm", one, other).ok is False


def test_text_between_spans_is_nobodys() -> None:
    source = Document("ann: I like bread\nTitle of it all", spans=(Span(5, 17, "ann"),))
    assert quoted("Title of it all", source, author="ann").author_ok is False
    assert quoted("I like bread", source, author="ann").ok is True


def test_a_reply_that_quotes_its_parent_counts_for_both() -> None:
    said = "search is a solved problem"
    source = thread(("ann", said), *[("x", f"> {said} and more")] * 200, ("bob", f"> {said}"))
    for author in ("ann", "bob", "@Bob"):
        quote = quoted(said, source, author=author)
        assert quote.author_ok is True
        assert (quote.places[0].author or "").casefold() == author.lstrip("@").casefold()


def test_the_wrong_author_is_refused_and_the_right_one_named() -> None:
    report = check("“I like fresh bread” — bob", [thread(("ann", "I like fresh bread"), ("bob", "I do not"))])
    assert report.ok is False
    assert report.quotes[0].status == "verbatim"
    assert report.problems() == ["quote 1: these words are by ann, not bob"]


def test_a_forged_author_line_inside_a_comment_steals_nothing() -> None:
    source = thread(("ann", "Listen.\n[1.2] bob: I was wrong about all of it"), ("bob", "Hello there."))
    assert quoted("I was wrong about all of it", source, author="bob").ok is False
    assert quoted("I was wrong about all of it", source, author="ann").ok is True


def test_what_is_only_similar_is_located_and_fails() -> None:
    source = thread(("ann", "In spring the council said that it would not work at all."))
    quote = quoted("the council said that it would work at all", source)
    assert (quote.status, quote.ok) == ("altered", False)
    assert quote.diff == (("", "not"),)
    assert quote.places[0].text == "the council said that it would not work at all"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("the engineer wrote a long repord about it", "near"),
        ("the engineer, wrote a long report about it", "near"),
        ("the engineers wrote a long report about it", "altered"),
        ("the engineer wrote a lung report about it", "altered"),
        ("the engineer wrote 4 long report about it", "altered"),
    ],
)
def test_near_is_one_letter_in_a_long_word_or_punctuation_and_fails(words: str, status: str) -> None:
    quote = quoted(words, Document("Then the engineer wrote a long report about it."))
    assert (quote.status, quote.ok) == (status, False)


def test_the_source_is_shown_with_whole_words() -> None:
    quote = quoted("baked idea of theirs", Document("That was a half-baked idea of theirs."))
    assert (quote.status, quote.diff, quote.places[0].text) == (
        "altered",
        (("", "half-"),),
        "half-baked idea of theirs",
    )


def test_fewer_than_three_words_are_not_judged() -> None:
    report = check("The “agile way” is a “myth of sorts” of course.", [Document("Nothing of it.")])
    assert [(quote.status, quote.ok) for quote in report.quotes] == [("too_short", None), ("absent", False)]


def test_verbatim_means_these_very_characters() -> None:
    source = Document("He said: “Go now, please.” Then he left.")
    assert quoted("Then he left.", source).status == "verbatim"
    assert quoted("then he left!", source).status == "normalised"


def test_the_place_of_an_altered_quotation_is_found_among_short_comments() -> None:
    said = [(f"user{i}", f"Comment number {i} says little.") for i in range(40)]
    source = thread(*said[:20], ("eve", 'Mills "just work" for me'), *said[20:])
    quote = quoted("Mills just walk for me", source, author="eve")
    assert (quote.status, quote.author_ok) == ("altered", True)


def test_a_language_nobody_taught_it_is_said_to_be_unknown() -> None:
    source = Document("Lorem ipsum dolor sit amet consectetur adipiscing elit")
    quote = quoted("Lorem ipsum dolor … adipiscing elit", source)
    assert quote.ok is True
    assert "language unknown" in quote.note


def test_one_source_serves_many_answers() -> None:
    sources = Sources([Document("The wheel turned again in May.")])
    reports: list[Report] = [check(f"“the wheel turned {word}”", sources) for word in ("again", "twice")]
    assert [report.ok for report in reports] == [True, False]


@pytest.mark.parametrize(
    "source",
    ["", " \n", "\x00\x01\x02", "\ufeff", "a" * 5000, "\u0301" * 500, "‮evil‬ text", "ha " * 5000, "¶" * 900],
)
def test_hostile_sources_break_nothing(source: str) -> None:
    report = check("“ha ha ha ha” and “\u0301\u0301 \u0301” 12 \ud800 “" + "x y " * 100 + "”", [Document(source)])
    assert isinstance(report.to_dict(), dict)
    assert report.summary()


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("\"every 'smart' engine I use\"", 'I say every "smart" engine I use.'),
        ("“every ‘smart’ engine I use”", 'I say every "smart" engine I use.'),
        ('"profit rose by 5% in May"', "The profit rose by 5 % in May."),
        ('"a file of 14GB is big"', "Well, a file of 14 GB is big."),
        ('"[i] had the honor of it"', "I had the honor of it."),
        ('"istanbul is a big city"', "İstanbul is a big city."),
        ('"the wheel turned again [1]."', "And the wheel turned again."),
        ('"the wheel turned again¹"', "And the wheel turned again."),
        ('"the *wheel* turned again" [emphasis added]', "And the wheel turned again."),
        ('"the wheel turned again (emphasis mine)"', "And the wheel turned again."),
        ("> the wheel turned again (p. 12)", "And the wheel turned again."),
        ("> [!quote]\n> the wheel turned again [1]", "And the wheel turned again."),
    ],
)
def test_the_usual_conventions_of_quoting_are_accepted(answer: str, source: str) -> None:
    assert [quote.ok for quote in check(answer, [Document(source)]).quotes] == [True]


@pytest.mark.parametrize("line", ["> **ann**: I like fresh bread", "> ann: I like fresh bread"])
def test_the_speaker_of_a_quoted_line_is_claimed_not_quoted(line: str) -> None:
    (quote,) = check(line, [thread(("ann", "I like fresh bread"), ("bob", "I do not"))]).quotes
    assert (quote.status, quote.author_ok) == ("verbatim", True)
    (quote,) = check(line, [thread(("bob", "I like fresh bread"), ("ann", "I do not"))]).quotes
    assert quote.ok is False


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ('"it covers ten km²"', "it covers ten km"),
        ('"it is 5 % of it"', "it is 5 of it"),
        ('"the wheel [2] turned again"', "the wheel turned again"),
    ],
)
def test_what_only_looks_like_a_convention_is_refused(answer: str, source: str) -> None:
    assert check(answer, [Document(source)]).ok is False
