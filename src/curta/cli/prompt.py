"""`curta 'a question'`: read what was typed and piped, ask, show the answer as it arrives."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from curta.cli import output

EXAMPLES = """\b
Examples:
  curta 'Three names for a pet pelican' -m gpt-5-mini
  cat notes.txt | curta 'What was decided?' --quotes
  curta -f examples/hn-thread.json -t summarize-thread --quotes
  curta -f src/ 'Where are retries handled?' -c
"""


SECTIONS = {
    "model": "What is asked",
    "tools": "Tools",
    "quotes": "Proof",
    "resume": "Conversations",
    "max_cost": "Cost",
    "copy": "The result",
    "no_log": "The log, the key",
}
"""The option that begins each part of the help."""


class TakesInputs(click.Command):
    """The inputs of the templates that are named become flags: `curta -t NAME --audience experts`."""

    _flags: Sequence[click.Option] = ()
    _templates = ""

    def __init__(self, *args: Any, sections: Mapping[str, str] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._sections = sections or {}

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *self._flags]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        parts: dict[str, list[tuple[str, str]]] = {f"Inputs of {self._templates}": _rows(self._flags, ctx)}
        title = "Options"
        for each in self.get_params(ctx):
            title = self._sections.get(each.name or "", title)
            if each not in self._flags:
                parts.setdefault(title, []).extend(_rows((each,), ctx))
        self._flags = ()
        for title, rows in parts.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        self._flags = ()
        if not any(word.startswith("--t") or (word[:1] == "-" != word[1:2] and "t" in word) for word in args):
            return super().parse_args(ctx, args)
        from curta.cli import prompt_templates

        kept = prompt_templates.named(self, ctx, args)
        self._flags, self._templates = prompt_templates.flags(kept, self), " + ".join(each.name for each in kept)
        flags = self._flags
        rest = super().parse_args(ctx, list(args))
        values = {name: ctx.params.pop(name, None) for each in flags if (name := each.name)}
        ctx.params["template"] = kept
        ctx.params["inputs"] += tuple(prompt_templates.collected(values).items())
        return rest


def _rows(parameters: Sequence[click.Parameter], ctx: click.Context) -> list[tuple[str, str]]:
    """Names and help of the options among these."""
    return [row for each in parameters if isinstance(each, click.Option) and (row := each.get_help_record(ctx))]


@click.command(
    cls=TakesInputs,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=f"Ask a model; every call is logged, every quotation can be checked.\n\n{EXAMPLES}",
)
@click.argument("words", required=False, metavar="[PROMPT]")
@click.option("-m", "--model", metavar="NAME", help="The model to ask; `curta models` lists them.")
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="The model with this in its name.")
@click.option("--endpoint", metavar="URL", help="A server that speaks OpenAI's protocol; -m names its model.")
@click.option("-s", "--system", metavar="TEXT", help="A system prompt.")
@click.option(
    "-f",
    *("--file", "--fragment", "sources"),
    multiple=True,
    metavar="SOURCE",
    help="A file, folder, glob, URL, hn:ID, -, or a fragment by alias or hash.",
)
@click.option(
    "--sf", "--system-fragment", "system_sources", multiple=True, metavar="SOURCE", help="The same, as instructions."
)
@click.option(
    "-a", "--attachment", "attached", multiple=True, metavar="FILE", help="A picture or other file, its URL, or -."
)
@click.option(
    "--at",
    *("--attachment-type", "typed"),
    multiple=True,
    nargs=2,
    metavar="FILE TYPE",
    help="The same, with its media type.",
)
@click.option("--paste", is_flag=True, help="Read the clipboard, as a source.")
@click.option(
    "-t", "--template", multiple=True, metavar="NAME", help="A kept prompt, or several; `curta templates` lists them."
)
@click.option("-p", "--param", "inputs", multiple=True, nargs=2, metavar="NAME VALUE", help="An input of the template.")
@click.option("-o", "--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="An option of the model.")
@click.option("--options", "show_options", is_flag=True, help="List the options of the model. Asks nothing.")
@click.option(
    "--schema", metavar="SCHEMA", help="What the answer has to be: 'name, age int', JSON, a file, a kept schema."
)
@click.option("--schema-multi", metavar="SCHEMA", help="The same, any number of times.")
@click.option("--save", metavar="NAME", help="Keep all this as a template. Asks nothing.")
@click.option(
    "-T", "--tool", "tools", multiple=True, metavar="NAME", help="A tool it may call; `curta tools` lists them."
)
@click.option("--functions", multiple=True, metavar="CODE|FILE", help="Python functions it may call.")
@click.option("--ta", "--tools-approve", "approve", is_flag=True, help="Ask me before each tool call.")
@click.option(
    "--td", "--tools-debug", "tools_debug", is_flag=True, help="Show each tool call and its result on stderr."
)
@click.option(
    "--cl",
    "--chain-limit",
    "chain_limit",
    type=click.IntRange(min=0),
    metavar="N",
    default=5,
    help="Ask the model at most N times while it calls tools (5); 0: no limit.",
)
@click.option("--quotes", is_flag=True, help="Ask for quotations, verify each, have wrong ones mended or struck out.")
@click.option("--check", is_flag=True, help="Verify the answer against the sources; exit 3 when a claim fails.")
@click.option("-c", "--continue", "resume", is_flag=True, help="Go on with the latest conversation.")
@click.option("--cid", metavar="NAME|ID", help="Go on with this conversation.")
@click.option("--from", "from_call", metavar="ID", help="Go on from this call, whatever was said after it.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Do not send what could cost more.")
@click.option("--cache", is_flag=True, help="Give the answer again that the log has for the very same request.")
@click.option("--copy", is_flag=True, help="Put the answer on the clipboard.")
@click.option("-O", "--output", metavar="FILE", help="Write the answer to a file, once it is complete.")
@click.option("-x", "--extract", is_flag=True, help="Print only the first fenced code block.")
@click.option("--xl", "--extract-last", "extract_last", is_flag=True, help="Print only the last fenced code block.")
@click.option("-u", "--usage", is_flag=True, help="Say on stderr what the call used and cost.")
@click.option("--json", "as_json", is_flag=True, help="Print the logged call as JSON, in the shape of `logs --json`.")
@click.option("-R", "--hide-reasoning", "hide_reasoning", is_flag=True, help="Do not show the model's reasoning.")
@click.option("--no-markdown", is_flag=True, help="On a terminal, show the answer as the model wrote it.")
@click.option("--no-stream", is_flag=True, help="Wait for the whole answer.")
@click.option("--dry-run", is_flag=True, help="Show the request as it would be sent, keys masked. Sends nothing.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log.")
@click.option("--log", "force_log", is_flag=True, help="Log this call even when logging is off.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
@click.option("--async", "is_async", is_flag=True, hidden=True, help="Taken for llm's sake: it changes nothing here.")
def prompt(words: str | None, **given: Any) -> int:
    if given["copy"]:
        from curta.cli import clipboard

        clipboard.require()
    if given["output"] is not None:
        from curta.cli.prompt_delivered import into_file

        return into_file(given["output"], lambda: _ask(words, given))
    return _ask(words, given)


def _ask(words: str | None, given: dict[str, Any]) -> int:
    from curta.cli import prompt_read as read  # after the command line has been understood: --help starts without it
    from curta.cli import prompt_shown as shown
    from curta.models import registry

    if given["hide_reasoning"]:
        output.hide_reasoning()
    if given["template"] or given["save"] is not None:
        from curta.cli import prompt_templates

        if given["save"] is not None:
            return prompt_templates.save(words, given)
        prompt_templates.apply(given)
    if given["queries"] or given["endpoint"] or given["show_options"]:
        from curta.cli import prompt_model

        prompt_model.choose(given)
        if given["show_options"]:
            return prompt_model.show_options(given)
    log = read.log(given)
    conversation = read.resumed(given, log)
    asked = read.asked(words, given)
    read.warn_about_key(given["key"])
    how = {"model": given["model"], "conversation": conversation, "log": log, "key": given["key"], "caller": "prompt"}
    how |= {"stream": not given["no_stream"], "on_retry": shown.say_retry}
    how |= {"max_cost": given["max_cost"], "cache": given["cache"]}
    if conversation or registry.resolve(given["model"] or registry.default()) != registry.BUILT_IN:
        from curta.cli.ctrl_c import hear_at_once  # the built-in model reads nothing that could keep it waiting

        hear_at_once()
    goes_on_with_tools = conversation and (conversation.unfinished or conversation.offered)
    if given["tools"] or given["functions"] or given["template"] or goes_on_with_tools:
        from curta.cli import prompt_tools

        asked |= prompt_tools.asked(given, conversation)
    return _answered(asked, how, given)


def _answered(asked: dict[str, Any], how: dict[str, Any], given: dict[str, Any]) -> int:
    """Ask, and show the answer; the exit code."""
    from curta.api import prompting
    from curta.cli import prompt_shown as shown
    from curta.conversations import Response

    if given["dry_run"]:
        return shown.show_request(asked, how, given["quotes"])
    if given["quotes"]:
        return shown.show_quoted(
            prompting.quoted(**asked, **how, on_round=shown.say_round, on_ask=shown.say_asking), given
        )
    response = prompting.prompt(**asked, **how)
    if not isinstance(response, Response):
        from curta.cli import prompt_tools

        return prompt_tools.show(response, given)
    shown.introduce(response, given["model"])
    with shown.telling_what_is_kept(response):
        shown.show(response, given)
    report = prompting.check(response) if given["check"] else None
    return shown.finish(response, report, given)
