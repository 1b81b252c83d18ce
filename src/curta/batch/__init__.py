"""Many requests, through one model or several: in order, at a pace each provider bears, and never paid for twice.

Rules:
1. It knows requests and their order, nothing of rows, files or scores. Whoever uses it hands over `Work` and gets
   `Done`, one for each, in the same order unless asked otherwise.
2. Every request is a logged call, and belongs to its batch from the moment it is begun (`store.batches`). What is asked
   for next, is asked for after what ended was committed; after `kill -9` only what was under way is asked again.
3. Memory is that of a window of requests, whether there are ten of them or a million.
4. One way to drive it: async code. Sync code runs the same on an event loop of its own.

work.py    the nouns: what to ask, what came of it, how far it is
batch.py   the window of requests, their order, how it ends
asking.py  one request: waited for, asked, asked again, found in the log
after.py   what is done with an answer before it comes out
outcome.py what came of it
pace.py    how many requests at once a provider is sent
ending.py  when to stop asking: what is allowed is spent, nothing is answered
estimate.py what it will take and cost, told before

May import `conversations`, `models`, `schemas`, `store` and the ground.
"""

from curta.batch.batch import Batch
from curta.batch.work import Done, Progress, Work

__all__ = ["Batch", "Done", "Progress", "Work"]
