"""Rows with a question for each: `curta map`. Rows come in, become requests of a batch, and go out with their answers.

Rules:
1. A row is a mapping of columns to values. What cannot be read, asked or answered is a row all the same, with an error.
2. `$column` puts a value among the words of the prompt. A prompt that names no column is asked about the row's text,
   which goes along as a Document: what was read stays apart from what was said.
3. Whatever can be known to be wrong is refused before the first request.

beginning.py from names to values              binding.py   how a row becomes a request
mapped.py    the rows and their answers        writing.py   rows as JSON Lines, CSV, TSV

May import `batch`, `asking`, `templates`, `sources`, `models`, `store` and the ground.
"""

from curta.mapping.beginning import begin
from curta.mapping.binding import Binding
from curta.mapping.mapped import Mapped

__all__ = ["Binding", "Mapped", "begin"]
