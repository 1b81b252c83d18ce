"""Model files on this computer: pull, adopt, verify and remove them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from curta.errors import UnknownModel, UsageError

if TYPE_CHECKING:
    from curta.engine.files.adopting import Adopted
    from curta.engine.files.held import Kind, ModelFile
    from curta.engine.files.pulling import Pulled, Told
    from curta.engine.files.removing import Removal
    from curta.engine.files.verifying import Verified


def pull(
    what: str,
    *,
    name: str | None = None,
    kind: "Kind | None" = None,
    sha256: str | None = None,
    verify: bool = True,
    told: "Told | None" = None,
) -> "Pulled":
    """The model file that `what` names, fetched if it is not here, verified, and usable as a model from now on.

    what: a name that `curta models available` lists, `hf:OWNER/REPOSITORY/FILE[@REVISION]`, or a URL. name: what to
    call it. kind: "chat" or "embedding", where the file does not say. sha256: what it must have. verify: False to take
    a file that nobody gives a hash for. told: who wants to hear how it goes.
    The first model that answers becomes the default, where the built-in one was. Raises UnknownModel, UsageError,
    NoHash, WrongFile, ModelFileError, or a ModelError of the network.
    """
    from curta.engine.files import pulling

    _keep_free(name)
    pulled = pulling.pull(what, name=name, kind=kind, sha256=sha256, verify=verify, told=told or pulling.Told())
    _take_as_default(pulled.file)
    return pulled


def adopt(
    name: str, *, as_name: str | None = None, on_bytes: "Callable[[int], object]" = lambda count: None
) -> "Adopted":
    """Use a model file of Ollama, LM Studio or the Hub's cache where it is, once all of it was read and hashed.

    name: as `curta models adopt` lists it, or its path. as_name: what to call it instead. on_bytes: told how many
    bytes were read so far. Raises UnknownModel, UsageError, WrongFile, ModelFileError.
    """
    from curta.engine.files import adopting

    _keep_free(as_name)
    adopted = adopting.adopt(name, as_name=as_name, on_bytes=on_bytes)
    _take_as_default(adopted.file)
    return adopted


def _keep_free(name: str | None) -> None:
    from curta.models import registry

    if name == registry.BUILT_IN:
        raise UsageError(f"{name} is the built-in model.", then="Choose another name with --name.")


def _take_as_default(file: "ModelFile") -> None:
    from curta.models import registry

    if file.kind == "chat" and registry.default() == registry.BUILT_IN:
        registry.set_default(file.name)


def verify(
    names: Sequence[str] = (), *, on_bytes: "Callable[[int], object]" = lambda count: None
) -> "Iterator[Verified]":
    """Each of these model files (all without names), read again and compared with its SHA-256. Raises UnknownModel."""
    from curta.engine.files import held, verifying

    files = [held.require(name) for name in names] or list(held.held().values())
    return verifying.verify(files, on_bytes)


def remove(name: str) -> "Removal":
    """Forget a model file, end its engine, and delete it where Curta fetched it. Raises UnknownModel, ModelFileError.

    The built-in model is the default again where this one was.
    """
    from curta.engine import process
    from curta.engine.files import removing
    from curta.models import registry

    file = removing.removal(name).file
    was_default = registry.default() in (file.name, file.choice)
    with suppress(UnknownModel):  # it does not run
        process.stop(file.name)
    done = removing.remove(name)
    if was_default:
        registry.set_default(None)
    return done


def unfinished() -> list[Path]:
    """Downloads that were begun and are not complete: a pull of the same file goes on with them."""
    from curta.engine.files import places

    return places.unfinished()
