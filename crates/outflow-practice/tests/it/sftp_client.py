"""An independent SFTP client (asyncssh). Each function is one case; what it returns is what it saw."""

import asyncio
import hashlib
import json
import os
import sys
import time

import asyncssh

HOST, PORT = os.environ["SFTP_HOST"], int(os.environ["SFTP_PORT"])
USER, PASSWORD = os.environ["SFTP_USER"], os.environ["SFTP_PASSWORD"]
HOST_KEY = os.environ["SFTP_HOST_KEY"]
SCRATCH = os.environ["SCRATCH"]
MIB = 1024 * 1024


def connect(user=USER, password=PASSWORD, host_key=HOST_KEY, **more):
    more.setdefault("client_keys", None)
    hosts = asyncssh.import_known_hosts(f"[{HOST}]:{PORT} {host_key}\n")
    return asyncssh.connect(HOST, PORT, username=user, password=password, known_hosts=hosts, config=None, agent_path=None, **more)


async def seen(awaitable):
    """OK, the code of an SFTP status, or the kind of failure."""
    try:
        await awaitable
        return "OK"
    except asyncssh.SFTPError as e:
        return e.code
    except (asyncssh.Error, OSError) as e:
        return type(e).__name__


async def try_connect(**how):
    async def once():
        async with connect(**how):
            pass
    return await seen(once())


async def sign_in():
    other = asyncssh.generate_private_key("ssh-ed25519")
    wrong_host = other.export_public_key().decode().strip()
    key = os.environ["SFTP_CLIENT_KEY"]
    return {
        "password": await try_connect(), "key": await try_connect(password=None, client_keys=[key]),
        "wrongPassword": await try_connect(password="wrong"), "unknownUser": await try_connect(user="nobody"),
        "otherKey": await try_connect(password=None, client_keys=[other]),
        "keyOfUnknownUser": await try_connect(user="nobody", password=None, client_keys=[key]),
        "wrongHostKey": await try_connect(host_key=wrong_host),
    }


async def shell():
    async with connect() as connection:
        return await seen(connection.run("true", check=True))


async def files():
    out = {}
    body = os.urandom(3 * MIB + 17)
    async with connect() as connection, connection.start_sftp_client() as sftp:
        async with sftp.open("/upload/a b ü.csv", "wb") as file:
            await file.write(body)
            out["fstat"] = (await file.stat()).size
            out["fsync"] = await seen(file.fsync())
        out["stat"] = (await sftp.stat("/upload/a b ü.csv")).size
        async with sftp.open("upload/a b ü.csv", "rb") as file:
            out["whole"] = await file.read() == body
            await file.seek(1000)
            out["part"] = await file.read(10) == body[1000:1010]
        out["missing"] = await seen(sftp.stat("/upload/no"))
        out["missingFolder"] = await seen(sftp.open("/none/a", "wb"))
        out["folderAsFile"] = await seen(sftp.open("/upload", "wb"))
        out["exclusive"] = await seen(sftp.open("/upload/a b ü.csv", asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_EXCL))

        await sftp.mkdir("/upload/many")
        for number in range(250):
            async with sftp.open(f"/upload/many/{number}", "wb") as file:
                await file.write(b"x")
        out["listed"] = sorted(n for n in await sftp.listdir("/upload/many") if n.isdigit()) == sorted(map(str, range(250)))
        out["rmdirFull"] = await seen(sftp.rmdir("/upload/many"))
        await sftp.rmtree("/upload/many")
        out["rmdirRoot"] = await seen(sftp.rmdir("/"))

        for name in ("one", "two"):
            async with sftp.open(f"/upload/{name}", "wb") as file:
                await file.write(name.encode())
        out["renameOnto"] = await seen(sftp.rename("/upload/one", "/upload/two"))
        out["posixRenameOnto"] = await seen(sftp.posix_rename("/upload/one", "/upload/two"))
        out["rename"] = await seen(sftp.rename("/upload/two", "/upload/three"))
        out["renameMissing"] = await seen(sftp.rename("/upload/two", "/upload/four"))
        async with sftp.open("/upload/three", "rb") as file:
            out["renamed"] = (await file.read()).decode()
        await sftp.utime("/upload/three", (1000, 2000))
        await sftp.chmod("/upload/three", 0o600)
        attrs = await sftp.stat("/upload/three")
        out["attributes"] = [attrs.mtime, attrs.permissions & 0o777]
        await sftp.truncate("/upload/three", 1)
        out["truncated"] = (await sftp.stat("/upload/three")).size
        async with sftp.open("/upload/three", "ab") as file:
            await file.write(b"more")
        out["appended"] = (await sftp.stat("/upload/three")).size
        out["removed"] = [await seen(sftp.remove("/upload/three")), await seen(sftp.remove("/upload/three"))]
        out["realpath"] = [await sftp.realpath("."), await sftp.realpath("/upload/../../..//upload/./x")]
        vfs = await sftp.statvfs("/upload")
        out["statvfs"] = [vfs.blocks > 0, vfs.bavail > 0, vfs.bavail <= vfs.blocks]
        out["limits"] = [sftp.limits.max_read_len, sftp.limits.max_write_len]
        out["symlink"] = await seen(sftp.symlink("/etc/passwd", "/upload/link"))
    return out


