"""A plugin in which everything goes wrong."""

import contextlib
import os
import subprocess
import sys
import time

import llm


class Raises(llm.Model):
    model_id = "raises"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        yield "so far "
        raise RuntimeError(f"the key {os.environ.get('PARROT_KEY')} is no good\nreally\x1b[2J")


class Refuses(llm.Model):
    model_id = "refuses"

    def execute(self, prompt, stream, response, conversation):
        raise llm.ModelError("Not today.")
        yield


class Limited(llm.Model):
    """Raises what HTTP libraries raise: an error with a response that has a status."""

    model_id = "limited"

    def execute(self, prompt, stream, response, conversation):
        error = RuntimeError("slow down")
        error.status_code = int(prompt.prompt)
        raise error
        yield


class Sleeps(llm.Model):
    model_id = "sleeps"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        yield f"{os.getpid()}"
        time.sleep(3600)


class Stubborn(llm.Model):
    model_id = "stubborn"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        yield f"{os.getpid()}"
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(3600)


class Dies(llm.Model):
    model_id = "dies"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        if prompt.prompt == "late":
            yield "before the end"
        sys.stderr.write(f"segmentation \x1b]52;c;aGk=\x07fault with {os.environ.get('PARROT_KEY')}\n")
        sys.stderr.flush()
        os._exit(7)
        yield


class Exits(llm.Model):
    model_id = "exits"

    def execute(self, prompt, stream, response, conversation):
        sys.exit("enough")
        yield


class Noisy(llm.Model):
    """Writes to stdout in every way there is."""

    model_id = "noisy"

    def execute(self, prompt, stream, response, conversation):
        print('{"id": 1, "done": true}')  # noqa: T201
        os.write(1, b"straight to the descriptor\n")
        subprocess.run(["echo", "a child of a child"], check=True)
        sys.stdin.read()
        sys.stderr.write("x" * 1_000_000)
        yield "calm"


class Endless(llm.Model):
    model_id = "endless-words"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        while True:
            yield "word "


class Odd(llm.Model):
    """Yields what no JSON line should be broken by."""

    model_id = "odd"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        yield "\ud800\x00\u2028\r\n"
        yield ""
        yield "\U0001f980" * 100_000


@llm.hookimpl
def register_models(register):
    for kind in (Raises, Refuses, Limited, Sleeps, Stubborn, Dies, Exits, Noisy, Endless, Odd):
        register(kind())
