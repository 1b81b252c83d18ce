"""Making models of one's own: for now, turning a trained model into a file that the engine runs.

Rules:
1. What is not understood is refused by name: a model that was converted wrongly answers nonsense without an error.
2. Files are read as what they may be: cut off, damaged, made by somebody else. Nothing in them is run.
3. torch, transformers and their kind are never imported: the formats are simple, and numpy is here anyway.

Which file for what: `export.py` a model folder of Hugging Face's layout becomes a GGUF file; `architecture.py` what its
`config.json` says, `vocabulary.py` what its tokenizer says, `safetensors.py` its weights.

May import the ground and instruments. Needs the package `gguf` (`pip install 'curta[train]'`) to write.
"""
