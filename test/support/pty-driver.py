"""Runs programs on terminals of their own: waits for texts, presses keys, and reports what was drawn.

Reads jobs from stdin, each a line of JSON: id, argv, env, cwd, steps, limit, columns, rows, stdout ("terminal" or
"pipe"). A step waits for the text `expect` to appear after what earlier steps saw, then types `send` or gives the
`signal`. Jobs run side by side; each answers with a line of JSON when it ends.
"""
import base64
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

turn = tempfile.TemporaryFile()


def start(job):
    """Starts the program; returns its terminal, its stdout if that is a pipe, the reports of its end, and two ids."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', job['rows'], job['columns'], 0, 0))
    result, result_in = os.pipe()
    news, news_in = os.pipe()
    # The terminal belongs to a process in between: when its owner ends, nobody can look at it any more.
    owner = os.fork()
    if owner == 0:
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        echo = termios.tcgetattr(terminal)[3] & termios.ECHO
        child = os.fork()
        if child == 0:
            for number in (0, 1, 2):
                os.dup2(terminal, number)
            if job['stdout'] == 'pipe':
                os.dup2(result_in, 1)
            os.closerange(3, 256)
            os.chdir(job['cwd'])
            os.execvpe(job['argv'][0], job['argv'], job['env'])
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.write(news_in, b'%d\n' % child)
        ended = os.waitpid(child, 0)[1]
        kept = echo == termios.tcgetattr(terminal)[3] & termios.ECHO
        os.write(news_in, b'%d %d\n' % (ended, kept))
        os.close(result_in)
        time.sleep(0.05)
        os._exit(0)
    os.close(result_in)
    os.close(news_in)
    reports = os.fdopen(news, 'rb', 0)
    return controller, result, reports, owner, int(reports.readline())


def run(job):
    controller, result, reports, owner, child = start(job)
    deadline = time.monotonic() + job['limit'] / 1000
    drawn, piped = b'', b''
    seen = 0
    steps = list(job['steps'])
    status = None
    echo = None
    open_ends = [controller, result]
    while status is None or (open_ends and select.select(open_ends, [], [], 0)[0]):
        for end in select.select([*open_ends, reports], [], [], 0.05)[0]:
            if end == reports:
                continue
            try:
                data = os.read(end, 65536)
            except OSError:
                data = b''
            if not data:
                open_ends.remove(end)
            elif end == controller:
                drawn += data
            else:
                piped += data
        while steps:
            expected = steps[0].get('expect', '').encode()
            found = drawn.find(expected, seen)
            if found < 0:
                break
            seen = found + len(expected)
            step = steps.pop(0)
            time.sleep(step.get('pause', 30) / 1000)
            if 'send' in step:
                os.write(controller, step['send'].encode())
            if 'signal' in step:
                os.kill(child, getattr(signal, step['signal']))
        if status is None and select.select([reports], [], [], 0)[0]:
            status, echo = map(int, reports.readline().split())
        if status is None and time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            deadline += 60
    os.waitpid(owner, 0)
    return {
        'id': job['id'],
        'code': os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        'signal': signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
        'drawn': base64.b64encode(drawn).decode(),
        'stdout': base64.b64encode(piped).decode(),
        'left': len(steps),
        'echo': bool(echo),
    }


def answer(text):
    """Writes a line whole, for a pipe mixes what several processes write."""
    fcntl.lockf(turn, fcntl.LOCK_EX)
    data = text.encode() + b'\n'
    while data:
        data = data[os.write(1, data):]


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        answer(json.dumps(run(json.loads(line))))
        os._exit(0)
