"""Runs one command per line of JSON on stdin and answers with what wait4 says it used."""

import json
import os
import signal
import subprocess
import sys
import time

# Linux counts ru_maxrss in KiB, macOS in bytes.
PEAK_UNIT = 1024 if sys.platform != "darwin" else 1


def run(request):
    with open(request["output"], "wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            request["argv"],
            cwd=request["cwd"],
            env=request["env"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(child.pid, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, request["timeoutMs"] / 1000)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGKILL)
            sys.exit(130)
        wall = time.perf_counter() - started
        signal.setitimer(signal.ITIMER_REAL, 0)
        # The child is reaped already: without this, Popen would wait for it a second time.
        child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "exitCode": child.returncode,
        "timedOut": wall * 1000 >= request["timeoutMs"],
        "wallMs": wall * 1000,
        "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
        "peakBytes": usage.ru_maxrss * PEAK_UNIT,
    }


for line in sys.stdin:
    try:
        answer = run(json.loads(line))
    except OSError as error:
        answer = {"error": str(error)}
    try:
        print(json.dumps(answer), flush=True)
    except BrokenPipeError:
        # Nobody is left to tell; leaving at once spares a second complaint when stdout is closed.
        os._exit(1)
