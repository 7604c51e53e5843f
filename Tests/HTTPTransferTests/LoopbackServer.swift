import Foundation

/// A small HTTP server on a free port of the loopback, in a process of its own. It answers, fails and hangs by the path.
final class LoopbackServer: @unchecked Sendable {  // not changed after init
    let port: Int
    private let process = Process()
    /// The server ends with it, so also when the tests are killed.
    private let input = Pipe()

    private static let script = """
        import http.server, os, socketserver, sys, threading, time
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *a): pass
            def reply(self, code, data, fields={}):
                self.send_response(code, fields.pop("reason", None))
                for k, v in fields.items(): self.send_header(k, v)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            def go(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                if path == "/lines": self.reply(200, b"one\\r\\ntwo\\r\\n", {"X-A": "1", "x-a": "2", "reason": "Very Well"})
                elif path == "/code": self.reply(int(query), b"body")
                elif path == "/moved": self.reply(302, b"gone", {"Location": "/lines"})
                elif path == "/slow": time.sleep(int(query) / 1000); self.reply(200, b"slow")
                elif path == "/hang": time.sleep(60)
                elif path == "/drop": self.close_connection = True
                elif path == "/port": self.reply(200, str(self.client_address[1]).encode())
                elif path == "/endless":
                    self.send_response(200); self.end_headers()
                    try:
                        while True: self.wfile.write(b"x" * 65536)
                    except OSError: self.close_connection = True
                elif path == "/secret":
                    word = self.headers.get("Authorization")
                    if word: self.reply(200, word.encode())
                    else: self.reply(401, b"who", {"WWW-Authenticate": 'Basic realm="r"'})
                else:
                    lines = [self.command + " " + self.path] + [k + ": " + v for k, v in self.headers.items()]
                    self.reply(200, "\\n".join(lines).encode() + b"\\n\\n" + body)
            do_GET = do_POST = do_PUT = do_DELETE = go
        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 1024
        server = Server(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    init() throws {
        let output = Pipe()
        self.process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        self.process.arguments = ["python3", "-c", Self.script]
        self.process.standardInput = self.input
        self.process.standardOutput = output
        try self.process.run()
        var text = ""
        while !text.hasSuffix("\n") {
            let byte = output.fileHandleForReading.readData(ofLength: 1)
            guard !byte.isEmpty else { break }
            text += String(decoding: byte, as: UTF8.self)
        }
        self.port = Int(text.dropLast()) ?? 0
    }

    deinit {
        // Signals that the runner of the tests blocks stay blocked in what it starts: this one cannot be.
        kill(self.process.processIdentifier, SIGKILL)
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(self.port)\(path)" }
}
