"""A terminal that can be stopped, for tests: runs a command on a pseudo terminal and speaks JSON lines.

Arguments: columns, rows, the command. Says {"event": "started", "pid"}, {"event": "output", "bytes", "text"} whenever the screen
has shown more (text in Latin-1), {"event": "exit", "status"} with the status as a shell reports it. Understands on stdin: "stop" (the terminal
takes nothing any more and nobody reads it) and "go". The end of stdin ends the command.
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def start(columns, rows, command):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    child = os.fork()
    if child == 0:
        os.close(master)
        os.login_tty(slave)
        os.execvp(command[0], command)
    return master, slave, child


def main():
    columns, rows, *command = sys.argv[1:]
    master, slave, child = start(int(columns), int(rows), command)
    say("started", pid=child)
    is_stopped = False
    shown = 0
    ended = 0
    while True:
        if not ended:
            ended, status = os.waitpid(child, os.WNOHANG)
        if ended and (is_stopped or not select.select([master], [], [], 0)[0]):
            say("exit", status=os.waitstatus_to_exitcode(status) % 256 if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
            return
        ready, _, _ = select.select([sys.stdin] + ([] if is_stopped else [master]), [], [], 0.05)
        if master in ready:
            text = os.read(master, 65536)
            shown += len(text)
            say("output", bytes=shown, text=text.decode("latin-1"))
        if sys.stdin in ready:
            line = sys.stdin.readline().strip()
            if line == "":
                os.kill(child, signal.SIGKILL)
            else:
                is_stopped = line == "stop"
                termios.tcflow(slave, termios.TCOOFF if is_stopped else termios.TCOON)
                say(line)


main()
