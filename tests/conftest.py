"""What every test gets: an empty home, and the loopback servers by name."""

from tests.servers.fixtures import crowd, home, openai_server, postgres, warm_curta

__all__ = ["crowd", "home", "openai_server", "postgres", "warm_curta"]
