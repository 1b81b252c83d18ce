"""Make notices with opening hours, and questions about them: python hours.py SEED COUNT > hours.jsonl

Each line is an instance of a task: a text, a question, the answer, and a reference that has full marks. Another seed
makes other instances, which no model has seen.
"""

import json
import random
import sys

SHOPS = ["bakery", "library", "ferry office", "swimming bath", "post office", "museum"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


def instance(chance: random.Random) -> dict[str, str]:
    shop, (day, other) = chance.choice(SHOPS), chance.sample(DAYS, 2)
    opens, closes, early = chance.randrange(6, 11), chance.randrange(16, 22), chance.randrange(12, 15)
    text = (
        f"The {shop} is open from {opens}:00 to {closes}:00. On {day}s it closes at {early}:30 already. "
        f"On {other}s and Sundays it stays closed."
    )
    question, answer = chance.choice(
        [
            (f"At what time does the {shop} close on a {day}?", f"{early}:30"),
            (f"When does the {shop} open?", f"{opens}:00"),
            (f"On which weekday, besides Sunday, is the {shop} closed?", other),
        ]
    )
    return {"text": text, "question": question, "answer": answer, "reference": f"{answer}."}


def main(seed: int, count: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        sys.stdout.write(f"{json.dumps(instance(chance))}\n")


main(int(sys.argv[1]), int(sys.argv[2]))
