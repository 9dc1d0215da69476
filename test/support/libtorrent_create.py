"""Makes torrents with libtorrent: one JSON object a line in (path, format, pieceLength, private, source), one a line out
with the bytes of the info dictionary and of the piece layers, in hexadecimal.

v1 files are in the order in which libtorrent itself puts those of v2: it leaves v1 in the order of the folder, which is
another one on every disk.
"""
import json
import os
import sys

import libtorrent as lt

FLAGS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


def sorted_files(files):
    found = [(files.file_path(i), files.file_size(i), files.file_flags(i)) for i in range(files.num_files())]
    found.sort(key=lambda file: [part.encode() for part in file[0].split("/")])
    ordered = lt.file_storage()
    ordered.set_name(files.name())
    for path, size, flags in found:
        ordered.add_file(path, size, flags)
    return ordered


for line in sys.stdin:
    job = json.loads(line)
    flags = FLAGS[job["format"]]
    files = lt.file_storage()
    lt.add_files(files, job["path"], flags=flags)
    if job["format"] == "v1":
        files = sorted_files(files)
    torrent = lt.create_torrent(files, job["pieceLength"], flags)
    torrent.set_priv(job["private"])
    lt.set_piece_hashes(torrent, os.path.dirname(job["path"]))
    entry = torrent.generate()
    if job["source"] is not None:
        entry[b"info"][b"source"] = job["source"].encode()
    layers = entry.get(b"piece layers")
    result = {
        "info": lt.bencode(entry[b"info"]).hex(),
        "layers": None if layers is None else lt.bencode(layers).hex(),
    }
    print(json.dumps(result), flush=True)
