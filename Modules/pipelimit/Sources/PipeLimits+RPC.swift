import Bytes
import ModuleKit
import ratelimit

extension PipeLimits {
    /// Pipes of an answer at most.
    private static let mostPipes = 10_000

    public var commands: [RPCCommand] {
        self.showing + self.changing + LimitCommands.controller("pl", self.store.watch)
    }

    private var shown: [PipeTable.Entry] {
        Array(self.store.all.filter { $0.pipe.algorithm != .none }.prefix(Self.mostPipes))
    }

    private static func unknown(_ name: ByteString) -> RPCFault { RPCFault(400, "Unknown pipe id \(name)") }

    private var showing: [RPCCommand] {
        [
            RPCCommand("pl.stats", returnsArray: true, "Shows load and messages of the last interval of each pipe.") {
                [unowned self] _ throws(RPCFault) in
                self.shown.map {
                    .string("PIPE: id=\($0.name) load=\($0.pipe.load) counter=\($0.pipe.lastCounter)")
                }
            },
            RPCCommand("pl.get_pipes", returnsArray: true, "Shows algorithm, limit and messages of each pipe.") {
                [unowned self] _ throws(RPCFault) in
                self.shown.map { entry in
                    .string(
                        "PIPE: id=\(entry.name) algorithm=\(entry.pipe.algorithm.name) limit=\(entry.pipe.limit) "
                            + "counter=\(entry.pipe.counter)")
                }
            },
            RPCCommand("pl.list", returnsArray: true, "Shows all about a pipe, or about all: perhaps a name.") {
                [unowned self] request throws(RPCFault) in
                guard request.has(0) else { return self.shown.map { Self.details($0.name, $0.pipe) } }
                let name = try request.text(0)
                guard let pipe = self.store.with(name, { $0 }) else { throw Self.unknown(name) }
                return [Self.details(name, pipe)]
            },
        ]
    }

    private static func details(_ name: ByteString, _ pipe: TrafficPipe) -> RPCValue {
        .structure([
            "name": .text(name), "algorithm": .string(pipe.algorithm.name), "limit": .int(pipe.limit),
            "counter": .int(pipe.counter), "last_counter": .int(pipe.lastCounter),
            "unused_intervals": .int(pipe.unusedIntervals),
        ])
    }

    private var changing: [RPCCommand] {
        [
            RPCCommand("pl.set_pipe", "Sets algorithm and limit of a pipe: name, algorithm, limit.") {
                [unowned self] request throws(RPCFault) in
                let name = try request.text(0)
                let text = try request.text(1)
                let limit = try request.int(2)
                guard let algorithm = LimitAlgorithm(name: text.string), limit >= 0 else {
                    throw RPCFault(400, "Unknown algorithm")
                }
                var all = self.store.all
                guard let place = all.firstIndex(where: { $0.name == name }) else { throw Self.unknown(name) }
                all[place].pipe.algorithm = algorithm
                all[place].pipe.limit = limit
                guard Self.agree(all) else { throw RPCFault(400, "Feedback limits don't match") }
                self.store.set(name, algorithm, limit: limit, isStored: false)
                self.aim(all)
                return []
            },
            RPCCommand("pl.reset_pipe", "Forgets the messages of a pipe: name.") {
                [unowned self] request throws(RPCFault) in
                let name = try request.text(0)
                guard self.store.with(name, { $0.reset() }) != nil else { throw Self.unknown(name) }
                return []
            },
            RPCCommand("pl.rm_pipe", "Takes a pipe out: name.") { [unowned self] request throws(RPCFault) in
                let name = try request.text(0)
                guard self.store.remove(name) else { throw Self.unknown(name) }
                return []
            },
        ]
    }
}
