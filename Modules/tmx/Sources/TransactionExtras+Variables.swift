import Bytes
import ModuleKit
import SIPMessage
import tm

extension TransactionExtras {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "T_branch_idx",
                summary: "Branch index; in request routes the number of branches; -1 without a transaction."
            ) {
                [unowned self] route in .int(self.branchIndex(route))
            },
            ScriptVariable("T_reply_code", summary: "Status of the reply at hand, or last sent.") {
                [unowned self] route in
                .int(self.transactions.statusCode(route) ?? 0)
            },
            ScriptVariable("T_reply_reason", summary: "Reason phrase of the reply at hand.") { [unowned self] route in
                if !route.isRequest { return .slice(ifPresent: route.message.reason) }
                guard let reply = self.reply(route) else { return .null }
                return .bytes(reply.text(reply.reason))
            },
            ScriptVariable("T_reply_last", summary: "Last status of the transaction.") { [unowned self] route in
                self.transactions.snapshot(route).map { .int($0.lastStatus) } ?? .null
            },
            ScriptVariable(
                "T", inner: .required,
                summary:
                    "Facts about the transaction: id_index, id_label, reply_code, reply_reason, reply_last, branch_index, ruid, reply_type."
            ) {
                [unowned self] name, _ in
                guard case .literal(let key) = name else { throw ArgumentError("$T takes a constant name") }
                return try self.attribute(key.string)
            },
            ScriptVariable("T_reply_ruid", summary: "Record of the contact whose reply is at hand; empty for none.") {
                [unowned self] route in self.ruid(route)
            },
            ScriptVariable(
                "T_branch", inner: .required, writable: true,
                summary: "Facts about the branch at hand: uri, as it was sent; flags, which can be set."
            ) {
                [unowned self] name, _ in
                guard case .literal(let key) = name else { throw ArgumentError("$T_branch takes uri or flags") }
                return try self.branchAttribute(key)
            },
            ScriptVariable(
                "T_inv", inner: .required, summary: "A variable evaluated on the INVITE that a CANCEL is for."
            ) {
                [unowned self] name, compiler in
                let variable = try Self.inner(name, compiler)
                return VariableAccess(read: { route, _ in
                    guard let invite = self.transactions.invite(ofCancel: route) else { return .null }
                    return self.read(variable, of: invite, like: route)
                })
            },
            ScriptVariable(
                "T_req", inner: .required, summary: "A variable evaluated on the request of the transaction."
            ) {
                [unowned self] name, compiler in
                let variable = try Self.inner(name, compiler)
                return VariableAccess(read: { route, _ in
                    if route.isRequest { return variable.read(in: route) }
                    guard let request = self.transactions.snapshot(route)?.request else { return .null }
                    return self.read(variable, of: request, like: route)
                })
            },
            ScriptVariable("T_rpl", inner: .required, summary: "A variable evaluated on the reply of the transaction.")
            {
                [unowned self] name, compiler in
                let variable = try Self.inner(name, compiler)
                return VariableAccess(read: { route, _ in
                    if !route.isRequest { return variable.read(in: route) }
                    guard let failure = self.transactions.failure(route),
                        let reply = self.transactions.keptReply(route, branch: failure.branch)
                    else { return .null }
                    return self.read(variable, of: reply, like: route)
                })
            },
        ]
    }

    private func branchAttribute(_ key: ByteString) throws -> VariableAccess {
        switch key {
        case "flags":
            return VariableAccess(
                read: { [unowned self] route, _ in
                    self.transactions.branchFlags(route, branch: self.branchAtHand(route)).map { .int(Int($0)) }
                        ?? .null
                },
                write: { [unowned self] route, _, value in
                    guard let flags = route.int(value) else { return false }
                    return self.transactions.setFlags(
                        route, branch: self.branchAtHand(route), UInt32(truncatingIfNeeded: flags))
                })
        case "uri":
            return VariableAccess(read: { [unowned self] route, _ in
                guard !route.isRequest, let branch = self.transactions.branch(route, route.branchIndex),
                    !branch.uri.isEmpty
                else { return .null }
                return .bytes(branch.uri)
            })
        default: throw ArgumentError("$T_branch takes uri or flags, not \(key)")
        }
    }

    /// The branch of the reply at hand, or that the failure is about.
    private func branchAtHand(_ route: RouteContext) -> Int {
        self.transactions.failure(route)?.branch ?? route.branchIndex
    }

    private func ruid(_ route: RouteContext) -> Value {
        guard let branch = self.transactions.branch(route, self.branchAtHand(route)) else { return .null }
        return .bytes(branch.ruid)
    }

    private func branchIndex(_ route: RouteContext) -> Int {
        if route.routeKind == .branch || route.routeKind == .branchFailure || !route.isRequest {
            return route.branchIndex
        }
        return self.transactions.snapshot(route)?.branchCount ?? -1
    }

    private func reply(_ route: RouteContext) -> Message? {
        guard let failure = self.transactions.failure(route),
            let bytes = self.transactions.keptReply(route, branch: failure.branch)
        else { return nil }
        return Message(bytes.span)
    }

    private func attribute(_ key: String) throws -> VariableAccess {
        switch key {
        case "id_index", "id_index_n":
            return VariableAccess(read: { [unowned self] route, _ in
                self.transactions.snapshot(route).map { .int($0.stripe) } ?? .null
            })
        case "id_label", "id_label_n":
            return VariableAccess(read: { [unowned self] route, _ in
                self.transactions.snapshot(route).map { .int($0.handle) } ?? .null
            })
        case "reply_code":
            return VariableAccess(read: { [unowned self] route, _ in .int(self.transactions.statusCode(route) ?? 0) })
        case "reply_last":
            return VariableAccess(read: { [unowned self] route, _ in
                self.transactions.snapshot(route).map { .int($0.lastStatus) } ?? .null
            })
        case "reply_reason":
            return VariableAccess(read: { [unowned self] route, _ in
                if !route.isRequest { return .slice(ifPresent: route.message.reason) }
                guard let reply = self.reply(route) else { return .null }
                return .bytes(reply.text(reply.reason))
            })
        case "reply_type":
            return VariableAccess(read: { [unowned self] route, _ in
                if !route.isRequest { return .int(0) }
                guard let failure = self.transactions.failure(route) else { return .null }
                return .int(self.transactions.keptReply(route, branch: failure.branch) == nil ? 1 : 0)
            })
        case "ruid": return VariableAccess(read: { [unowned self] route, _ in self.ruid(route) })
        case "branch_index":
            return VariableAccess(read: { [unowned self] route, _ in .int(self.branchIndex(route)) })
        default:
            throw ArgumentError("$T(\(key)) is not known")
        }
    }

    /// `$T_req($ci)`: the variable in the parentheses.
    private static func inner(_ name: VariableName, _ compiler: any ScriptCompiling) throws -> VariableReference {
        switch name {
        case .dynamic(let variable): return variable
        case .literal(let text): return try compiler.variable(text)
        case .none: throw ArgumentError("needs a variable in parentheses")
        }
    }

    private func read(_ variable: VariableReference, of bytes: ByteString, like route: RouteContext) -> Value {
        let worker = route.worker
        guard let context = worker.makeContext(bytes.span, arrival: route.arrival, program: route.program) else {
            return .null
        }
        defer { worker.recycle(context) }
        context.flags = route.flags
        context.attributes = route.attributes
        context.transaction = route.transaction
        return context.stored(variable.read(in: context))
    }
}
