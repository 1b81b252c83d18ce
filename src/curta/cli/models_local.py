"""What `curta models show` tells of a model file on this computer beyond what it tells of every model."""

from typing import Any

from curta.cli import output
from curta.models.local import Local
from curta.models.model import Model


def described(model: Model) -> dict[str, Any]:
    """For JSON: nothing of a model that is no file here."""
    return {"local": model.described()} if isinstance(model, Local) else {}


def show(model: Model) -> None:
    """Lines about the file, the memory it needs, and its template; none for a model that is no file here."""
    if not isinstance(model, Local):
        return
    from curta.text.sizes import size

    found, file = model.described(), model.file
    output.line(f"  file: {file.path}, {size(file.bytes)}")
    output.line(f"  SHA-256: {file.sha256}")
    if file.origin:
        output.line(f"  from: {file.origin}")
    output.line(f"  architecture: {found['architecture']}, {found['quantisation']}, tokenizer {found['tokenizer']}")
    spare = f", {size(found['spare'])} to spare" if found["spare"] is not None else ""
    output.line(f"  memory: {size(found['memory'])}{spare}: {'fits' if found['fits'] else 'does not fit'}")
    trained = found["trained_context"]
    of = f"{trained:,}" if trained else "an unknown number"
    output.line(f"  engine: {found['context']:,} of {of} tokens of context, {found['slots']} at once")
    output.line("  template: " + ("" if found["template"] else "none: prompts are put into ChatML"))
    for each in found["template"].splitlines():
        output.line((f"    {each}", "faint"))
