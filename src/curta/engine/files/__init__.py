"""Which model files there are on this computer, and how others come here.

Rules:
1. A file is used only when its SHA-256 was checked. Where nobody says what it should be, that is asked and said.
2. A file never has its final name before all of it is there: a broken download cannot be taken for a model.
3. What other programs keep (Ollama, LM Studio) is read in place and never changed or deleted.
4. The cache of the Hugging Face Hub is shared, in its own layout: a model is on disk once.

held.py: the model files that are known by name. Start here.
"""

from curta.engine.files.held import ModelFile, find, forget, held, keep

__all__ = ["ModelFile", "find", "forget", "held", "keep"]
