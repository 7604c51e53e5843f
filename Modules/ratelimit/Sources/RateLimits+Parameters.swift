import Bytes
import ModuleKit

extension RateLimits {
    public struct Settings: Sendable {
        var interval = 10
        var pipes = [TrafficPipe?](repeating: nil, count: RateLimits.most)
        var queues: [Queue] = []
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("timer_interval", \.interval, in: 1...86_400, "Seconds of an interval."),
            ModuleParameter(
                "queue", .text, repeatable: true,
                "pipe:METHOD, or pipe:* for all others: which pipe a method goes through."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let parts = text.string.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, let pipe = Int(parts[0]), !parts[1].isEmpty else {
                    throw ArgumentError("'\(text)' is not pipe:METHOD, as in 0:REGISTER")
                }
                try Self.check(pipe)
                guard settings.queues.count < RateLimits.most else {
                    throw ArgumentError("there are no more than \(RateLimits.most) queues")
                }
                settings.queues.append(Queue(pipe: pipe, method: ByteString(String(parts[1]))))
            },
            ModuleParameter(
                "pipe", .text, repeatable: true,
                "number:ALGORITHM:limit, with TAILDROP or RED (messages a second), FEEDBACK (percent of processor load), NETWORK (bytes that wait) or NOP."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let parts = text.string.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 3, let number = Int(parts[0]), let limit = Int(parts[2]), limit >= 0 else {
                    throw ArgumentError("'\(text)' is not number:ALGORITHM:limit, as in 0:TAILDROP:200")
                }
                try Self.check(number)
                guard let algorithm = LimitAlgorithm(name: String(parts[1])) else {
                    throw ArgumentError("'\(parts[1])' is none of TAILDROP, RED, FEEDBACK, NETWORK and NOP")
                }
                settings.pipes[number] = TrafficPipe(algorithm, limit: limit)
                guard Self.agree(settings.pipes) else {
                    throw ArgumentError("all FEEDBACK pipes have the same limit: the load that is aimed at")
                }
            },
        ]
    }

    private static func check(_ pipe: Int) throws(ArgumentError) {
        guard (0..<RateLimits.most).contains(pipe) else {
            throw ArgumentError("pipes are numbered from 0 to \(RateLimits.most - 1), \(pipe) is none of them")
        }
    }

    /// Whether all FEEDBACK pipes aim at the same load.
    static func agree(_ pipes: [TrafficPipe?]) -> Bool {
        Set(pipes.compactMap(\.self).filter { $0.algorithm == .feedback }.map(\.limit)).count <= 1
    }
}
