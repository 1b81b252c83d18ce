"""Experiments: is one way of asking better than another? Designed before the first call, decided by `statistics`.

Rules:
1. What is scored, how, in which order and by which margin is written down before the first call.
2. Verdicts are functions of what is in the log: another scorer needs no new call.
3. A scorer that fails is a failed score with its reason; it ends no experiment.

spec.py    what an experiment is, as it was written down     inputs.py  its inputs and their units
design.py  cells, contrasts, the order, what a call says    scorers/   how good an answer is, in [0, 1]
comparing.py  scores become verdicts, block by block      running.py  an experiment that runs
reporting.py  what is known of one, from the log alone

May import everything below `api`.
"""
