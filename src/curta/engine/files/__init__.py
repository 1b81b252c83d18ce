"""Which model files there are on this computer, and how others come here.

Rules:
1. A file is used only when its SHA-256 was checked. Where nobody says what it should be, that is asked and said.
2. A file never has its final name before all of it is there: a broken download cannot be taken for a model.
3. What other programs keep (Ollama, LM Studio) is read in place and never changed or deleted.
4. The cache of the Hugging Face Hub is shared, in its own layout: a model is on disk once.

held.py        the model files that are known by name; start here
pulling.py     bring one here: wanted.py (addresses), hub.py (the Hub's protocol), transfer.py (bytes, hashed and
               resumed), places.py (where it goes)
catalogue.py   the models Curta proposes (catalogue.json); offered.py: are they here, do they fit
adopting.py    files of Ollama, LM Studio and the Hub's cache, used in place
verifying.py   read them again     removing.py   take them away     reading.py   what a file says of itself

May import `engine.gguf`, and what the room may import.
"""
