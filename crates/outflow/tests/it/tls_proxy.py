"""A TLS front of an S3 server, with an authority of its own.

usage: tls_proxy.py FOLDER HOST:PORT any|signed    writes FOLDER/ca.pem and prints the port; every request becomes a
                                                   line of FOLDER/seen: METHOD HOST PATH CONTENT-SHA256; with `signed`
                                                   payloads that are not signed are denied, as by a bucket's policy
"""

import datetime
import http.client
import http.server
import ipaddress
import os
import ssl
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FOLDER, UPSTREAM, PAYLOADS = sys.argv[1:4]
DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
NAMES = ["localhost", "s3.test", "*.s3.test"]


def certificate(subject, key, issuer, issuer_key, extensions):
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def write(name, *parts):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.writelines(parts)
    return file.name


def make_certificates():
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = certificate(
        "a test's authority", authority_key, "a test's authority", authority_key,
        [(x509.BasicConstraints(ca=True, path_length=0), True)],
    )
    names = [x509.DNSName(name) for name in NAMES] + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    own = certificate(
        "localhost", key, "a test's authority", authority_key,
        [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.SubjectAlternativeName(names), False),
            (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ],
    )
    pem = serialization.Encoding.PEM
    write("ca.pem", authority.public_bytes(pem))
    plain = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return write("server.pem", own.public_bytes(pem), key.private_bytes(*plain))


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        sha256 = self.headers.get("x-amz-content-sha256", "-")
        with open(os.path.join(FOLDER, "seen"), "a") as file:
            file.write(f"{self.command} {self.headers['host']} {self.path} {sha256}\n")
        if PAYLOADS == "signed" and sha256 == "UNSIGNED-PAYLOAD":
            self.send_response(403)
            self.send_header("Content-Length", str(len(DENIED)))
            self.end_headers()
            self.wfile.write(DENIED)
            return
        upstream = http.client.HTTPConnection(UPSTREAM)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders(body)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("content-length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(make_certificates())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
