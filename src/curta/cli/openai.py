"""`curta openai endpoint URL`: a server that speaks OpenAI's protocol, as `llm` names it; as `--endpoint` does."""

import click

from curta.cli import output
from curta.models import addresses


@click.group(help="Servers that speak OpenAI's protocol.", context_settings={"help_option_names": ["-h", "--help"]})
def openai() -> None:
    pass


@openai.command(
    "endpoint",
    help="Ask a model of the server at URL, with the options of `curta` itself; its calls are logged like any other.",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("url")
@click.option("-m", "--model", metavar="ID", help="The name the server knows the model by.")
@click.option("--models", "only_list", is_flag=True, help="List the models of the server. Asks nothing.")
@click.option("--chat", "talk", is_flag=True, help="Talk, line by line.")
@click.pass_context
def endpoint(context: click.Context, url: str, model: str | None, only_list: bool, talk: bool) -> int | None:
    if only_list:
        for name in addresses.listed_at(url.rstrip("/")):
            output.line(name)
        return None
    if talk:
        from curta.cli.chat import chat as command
    else:
        from curta.cli.prompt import prompt as command
    words = ["-m", addresses.at_address(url, model), *context.args]
    with command.make_context(context.command_path, words) as inner:
        code: int | None = command.invoke(inner)
    return code
