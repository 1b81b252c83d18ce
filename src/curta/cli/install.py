"""`curta install` and `curta uninstall`: plugins, in a folder of the user's own that outlives an upgrade of Curta."""

import click

from curta.cli import output
from curta.cli.completion_names import refresh
from curta.errors import UsageError
from curta.plugins import Plugin

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.command(context_settings=HELP)
@click.argument("what", nargs=-1, metavar="[NAME|PATH|URL]...")
@click.option("-e", "--editable", multiple=True, metavar="PATH", help="A project to use from where it is.")
@click.option("-U", "--upgrade", is_flag=True, help="The newest version; without a name, of everything installed.")
@click.option("--again", "everything", is_flag=True, help="All that was ever installed: for a new Python, say.")
@click.option("--pre", is_flag=True, help="Versions before a release, too.")
@click.option("--force-reinstall", is_flag=True, help="Also what is there already.")
@click.option("--no-cache-dir", is_flag=True, help="Without pip's cache.")
def install(what: tuple[str, ...], editable: tuple[str, ...], upgrade: bool, everything: bool, **flags: bool) -> None:
    """Install plugins. They stay when Curta is upgraded; pip's own settings (indexes, proxies) hold."""
    from curta.plugins import installing, requirements

    asked = [*map(requirements.read, what), *(requirements.read(each, editable=True) for each in editable)]
    options = [f"--{name.replace('_', '-')}" for name, on in {"upgrade": upgrade, **flags}.items() if on]
    if not asked and not everything and not upgrade:
        raise UsageError("Nothing to install was named.", then="For example: curta install NAME")
    done = installing.install(asked, options) if asked else installing.again(options)
    refresh()
    _say(done.plugins, done.silent)


def _say(plugins: list[Plugin], silent: list[str]) -> None:
    from curta.cli.plugins import show

    for each in plugins:
        show(each)
    for name in silent:
        output.note(f"{name} is installed, but has nothing for Curta: no entry point of the group `curta`.", force=True)
        if name.startswith("llm-"):
            output.note(f"It is one of llm's: after `llm install {name}`, Curta uses it from there.", force=True)
    if not plugins and not silent:
        output.note("Nothing is on record.")


@click.command(context_settings=HELP)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def uninstall(names: tuple[str, ...], yes: bool) -> None:
    """Remove plugins that were installed, and what was installed for them alone."""
    from curta.plugins import installing

    gone = installing.removal(names)
    if not yes:
        click.confirm(f"Remove {', '.join(gone)}?", abort=True, err=True)
    output.note(f"Removed {', '.join(installing.uninstall(names))}.")
    refresh()
