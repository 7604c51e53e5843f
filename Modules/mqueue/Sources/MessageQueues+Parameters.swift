import Bytes
import ModuleKit

extension MessageQueues {
    public struct Settings: Sendable {
        var queues: [QueueDefinition] = []
        /// Of queues that are declared by name alone, from here on.
        var nextLimit = 0
        var nextMode = QueueDefinition.AddMode.append
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "mqueue", .text, repeatable: true, "Declares a queue: name=q;size=N;addmode=0|1|2."
            ) { settings, value in
                guard case .text(let line) = value else { return }
                try settings.add(try QueueDefinition(line))
            },
            ModuleParameter(
                "mqueue_name", .text, repeatable: true,
                "Declares a queue by its name, with the size and addmode that stand above."
            ) { settings, value in
                guard case .text(let name) = value else { return }
                guard !name.isEmpty else { throw ArgumentError("mqueue_name: a queue has a name") }
                try settings.add(QueueDefinition(name: name, limit: settings.nextLimit, mode: settings.nextMode))
            },
            ModuleParameter(
                "mqueue_size", .int, repeatable: true, default: "0",
                "Pairs that may wait in queues declared by mqueue_name below; 0: no limit."
            ) { settings, value in
                guard case .int(let limit) = value, limit >= 0 else {
                    throw ArgumentError("mqueue_size is 0 or more")
                }
                settings.nextLimit = limit
            },
            ModuleParameter(
                "mqueue_addmode", .int, repeatable: true, default: "0",
                "What a key that waits already means in queues below: 0 nothing, 1 keep the old pair, 2 the new one."
            ) { settings, value in
                guard case .int(let number) = value, let mode = QueueDefinition.AddMode(rawValue: number) else {
                    throw ArgumentError("mqueue_addmode is 0, 1 or 2")
                }
                settings.nextMode = mode
            },
        ] + ModuleParameter.notYet(.text, "db_url")
    }
}

extension MessageQueues.Settings {
    mutating func add(_ definition: QueueDefinition) throws {
        guard !self.queues.contains(where: { $0.name == definition.name }) else {
            throw ArgumentError("mqueue '\(definition.name)' is declared twice")
        }
        self.queues.append(definition)
    }
}

extension QueueDefinition {
    /// - Throws: `ArgumentError` naming what is wrong or what is not built yet.
    init(_ line: ByteString) throws {
        for part in line.string.split(separator: ";") {
            let pieces = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
            guard pieces.count == 2 else {
                if part.allSatisfy({ $0 == " " || $0 == "\t" }) { continue }
                throw ArgumentError("mqueue: '\(part)' has no value")
            }
            try self.set(pieces[0], pieces[1])
        }
        guard !self.name.isEmpty else { throw ArgumentError("mqueue '\(line)': name=… is missing") }
    }

    private mutating func set(_ attribute: String, _ value: String) throws {
        switch attribute {
        case "name": self.name = ByteString(value)
        case "size":
            guard let limit = Int(value), limit >= 0 else { throw ArgumentError("mqueue: size=\(value) is no number") }
            self.limit = limit
        case "addmode":
            guard let number = Int(value), let mode = AddMode(rawValue: number) else {
                throw ArgumentError("mqueue: addmode=\(value) is not 0, 1 or 2")
            }
            self.mode = mode
        case "dbmode":
            if value != "0" { throw ArgumentError("mqueue: dbmode=\(value) is not built yet") }
        default:
            throw ArgumentError(
                "mqueue: unknown attribute '\(attribute)'",
                suggestion: ["name", "size", "addmode", "dbmode"].first { $0.hasPrefix(attribute.prefix(2)) })
        }
    }
}
