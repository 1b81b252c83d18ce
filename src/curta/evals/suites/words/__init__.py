"""The suite `words`: what a calculator for words has to be able to do, in families of tasks made afresh from a seed.

Rules:
1. Every text is our own, or out of copyright and named; every instance is made by chance, so that none was learnt.
2. A family is scored by programs alone, and each of its instances has a reference answer that scores 1.
3. What a family asks and how it is scored changes its meaning: then SUITE gets another name, as `words-2`.

summarising.py  summarise with quotes        extracting.py   extract facts to a schema
answering.py    answer with a quote, refuse  classifying.py  classify
rewriting.py    rewrite under constraints    computing.py    compute with a tool
programming.py  write a small program        harmless.py     harmless requests: requests.py
provoking.py    stay civil                   material.py, notes.py, passages.py   what texts are made of
"""

from curta.evals.suites.family import Suite
from curta.evals.suites.words.answering import ANSWER, REFUSE
from curta.evals.suites.words.classifying import CLASSIFY
from curta.evals.suites.words.computing import COMPUTE
from curta.evals.suites.words.extracting import EXTRACT
from curta.evals.suites.words.harmless import HARMLESS
from curta.evals.suites.words.programming import PROGRAM
from curta.evals.suites.words.provoking import CIVIL
from curta.evals.suites.words.rewriting import REWRITE
from curta.evals.suites.words.summarising import SUMMARISE

SUITE = Suite(
    "words",
    "What a calculator for words has to be able to do.",
    (SUMMARISE, EXTRACT, ANSWER, REFUSE, CLASSIFY, REWRITE, COMPUTE, PROGRAM, HARMLESS, CIVIL),
)
