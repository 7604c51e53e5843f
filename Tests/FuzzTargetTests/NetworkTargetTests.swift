import Bytes
import Foundation
import FuzzTargets
import Testing

/// What `Fuzz/Corpus/network` and the torture messages hold goes through the readers of the network, as it is and changed.
/// A reader that traps ends the tests.
@Suite("Fuzz: readers of the network")
struct NetworkTargetTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private static let inputs: [[UInt8]] = ["Fuzz/Corpus/network", "Tests/Torture/messages"]
        .flatMap { folder in
            let urls = try? FileManager.default.contentsOfDirectory(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            return (urls ?? []).sorted { $0.path() < $1.path() }
        }
        .compactMap { try? Array(Data(contentsOf: $0)) }

    @Test(arguments: [FuzzTarget.proxy, .dns, .glance])
    func `inputs are read as they are`(_ target: FuzzTarget) {
        #expect(Self.inputs.count > 50)
        for input in Self.inputs { target.run(input) }
    }

    @Test(arguments: [FuzzTarget.proxy, .dns, .glance])
    func `and two thousand times changed`(_ target: FuzzTarget) {
        var mutator = ScriptMutator(seed: 7)
        for _ in 0..<2000 {
            let input = Self.inputs[mutator.next(Self.inputs.count)]
            let changed = mutator.mutateBytes(input, limit: 4096)
            #expect(changed.count <= 4096)
            target.run(changed)
        }
    }
}
