import Bytes
import ModuleKit
import SIPMessage
import usrloc

// Functions that hand contacts to the script, and what is left of `save`.
extension Registrar {
    var fetching: [ScriptFunction] {
        let table = Argument(
            "table", .custom { [location] name, _ in location.location(name) },
            "Location table, as a rule \"location\".")
        let address = Argument("uri", .format, "Address of record.")
        return [
            ScriptFunction(
                "reg_fetch_contacts", table, address, Argument("profile", .literal, "Name for $ulc."),
                in: [.request, .failure],
                summary: "Copies the contacts of a user for $ulc(profile=>attribute).",
                reference: "RFC 3261 §10.3", outcomes: [1: "found", -1: "not registered, or no usable URI"],
                example: #"if (reg_fetch_contacts("location", "$fu", "caller")) xlog("$(ulc(caller=>addr)[0])\n");"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return .failure }
                let (uri, profile) = (arguments.text(1, in: route), arguments.text(2, in: route))
                return self.prepared(route, table, uri) { [self] route in
                    let fetched = FetchedContacts.of(route)
                    fetched.sets[profile] = nil
                    guard case .found(let set) = self.fetch(route, in: table, uri: uri) else { return -1 }
                    fetched.sets[profile] = set
                    return 1
                }
            },
            ScriptFunction(
                "reg_free_contacts", Argument("profile", .literal, "Name for $ulc."), in: [.request, .failure],
                summary: "Forgets what reg_fetch_contacts copied.", reference: "RFC 3261 §10.3",
                outcomes: [1: "forgotten"], example: #"reg_free_contacts("caller");"#
            ) { route, arguments in
                FetchedContacts.of(route).sets[arguments.text(0, in: route)] = nil
                return .success
            },
            ScriptFunction(
                "lookup_xavp", table, address,
                Argument("record", .format, "Name of the $xavp for aor, domain, aorhash, count."),
                Argument("contact", .format, "Name of the $xavp for the contacts, best first."),
                in: .any,
                summary: "Gives the contacts of a user as $xavp; the request stays as it is.",
                reference: "RFC 3261 §16.5",
                outcomes: [1: "found", -1: "not registered", -3: "the URI cannot be used"],
                example: #"lookup_xavp("location", "$ru", "user", "contact"); xlog("$xavp(contact[0]=>addr)\n");"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return -3 }
                let uri = arguments.text(1, in: route)
                let (record, contact) = (arguments.text(2, in: route), arguments.text(3, in: route))
                guard !record.isEmpty, !contact.isEmpty else { return -3 }
                return self.prepared(route, table, uri) { [self] route in
                    self.lookupAttributes(route, in: table, uri: uri, record: record, contact: contact)
                }
            },
            ScriptFunction(
                "reg_from_user", table, address,
                Argument(
                    "mode", .int, "0: same address, port and protocol; 1: same address; 2: same address and protocol."),
                in: .any,
                summary: "Whether the message comes from where the user registered.",
                reference: "RFC 3261 §10.3", outcomes: [1: "yes", -1: "no"],
                example: #"if (!reg_from_user("location", "$fu", "0")) { sl_send_reply("403", "Forbidden"); exit; }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(0, as: LocationTable.self) else { return .failure }
                let (uri, mode) = (arguments.text(1, in: route), arguments.int(2, in: route) ?? 0)
                return self.prepared(route, table, uri) { [self] route in
                    self.isFromUser(route, in: table, uri: uri, mode: mode) ? 1 : -1
                }
            },
            ScriptFunction(
                "add_sock_hdr", Argument("name", .format, "Name of the header field."), in: .request,
                summary: "Adds a header field with the socket that the request came in on.",
                reference: "RFC 3261 §16.6", outcomes: [1: "added", -1: "the name is none"],
                example: #"add_sock_hdr("X-Socket");"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                guard !name.isEmpty, name.bytes.allSatisfy(\.isToken) else { return .failure }
                route.edits.appendHeader(
                    name + ": " + route.arrival.socket.socketName + "\r\n", route.message)
                return .success
            },
            ScriptFunction(
                "reg_send_reply", in: [.request, .failure],
                summary: "Sends the reply that save() with flag 2 did not send.",
                reference: "RFC 3261 §10.3", outcomes: [1: "sent", -1: "there is none"],
                example: #"save("location", "2"); reg_send_reply();"#
            ) { [self] route, _ in .code(self.sendReply(route)) },
        ]
    }

    /// Runs `event_route[usrloc:contact-expired]` for each binding, which it finds in `$ulc(exp=>…)`.
    static func announce(_ expired: [ExpiredContact], on worker: any WorkerServices) {
        // Some forty turns, before the next slice has expired.
        self.announce(expired[...], portion: max(expired.count / 40, 50), on: worker)
    }

    /// Runs it for a portion of them; others have their turn before the next portion.
    private static func announce(_ expired: ArraySlice<ExpiredContact>, portion: Int, on worker: any WorkerServices) {
        guard let program = worker.currentProgram else { return }
        let route = program.route(.event, named: "usrloc:contact-expired")
        guard route.isPresent, let context = worker.makeLocalContext(program: program) else { return }
        worker.schedule(Self.event(route, expired.prefix(portion), worker.now), in: context)
        let rest = expired.dropFirst(portion)
        guard !rest.isEmpty else { return }
        worker.host.perform(after: .milliseconds(1)) { Self.announce(rest, portion: portion, on: $0) }
    }

    private static func event(_ route: RouteID, _ expired: ArraySlice<ExpiredContact>, _ now: Instant) -> RouteCall {
        RouteCall(route: .none, kind: .event) { context, result in
            guard let first = expired.first else { return .code(result.code) }
            FetchedContacts.of(context).sets["exp"] = ContactSet(
                table: first.table, address: first.address, [first.contact], now: now)
            return .run(
                RouteCall(route: route, kind: .event) { _, _ in .run(Self.event(route, expired.dropFirst(), now)) })
        }
    }
}
