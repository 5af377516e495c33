"""`argminn fetch` against a server on this machine that speaks as ENCODE's and UCSC's do: whole, slow, cut off, wrong, missing, busy."""
import gzip
import hashlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from argminn import fetch as module
from argminn.core import UserError
from argminn.fetch import DATASETS, fetch, read_record
from conftest import argminn, argminn_here

BYTES = bytes(range(256)) * 2000 # 512 kB
MD5 = hashlib.md5(BYTES).hexdigest()
GENOME = gzip.compress(b">chr1\n" + b"ACGTACGTAC\n" * 30_000) # gzip, as UCSC gives it
RECORD = dict(accession="ENCFF888CKG", status="released", assembly="GRCh38", md5sum=MD5, file_size=len(BYTES), file_format="bed", file_format_type="narrowPeak", output_type="IDR thresholded peaks",
              assay_term_name="ChIP-seq", biosample_ontology=dict(term_name="K562"))


class Server:
    "What it does is set by a test: record (fields that differ), busy (answers 503 so often), cut (bytes after which each connection breaks), ranges, body, slow (seconds per block)."
    def __init__(self):
        self.record, self.busy, self.cut, self.ranges, self.body, self.slow, self.asked = {}, 0, None, True, BYTES, 0, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args): pass
            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for k, v in headers.items(): self.send_header(k.replace("_", "-"), v)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                sent = body[:outer.cut] if outer.cut is not None and self.path.endswith(".gz") else body
                for i in range(0, len(sent), 65536):
                    self.wfile.write(sent[i:i + 65536])
                    if outer.slow: self.wfile.flush(); time.sleep(outer.slow)
                if len(sent) < len(body): self.close_connection = True
            def do_GET(self):
                outer.asked.append((self.path, self.headers.get("Range")))
                if outer.busy:
                    outer.busy -= 1
                    return self.answer(503, b"busy", Retry_After="0")
                if self.path == "/files/ENCFF888CKG/?format=json":
                    record = RECORD | dict(href="/files/ENCFF888CKG/@@download/ENCFF888CKG.bed.gz") | outer.record
                    return self.answer(200, json.dumps({k: v for k, v in record.items() if v is not None}).encode(), Content_Type="application/json")
                if self.path == "/files/ENCFF888CKG/@@download/ENCFF888CKG.bed.gz": return self.answer(307, Location="/bucket/x.bed.gz") # ENCODE sends to its bucket
                if self.path == "/goldenPath/hg38/bigZips/md5sum.txt": return self.answer(200, f"{'0' * 32}  hg38.2bit\n{hashlib.md5(GENOME).hexdigest()}  hg38.fa.gz\n".encode())
                if self.path in ("/bucket/x.bed.gz", "/goldenPath/hg38/bigZips/hg38.fa.gz"):
                    wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "") if outer.ranges else None
                    body = GENOME if "hg38" in self.path else outer.body
                    if not wanted: return self.answer(200, body)
                    at = int(wanted[1])
                    return self.answer(206, body[at:], Content_Range=f"bytes {at}-{len(body) - 1}/{len(body)}") if at < len(body) else self.answer(416)
                self.answer(404)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server():
    s = Server()
    yield s
    s.http.shutdown()
    s.http.server_close()


def nothing_but(folder, *names): assert sorted(p.name for p in folder.iterdir()) == sorted(names)


def test_whole(server, tmp_path, capsys):
    path = fetch("spi1_k562", tmp_path / "data", server.url)
    assert path.read_bytes() == BYTES and path.name == "spi1_k562.narrowPeak.gz" # so that the summit is read
    nothing_but(tmp_path / "data", path.name, path.name + ".json")
    told = capsys.readouterr().out
    assert "SPI1 ChIP-seq peaks, K562, IDR thresholded peaks, GRCh38, 0.5 MB, status released" in told and "licence: free to download" in told
    asked = len(server.asked)
    assert fetch("spi1_k562", tmp_path / "data", server.url) == path and len(server.asked) == asked # the network is not asked again
    assert fetch("ENCFF888CKG", tmp_path / "other", server.url, quiet=True).name == "ENCFF888CKG.narrowPeak.gz"


def test_genome(server, tmp_path):
    "Comes as gzip, lies there in blocks, so that any place can be read; the second time nothing is asked."
    from argminn.data import Genome
    path = fetch("hg38", tmp_path, server.url, quiet=True)
    assert path.name == "hg38.fa.gz" and gzip.decompress(path.read_bytes()) == gzip.decompress(GENOME)
    assert Genome(path).lengths["chr1"] == 300_000
    asked = len(server.asked)
    assert fetch("hg38", tmp_path, server.url, quiet=True) == path and len(server.asked) == asked
    with pytest.raises(UserError, match="no public list of checksums of hg19"): fetch("hg19", tmp_path, server.url)


def test_slow(server, tmp_path):
    server.slow = .05
    assert fetch("spi1_k562", tmp_path, server.url, quiet=True).read_bytes() == BYTES


