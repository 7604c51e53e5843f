import ModuleKit
import SIPTransport

/// Statistics that are read off the process when somebody asks: groups `tcp` and `shmem`.
///
/// There is no shared memory; its names stand for the memory of the whole process, in bytes, so that monitoring that
/// knows them goes on working.
enum ProcessCounters {
    static func register(in registry: CounterRegistry, streams: StreamTransport) {
        registry.register("shmem", "fragments") { 0 }
        registry.register("shmem", "free_size") { ProcessMemory.read().free }
        registry.register("shmem", "max_used_size") { ProcessMemory.read().peak }
        registry.register("shmem", "real_used_size") { ProcessMemory.read().resident }
        registry.register("shmem", "total_size") { ProcessMemory.read().total }
        registry.register("shmem", "used_size") { ProcessMemory.read().resident }
        let counted: [(String, StreamCounts.Event)] = [
            ("con_reset", .reset), ("con_timeout", .timedOut), ("connect_failed", .connectFailed),
            ("connect_success", .connected), ("established", .established), ("local_reject", .refused),
            ("passive_open", .accepted), ("send_timeout", .sendTimedOut), ("sendq_full", .overflowed),
            ("answers_lost", .lostAnswers),
        ]
        for (name, event) in counted { registry.register("tcp", name) { streams.counts[event] } }
        registry.register("tcp", "current_opened_connections") { streams.connectionCount }
        registry.register("tcp", "current_write_queue_size") { streams.queuedBytes }
    }
}
