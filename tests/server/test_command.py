"""The command that starts the app: loopback by default, a taken port said in one sentence, a clean end."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-m", "ketasim", "serve", "--no-browser", "--port"]


def test_serve_listens_on_this_machine_alone_and_ends_on_interrupt():
    with subprocess.Popen([*COMMAND, "0"], stderr=subprocess.PIPE, text=True) as process:
        try:
            said = process.stderr.readline()
            port = int(re.search(r"http://localhost:(\d+)/", said).group(1))
            assert "not advice on dosing" in said
            for _ in range(100):
                try:
                    page = httpx.get(f"http://127.0.0.1:{port}/", timeout=10)
                    break
                except httpx.ConnectError:
                    continue
            assert page.status_code == 200 and "<title>ketasim</title>" in page.text
            table = Path("/proc/net/tcp")
            if not table.is_file():
                return
            listening = [
                line.split() for line in table.read_text().splitlines() if f":{port:04X} " in line and " 0A " in line
            ]
            assert listening and all(row[1].startswith("0100007F") for row in listening)
        finally:
            process.send_signal(signal.SIGINT)
        process.wait(20)


def test_a_taken_port_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run([*COMMAND, str(taken.getsockname()[1])], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "cannot listen" in done.stderr and "Traceback" not in done.stderr


def test_one_page_is_written(tmp_path):
    target = tmp_path / "page.html"
    done = subprocess.run([*COMMAND[:-1], "--offline", target], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Not advice on dosing" in target.read_text(encoding="utf-8")
