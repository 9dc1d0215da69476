"""Several BitTorrent leeches made of libtorrent in one process, each a session of its own, for tests and benchmarks.

Started with one JSON object as its argument: torrent, and leeches (a list of {directory, address, port}); optionally
encryption (bool, default true), quitWhenFinished (bool).
Says on stdout: {"event": "ready"} when all listen, {"event": "finished", "index", "downloaded", "uploaded"} for each that has
everything and has written it, {"event": "error", "message"}.
Understands on stdin: {"command": "connect", "host", "port"}, for all of them, and {"command": "status"}, which is answered
with {"event": "status", "leeches": [{"downloaded", "uploaded"}, ...]}, payload in bytes. The end of stdin means quit.
"""
import json
import queue
import sys
import threading
import time

import libtorrent as lt

from libtorrent_peer import add_torrent, read_commands, say, settings_for


class Leech:
    def __init__(self, index, options):
        self.index = index
        self.session = lt.session(settings_for(options))
        self.torrent = add_torrent(self.session, options)
        self.is_ready = False
        self.is_finished = False

    def poll(self):
        for alert in self.session.pop_alerts():
            kind = type(alert).__name__
            if kind == "torrent_checked_alert":
                self.is_ready = True
            elif kind == "torrent_finished_alert":
                self.torrent.flush_cache()
            elif kind == "cache_flushed_alert" and not self.is_finished:
                self.is_finished = True
                say("finished", index=self.index, **self.counters())
            elif kind in ("listen_failed_alert", "torrent_error_alert", "file_error_alert"):
                say("error", message=alert.message())

    def counters(self):
        status = self.torrent.status()
        return {"downloaded": status.total_payload_download, "uploaded": status.total_payload_upload}


def execute(command, leeches):
    """Does one command; False ends the program."""
    name = command["command"]
    if name == "connect":
        for leech in leeches:
            leech.torrent.connect_peer((command["host"], command["port"]))
    elif name == "status":
        say("status", leeches=[leech.counters() for leech in leeches])
    return name != "quit"


def main():
    options = json.loads(sys.argv[1])
    common = {"torrent": options["torrent"], "encryption": options.get("encryption", True)}
    leeches = [Leech(index, {**common, **own}) for index, own in enumerate(options["leeches"])]
    commands = queue.Queue()
    threading.Thread(target=read_commands, args=(commands,), daemon=True).start()
    alive = True
    is_ready = False
    while alive:
        time.sleep(0.02)
        for leech in leeches:
            leech.poll()
        if not is_ready and all(leech.is_ready for leech in leeches):
            is_ready = True
            say("ready")
        while alive and not commands.empty():
            alive = execute(commands.get(), leeches)
        if options.get("quitWhenFinished", False) and all(leech.is_finished for leech in leeches):
            alive = False


main()
