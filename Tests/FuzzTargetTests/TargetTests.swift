import Bytes
import Foundation
import FuzzTargets
import Testing

/// What the folders of a target hold, and what once made it trap or hang, goes through it, as it is and changed.
/// A target that traps ends the tests.
@Suite("Fuzz: targets")
struct TargetTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// Those that read no configuration: `CrashReplayTests` and `CrashRunTests` have those.
    static let targets = FuzzTarget.allCases.filter { $0.shape != .script }

    private static func inputs(_ folders: [String]) -> [[UInt8]] {
        folders.flatMap { folder in
            let urls = try? FileManager.default.contentsOfDirectory(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            return (urls ?? []).sorted { $0.path() < $1.path() }
        }
        .compactMap { try? Array(Data(contentsOf: $0)) }
    }

    @Test(arguments: targets)
    func `inputs are read as they are`(_ target: FuzzTarget) {
        let inputs = Self.inputs(target.folders)
        #expect(inputs.count > 1)
        for input in inputs + Self.inputs(["Fuzz/Crashes/\(target.rawValue)"]) { target.run(input) }
    }

    /// Those that run a whole server take a hundred times as long for each input.
    private static func turns(_ target: FuzzTarget) -> Int {
        switch target {
        case .calls, .commands, .jsonrpc, .load: 150
        default: 1000
        }
    }

    @Test(arguments: targets)
    func `and a thousand times changed`(_ target: FuzzTarget) {
        let inputs = Self.inputs(target.folders)
        var mutator = ScriptMutator(seed: 7)
        for _ in 0..<Self.turns(target) {
            let changed = mutator.mutate(inputs[mutator.next(inputs.count)], as: target.shape, limit: 4096)
            #expect(changed.count <= 4096)
            target.run(changed)
        }
    }

    @Test func `each target has a folder of its own or shares one`() {
        for target in FuzzTarget.allCases { #expect(!Self.inputs(target.folders).isEmpty, "\(target)") }
    }

    @Test func `a message with its lines changed often still is one`() throws {
        let input = try #require(Self.inputs(["Fuzz/Corpus/message"]).first)
        var mutator = ScriptMutator(seed: 1)
        let kept = (0..<200).filter { _ in
            String(decoding: mutator.mutateMessage(input, limit: 4096), as: UTF8.self).contains("SIP/2.0\r\n")
        }
        #expect(kept.count > 100)
    }

    @Test func `what is repeated becomes as long as is wanted, numbered where it says so`() {
        let input = Growth.input(Array("ab".utf8), "x#,", at: 1, count: 10)
        #expect(String(decoding: input, as: UTF8.self) == "ax0,x1,x2,x3,b")
        #expect(Growth.places(in: Array("a:b".utf8), most: 9) == [1, 2, 3])
        #expect(Growth.places(in: Array(String(repeating: ":", count: 100).utf8), most: 9).count == 10)
    }

    /// Also when it loads itself what the target puts in front.
    @Test(arguments: [
        "request_route { t_relay(); }", "request_route { t_newtran(); t_reply(\"200\", \"OK\"); }",
        "request_route { t_on_failure(\"A\"); t_relay(); }\nfailure_route[A] { xlog(\"$rm\"); t_relay(); }",
        "request_route { t_newtran(); xlog(\"$rm\"); }",
    ])
    func `a script is run, and nothing of it remains`(_ routes: String) {
        for loads in ["\"tm\"", "\"xlog.so\"\nloadmodule \"tm.so\""] {
            let remains = FuzzTarget.scriptRemains(Array("loadmodule \(loads)\n\(routes)\n".utf8))
            #expect(remains == false)
        }
    }

    @Test func `most scripts to begin with are run`() {
        let inputs = Self.inputs(["Tests/Scripts"])
        let refused = inputs.filter { FuzzTarget.scriptRemains($0) == nil }.count
        #expect(!inputs.contains { FuzzTarget.scriptRemains($0) == true })
        #expect(refused * 2 < inputs.count)
    }

    @Test func `the script of the functions loads`() { #expect(FuzzTarget.functionFailures == []) }
}
