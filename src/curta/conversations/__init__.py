"""The heart: a request is sent, its events arrive, everything is logged.

Rules:
1. The log row is committed before the first byte leaves, and closed however the answer ends.
2. One way to drive an answer: `Response._logged` does all there is to do around the events, `Chain._steps` all around
   the answers, and the sync and the async driver of each differ in one word.
3. Nothing here prints. Warnings (a log that cannot be written) wait in `Response.warnings` for a face to show them.

conversation.py  what was said so far, and the way to say more
response.py      one answer, as it arrives          arrived.py       the sum of its events so far
chain.py         a model that calls tools: the loop, approval, pause and resume
answers.py       the answers of a chain, read as one             chain_events.py  what happens between them
arriving.py      what an answer and a chain have in common: iterated, awaited, read again
budget.py        what may be spent                  cache.py         the log answers what it has answered before

May import `tools`, `models`, `store`, `quotes` and the ground.
"""

from curta.conversations.conversation import Conversation
from curta.conversations.response import Response

__all__ = ["Conversation", "Response"]
