"""A TCP proxy that misbehaves on request: latency, slow links, resets, silence, lost answers.

usage: fault_proxy.py CONTROL_PORT [LISTEN_PORT:HOST:PORT ...]     prints "ready" when every port is open

The control port speaks HTTP and JSON:

  GET  /               every proxy: {"LISTEN_PORT": {"to", "faults", "open", "connections", "up", "down", "resets"}}
  POST /new            {"to": "HOST:PORT"} opens one more proxy on a free port; answers {"port": n}. A test that breaks
                       things takes one of its own, so that tests running at the same time do not break each other's.
  POST /PORT           replaces the faults of new connections; {} heals
  POST /PORT/kill      resets every open connection
  POST /PORT/silence   passes nothing more on of every open connection, and keeps it open: a firewall forgot it
  DELETE /PORT         resets every open connection and stops listening

Faults, all optional:

  latency_ms, jitter_ms                wait before passing on each piece (up to 64 KiB)
  up_bps, down_bps                     bytes per second from and to the client
  reset_after_up, reset_after_down     reset both sides once that many bytes have passed
  stall_after_up, stall_after_down     pass on that many bytes, then nothing more, keeping the connection open
  refuse                               reset at once
  blackhole                            accept and never answer
  eat_response                         pass the request on, drop what comes back
  times                                faults hit the next so many connections only
"""

import asyncio
import json
import random
import socket
import struct
import sys
import time

PIECE_BYTES = 64 * 1024

# What the kernel takes from a client before it is passed on. Left to itself it takes megabytes, which a client counts as
# sent and which then stand before everything else it says on a slow line.
RECEIVE_BUFFER_BYTES = 128 * 1024


class Proxy:
    """One listening port and the server behind it."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.faults = {}
        self.open = set()
        self.silent = set()
        self.counts = {"connections": 0, "up": 0, "down": 0, "resets": 0}
        self.server = None

    async def listen(self, listen_port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        listener.bind(("127.0.0.1", listen_port))
        self.server = await asyncio.start_server(self.accept, sock=listener)
        return self.server.sockets[0].getsockname()[1]

    def faults_of_next_connection(self):
        faults = dict(self.faults)
        if "times" in self.faults:
            if self.faults["times"] <= 0:
                return {}
            self.faults["times"] -= 1
        return faults

    async def accept(self, reader, writer):
        faults = self.faults_of_next_connection()
        self.counts["connections"] += 1
        if faults.get("refuse"):
            return self.reset([writer])
        if faults.get("blackhole"):
            return await self.swallow(reader, writer)
        try:
            server_reader, server_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            return self.reset([writer])
        pair = (writer, server_writer)
        self.open.add(pair)
        try:
            await asyncio.gather(
                self.pump(reader, server_writer, "up", faults, pair),
                self.pump(server_reader, writer, "down", faults, pair),
            )
        finally:
            self.open.discard(pair)
            self.silent.discard(pair)
            for side in pair:
                side.close()

    async def swallow(self, reader, writer):
        self.open.add((writer,))
        try:
            while await reader.read(PIECE_BYTES):
                pass
        except OSError:
            pass
        finally:
            self.open.discard((writer,))
            writer.close()

    async def pump(self, reader, writer, direction, faults, pair):
        """Passes bytes on in one direction until the end, or until a fault strikes."""
        reset_after, stall_after = faults.get(f"reset_after_{direction}"), faults.get(f"stall_after_{direction}")
        rate = faults.get(f"{direction}_bps")
        passed, free_at = 0, time.monotonic()
        try:
            while piece := await reader.read(PIECE_BYTES):
                if rate:
                    # Counted from now where the line was idle: what it did not carry then it does not carry at once.
                    free_at = max(free_at, time.monotonic()) + len(piece) / rate
                await self.wait(faults, free_at)
                if pair in self.silent:
                    continue
                if reset_after is not None and passed + len(piece) >= reset_after:
                    writer.write(piece[: max(0, reset_after - passed)])
                    await writer.drain()
                    return self.reset(pair)
                if stall_after is not None:
                    piece = piece[: max(0, stall_after - passed)]
                passed += len(piece)
                self.counts[direction] += len(piece)
                if direction == "down" and faults.get("eat_response"):
                    continue
                writer.write(piece)
                await writer.drain()
            if pair not in self.silent and writer.can_write_eof():
                writer.write_eof()
        except (OSError, RuntimeError):
            # The other side has gone: a reset must reach this side as one, not as an orderly end.
            for side in pair:
                abort(side)

    @staticmethod
    async def wait(faults, free_at):
        if latency_ms := faults.get("latency_ms"):
            jitter_ms = random.uniform(-1, 1) * faults.get("jitter_ms", 0)
            await asyncio.sleep(max(0.0, latency_ms + jitter_ms) / 1000)
        await asyncio.sleep(max(0.0, free_at - time.monotonic()))

    def reset(self, sides):
        self.counts["resets"] += 1
        for side in sides:
            abort(side)

    def kill(self):
        for pair in list(self.open):
            self.reset(pair)

    def silence(self):
        self.silent = set(self.open)

    def state(self):
        return {"to": f"{self.host}:{self.port}", "faults": self.faults, "open": len(self.open), **self.counts}


def abort(writer):
    """Closes with a reset: lingering for zero seconds makes the kernel send RST in place of FIN."""
    connection = writer.get_extra_info("socket")
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    writer.transport.abort()


class Control:
    """The HTTP side."""

    def __init__(self, proxies):
        self.proxies = proxies

    async def serve(self, reader, writer):
        try:
            method, path, body = await read_request(reader)
            status, answer = await self.answer(method, [part for part in path.split("/") if part], body)
        except (ValueError, KeyError, TypeError, asyncio.IncompleteReadError) as error:
            status, answer = "400 Bad Request", {"error": repr(error)}
        payload = json.dumps(answer).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + payload)
        try:
            await writer.drain()
        except OSError:
            pass
        writer.close()

    async def answer(self, method, parts, body):
        if method == "GET" and not parts:
            return "200 OK", {str(port): proxy.state() for port, proxy in self.proxies.items()}
        if method == "POST" and parts == ["new"]:
            host, port = body["to"].rsplit(":", 1)
            proxy = Proxy(host, int(port))
            listening = await proxy.listen(0)
            self.proxies[listening] = proxy
            return "200 OK", {"port": listening}
        proxy = self.proxies.get(int(parts[0])) if parts and parts[0].isdigit() else None
        if proxy is None:
            return "404 Not Found", {"error": "no such proxy"}
        if method == "DELETE" and len(parts) == 1:
            del self.proxies[int(parts[0])]
            proxy.server.close()
            proxy.kill()
        elif method == "POST" and parts[1:] == ["kill"]:
            proxy.kill()
        elif method == "POST" and parts[1:] == ["silence"]:
            proxy.silence()
        elif method == "POST" and len(parts) == 1:
            proxy.faults = body
        else:
            return "404 Not Found", {"error": "no such operation"}
        return "200 OK", proxy.state()


async def read_request(reader):
    method, path, _ = (await reader.readline()).decode().split()
    length = 0
    while line := (await reader.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = await reader.readexactly(length) if length else b"{}"
    return method, path, json.loads(body)


async def main(control_port, listeners):
    proxies = {}
    for listener in listeners:
        listen_port, host, port = listener.split(":")
        proxies[int(listen_port)] = Proxy(host, int(port))
        await proxies[int(listen_port)].listen(int(listen_port))
    await asyncio.start_server(Control(proxies).serve, "127.0.0.1", control_port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))
