"""The tiny language model of the tests: `sentences.py` its world, `make.py` how it was made, `model/` its files."""
