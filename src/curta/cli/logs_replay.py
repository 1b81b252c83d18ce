"""`curta logs replay ID`: the request of a logged call sent again, to the same model or another one."""

import json
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.conversations import Response
    from curta.store import Call


@click.command(
    "replay", help="Send the request of a call again. ID may be the beginning of one; the latest without it."
)
@click.argument("id", required=False)
@click.option("-m", "--model", metavar="NAME", help="Another model.")
@click.option(
    "-o", "--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="Another option; null: none."
)
@click.option(
    "--diff/--no-diff", default=None, help="Show how the answers differ; on a terminal unless told otherwise."
)
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Do not send what could cost more.")
@click.option("-u", "--usage", is_flag=True, help="Say on stderr what the call used and cost.")
@click.option("--json", "as_json", is_flag=True, help="Print the new call as JSON, with the id of the old one.")
@click.option("--dry-run", is_flag=True, help="Show the request as it would be sent, keys masked. Sends nothing.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def replay(id: str | None, **given: Any) -> int:
    from curta.api import prompting
    from curta.cli import ctrl_c
    from curta.cli import prompt_shown as shown
    from curta.cli.prompt_read import read_options

    ctrl_c.hear_at_once()
    old = prompting.logs().call(id)
    how = {"model": given["model"], "options": read_options(given["options"]), "key": given["key"]}
    how |= {"log": not given["no_log"], "on_retry": shown.say_retry, "max_cost": given["max_cost"], "caller": "replay"}
    if given["dry_run"]:
        return shown.show_response_request(lambda **other: prompting.replay(old, **how | other), how)
    response = prompting.replay(old, **how)
    if given["as_json"]:
        response.text()
        output.line(json.dumps({**response.to_dict(), "replayed": old.id}, indent=2, ensure_ascii=False))
    else:
        with shown.telling_what_is_kept(response):
            shown.show(response, _SHOWN)
    code = shown.finish(response, None, {**_SHOWN, "as_json": given["as_json"], "usage": given["usage"]})
    wanted = output.is_terminal() if given["diff"] is None else given["diff"]
    if wanted and not given["as_json"]:
        _show_difference(old, response)
    return code


_SHOWN = {"as_json": False, "extract": False, "extract_last": False, "no_markdown": False}


def _show_difference(old: "Call", response: "Response") -> None:
    from curta.cli import logs_diff
    from curta.store.comparing import Difference
    from curta.text.differences import differences

    if old.response == response.partial():
        output.note(f"The same answer as call {old.id}.", force=True)
        return
    output.line()
    name = f"{old.resolved_model or old.model} -> {response.resolved_model or response.model.name}"
    logs_diff.show(Difference(name, differences(old.response, response.partial())))
