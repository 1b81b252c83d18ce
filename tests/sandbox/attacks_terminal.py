"""Attacks on the terminal of whoever types `curta run`, for `attacks.py`. COMMANDS is what each of them says.

They run on a pseudo-terminal. There is no byte on its screen that commands it but Curta's own colours.
"""

COMMANDS = (
    "before\x1b[2J\x1b[1;1H\x1b[?1049h\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\"
    '\x1b[200~rm -rf ~\x1b[201~\x1bP$q"p\x1b\\\x9b31m\x9d52;c;x\x9c\x1b[6n\x1b[c\u202egnihton\u2066\rover\x08\x7f\x00'
    "after"
)

ATTACKS = r"""
#! terminal: commands in the output
print(COMMANDS)
#! terminal: commands in pieces that are harmless alone
import sys
for character in COMMANDS:
    sys.stdout.write(character)
    sys.stdout.flush()
#! terminal: commands as bytes that are no UTF-8
import sys
sys.stdout.buffer.write(COMMANDS.encode("latin-1", "replace") + b"\xc2")
sys.stdout.buffer.flush()
sys.stdout.buffer.write(b"\x9b2J\xff")
#! terminal: commands on the error stream
import sys
print(COMMANDS, file=sys.stderr)
#! terminal: commands in the message of an error
raise ValueError(COMMANDS)
#! terminal: commands in the words of an exit
raise SystemExit(COMMANDS)
#! terminal: commands in the line of code that a traceback shows
import linecache
line = "1 / 0  # " + COMMANDS.replace("\r", "").replace("\x00", "")
linecache.cache["after"] = (len(line), None, [line], "after")
exec(compile("1 / 0", "after", "exec"))
#! terminal: commands in the names of files
for number, command in enumerate(("\x1b[2J", "\x1b]0;title\x07", "\u202egnp", "\x9b31m", "a\rb", "\x1b]52;c;x\x07")):
    open(f"/work/{number}{command}", "w").close()
"""
