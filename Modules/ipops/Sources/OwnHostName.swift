import Bytes
import ModuleKit
import SIPMessage

/// Name and address of the machine, found out when the server starts; each is missing until it is known.
final class OwnHostName: Sendable {
    struct Names: Sendable {
        var short: ByteString?
        var full: ByteString?
        var domain: ByteString?
        var address: ByteString?
    }

    private let state = Lock(Names())

    var names: Names { self.state.withLock { $0 } }

    func findOut(_ host: any ModuleHost) {
        guard let text = SystemInput.readFile("/proc/sys/kernel/hostname", limit: 1024) else { return }
        let name = ByteString(Array(text.bytes.prefix { $0 > 32 }))
        guard !name.isEmpty else { return }
        self.set(full: name)
        host.addresses(
            of: name,
            then: Answer { [self] payload in
                let addresses = payload as? [IPAddress] ?? []
                // That it can talk to itself says nothing about where it is.
                guard let address = addresses.first(where: { !$0.isLoopback }) else { return }
                self.state.withLock { $0.address = ByteString(address.description) }
                guard self.names.domain == nil else { return }
                host.name(
                    of: address,
                    then: Answer { payload in
                        guard let full = payload as? ByteString, full.bytes.starts(with: name.bytes + [46]) else {
                            return
                        }
                        self.set(full: full)
                    })
            })
    }

    /// Takes the name apart at its first dot.
    func set(full: ByteString) {
        let parts = full.bytes.split(separator: UInt8(ascii: "."), maxSplits: 1)
        self.state.withLock { names in
            names.full = full
            names.short = parts.first.map { ByteString(Array($0)) }
            names.domain = parts.count > 1 ? ByteString(Array(parts[1])) : nil
        }
    }
}

/// Hands the answer of a look-up to a closure.
private final class Answer: ResumeToken {
    private let body: @Sendable ((any Sendable)?) -> Void
    init(_ body: @escaping @Sendable ((any Sendable)?) -> Void) { self.body = body }
    func resume(_ result: ResumeResult) { self.body(result.payload) }
}

extension IPOperations {
    var hostVariable: ScriptVariable {
        let own = self.ownName
        return ScriptVariable(
            "HN", inner: .required, summary: "The machine: (n) short name, (f) full name, (d) domain, (i) IP address."
        ) { name, _ in
            func access(_ part: @escaping @Sendable (OwnHostName.Names) -> ByteString?) -> VariableAccess {
                VariableAccess { _, _ in part(own.names).map { .bytes($0) } ?? .null }
            }
            guard case .literal(let part) = name else { throw ArgumentError("$HN takes n, f, d or i") }
            switch part {
            case "n": return access { $0.short }
            case "f": return access { $0.full }
            case "d": return access { $0.domain }
            case "i": return access { $0.address }
            default: throw ArgumentError("$HN takes n, f, d or i, not \(part.string)")
            }
        }
    }
}
