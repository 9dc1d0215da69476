"""A BitTorrent peer made of libtorrent, for tests and benchmarks, that speaks JSON lines.

Started with one JSON object as its argument: torrent, directory, address, port, encryption (bool), and optionally
peers (a list of [host, port] to dial once the data was checked) and quitWhenFinished (bool).
Says on stdout: {"event": "ready", "port", "progress"} when the data was checked and peers are welcome,
{"event": "finished"} when everything is there and written, {"event": "status", ...} when asked,
{"event": "peer", "kind", "message"} for connections, {"event": "error", "message"}.
Understands on stdin: {"command": "connect", "host", "port"}, {"command": "status"},
{"command": "limit", "bytesPerSecond"}, {"command": "quit"}. The end of stdin means quit.
"""
import json
import queue
import sys
import threading

import libtorrent as lt


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def read_commands(commands):
    for line in sys.stdin:
        commands.put(json.loads(line))
    commands.put({"command": "quit"})


def settings_for(options):
    host = "[%s]" % options["address"] if ":" in options["address"] else options["address"]
    settings = {
        "listen_interfaces": "%s:%d" % (host, options["port"]),
        "outgoing_interfaces": options["address"],
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification
        | lt.alert.category_t.error_notification
        | lt.alert.category_t.storage_notification
        | lt.alert.category_t.connect_notification,
    }
    if not options.get("encryption", True):
        settings["in_enc_policy"] = int(lt.enc_policy.pe_disabled)
        settings["out_enc_policy"] = int(lt.enc_policy.pe_disabled)
    return settings


def add_torrent(session, options):
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(options["torrent"])
    parameters.save_path = options["directory"]
    parameters.flags &= ~lt.torrent_flags.auto_managed
    parameters.flags &= ~lt.torrent_flags.paused
    return session.add_torrent(parameters)


def execute(command, session, torrent):
    """Does one command; False ends the program."""
    name = command["command"]
    if name == "quit":
        return False
    if name == "connect":
        torrent.connect_peer((command["host"], command["port"]))
    elif name == "limit":
        # The session's own limit does not hold for peers on loopback, the torrent's does.
        torrent.set_upload_limit(command["bytesPerSecond"])
    elif name == "status":
        status = torrent.status()
        say(
            "status",
            progress=status.progress,
            uploaded=status.total_payload_upload,
            downloaded=status.total_payload_download,
            peers=status.num_peers,
        )
    return True


class Watcher:
    """Turns libtorrent's alerts into events."""

    def __init__(self, session, torrent, options):
        self.session = session
        self.torrent = torrent
        self.options = options
        self.is_checked = False
        self.is_finished = False

    def on_alert(self, alert):
        kind = type(alert).__name__
        if kind == "torrent_checked_alert":
            self.is_checked = True
            say("ready", port=self.session.listen_port(), progress=self.torrent.status().progress)
            for host, port in self.options.get("peers", []):
                self.torrent.connect_peer((host, port))
        elif kind == "torrent_finished_alert":
            # Also sent after the check of a torrent that was complete.
            self.torrent.flush_cache()
        elif kind == "cache_flushed_alert" and not self.is_finished:
            self.is_finished = True
            say("finished")
        elif kind in ("listen_failed_alert", "torrent_error_alert", "file_error_alert"):
            say("error", message=alert.message())
        elif kind in ("peer_connect_alert", "peer_disconnected_alert", "peer_ban_alert"):
            say("peer", kind=kind, message=alert.message())


def main():
    options = json.loads(sys.argv[1])
    session = lt.session(settings_for(options))
    torrent = add_torrent(session, options)
    watcher = Watcher(session, torrent, options)
    commands = queue.Queue()
    threading.Thread(target=read_commands, args=(commands,), daemon=True).start()
    alive = True
    while alive:
        session.wait_for_alert(20)
        for alert in session.pop_alerts():
            watcher.on_alert(alert)
        while alive and not commands.empty():
            alive = execute(commands.get(), session, torrent)
        if watcher.is_finished and options.get("quitWhenFinished", False):
            alive = False


if __name__ == "__main__":
    main()
