"""A mail server and a receiver of webhooks on loopback. The first line of output says on which ports they are; each further
one is what arrived, as JSON. The mail server wants a login, and the receiver says whether the signature is right.
Arguments: login and password of the mail server, and the secret that webhooks are signed with.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import sys
import threading
import warnings
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.smtp import SMTP, AuthResult

# A login in clear is fine on loopback.
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.ERROR)
LOGIN, PASSWORD, SECRET = sys.argv[1:4]
lock = threading.Lock()


def say(told):
    with lock:
        print(json.dumps(told), flush=True)


class Mails:
    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        say({
            "mail": {"from": envelope.mail_from, "to": envelope.rcpt_tos, "headerTo": message["to"],
                     "subject": message["subject"], "text": message.get_content(), "login": session.auth_data},
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_right = (data.login, data.password) == (LOGIN.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, auth_data=data.login.decode() if is_right else None)


class Webhooks(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.headers.get("x-outflow-timestamp", "").encode() + b"." + body
        expected = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        is_signed = hmac.compare_digest(expected, self.headers.get("x-outflow-signature", ""))
        say({"webhook": {"path": self.path, "signed": is_signed, "body": json.loads(body)}})
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


async def main():
    hooks = ThreadingHTTPServer(("127.0.0.1", 0), Webhooks)
    threading.Thread(target=hooks.serve_forever, daemon=True).start()
    loop = asyncio.get_running_loop()

    def session():
        return SMTP(Mails(), hostname="localhost", authenticator=authenticate, auth_required=True, auth_require_tls=False)

    mails = await loop.create_server(session, "127.0.0.1", 0)
    say({"mailPort": mails.sockets[0].getsockname()[1], "webhookPort": hooks.server_address[1]})
    await mails.serve_forever()


asyncio.run(main())
