import Bytes
import ModuleKit
import SIPMessage

extension Domains {
    private static let routes: RouteKinds = [.request, .failure, .branch]

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "is_from_local", in: Self.routes, summary: "Tells whether the host of the From URI is a served domain.",
                outcomes: [1: "it is", -1: "it is not"],
                example: #"if (is_from_local()) { setflag(1); }"#
            ) { [unowned self] route, _ in
                let message = route.message
                guard let uri = SIPURI(message.span, message.from.uri) else {
                    route.log(.error, "is_from_local: the From URI cannot be read")
                    return .failure
                }
                return self.isServed(message.span, uri.host)
            },
            ScriptFunction(
                "is_uri_host_local", in: Self.routes,
                summary:
                    "Tells whether the host of the Request-URI is a served domain; in failure routes of the first branch.",
                outcomes: [1: "it is", -1: "it is not"],
                example: #"if (!is_uri_host_local()) { sl_send_reply("403", "Not served here"); exit; }"#
            ) { [unowned self] route, _ in
                if route.routeKind == .failure {
                    guard let text = route.branches.first?.uri,
                        let uri = SIPURI(text.span, ByteRange(0, text.count))
                    else {
                        route.log(.error, "is_uri_host_local: there is no branch")
                        return .failure
                    }
                    return self.isServed(text.span, uri.host)
                }
                return route.withRequestURI { span, uri in
                    guard let uri else { return .failure }
                    return self.isServed(span, uri.host)
                }
            },
            ScriptFunction(
                "is_domain_local", Argument("domain", .format, "The domain."), in: Self.routes,
                summary: "Tells whether a domain is served.", outcomes: [1: "it is", -1: "it is not"],
                example: #"if (is_domain_local("$td")) { setflag(1); }"#
            ) { [unowned self] route, arguments in
                let name = arguments.text(0, in: route)
                return self.isServed(name.span, ByteRange(0, name.count))
            },
            ScriptFunction(
                "lookup_domain", Argument("domain", .format, "The domain."),
                Argument("prefix", .format, "Put before the names of the AVPs.", optional: true), in: Self.routes,
                summary: "Tells whether a domain is served, and sets its attributes and $avp(did).",
                outcomes: [1: "it is", -1: "it is not"],
                example: #"if (lookup_domain("$fd", "caller_")) { xlog("$avp(caller_did)\n"); }"#
            ) { [unowned self] route, arguments in
                let name = arguments.text(0, in: route)
                let prefix = arguments.text(1, in: route)
                return self.table.read { table in
                    guard let domain = table.domain(name.span, ByteRange(0, name.count)) else { return .failure }
                    route.attributes.push(.text(prefix + "did"), .bytes(domain.id))
                    // The value that stands first in the table is the one that $avp(name) shows.
                    for attribute in (table.attributes[domain.id] ?? []).reversed() {
                        switch attribute.value {
                        case .int(let number): route.attributes.push(.text(prefix + attribute.name), .int(number))
                        case .text(let text): route.attributes.push(.text(prefix + attribute.name), .bytes(text))
                        }
                    }
                    return .success
                }
            },
        ]
    }

    private func isServed(_ span: Span<UInt8>, _ host: ByteRange) -> Outcome {
        self.table.read { $0.domain(span, host) != nil } ? .success : .failure
    }

    public var commands: [RPCCommand] {
        [
            .waiting("domain.reload", "Reads the tables again.") { [unowned self] request, answer in
                let host = request.host
                host.runBlocking { [self] in
                    do {
                        try self.load()
                        answer.give([])
                    } catch {
                        host.logger.error("\(error)")
                        answer.refuse(RPCFault(500, "Domain Table Reload Failed: \(error)"))
                    }
                }
            },
            RPCCommand("domain.dump", "Shows the domains and the names of their attributes.") {
                [unowned self] _ throws(RPCFault) in
                let table = self.table.read { $0 }
                let domains = table.domains.sorted { $0.key < $1.key }.map { _, domain -> RPCValue in
                    .structure(["domain": .text(domain.name), "did": .text(domain.id)])
                }
                let attributes = table.attributes.sorted { $0.key < $1.key }.map { id, list -> RPCValue in
                    .structure(["did": .text(id), "attrs": .array(list.map { .text($0.name) })])
                }
                return [.structure(["domains": .array(domains), "attributes": .array(attributes)])]
            },
        ]
    }
}