async def jail():
    """There is a link `out` to a folder outside, and a file `secret` in it."""
    async with connect() as connection, connection.start_sftp_client() as sftp:
        return {
            "up": await seen(sftp.stat("/../../../../etc/passwd")), "through": await seen(sftp.open("/upload/out/secret", "rb")),
            "write": await seen(sftp.open("/upload/out/new", "wb")), "list": await seen(sftp.listdir("/upload/out")),
            "fileLink": await seen(sftp.open("/upload/file-out", "rb")), "overFileLink": await seen(sftp.open("/upload/file-out", "wb")),
            "seen": [n for n in sorted(await sftp.listdir("/upload")) if not n.startswith(".")],
            "root": sorted(await sftp.listdir("/")),
        }


async def pipelined():
    """Small writes and reads, hundreds under way at a time: neither side may wait for the other for ever."""
    body = os.urandom(1 * MIB)
    path = os.path.join(SCRATCH, "small")
    with open(path, "wb") as file:
        file.write(body)
    async with connect() as connection, connection.start_sftp_client() as sftp:
        await asyncio.wait_for(sftp.put(path, "/upload/small", block_size=512, max_requests=800), 120)
        await asyncio.wait_for(sftp.get("/upload/small", path + "-back", block_size=512, max_requests=800), 120)
    with open(path + "-back", "rb") as file:
        return file.read() == body


async def handles():
    async with connect() as connection, connection.start_sftp_client() as sftp:
        opened = []
        while len(opened) < 500:
            try:
                opened.append(await sftp.open(f"/upload/h{len(opened)}", "wb"))
            except asyncssh.SFTPError as e:
                await opened.pop().close()
                again = await seen(sftp.open("/upload/again", "wb"))
                return [len(opened) + 1, e.code, again]


async def many_connections():
    kept = []
    try:
        for _ in range(32):
            kept.append(await connect())
        refused = await try_connect()
        kept.pop().close()
        await asyncio.sleep(1)
        return [len(kept), refused, await try_connect()]
    finally:
        for connection in kept:
            connection.close()


# Faults: they are set before the case is run.


async def can_connect():
    return await try_connect()


async def put():
    async def once():
        async with connect() as connection, connection.start_sftp_client() as sftp:
            async with sftp.open("/upload/f", "wb") as file:
                await file.write(os.urandom(4 * MIB))
    return await seen(once())


async def put_twice():
    return [await put(), await put()]


async def full():
    out = {}
    async with connect() as connection, connection.start_sftp_client() as sftp:
        file = await sftp.open("/upload/f", "wb")
        out["write"] = await seen(file.write(b"x" * 1000))
        vfs = await sftp.statvfs("/upload")
        out["free"] = [vfs.bfree, vfs.bavail]
    return out


async def rename():
    async with connect() as connection, connection.start_sftp_client() as sftp:
        async with sftp.open("/upload/f.part", "wb") as file:
            await file.write(b"whole")
        return {"plain": await seen(sftp.rename("/upload/f.part", "/upload/f")), "posix": await seen(sftp.posix_rename("/upload/f.part", "/upload/f"))}


async def goes_away():
    """Connected before the fault: says so, waits, and tries again."""
    async with connect() as connection, connection.start_sftp_client() as sftp:
        with open(os.path.join(SCRATCH, "connected"), "w"):
            pass
        for _ in range(300):
            if (answer := await seen(sftp.stat("/upload"))) != "OK":
                return answer
            await asyncio.sleep(0.1)
        return "OK"


async def timed():
    begun = time.monotonic()
    async with connect() as connection, connection.start_sftp_client() as sftp:
        async with sftp.open("/upload/f", "wb") as file:
            await file.write(os.urandom(1 * MIB))
    return time.monotonic() - begun


async def fast_put():
    """MB/s of a put of 256 MiB from a file."""
    path = os.path.join(SCRATCH, "big")
    with open(path, "wb") as file:
        for _ in range(16):
            file.write(os.urandom(16 * MIB))
    async with connect() as connection, connection.start_sftp_client() as sftp:
        begun = time.monotonic()
        await sftp.put(path, "/upload/big")
        return 256 * MIB / 1e6 / (time.monotonic() - begun)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(globals()[sys.argv[1]]())))
