"""What other tools measured: runs of promptfoo and of Inspect, read as answers with scores, and kept in the log.

Rules:
1. Nothing of theirs is run: a file is data. What is code in it, or cannot be meant here, is named and left out.
2. A file that is damaged is refused by its name; nothing is guessed into the gap.
3. Files are read piece by piece: what is kept in memory are numbers.

reading.py    which kind of file it is, and its run       foreign.py      what such a run is, as values
promptfoo.py  results of promptfoo                        inspect_log.py  logs of Inspect
json_pieces.py  JSON that is too large to read at once    zipped.py       zip archives, also with Zstandard
keeping.py    into the log, as an experiment              promptfoo_config.py  configurations, as specs

May import what `evals` may.
"""
