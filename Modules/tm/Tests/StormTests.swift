import Simulation
import StandardModules
import Testing

@Suite("tm: calls in a storm of lost, doubled, late and reordered packets")
struct StormTests {
    /// `Fuzz` runs as many as one likes: `dev/fuzz --storm 1000000`.
    @Test(arguments: 0..<4)
    func `each comes to one end, and nothing is left behind`(batch: UInt64) throws {
        let storm = try Storm(modules: StandardModules.all)
        let failures = storm.run(seeds: batch * 1000..<batch * 1000 + 150)
        for failure in failures.prefix(5) { Issue.record("\(failure)") }
        #expect(failures.count == 0)
        #expect(storm.tally.answered > 5)
        #expect(storm.tally.refused > 5)
        #expect(storm.tally.cancelled > 5)
        #expect(storm.tally.acknowledged > 5)
        #expect(storm.tally.forked > 5)
    }

    @Test func `a server without transactions is found out, and its call made small`() throws {
        let storm = try Storm(modules: StandardModules.all, script: Storm.statelessScript)
        let failures = storm.run(seeds: 0..<4)
        #expect(failures.count > 0)
        #expect(failures.first?.contains("smallest: ") == true)
    }
}
