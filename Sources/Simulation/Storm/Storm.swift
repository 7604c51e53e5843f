import ApusServer
import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// Many calls at once through a real server and script, on a network that loses, doubles, delays and reorders, with a
/// clock that moves only as far as something is due.
///
/// It sees of each: exactly one final reply goes upstream (several 2xx of one INVITE aside), nothing is sent again once
/// it has been answered, losers are cancelled, every refusal is acknowledged, every 2xx goes on, `wt_timer` is kept; and
/// of the server, that it keeps no transaction and sends nothing when all of that is over.
public final class Storm {
    /// Longest that a call may keep the server busy, in milliseconds: three legs of `fr_inv_timer`, bounded by
    /// `max_inv_lifetime`, callees that repeat themselves, and Timers D to M.
    private static let longest: Int64 = 60_000
    /// Calls begin on ticks of the server's timers, so that one alone runs as it ran among others.
    private static let tick: Int64 = 50

    private struct Due {
        var time: Int64
        var order: Int
        var action: () -> Void
    }

    private let server: VirtualServer
    private let ear = Ear()
    private let socket: ListenSocket
    private var heap: [Due] = []
    private var order = 0
    private var calls: [Int: StormCall] = [:]
    private var lastNumber = 0
    private var leak: String?
    /// What the calls came to, to see that the dice reach every end.
    public private(set) var tally = Tally()
    private var isOver = false

    public struct StormFailure: Error, CustomStringConvertible {
        public var description: String
    }

    private final class Ear: VirtualServerObserver {
        weak var storm: Storm?
        var tracer: (any ScriptTracer)? { nil }

