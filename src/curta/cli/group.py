"""A group of subcommands with a default one: `curta models` is `curta models list`."""

from typing import Any

import click


class DefaultGroup(click.Group):
    """`default` runs when no subcommand is named, also with options of its own: `curta logs -n 3`."""

    def __init__(self, *args: Any, default: str, **attributes: Any) -> None:
        attributes.setdefault("context_settings", {"help_option_names": ["-h", "--help"], "max_content_width": 100})
        super().__init__(*args, **attributes)
        self.default = default

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with the whole first sentence of its help; click would cut it short."""
        rows = [(name, each.get_short_help_str(200)) for name, each in self.commands.items() if not each.hidden]
        with formatter.section(f"Commands (without one: {self.default})"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            from difflib import get_close_matches

            close = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean `{close[0]}`?" if close else f" There is: {', '.join(self.list_commands(ctx))}."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)
