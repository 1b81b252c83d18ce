"""Which template a name means: an address, a loader's `prefix:name`, a file, the user's own, a built-in one."""

import re
from collections.abc import Iterator
from pathlib import Path

from curta import config
from curta.errors import TemplateError
from curta.templates.reading import parse
from curta.templates.template import Template

BUILT_IN = Path(__file__).parent.parent / "data" / "templates"
_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_PREFIX = re.compile(r"[a-z][\w-]+:", re.ASCII)


def folder() -> Path:
    """Where the user's own templates live."""
    return config.home() / "templates"


def _folder_of_llm() -> list[Path]:
    """The folder of the templates that an `llm` on this computer has, if any."""
    from curta.llm_home import templates_folder

    found = templates_folder()
    return [found] if found else []


def path_of(name: str) -> Path:
    """Where the template called `name` is, or would be written. Raises TemplateError for an impossible name."""
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    if not _NAME.fullmatch(name):
        raise TemplateError(f"{name!r} cannot be the name of a template.", then="Use letters, digits and dashes.")
    return folder() / f"{name}.yaml"


def names() -> Iterator[tuple[str, Path]]:
    """Every template, by name, with its file; the user's own hide those of `llm`, and these built-in ones."""
    places = (BUILT_IN, *_folder_of_llm(), folder())
    found = {path.stem: path for place in places for path in sorted(place.glob("*.yaml"))}
    yield from sorted(found.items())


def load(name: str) -> Template:
    """The template called `name`. Raises TemplateError, naming file and line.

    name: of a template, the path of a file, `https://...`, or `prefix:name` of one of the `remote.LOADERS`. What is
    not a file of this computer has no right to run code here: `Template.distrusted` says what was left out.
    """
    if _is_remote(name):
        from curta.templates import remote

        return remote.load(name)
    source, path = _read(name)
    template = parse(source, path.stem, path)
    _refuse_itself(template, path)
    return template


def _refuse_itself(template: Template, path: Path) -> None:
    own = {path.resolve(), Path(f"t:{template.name}").absolute()}
    for source in (*template.fragments, *template.system_fragments):
        if Path(source).absolute() in own or Path(source).resolve() in own:
            raise TemplateError(f"{path} refers to itself: it names {source} as a fragment.")


def source_of(name: str) -> str:
    """The template called `name` as it is kept, word for word. Raises TemplateError."""
    if _is_remote(name):
        from curta.templates import remote

        return remote.source_of(name)
    return _read(name)[0]


def _is_remote(name: str) -> bool:
    if name.startswith(("http://", "https://")):
        return True
    return bool(_PREFIX.match(name)) and not Path(name).exists()


def _read(name: str) -> tuple[str, Path]:
    path = path_of(name)
    if not path.exists() and path.parent == folder():
        places = (*_folder_of_llm(), BUILT_IN)
        path = next((place / path.name for place in places if (place / path.name).exists()), path)
    try:
        return path.read_text(encoding="utf-8"), path
    except FileNotFoundError:
        raise _unknown(name) from None
    except OSError as error:
        raise TemplateError(f"Cannot read the template {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"The template {path} is not UTF-8 text.") from error


def _unknown(name: str) -> TemplateError:
    from difflib import get_close_matches

    close = get_close_matches(name, [each for each, _ in names()], cutoff=0.5)
    return TemplateError(
        f"There is no template called {name!r}.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then=f"`curta templates` lists them; `curta templates edit {name}` makes one.",
    )
