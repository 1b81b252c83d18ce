"""The Python API: what `import curta` shows, and what each command of the command line calls.

import curta

answer = curta.prompt("What do they say about search?", documents=["examples/hn-thread.json"])
print(answer.text())
print(curta.check(answer).ok)

What lives here: one function for each thing a user can do, which makes values of what was given by name and calls the
room that does it. No logic, nothing kept.

prompting.py  ask, quote, check, look at calls   finding.py   answers from documents, indexes
vectors.py    embed, collections                 programs.py  run and write programs
studies.py    rows and experiments               models.py    model files: pull, adopt, verify, remove
engines.py    models that run on this computer   given.py     names and flags as values

May import everything below the command line. Callers import the module they need: a prompt loads no other.
"""
