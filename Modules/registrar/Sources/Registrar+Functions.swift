import Bytes
import ModuleKit
import usrloc

extension Registrar {
    private var table: Argument {
        let location = self.location
        return Argument(
            "table", .custom { name, _ in location.location(name) }, "Location table, as a rule \"location\".")
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "save",
                self.table,
                Argument(
                    "flags", .int,
                    "Sum of 1 (memory only), 2 (no reply), 4 (this contact replaces all), 8 (no random expiry), 16 (with 2: prepare the reply's headers).",
                    optional: true),
                Argument("uri", .format, "Address of record instead of To's.", optional: true),
                in: [.request, .failure, .transactionReply, .reply],
                summary: "Does what a REGISTER asks and replies to it.",
                reference: "RFC 3261 §10.3",
                outcomes: [
                    1: "bindings added", 2: "bindings updated", 3: "bindings removed", 4: "a query",
                    -1: "refused; the reply is sent", -2: "too many bindings; the reply is sent",
                ],
                example: #"if (is_method("REGISTER")) { save("location"); exit; }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return .failure }
                let flags = arguments.has(1) ? SaveFlags(rawValue: arguments.int(1, in: route) ?? 0) : []
                let uri = arguments.has(2) ? arguments.text(2, in: route) : nil
                return self.save(route, in: table, flags, address: uri)
            },
            ScriptFunction(
                "lookup",
                self.table,
                Argument("uri", .format, "Address of record instead of the Request-URI.", optional: true),
                in: [.request, .failure],
                summary: "Puts the user's best contact into the Request-URI and the others into branches.",
                reference: "RFC 3261 §16.5",
                outcomes: [
                    1: "found", -1: "not registered", -2: "no contact takes the method", -3: "the URI cannot be used",
                ],
                example: #"if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return -3 }
                let uri = arguments.has(1) ? arguments.text(1, in: route) : nil
                return self.prepared(route, table, uri) { [self] in self.lookup($0, in: table, uri: uri) }
            },
            ScriptFunction(
                "lookup_to_dset",
                self.table,
                Argument("uri", .format, "Address of record instead of the Request-URI.", optional: true),
                in: [.request, .failure],
                summary: "Adds all contacts of the user as branches; the Request-URI stays.",
                reference: "RFC 3261 §16.5",
                outcomes: [
                    1: "found", -1: "not registered", -2: "no contact takes the method", -3: "the URI cannot be used",
                ],
                example: #"lookup_to_dset("location", "sip:bob@example.org");"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return -3 }
                let uri = arguments.has(1) ? arguments.text(1, in: route) : nil
                return self.prepared(route, table, uri) { [self] in self.lookupToBranches($0, in: table, uri: uri) }
            },
            ScriptFunction(
                "lookup_branches",
                self.table,
                in: [.request, .failure],
                summary: "Like lookup for the Request-URI, and for every branch that names a user.",
                reference: "RFC 3261 §16.5",
                outcomes: [1: "found at least one", -1: "none is registered"],
                example: #"if (lookup_branches("location")) { t_relay(); }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return -3 }
                return self.prepared(route, table, nil) { [self] in self.lookupBranches($0, in: table) }
            },
            ScriptFunction(
                "registered",
                self.table,
                Argument("uri", .format, "Address of record instead of the Request-URI.", optional: true),
                Argument(
                    "match_option", .int,
                    "Sum of 1 (Call-ID), 2 (received), 4 (contact): what has to be as match_callid, match_received, match_contact of xavp_cfg.",
                    optional: true),
                Argument(
                    "match_action", .int, "1: the $xavp of xavp_contact gets what was saved.", optional: true),
                in: .any,
                summary: "Whether the user has a binding.",
                reference: "RFC 3261 §10.3",
                outcomes: [1: "yes", -1: "no"],
                example: #"if (registered("location", "$fu")) { xlog("known\n"); }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return .failure }
                let uri = arguments.has(1) ? arguments.text(1, in: route) : nil
                let options = arguments.has(2) ? arguments.int(2, in: route) ?? 0 : 0
                let action = arguments.has(3) ? arguments.int(3, in: route) ?? 0 : 0
                return self.prepared(route, table, uri) { [self] route in
                    self.isRegistered(route, in: table, uri: uri, options: options, action: action) ? 1 : -1
                }
            },
            ScriptFunction(
                "unregister",
                self.table,
                Argument("uri", .format, "Address of record."),
                Argument("ruid", .format, "Only the binding with this number.", optional: true),
                in: .any,
                summary: "Removes the bindings of a user.",
                reference: "RFC 3261 §10.3",
                outcomes: [1: "removed", -1: "the URI cannot be used", -3: "no such binding"],
                example: #"unregister("location", "$ru");"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return .failure }
                let ruid = arguments.has(2) ? arguments.text(2, in: route) : ByteString()
                let uri = arguments.text(1, in: route)
                return self.location.asksDatabase || self.location.waitsForDatabase
                    ? self.unregisterStored(route, uri, ruid: ruid, in: table)
                    : .code(self.unregister(uri, ruid: ruid, in: table))
            },
        ]
            + self.fetching
    }

    /// Removes bindings, and goes on when the database knows.
    private func unregisterStored(
        _ route: RouteContext, _ uri: ByteString, ruid: ByteString, in table: LocationTable
    ) -> Outcome {
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return -1 }
        return self.location.prepare(route, table, address.span) { [self] route, isReady in
            guard isReady else { return -2 }
            let code = self.unregister(uri, ruid: ruid, in: table)
            guard code > 0 else { return .code(code) }
            return self.location.commit(route) { _, isStored in .code(isStored ? code : -2) }
        }
    }
}

/// The second argument of `save`.
struct SaveFlags: OptionSet, Sendable {
    let rawValue: Int
    /// Nothing is written to a database.
    static let memoryOnly = SaveFlags(rawValue: 1)
    static let noReply = SaveFlags(rawValue: 2)
    /// The first contact replaces all others.
    static let replaceAll = SaveFlags(rawValue: 4)
    static let exactExpiry = SaveFlags(rawValue: 8)
    /// With `noReply`: the reply's headers are left for the script's own reply.
    static let prepareReply = SaveFlags(rawValue: 16)
}
