import Bytes
import ModuleKit
import SIPMessage

/// Where `avp_pushto` puts values.
private final class PushTarget: Sendable {
    enum Place: String, CaseIterable {
        case requestURI = "$ru"
        case user = "$ru/username"
        case domain = "$ru/domain"
        case destination = "$du"
        case branch = "$br"
    }

    let place: Place

    init(_ text: ByteString) throws {
        guard let place = Place(rawValue: text.string) else {
            let known = Place.allCases.map(\.rawValue).joined(separator: ", ")
            throw ArgumentError("values cannot be pushed to '\(text.string)': it is one of \(known)")
        }
        self.place = place
    }
}

/// `$variable/g`.
private final class PushSource: Sendable {
    let subject: Subject
    let takesAll: Bool

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        let parts = SlashText.split(text, limit: 2)
        self.subject = try Subject(parts[0], compiler)
        self.takesAll = try SlashText.flags(parts.count > 1 ? parts[1] : nil, "g", of: "a source").has("g")
    }
}

extension AttributeOperations {
    var pushFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "avp_pushto",
                Argument(
                    "target", .custom { text, _ in try PushTarget(text) },
                    "$ru, $ru/username, $ru/domain, $du, or $br for a new branch."),
                Argument(
                    "source", .custom { text, compiler in try PushSource(text, compiler) },
                    "A variable; $avp(name)/g pushes all values, those for $ru into branches."),
                in: Self.routes, summary: "Writes a value into the Request-URI, the next hop or a new branch.",
                reference: "RFC 3261 §16.5",
                outcomes: [1: "written", -1: "there is no value, or it does not fit there"],
                example: #"avp_pushto("$ru/domain", "$avp(backup)/g");"#
            ) { route, arguments in
                guard let target = arguments.object(0, as: PushTarget.self),
                    let source = arguments.object(1, as: PushSource.self), route.isRequest
                else { return .failure }
                let values = source.subject.values(in: route)
                guard !values.isEmpty else { return .failure }
                for (number, value) in (source.takesAll ? values[...] : values.prefix(1)).enumerated() {
                    guard Self.push(route.text(value), to: target.place, isFirst: number == 0, route) else {
                        return .failure
                    }
                }
                return .success
            }
        ]
    }

    private static func push(
        _ text: ByteString, to place: PushTarget.Place, isFirst: Bool, _ route: RouteContext
    )
        -> Bool
    {
        switch place {
        case .branch: return Self.append(BranchTarget(uri: text), route)
        case .destination:
            route.target.destinationURI = text
            route.isTargetConsumed = false
        case .requestURI, .user, .domain:
            // The one before becomes a branch of its own.
            if !isFirst {
                var branch = route.target
                branch.uri = route.text(route.requestURI)
                guard Self.append(branch, route) else { return false }
            }
            switch place {
            case .user: return route.rewriteRequestURI(.user, with: text)
            case .domain: return route.rewriteRequestURI(.host, with: text)
            default: route.setRequestURI(text)
            }
        }
        return true
    }

    /// The main branch counts as one.
    private static func append(_ branch: BranchTarget, _ route: RouteContext) -> Bool {
        guard route.branches.count + 1 < route.worker.host.settings.maxBranches else { return false }
        route.branches.append(branch)
        return true
    }
}
