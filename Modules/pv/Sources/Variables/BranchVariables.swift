import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Further branches.
    var branchVariables: [ScriptVariable] {
        let host = self.host
        return [
            ScriptVariable("br", summary: "URI of the first further branch; assigning adds a branch.") { route in
                route.branches.first?.uri.map { .bytes($0) } ?? .null
            } write: { route, value in
                let text = route.text(value)
                guard !text.isEmpty, route.branches.count + 1 < host.settings.maxBranches else { return text.isEmpty }
                var branch = BranchTarget(uri: text)
                branch.flags = route.target.flags
                route.branches.append(branch)
                return true
            },
            ScriptVariable("bR", summary: "All further branches, separated by commas.") { route in
                guard !route.branches.isEmpty else { return .null }
                return Self.list(route) { buffer in
                    for (index, branch) in route.branches.enumerated() {
                        if index > 0 { buffer.append(", ") }
                        Self.append(branch, brackets: branch.q >= 0, to: buffer)
                    }
                }
            },
            ScriptVariable("ds", summary: "Changed Request-URI and further branches as a Contact header field.") {
                route in
                var targets = route.branches
                if route.target.uri != nil, !route.isTargetConsumed { targets.insert(route.target, at: 0) }
                guard !targets.isEmpty else { return .null }
                return Self.list(route) { buffer in
                    buffer.append("Contact: ")
                    for (index, branch) in targets.enumerated() {
                        if index > 0 { buffer.append(", ") }
                        Self.append(branch, brackets: true, to: buffer)
                    }
                }
            },
            ScriptVariable(
                "branch", inner: .required, writable: true,
                summary:
                    "A further branch: (uri) (dst_uri) (path) (q) (send_socket) (flags) (ruid) (location_ua) "
                    + "(instance) (otcpid); (count) of them."
            ) { name, _ in
                guard case .literal(let text) = name, let attribute = BranchAttribute(rawValue: text.string) else {
                    throw ArgumentError("$branch has no such attribute")
                }
                return attribute.access(host)
            },
        ]
    }

    private static func list(_ route: RouteContext, _ body: (ByteBuffer) -> Void) -> Value {
        let buffer = ByteBuffer(capacity: 128)
        body(buffer)
        return .bytes(ByteString(buffer.span))
    }

    private static func append(_ branch: BranchTarget, brackets: Bool, to buffer: ByteBuffer) {
        if brackets { buffer.append(UInt8(ascii: "<")) }
        if let uri = branch.uri { buffer.append(uri) }
        if brackets { buffer.append(UInt8(ascii: ">")) }
        if branch.q >= 0 {
            buffer.append(";q=")
            buffer.append(quality: branch.q)
        }
    }
}

/// What `$branch(…)` tells of a branch.
enum BranchAttribute: String {
    case uri, path, q, flags, count, ruid, instance
    case connection = "otcpid"
    case destinationURI = "dst_uri"
    case socket = "send_socket"
    case userAgent = "location_ua"

    func access(_ host: any ModuleHost) -> VariableAccess {
        VariableAccess { route, index in
            if self == .count { return .int(route.branches.count) }
            guard let number = Self.number(index, route.branches.count) else { return .null }
            return self.read(route.branches[number])
        } write: { route, index, value in
            guard let number = Self.number(index, route.branches.count) else { return false }
            return self.write(value, route, &route.branches[number], host)
        }
    }

    private static func number(_ index: VariableIndex, _ count: Int) -> Int? {
        let number: Int
        switch index {
        case .none, .all: number = 0
        case .at(let wanted): number = wanted < 0 ? count + wanted : wanted
        }
        return number >= 0 && number < count ? number : nil
    }

    func read(_ branch: BranchTarget) -> Value {
        func text(_ text: ByteString?) -> Value { text.map { $0.isEmpty ? .null : .bytes($0) } ?? .null }
        switch self {
        case .uri: return text(branch.uri)
        case .destinationURI: return text(branch.destinationURI)
        case .path: return text(branch.path)
        case .q: return branch.q >= 0 ? .int(branch.q) : .null
        case .socket: return text(branch.socket?.socketName)
        case .flags: return .int(Int(branch.flags))
        case .ruid: return text(branch.ruid)
        case .userAgent: return text(branch.userAgent)
        case .instance: return text(branch.instance)
        case .connection: return .int(Int(truncatingIfNeeded: branch.connection.rawValue))
        case .count: return .null
        }
    }

    /// - Returns: false when the attribute cannot hold the value, or cannot be set.
    func write(_ value: Value, _ route: RouteContext, _ branch: inout BranchTarget, _ host: any ModuleHost) -> Bool {
        let text = route.text(value)
        let number = route.int(value)
        switch self {
        case .uri: branch.uri = text.isEmpty ? nil : text
        case .destinationURI: branch.destinationURI = text.isEmpty ? nil : text
        case .path: branch.path = text
        case .q:
            guard let number, number <= 1000 else { return false }
            branch.q = max(number, -1)
        case .socket:
            guard text.isEmpty || host.socket(named: text) != nil else { return false }
            branch.socket = text.isEmpty ? nil : host.socket(named: text)
        case .flags:
            guard let number else { return false }
            branch.flags = UInt32(truncatingIfNeeded: number)
        case .ruid: branch.ruid = text
        case .userAgent: branch.userAgent = text
        case .instance: branch.instance = text
        case .connection:
            guard let number, number >= 0 else { return false }
            branch.connection = ConnectionID(rawValue: UInt64(number))
        case .count: return false
        }
        return true
    }
}
