"""Whether calls are logged when nobody says otherwise: the key `logging` of `config.json`, on at first."""

from curta import config

_FILE = "config.json"


def logging_is_on() -> bool:
    return bool(config.read(_FILE).get("logging", True))


def turn_logging(on: bool) -> None:
    with config.changing(_FILE) as settings:
        settings["logging"] = on
