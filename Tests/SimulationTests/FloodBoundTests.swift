import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

@Suite("Floods with the built-in configuration: what they cost, and that it is given back")
struct FloodBoundTests {
    private static let count = 1_000

    @Test(
        arguments: ["INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH", "BYE", "ACK", "CANCEL", "OWN"],
        [1, count])
    func `a flood costs one reply each, and a transaction only where an INVITE is refused by one`(
        _ method: String, _ sources: Int
    ) throws {
        let scene = try StrangerScene()
        for number in 0..<Self.count {
            let source = SocketAddress(ip: IPAddress(ipv4: 0xCB00_0000 + UInt32(number % sources)), port: 5060)
            scene.send(StrangerScene.request(method, "sip:b@127.0.0.1", number: number), from: source)
        }
        #expect(scene.departed.count <= Self.count)
        #expect(scene.transactions <= (["ACK", "CANCEL"].contains(method) ? 0 : Self.count))
        // 32 seconds after the last one everything is given back.
        scene.clear()
        scene.stage.advance(by: .seconds(60))
        #expect(scene.departed.count <= (method == "INVITE" ? 10 * Self.count : 0))
        #expect(scene.transactions == 0)
        #expect(scene.stage.suspendedCount == 0)
        scene.clear()
        scene.send(StrangerScene.request("OPTIONS", number: 1_000_000))
        #expect(scene.departed.map(\.message.status) == [200])
    }

    /// RFC 5393 §3: users whose bindings lead back to the server. Each request becomes several, and each of these again.
    @Test(arguments: [2, 4])
    func `users who are registered as each other cost no more than a chain of transactions`(
        _ contacts: Int
    ) throws {
        let scene = try StrangerScene()
        let values = (0..<contacts).map { "<sip:u\($0)@127.0.0.1:5060>" }.joined(separator: ", ")
        for user in 0..<contacts {
            scene.send(
                StrangerScene.request(
                    "REGISTER", number: 1_000 + user, to: "<sip:u\(user)@127.0.0.1>", extra: "Contact: \(values)\n"))
        }
        scene.clear()
        scene.send(StrangerScene.request("INVITE", "sip:u0@127.0.0.1", extra: "Max-Forwards: 70\n"))
        // At most 256 transactions of one call at a time, each with at most 12 branches.
        #expect(scene.transactions <= 257)
        #expect(
            scene.departed.filter { !$0.message.isReply && $0.message.method == "INVITE" }.count <= 257
                * min(contacts, 12))
        scene.stage.advance(by: .seconds(300))
        #expect(scene.transactions == 0)
        scene.clear()
        scene.send(StrangerScene.request("OPTIONS", number: 1_000_000))
        #expect(scene.departed.map(\.message.status) == [200])
    }

    @Test func `a user with a thousand bindings is called at twelve of them`() throws {
        let scene = try StrangerScene()
        for part in 0..<20 {
            let values = (0..<50).map { "<sip:x@198.51.100.\(part):\(6_000 + $0)>" }.joined(separator: ", ")
            scene.send(
                StrangerScene.request(
                    "REGISTER", number: 1_000 + part, to: "<sip:u@127.0.0.1>", extra: "Contact: \(values)\n"))
        }
        scene.clear()
        scene.send(StrangerScene.request("INVITE", "sip:u@127.0.0.1"))
        let copies = scene.departed.filter { !$0.message.isReply && $0.message.method == "INVITE" }
        #expect(copies.count <= 12)
        #expect(Set(copies.map(\.destination.address)).count == copies.count)
    }
}
