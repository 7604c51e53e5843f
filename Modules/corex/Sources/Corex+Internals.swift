import Bytes
import ModuleKit
import SIPMessage

/// Flags that modules set on a message for each other; scripts seldom need them.
private final class InternalFlags {
    static let names: [String: UInt32] = [
        "USE_UAC_FROM": 1, "USE_UAC_TO": 2, "UAC_AUTH": 4, "MSG_APPLY_CHANGES": 8,
    ]
    var bits: UInt32 = 0

    static func mask(_ text: ByteString) -> UInt32? {
        if let known = Self.names[text.string] { return known }
        return text.span.decimal(in: ByteRange(start: 0, count: text.count), limit: 31).map { 1 << UInt32($0) }
    }
}

extension Corex {
    var internalFlagFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ summary: String, _ outcomes: [Int: String],
            _ body: @escaping @Sendable (InternalFlags, UInt32) -> Outcome
        ) -> ScriptFunction {
            ScriptFunction(
                name,
                Argument(
                    "flag", .format, "USE_UAC_FROM, USE_UAC_TO, UAC_AUTH, MSG_APPLY_CHANGES, or a number from 0 to 31."),
                in: .any, summary: summary, outcomes: outcomes, example: "\(name)(\"UAC_AUTH\");"
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                guard let mask = InternalFlags.mask(text) else {
                    route.log(.error, "\(name): there is no flag \(text)")
                    return .failure
                }
                if let flags = route.state(InternalFlags.self) { return body(flags, mask) }
                let flags = InternalFlags()
                route.setState(flags)
                return body(flags, mask)
            }
        }
        return [
            function("msg_iflag_set", "Sets an internal flag of the message.", [1: "set", -1: "no such flag"]) {
                $0.bits |= $1
                return .success
            },
            function("msg_iflag_reset", "Clears an internal flag of the message.", [1: "cleared", -1: "no such flag"]) {
                $0.bits &= ~$1
                return .success
            },
            function(
                "msg_iflag_is_set", "Tells whether an internal flag of the message is set.",
                [1: "it is", -1: "no such flag", -2: "it is not"]
            ) { $0.bits & $1 != 0 ? .success : -2 },
        ]
    }

    /// Files are read and written on threads that may wait.
    var fileFunctions: [ScriptFunction] {
        let host = self.host
        return [
            ScriptFunction(
                "file_read", Argument("path", .format, "The file, 1 MiB at most."),
                Argument("variable", .variable, "Takes its content."), in: .any,
                summary: "Reads a file into a variable; the script waits, its worker does not.",
                outcomes: [1: "read", -1: "it cannot be read, or is empty"],
                example: #"file_read("/etc/hostname", "$var(name)");"#
            ) { route, arguments in
                guard let variable = arguments.variable(1) else { return .failure }
                let path = arguments.text(0, in: route).string
                let token = route.suspend()
                host.runBlocking {
                    let content = SystemInput.readFile(path)
                    token.resume(ResumeResult(code: content == nil ? -1 : 1, payload: content))
                }
                return .suspended(
                    Continuation { route, result in
                        guard result.code > 0, let content = result.payload as? ByteString, !content.isEmpty else {
                            route.log(.error, "file_read: \(path) cannot be read")
                            return .failure
                        }
                        return variable.write(.bytes(content), in: route) ? .success : .failure
                    }
                )
            },
            ScriptFunction(
                "file_write", Argument("path", .format, "The file; what it held is replaced."),
                Argument("content", .format, "Its new content."), in: .any,
                summary: "Writes a file; the script waits, its worker does not.",
                outcomes: [1: "written", -1: "it cannot be written, or the content is empty"],
                example: #"file_write("/tmp/last-caller", "$fu");"#
            ) { route, arguments in
                let path = arguments.text(0, in: route).string
                let content = arguments.text(1, in: route)
                guard !content.isEmpty, !path.isEmpty else { return .failure }
                let token = route.suspend()
                host.runBlocking {
                    token.resume(ResumeResult(code: SystemOutput.writeFile(path, content) ? 1 : -1))
                }
                return .suspended(
                    Continuation { route, result in
                        if result.code < 0 { route.log(.error, "file_write: \(path) cannot be written") }
                        return .code(result.code)
                    }
                )
            },
        ]
    }

    /// What our Via says beside the address.
    var viaFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ summary: String, _ option: RouteContext.Options, _ reference: String = ""
        ) -> ScriptFunction {
            ScriptFunction(
                name, Argument("flag", .int, "1 does it, 0 does not."), in: .any, summary: summary,
                reference: reference,
                outcomes: [1: "noted", -1: "no number"], example: "\(name)(\"1\");"
            ) { route, arguments in
                guard let flag = arguments.int(0, in: route) else { return .failure }
                if flag == 0 { route.options.remove(option) } else { route.options.insert(option) }
                return .success
            }
        }
        return [
            function(
                "via_add_srvid", "Adds the parameter srvid with server_id to our Via, unless that is 0.", .addServerID),
            function(
                "via_add_xavp_params", "Adds the fields of the $xavp that xavp_via_params names to our Via.",
                .addViaParameters),
            function(
                "via_reply_add_xavp_params",
                "Adds the fields of the $xavp that xavp_via_reply_params names to the top Via of replies.",
                .addReplyViaParameters),
            function(
                "via_use_xavp_fields",
                "Takes address and port of our Via from the $xavp that xavp_via_fields names.", .useViaFields),
        ]
    }

    var forwardFunctions: [ScriptFunction] {
        let branch = Argument("branch", .int, "Number that tells several copies apart.", optional: true)
        let outcomes = [1: "sent", -1: "it cannot be sent"]
        return [
            ScriptFunction(
                "forward_uac", branch, in: .request,
                summary: "Forwards the request to its next hop as if it began here: with our Via alone.",
                reference: "RFC 3261 §8.1.1.7", outcomes: outcomes, example: "forward_uac();"
            ) { route, arguments in
                StatelessForwarder.forwardRequest(route, asClientBranch: arguments.int(0, in: route) ?? 0)
            },
            ScriptFunction(
                "forward_uac_uri", Argument("uri", .format, "Where to."), branch, in: .request,
                summary: "Forwards the request to a URI as if it began here: with our Via alone.",
                reference: "RFC 3261 §8.1.1.7", outcomes: outcomes, example: #"forward_uac_uri("sip:192.0.2.1:5060");"#
            ) { route, arguments in
                StatelessForwarder.forwardRequest(
                    route, to: arguments.text(0, in: route), asClientBranch: arguments.int(1, in: route) ?? 0)
            },
        ]
    }
}
