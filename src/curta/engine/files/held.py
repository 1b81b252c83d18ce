"""The model files that are known by name: `local_models.json` in Curta's home.

Whoever asks for a model by its name reads this one file, and nothing when there is none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from curta import config
from curta.errors import ConfigError, UnknownModel, UsageError

FILE = "local_models.json"
Kind = Literal["chat", "embedding"]
KINDS: tuple[Kind, ...] = ("chat", "embedding")


class ModelFile(NamedTuple):
    """A GGUF file that is on disk and was verified.

    sha256: in hexadecimal, of the whole file. bytes: its size. origin: where it came from, such as
    `hf:REPO/FILE@COMMIT`, a URL, `ollama:NAME`. licence: as its catalogue or publisher names it, empty when unknown.
    context: in tokens, None when nobody says. choice: what the catalogue's choice it was pulled as is called, `small`;
    it is found under this name too. adopted: the file is another program's, to be read only. training_data: what the
    catalogue knows of the texts the model learnt from.
    """

    name: str
    path: Path
    sha256: str
    bytes: int
    kind: Kind = "chat"
    origin: str = ""
    licence: str = ""
    context: int | None = None
    choice: str = ""
    adopted: bool = False
    training_data: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "path": str(self.path)}


def held() -> dict[str, ModelFile]:
    """The model files by name. Raises ConfigError when the file that lists them cannot be read."""
    try:
        return {name: _described(name, what) for name, what in config.read(FILE).items()}
    except (KeyError, TypeError, AttributeError) as error:
        path = config.home() / FILE
        raise ConfigError(f"{path} does not describe model files: {error!r}.", then="Move it aside.") from error


def _described(name: str, what: Mapping[str, Any]) -> ModelFile:
    known = {field: value for field, value in what.items() if field in ModelFile._fields and field != "name"}
    return ModelFile(name=name, **{**known, "path": Path(what["path"])})


def find(name: str) -> ModelFile | None:
    """The model file called `name`, or pulled as the choice `name`."""
    files = held()
    return files.get(name) or next((each for each in files.values() if each.choice == name), None)


def require(name: str) -> ModelFile:
    """The model file called `name`. Raises UnknownModel."""
    if file := find(name):
        return file
    raise UnknownModel(
        f"No model file is called {name!r}.",
        why=f"There are: {', '.join(held())}." if held() else "There is none yet.",
        then="`curta models available` lists what can be pulled.",
    )


def keep(file: ModelFile) -> None:
    """Know `file` by its name. Raises UsageError for what cannot be a name."""
    check_name(file.name)
    described = file.to_dict()
    del described["name"]
    with config.changing(FILE) as files:
        for other in files.values():
            if file.choice and other.get("choice") == file.choice:
                other["choice"] = ""
        files[file.name] = described


def check_name(name: str) -> None:
    """Raise UsageError for what cannot be the name of a model."""
    if not name or not name.isprintable() or any(character.isspace() for character in name) or name[0] in "-.":
        raise UsageError(f"{name!r} cannot be the name of a model.", then="Choose another with --name.")


def forget(name: str) -> None:
    """Know no file by this name any more; the file stays where it is. Raises UnknownModel."""
    with config.changing(FILE) as files:
        if files.pop(name, None) is None:
            raise UnknownModel(f"No model file is called {name!r}.", then="`curta models files` lists them.")
