"""Prompts that are kept: a YAML file with a prompt, a system prompt, a model, options, and declared inputs.

The keys are those of `llm` (`prompt system model defaults options extract extract_last schema_object fragments
system_fragments attachments attachment_types tools functions`), and `description` and `inputs`, which declares each
`$name` of the prompt:

    inputs:
      audience: {label: Who will read it, type: choice, choices: [experts, everybody], default: everybody}

Rules:
1. A name is looked up in the user's `templates` folder, in that of `llm`, then among the built-in ones; with a `/` or
   ending in `.yaml` it is a path; an address or `prefix:name` is somebody else's: it can say things and do nothing.
2. `$input` stands for the words typed with the call; what was read stays a Document beside them.

template.py   the values, and how inputs fill them      finding.py    which one a name means
reading.py    from YAML, with file and line             remote.py     other people's, and the loaders of plugins
composing.py  several in a row                          saving.py     to YAML

May import `sources`, `store`, `http`, `schemas` and the ground.
"""

from curta.templates.composing import Composed, compose
from curta.templates.finding import BUILT_IN, folder, load, names, path_of, source_of
from curta.templates.reading import parse
from curta.templates.saving import as_yaml, remove, save
from curta.templates.template import TYPES, Input, Template, TypedAttachment

__all__ = [
    "BUILT_IN",
    "TYPES",
    "Composed",
    "Input",
    "Template",
    "TypedAttachment",
    "as_yaml",
    "compose",
    "folder",
    "load",
    "names",
    "parse",
    "path_of",
    "remove",
    "save",
    "source_of",
]
