import Simulation
import StandardModules
import Testing

@Suite("tm: calls in a storm of lost, doubled, late and reordered packets")
struct StormTests {
    /// `Fuzz` runs as many as one likes: `dev/fuzz --storm 1000000`.
    @Test(arguments: 0..<4)
    func `each comes to one end, and nothing is left behind`(batch: UInt64) throws {
        let storm = try Storm(modules: StandardModules.all)
        let failures = storm.run(seeds: batch * 1000..<batch * 1000 + 250)
        for failure in failures.prefix(5) { Issue.record("\(failure)") }
        #expect(failures.count == 0)
    }
}
