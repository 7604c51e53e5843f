import Bytes
import Foundation
import Testing

@testable import SIPMessage

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Torture").standardized

/// A message of RFC 4475 or RFC 5118, and what the table of `Tests/Torture/README.md` says of it.
struct TortureMessage: CustomTestStringConvertible {
    let name: String
    let parser: String
    let bytes: [UInt8]
    var testDescription: String { self.name }

    static let all: [TortureMessage] = {
        let table = (try? String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)) ?? ""
        return table.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, cells[0].hasPrefix("`") else { return nil }
            let name = cells[0].trimmingCharacters(in: ["`"])
            let data = try? Data(contentsOf: folder.appendingPathComponent("messages/\(name).sip"))
            return TortureMessage(name: name, parser: cells[2], bytes: Array(data ?? Data()))
        }
    }()

    var message: Message { Message(buffer: ByteBuffer(ByteString(self.bytes).span)) }
}

@Suite("RFC 4475, RFC 5118: torture messages")
struct TortureTests {
    /// What is wrong with a message as a proxy's sanity check would find it; nil when nothing is.
    static func fault(_ message: Message) -> String? {
        if message.string(message.versionRange) != "SIP/2.0" { return "version" }
        if message.isRequest, message.parsedRequestURI == nil { return "Request-URI" }
        for name in [HeaderName.from, .to, .callID, .cSeq, .via] where !message.has(name) { return "no \(name)" }
        for name in [HeaderName.from, .to, .callID, .cSeq, .contentLength, .maxForwards] {
            if message.first(name) != message.last(name) { return "two of \(name)" }
        }
        if message.fromURI == nil { return "From" }
        if message.toURI == nil { return "To" }
        if !message.cSeq.isValid { return "CSeq" }
        let cSeqMethod = message.string(message.cSeq.methodRange)
        if message.isRequest, message.string(message.methodRange) != cSeqMethod { return "method" }
        var fault: String?
        message.forEachVia {
            if !$0.isValid { fault = "Via" }
            return true
        }
        message.forEachNameAddress(in: .contact) {
            if !$0.isValid || SIPURI(message.span, $0.uri) == nil { fault = "Contact" }
            return true
        }
        if message.has(.contentLength) {
            guard let length = message.contentLength, length <= message.body.length else { return "Content-Length" }
        }
        return fault
    }

    @Test(arguments: TortureMessage.all)
    func `is what the table says`(_ torture: TortureMessage) {
        let message = torture.message
        switch torture.parser {
        case "refused": #expect(message.parse() != nil)
        case "fault":
            #expect(message.parse() == nil)
            #expect(Self.fault(message) != nil)
        default:
            #expect(message.parse() == nil)
            #expect(Self.fault(message) == nil)
            #expect(torture.parser == "sound")
        }
    }

    /// 49 of RFC 4475, 12 of RFC 5118.
    @Test func `all messages of both are there`() {
        #expect(TortureMessage.all.count == 61)
        #expect(TortureMessage.all.allSatisfy { $0.bytes.count > 100 })
        #expect(Set(TortureMessage.all.map(\.name)).count == 61)
    }

    @Test func `a binary part with NULs is whole`() throws {
        let message = try #require(TortureMessage.all.first { $0.name.hasSuffix("-mpart01") }).message
        #expect(message.parse() == nil)
        #expect(message.body.length == 553)
        #expect(message.contentLength == 553)
    }

    @Test func `values of the white space message are as the RFC says`() throws {
        let message = try #require(TortureMessage.all.first { $0.name.hasSuffix("-wsinv") }).message
        #expect(message.parse() == nil)
        #expect(message.string(message.to.tag) == "1918181833n")
        #expect(message.string(message.from.tag) == "98asjd8")
        #expect(message.maxForwards == 68)
        #expect(message.cSeq.number == 9)
        #expect(message.firstContact.q == 330)
        #expect(message.string(message.via(at: 0).host) == "192.0.2.2")
        #expect(message.string(message.via(at: 1).branch) == "z9hG4bK9ikj8")
        #expect(message.string(message.via(at: 2).branch) == "z9hG4bK30239")
        #expect(message.string(message.value(.subject)) == "")
        #expect(message.string(message.topRoute.uri)?.hasPrefix("sip:services.example.com;lr;") == true)
    }
}