def test_cut_off_connections_are_gone_on_with(server, tmp_path):
    server.cut = 3 << 16
    assert fetch("spi1_k562", tmp_path, server.url, quiet=True).read_bytes() == BYTES
    assert [r for p, r in server.asked if "bucket" in p] == [None, "bytes=196608-", "bytes=393216-"]


def test_cut_off_without_a_size_in_the_record(server, tmp_path):
    server.record, server.cut = dict(file_size=None), 3 << 16
    assert fetch("spi1_k562", tmp_path, server.url, quiet=True).read_bytes() == BYTES


def test_a_later_command_goes_on(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRIES", 0)
    server.cut = 4 << 16
    with pytest.raises(UserError, match="262,144 of 512,000 bytes .* run it again to go on"): fetch("spi1_k562", tmp_path, server.url, quiet=True)
    assert not (tmp_path / "spi1_k562.narrowPeak.gz").exists()
    assert fetch("spi1_k562", tmp_path, server.url, quiet=True).read_bytes() == BYTES
    assert server.asked[-1][1] == "bytes=262144-"
    nothing_but(tmp_path, "spi1_k562.narrowPeak.gz", "spi1_k562.narrowPeak.gz.json")


def test_a_server_without_ranges_starts_anew(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRIES", 0)
    server.cut = 4 << 16
    with pytest.raises(UserError): fetch("spi1_k562", tmp_path, server.url, quiet=True)
    server.cut, server.ranges = None, False
    assert fetch("spi1_k562", tmp_path, server.url, quiet=True).read_bytes() == BYTES


def test_wrong_checksum(server, tmp_path):
    server.body = BYTES[::-1]
    with pytest.raises(UserError, match="another MD5 than its record says .* thrown away"): fetch("spi1_k562", tmp_path, server.url, quiet=True)
    nothing_but(tmp_path)


def test_missing(server, tmp_path):
    with pytest.raises(UserError, match=r"no public record of ENCFF000AAA \(404\)"): fetch("ENCFF000AAA", tmp_path / "x", server.url)
    assert not (tmp_path / "x").exists()


def test_busy(server, tmp_path, monkeypatch):
    server.busy = 2
    assert fetch("spi1_k562", tmp_path, server.url, quiet=True).read_bytes() == BYTES
    monkeypatch.setattr(module, "TRIES", 1)
    server.busy = 10
    with pytest.raises(UserError, match="answered 503 .* 2 times"): read_record("spi1_k562", server.url)


@pytest.mark.parametrize("change, line", [(dict(status="revoked"), "was withdrawn"), (dict(assembly="hg19"), "lies on hg19; expected GRCh38"), (dict(md5sum=None), "has no md5sum"),
                                          (dict(file_size=10**18), "has room for"), (dict(file_size="big"), "answered something else than a record"), (dict(href=5), "answered something else than a record")])
def test_records_that_are_refused(server, tmp_path, change, line):
    server.record = change
    with pytest.raises(UserError, match=line): fetch("spi1_k562", tmp_path, server.url, quiet=True)
    nothing_but(tmp_path)


def test_another_file_of_that_name_is_kept(server, tmp_path):
    (tmp_path / "spi1_k562.narrowPeak.gz").write_text("mine")
    with pytest.raises(UserError, match="is kept"): fetch("spi1_k562", tmp_path, server.url, quiet=True)
    assert (tmp_path / "spi1_k562.narrowPeak.gz").read_text() == "mine"
    assert fetch("spi1_k562", tmp_path, server.url, overwrite=True, quiet=True).read_bytes() == BYTES


def test_no_server(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRIES", 0)
    with pytest.raises(UserError, match="cannot be reached .* check the network"): fetch("spi1_k562", tmp_path, "http://127.0.0.1:9", quiet=True)


def test_command(server, tmp_path):
    done = argminn("fetch", "spi1_k562", "hg38", "--out", "data", "--server", server.url, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.count("licence: ") == 2 and "data/hg38.fa.gz" in done.stdout, done
    for name in "ENCFF888CKG/../../evil", "encff", "ENCFF888CKG/":
        wrong = argminn_here("fetch", name, "--out", "data", "--server", server.url, cwd=tmp_path)
        assert wrong.returncode == 2 and "is not known" in wrong.stderr
    wrong = argminn_here("fetch", "spi1", "--out", "data", cwd=tmp_path)
    assert wrong.returncode == 2 and len(wrong.stderr.splitlines()) == 1 and "expected ctcf_hepg2" in wrong.stderr


def test_the_papers_data_are_registered():
    "Accessions of ../shared/paper.md."
    assert {d.key for d in DATASETS.values()} == set("ENCFF664UGR ENCFF081USG ENCFF254ZDA ENCFF271FEM ENCFF118ECK ENCFF888CKG ENCFF897NME ENCFF773SFA ENCFF274YGF ENCFF073ORT hg38 hg19".split())
