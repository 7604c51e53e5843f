import Bytes
import Glibc
import SIPMessage
import SIPTransport
import Testing

@Suite("UDP: several datagrams that leave as one")
struct JointSendingTests {
    private static func open() throws -> DatagramSocket { try DatagramTests.open(ipv4Loopback)[0] }

    private static func sip(
        _ firstLine: String, _ fields: [String] = [], body: String = "", length: Int? = nil
    ) -> String {
        ([firstLine] + fields + ["Content-Length: \(length ?? body.utf8.count)", "", body]).joined(separator: "\r\n")
    }

    /// Queues texts for a port, each with an order of its own, and returns what arrives.
    private static func send(
        _ texts: [String], joins: Bool = true, by change: (Int32) -> Void = { _ in }
    ) throws -> [String] {
        let sender = try Self.open()
        change(sender.descriptor)
        let port = DatagramPort(try Self.open())
        let queue = SendQueue()
        queue.joins = joins
        for (number, text) in texts.enumerated() {
            _ = queue.enqueue(
                DatagramTests.buffer(text), to: port.socket.localAddress, from: sender.descriptor,
                order: UInt32(number + 1))
        }
        #expect(queue.flush() == texts.count)
        #expect(queue.failures.isEmpty)
        let found = DatagramTests.collect(port, DatagramBatch(), texts.count)
        #expect(found.allSatisfy { $0.1 == sender.localAddress })
        return found.map(\.0)
    }

    @Test func `they arrive one by one, at the peer that each is for`() throws {
        let sender = try Self.open()
        let ports = [DatagramPort(try Self.open()), DatagramPort(try Self.open())]
        let queue = SendQueue()
        for number in 10..<30 {
            for port in ports {
                _ = queue.enqueue(
                    DatagramTests.buffer("to \(port.socket.localAddress.port): \(number)"),
                    to: port.socket.localAddress, from: sender.descriptor, order: UInt32(number))
            }
        }
        // One without an order, and one of another size.
        queue.enqueue(Array("alone".utf8).span, to: ports[0].socket.localAddress, from: sender)
        _ = queue.enqueue(
            DatagramTests.buffer("longer than the others"), to: ports[0].socket.localAddress, from: sender.descriptor,
            order: 99)
        #expect(queue.flush() == 42)
        for (port, more) in zip(ports, [["alone", "longer than the others"], []]) {
            let expected = (10..<30).map { "to \(port.socket.localAddress.port): \($0)" } + more
            let found = DatagramTests.collect(port, DatagramBatch(), expected.count)
            #expect(found.map(\.0).sorted() == expected.sorted())
            #expect(found.allSatisfy { $0.1 == sender.localAddress })
        }
        #expect(queue.failures.isEmpty)
    }

    @Test func `what belongs to one call keeps its order, whatever else leaves`() throws {
        let sender = try Self.open()
        let port = DatagramPort(try Self.open())
        let queue = SendQueue()
        // Replies get longer and shorter: by size alone they would not stay in order.
        let steps = ["100", "180 and something", "183", "200 with a body that is long"]
        for step in steps {
            for call in 1...9 {
                _ = queue.enqueue(
                    DatagramTests.buffer("\(call) \(step)"), to: port.socket.localAddress, from: sender.descriptor,
                    order: UInt32(call))
            }
        }
        #expect(queue.flush() == 36)
        let found = DatagramTests.collect(port, DatagramBatch(), 36).map(\.0)
        for call in 1...9 {
            #expect(found.filter { $0.hasPrefix("\(call) ") } == steps.map { "\(call) \($0)" })
        }
    }

    @Test func `a message may get spaces before the value of Content-Length, nothing else`() throws {
        let messages = (1...12).map { number in
            Self.sip(
                "INVITE sip:\(String(repeating: "u", count: number))@example.com SIP/2.0", ["Call-ID: \(number)"],
                body: "v=0\r\nContent-Length: 5\r\n")
        }
        let found = try Self.send(messages)
        let plain = found.map { text -> String in
            // The field of the header is the first.
            let parts = text.split(separator: "Content-Length:", maxSplits: 1)
            return "\(parts[0])Content-Length: \(parts[1].drop { $0 == " " })"
        }
        #expect(plain.sorted() == messages.sorted())
        #expect(Set(found.dropLast().map(\.utf8.count)).count == 1, "all but the last are of one size")
        #expect(zip(found, plain).allSatisfy { 0...32 ~= $0.utf8.count - $1.utf8.count })
        #expect(try Self.send(messages, joins: false) == messages)
    }

