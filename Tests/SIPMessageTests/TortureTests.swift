import Bytes
import Foundation
import Testing

@testable import SIPMessage

/// Messages of RFC 4475 and RFC 5118, one file each, named after section and title.
private func torture(_ folder: String) -> [String] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Torture/\(folder)").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".sip") }.sorted().map { "\(path)/\($0)" }
}

@Suite("RFC 4475, RFC 5118: torture messages")
struct TortureTests {
    /// What is wrong with a message as a proxy's sanity check would find it; nil when nothing is.
    static func fault(_ path: String) throws -> String? {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let message = Message(buffer: ByteBuffer(ByteString(Array(data)).span))
        if let failure = message.parse() { return "\(failure)" }
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

    @Test(arguments: torture("accepts"))
    func `a valid message is sound`(_ path: String) throws {
        #expect(try Self.fault(path) == nil)
    }

    @Test(arguments: torture("rejects"))
    func `an invalid message is refused or its fault is seen`(_ path: String) throws {
        #expect(try Self.fault(path) != nil)
    }

    @Test func `the folders are there`() {
        #expect(torture("accepts").count >= 25)
        #expect(torture("rejects").count >= 18)
    }

    @Test func `values of the white space message are as the RFC says`() throws {
        let path = try #require(torture("accepts").first { $0.hasSuffix("-wsinv.sip") })
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let message = Message(buffer: ByteBuffer(ByteString(Array(data)).span))
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
