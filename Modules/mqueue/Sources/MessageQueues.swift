import Bytes
import ModuleKit

/// The `mqueue` module: queues of key and value through which scripts hand work to each other.
public final class MessageQueues: ServerModule {
    public static let name = "mqueue"
    public static let summary = "Queues of key and value pairs between scripts."

    /// A queue as one configuration sees it.
    struct Queue: Sendable {
        var definition: QueueDefinition
        var store: MessageQueue
    }

    /// In the order of their definitions.
    let queues: [Queue]

    public init(_ settings: Settings, host: any ModuleHost) throws {
        let space = host.shared("mqueue") { QueueSpace() }
        self.queues = settings.queues.map { Queue(definition: $0, store: space.queue($0.name)) }
    }

    func queue(_ name: ByteString) -> Queue? { self.queues.first { $0.definition.name == name } }
}

/// The contents of all queues, which outlive a configuration.
final class QueueSpace: Sendable {
    private let known = Lock([ByteString: MessageQueue]())

    func queue(_ name: ByteString) -> MessageQueue {
        self.known.withLock { queues in
            if let queue = queues[name] { return queue }
            let queue = MessageQueue(name: name)
            queues[name] = queue
            return queue
        }
    }
}

/// What a script has fetched, by queue: `$mqk` and `$mqv`.
final class FetchedPairs {
    private var pairs: [(queue: ByteString, key: ByteString, value: ByteString)] = []

    subscript(queue: ByteString) -> (key: ByteString, value: ByteString)? {
        get { self.pairs.first { $0.queue == queue }.map { ($0.key, $0.value) } }
        set {
            self.pairs.removeAll { $0.queue == queue }
            if let newValue { self.pairs.append((queue, newValue.key, newValue.value)) }
        }
    }
}