        func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
            self.storm?.serverSends(bytes, to: destination.address)
            return true
        }
        func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) {}
        func ranScript(in context: RouteContext, _ state: RunState) {}
        func addresses(of name: String) -> [IPAddress] { [] }
        func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
    }

    /// - Parameters:
    ///   - modules: those of the server, tm among them.
    ///   - script: what it runs.
    public init(modules: [ModuleType], script: String = Storm.script) throws {
        var setup = VirtualSetup(moduleTypes: modules)
        setup.text = ("storm.cfg", script)
        self.server = try VirtualServer(setup, observer: self.ear)
        guard let socket = self.server.sockets.first else { throw StormFailure(description: "no socket") }
        self.socket = socket
        self.ear.storm = self
    }

    // MARK: Runs

    /// Runs one call for each seed, all at once.
    /// - Returns: for each call that broke a rule, its seed, the smallest plan found that still does, and the rule.
    public func run(seeds: Range<UInt64>) -> [String] {
        var failures: [String] = []
        let plans = seeds.map { StormPlan(seed: $0) }
        let complaints = self.run(plans)
        for (seed, complaint) in zip(seeds, complaints.calls) {
            guard let complaint else { continue }
            failures.append("seed \(seed): \(complaint)\n\(self.shrink(StormPlan(seed: seed)))")
        }
        if let leak = complaints.server { failures.append("seeds \(seeds): \(leak)\(self.culprit(of: seeds))") }
        return failures
    }

    /// The first call that breaks a rule of the server when it is alone.
    private func culprit(of seeds: Range<UInt64>) -> String {
        for seed in seeds where self.run([StormPlan(seed: seed)]).server != nil {
            return "\nseed \(seed): \(self.shrink(StormPlan(seed: seed)))"
        }
        return ", but of none alone"
    }

    private func shrink(_ plan: StormPlan) -> String {
        func complaint(_ plan: StormPlan) -> String? {
            let found = self.run([plan])
            return found.calls.first.flatMap { $0 } ?? found.server
        }
        guard var found = complaint(plan) else { return "not when alone: \(plan)" }
        var best = plan
        var rounds = 0
        while rounds < 40, let next = best.smaller.first(where: { complaint($0) != nil }) {
            best = next
            found = complaint(best) ?? found
            rounds += 1
        }
        return "smallest: \(best): \(found)"
    }

    private func run(_ plans: [StormPlan]) -> (calls: [String?], server: String?) {
        self.leak = nil
        self.isOver = false
        let base = (self.server.now.milliseconds / Self.tick + 1) * Self.tick
        var made: [StormCall] = []
        for (index, plan) in plans.enumerated() {
            self.lastNumber += 1
            let start = base + Int64(index % 200) * Self.tick
            let call = StormCall(plan, number: self.lastNumber, start: start, in: self)
            self.calls[self.lastNumber] = call
            made.append(call)
            self.after(Int(start - self.time), call) { $0.begin() }
        }
        let end = base + Int64(min(plans.count, 200)) * Self.tick + Self.longest
        self.advance(to: end)
        let held = self.server.counter("tmx", "inuse_transactions") ?? 0
        if held > 0 { self.leak = "\(held) transactions are left" }
        self.isOver = true
        self.advance(to: end + 20_000)
        self.calls = [:]
        self.heap = []
        return (
            made.map { call in
                call.watch.end(at: end - call.start)
                self.tally.add(call.watch)
                return call.watch.complaint
            }, self.leak
        )
    }

    // MARK: Time

    var time: Int64 { self.server.now.milliseconds }

    func after(_ delay: Int, _ call: StormCall, _ action: @escaping (StormCall) -> Void) {
        self.order += 1
        self.push(Due(time: self.time + Int64(max(delay, 0)), order: self.order, action: { action(call) }))
    }

    private func advance(to end: Int64) {
        while true {
            var next = end
            if let due = self.heap.first?.time, due < next { next = due }
            if let due = self.server.nextDeadline?.milliseconds, due < next { next = max(due, self.time) }
            self.server.move(to: Instant(milliseconds: next))
            while let first = self.heap.first, first.time <= self.time { self.pop().action() }
            if self.time >= end { return }
        }
    }

    private static func isEarlier(_ left: Due, _ right: Due) -> Bool {
        (left.time, left.order) < (right.time, right.order)
    }

    private func push(_ due: Due) {
        self.heap.append(due)
        var index = self.heap.count - 1
        while index > 0, Self.isEarlier(self.heap[index], self.heap[(index - 1) / 2]) {
            self.heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private func pop() -> Due {
        self.heap.swapAt(0, self.heap.count - 1)
        let due = self.heap.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [index * 2 + 1, index * 2 + 2] where child < self.heap.count {
                if Self.isEarlier(self.heap[child], self.heap[least]) { least = child }
            }
            if least == index { return due }
            self.heap.swapAt(index, least)
            index = least
        }
    }

    // MARK: The network

    /// - Parameter party: 0 is the caller, 1 to 3 the callees.
    func sendToServer(_ bytes: ByteString, from party: Int, of call: StormCall) {
        for delay in call.fate() {
            self.after(delay, call) { [unowned self] in self.arrive(bytes, from: party, of: $0) }
        }
    }

    private static func address(_ party: Int) -> SocketAddress {
        let ip: UInt32 = party == 0 ? 0xCB00_7109 : 0xC000_0200 + UInt32(party)
        return SocketAddress(ip: IPAddress(ipv4: ip), port: 5060)
    }

    private func arrive(_ bytes: ByteString, from party: Int, of call: StormCall) {
        guard let message = Message(bytes.span) else { return }
        let time = self.time - call.start
        guard !message.isRequest else {
            call.watch.requestArrives(message)
            return self.server.receive(bytes, from: Self.address(party), on: self.socket)
        }
        let known = self.server.counter("tmx", "rpl_received")
        let before = call.watch
        let counts = call.watch.replyArrives(message, at: time)
        self.server.receive(bytes, from: Self.address(party), on: self.socket)
        if self.server.counter("tmx", "rpl_received") != known {
            call.watch.replyHandled(message, before: counts, at: time)
        } else {
            call.watch = before
            call.watch.replyUnknown(message, at: time)
        }
    }

    private func serverSends(_ bytes: ByteString, to address: SocketAddress) {
        guard let message = Message(bytes.span), let number = Int(message.text(message.callID).string),
            let call = self.calls[number]
        else { return }
        let time = self.time - call.start
        if self.isOver { self.leak = "sent when all should be over: call \(number), \(time) ms" }
        if message.isRequest {
            let callee = (1...3).first { Self.address($0) == address } ?? 1
            call.watch.sends(request: message, to: callee, at: time)
            for delay in call.fate() {
                self.after(delay, call) { call in
                    if let message = Message(bytes.span) { call.calleeGets(message, callee: callee) }
                }
            }
        } else {
            call.watch.sends(reply: message, bytes, at: time)
            for delay in call.fate() {
                self.after(delay, call) { call in
                    if let message = Message(bytes.span) { call.callerGets(message) }
                }
            }
        }
    }
}
