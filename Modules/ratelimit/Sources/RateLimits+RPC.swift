import Bytes
import ModuleKit

extension RateLimits {
    public var commands: [RPCCommand] {
        self.pipeCommands + self.queueCommands + LimitCommands.controller("rl", self.watch)
    }

    /// A line about a pipe, as `rl.stats` has it.
    func line(_ number: Int, _ pipe: TrafficPipe?) -> String {
        "PIPE[\(number)]: \(pipe?.lastCounter ?? 0)/\(pipe?.limit ?? 0) (drop rate: \(self.dropRate(pipe)))"
    }

    private func dropRate(_ pipe: TrafficPipe?) -> Int {
        pipe?.algorithm == .feedback ? self.watch.refusedShare : pipe?.load ?? 0
    }

    private var pipeCommands: [RPCCommand] {
        [
            RPCCommand(
                "rl.stats", returnsArray: true, "Shows the pipes: messages of the last interval, limit, drop rate."
            ) {
                [unowned self] _ throws(RPCFault) in
                self.knownPipes.enumerated().map { .string(self.line($0.offset, $0.element)) }
            },
            RPCCommand(
                "rl.get_pipes", returnsArray: true,
                "Shows the pipes that are defined: algorithm, messages of the last interval, limit, drop rate, messages."
            ) { [unowned self] _ throws(RPCFault) in
                self.knownPipes.enumerated().compactMap { number, pipe in
                    guard let pipe, pipe.algorithm != .none else { return nil }
                    return .string(
                        "PIPE[\(number)]: \(pipe.algorithm.rawValue):\(pipe.algorithm.name) "
                            + "\(pipe.lastCounter)/\(pipe.limit) (drop rate: \(self.dropRate(pipe))) [\(pipe.counter)]")
                }
            },
            RPCCommand("rl.set_pipe", "Sets algorithm and limit of a pipe: number, algorithm, limit.") {
                [unowned self] request throws(RPCFault) in
                let number = try request.int(0)
                guard let algorithm = LimitAlgorithm(name: try request.text(1).string) else {
                    throw RPCFault(400, "Unknown algorithm")
                }
                let limit = try request.int(2)
                guard self.pipes.indices.contains(number), limit >= 0 else { throw RPCFault(400, "Unknown pipe") }
                var known = self.knownPipes
                known[number] = TrafficPipe(algorithm, limit: limit)
                guard Self.agree(known) else { throw RPCFault(400, "Feedback limits don't match") }
                self.pipes[number].withLock { pipe in
                    pipe = pipe ?? TrafficPipe(algorithm, limit: limit)
                    pipe?.algorithm = algorithm
                    pipe?.limit = limit
                }
                let setPoint = Self.setPoint(of: known)
                self.watch.change { $0.setPoint = setPoint }
                return []
            },
        ]
    }

    private var queueCommands: [RPCCommand] {
        [
            RPCCommand("rl.get_queues", returnsArray: true, "Shows the queues: pipe and method.") {
                [unowned self] _ throws(RPCFault) in
                self.queues.withLock { $0 }.enumerated().map {
                    .string("QUEUE[\($0.offset)]: \($0.element.pipe):\($0.element.method)")
                }
            },
            RPCCommand("rl.set_queue", "Changes a queue: its number, method, pipe.") {
                [unowned self] request throws(RPCFault) in
                let number = try request.int(0)
                let method = try request.text(1)
                let pipe = try request.int(2)
                guard self.pipes.indices.contains(pipe) else { throw RPCFault(400, "Invalid pipe number") }
                let isKnown = self.queues.withLock { queues in
                    guard queues.indices.contains(number) else { return false }
                    queues[number] = Queue(pipe: pipe, method: method)
                    return true
                }
                guard isKnown else { throw RPCFault(400, "MAX_QUEUES reached") }
                return []
            },
            RPCCommand("rl.set_dbg", "Writes the pipes to the log at the end of each interval: 1, or not: 0.") {
                [unowned self] request throws(RPCFault) in
                let isOn = try request.int(0) != 0
                self.isDebugging.withLock { $0 = isOn }
                return []
            },
        ]
    }
}
