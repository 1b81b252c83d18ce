"""A plugin with a key, an async model, a model that asks another, and embeddings."""

import llm


class Keyed(llm.KeyModel):
    model_id = "keyed"
    needs_key = "parrot"
    key_env_var = "PARROT_KEY"

    def execute(self, prompt, stream, response, conversation, key):
        if prompt.prompt == "fail":
            raise llm.ModelError(f"wrong key: {key}")
        yield f"{key[:3]} and {len(key)} characters"


class AsyncOnly(llm.AsyncModel):
    model_id = "async-only"
    can_stream = True

    async def execute(self, prompt, stream, response, conversation):
        import asyncio

        for word in ("one ", "two"):
            await asyncio.sleep(0)
            yield word
        if prompt.prompt == "wait":
            await asyncio.sleep(3600)


class Delegates(llm.Model):
    """Asks a model of another plugin."""

    model_id = "delegates"

    def execute(self, prompt, stream, response, conversation):
        yield llm.get_model("alone").prompt("hi").text()


class Letters(llm.EmbeddingModel):
    """Counts letters."""

    model_id = "letters"
    batch_size = 2
    supports_binary = True

    def embed_batch(self, items, key=None):
        for item in items:
            if item == "bad":
                raise ValueError("bad item")
            yield [float(len(item)), 0.5]


@llm.hookimpl
def register_models(register):
    register(Keyed())
    register(AsyncOnly())
    register(Delegates())


@llm.hookimpl
def register_embedding_models(register):
    register(Letters(), aliases=("abc",))
