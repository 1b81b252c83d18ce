"""`curta chat`: a conversation, line by line, at a terminal or from a pipe."""

from pathlib import Path
from typing import Any

import click

from curta.cli.prompt import TakesInputs

EXAMPLES = """\b
Examples:
  curta chat -m gpt-5-mini
  curta chat -f notes.txt -s 'Answer in one sentence.'
  curta chat --cid 'trip to Rome'
  printf 'Name a bird\\nAnother one\\n' | curta chat
"""


@click.command(
    cls=TakesInputs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=f"Talk with a model; `!help` inside shows what else can be typed.\n\n{EXAMPLES}",
)
@click.option("-m", "--model", metavar="NAME", help="The model to talk with; `curta models` lists them.")
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="The model with this in its name.")
@click.option("--endpoint", metavar="URL", help="A server that speaks OpenAI's protocol; -m names its model.")
@click.option("-s", "--system", metavar="TEXT", help="A system prompt.")
@click.option("-c", "--continue", "resume", is_flag=True, help="Go on with the latest conversation.")
@click.option("--cid", metavar="NAME|ID", help="Go on with this conversation.")
@click.option("--from", "from_call", metavar="ID", help="Go on from this call, whatever was said after it.")
@click.option("--name", metavar="NAME", help="What to call the conversation.")
@click.option(
    "-f",
    *("--file", "--fragment", "sources"),
    multiple=True,
    metavar="SOURCE",
    help="A file, folder, glob, URL, hn:ID, or a fragment, to begin with.",
)
@click.option(
    "--sf", "--system-fragment", "system_sources", multiple=True, metavar="SOURCE", help="The same, as instructions."
)
@click.option("-a", "--attachment", "attached", multiple=True, metavar="FILE", help="A picture to begin with.")
@click.option(
    "--at",
    *("--attachment-type", "typed"),
    multiple=True,
    nargs=2,
    metavar="FILE TYPE",
    help="The same, with its media type.",
)
@click.option("-t", "--template", multiple=True, metavar="NAME", help="A kept prompt for every message, or several.")
@click.option("-p", "--param", "inputs", multiple=True, nargs=2, metavar="NAME VALUE", help="An input of the template.")
@click.option("-o", "--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="An option of the model.")
@click.option("-T", "--tool", "tools", multiple=True, metavar="NAME", help="A tool it may call.")
@click.option("--functions", multiple=True, metavar="CODE|FILE", help="Python functions it may call.")
@click.option("--ta", "--tools-approve", "approve", is_flag=True, help="Ask me before each tool call.")
@click.option("--td", "--tools-debug", "tools_debug", is_flag=True, help="Show each tool call and its result.")
@click.option(
    "--cl",
    "--chain-limit",
    "chain_limit",
    type=click.IntRange(min=0),
    metavar="N",
    default=5,
    help="Most calls in a row (5).",
)
@click.option(
    "--max-cost",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="Do not send what could cost more, all answers together.",
)
@click.option("--cache", is_flag=True, help="Give the answer again that the log has for the very same request.")
@click.option("-u", "--usage", is_flag=True, help="Say what each answer used and cost.")
@click.option("-R", "--hide-reasoning", "hide_reasoning", is_flag=True, help="Do not show the model's reasoning.")
@click.option("--no-markdown", is_flag=True, help="Show answers as the model wrote them.")
@click.option("--no-stream", is_flag=True, help="Wait for whole answers.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log.")
@click.option("--log", "force_log", is_flag=True, help="Log it even when logging is off.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def chat(**given: Any) -> int:
    from curta.cli.chat_lines import opened
    from curta.cli.chat_loop import converse
    from curta.cli.chat_session import begin
    from curta.cli.ctrl_c import hear_at_once

    hear_at_once()
    if given["queries"] or given["endpoint"]:
        from curta.cli import prompt_model

        prompt_model.choose(given)
    session = begin(given)
    return converse(session, opened(session))
