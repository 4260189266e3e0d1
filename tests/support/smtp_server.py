#!/usr/bin/python3
"""A mail server for the tests (aiosmtpd, which we did not write) that keeps what it is sent and fails as it is told.

Prints "smtp PORT control PORT". The control port takes one JSON line per connection and answers with one:
  {"do": "mails"}                              what came: sender, recipient, headers, text and html, in order
  {"do": "recipient", "address": A, "reply": "550 no", "times": N}   the answer to RCPT (times 0: always; reply "": as usual)
  {"do": "data", "reply": "451 later", "times": N}                   the answer behind the mail, which is not kept
  {"do": "mode", "mode": "ok" | "hang" | "closing" | "lose_answer"}  closing: 421; lose_answer: keeps the mail, says nothing
  {"do": "stop"} / {"do": "start"}             stops listening and ends the connections; listens again on the same port
"""
import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Postbox:
    def __init__(self):
        self.mails, self.recipients, self.data, self.mode = [], {}, None, "ok"

    @staticmethod
    def taken(rule):
        """The rule's reply, unless it has been used up."""
        if not rule or not rule["reply"]:
            return None
        if rule["times"]:
            rule["left"] -= 1
            if rule["left"] < 0:
                return None
        return rule["reply"]

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "closing":
            await server.push("421 4.3.2 closing")
            server.transport.close()
            return "421 4.3.2 closing"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if reply := self.taken(self.recipients.get(address)):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if reply := self.taken(self.data):
            return reply
        self.mails.append(self.read(envelope, session))
        if self.mode == "lose_answer":
            self.mode = "ok"
            server.transport.abort()
        return "250 OK"

    @staticmethod
    def read(envelope, session):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)

        def part(kind):
            found = message.get_body((kind,))
            return found.get_content() if found else None

        return {"sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "headers": dict(message.items()),
                "raw_headers": envelope.original_content.split(b"\r\n\r\n")[0].decode("ascii", "replace"),
                "defects": [str(d) for d in message.defects], "text": part("plain"), "html": part("html"),
                "tls": session.ssl is not None, "user": getattr(session, "login_data", None) and "yes"}

    def control(self, order):
        what = order["do"]
        if what == "mails":
            return {"mails": self.mails}
        rule = {"reply": order.get("reply", ""), "times": order.get("times", 0), "left": order.get("times", 0)}
        if what == "recipient":
            self.recipients[order["address"]] = rule
        elif what == "data":
            self.data = rule
        elif what == "mode":
            self.mode = order["mode"]
        return {}


class Server:
    def __init__(self, options):
        self.options, self.postbox, self.port, self.listening, self.open = options, Postbox(), 0, None, set()

    def make(self):
        extra = {}
        if self.options.cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.options.cert, self.options.key)
            extra = {"tls_context": context, "require_starttls": True}
        if self.options.user:
            user, _, password = self.options.user.partition(":")

            def check(server, session, envelope, mechanism, data):
                good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
                session.login_data = data.login if good else None
                return AuthResult(success=good)

            extra |= {"authenticator": check, "auth_required": True, "auth_require_tls": bool(self.options.cert)}
        session = Session(self.postbox, enable_SMTPUTF8=False, loop=asyncio.get_running_loop(), **extra)
        session.open = self.open
        return session

    async def start(self):
        self.listening = await asyncio.get_running_loop().create_server(self.make, "127.0.0.1", self.port)
        self.port = self.listening.sockets[0].getsockname()[1]

    async def stop(self):
        self.listening.close()
        for transport in list(self.open):
            transport.abort()

    async def handle_control(self, reader, writer):
        order = json.loads(await reader.readline())
        if order["do"] == "stop":
            await self.stop()
        elif order["do"] == "start":
            await self.start()
        writer.write(json.dumps(self.postbox.control(order)).encode() + b"\n")
        await writer.drain()
        writer.close()


class Session(SMTP):
    open = None

    def connection_made(self, transport):
        super().connection_made(transport)
        self.open.add(transport)

    def connection_lost(self, error):
        self.open.discard(self.transport)
        super().connection_lost(error)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--user", help="name:password")
    server = Server(parser.parse_args())
    await server.start()
    control = await asyncio.start_server(server.handle_control, "127.0.0.1", 0)
    print(f"smtp {server.port} control {control.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
