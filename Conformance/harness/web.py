"""A web server of a case: answers what a table says, and keeps what it was asked."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Web:
    """`answers` maps a path to (status, body) or (status, body, headers); everything else is 404."""

    def __init__(self, answers):
        self.asked = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode("latin-1")
                wanted = {name: self.headers[name] for name in ("Content-Type", "X-Own", "Authorization", "User-Agent")
                          if self.headers[name] is not None}
                web.asked.append((self.command, self.path, body, wanted))
                status, text, *more = answers.get(self.path.split("?")[0], (404, "no such page\n"))
                data = text.encode()
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
