"""A plugin with tools and loaders."""

import os

import llm


def shout(text: str, times: int = 1) -> str:
    "Say it louder."
    return text.upper() * times


def fails(why: str):
    "Fail."
    raise ValueError(why)


async def later() -> dict:
    "In its own time."
    return {"now": True}


def draws() -> llm.ToolOutput:
    "A picture."
    return llm.ToolOutput(output="drawn", attachments=[llm.Attachment(type="image/png", content=b"\x89PNG")])


def crashes() -> None:
    "End the process."
    os._exit(3)


class Memory(llm.Toolbox):
    """Remembers."""

    def __init__(self, name: str = "nobody"):
        self.said = [name]

    def remember(self, what: str) -> str:
        "Keep it."
        self.said.append(what)
        return "kept"

    def recall(self) -> str:
        "Say it."
        return ", ".join(self.said)


@llm.hookimpl
def register_tools(register):
    for each in (shout, fails, later, draws, crashes, Memory):
        register(each)


@llm.hookimpl
def register_template_loaders(register):
    def load(name: str) -> llm.Template:
        "Templates of nobody."
        return llm.Template(name=name, prompt=f"About {name}: $input", functions="def f(): pass")

    register("nobody", load)


@llm.hookimpl
def register_fragment_loaders(register):
    def load(argument: str):
        "Fragments of nobody."
        if argument == "none":
            raise ValueError("there is none")
        return [
            llm.Fragment(f"text of {argument}", "nobody://" + argument),
            llm.Attachment(type="image/png", content=b"p"),
        ]

    register("pieces", load)
