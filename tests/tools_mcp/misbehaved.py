"""An MCP server that speaks the protocol of 2025 by hand, and does what it likes: `python misbehaved.py SCRIPT.json`.

The script, read anew at each request: tools: what it lists. pages: how many to a page. endless: no page is the last.
restless: each list is followed by a change of it.
chatter: what it prints on stdout and stderr before each answer. calls: what it does when a tool is called:
{"text": ...}, {"result": ...}, {"environment": true}, {"hang": true}, {"die": true}, {"flood": bytes},
{"then": the script from now on, announced}; with {"after": "die"} it answers, and dies.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.argv[1])


def send(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def listing(script: dict[str, Any], cursor: str | None) -> dict[str, Any]:
    tools = [{"inputSchema": {"type": "object"}, **tool} for tool in script["tools"]]
    if script.get("endless"):
        return {"tools": tools, "nextCursor": "again"}
    start, size = int(cursor or 0), script.get("pages", len(tools)) or 1
    rest = {"nextCursor": str(start + size)} if start + size < len(tools) else {}
    return {"tools": tools[start : start + size], **rest}


def called(what: dict[str, Any]) -> dict[str, Any] | None:
    if "die" in what:
        os._exit(7)
    if "flood" in what:
        for _ in range(what["flood"] >> 16):
            sys.stdout.write("x" * (1 << 16))
        sys.stdout.flush()
        return None
    if "then" in what:
        SCRIPT.write_text(json.dumps(what["then"]), encoding="utf-8")
        send(method="notifications/tools/list_changed")
    if "hang" in what:
        return None
    text = str(dict(os.environ)) if "environment" in what else what.get("text", "done")
    return what.get("result") or {"content": [{"type": "text", "text": text}]}


def main() -> None:
    for line in sys.stdin:
        script = json.loads(SCRIPT.read_text(encoding="utf-8"))
        request = json.loads(line)
        method, parameters = request.get("method"), request.get("params") or {}
        sys.stdout.write(script.get("chatter", ""))
        sys.stderr.write(script.get("chatter", ""))
        if "id" not in request or "method" not in request:
            continue
        if method == "initialize":
            result: Any = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "misbehaved", "version": "1"},
            }
        elif method == "tools/list":
            result = listing(script, parameters.get("cursor"))
            if script.get("restless"):
                send(method="notifications/tools/list_changed")
        elif method == "tools/call":
            result = called(script.get("calls", {}).get(parameters["name"], {}))
        else:
            send(id=request["id"], error={"code": -32601, "message": f"no {method}"})
            continue
        if result is not None:
            send(id=request["id"], result=result)
        if method == "tools/call" and "after" in script.get("calls", {}).get(parameters["name"], {}):
            os._exit(9)
    Path(f"{SCRIPT}.left").write_text("left", encoding="utf-8")


main()
