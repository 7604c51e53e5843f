import Bytes
import Glibc
import ModuleKit
import SIPMessage

extension ConfigurationUtilities {
    /// Decisions by chance.
    var randomFunctions: [ScriptFunction] {
        let state = self.state
        let first = self.settings.initialProbability
        return [
            ScriptFunction(
                "rand_event", in: .any, summary: "Is true with the probability that rand_set_prob() set.",
                outcomes: [1: "it happens", -1: "it does not"],
                example: #"if (rand_event()) { setflag(1); }"#
            ) { _, _ in
                Int.random(in: 0..<100) < state.probability.load(ordering: .relaxed) ? .success : .failure
            },
            ScriptFunction(
                "rand_set_prob", .number("probability", 0...100, "In percent, 0 to 100."), in: .any,
                summary: "Sets how often rand_event() is true, for all workers.",
                outcomes: [1: "set", -1: "no number from 0 to 100"], example: #"rand_set_prob("4");"#
            ) { route, arguments in
                guard let percent = BoundNumber.value(arguments, 0, route) else { return .failure }
                state.probability.store(percent, ordering: .relaxed)
                return .success
            },
            ScriptFunction(
                "rand_reset_prob", in: .any, summary: "Sets the probability back to initial_probability.",
                outcomes: [1: "set"], example: "rand_reset_prob();"
            ) { _, _ in
                state.probability.store(first, ordering: .relaxed)
                return .success
            },
            ScriptFunction(
                "rand_get_prob", in: .any,
                summary: "Gives the probability of rand_event() in percent as return code; 0 ends the script.",
                example: "rand_get_prob(); xlog(\"$rc percent\\n\");"
            ) { _, _ in .code(state.probability.load(ordering: .relaxed)) },
        ]
    }

    /// The 32 flags that all messages share.
    var flagFunctions: [ScriptFunction] {
        let state = self.state
        func function(_ name: String, _ summary: String, _ body: @escaping @Sendable (UInt32) -> Bool) -> ScriptFunction
        {
            ScriptFunction(
                name, .number("flag", 0...31, "Number of the flag, 0 to 31."), in: .any, summary: summary,
                outcomes: [1: "yes", -1: "no, or no such flag"], example: "\(name)(\"4\");"
            ) { route, arguments in
                guard let number = BoundNumber.value(arguments, 0, route) else { return .failure }
                return body(1 << UInt32(number)) ? .success : .failure
            }
        }
        return [
            function("set_gflag", "Sets a global flag.") { mask in
                state.flags.bitwiseOr(mask, ordering: .relaxed)
                return true
            },
            function("reset_gflag", "Clears a global flag.") { mask in
                state.flags.bitwiseAnd(~mask, ordering: .relaxed)
                return true
            },
            function("is_gflag", "Tells whether a global flag is set.") {
                state.flags.load(ordering: .relaxed) & $0 != 0
            },
        ]
    }

    /// Routes that may be missing.
    var routeFunctions: [ScriptFunction] {
        let name = Argument("name", .format, "Name of the route block.")
        return [
            ScriptFunction(
                "check_route_exists", name, in: .any, summary: "Tells whether there is a route[NAME].",
                outcomes: [1: "there is", -1: "there is none"],
                example: #"if (check_route_exists("$rU")) { setflag(1); }"#
            ) { route, arguments in
                let id = route.program.route(.request, named: arguments.text(0, in: route))
                return id.isPresent ? .success : .failure
            },
            ScriptFunction(
                "route_if_exists", name, in: .any, summary: "Runs route[NAME] when there is one.",
                outcomes: [-1: "there is none; else the code of the route"], example: #"route_if_exists("CUSTOM_$rU");"#
            ) { route, arguments in
                let id = route.program.route(.request, named: arguments.text(0, in: route))
                return id.isPresent ? .run(RouteCall(asScript: id)) : .failure
            },
        ]
    }

