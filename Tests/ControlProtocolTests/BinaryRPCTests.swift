import Bytes
import ModuleKit
import Testing

@testable import ControlProtocol

@Suite("Binary RPC")
struct BinaryRPCTests {
    private static let uptime: [UInt8] = [0xa1, 0x01, 0x0e, 0x12, 0x34, 0x91, 0x0c] + Array("core.uptime\0".utf8)

    private func read(_ bytes: [UInt8]) -> RPCValue? {
        var reader = BinaryRPCReader(bytes, from: 0, count: bytes.count)
        return reader.value()
    }

    private func payload(_ value: RPCValue) -> [UInt8] {
        Array(BinaryRPCWriter.reply([value], cookie: 1, cookieLength: 1).dropFirst(4))
    }

    // MARK: Packets

    @Test func `a request has header, cookie and one record for its name`() {
        #expect(
            BinaryRPC.frame(Self.uptime)
                == .packet(headerLength: 5, payloadLength: 14, cookie: 0x1234, cookieLength: 2, kind: 0))
        var reader = BinaryRPCReader(Self.uptime, from: 5, count: 14)
        #expect(reader.value() == .string("core.uptime"))
        #expect(reader.isAtEnd)
    }

    @Test func `every beginning of a packet is incomplete, never broken`() {
        for count in 0..<Self.uptime.count {
            #expect(BinaryRPC.frame(Array(Self.uptime.prefix(count))) == .incomplete)
        }
    }

    @Test func `another magic, another version and a length without measure are broken`() {
        #expect(BinaryRPC.frame(Array("GET / HTTP/1.1".utf8)) == .broken)
        #expect(BinaryRPC.frame([0xa2, 0x01]) == .broken)
        #expect(BinaryRPC.frame([0xa1, 0x0c, 0xff, 0xff, 0xff, 0xff, 0]) == .broken)
    }

    @Test func `a fault has code and text`() {
        let text = Array("command nosuch.x not found\0".utf8)
        #expect(
            BinaryRPCWriter.fault(RPCFault(500, "command nosuch.x not found"), cookie: 0x1234, cookieLength: 2)
                == [0xa1, 0x31, 0x20, 0x12, 0x34, 0x20, 0x01, 0xf4, 0x91, 0x1b] + text)
    }

    @Test func `a reply with a struct has names, values and an end`() {
        let reply = BinaryRPCWriter.reply(
            [.structure(["now": .string("Sun"), "uptime": .int(95)])], cookie: 0x1234, cookieLength: 2)
        let payload: [UInt8] =
            [0x03, 0x45] + Array("now\0".utf8) + [0x41] + Array("Sun\0".utf8) + [0x75] + Array("uptime\0".utf8)
            + [0x10, 0x5f, 0x83]
        #expect(reply == [0xa1, 0x11, UInt8(payload.count), 0x12, 0x34] + payload)
    }

    @Test func `a payload of more than 255 bytes has a longer length`() {
        let reply = BinaryRPCWriter.reply(
            [.string(String(repeating: "x", count: 300))], cookie: 9, cookieLength: 4)
        #expect(Array(reply.prefix(8)) == [0xa1, 0x17, 0x01, 0x30, 0, 0, 0, 9])
        #expect(Array(reply[8..<11]) == [0xa1, 0x01, 0x2d])
    }

    // MARK: Values

    @Test(
        arguments: [
            (RPCValue.int(0), [0x00]), (.int(95), [0x10, 0x5f]), (.int(500), [0x20, 0x01, 0xf4]),
            (.int(-5), [0x40, 0xff, 0xff, 0xff, 0xfb]), (.string("abc"), [0x41, 0x61, 0x62, 0x63, 0x00]),
            (.double(2.5), [0x22, 0x09, 0xc4]), (.array([.int(1), .int(0)]), [0x04, 0x10, 0x01, 0x00, 0x84]),
            (.string(""), [0x11, 0x00]), (.structure([]), [0x03, 0x83]),
        ] as [(RPCValue, [UInt8])])
    func `values are written as the samples show and read back`(value: RPCValue, bytes: [UInt8]) {
        #expect(self.payload(value) == bytes)
        #expect(self.read(bytes) == value)
    }

    @Test func `numbers that the format cannot hold are bounded`() {
        #expect(self.payload(.int(Int.max)) == [0x40, 0x7f, 0xff, 0xff, 0xff])
        #expect(self.payload(.int(Int.min)) == [0x40, 0x80, 0, 0, 0])
        #expect(self.payload(.double(.infinity)) == [0x42, 0x7f, 0xff, 0xff, 0xff])
        #expect(self.payload(.double(.nan)) == [0x02])
    }

    @Test func `bytes have no terminator`() {
        #expect(self.read([0x36, 0x61, 0x00, 0x62]) == .text(ByteString([0x61, 0x00, 0x62])))
    }

    @Test(
        arguments: [
            [0x41, 0x61], [0x91], [0x91, 0xff, 0x61], [0xf1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x07],
            [0x03, 0x41, 0x61, 0x62, 0x63, 0x00], [0x03, 0x25, 0x61, 0x00], [0x04, 0x10, 0x01], [0x83], [0x84], [],
            [UInt8](repeating: 0x04, count: 5000), [UInt8](repeating: 0x03, count: 64),
        ] as [[UInt8]])
    func `malformed records give nothing`(bytes: [UInt8]) {
        #expect(self.read(bytes) == nil)
    }

    @Test func `no bytes of any kind stop the reader`() {
        var seed: UInt64 = 42
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ -> UInt8 in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: seed >> 56)
            }
            var reader = BinaryRPCReader(bytes, from: 0, count: bytes.count)
            var count = 0
            while !reader.isAtEnd, reader.value() != nil { count += 1 }
            #expect(count <= bytes.count)
        }
    }
}
