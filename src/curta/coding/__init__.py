"""The code interpreter: a model writes a program, it runs in the sandbox, what came of it goes back, until it works.

What lives here: `writing.py` the loop, `program.py` the program in an answer, `report.py` what the model is told of a
run, `instructions.py` what it is told of the sandbox, `given.py` what of the files, `coded.py` what comes of it all,
`replaying.py` the same again from the log.

Rules:
1. What a program printed is untrusted: it goes back to the model as a Document, beside our own words.
2. A program works when it ended without an error, and when there is a test, when the test says so in a fresh guest.
3. Every answer is a call of the log, every run a row of its own that names the call.

May import instruments and everything below; no face.
"""