    var otherFunctions: [ScriptFunction] {
        func memory(_ name: String, _ what: String) -> ScriptFunction {
            ScriptFunction(
                name, in: .any, summary: "Logs \(what): one process has one memory.", outcomes: [1: "logged"],
                example: "\(name)();"
            ) { route, _ in
                let memory = ProcessMemory.read()
                route.log(.notice, "memory: \(memory.resident >> 10) KiB resident, peak \(memory.peak >> 10) KiB")
                return .success
            }
        }
        return [
            ScriptFunction(
                "core_hash", Argument("string1", .format, "A text."),
                Argument("string2", .format, "Another, or nothing."),
                Argument("size", .int, "The hash is below 2 to this power."), in: .any,
                summary: "Gives a hash of two texts as return code, 1 to 2 to the power of size.",
                outcomes: [-1: "size is no number"], example: #"core_hash("$ci", "", 4); $var(slot) = $rc - 1;"#
            ) { route, arguments in
                guard let size = arguments.int(2, in: route) else { return .failure }
                let hash = CoreHash.value(arguments.text(0, in: route), arguments.text(1, in: route))
                return .code(Int(hash & CoreHash.mask(size)) + 1)
            },
            memory("pkg_status", "how much memory the server uses"),
            memory("pkg_summary", "how much memory the server uses"),
            memory("shm_status", "how much memory the server uses"),
            memory("shm_summary", "how much memory the server uses"),
            ScriptFunction(
                "abort", in: .any, summary: "Ends the server at once, with a core dump where the system keeps them.",
                outcomes: [:], example: #"if (is_gflag("31")) abort();"#
            ) { route, _ in
                route.log(.alert, "abort() was called")
                Glibc.abort()
            },
        ]
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable("RANDOM", summary: "A random number below 2 to the power of 31, another each time.") { _ in
                .int(Int.random(in: 0..<(1 << 31)))
            }
        ]
    }
}

/// A number within bounds: fixed, checked when the script is loaded, or in a variable.
final class BoundNumber: Sendable {
    private enum Source: Sendable {
        case fixed(Int)
        case variable(VariableReference)
    }

    private let source: Source
    private let range: ClosedRange<Int>

    init(_ text: ByteString, _ range: ClosedRange<Int>, _ compiler: any ScriptCompiling) throws {
        self.range = range
        if text.bytes.first == UInt8(ascii: "$") {
            self.source = .variable(try compiler.variable(text))
            return
        }
        let number = text.isEmpty ? nil : Value.integer(text.span, ByteRange(start: 0, count: text.count))
        guard let number, range.contains(number) else {
            throw ArgumentError("\(text.string) is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        self.source = .fixed(number)
    }

    /// The number as it is now; nil when it is none or out of bounds.
    static func value(_ arguments: Arguments, _ index: Int, _ route: RouteContext) -> Int? {
        guard let bound = arguments.object(index, as: BoundNumber.self) else { return nil }
        switch bound.source {
        case .fixed(let number): return number
        case .variable(let variable):
            guard let number = route.int(variable.read(in: route)), bound.range.contains(number) else { return nil }
            return number
        }
    }
}

extension Argument {
    static func number(_ name: String, _ range: ClosedRange<Int>, _ summary: String) -> Argument {
        Argument(name, .custom { text, compiler in try BoundNumber(text, range, compiler) }, summary)
    }
}

/// The hash that scripts know as `core_hash`: quick, good enough to spread things, of no use for secrets.
enum CoreHash {
    static func value(_ one: ByteString, _ other: ByteString) -> UInt32 {
        let sum = Self.sum(one) &+ Self.sum(other)
        return sum &+ sum >> 11 &+ sum >> 13 &+ sum >> 23
    }

    /// Of a size that is too large counts what is left of it below 32, as a machine word shifts.
    static func mask(_ size: Int) -> UInt32 { (1 << UInt32(truncatingIfNeeded: size & 31)) &- 1 }

    /// Four bytes at a time, the first one highest.
    private static func sum(_ text: ByteString) -> UInt32 {
        var sum: UInt32 = 0
        var word: UInt32 = 0
        for (index, byte) in text.bytes.enumerated() {
            word = word << 8 | UInt32(byte)
            if index & 3 == 3 {
                sum = sum &+ (word ^ word >> 3)
                word = 0
            }
        }
        return sum &+ (word ^ word >> 3)
    }
}
