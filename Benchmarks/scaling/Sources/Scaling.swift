import ApusServer
import Bytes
import SIPMessage
import SIPTransport
import StandardModules

// Calls through one server by many threads, without the kernel: how far workers are in each other's way.
//
//     scaling THREADS SECONDS           all threads for one server
//     scaling THREADS SECONDS apart     a server of its own for each thread, for comparison
//     scaling THREADS SECONDS names     addresses of names that are kept, by the resolver that all share
//
// A build with -DLOCK_METER also says how often each kind of lock was taken, waited for and how long it was held.
// Clocks are read inside locks then: rates of such a build mean nothing.

@main
enum Scaling {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let threads = Int(arguments[1]), let seconds = Int(arguments[2]), threads > 0 else {
            print("scaling THREADS SECONDS [apart|names]")
            return
        }
        let mode = arguments.dropFirst(3).first ?? "together"
        let run = Run(threads: threads, seconds: seconds)
        switch mode {
        case "names": try run.names()
        default: try run.calls(apart: mode == "apart")
        }
    }
}

/// One measurement.
private struct Run {
    var threads: Int
    var seconds: Int

    func calls(apart: Bool) throws {
        var callers: [Caller] = []
        var servers: [ParallelServer] = []
        let outboxes = Outboxes(count: self.threads)
        for index in 0..<self.threads {
            if apart || servers.isEmpty {
                var setup = VirtualSetup(moduleTypes: StandardModules.all)
                setup.text = ("scaling.cfg", Configuration.text)
                servers.append(
                    try ParallelServer(setup, workers: apart ? 1 : self.threads, sink: outboxes.sink(apart ? index : 0))
                )
            }
            guard let server = servers.last, let socket = server.sockets.first else { return }
            let worker = server.makeWorker(apart ? 0 : index)
            callers.append(Caller(worker, socket, outboxes.boxes[index], number: index))
        }
        let counts = try self.measure { index, isOver in callers[index].call(until: isOver) }
        let failed = callers.reduce(0) { $0 + $1.failed }
        self.report(counts, "calls")
        if failed > 0 { print("\(failed) calls failed") }
        self.printLocks(per: counts.reduce(0, +))
        for server in servers { server.stop() }
    }

    func names() throws {
        let resolver = Resolver()
        for index in 0..<100 {
            resolver.remember([IPAddress("192.0.2.7") ?? .anyIPv4], of: ByteString("gw\(index).example.org"), for: nil)
        }
        let counts = try self.measure { index, isOver in
            var count = 0
            let targets = (0..<100).map {
                NextHopTarget(host: ByteString("gw\($0).example.org"), port: 5060, transport: .udp, isSecure: false)
            }
            while !isOver() {
                for target in targets where resolver.cachedNextHops(target, isSupported: { _ in true }) != nil {
                    count += 1
                }
            }
            return count
        }
        self.report(counts, "names")
        self.printLocks(per: counts.reduce(0, +))
    }

    /// Runs `body` on each thread; what it gives is how often it did what is measured.
    private func measure(_ body: @escaping (Int, () -> Bool) -> Int) throws -> [Int] {
        let end = Instant.precise() + .seconds(self.seconds)
        let counts = Lock([Int](repeating: 0, count: self.threads))
        let work = Work(body)
        var running: [WorkerThread] = []
        for index in 0..<self.threads {
            let cpu = WorkerThread.cpu(at: index % WorkerThread.availableCPUs)
            running.append(
                try WorkerThread(name: "scaling-\(index)", cpu: cpu) {
                    let done = work.body(index) { !(Instant.now() < end) }
                    counts.withLock { $0[index] = done }
                })
        }
        for thread in running { thread.join() }
        return counts.withLock { $0 }
    }

    private func report(_ counts: [Int], _ what: String) {
        let total = counts.reduce(0, +)
        let cpus = min(self.threads, WorkerThread.availableCPUs)
        let each = total > 0 ? Double(self.seconds * cpus) * 1e6 / Double(total) : 0
        print("\(self.threads) threads: \(total / self.seconds) \(what)/s, \(Self.text(each)) us of a processor each")
    }

    static func text(_ value: Double) -> String {
        let scaled = Int((value * 100).rounded())
        let fraction = scaled % 100
        return "\(scaled / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    private func printLocks(per count: Int) {
        #if LOCK_METER
        guard count > 0 else { return }
        print("locks taken/each  contended 1:   wait ns  held ns  locks  state")
        for (kind, sum) in LockMeter.sums() where sum.taken * 50 > count {
            let odds = sum.contended > 0 ? "\(sum.taken / sum.contended)" : "-"
            print(
                Self.text(Double(sum.taken) / Double(count)), odds,
                sum.contended > 0 ? sum.waited / sum.contended : 0, sum.held / sum.taken, sum.locks, kind,
                separator: "\t")
        }
        #endif
    }
}

/// What threads run. They share nothing through it but what they are measured for.
private final class Work: @unchecked Sendable {  // each thread uses what is its own by its number
    let body: (Int, () -> Bool) -> Int
    init(_ body: @escaping (Int, () -> Bool) -> Int) { self.body = body }
}
