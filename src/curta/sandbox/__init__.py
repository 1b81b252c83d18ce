"""The sandbox: generated programs run in WebAssembly, and what they did to a folder is known before it happens there.

Rules:
1. A guest sees nothing but what it was granted. Nothing it does changes the host: what it writes lies in a scratch
   folder until somebody applies it.
2. WebAssembly is the first wall and never the only one where the system has another: engines run in a child process.
3. What comes from a guest is untrusted: its output, the names of its files, its claims of success.

folder.py   a folder of the host, reached without following links     overlay.py  the same, taking writes
effects.py  what a guest did to it                             namespace.py everything a guest can see
pocket/     the default engine: CPython, frozen into one component; pocket/guest/ runs inside it

May import `config`, `errors` and the ground.
"""
