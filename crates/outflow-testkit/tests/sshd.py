"""sshd admits its users by password and key and confines them, by asyncssh. usage: sshd.py PARAMETERS"""

import asyncio
import json
import sys

import asyncssh

params = json.loads(sys.argv[1])


def connect(user=params["user"], host_key=params["hostKey"], **credentials):
    known = asyncssh.import_known_hosts(f"[{params['host']}]:{params['port']} {host_key}\n")
    only = {"password": None, "client_keys": None, "agent_path": None, **credentials}
    # Ask for the one key type that is pinned: sshd offers others too.
    algorithms = ["ssh-ed25519"]
    return asyncssh.connect(
        params["host"], params["port"], username=user, known_hosts=known, server_host_key_algs=algorithms, **only
    )


async def refused(kind, attempt):
    try:
        await attempt
    except kind:
        return
    raise AssertionError(f"expected {kind.__name__}")


async def put(sftp, path, data):
    async with sftp.open(path, "wb") as file:
        await file.write(data)


async def main():
    for key in ["keyEd25519", "keyRsa", "keyEcdsa"]:
        async with connect(client_keys=[params[key]]) as connection, connection.start_sftp_client() as sftp:
            await put(sftp, "/upload/testkit.txt", b"by an independent client")
            await refused(asyncssh.SFTPPermissionDenied, put(sftp, params["lockedDir"] + "/a", b"x"))
    async with connect(client_keys=[(asyncssh.read_private_key(params["keyEncrypted"], params["passphrase"]))]):
        pass
    password = {"password": params["password"]}
    async with connect(params["readOnlyUser"], **password) as connection, connection.start_sftp_client() as sftp:
        await refused(asyncssh.SFTPPermissionDenied, put(sftp, "/upload/a", b"x"))
    async with connect(params["quotaUser"], **password) as connection, connection.start_sftp_client() as sftp:
        await refused(asyncssh.SFTPFailure, put(sftp, "/upload/full", bytes(params["quotaBytes"] + 1)))
        await sftp.remove("/upload/full")
    await refused(asyncssh.PermissionDenied, connect(password="wrong"))
    await refused(asyncssh.PermissionDenied, connect(client_keys=[params["keyUnknown"]]))
    await refused(asyncssh.HostKeyNotVerifiable, connect(host_key=params["otherHostKey"], **password))
    print("as described")


asyncio.run(main())
