import Bytes
import ModuleKit
import SIPMessage

extension Corex {
    var branchFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "append_branch",
                Argument(
                    "uri", .format, "URI of the branch; left out or empty: a copy of the main branch.", optional: true),
                Argument("q", .format, "Its q value, 0 to 1.", optional: true),
                in: [.request, .failure],
                summary: "Adds a branch to fork the request to.",
                reference: "RFC 3261 §16.6",
                outcomes: [1: "added", -1: "too many branches, or no q value"],
                example: #"append_branch("sip:alice@192.0.2.1", "0.5");"#
            ) { [self] route, arguments in self.appendBranch(route, arguments) },
            ScriptFunction(
                "forward_reply", in: .reply, summary: "Forwards the reply by its Via at once.",
                reference: "RFC 3261 §16.11", outcomes: [1: "sent", -1: "it cannot be sent"],
                example: "forward_reply();"
            ) { route, _ in StatelessForwarder.forwardReply(route) ? .success : .failure },
        ]
    }

    private func appendBranch(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        // The main branch counts as one.
        guard route.isRequest, route.branches.count + 1 < self.host.settings.maxBranches else { return .failure }
        let uri = arguments.has(0) ? arguments.text(0, in: route) : ByteString()
        var branch: BranchTarget
        if uri.isEmpty {
            branch = route.target
            branch.uri = route.text(route.requestURI)
        } else {
            branch = BranchTarget(uri: uri)
            branch.flags = route.target.flags
            branch.socket = route.target.socket
            branch.path = route.target.path
            branch.destinationURI = route.target.destinationURI
        }
        if arguments.has(1) {
            guard let q = QualityValue.thousandths(arguments.text(1, in: route)) else {
                route.log(.error, "append_branch: \(arguments.text(1, in: route).string) is no q value")
                return .failure
            }
            branch.q = q
        }
        route.branches.append(branch)
        if uri.isEmpty { route.isTargetConsumed = true }
        return .success
    }
}

/// q values (RFC 3261 §25.1 `qvalue`).
enum QualityValue {
    /// 0 to 1000; nil for text that is no q value.
    static func thousandths(_ text: ByteString) -> Int? {
        let parts = text.bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole.isEmpty || whole.elementsEqual([48]) || whole.elementsEqual([49]),
            text.count > 0
        else { return nil }
        let fraction = parts.count > 1 ? Array(parts[1]) : []
        guard fraction.count <= 3, fraction.allSatisfy(\.isDigit), !(whole.isEmpty && fraction.isEmpty) else {
            return nil
        }
        var value = whole.elementsEqual([49]) ? 1000 : 0
        var place = 100
        for digit in fraction {
            value += Int(digit - 48) * place
            place /= 10
        }
        return value <= 1000 ? value : nil
    }
}
