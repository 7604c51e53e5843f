import Bytes
import Glibc
import SIPMessage

/// Who answers questions that the cache cannot: DNS servers, or a stand-in.
public protocol NameSource: Sendable {
    /// Asks; `answer` is called once, from any thread, at once or later.
    func ask(_ question: DNSQuestion, _ settings: NameSettings, answer: @escaping @Sendable (DNSAnswer) -> Void)
    /// Ends; open questions are answered with failure.
    func stop()
}

/// `/etc/hosts`, then the servers of `/etc/resolv.conf`, asked through c-ares by one thread of its own.
///
/// The channel is opened by the first question, and anew when its settings or resolv.conf have changed.
public final class ServerSource: NameSource {
    private struct Job {
        var question: DNSQuestion
        var answer: @Sendable (DNSAnswer) -> Void
    }

    private struct State {
        var jobs: [Job] = []
        var settings = NameSettings()
        var thread: WorkerThread?
        var isStopped = false
    }

    private let state = Lock(State())
    private let wake = Lock<DNSChannel?>(nil)
    private let hosts: String

    /// - Parameter hosts: path of the file with names of hosts.
    public init(hosts: String = "/etc/hosts") { self.hosts = hosts }

    public func ask(
        _ question: DNSQuestion, _ settings: NameSettings, answer: @escaping @Sendable (DNSAnswer) -> Void
    ) {
        let isTaken = self.state.withLock { state in
            guard !state.isStopped else { return false }
            if state.thread == nil {
                state.thread = try? WorkerThread(name: "resolver", stackSize: 512 * 1024, body: { self.work() })
            }
            guard state.thread != nil else { return false }
            state.jobs.append(Job(question: question, answer: answer))
            state.settings = settings
            return true
        }
        guard isTaken else { return answer(.failure) }
        self.wake.withLock { $0?.wake() }
    }

    public func stop() {
        let thread = self.state.withLock { state in
            state.isStopped = true
            defer { state.thread = nil }
            return state.thread
        }
        self.wake.withLock { $0?.wake() }
        thread?.join()
        let left = self.state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in left { job.answer(.failure) }
    }

    /// Milliseconds after which the thread looks around when nothing wakes it.
    private static let patience = 1000

    private func work() {
        var open: [UInt64: Job] = [:]
        var channel: DNSChannel?
        var number: UInt64 = 0
        var hosts = HostsFile()
        var looked = Instant.zero
        var opened: (settings: DNSChannel.Options, servers: ByteString)?
        while true {
            let (jobs, settings, isStopped) = self.state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.settings, state.isStopped)
            }
            if isStopped {
                self.wake.withLock { $0 = nil }
                for job in jobs + open.values { job.answer(.failure) }
                return
            }
            let now = Instant.precise()
            if !jobs.isEmpty, channel == nil || now - looked >= .seconds(HostsFile.lifetime) {
                looked = now
                hosts = HostsFile(SystemInput.readFile(self.hosts, limit: 8 << 20) ?? ByteString())
                let file = SystemInput.readFile("/etc/resolv.conf") ?? ByteString()
                let wanted = (DNSChannel.Options(settings, ResolverOptions(file)), file)
                if channel == nil || opened?.settings != wanted.0 || opened?.servers != wanted.1 {
                    self.wake.withLock { $0 = nil }
                    channel = DNSChannel(wanted.0)
                    opened = wanted
                    let made = channel
                    self.wake.withLock { $0 = made }
                    // What is under way goes to the new servers too: the old ones may be why they are new.
                    for (number, job) in open {
                        made?.ask(job.question, number: number, usesSearchList: settings.usesSearchList)
                    }
                }
            }
            for job in jobs {
                if let known = hosts.answer(to: job.question) {
                    job.answer(known)
                } else if let channel {
                    number += 1
                    open[number] = job
                    channel.ask(job.question, number: number, usesSearchList: settings.usesSearchList)
                } else {
                    job.answer(.failure)
                }
            }
            guard let channel else {
                usleep(100_000)  // no descriptor left: the next question may have more luck
                continue
            }
            // What came while there was no channel to wake has woken nobody.
            if self.state.withLock({ !$0.jobs.isEmpty }) { continue }
            channel.turn(milliseconds: Self.patience)
            while let answer = channel.next() {
                guard let job = open.removeValue(forKey: answer.number) else { continue }
                job.answer(answer.read(job.question))
            }
        }
    }
}
