import SIPTransaction
import Testing

@Suite("Client and server over a wire that loses, doubles and reorders")
struct LossyWireTests {
    /// What many scenes came to: to see that the dice reach every end.
    struct Tally {
        var delivered = 0
        var successes = 0
        var unserved = 0
        var events = 0
    }

    @Test(arguments: 0..<8)
    func `every INVITE comes to exactly one end, and nothing is sent after it`(batch: Int) {
        var tally = Tally()
        for index in 0..<2000 {
            let seed = UInt64(batch * 1_000_000 + index)
            var scene = InviteScene(seed: seed)
            scene.run()
            if let complaint = scene.complaint { Issue.record("seed \(seed): \(complaint)") }
            tally.delivered += scene.failuresSeen
            tally.successes += scene.successesDelivered > 0 ? 1 : 0
            tally.unserved += scene.server == nil ? 1 : 0
            tally.events += scene.events
        }
        #expect(tally.delivered > 400)
        #expect(tally.successes > 200)
        #expect(tally.unserved > 25)
        #expect(tally.events > 20_000)
    }

    @Test(arguments: 0..<8)
    func `every other request comes to exactly one end, and nothing is sent after it`(batch: Int) {
        var tally = Tally()
        for index in 0..<2000 {
            let seed = UInt64(batch * 1_000_000 + 500_000 + index)
            var scene = NonInviteScene(seed: seed)
            scene.run()
            if let complaint = scene.complaint { Issue.record("seed \(seed): \(complaint)") }
            tally.delivered += scene.finalsDelivered
            tally.unserved += scene.server == nil ? 1 : 0
            tally.events += scene.events
        }
        #expect(tally.delivered == 2000)
        #expect(tally.unserved > 25)
        #expect(tally.events > 13_000)
    }
}