    /// Only the last of those that leave as one may be shorter, so with three lengths two must not be made equal.
    @Test(arguments: [
        // No such field; the name in a value, in the body, in a name that is longer; not SIP; a message in a wrapping.
        ["SIP/2.0 200 OK", "SIP/2.0 200 Fine", "SIP/2.0 200 All right"].map { "\($0)\r\nVia: x\r\n\r\n" },
        ["a", "ab", "abc"].map { "SIP/2.0 200 OK\r\nX: \($0)\r\n\r\nContent-Length: 1\r\n\r\n" },
        ["a", "ab", "abc"].map { "SIP/2.0 200 OK\r\nX: \($0)content-length: 1\r\nContent-Lengths: 1\r\n\r\n" },
        ["a", "ab", "abc"].map { "HTTP/1.1 200 OK\r\nX: \($0)\r\nContent-Length: 0\r\n\r\n" },
        ["a", "ab", "abc"].map { "HEP3\0\u{1}INVITE sip:\($0) SIP/2.0\r\nContent-Length: 0\r\n\r\n" },
        ["a", "ab", "abc"].map { "SIP/2.0 200 OK\r\nX: \($0)\r\nContent-Length" },
        ["a", "ab", "abc"].map { "SIP/2.0 200 OK\nX: \($0)\n\nContent-Length: 1\n\n" },
        ["", "\n", "\r\n"],
    ])
    func `what has no such place is left as it is`(texts: [String]) throws {
        let texts = (0..<3).flatMap { _ in texts.map { $0.isEmpty ? "x" : $0 } }
        #expect(try Self.send(texts).sorted() == texts.sorted())
    }

    @Test func `a name in small letters, with blanks before its colon, will do`() throws {
        let texts = ["a", "ab", "abc", "a", "ab", "abc", "a", "ab"].map {
            "SIP/2.0 200 OK\r\nX: \($0)\r\ncontent-length : 0\r\n\r\n"
        }
        let found = try Self.send(texts)
        #expect(found.contains("SIP/2.0 200 OK\r\nX: ab\r\ncontent-length :  0\r\n\r\n"))
    }

    @Test func `a few leave in the order in which they came, as they are`() throws {
        let texts = (1..<8).map { Self.sip("SIP/2.0 200 \(String(repeating: "x", count: $0))") }
        #expect(try Self.send(texts) == texts)
    }

    @Test func `more than the kernel takes as one leave as several`() throws {
        let small = (100..<300).map { "number \($0)" }
        #expect(try Self.send(small).sorted() == small)
        let large = (100..<200).map { "\($0)" + String(repeating: "x", count: 1300) }
        #expect(try Self.send(large).sorted() == large)
        let larger = (100..<120).map { "\($0)" + String(repeating: "x", count: 3000) }
        #expect(try Self.send(larger).sorted() == larger)
    }

    @Test func `where the kernel refuses to, each leaves by itself`() throws {
        // Without checksums it cannot cut datagrams up.
        let texts = (10..<20).map { "\($0)" }
        let found = try Self.send(texts) { descriptor in
            var yes: Int32 = 1
            // The option is an Int32 of ours.
            #expect(unsafe setsockopt(descriptor, SOL_SOCKET, SO_NO_CHECK, &yes, 4) == 0)
        }
        #expect(found.sorted() == texts)
    }

    @Test func `who cannot be reached fails alone`() throws {
        let sender = try Self.open()
        let target = DatagramPort(try Self.open())
        let queue = SendQueue()
        for token in 1...5 {
            _ = queue.enqueue(
                DatagramTests.buffer("lost"), to: ipv6Loopback, from: sender.descriptor, token: UInt64(token),
                order: UInt32(token))
            _ = queue.enqueue(
                DatagramTests.buffer("fine"), to: target.socket.localAddress, from: sender.descriptor,
                order: UInt32(token))
        }
        #expect(queue.flush() == 5)
        #expect(queue.takeFailures().map(\.token) == [1, 2, 3, 4, 5])
        #expect(DatagramTests.collect(target, DatagramBatch(), 5).map(\.0) == Array(repeating: "fine", count: 5))
    }
}
