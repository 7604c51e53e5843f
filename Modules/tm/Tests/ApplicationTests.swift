import Bytes
import Foundation
import Glibc
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import Simulation
@testable import tm

/// A named pipe and a unix socket in a directory of their own, with this test at the other end.
private final class OtherEnd {
    let directory: URL
    let pipe: String
    let socket: String
    private var reader: Int32 = -1
    private var receiver: Int32 = -1

    init(reads: Bool = true) throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "apus-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        self.pipe = self.directory.appendingPathComponent("p").path
        self.socket = self.directory.appendingPathComponent("s").path
        #expect(unsafe mkfifo(self.pipe, 0o600) == 0)
        guard reads else { return }
        self.reader = unsafe open(self.pipe, O_RDONLY | O_NONBLOCK)
        self.receiver = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in self.socket.utf8.enumerated() { unsafe target[index] = byte }
        }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(self.receiver, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
    }

    deinit {
        if self.reader >= 0 { close(self.reader) }
        if self.receiver >= 0 { close(self.receiver) }
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// What has come, by lines; nil: nothing.
    func lines(of door: String) -> [String]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(door == self.pipe ? self.reader : self.receiver, buffer.baseAddress, buffer.count)
        }
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self).components(separatedBy: "\n")
    }
}

@Suite("tm: requests handed to other programs")
struct ApplicationTests {
    private func scene(
        _ function: String, _ path: String, _ action: String = "vm", before: String = "t_newtran();"
    )
        throws -> LocalScene
    {
        try LocalScene(
            """
            modparam("tm", "tw_append", "own : hdr[Subject] ; a=hdr[X-Own];avp[x];y=avp[i:5];b=msg[body];hdr[None]")
            """,
            """
            request_route {
                $avp(x) = "one"; $avp(i:5) = 7; $rU = "changed";
                \(before)
                if (\(function)("\(path)", "\(action)")) { xlog("taken\\n"); } else { xlog("not taken\\n"); }
                exit;
            }
            """)
    }

    private static let invite = """
        INVITE sip:bob@dom.example:5070;a=b SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKown
        From: "A" <sip:a@b.c>;tag=ft
        To: <sip:bob@b.c>
        Call-ID: call1
        CSeq: 7 INVITE
        Record-Route: <sip:r1;lr>, <sip:r2;lr;x=1>
        Contact: <sip:c1@h1>, <sip:c2@h2>
        Subject: s1
        Subject: s2
        X-Own: folded
         line
        Content-Type: text/plain
        Content-Length: 9

        v=0
        .
        x
        """

    private func send(_ text: String, _ scene: LocalScene) throws {
        let socket = try #require(scene.stage.server.sockets.first)
        let bytes = ByteString(text.replacing("\n", with: "\r\n"))
        scene.stage.arrive(
            bytes, from: SocketAddress(ip: IPAddress(ipv4: 0xC000_0201), port: 5060), nil, on: socket)
    }

    @Test(arguments: ["t_write_req", "t_write_unix"])
    func `the other program is told of the request, and answers by a command`(_ function: String) throws {
        let end = try OtherEnd()
        let door = function == "t_write_req" ? end.pipe : end.socket
        let scene = try self.scene(function, door, "vm/own")
        try self.send(Self.invite, scene)
        #expect(scene.log.contains { $0.contains("taken") && !$0.contains("not taken") })
        let lines = try #require(end.lines(of: door))
        let identity = lines[15]
        #expect(
            lines == [
                "0.3", "sip_request.vm", "INVITE", "changed", "dom.example", "127.0.0.1", ".",
                "sip:bob@dom.example:5070;a=b", "sip:c2@h2", "\"A\" <sip:a@b.c>", "<sip:bob@b.c>", "call1", "ft", "",
                "7",
                identity, "<sip:r1;lr>,<sip:r1;lr>,<sip:r2;lr;x=1>", "sip:r1;lr", "P-MsgFlags: 08", "Subject: s1",
                "a: folded   line", "x: one", "y: 7", ".", "v=0\r\n.\r\nx", "",
            ])
        scene.clear()
        let answer = scene.call("tm.reply", "480", "Own Reason", identity, "own-tag", ".")
        #expect(answer.outcome == .success([]))
        #expect(scene.last?.firstLine == "SIP/2.0 480 Own Reason")
        scene.stage.advance(by: .seconds(100))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `who does not answer in time leaves the caller with 408`() throws {
        let end = try OtherEnd()
        let scene = try self.scene("t_write_unix", end.socket)
        try self.send(Self.invite, scene)
        scene.clear()
        scene.stage.advance(by: .seconds(29))
        #expect(!scene.messages.contains { $0.message.status == 408 })
        scene.stage.advance(by: .seconds(2))
        #expect(scene.messages.contains { $0.message.status == 408 })
    }

    @Test func `nobody there, no transaction, no pipe: the function fails and the script goes on`() throws {
        let end = try OtherEnd(reads: false)
        for (function, path, before) in [
            ("t_write_req", end.pipe, "t_newtran();"), ("t_write_unix", end.socket, "t_newtran();"),
            ("t_write_req", end.directory.path, "t_newtran();"), ("t_write_req", "/nowhere/at/all", "t_newtran();"),
            ("t_write_unix", "/" + String(repeating: "x", count: 200), "t_newtran();"), ("t_write_req", end.pipe, ""),
        ] {
            let scene = try self.scene(function, path, before: before)
            try self.send(Self.invite, scene)
            #expect(scene.log.contains { $0.contains("not taken") }, "\(function) \(path)")
        }
    }

    @Test func `a strict router is sent to, and the contact comes last`() throws {
        let end = try OtherEnd()
        let scene = try self.scene("t_write_unix", end.socket)
        try self.send(
            Self.invite.replacing("<sip:r1;lr>", with: "<sip:r1>").replacing("INVITE", with: "MESSAGE"), scene)
        let lines = try #require(end.lines(of: end.socket))
        #expect(lines[8] == "sip:r1")
        #expect(lines[16] == "<sip:r2;lr;x=1>,<sip:c2@h2>")
        #expect(lines[17] == ".")
        // Without msg[body] only an INVITE takes its body along.
        #expect(lines.suffix(3) == [".", ".", ""])
    }

    @Test(arguments: [
        "own", "own:", ":hdr[From]", "own:hdr[]", "own:foo[x]", "own:avp[$x]", "own:msg[foo]", "own:$avp(x)",
        "own:hdr[From];", "own:=hdr[From]", "own:avp[i:x]",
    ])
    func `an appendix that cannot be read is refused`(_ text: String) {
        #expect(throws: ArgumentError.self) { try ApplicationAppendix(ByteString(text)) }
    }

    @Test(arguments: ["", "/own", "vm/", "vm/other", "vm/own/x", "v\nm"])
    func `an action that cannot be read is refused`(_ text: String) throws {
        let known = [try ApplicationAppendix("own:hdr[From]")]
        #expect(throws: ArgumentError.self) { try ApplicationAction(ByteString(text), known) }
    }
}
