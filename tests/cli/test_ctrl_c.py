"""A Ctrl-C in the instant before a blocking read is heard all the same."""

import signal
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import _thread, socket, threading, time
    from curta.cli import ctrl_c

    ctrl_c.hear_at_once()
    ctrl_c.hear_at_once()
    ours, theirs = socket.socketpair()
    ours.settimeout(20)

    def note_without_interrupting():  # just what a signal does that comes before the read has begun
        time.sleep(0.3)
        _thread.interrupt_main()

    threading.Thread(target=note_without_interrupting, daemon=True).start()
    try:
        ours.recv(1)
    except KeyboardInterrupt:
        print("heard")
        time.sleep(1)  # woken for nothing: no second interrupt comes of it
        print("once")
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads on this system")
def test_ctrl_c_before_a_read_interrupts_it() -> None:
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(PROGRAM)], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["heard", "once"], done.stderr
