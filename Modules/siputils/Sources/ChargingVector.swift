import Bytes
import ModuleKit
import SIPMessage

/// P-Charging-Vector of a message (RFC 7315 §4.6): as received, or as the script made it.
final class ChargingVector {
    /// The value of the header field; nil when it was removed.
    let value: ByteString?

    init(_ value: ByteString?) { self.value = value }

    /// `icid-value=…; icid-generated-at=…`, with 128 random bits.
    static func make(_ socket: ListenSocket) -> ChargingVector {
        let out = ByteBuffer(capacity: 128)
        out.append("icid-value=")
        for _ in 0..<2 { out.append(hex: UInt64.random(in: .min ... .max), digits: 16) }
        out.append("; icid-generated-at=")
        out.append(socket.ipText)
        return ChargingVector(ByteString(out.span))
    }
}

extension SIPUtils {
    var chargingFunction: ScriptFunction {
        ScriptFunction(
            "sip_p_charging_vector",
            Argument("flags", .format, "r removes it, g makes one when there is none, f makes a new one."), in: .any,
            summary: "Removes or makes the header field P-Charging-Vector.", reference: "RFC 7315 §4.6",
            outcomes: [1: "always"], example: #"sip_p_charging_vector("g");"#
        ) { route, arguments in
            let message = route.message
            let flags = arguments.text(0, in: route).bytes
            let made = route.state(ChargingVector.self)
            let isForced = flags.contains(UInt8(ascii: "f"))
            var isThere = made.map { $0.value != nil } ?? message.has(.pChargingVector)
            if isForced || flags.contains(UInt8(ascii: "r")), isThere, made == nil {
                var field = message.first(.pChargingVector)
                while field >= 0 {
                    route.edits.removeHeader(at: field, message)
                    field = message.next(after: field)
                }
                route.setState(ChargingVector(nil))
                isThere = false
            }
            if isForced || flags.contains(UInt8(ascii: "g")), !isThere, made == nil {
                let vector = ChargingVector.make(route.arrival.socket)
                route.setState(vector)
                let line = "P-Charging-Vector: " + (vector.value ?? ByteString()) + "\r\n"
                route.edits.appendHeader(line, message)
            }
            return .success
        }
    }

    /// `$pcv(…)`.
    var chargingVariable: ScriptVariable {
        ScriptVariable(
            "pcv", inner: .required,
            summary:
                "P-Charging-Vector: (all) of it, (value) of the charging id, (genaddr) who made it, (orig) and (term)"
                + " networks; (status) 0 none, 1 received, 2 made here.",
            reference: "RFC 7315 §4.6"
        ) { name, _ in
            guard case .literal(let key) = name else { throw ArgumentError("$pcv takes a fixed name") }
            let parameter: StaticString
            switch key {
            case "all": return VariableAccess { route, _ in Self.chargingVector(route).map { .bytes($0) } ?? .null }
            case "status":
                return VariableAccess { route, _ in
                    if let made = route.state(ChargingVector.self) { return .int(made.value == nil ? 0 : 2) }
                    return .int(route.message.has(.pChargingVector) ? 1 : 0)
                }
            case "value": parameter = "icid-value"
            case "genaddr": parameter = "icid-generated-at"
            case "orig": parameter = "orig-ioi"
            case "term": parameter = "term-ioi"
            default: throw ArgumentError("$pcv has no key \(key.string)")
            }
            return VariableAccess { route, _ in
                guard let vector = Self.chargingVector(route) else { return .null }
                let text = ";" + vector
                var parameters = ParameterScanner(ByteRange(start: 0, count: text.count))
                while parameters.next(text.span) {
                    guard text.span.equalsIgnoringCase(parameters.name, parameter) else { continue }
                    return parameters.value.isPresent ? .bytes(ByteString(text.span, parameters.value)) : .null
                }
                return .null
            }
        }
    }

    private static func chargingVector(_ route: RouteContext) -> ByteString? {
        if let made = route.state(ChargingVector.self) { return made.value }
        let value = route.message.value(.pChargingVector)
        return value.isPresent ? route.copy(value) : nil
    }
}
