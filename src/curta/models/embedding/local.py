"""An embedding model whose file is on this computer: run by an engine process, asked over the wire of embeddings.

A text that is longer than the model takes is cut, and its vector says so (`Vector.cut`), as with any server.
"""

from curta.engine.files.held import ModelFile
from curta.models.embedding.asking import Asking
from curta.models.embedding.described import Described, known_prefixes
from curta.models.embedding.served import ServedEmbedder
from curta.models.model import Facts, Price
from curta.models.wires.served import Endpoint

MOST_TOKENS = 512
"""Of one text: what the engine takes at once (`n_ubatch`). An encoder has to see all of it at once."""
BATCH = 32


class LocalEmbedder(ServedEmbedder):
    """The embedding model of a file. Its engine is started when the first texts come."""

    def __init__(self, file: ModelFile) -> None:
        super().__init__(described(file))
        self.file = file

    @property
    def identity(self) -> str:
        """The file, whatever it is called and wherever it is."""
        return f"sha256:{self.file.sha256}"

    def _asking(self) -> Asking:
        from curta.engine.process import serve

        address = serve(self.file)
        endpoint = Endpoint(address.url, address.name, address.key, socket=address.socket)
        return Asking(self.described, endpoint, self.used, self.dim)


def described(file: ModelFile) -> Described:
    """What is known of the model in `file`."""
    facts = Facts(
        where="this computer",
        context=min(file.context or MOST_TOKENS, MOST_TOKENS),
        price=Price(0.0, 0.0, date=""),
        licence=file.licence or None,
    )
    return Described(file.name, "", file.name, None, facts, prefixes=known_prefixes(file.name), batch=BATCH)
