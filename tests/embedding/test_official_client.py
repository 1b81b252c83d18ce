"""The loopback server speaks as OpenAI does: its own package parses what we parse."""

import openai
import pytest

from curta.models import embedders
from curta.models.embedding.embedder import Vector
from tests.servers.openai import Failure, OpenAIServer


@pytest.fixture
def client(openai_server: OpenAIServer) -> openai.OpenAI:
    return openai.OpenAI(api_key="nobody's", base_url=openai_server.url, max_retries=0)


def test_the_official_package_gets_the_same_vectors(client, openai_server) -> None:
    texts = ["a pelican", "a bicycle"]
    theirs = client.embeddings.create(model="embed", input=texts, dimensions=32)
    (ours,) = {embedders.embedder(f"{openai_server.url}#embed")}
    assert theirs.usage.total_tokens == 4
    assert [Vector(each.embedding) for each in client.embeddings.create(model="embed", input=texts).data] == list(
        ours.embed(texts)
    )
    assert len(theirs.data[0].embedding) == 32


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure(429), openai.RateLimitError),
        (Failure(401), openai.AuthenticationError),
        (Failure(500), openai.APIError),
    ],
)
def test_the_official_package_understands_its_failures(client, openai_server, failure, error) -> None:
    openai_server.script(failure)
    with pytest.raises(error):
        client.embeddings.create(model="embed", input=["a"])


def test_what_openai_refuses_is_refused(client) -> None:
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="embed", input=[""])
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="embed-short", input=["word " * 60])
