"""What every test gets: an empty home, and the loopback servers by name. Laws hold on slow machines too."""

from hypothesis import HealthCheck, settings

from tests.servers.fixtures import crowd, home, model_hub, openai_server, postgres, shelf, warm_curta
from tests.tiny.fixtures import one_thread, tiny_embedder, tiny_gguf, tiny_held

__all__ = ["crowd", "home", "model_hub", "one_thread", "openai_server", "postgres", "shelf"]
__all__ += ["tiny_embedder", "tiny_gguf", "tiny_held", "warm_curta"]

settings.register_profile(
    "any-machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("any-machine")
