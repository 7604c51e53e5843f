import Bytes
import Glibc
import ModuleKit
import SIPTesting
import Testing

@testable import ApusServer

/// A client's end of whatever transport; every wait is bounded.
private final class Wire {
    enum Place {
        case unixDatagram(String)
        case udp(UInt16), tcp(UInt16)
        /// A fifo to write to, or one to make and read from.
        case writes(String), reads(String)
    }

    let descriptor: Int32
    private let own: String?

    init?(_ place: Place) {
        switch place {
        case .unixDatagram(let path):
            let own = path + "-\(UInt32.random(in: 0 ... .max))"
            self.own = own
            self.descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            guard Self.bind(self.descriptor, own), Self.connect(self.descriptor, path) else { return nil }
        case .udp(let port), .tcp(let port):
            self.own = nil
            var kind = SOCK_STREAM
            if case .udp = place { kind = SOCK_DGRAM }
            self.descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            // One value, valid for the call.
            let result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe Glibc.connect(self.descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { return nil }
        case .writes(let path):
            self.own = nil
            self.descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK)
            guard self.descriptor >= 0 else { return nil }
        case .reads(let path):
            self.own = path
            guard unsafe mkfifo(path, 0o600) == 0 else { return nil }
            self.descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK)
            guard self.descriptor >= 0 else { return nil }
        }
    }

    deinit {
        close(self.descriptor)
        if let own = self.own { SystemOutput.removeFile(own) }
    }

    private static func address(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // sun_path is an array of 108 bytes in the struct; the paths of these tests are shorter.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for index in bytes.indices where index < target.count - 1 { unsafe target[index] = bytes[index] }
        }
        return address
    }

    private static func bind(_ descriptor: Int32, _ path: String) -> Bool {
        var address = self.address(path)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private static func connect(_ descriptor: Int32, _ path: String) -> Bool {
        var address = self.address(path)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    func send(_ text: String) { SystemOutput.write(ByteBuffer(text), to: self.descriptor) }

    /// What comes until it ends with `end`, in ten seconds at most.
    func receive(until end: String = "}", milliseconds: Int = 10_000) -> String? {
        var text = ""
        let deadline = Instant.precise() + .milliseconds(milliseconds)
        while !text.hasSuffix(end) || text.isEmpty {
            var item = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            let left = (deadline - Instant.precise()).milliseconds
            guard left > 0 else { return nil }
            // One entry, valid for the call.
            _ = unsafe poll(&item, 1, Int32(clamping: min(left, 20)))
            let buffer = ByteBuffer(capacity: 1 << 18)
            var count = 0
            unsafe buffer.fill { target in
                guard let base = target.baseAddress else { return 0 }
                count = unsafe recv(self.descriptor, base, target.count, Int32(MSG_DONTWAIT))
                if count < 0, errno == ENOTSOCK { count = unsafe read(self.descriptor, base, target.count) }
                return max(count, 0)
            }
            // A connection that was closed; a fifo without a writer just now.
            if count == 0, self.own == nil { return text }
            text += ByteString(buffer.span).string
        }
        return text
    }
}

@Suite("jsonrpcs and ctl: transports")
struct JSONRPCTransportTests {
    private func live(_ settings: String) throws -> (server: LiveServer, directory: String) {
        SystemProcess.ignoreBrokenPipes()
        let live = try LiveServer(Self.configuration(settings, try LiveServer.freePort()))
        return (live, live.server.control.runDirectory)
    }

    private static func configuration(_ settings: String, _ port: UInt16) -> String {
        """
        listen=udp:127.0.0.1:\(port)
        loadmodule "sl.so"
        loadmodule "jsonrpcs.so"
        loadmodule "ctl.so"
        modparam("jsonrpcs", "pretty_format", 0)
        \(settings)
        request_route { sl_send_reply("200", "OK"); }

        """
    }

    /// A port of TCP and UDP.
    private func port() throws -> UInt16 { try LiveServer.freePort() }

    private static func request(_ id: Int, _ words: String = "\"x\"", more: String = "") -> String {
        #"{"jsonrpc":"2.0","method":"core.prints","params":[\#(words)]\#(more),"id":\#(id)}"#
    }
    private static func answer(_ id: Int, _ words: String = "\"x\"") -> String {
        #"{"jsonrpc":"2.0","result":[\#(words)],"id":\#(id)}"#
    }

    private func mode(_ path: String) -> mode_t {
        var info = stat()
        // One value, valid for the call.
        return unsafe lstat(path, &info) == 0 ? info.st_mode & 0o777 : 0
    }

    // MARK: Datagrams

    @Test func `a datagram is answered to where it came from; what is no JSON is not`() throws {
        let (live, directory) = try self.live("")
        let path = "\(directory)/kamailio_rpc.sock"
        #expect(self.mode(path) == 0o660)
        let client = try #require(Wire(.unixDatagram(path)))
        client.send("garbage")
        client.send(Self.request(1))
        #expect(client.receive() == Self.answer(1))
        withExtendedLifetime(live) {}
    }

    @Test func `a client that reads late gets all that it asked for`() throws {
        let (live, directory) = try self.live("")
        let client = try #require(Wire(.unixDatagram("\(directory)/kamailio_rpc.sock")))
        // More than the system queues for one socket, answers of 4 kB each.
        let word = "\"\(String(repeating: "y", count: 4096))\""
        for id in 1...100 { client.send(Self.request(id, word)) }
        for id in 1...100 { #expect(client.receive() == Self.answer(id, word)) }
        withExtendedLifetime(live) {}
    }

    @Test func `an answer that no datagram holds is an error, and UDP is served like a file`() throws {
        let port = try self.port()
        let (live, _) = try self.live(#"modparam("jsonrpcs", "dgram_socket", "udp:127.0.0.1:\#(port)")"#)
        let client = try #require(Wire(.udp(port)))
        client.send(Self.request(1))
        #expect(client.receive() == Self.answer(1))
        client.send(Self.request(2, "\"\(String(repeating: "\u{1}", count: 15_000))\""))
        #expect(client.receive()?.contains("too many for a datagram") == true)
        withExtendedLifetime(live) {}
    }

    // MARK: TCP

    @Test func `documents on a connection are answered in order, whole or in pieces`() throws {
        let port = try self.port()
        let (live, _) = try self.live(
            #"modparam("jsonrpcs", "transport", 8)"# + "\n"
                + #"modparam("jsonrpcs", "tcp_socket", "tcp:127.0.0.1:\#(port)")"#)
        let client = try #require(Wire(.tcp(port)))
        client.send(Self.request(1) + Self.request(2) + "\r\n")
        #expect(client.receive(until: "2}\n") == "\(Self.answer(1))\n\(Self.answer(2))\n")
        let text = Self.request(3)
        client.send(String(text.prefix(20)))
        client.send(String(text.dropFirst(20)))
        #expect(client.receive(until: "\n") == "\(Self.answer(3))\n")
        withExtendedLifetime(live) {}
    }

    @Test func `a connection with anything else, or without end, is closed, and others are served`() throws {
        let port = try self.port()
        let (live, _) = try self.live(
            #"modparam("jsonrpcs", "transport", 8)"# + "\n"
                + #"modparam("jsonrpcs", "tcp_socket", "tcp:127.0.0.1:\#(port)")"#)
        let half = try #require(Wire(.tcp(port)))
        half.send(#"{"jsonrpc":"2.0","#)
        for text in ["POST /RPC HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "{]", #"{"a":}"#] {
            let client = try #require(Wire(.tcp(port)))
            client.send(text)
            #expect(client.receive() == "", "\(text)")
        }
        let endless = try #require(Wire(.tcp(port)))
        for _ in 0..<64 { endless.send("{\"" + String(repeating: "x", count: 65_536)) }
        #expect(endless.receive() == "")
        let client = try #require(Wire(.tcp(port)))
        client.send(Self.request(1))
        #expect(client.receive(until: "\n") == "\(Self.answer(1))\n")
        withExtendedLifetime((live, half)) {}
    }

    // MARK: Fifo

    @Test func `a request on the fifo is answered to the fifo that it names`() throws {
        let replies = try FreshDirectory.make()
        let (live, directory) = try self.live(#"modparam("jsonrpcs", "fifo_reply_dir", "\#(replies)")"#)
        let path = "\(directory)/kamailio_rpc.fifo"
        #expect(self.mode(path) == 0o660)
        let reader = try #require(Wire(.reads("\(replies)/mine")))
        for id in 1...3 {
            // One after the other has the fifo for itself, as programs do that run once.
            let client = try #require(Wire(.writes(path)))
            client.send(Self.request(id, more: #","reply_name":"mine""#) + "\n")
            #expect(reader.receive() == Self.answer(id))
        }
        let client = try #require(Wire(.writes(path)))
        client.send(
            Self.request(4, more: #","reply_name":"mine""#) + "\n\n {\n" + Self.request(5).dropFirst().dropLast()
                + ",\n\"reply_name\":\"mine\"}\n")
        #expect(reader.receive(until: "5}") == Self.answer(4) + Self.answer(5))
        withExtendedLifetime(live) {}
    }

    @Test func `a reader that comes a little later still gets its answer`() throws {
        let replies = try FreshDirectory.make()
        let (live, directory) = try self.live(#"modparam("jsonrpcs", "fifo_reply_dir", "\#(replies)/")"#)
        let made = unsafe mkfifo("\(replies)/late", 0o600)
        #expect(made == 0)
        let client = try #require(Wire(.writes("\(directory)/kamailio_rpc.fifo")))
        client.send(Self.request(1, more: #","reply_name":"late""#))
        // The answer to the second request tells that the first has been dealt with.
        let other = try #require(Wire(.reads("\(replies)/other")))
        client.send(Self.request(2, more: #","reply_name":"other""#))
        #expect(other.receive() == Self.answer(2))
        let descriptor = unsafe open("\(replies)/late", O_RDONLY)
        let buffer = ByteBuffer(capacity: 1000)
        unsafe buffer.fill { target in
            guard let base = target.baseAddress else { return 0 }
            return max(unsafe read(descriptor, base, target.count), 0)
        }
        close(descriptor)
        #expect(ByteString(buffer.span).string == Self.answer(1))
        withExtendedLifetime(live) {}
    }

    @Test func `an answer goes nowhere but to a fifo in the reply folder`() throws {
        let replies = try FreshDirectory.make()
        let outside = try FreshDirectory.make()
        let (live, directory) = try self.live(#"modparam("jsonrpcs", "fifo_reply_dir", "\#(replies)/")"#)
        _ = SystemOutput.writeFile("\(replies)/file", "kept")
        _ = SystemOutput.writeFile("\(outside)/file", "kept")
        #expect(unsafe symlink("\(outside)/file", "\(replies)/link") == 0)
        let away = try #require(Wire(.reads("\(outside)/fifo")))
        #expect(unsafe symlink("\(outside)/fifo", "\(replies)/way") == 0)
        let reader = try #require(Wire(.reads("\(replies)/mine")))
        let client = try #require(Wire(.writes("\(directory)/kamailio_rpc.fifo")))
        let name = outside.split(separator: "/").last.map(String.init) ?? ""
        for bad in [
            "file", "link", "way", "../\(name)/fifo", "\(outside)/fifo", "..", ".", "", "none", "a/../mine",
            "x\\u0000y",
            String(repeating: "n", count: 300),
        ] {
            client.send(Self.request(1, more: ",\"reply_name\":\"\(bad)\"") + "\n")
        }
        client.send(Self.request(2) + "\n")
        client.send(Self.request(3, more: #","reply_name":"mine""#) + "\n")
        #expect(reader.receive() == Self.answer(3))
        #expect(SystemInput.readFile("\(replies)/file")?.string == "kept")
        #expect(SystemInput.readFile("\(outside)/file")?.string == "kept")
        #expect(away.receive(milliseconds: 50) == nil)
        withExtendedLifetime(live) {}
    }

    @Test func `what is no request on the fifo, half or far too long, does not stop the next`() throws {
        let replies = try FreshDirectory.make()
        let (live, directory) = try self.live(#"modparam("jsonrpcs", "fifo_reply_dir", "\#(replies)/")"#)
        let path = "\(directory)/kamailio_rpc.fifo"
        let reader = try #require(Wire(.reads("\(replies)/mine")))
        var id = 0
        /// A request by a writer of its own is answered, once the server has seen the end of the one before.
        func works() -> Bool {
            LiveServer.isSoon {
                id += 1
                Wire(.writes(path))?.send(Self.request(id, more: #","reply_name":"mine""#) + "\n")
                return reader.receive(milliseconds: 200)?.hasSuffix(Self.answer(id)) == true
            }
        }
        for bad in ["garbage\n", #"{"jsonrpc":"2.0",]"#, #"{"a":1,,}"#, "[[[[", "\"", "]\n", "5"] {
            do {
                let client = try #require(Wire(.writes(path)))
                client.send(bad)
                // In the same breath as the bad one where that ends with its line.
                if bad.hasSuffix("\n") { client.send(Self.request(0, more: #","reply_name":"mine""#) + "\n") }
            }
            if bad.hasSuffix("\n") { #expect(reader.receive() == Self.answer(0), "\(bad)") }
            #expect(works(), "\(bad)")
        }
        let piece = String(repeating: "x", count: 65_536)
        do {
            let client = try #require(Wire(.writes(path)))
            _ = fcntl(client.descriptor, F_SETFL, 0)
            client.send("{\"")
            for _ in 0..<100 { client.send(piece) }
        }
        #expect(works())
        withExtendedLifetime(live) {}
    }

    @Test func `readers that never come or never read cost nothing but their answers`() throws {
        let replies = try FreshDirectory.make()
        let (live, directory) = try self.live(#"modparam("jsonrpcs", "fifo_reply_dir", "\#(replies)/")"#)
        let client = try #require(Wire(.writes("\(directory)/kamailio_rpc.fifo")))
        _ = fcntl(client.descriptor, F_SETFL, 0)
        #expect(unsafe mkfifo("\(replies)/nobody", 0o600) == 0)
        let idle = try #require(Wire(.reads("\(replies)/idle")))
        let word = "\"\(String(repeating: "z", count: 30_000))\""
        for id in 1...100 {
            client.send(Self.request(id, more: #","reply_name":"nobody""#))
            client.send(Self.request(id, word, more: #","reply_name":"idle""#))
        }
        let datagram = try #require(Wire(.unixDatagram("\(directory)/kamailio_rpc.sock")))
        datagram.send(Self.request(7))
        #expect(datagram.receive() == Self.answer(7))
        // Those have had their time.
        let reader = try #require(Wire(.reads("\(replies)/mine")))
        #expect(
            LiveServer.isSoon {
                client.send(Self.request(8, more: #","reply_name":"mine""#))
                return reader.receive(milliseconds: 100)?.hasSuffix(Self.answer(8)) == true
            })
        withExtendedLifetime((live, idle)) {}
    }

    @Test func `a file that is no fifo is not replaced, a leftover fifo is, and the end removes it`() throws {
        let directory = try FreshDirectory.make()
        _ = SystemOutput.writeFile("\(directory)/taken", "kept")
        #expect(unsafe mkfifo("\(directory)/left", 0o600) == 0)
        do {
            let (live, _) = try self.live(#"modparam("jsonrpcs", "fifo_name", "\#(directory)/taken")"#)
            #expect(SystemInput.readFile("\(directory)/taken")?.string == "kept")
            withExtendedLifetime(live) {}
        }
        do {
            let (live, _) = try self.live(
                #"modparam("jsonrpcs", "fifo_name", "\#(directory)/left")"#
                    + "\nmodparam(\"jsonrpcs\", \"fifo_mode\", 0640)")
            #expect(self.mode("\(directory)/left") == 0o640)
            // A second server leaves a fifo that is read alone.
            let (second, _) = try self.live(#"modparam("jsonrpcs", "fifo_name", "\#(directory)/left")"#)
            #expect(self.mode("\(directory)/left") == 0o640)
            withExtendedLifetime((live, second)) {}
        }
        #expect(self.mode("\(directory)/left") == 0)
    }

    // MARK: Reload

    @Test func `a reload keeps what stays, with the new mode, and takes away what goes`() throws {
        let (live, directory) = try self.live("")
        let port = try #require(live.server.sockets.sockets.first?.address.port)
        let socket = "\(directory)/kamailio_rpc.sock"
        let client = try #require(Wire(.unixDatagram(socket)))
        client.send(Self.request(1))
        #expect(client.receive() == Self.answer(1))
        try live.reload(
            Self.configuration(
                "modparam(\"jsonrpcs\", \"transport\", 4)\nmodparam(\"jsonrpcs\", \"dgram_mode\", 0600)", port))
        #expect(self.mode(socket) == 0o600)
        #expect(self.mode("\(directory)/kamailio_rpc.fifo") == 0)
        client.send(Self.request(2))
        #expect(client.receive() == Self.answer(2))
        #expect(live.isAlone())
    }

    // MARK: The binary protocol

    @Test func `ctl answers over TCP and UDP`() throws {
        let port = try self.port()
        let (live, _) = try self.live(
            #"modparam("ctl", "binrpc", "tcp:127.0.0.1:\#(port)")"# + "\n"
                + #"modparam("ctl", "binrpc", "udp:localhost:\#(port)")"#)
        // core.echo with "a", cookie 0x34.
        let packet = [0xa1, 0x00, 0x0f, 0x34, 0x91, 0x0a] + Array("core.echo\0".utf8) + [0x21, 0x61, 0x00]
        for place in [Wire.Place.tcp(port), .udp(port)] {
            let client = try #require(Wire(place))
            SystemOutput.write(ByteBuffer(ByteString(packet).span), to: client.descriptor)
            #expect(client.receive(until: "a\0")?.hasSuffix("4!a\0") == true)
        }
        withExtendedLifetime(live) {}
    }
}
