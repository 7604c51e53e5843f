import Bytes
import ModuleKit
import SIPMessage

extension Corex {
    /// `$cfg(line)`: fixed where it stands.
    var placeVariable: ScriptVariable {
        ScriptVariable(
            "cfg", inner: .required, summary: "Where the script is: (line), (file) or (name), (route)."
        ) { name, compiler in
            guard case .literal(let part) = name, ["line", "name", "file", "route"].contains(part.string) else {
                throw ArgumentError("$cfg takes line, file, name or route")
            }
            guard let place = compiler.place else { return VariableAccess { _, _ in .null } }
            let value: Value =
                switch part {
                case "line": .int(place.line)
                case "route": .text(place.route)
                default: .text(place.file)
                }
            return VariableAccess { _, _ in value }
        }
    }

    /// `$lsock(n/public/listen)`: finds a socket by one attribute and gives another.
    var socketVariable: ScriptVariable {
        ScriptVariable(
            "lsock", inner: .required,
            summary:
                "A socket found by an attribute: attribute/value/attribute; l listen, n name, a advertise. $lsock(n/public/listen)."
        ) { [host] name, compiler in
            let format: FormatString
            switch name {
            case .literal(let text):
                format = try compiler.format(text)
                // What is fixed is checked now.
                if let fixed = format.constant, SocketQuestion(fixed) == nil {
                    throw ArgumentError(
                        "'\(fixed.string)' is no question: write l, n or a/value/listen, name or advertise")
                }
            case .dynamic(let variable): format = FormatString([.variable(variable)])
            case .none: throw ArgumentError("$lsock takes attribute/value/attribute")
            }
            return VariableAccess { route, _ in
                guard let question = SocketQuestion(format.evaluate(in: route)) else {
                    route.log(.error, "$lsock: '\(format.evaluate(in: route))' is no question")
                    return .bytes(ByteString())
                }
                return question.answer(host.sockets)
            }
        }
    }
}

/// `l/udp:192.0.2.1:5060/name`.
struct SocketQuestion {
    private enum Attribute {
        case listen, name, advertise, index

        init?(_ text: ArraySlice<UInt8>) {
            switch text.first {
            case UInt8(ascii: "l"): self = .listen
            case UInt8(ascii: "n"): self = .name
            case UInt8(ascii: "a"): self = .advertise
            case UInt8(ascii: "i"): self = .index
            default: return nil
            }
        }

        func text(of socket: ListenSocket) -> ByteString {
            switch self {
            case .listen: return socket.socketName
            case .name: return socket.name ?? ByteString()
            case .advertise:
                guard socket.advertisedHost != nil else { return ByteString() }
                return ByteString("\(socket.transport.name):") + socket.sentBy
            case .index: return ByteString(decimal: socket.index)
            }
        }
    }

    private let known: Attribute
    private let value: ByteString
    private let wanted: Attribute

    init?(_ text: ByteString) {
        let bytes = text.bytes
        guard bytes.count >= 5, bytes[1] == UInt8(ascii: "/"), let known = Attribute(bytes[0..<1]),
            let last = bytes.lastIndex(of: UInt8(ascii: "/")), last > 1,
            let wanted = Attribute(bytes[(last + 1)...])
        else { return nil }
        self.known = known
        self.value = ByteString(Array(bytes[2..<last]))
        self.wanted = wanted
    }

    func answer(_ sockets: [ListenSocket]) -> Value {
        guard let socket = sockets.first(where: { self.known.text(of: $0) == self.value }) else { return .null }
        return .bytes(self.wanted.text(of: socket))
    }
}
