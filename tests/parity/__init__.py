"""The documented command lines of `llm`, run through `curta` under the name `llm`.

`commands/*.yaml` are the lines, by the subject of the documentation they stand in, with what each has to do;
`runner.py` runs them; `test_parity.py` says how many do; `python -m tests.parity` prints the report.
"""
