import Bytes
import ModuleKit

extension MessageQueues {
    public var commands: [RPCCommand] {
        [
            RPCCommand("mqueue.get_size", "Number of pairs that wait: queue.") { [self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(400, "No queue name") }
                guard let queue = self.queue(try request.text(0)) else { throw RPCFault(404, "No such queue") }
                return [Self.size(queue)]
            },
            RPCCommand("mqueue.get_sizes", returnsArray: true, "Numbers of pairs that wait, of all queues.") {
                [self] _ throws(RPCFault) in self.queues.reversed().map(Self.size)
            },
            RPCCommand("mqueue.fetch", "Takes the oldest pair out: queue.") { [self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(500, "No queue name") }
                guard let queue = self.queue(try request.text(0)) else { throw RPCFault(500, "No such queue") }
                guard let pair = queue.store.fetch() else { throw RPCFault(404, "Empty queue") }
                return [.structure(["key": .text(pair.key), "val": .text(pair.value)])]
            },
        ]
    }

    private static func size(_ queue: Queue) -> RPCValue {
        .structure(["name": .text(queue.definition.name), "size": .int(queue.store.count)])
    }
}
