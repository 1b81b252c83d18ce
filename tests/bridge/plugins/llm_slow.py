"""A plugin that says when it is imported: it must not be, unless it is wanted."""

import os
from pathlib import Path

import llm

Path(os.environ["IMPORTED"]).touch()


class Slow(llm.Model):
    model_id = "slow"

    def execute(self, prompt, stream, response, conversation):
        yield "here"


@llm.hookimpl
def register_models(register):
    register(Slow())
