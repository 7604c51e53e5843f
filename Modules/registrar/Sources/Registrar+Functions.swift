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
                return .code(self.save(route, in: table, flags, address: uri))
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
                return .code(self.lookup(route, in: table, uri: arguments.has(1) ? arguments.text(1, in: route) : nil))
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
                return .code(self.lookupToBranches(route, in: table, uri: uri))
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
                return .code(self.lookupBranches(route, in: table))
            },
            ScriptFunction(
                "registered",
                self.table,
                Argument("uri", .format, "Address of record instead of the Request-URI.", optional: true),
                in: .any,
                summary: "Whether the user has a binding.",
                reference: "RFC 3261 §10.3",
                outcomes: [1: "yes", -1: "no"],
                example: #"if (registered("location", "$fu")) { xlog("known\n"); }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return .failure }
                let uri = arguments.has(1) ? arguments.text(1, in: route) : nil
                return self.isRegistered(route, in: table, uri: uri) ? .success : .failure
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
                return .code(self.unregister(arguments.text(1, in: route), ruid: ruid, in: table))
            },
        ]
            + ScriptFunction.notYet(
                "lookup_xavp", "add_sock_hdr", "reg_fetch_contacts", "reg_free_contacts", "reg_from_user",
                "reg_send_reply")
    }

    public var variables: [ScriptVariable] { ScriptVariable.notYet("ulc") }
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
