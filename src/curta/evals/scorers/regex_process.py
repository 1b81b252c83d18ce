"""The process that matches patterns: a line of JSON in, a line out. It ends when a match takes too long.

A pattern such as `(a+)+$` can take longer than anybody lives, and nothing in Python interrupts it. faulthandler's
watchdog can: it is a thread that needs no lock of the interpreter, and it ends this process also when its parent is
gone.
"""

import faulthandler
import json
import os
import re
import sys


def main() -> None:
    with open(os.devnull, "w") as nowhere:
        for line in sys.stdin.buffer:
            asked = json.loads(line)
            faulthandler.dump_traceback_later(asked["seconds"], exit=True, file=nowhere)
            found = re.search(asked["pattern"], asked["text"])
            faulthandler.cancel_dump_traceback_later()
            sys.stdout.write(json.dumps(found and found.span()) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
