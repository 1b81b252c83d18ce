"""Experiments: is one way of asking better than another? Designed before the first call, decided by `statistics`.

Rules:
1. What is scored, how, in which order and by which margin is written down before the first call.
2. Verdicts are functions of what is in the log: another scorer needs no new call.
3. A scorer that fails is a failed score with its reason; it ends no experiment. A server that is gone fails nothing:
   what it was asked counts as not asked.
4. Nothing grows with the number of inputs but a few bytes for each: they are in a file, answers in the log.

What it is
spec.py        as it was written down              keys.py           the kinds of values in it
factors.py     what is varied                      fractions.py      a part of all cells, and what it confounds
short_form.py  `evals: [...]`                      kept_prompt.py    a template as a spec
inputs.py      its inputs and their units          design.py         cells, contrasts, the order, what a call says
power.py       what it can be relied on to see     spending.py       what it may cost without being agreed to

How it runs
running.py     its blocks in their order, until all is known         calls.py    its requests, and the scores of answers
comparing.py   scores become verdicts, block by block                deciding.py by which method
scorers/       how good an answer is, in [0, 1]                      suites/     tasks that are made from a seed

What is known of it, from the log alone
reporting.py   all of it                           listing.py        of each experiment, in short
report/        as a page, JUnit XML, a table       lineage.py        what was not planned, what it branched from
expectations.py what was expected of it            interactions.py   what an interaction means
rescoring.py   by other scorers                    labelling.py, validation.py   people's labels, and what they say
paired.py, sides.py   two runs compared            importing/        runs of promptfoo and Inspect

May import everything below `api`.
"""
